# SPDX-License-Identifier: Apache-2.0
"""The GraphQL of an instance: what is asked, and what its answers and errors mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final

import attrs

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ItemRefusedError,
    OutcomeUnknownError,
    ProtocolError,
    RetryableError,
    UnreachableError,
)
from territoire_sante.http import HttpClient, Response, bearer, encode_json
from territoire_sante_mobilizon import _queries as queries
from territoire_sante_mobilizon._config import MobilizonConfig
from territoire_sante_mobilizon._lens import Event
from territoire_sante_mobilizon._tokens import Tokens

PAGE: Final = 50
BATCH: Final = 20

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_WHERE: Final = "POST /api"
_UNSIGNED: Final = "unauthenticated"
_MISSING: Final = frozenset({"event_not_found", "not_found"})
_NO_RIGHT: Final = (
    "Le compte n'a pas le droit de publier ici : un administrateur de l'instance ou du groupe le "
    "lui donne (rôle de modérateur du groupe). / "
    "The account may not publish here: an administrator of the instance or of the group gives it "
    "that right (moderator of the group)"
)
_PATIENCE: Final = (
    "L'instance demande de patienter ; l'envoi reprend ensuite. / It is sent again after that"
)
_FIELDS: Final[Mapping[str, str]] = {
    "title": "le titre",
    "description": "le texte",
    "begins_on": "le début",
    "ends_on": "la fin",
    "online_address": "le lien",
    "physical_address": "le lieu",
}


@attrs.frozen(kw_only=True)
class Fault:
    """An error of GraphQL: a code, the field of the schema, the words of the instance."""

    code: str
    message: str
    status: int = 0
    field: str = ""
    path: str = ""


@attrs.frozen(kw_only=True)
class Told:
    """What an operation gave: data by field, and errors."""

    data: Mapping[str, Any]
    faults: tuple[Fault, ...] = ()

    @property
    def code(self) -> str:
        """The code of the first error, empty if there is none."""
        return self.faults[0].code or "error" if self.faults else ""


@contextmanager
def opened_api(config: MobilizonConfig) -> Iterator[Api]:
    """Give the operations of an instance: signed in, and as a visitor."""
    base = f"{config.base_url.rstrip('/')}/"
    bounds: Mapping[str, Any] = {
        "read_timeout": config.timeout,
        "deadline": 4 * config.timeout,
        "wait_headers": ("X-RateLimit-Reset",),
    }
    with HttpClient(base, **bounds) as visitor:
        tokens = Tokens(_asking(visitor), config.email, config.password)
        # Expired at once, so that the token is asked for at each request: it may be another then.
        auth = bearer(lambda: (tokens.current(), _EPOCH), origins=[base])
        with HttpClient(base, auth=auth, **bounds) as own:
            yield Api(own, visitor, tokens)


class Api:
    """
    The operations that are needed.

    A reading that fails raises ``RetryableError`` or ``ProtocolError``, a writing whose answer is
    lost, a failure of the server or a web page ``OutcomeUnknownError``; refused accounts and
    missing rights raise ``AuthError``.
    """

    def __init__(self, own: HttpClient, visitor: HttpClient, tokens: Tokens) -> None:
        self._own = own
        self._visitor = visitor
        self._tokens = tokens

    def config(self) -> Mapping[str, Any]:
        """Return what the instance says of itself."""
        told = _sent(self._visitor, queries.CONFIG, {})
        return _part(told.data, "config")

    def person(self) -> Mapping[str, Any]:
        """Return who is signed in: ``id``, ``preferredUsername``."""
        return _part(self._good(self._asked(queries.WHO, {})), "loggedPerson")

    def group_id(self, name: str) -> str:
        """
        Return the id of a group.

        Raises:
            CollectionGoneError: there is none of this name.
        """
        told = self._asked(queries.GROUP, {"name": name})
        if told.code.endswith("not_found"):
            raise CollectionGoneError(
                f"there is no group {name}", where=_WHERE, remedy="Check the option group"
            )
        return str(_part(self._good(told), "group").get("id") or "")

    def organized(self, group: str) -> Iterator[Event]:
        """
        Yield all events of the account, or of its group; ending without an error, none is missing.

        Raises:
            ProtocolError: the pages end before the number that they promise.
        """
        query = queries.OF_GROUP if group else queries.OF_PERSON
        seen, page, total = 0, 1, 1
        while seen < total:
            given = {"page": page, "limit": PAGE, **({"name": group} if group else {})}
            told = self._good(self._asked(query, given))
            listed = _part(_part(told, "owner"), "organizedEvents")
            found, total = listed.get("elements"), listed.get("total") or 0
            if not isinstance(found, list) or not isinstance(total, int):
                raise ProtocolError("this is no list of events", where=_WHERE)
            if not found and seen < total:
                raise ProtocolError(
                    f"the list ends after {seen} of {total} events; nothing is concluded from it",
                    where=_WHERE,
                )
            yield from (one for one in found if isinstance(one, dict) and one.get("uuid"))
            seen, page = seen + len(found), page + 1

    def events(
        self, uuids: Sequence[str], *, as_visitor: bool = False
    ) -> Iterator[tuple[str, Event | Fault | None]]:
        """Yield each event by its UUID: ``None`` if it is not there, or why it cannot be read."""
        for first in range(0, len(uuids), BATCH):
            asked = uuids[first : first + BATCH]
            query = queries.events_query(len(asked))
            given = {f"u{n}": uuid for n, uuid in enumerate(asked)}
            told = _sent(self._visitor, query, given) if as_visitor else self._asked(query, given)
            by_path = {one.path: one for one in told.faults}
            if "" in by_path:
                self._good(told)
            for n, uuid in enumerate(asked):
                event, fault = told.data.get(f"e{n}"), by_path.get(f"e{n}")
                absent = event is None and (fault is None or fault.code in _MISSING)
                yield uuid, None if absent else event if isinstance(event, dict) else fault

    def create(self, value: Mapping[str, Any], *, href: str) -> Event:
        """
        Create an event; return it as the instance has it.

        Raises:
            ItemRefusedError: the instance says what is wrong with it.
            ProtocolError: it was not created, without a word.
        """
        event = self._written("createEvent", queries.CREATE, value, href)
        if event is None:
            raise ProtocolError("no event was created", where=_WHERE)
        return event

    def update(self, value: Mapping[str, Any], *, href: str) -> Event | None:
        """Change an event; return it as the instance has it, ``None`` if it is not there."""
        return self._written("updateEvent", queries.UPDATE, value, href)

    def delete(self, event_id: str, *, href: str) -> bool:
        """Delete an event; return whether there was one."""
        value = {"eventId": event_id}
        return self._written("deleteEvent", queries.DELETE, value, href) is not None

    def _written(
        self, verb: str, query: str, value: Mapping[str, Any], href: str
    ) -> Mapping[str, Any] | None:
        told = self._asked(query, value)
        if told.code in _MISSING:
            return None
        wrong = [one for one in told.faults if one.code == "validation" or one.status == 422]  # noqa: PLR2004 - the status of "validation"
        if wrong:
            raise _refused(wrong, href)
        found = self._good(told).get(verb)
        if not isinstance(found, dict):
            raise OutcomeUnknownError(f"the answer to {verb} is empty", where=_WHERE)
        return found

    def _asked(self, query: str, variables: Mapping[str, Any]) -> Told:
        """Send an operation signed in; once more if the token has expired meanwhile."""
        used = self._tokens.current()
        told = _sent(self._own, query, variables)
        if told.code == _UNSIGNED:
            self._tokens.renew(used)
            told = _sent(self._own, query, variables)
        return told

    def _good(self, told: Told) -> Mapping[str, Any]:
        """Return the data, if there is no error."""
        if not told.faults:
            return told.data
        first = told.faults[0]
        if "too many requests" in first.message.casefold() or first.status == HTTPStatus(429):
            raise RetryableError(
                "the instance asks for patience", retry_after=60.0, where=_WHERE, remedy=_PATIENCE
            )
        if first.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise AuthError(first.message, where=_WHERE, remedy=_NO_RIGHT)
        raise ProtocolError(f"{first.code or 'error'}: {first.message}", where=_WHERE)


def _asking(client: HttpClient) -> Any:
    def ask(query: str, variables: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
        told = _sent(client, query, variables, repeatable=True)
        return told.data, told.code

    return ask


def _sent(
    client: HttpClient, query: str, variables: Mapping[str, Any], *, repeatable: bool = False
) -> Told:
    """Send an operation and return what it gave; only writings have an outcome to be settled."""
    writes = "mutation" in query and not repeatable
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    body = encode_json({"query": query, "variables": variables})
    try:
        answer = client.request(
            "POST", "api", headers=headers, body=body, returned={HTTPStatus.UNAUTHORIZED}
        )
        return _read(answer)
    except OutcomeUnknownError as error:
        if writes:
            raise
        raise UnreachableError(error.what, where=error.where) from error
    except RetryableError as error:
        error.remedy = error.remedy or _PATIENCE
        raise
    except ProtocolError as error:
        if writes and error.where != _WHERE:
            remedy = "Read the event to see what is there"
            raise OutcomeUnknownError(error.what, where=error.where, remedy=remedy) from error
        raise


def _read(answer: Response) -> Told:
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return Told(data={}, faults=(Fault(code=_UNSIGNED, message="401", status=401),))
    if not answer.ok and (answer.looks_like_html or answer.status == HTTPStatus.NOT_FOUND):
        raise ProtocolError(
            f"no GraphQL is here ({answer.status})",
            where=_WHERE,
            remedy="Check base_url: it is the address of the instance, without a path",
        )
    whole = answer.json()
    if not isinstance(whole, dict):
        raise ProtocolError("the answer is no JSON object", where=answer.url)
    errors = whole.get("errors")
    faults = [_fault(one) for one in errors] if isinstance(errors, list) else []
    if not answer.ok and not faults:
        raise ProtocolError(f"unexpected answer {answer.status}", where=_WHERE)
    return Told(data=_part(whole, "data"), faults=tuple(faults))


def _fault(told: object) -> Fault:
    told = told if isinstance(told, dict) else {}
    status, path = told.get("status_code"), told.get("path")
    return Fault(
        code=str(told.get("code") or ""),
        message=str(told.get("message") or "")[:300],
        status=status if isinstance(status, int) else 0,
        field=str(told.get("field") or ""),
        path=str(path[0]) if isinstance(path, list) and path else "",
    )


def _refused(wrong: Sequence[Fault], href: str) -> ItemRefusedError:
    english = "; ".join(f"{one.field or 'event'}: {one.message}" for one in wrong)
    french = ", ".join(_FIELDS.get(one.field, one.field or "l'événement") for one in wrong)
    return ItemRefusedError(
        f"Mobilizon refuses the event: {english}",
        href=href,
        remedy=f"À corriger : {french}. L'annonce part à la publication suivante. / "
        "Correct the announcement; it is sent when you publish next",
    )


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = whole.get(name)
    return value if isinstance(value, dict) else {}

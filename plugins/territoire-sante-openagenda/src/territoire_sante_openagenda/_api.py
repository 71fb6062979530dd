# SPDX-License-Identifier: Apache-2.0
"""The API of OpenAgenda, version 2: one agenda's events, and what its answers mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlencode

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ItemRefusedError,
    OutcomeUnknownError,
    ProtocolError,
    ReadOnlyError,
)
from territoire_sante.http import HttpClient, Response
from territoire_sante.plugins import Secret
from territoire_sante_openagenda._event import Event
from territoire_sante_openagenda._said import complaint
from territoire_sante_openagenda._tokens import Tokens

PAGE: Final = 300

_NO_KEY: Final = (
    "La clé n'ouvre pas cet agenda : vérifiez les options key et agenda "
    "(clé publique : openagenda.com/settings/apiKey). / "
    "The key does not open this agenda: check the options key and agenda"
)
_NO_RIGHT: Final = (
    "Le compte de la clé secrète n'a pas le droit d'écrire dans cet agenda : un administrateur "
    "de l'agenda l'ajoute comme membre. / "
    "The account of the secret key may not write into this agenda: one of its administrators "
    "adds it as a member"
)

Query = Sequence[tuple[str, str]]


class Api:
    """Requests about one agenda, with the keys that they need."""

    def __init__(
        self,
        client: HttpClient,
        agenda: int,
        *,
        key: Secret | None = None,
        tokens: Tokens | None = None,
    ) -> None:
        self._client = client
        self._agenda = agenda
        self._key = key
        self._tokens = tokens

    @property
    def writes(self) -> bool:
        """Whether there is a secret key."""
        return self._tokens is not None

    def pages(self, query: Query) -> Iterator[Event]:
        """
        Yield all events that a query finds; ending without an error, none is missing.

        Raises:
            CollectionGoneError: there is no such agenda.
            ProtocolError: the pages end before the number that they promise.
        """
        after: tuple[str, ...] = ()
        asked, seen = set[tuple[str, ...]](), 0
        while True:
            cursor = [("after[]", one) for one in after]
            found, total, following = self._page([*query, ("size", str(PAGE)), *cursor])
            yield from found
            seen += len(found)
            asked.add(after)
            # The cursor of the last page is not always empty.
            if not found or not following or seen >= total or following in asked:
                break
            after = following
        if seen < total:
            raise ProtocolError(
                f"the list ends after {seen} of {total} events; nothing is concluded from it",
                where=self._route(),
            )

    def look(self) -> None:
        """Ask for one event, to see whether the keys open the agenda; errors as of a page."""
        self._page([("size", "1")])

    def _page(self, query: Query) -> tuple[list[Event], int, tuple[str, ...]]:
        answer = self._asked("GET", f"{self._route()}?{urlencode(query)}")
        if answer.status == HTTPStatus.NOT_FOUND:
            raise CollectionGoneError(
                "there is no such agenda",
                where=self._route(),
                remedy="Check the option agenda: it is the number (uid), not the name",
            )
        told = _good(answer)
        found, total = told.get("events"), told.get("total")
        after = told.get("after")
        if not isinstance(found, list) or not isinstance(total, int):
            raise ProtocolError("this is no list of events", where=self._route())
        if not all(isinstance(one, dict) and "uid" in one for one in found):
            raise ProtocolError("an event without number is listed", where=self._route())
        following = tuple(str(one) for one in after) if isinstance(after, list) else ()
        return found, total, following

    def event(self, route: str) -> Event | None:
        """Return one event, ``None`` if there is none."""
        answer = self._asked("GET", self._route(route))
        if answer.status in _MISSING:
            return None
        told = _event_of(answer)
        return None if told.get("removed") is True else told

    def write(
        self, method: str, route: str, body: bytes, content_type: str, *, href: str
    ) -> Event | None:
        """
        Return the event as it was written, ``None`` if there is none to write.

        Raises:
            ItemRefusedError: the service says what is wrong with it.
            OutcomeUnknownError: the answer is lost, or is none that says so.
            ProtocolError: it is refused without a word.
        """
        answer = self._asked(method, self._route(route), body=body, content_type=content_type)
        if answer.status in _MISSING:
            return None
        if answer.ok:
            try:
                return _event_of(answer)
            except ProtocolError as error:
                raise OutcomeUnknownError(error.what, where=error.where) from error
        told = complaint(answer)
        if told is None:
            raise ProtocolError(f"unexpected answer {answer.status}", where=self._route(route))
        raise ItemRefusedError(
            f"OpenAgenda refuses the event: {told.en}", href=href, remedy=told.fr
        )

    def delete(self, route: str) -> bool:
        """
        Delete an event; return whether there was one.

        Raises:
            ProtocolError: the answer is none that is documented.
        """
        answer = self._asked("DELETE", self._route(route))
        if answer.status in _MISSING:
            return False
        if not answer.ok:
            raise ProtocolError(f"unexpected answer {answer.status}", where=self._route(route))
        return True

    def _route(self, route: str = "") -> str:
        return f"agendas/{self._agenda}/events{route}"

    def _asked(
        self, method: str, route: str, *, body: bytes | None = None, content_type: str = ""
    ) -> Response:
        """Return an answer; a token that is refused is renewed once."""
        answer, token = self._sent(method, route, body, content_type)
        if token and answer.status in _REFUSED and self._tokens is not None:
            self._tokens.forget(token)
            answer, _ = self._sent(method, route, body, content_type)
        if answer.status not in _REFUSED:
            return answer
        if method == "GET":
            raise AuthError(f"the keys are refused ({answer.status})", where=route, remedy=_NO_KEY)
        raise ReadOnlyError(
            f"this account may not write here ({answer.status})", where=route, remedy=_NO_RIGHT
        )

    def _sent(
        self, method: str, route: str, body: bytes | None, content_type: str
    ) -> tuple[Response, str]:
        token = self._tokens.current() if self._tokens is not None else ""
        headers = {"Accept": "application/json"}
        # What nobody published yet is shown to members only, who come with a token.
        if token:
            headers["access-token"] = token
        elif self._key is not None:
            headers["key"] = self._key.reveal()
        if content_type:
            headers["Content-Type"] = content_type
        refused = (HTTPStatus.UNAUTHORIZED,)
        where = route.partition("?")[0]
        answer = self._client.request(method, route, headers=headers, body=body, returned=refused)
        missing = answer.status in _MISSING
        if answer.looks_like_html and (answer.ok or missing):
            # The page of a proxy that says "not found" says nothing of an event.
            page = "a web page came where JSON was expected"
            if method == "GET" or missing:
                raise ProtocolError(page, where=where, remedy="Check base_url: it ends with /v2")
            raise OutcomeUnknownError(page, where=where)
        return answer, token


_MISSING: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_REFUSED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


def external(key: str, value: str) -> str:
    """Return the route of an event under an external id."""
    return f"/ext/{quote(key, safe='')}/{quote(value, safe='')}"


def _good(answer: Response) -> Mapping[str, Any]:
    if not answer.ok:
        raise ProtocolError(
            f"unexpected answer {answer.status}", where=answer.url.partition("?")[0]
        )
    told = answer.json()
    if not isinstance(told, dict):
        raise ProtocolError("the answer is no JSON object", where=answer.url.partition("?")[0])
    return told


def _event_of(answer: Response) -> Event:
    told = _good(answer)
    # Reading one gives it under a key on some routes, bare on others.
    event = told.get("event", told)
    if not isinstance(event, dict) or not event.get("uid"):
        raise ProtocolError("the answer holds no event", where=answer.url.partition("?")[0])
    return event

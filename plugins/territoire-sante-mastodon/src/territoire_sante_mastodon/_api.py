# SPDX-License-Identifier: Apache-2.0
"""The API of an instance, call by call, and what its answers mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlencode

from territoire_sante.errors import (
    AuthError,
    ItemNotFoundError,
    ItemRefusedError,
    OutcomeUnknownError,
    ProtocolError,
    RetryableError,
)
from territoire_sante.http import Fetched, HttpClient, Response, bearer, encode_json
from territoire_sante_mastodon._config import MastodonConfig

Status = Mapping[str, Any]

PAGE: Final = 40

_MESSAGE_MAX: Final = 300
_WAIT_HEADER: Final = "X-RateLimit-Reset"
_RENEW: Final = (
    "Le jeton est refusé : la personne qui gère le compte en crée un nouveau sur l'instance "
    "(Préférences, Développement) et remplace celui de l'option « token ». / "
    "The token is refused: make a new one on the instance (Preferences, Development) and replace "
    "the option token"
)
_SCOPE: Final = (
    "Le jeton n'a pas les droits voulus, ou le compte est limité : vérifiez les droits read et "
    "write de l'application (Préférences, Développement). / "
    "The token lacks a scope, or the account is limited: check the scopes read and write of the "
    "application (Preferences, Development)"
)


@contextmanager
def opened_api(config: MastodonConfig) -> Iterator[Api]:
    """Give the calls to an instance: with the token, and as a reader without an account."""
    base = f"{config.base_url.rstrip('/')}/"
    bounds: Mapping[str, Any] = {
        "read_timeout": config.timeout,
        "deadline": 4 * config.timeout,
        "wait_headers": (_WAIT_HEADER,),
    }
    auth = bearer(config.token.reveal(), origins=[base])
    with HttpClient(base, auth=auth, **bounds) as own, HttpClient(base, **bounds) as reader:
        yield Api(own, reader)


class Api:
    """
    The calls that are needed.

    Each raises ``AuthError`` for 401 and 403, ``RetryableError`` for 429 with the seconds until
    the service's own time, ``OutcomeUnknownError`` if the answer to a write is lost, is a failure
    of the server or a web page, and ``ProtocolError`` for any other answer that is not documented.
    """

    def __init__(self, own: HttpClient, reader: HttpClient) -> None:
        self._own = own
        self._reader = reader

    def account(self) -> Mapping[str, Any]:
        """Return the account of the token: ``id``, ``acct``."""
        return self._object("api/v1/accounts/verify_credentials")

    def application(self) -> str:
        """Return the name of the application of the token, empty if it is not told."""
        answer = self._asked("GET", "api/v1/apps/verify_credentials")
        told = answer.json() if answer.ok else {}
        return str(told.get("name") or "") if isinstance(told, dict) else ""

    def instance(self) -> Mapping[str, Any]:
        """Return what the instance says of itself; one before 4.0 says it elsewhere."""
        answer = self._asked("GET", "api/v2/instance")
        if answer.status == HTTPStatus.NOT_FOUND:
            return self._object("api/v1/instance")
        return _object(answer)

    def newest(self, account_id: str, number: int) -> Iterator[Status]:
        """
        Yield the newest statuses of the account itself, at least ``number`` if there are.

        Raises:
            ProtocolError: what came is no list of statuses.
        """
        before = ""
        for _page in range(-(-number // PAGE)):
            query = {"limit": str(PAGE), "exclude_reblogs": "true"}
            query |= {"max_id": before} if before else {}
            route = f"api/v1/accounts/{quote(account_id, safe='')}/statuses?{urlencode(query)}"
            answer = self._asked("GET", route)
            found = answer.json() if answer.ok else None
            if not isinstance(found, list):
                raise ProtocolError("this is no list of statuses", where=route.partition("?")[0])
            statuses = [one for one in found if isinstance(one, dict) and one.get("id")]
            yield from statuses
            if not statuses:
                return
            before = str(statuses[-1]["id"])

    def status(self, status_id: str, *, as_reader: bool = False) -> Status | None:
        """Return a status, ``None`` if there is none; ``as_reader`` without an account."""
        client = self._reader if as_reader else self._own
        answer = self._asked("GET", _route(status_id), client=client)
        if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            return None
        return _object(answer)

    def post(self, value: Mapping[str, Any], key: str) -> Status | None:
        """Send a status; ``None`` if one was sent with this ``key``, and is gone since."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        answer = self._asked("POST", "api/v1/statuses", encode_json(value), headers)
        return None if answer.status == HTTPStatus.NOT_FOUND else self._written(answer, key)

    def put(self, status_id: str, value: Mapping[str, Any]) -> Status | None:
        """Write a status over; ``None`` if there is none."""
        headers = {"Content-Type": "application/json"}
        answer = self._asked("PUT", _route(status_id), encode_json(value), headers)
        return None if answer.status == HTTPStatus.NOT_FOUND else self._written(answer, status_id)

    def delete(self, status_id: str) -> None:
        """
        Delete a status.

        Raises:
            ItemNotFoundError: there is none.
            ProtocolError: the answer is none that is documented.
        """
        answer = self._asked("DELETE", _route(status_id))
        if answer.status == HTTPStatus.NOT_FOUND:
            raise ItemNotFoundError("there is no such status (404)", href=status_id)
        if not answer.ok:
            raise ProtocolError(f"unexpected answer {answer.status}", where=_route(status_id))

    def upload(self, body: bytes, content_type: str, *, href: str) -> tuple[str, bool]:
        """
        Upload a picture; return its id, and whether it can be attached already.

        Raises:
            ItemRefusedError: the instance does not take it.
        """
        headers = {"Content-Type": content_type}
        answer = self._asked("POST", "api/v2/media", body, headers)
        told = self._written(answer, href)
        return str(told.get("id") or ""), answer.status != HTTPStatus.ACCEPTED

    def fetch(self, url: str) -> Fetched:
        """Read a file at its public address, without the token."""
        return self._reader.fetch(url)

    def is_processed(self, media_id: str) -> bool:
        """Say whether a picture can be attached by now."""
        answer = self._asked("GET", f"api/v1/media/{quote(media_id, safe='')}")
        return answer.status == HTTPStatus.OK

    def _written(self, answer: Response, href: str) -> Mapping[str, Any]:
        if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            raise ItemRefusedError(
                f"Mastodon refuses it: {_message(answer)}",
                href=href,
                remedy="Corrigez l'annonce ; elle part à la publication suivante. / "
                "Correct the announcement; it is sent when you publish next",
            )
        if not answer.ok:
            raise ProtocolError(f"unexpected answer {answer.status}", where=answer.url)
        try:
            told = _object(answer)
        except ProtocolError as error:
            raise _open_question(error.what, error.where) from error
        if not told.get("id"):
            raise _open_question("the answer names no id", answer.url)
        return told

    def _object(self, route: str) -> Mapping[str, Any]:
        return _object(self._asked("GET", route))

    def _asked(
        self,
        method: str,
        route: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        client: HttpClient | None = None,
    ) -> Response:
        where = f"{method} {route.partition('?')[0]}"
        sent = {"Accept": "application/json", **(headers or {})}
        try:
            answer = (client or self._own).request(method, route, headers=sent, body=body)
        except OutcomeUnknownError as error:
            raise _open_question(error.what, error.where) from error
        except AuthError as error:
            raise AuthError(error.what, where=error.where, remedy=_RENEW) from error
        except RetryableError as error:
            if error.retry_after is not None and not error.remedy:
                error.remedy = (
                    f"L'instance demande {error.retry_after:.0f} s de patience ; l'envoi reprend "
                    "ensuite. / It is sent again after that"
                )
            raise
        if answer.status == HTTPStatus.FORBIDDEN:
            raise AuthError("the token does not allow this (403)", where=where, remedy=_SCOPE)
        return answer


def _route(status_id: str) -> str:
    return f"api/v1/statuses/{quote(status_id, safe='')}"


def _object(answer: Response) -> Mapping[str, Any]:
    if not answer.ok:
        raise ProtocolError(
            f"unexpected answer {answer.status}",
            where=answer.url,
            remedy="Check base_url: it is the address of the instance, without a path",
        )
    told = answer.json()
    if not isinstance(told, dict):
        raise ProtocolError("the answer is no JSON object", where=answer.url)
    return told


def _open_question(what: str, where: str) -> OutcomeUnknownError:
    return OutcomeUnknownError(what, where=where, remedy="Send it again: repeating it is harmless")


def _message(answer: Response) -> str:
    try:
        told = answer.json()
    except ProtocolError:
        told = None
    message = told.get("error") if isinstance(told, dict) else None
    return str(message)[:_MESSAGE_MAX] if message else f"answer {answer.status}, without a message"

# SPDX-License-Identifier: Apache-2.0
"""The management API, call by call, and what its answers mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from territoire_sante.errors import (
    AuthError,
    ItemRefusedError,
    OutcomeUnknownError,
    ProtocolError,
    RetryableError,
)
from territoire_sante.http import HttpClient, Response, bearer, encode_json
from territoire_sante_panneaupocket._config import PanneauPocketConfig

_MESSAGE_MAX: Final = 300
#: What the service says instead of Retry-After.
_WAIT_HEADER: Final = "X-RateLimit-Retry-After"
_RENEW: Final = (
    "Le jeton est refusé : la personne qui gère le compte de la commune en demande un nouveau à "
    "PanneauPocket et remplace celui de l'option « token ». / "
    "The token is refused: ask PanneauPocket for a new one for the commune, and replace the "
    "option token"
)


@contextmanager
def opened_api(config: PanneauPocketConfig) -> Iterator[Api]:
    """Give the calls to the service at ``config.base_url``."""
    with HttpClient(
        f"{config.base_url.rstrip('/')}/",
        auth=bearer(config.token.reveal(), origins=[config.base_url]),
        read_timeout=config.timeout,
        deadline=4 * config.timeout,
        max_bytes=1_000_000,
        wait_headers=(_WAIT_HEADER,),
    ) as client:
        yield Api(client)


class Api:
    """
    The three calls that are known.

    Each raises ``AuthError`` for 401 and 403, ``RetryableError`` for 429 with the seconds of the
    service's own header, ``OutcomeUnknownError`` if the answer to a write is lost, is a failure of
    the server or a web page, and ``ProtocolError`` for any other answer that is not documented.
    """

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def followers(self) -> int | None:
        """
        Return how many residents follow the entity, if it is told.

        Raises:
            ProtocolError: the address is not that of the management API.
        """
        answer = self._asked("GET", "entities/favorities/count")
        if answer.status != HTTPStatus.OK or answer.looks_like_html:
            raise ProtocolError(
                f"the check of the connection was answered by {answer.status}",
                where=self._client.base_url,
                remedy="Check base_url: it ends with /public-api",
            )
        told = answer.json()
        count = told.get("count") if isinstance(told, dict) else told
        return count if isinstance(count, int) else None

    def post(self, external_id: str, sign: Mapping[str, Any]) -> Response:
        """
        Put up a sign; the answer is success or 422.

        Raises:
            ProtocolError: there is no such API at this address.
        """
        answer = self._asked("POST", "signs", {"id": external_id, **sign})
        if answer.status == HTTPStatus.NOT_FOUND:
            raise ProtocolError("no signs can be put up here (404)", where=self._client.base_url)
        return answer

    def put(self, external_id: str, sign: Mapping[str, Any]) -> Response:
        """Write a sign over; the answer is success, 404 or 422."""
        return self._asked("PUT", f"signs/{quote(external_id, safe='')}", sign)

    def _asked(self, method: str, route: str, value: Mapping[str, Any] | None = None) -> Response:
        headers = {"Accept": "application/json"}
        body = None
        if value is not None:
            headers["Content-Type"] = "application/json"
            body = encode_json(value)
        where = f"{method} {route}"
        answer = self._sent(method, route, headers, body)
        if answer.status == HTTPStatus.FORBIDDEN:
            raise AuthError("the token does not allow this (403)", where=where, remedy=_RENEW)
        judged = {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}
        if not answer.ok and answer.status not in judged:
            raise ProtocolError(f"unexpected answer {answer.status}", where=where)
        if body is not None and answer.ok and answer.looks_like_html:
            raise _open_question("a web page came instead of an answer", where)
        return answer

    def _sent(
        self, method: str, route: str, headers: Mapping[str, str], body: bytes | None
    ) -> Response:
        try:
            return self._client.request(method, route, headers=headers, body=body)
        except OutcomeUnknownError as error:
            raise _open_question(error.what, error.where) from error
        except AuthError as error:
            raise AuthError(error.what, where=error.where, remedy=_RENEW) from error
        except RetryableError as error:
            if error.retry_after is not None and not error.remedy:
                error.remedy = (
                    f"PanneauPocket demande {error.retry_after:.0f} s de patience ; "
                    "l'envoi reprend ensuite. / It is sent again after that"
                )
            raise


def refused(href: str, answer: Response) -> ItemRefusedError:
    """Return the refusal of a sign, in the words of the service, which name the field."""
    return ItemRefusedError(
        f"PanneauPocket refuses the sign: {_message(answer)}",
        href=href,
        remedy="Corrigez l'annonce ; elle part à la synchronisation suivante. / "
        "Correct the announcement; it is published at the next sync",
    )


def _open_question(what: str, where: str) -> OutcomeUnknownError:
    return OutcomeUnknownError(what, where=where, remedy="Send it again: repeating it is harmless")


def _message(answer: Response) -> str:
    try:
        told = answer.json()
    except ProtocolError:
        told = None
    message = told.get("message") if isinstance(told, dict) else None
    return str(message)[:_MESSAGE_MAX] if message else f"answer {answer.status}, without a message"

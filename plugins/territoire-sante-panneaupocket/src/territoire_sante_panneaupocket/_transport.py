# SPDX-License-Identifier: Apache-2.0
"""Signs over the management API: it can be written, and not be read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import quote

from territoire_sante.errors import (
    AuthError,
    FormatError,
    ItemRefusedError,
    OutcomeUnknownError,
    ProtocolError,
    RetryableError,
)
from territoire_sante.formats import Document
from territoire_sante.http import HttpClient, Response, bearer, encode_json
from territoire_sante.model import fit
from territoire_sante.plugins import Ref, Writable
from territoire_sante_panneaupocket._config import PanneauPocketConfig
from territoire_sante_panneaupocket._lens import PANNEAU, parse_sign
from territoire_sante_panneaupocket._limits import LIMITS

_MESSAGE_MAX: Final = 300
_BY_HAND: Final = (
    "Aucun appel connu ne retire un panneau : dans la console de PanneauPocket, "
    "« Liste des panneaux », archivez le panneau « {href} » (icône boîte). / "
    "No known call takes a sign down: in PanneauPocket's console, list of signs, "
    "archive the sign {href} (box icon)"
)


@contextmanager
def opened(config: PanneauPocketConfig) -> Iterator[Signs]:
    """
    Give the transport, once the service has accepted the token.

    Raises:
        AuthError: the token is refused.
        ProtocolError: there is no such service at this address.
        RetryableError: the service cannot be reached, or asks for patience.
    """
    with HttpClient(
        f"{config.base_url.rstrip('/')}/",
        auth=bearer(config.token.reveal(), origins=[config.base_url]),
        read_timeout=config.timeout,
        deadline=4 * config.timeout,
        max_bytes=1_000_000,
    ) as client:
        signs = Signs(client)
        signs.check()
        yield signs


class Signs:
    """
    The signs of one entity; the href of a sign is its external id, chosen by us.

    The service tells no versions and gives nothing to read: the ETag of a sign is a hash of
    what was sent last, and a person's edits in the console are not noticed.

    Attributes:
        replay_safe: a write whose answer was lost may be repeated as it is. Both verbs end
            with the one sign of this id saying what the document says.
    """

    replay_safe: ClassVar[bool] = True

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def check(self) -> int | None:
        """
        Ask for the number of followers; return it if it is told.

        Raises:
            AuthError: the token is refused.
            ProtocolError: there is no such service at this address.
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

    def create(self, href_hint: str, document: Document) -> Ref:
        """
        Put up the sign ``href_hint``; if it is up already, as after a lost answer, write it over.

        Raises:
            ItemRefusedError: it does not fit, or the service says that it is invalid.
        """
        sign = _checked(href_hint, document)
        first = self._posted(href_hint, sign)
        if first.ok:
            return Ref(href_hint, _tag(sign))
        # 422 stands for an id that is taken as well as for invalid data; only the PUT tells.
        second = self._put(href_hint, sign)
        if not second.ok:
            raise _refused(href_hint, first if second.status == HTTPStatus.NOT_FOUND else second)
        return Ref(href_hint, _tag(sign))

    def replace(self, ref: Ref, document: Document) -> Ref:
        """
        Write a sign over; put it up again if a person took it down.

        Nothing is sent if this very content was sent last: an update may alert people again.

        Raises:
            ItemRefusedError: it does not fit, or the service says that it is invalid.
        """
        sign = _checked(ref.href, document)
        if ref.etag == _tag(sign):
            return ref
        answer = self._put(ref.href, sign)
        if answer.status == HTTPStatus.NOT_FOUND:
            answer = self._posted(ref.href, sign)
        if not answer.ok:
            raise _refused(ref.href, answer)
        return Ref(ref.href, _tag(sign))

    def delete(self, ref: Ref) -> None:
        """
        Refuse: no call for it is known.

        Raises:
            ItemRefusedError: always; its remedy is what to tell the person who can do it.
        """
        raise ItemRefusedError(
            "PanneauPocket takes signs down in its console only",
            href=ref.href,
            remedy=_BY_HAND.format(href=ref.href),
        )

    def _posted(self, external_id: str, sign: Mapping[str, Any]) -> Response:
        answer = self._asked("POST", "signs", {"id": external_id, **sign})
        if answer.status == HTTPStatus.NOT_FOUND:
            raise ProtocolError("no signs can be put up here (404)", where=self._client.base_url)
        return answer

    def _put(self, external_id: str, sign: Mapping[str, Any]) -> Response:
        return self._asked("PUT", f"signs/{quote(external_id, safe='')}", sign)

    def _asked(self, method: str, route: str, value: Mapping[str, Any] | None = None) -> Response:
        """
        Return an answer that is for the caller to judge: success, 404 or 422.

        Raises:
            RetryableError: 429; PanneauPocket says how long in a header of its own.
            AuthError: 401 or 403.
            OutcomeUnknownError: the answer to a write is lost, or a failure of the server.
            ProtocolError: any other answer.
        """
        headers = {"Accept": "application/json"}
        body = None
        if value is not None:
            headers["Content-Type"] = "application/json"
            body = encode_json(value)
        busy = HTTPStatus.TOO_MANY_REQUESTS
        try:
            answer = self._client.request(
                method, route, headers=headers, body=body, returned=(busy,)
            )
        except OutcomeUnknownError as error:
            raise OutcomeUnknownError(
                error.what, where=error.where, remedy="Send it again: repeating it is harmless"
            ) from error
        if answer.status == busy:
            raise RetryableError(
                "PanneauPocket asks for patience (429)",
                retry_after=_seconds(answer.headers.get("X-RateLimit-Retry-After")),
                where=f"{method} {route}",
            )
        if answer.status == HTTPStatus.FORBIDDEN:
            raise AuthError(
                "the token does not allow this (403)",
                where=f"{method} {route}",
                remedy="Ask PanneauPocket for a token of the commune that may write signs",
            )
        judged = {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}
        if not answer.ok and answer.status not in judged:
            raise ProtocolError(f"unexpected answer {answer.status}", where=f"{method} {route}")
        return answer


def _checked(href: str, document: Document) -> Mapping[str, Any]:
    """
    Return what is to be sent: the sign without what is kept here and without its id.

    Raises:
        ItemRefusedError: the document is no sign, or more than a sign can hold.
    """
    try:
        sign = document.parsed(parse_sign)
        result = fit(PANNEAU.get(document), LIMITS)
    except FormatError as error:
        raise ItemRefusedError(f"this is no sign: {error}", href=href) from error
    if not result.fits:
        raise ItemRefusedError(
            "; ".join(reason.message_en for reason in result.reasons),
            href=href,
            remedy=" ".join(reason.message_fr for reason in result.reasons),
        )
    return {key: value for key, value in sign.items() if key != "id" and not key.startswith("_")}


def _tag(sign: Mapping[str, Any]) -> str:
    canonical = json.dumps(sign, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    return f'"{hashlib.sha256(canonical).hexdigest()[:32]}"'


def _refused(href: str, answer: Response) -> ItemRefusedError:
    return ItemRefusedError(
        f"PanneauPocket refuses the sign: {_message(answer)}",
        href=href,
        remedy="Correct the announcement; it is published at the next sync",
    )


def _message(answer: Response) -> str:
    try:
        told = answer.json()
    except ProtocolError:
        told = None
    message = told.get("message") if isinstance(told, dict) else None
    return str(message)[:_MESSAGE_MAX] if message else f"answer {answer.status}, without a message"


def _seconds(value: str | None) -> float | None:
    text = (value or "").strip()
    return float(text[:6]) if text.isascii() and text.isdigit() else None


if TYPE_CHECKING:

    def _keeps_the_contract(signs: Signs) -> Writable:
        return signs

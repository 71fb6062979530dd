# SPDX-License-Identifier: Apache-2.0
"""Signs over the management API, which can be written; what is shown is read on the public page."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Final
from zoneinfo import ZoneInfo

from territoire_sante.errors import (
    ConnectorError,
    FormatError,
    ItemNotFoundError,
    ItemRefusedError,
    NeedsPersonError,
)
from territoire_sante.formats import Document, record
from territoire_sante.model import fit, length
from territoire_sante.plugins import (
    Confirmable,
    Confirmation,
    Diagnosable,
    Fact,
    Recognising,
    Ref,
    Stored,
    Writable,
    tag,
)
from territoire_sante_panneaupocket._api import Api, opened_api, refused
from territoire_sante_panneaupocket._config import PanneauPocketConfig
from territoire_sante_panneaupocket._confirm import confirmations, failed, unconfirmed
from territoire_sante_panneaupocket._facts import followers, no_page, page_facts, unread_page
from territoire_sante_panneaupocket._lens import PANNEAU
from territoire_sante_panneaupocket._limits import LIMITS
from territoire_sante_panneaupocket._page import Page
from territoire_sante_panneaupocket._page_lens import CANCELLED
from territoire_sante_panneaupocket._source import page_source

_PARIS: Final = ZoneInfo("Europe/Paris")
_NO_PAGE: Final = "Aucune page publique n'est configurée (option « page »)."
_HAND_OVER: Final = """\
PanneauPocket : panneau à retirer à la main.
1. Ouvrez la console de PanneauPocket avec le compte de la collectivité.
2. Dans « Liste des panneaux », cherchez {name}.
3. Archivez-le (icône boîte).
4. Vérifiez qu'il n'est plus sur {page}."""


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@contextmanager
def opened(
    config: PanneauPocketConfig, *, clock: Callable[[], dt.datetime] = _utc_now
) -> Iterator[Signs]:
    """
    Give the transport, once the service has accepted the token.

    ``clock`` gives the present as an aware time.

    Raises:
        AuthError: the token is refused.
        ProtocolError: there is no such service at this address.
        RetryableError: the service cannot be reached, or asks for patience.
    """
    with opened_api(config) as api:
        signs = Signs(api, config, clock=clock)
        signs.check()
        yield signs


class Signs:
    """
    The signs of one entity; the href of a sign is its external id, chosen by us.

    The service tells no versions and gives nothing to read: the ETag of a sign is a hash of
    what was sent last, and a person's edits in the console are noticed on the public page only.

    Attributes:
        replay_safe: a write whose answer was lost may be repeated as it is. Both verbs end
            with the one sign of this id saying what the document says.
    """

    replay_safe: ClassVar[bool] = True

    def __init__(
        self, api: Api, config: PanneauPocketConfig, *, clock: Callable[[], dt.datetime]
    ) -> None:
        self._api = api
        self._page = config.page
        self._cancels = config.cancel_by_update
        self._clock = clock
        self._known: dict[str, Document] = {}

    def check(self) -> int | None:
        """
        Ask for the number of followers; return it if it is told.

        Raises:
            AuthError: the token is refused.
            ProtocolError: there is no such service at this address.
        """
        return self._api.followers()

    def recognise(self, known: Iterable[Stored]) -> None:
        """Take note of what the signs say, to name them to the person who takes them down."""
        self._known.update((item.ref.href, item.document) for item in known)

    def create(self, href_hint: str, document: Document) -> Ref:
        """
        Put up the sign ``href_hint``; if it is up already, as after a lost answer, write it over.

        Raises:
            ItemRefusedError: it does not fit, or the service says that it is invalid.
        """
        sign = _checked(href_hint, document)
        first = self._api.post(href_hint, sign)
        if not first.ok:
            # 422 stands for an id that is taken as well as for invalid data; only the PUT tells.
            second = self._api.put(href_hint, sign)
            if not second.ok:
                absent = second.status == HTTPStatus.NOT_FOUND
                raise refused(href_hint, first if absent else second)
        self._known[href_hint] = document
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
        answer = self._api.put(ref.href, sign)
        if answer.status == HTTPStatus.NOT_FOUND:
            answer = self._api.post(ref.href, sign)
        if not answer.ok:
            raise refused(ref.href, answer)
        self._known[ref.href] = document
        return Ref(ref.href, _tag(sign))

    def delete(self, ref: Ref) -> None:
        """
        Hand over to a person: no call takes a sign down.

        With ``cancel_by_update`` the sign is written over instead, with ``ANNULÉ`` before its
        title and today as its last day, where that has room and the sign is known.

        Raises:
            NeedsPersonError: with what to tell the person who can do it.
            ItemNotFoundError: with ``cancel_by_update``, if there is no such sign.
        """
        sign = self._sign(ref.href)
        stamped = self._stamped(sign) if self._cancels else None
        if stamped is None:
            raise self._needs_person(ref.href, str(sign.get("title") or ""))
        answer = self._api.put(ref.href, stamped)
        if answer.status == HTTPStatus.NOT_FOUND:
            raise ItemNotFoundError("there is no such sign (404)", href=ref.href)
        if not answer.ok:
            raise self._needs_person(ref.href, str(sign.get("title") or ""))

    def confirm(self, items: Sequence[Stored]) -> Iterator[Confirmation]:
        """
        Say what the public page shows of each sign.

        A page that cannot be read, or none, proves nothing: every answer is UNKNOWN then.
        """
        if not self._page:
            yield from unconfirmed(items, _NO_PAGE)
            return
        try:
            page = self._read_page()
        except ConnectorError as error:
            yield from unconfirmed(items, failed(error))
            return
        yield from confirmations(items, page, now=self._clock())

    def diagnose(self, *, probe_writes: bool = False) -> tuple[Fact, ...]:  # noqa: ARG002 - a test of writing could not be taken down
        """Say whose signs these are."""
        facts = [followers(self.check())]
        if not self._page:
            return (*facts, no_page())
        try:
            return (*facts, *page_facts(self._read_page(), self._page))
        except ConnectorError as error:
            return (*facts, unread_page(error.what))

    def _read_page(self) -> Page:
        with page_source(self._page) as source:
            return source.page(source.get())

    def _sign(self, href: str) -> Mapping[str, Any]:
        document = self._known.get(href)
        try:
            return {} if document is None else document.parsed(record.parse)
        except FormatError:
            return {}

    def _stamped(self, sign: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the sign as a cancelled one that ends today, if it can be said."""
        today = self._clock().astimezone(_PARIS).date().isoformat()
        title = f"{CANCELLED} : {sign.get('title') or ''}"
        begun = bool(sign) and str(sign.get("startAt") or "") <= today
        if not begun or length(title) > (LIMITS.title_max or 0):
            return None
        return {**_sent(sign), "title": title, "endAt": today}

    def _needs_person(self, href: str, title: str) -> NeedsPersonError:
        name = f"le panneau « {title} »" if title else f"le panneau de référence {href}"
        page = self._page or "l'application PanneauPocket"
        return NeedsPersonError(
            "PanneauPocket takes signs down in its console only",
            hand_over=_HAND_OVER.format(name=name, page=page),
            href=href,
            remedy="Hand the text over to whoever has access to the console",
        )


def _checked(href: str, document: Document) -> Mapping[str, Any]:
    """
    Return what is to be sent.

    Raises:
        ItemRefusedError: the document is no sign, or more than a sign can hold.
    """
    try:
        sign = document.parsed(record.parse)
        result = fit(PANNEAU.get(document), LIMITS)
    except FormatError as error:
        raise ItemRefusedError(f"this is no sign: {error}", href=href) from error
    if not result.fits:
        raise ItemRefusedError(
            "; ".join(reason.message_en for reason in result.reasons),
            href=href,
            remedy=" ".join(reason.message_fr for reason in result.reasons),
        )
    return _sent(sign)


def _sent(sign: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a sign without what is kept here and without its id."""
    return {key: value for key, value in sign.items() if key != "id" and not key.startswith("_")}


def _tag(sign: Mapping[str, Any]) -> str:
    canonical = json.dumps(sign, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    return tag(canonical)


if TYPE_CHECKING:

    def _keeps_the_contract(
        signs: Signs,
    ) -> tuple[Writable, Confirmable, Recognising, Diagnosable]:
        return signs, signs, signs, signs

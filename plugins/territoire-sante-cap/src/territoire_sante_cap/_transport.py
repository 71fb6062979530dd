# SPDX-License-Identifier: Apache-2.0
"""
Alerts in a folder: one file for each announcement, which holds its last message.

A correction is an Update that names all messages before it, a withdrawal a Cancel that stays in
the folder: whoever missed a message between loses nothing. An announcement whose last message
is a Cancel is not listed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import attrs

from territoire_sante.errors import FormatError, ItemNotFoundError, ItemRefusedError
from territoire_sante.formats import Document
from territoire_sante.formats.cap import CapLens, Header, alert, cancel, faults, header, update
from territoire_sante.model import Severity
from territoire_sante.plugins import (
    Confirmable,
    Confirmation,
    Outbox,
    Readable,
    Ref,
    Shown,
    Stored,
    Unreadable,
    Writable,
    tag,
)

SUFFIX: Final = ".xml"

_NOTE: Final = "Annulé par l'émetteur. / Cancelled by the sender."


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@attrs.frozen
class Alerts:
    """READ, WRITE and CONFIRM on a folder; an href is the name of a file without ending."""

    outbox: Outbox
    lens: CapLens
    severities: frozenset[Severity]
    clock: Callable[[], dt.datetime] = _now

    def list(self) -> Iterator[Ref]:
        """Yield every file that is not a Cancel."""
        for name in self.outbox.names(SUFFIX):
            data = self.outbox.read(name)
            if data is not None and not _cancelled(data):
                yield Ref(name.removesuffix(SUFFIX), tag(data))

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """Yield the alerts that are there and not cancelled."""
        for href in dict.fromkeys(hrefs):
            data = self.outbox.read(href + SUFFIX)
            if data is None or _cancelled(data):
                continue
            ref, document = Ref(href, tag(data)), Document(data, self.lens.media_type)
            try:
                self.lens.get(document)
            except FormatError as error:
                yield Unreadable(ref, str(error))
            else:
                yield Stored(ref, document)

    def create(self, href_hint: str, document: Document) -> Ref:
        """
        Write an Alert.

        Raises:
            ItemRefusedError: its severity may not go out, or it breaks a rule of CAP.
        """
        name = href_hint + SUFFIX
        there = self.outbox.read(name)
        after = header(self._document(there)) if there and _cancelled(there) else None
        self._allowed(href_hint, document)
        data = self._checked(
            href_hint,
            lambda: alert(document, sender=self.lens.sender, sent=self._sent(), after=after),
        )
        if there is not None and after is not None:
            self.outbox.replace(name, data, seen=tag(there))
        else:
            self.outbox.create(name, data)
        return Ref(href_hint, tag(data))

    def replace(self, ref: Ref, document: Document) -> Ref:
        """
        Write an Update, which names all messages before it.

        Raises:
            ItemNotFoundError: it is gone, or cancelled.
            ItemRefusedError: its severity may not go out, or it breaks a rule of CAP.
        """
        previous = self._previous(ref)
        self._allowed(ref.href, document)
        data = self._checked(ref.href, lambda: update(document, previous, sent=self._sent()))
        self.outbox.replace(ref.href + SUFFIX, data, seen=ref.etag or "")
        return Ref(ref.href, tag(data))

    def delete(self, ref: Ref) -> None:
        """
        Write a Cancel in the place of the alert.

        Raises:
            ItemNotFoundError: it is gone, or cancelled.
        """
        self._previous(ref)
        there = self.outbox.read(ref.href + SUFFIX) or b""
        data = self._checked(
            ref.href, lambda: cancel(self._document(there), sent=self._sent(), note=_NOTE)
        )
        self.outbox.replace(ref.href + SUFFIX, data, seen=ref.etag or "")

    def confirm(self, items: Sequence[Stored]) -> Iterator[Confirmation]:
        """Yield whether the folder still has each alert as it was written."""
        for item in items:
            yield Confirmation(item.ref.href, *self._looked_at(item))

    def _looked_at(self, item: Stored) -> tuple[Shown, str]:
        data = self.outbox.read(item.ref.href + SUFFIX)
        if data is None:
            return Shown.GONE, "Le fichier de l'alerte n'est plus dans le dossier."
        if _cancelled(data):
            return Shown.GONE, "L'alerte est annulée."
        try:
            there, wanted = (self.lens.get(one) for one in (self._document(data), item.document))
        except FormatError as error:
            return Shown.DIFFERS, f"Le fichier ne se lit pas comme une alerte : {error}"
        if any(getattr(there, name) != getattr(wanted, name) for name in self.lens.fields):
            return Shown.DIFFERS, "L'alerte du dossier n'est pas celle qui a été écrite."
        return Shown.VISIBLE, "L'alerte est dans le dossier ; qui la diffuse est à vérifier."

    def _sent(self) -> dt.datetime:
        return self.clock().astimezone(ZoneInfo(self.lens.zone))

    def _document(self, data: bytes) -> Document:
        return Document(data, self.lens.media_type)

    def _previous(self, ref: Ref) -> Header:
        data = self.outbox.read(ref.href + SUFFIX)
        if data is None or _cancelled(data):
            raise ItemNotFoundError("no such alert, or it is cancelled", href=ref.href)
        try:
            return header(self._document(data))
        except FormatError as error:
            raise ItemRefusedError(f"the file there is no alert: {error}", href=ref.href) from error

    def _allowed(self, href: str, document: Document) -> None:
        try:
            severity = self.lens.get(document).severity
        except FormatError as error:
            raise ItemRefusedError(f"this is no alert: {error}", href=href) from error
        if severity not in self.severities:
            allowed = ", ".join(sorted(one.label_fr for one in self.severities))
            raise ItemRefusedError(
                f"{severity.label_en} is not sent as an alert",
                href=href,
                remedy=f"Ce canal ne diffuse que : {allowed}. L'annonce est de niveau "
                f"« {severity.label_fr} ». Changez son niveau, ou l'option severities.",
            )

    def _checked(self, href: str, made: Callable[[], Document]) -> bytes:
        try:
            document = made()
            found = faults(document)
        except FormatError as error:
            raise ItemRefusedError(f"this is no alert: {error}", href=href) from error
        if found:
            raise ItemRefusedError(
                "; ".join(fault.message for fault in found),
                href=href,
                remedy="Correct the announcement; it is published at the next sync",
            )
        return document.data


def _cancelled(data: bytes) -> bool:
    try:
        return header(Document(data, "application/cap+xml")).msg_type == "Cancel"
    except FormatError:
        return False


if TYPE_CHECKING:

    def _keeps_the_contract(alerts: Alerts) -> tuple[Readable, Writable, Confirmable]:
        return alerts, alerts, alerts

# SPDX-License-Identifier: Apache-2.0
"""
Pages in a folder: one description (JSON) for each announcement, and one text file for each page.

The page files of a version are written before its description and named in it, and those of
the version before go after it: software that begins with the descriptions never sees half of one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from territoire_sante.errors import AnnouncementRefusedError, FormatError, ItemRefusedError
from territoire_sante.formats import Document
from territoire_sante.formats.panel import (
    Page,
    PanelProfile,
    layout,
    pages_of,
    panel_lens,
    proposals,
)
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

SUFFIX: Final = ".json"

_MEDIA_TYPE: Final = "application/json"


@attrs.frozen
class Pages:
    """READ, WRITE and CONFIRM on a folder; an href is the name of a description without ending."""

    outbox: Outbox
    profile: PanelProfile

    def list(self) -> Iterator[Ref]:
        """Yield every description of the folder."""
        for name in self.outbox.names(SUFFIX):
            data = self.outbox.read(name)
            if data is not None:
                yield Ref(name.removesuffix(SUFFIX), tag(data))

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """Yield the descriptions that are there."""
        there = self.outbox.names(SUFFIX) if hrefs else ()
        for href in dict.fromkeys(hrefs):
            data = self.outbox.read(href + SUFFIX) if href + SUFFIX in there else None
            if data is None:
                continue
            ref, document = Ref(href, tag(data)), Document(data, _MEDIA_TYPE)
            try:
                panel_lens(self.profile).get(document)
            except FormatError as error:
                yield Unreadable(ref, str(error))
            else:
                yield Stored(ref, document)

    def create(self, href_hint: str, document: Document) -> Ref:
        """
        Write the pages of a new announcement, then its description.

        Raises:
            ItemRefusedError: it does not fit the panel; with every reason, and proposals.
        """
        files, data = self._files(href_hint, document)
        for name, text in files.items():
            self.outbox.put(name, text)
        try:
            self.outbox.create(href_hint + SUFFIX, data)
        finally:
            self._tidy(href_hint)
        return Ref(href_hint, tag(data))

    def replace(self, ref: Ref, document: Document) -> Ref:
        """
        Write the pages of a new version, then its description, then remove the former pages.

        Raises:
            ItemRefusedError: it does not fit the panel; with every reason, and proposals.
        """
        files, data = self._files(ref.href, document)
        for name, text in files.items():
            self.outbox.put(name, text)
        try:
            self.outbox.replace(ref.href + SUFFIX, data, seen=ref.etag or "")
        finally:
            self._tidy(ref.href)
        return Ref(ref.href, tag(data))

    def delete(self, ref: Ref) -> None:
        """Remove the description, then its pages."""
        self.outbox.delete(ref.href + SUFFIX, seen=ref.etag or "")
        self._tidy(ref.href)

    def confirm(self, items: Sequence[Stored]) -> Iterator[Confirmation]:
        """Yield whether the pages that the software takes are those of the announcement."""
        for item in items:
            yield Confirmation(item.ref.href, *self._looked_at(item))

    def _looked_at(self, item: Stored) -> tuple[Shown, str]:
        data = self.outbox.read(item.ref.href + SUFFIX)
        if data is None:
            return Shown.GONE, "Le dossier du panneau n'a plus cette annonce."
        try:
            names = _named(Document(data, _MEDIA_TYPE))
            sent = self._texts(pages_of(item.document))
            view = panel_lens(self.profile).get(item.document)
        except FormatError as error:
            return Shown.DIFFERS, f"La description ne se lit pas : {error}"
        if tuple(self.outbox.read(name) for name in names) != sent:
            return Shown.DIFFERS, "Les pages du dossier ne sont pas celles de l'annonce."
        if sent != self._texts([page.lines for page in layout(view, self.profile).pages]):
            return Shown.DIFFERS, (
                "Les pages ont été faites pour un panneau décrit autrement : retirez l'annonce, "
                "puis publiez-la à nouveau."
            )
        plural = "s" if len(sent) > 1 else ""
        return Shown.VISIBLE, (
            f"{len(sent)} page{plural} dans le dossier du panneau ; "
            "ce que montre le panneau se vérifie sur place."
        )

    def _texts(self, pages: Sequence[Sequence[str]]) -> tuple[bytes, ...]:
        encoding = self.profile.charset.encoding
        return tuple(
            "".join(f"{row}\n" for row in page).encode(encoding, "replace") for page in pages
        )

    def _files(self, href: str, document: Document) -> tuple[dict[str, bytes], bytes]:
        """Return the page files by name, and the description that names them."""
        texts = self._texts([page.lines for page in self._checked(href, document)])
        mark = hashlib.sha256(b"\f".join(texts)).hexdigest()[:8]
        files = {f"{href}.{mark}-{number}.txt": text for number, text in enumerate(texts, 1)}
        held = {**json.loads(document.data), "files": list(files)}
        return files, json.dumps(held, ensure_ascii=False, indent=2).encode()

    def _checked(self, href: str, document: Document) -> tuple[Page, ...]:
        try:
            view = panel_lens(self.profile).get(document)
            told = pages_of(document)
            pages = layout(view, self.profile).or_refuse()
        except FormatError as error:
            raise ItemRefusedError(f"this describes no panel: {error}", href=href) from error
        except AnnouncementRefusedError as error:
            ways = [way.message_fr for way in proposals(view, self.profile)]
            raise ItemRefusedError(
                "the announcement does not fit the panel",
                href=href,
                remedy=" ".join([*error.reasons, *ways]),
            ) from error
        if told != tuple(page.lines for page in pages):
            raise ItemRefusedError("these are not the pages of this announcement", href=href)
        return pages

    def _tidy(self, href: str) -> None:
        """Remove the page files of an announcement that its description does not name."""
        data = self.outbox.read(href + SUFFIX)
        try:
            kept = frozenset(_named(Document(data, _MEDIA_TYPE)) if data else ())
        except FormatError:
            return
        pattern = re.compile(rf"{re.escape(href)}\.[0-9a-f]{{8}}-\d+\.txt")
        for name in self.outbox.names(".txt"):
            if pattern.fullmatch(name) and name not in kept:
                self.outbox.delete(name)


def _named(document: Document) -> tuple[str, ...]:
    """Return the page files that a description names."""
    pages_of(document)
    names = json.loads(document.data).get("files")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise FormatError("no files are named", where="files")
    return tuple(names)


if TYPE_CHECKING:
    _reads: type[Readable] = Pages
    _writes: type[Writable] = Pages
    _confirms: type[Confirmable] = Pages

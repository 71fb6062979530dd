# SPDX-License-Identifier: Apache-2.0
"""
Texts that a person copies: the transport puts them down, and the person says what became of them.

Who has copied ``NAME.txt`` renames it to ``NAME.publie.txt``; who has taken the announcement
down renames ``NAME.a-retirer.txt`` to ``NAME.retire.txt``. The text in the file
says which version was copied.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Final, TextIO

import attrs

from territoire_sante.errors import (
    AnnouncementRefusedError,
    FormatError,
    ItemRefusedError,
    NeedsPersonError,
)
from territoire_sante.formats import Document
from territoire_sante.model import ChannelLimits
from territoire_sante.plugins import (
    Confirmable,
    Confirmation,
    Outbox,
    Ref,
    Shown,
    Stored,
    Writable,
    tag,
)
from territoire_sante_copy._shapes import Shape

TO_COPY: Final = ".txt"
COPIED: Final = ".publie.txt"
TO_TAKE_DOWN: Final = ".a-retirer.txt"
TAKEN_DOWN: Final = ".retire.txt"

_NAME_MAX: Final = 40
_NO_NAME: Final = re.compile(r"[^a-z0-9]+")
_HAND_OVER: Final = """\
Annonce à retirer : « {title} »

Où : {where}.
Quoi chercher : le titre « {title} ».
Que faire : supprimer ou archiver l'annonce, puis vérifier qu'elle n'est plus visible.
"""


@attrs.frozen
class Texts:
    """
    WRITE and CONFIRM: an href is the name of a text without ending.

    Attributes:
        replay_safe: a write whose answer was lost may be repeated as it is.
    """

    replay_safe: ClassVar[bool] = True

    shape: Shape
    outbox: Outbox | None
    recipient: str = ""
    stream: TextIO = attrs.field(factory=lambda: sys.stderr)

    def limits(self) -> ChannelLimits:
        """Return what the shape has room for."""
        return self.shape.limits

    def create(self, href_hint: str, document: Document) -> Ref:
        """
        Put a text down for a person to copy; what was said of a former version is forgotten.

        Raises:
            ItemRefusedError: it has no room in its shape; with every reason.
        """
        title, text = self._checked(href_hint, document)
        return self._put_down(self._named(href_hint, title), text)

    def replace(self, ref: Ref, document: Document) -> Ref:
        """
        Put the corrected text down; nothing is done if this very text was copied already.

        Raises:
            ItemRefusedError: it has no room in its shape; with every reason.
        """
        _, text = self._checked(ref.href, document)
        return self._put_down(ref.href, text)

    def delete(self, ref: Ref) -> None:
        """
        Take the text away, and leave word for the person who takes the announcement down.

        Once a person has said that this is done, it is.

        Raises:
            NeedsPersonError: nobody has; with that word.
        """
        if self.outbox is not None and self.outbox.read(ref.href + TAKEN_DOWN) is not None:
            return
        title = self._title(ref.href)
        text = _HAND_OVER.format(title=title, where=self.shape.where)
        if self.outbox is not None:
            self.outbox.put(ref.href + TO_TAKE_DOWN, text.encode())
            self._forget(ref.href, TO_COPY, COPIED)
        raise NeedsPersonError(
            "only a person can take down what a person copied", href=ref.href, hand_over=text
        )

    def confirm(self, items: Sequence[Stored]) -> Iterator[Confirmation]:
        """Yield what a person said of each announcement; unknown as long as nobody did."""
        for item in items:
            yield Confirmation(item.ref.href, *self._said(item))

    def _named(self, hint: str, title: str) -> str:
        """Return a name that people recognise, the one that a text of this hint already has."""
        mark = hashlib.sha256(hint.encode()).hexdigest()[:8]
        for name in self.outbox.names(".txt") if self.outbox else ():
            stem = name.partition(".")[0]
            if stem == mark or stem.endswith(f"-{mark}"):
                return stem
        plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
        words = _NO_NAME.sub("-", plain)[:_NAME_MAX].strip("-")
        return f"{words}-{mark}" if words else mark

    def _put_down(self, href: str, text: str) -> Ref:
        data = text.encode()
        if self.outbox is None:
            self.stream.write(f"\n{text}\n")
        elif not _same(self.outbox.read(href + COPIED), text):
            self.outbox.put(href + TO_COPY, data)
            self._forget(href, COPIED, TO_TAKE_DOWN, TAKEN_DOWN)
        return Ref(href, tag(data))

    def _said(self, item: Stored) -> tuple[Shown, str]:
        href = item.ref.href
        if self.outbox is None:
            return Shown.UNKNOWN, "Le texte a été affiché ; une personne doit dire s'il est publié."
        if self.outbox.read(href + TAKEN_DOWN) is not None:
            return Shown.GONE, "Une personne a dit l'avoir retirée."
        copied = self.outbox.read(href + COPIED)
        if copied is None:
            return Shown.UNKNOWN, (
                "Une personne doit le dire : une fois le texte publié, renommer "
                f"« {href}{TO_COPY} » en « {href}{COPIED} »."
            )
        try:
            _, text = self._checked(href, item.document)
        except ItemRefusedError as error:
            return Shown.UNKNOWN, error.what
        if _same(copied, text):
            return Shown.VISIBLE, "Une personne a dit l'avoir publiée."
        return Shown.DIFFERS, "Une personne a publié une autre version."

    def _forget(self, href: str, *endings: str) -> None:
        assert self.outbox is not None  # noqa: S101 - only called with one
        for ending in endings:
            self.outbox.delete(href + ending)

    def _title(self, href: str) -> str:
        """Return by what a person recognises the announcement: its title, if a text tells it."""
        for ending in (COPIED, TO_COPY, TO_TAKE_DOWN):
            data = self.outbox.read(href + ending) if self.outbox else None
            if data is not None:
                return _first_title(data.decode("utf-8", "replace"), href)
        return href

    def _checked(self, href: str, document: Document) -> tuple[str, str]:
        """Return the title and the text to copy."""
        try:
            view = self.shape.lens().get(document)
            told = json.loads(document.data).get("copy")
            text = self.shape.text(view, self.recipient)
        except FormatError as error:
            raise ItemRefusedError(f"this is no text to copy: {error}", href=href) from error
        except AnnouncementRefusedError as error:
            remedy = " ".join([*error.reasons, *filter(None, [error.proposal])])
            raise ItemRefusedError(
                "the announcement has no room in its shape", href=href, remedy=remedy
            ) from error
        if told != text:
            raise ItemRefusedError("this is not the text of this announcement", href=href)
        return view.title, text


def _same(data: bytes | None, text: str) -> bool:
    """Compare with a file that an editor may have saved with other line ends."""
    return data is not None and data.decode("utf-8-sig", "replace").split() == text.split()


def _first_title(text: str, href: str) -> str:
    """Return the title that a text of ours holds; ``href`` if it was changed beyond that."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        for mark in ("Objet : Annonce à publier – ", "Annonce à retirer : "):
            if line.startswith(mark):
                return line.removeprefix(mark).strip("« »")
        if line.startswith("[ ] Titre (") and number + 1 < len(lines):
            return lines[number + 1]
    return next((line for line in lines if line.strip()), href)


if TYPE_CHECKING:
    _writes: type[Writable] = Texts
    _confirms: type[Confirmable] = Texts

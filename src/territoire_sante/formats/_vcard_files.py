# SPDX-License-Identifier: Apache-2.0
"""Files of cards: one document per card, and one card changed in a file."""

from __future__ import annotations

from typing import Final

from territoire_sante.errors import FormatError
from territoire_sante.formats._contentline_document import Component, ContentDocument, parse
from territoire_sante.formats._contentline_edit import Edit
from territoire_sante.formats._contentline_files import adapted, fill, keyed
from territoire_sante.formats._contentline_line import Line
from territoire_sante.formats._document import Document
from territoire_sante.formats._vcard_contact import MEDIA_TYPE
from territoire_sante.formats._vcard_read import content_of, raw_of

_FLEETING: Final = frozenset({"REV", "PRODID"})


def _cards(content: ContentDocument) -> list[Component]:
    return [component for component in content.components if component.name == "VCARD"]


def _uid(card: Component) -> str:
    return raw_of(card.first("UID"))


def _by_key(content: ContentDocument) -> dict[str, list[Component]]:
    return keyed(content, _cards(content), _uid, _FLEETING)


def items(data: bytes) -> dict[str, Document]:
    """
    Return the cards of a file by key, each as a document of its own.

    The key is the UID; a card without one is known by a hash of its lines. Cards that
    share a UID come as one document, which the lens refuses to read: nothing tells which is right.

    Raises:
        FormatError: the bytes are no content lines.
    """
    return {
        key: Document(b"".join([line.raw for line in lines]), MEDIA_TYPE)
        for key, lines in lines_by_key(parse(data)).items()
    }


def lines_by_key(content: ContentDocument) -> dict[str, list[Line]]:
    """Return what :func:`items` makes documents of."""
    return {
        key: [line for card in cards for line in content.span(card)]
        for key, cards in _by_key(content).items()
    }


def split(data: bytes) -> list[Document]:
    """Return the documents of :func:`items`, in the order of the file."""
    return list(items(data).values())


def key(document: Document | ContentDocument) -> str:
    """
    Return the key of the one card in ``document``: its UID, else a hash of its lines.

    Raises:
        FormatError: no card, or several.
    """
    keys = list(_by_key(content_of(document)))
    if len(keys) != 1:
        raise FormatError(f"a document of one card was wanted, this one has {len(keys)}")
    return keys[0]


def merge_into(data: bytes, uid: str, document: Document | None) -> bytes:
    """
    Return the file with the card ``uid`` as in ``document``, ``None`` removing it.

    ``uid`` is a key of :func:`items`; one that is not there is added at the end.
    Every other byte stays.

    Raises:
        FormatError: the file ends inside a card, so that nothing can be added.
    """
    content = parse(data)
    old = _by_key(content).get(uid, [])
    edit = Edit(content)
    if document is None:
        fill(edit, old, [])
        return edit.to_bytes(frozenset())
    source = content_of(document)
    if not data.strip():
        return document.data
    new = [adapted(source.span(card), edit, source) for card in _cards(source)]
    if old:
        fill(edit, old, new)
        return edit.to_bytes(frozenset())
    for card in content.components:
        edit.need_closed(card)
    lines = [line for card in new for line in card]
    # A last line without its end gets one: the new card must begin on a line of its own.
    gap = b"" if not content.lines or content.lines[-1].eol else edit.eol
    return data + content.encoded(gap + b"".join([line.raw for line in lines]))

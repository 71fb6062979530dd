# SPDX-License-Identifier: Apache-2.0
"""Records of services as documents, and lenses for what is only read."""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import FormatError, UnsupportedError
from territoire_sante.formats import Document, Lens, ReadOnlyLens, record
from territoire_sante.model import Announcement, make_id

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(), some, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_an_object_comes_back(members):
    """What is written as a document is read as the same object, its members in their order."""
    found = record.document(members).parsed(record.parse)

    assert (found, list(found)) == (members, list(members))


@pytest.mark.parametrize(
    ("data", "line"),
    [(b"", 1), (b'{"a":\n1', 2), (b"[]", 1), (b"\xff", 0), (b"[" * 100_000, 0), (b"1" * 5000, 0)],
    ids=["nothing", "cut", "a list", "no text", "deep", "a long number"],
)
def test_what_is_no_object_is_refused(data, line):
    """Whatever is no JSON object is a FormatError, with the line where there is one."""
    with pytest.raises(FormatError, match="JSON") as caught:
        record.parse(data)
    assert (caught.value.line or 0) == line


def test_half_a_character_is_never_written():
    """Half of a pair, which JSON can hold, is told when written, and a question mark when read."""
    half = {"title": "a\ud83d"}
    with pytest.raises(FormatError, match=r"U\+D83D"):
        record.document(half)
    assert record.text(half, "title") == "a?"


class _Titles(ReadOnlyLens[Announcement]):
    view: ClassVar[type[Announcement]] = Announcement
    media_type: ClassVar[str] = "application/json"
    fields: ClassVar[frozenset[str]] = frozenset({"uid", "title"})
    refusal: ClassVar[tuple[str, str]] = ("the list cannot be written", "Write to its author")

    def get(self, document: Document) -> Announcement:
        """Return the announcement of a record."""
        members = document.parsed(record.parse)
        uid = record.text(members, "id")
        return Announcement(
            id=make_id("announcement", uid), uid=uid, title=record.text(members, "title")
        )


def test_what_is_read_only_gives_back_what_is_there():
    """A view that the document shows gives the very document; any other one is refused."""
    lens: Lens[Announcement] = _Titles()
    document = record.document({"id": "1", "title": "Marche", "more": True})
    view = lens.get(document)

    assert lens.put(view, document) is document
    for other in (None, record.document({"id": "1", "title": "Autre"})):
        with pytest.raises(UnsupportedError, match=r"cannot be written.*Write to its author"):
            lens.put(view, other)

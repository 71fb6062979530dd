# SPDX-License-Identifier: Apache-2.0
"""The laws between reading and writing, on documents of others and on views."""
# ruff: noqa: S101 - asserts are how pytest tests speak

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import pytest

from territoire_sante.errors import UnsupportedError
from territoire_sante.formats import Document, Lens
from territoire_sante.model import Announcement, Contact, Event
from territoire_sante.testing._lens_suite._fixtures import Fixtures
from territoire_sante.testing._lens_suite._pieces import foreign_pieces
from territoire_sante.testing._lens_suite._tools import (
    NOW,
    defaults,
    differing,
    put_or_refuse,
    retold,
)


class LawTests(Fixtures):
    """What is read is written back, what is written is read, the rest stays."""

    def test_the_lens_is_described(self, lens: Lens[Any]) -> None:
        """The lens names its class of views, fields that this class has, and a media type."""
        assert isinstance(lens, Lens)
        assert lens.view in (Event, Contact, Announcement)
        assert isinstance(lens.fields, frozenset)
        assert lens.fields
        assert lens.fields <= set(attrs.fields_dict(lens.view))
        assert "/" in lens.media_type

    def test_documents_are_read(self, lens: Lens[Any], documents: Sequence[Document]) -> None:
        """Each document given reads as a view of the declared class."""
        assert documents
        assert [type(lens.get(one)).__name__ for one in documents] == [lens.view.__name__] * len(
            documents
        )

    @pytest.mark.usefixtures("writing")
    def test_putting_back_changes_no_byte(
        self, lens: Lens[Any], documents: Sequence[Document]
    ) -> None:
        """Writing what was read gives the same bytes, also at another moment."""
        for document in documents:
            view = lens.get(document)
            assert lens.put(view, document).to_bytes() == document.to_bytes()
            assert lens.put(view, document, now=NOW).to_bytes() == document.to_bytes()

    @pytest.mark.usefixtures("writing")
    def test_views_come_back(self, lens: Lens[Any], views: Mapping[str, Any]) -> None:
        """Each view, written into a new document, reads the same in all fields of the lens."""
        for name, view in views.items():
            document = lens.put(view)
            assert document.media_type.partition(";")[0] == lens.media_type.partition(";")[0]
            assert differing(view, lens.get(document), lens) == {}, name

    def test_each_field_is_carried(
        self, lens: Lens[Any], request: pytest.FixtureRequest, documents: Sequence[Document]
    ) -> None:
        """Each field that the lens declares is read as something else than its default."""
        read = [lens.get(document) for document in documents]
        pairs = [(view, view) for view in read]
        if not self.reads_only:
            views = request.getfixturevalue("views").values()
            pairs = [(view, lens.get(lens.put(view))) for view in views]
        carried = {
            name
            for view, back in pairs
            for name in lens.fields
            if getattr(view, name) == getattr(back, name) != defaults(view).get(name)
        }
        assert sorted(lens.fields - carried) == []

    def test_what_only_reads_refuses_to_write(
        self, lens: Lens[Any], documents: Sequence[Document]
    ) -> None:
        """A lens that only reads refuses each change with UnsupportedError; others do not."""
        changes = [one for document in documents for one in retold(lens, lens.get(document))]
        assert changes
        for _, view in changes if self.reads_only else ():
            with pytest.raises(UnsupportedError):
                lens.put(view)
        written = [one for one in changes if put_or_refuse(lens, one[1]) is not None]
        assert bool(written) is not self.reads_only

    @pytest.mark.usefixtures("writing")
    def test_other_fields_are_left_alone(
        self, lens: Lens[Any], views: Mapping[str, Any], documents: Sequence[Document]
    ) -> None:
        """Fields that are not declared read as their defaults, and change no byte."""
        full = list(views.values())[-1]
        for document in documents:
            view, usual = lens.get(document), defaults(full)
            others = set(usual) - lens.fields
            assert {n: getattr(view, n) for n in others if getattr(view, n) != usual[n]} == {}
            told = attrs.evolve(view, **{name: getattr(full, name) for name in others})
            assert lens.put(told, document).data == lens.put(view, document).data

    @pytest.mark.usefixtures("writing")
    def test_a_change_comes_back(self, lens: Lens[Any], documents: Sequence[Document]) -> None:
        """A text changed in a document of somebody else reads as changed, all else as before."""
        for document in documents:
            for name, view in retold(lens, lens.get(document)):
                changed = put_or_refuse(lens, view, document)
                if changed is not None:
                    assert differing(view, lens.get(changed), lens) == {}, name

    @pytest.mark.usefixtures("writing")
    def test_a_field_can_be_emptied(
        self, lens: Lens[Any], views: Mapping[str, Any], documents: Sequence[Document]
    ) -> None:
        """A field other than the uid that is emptied reads as empty, or that is refused."""
        usual = defaults(next(iter(views.values())))
        for document in documents:
            for name in sorted(lens.fields & set(usual) - {"uid"}):
                view = attrs.evolve(lens.get(document), **{name: usual[name]})
                emptied = put_or_refuse(lens, view, document)
                if emptied is not None:
                    assert getattr(lens.get(emptied), name) == usual[name], name

    @pytest.mark.usefixtures("writing")
    def test_putting_twice_is_putting_once(
        self, lens: Lens[Any], documents: Sequence[Document]
    ) -> None:
        """Writing the same change again changes no byte more."""
        for document in documents:
            for _, view in retold(lens, lens.get(document)):
                once = put_or_refuse(lens, view, document)
                if once is not None:
                    assert lens.put(view, once, now=NOW).to_bytes() == once.to_bytes()

    @pytest.mark.usefixtures("writing")
    def test_foreign_bytes_are_kept(self, lens: Lens[Any], documents: Sequence[Document]) -> None:
        """After a change, each line, member or element that the lens does not read is as it was."""
        seen = 0
        for document in documents:
            pieces = foreign_pieces(lens, document)
            seen += len(pieces)
            read = lens.get(document)
            for name, view in retold(lens, read):
                changed = put_or_refuse(lens, view, document)
                if changed is not None:
                    lost = [one for one in pieces if not one.is_in(changed.data)]
                    gone = [one.what for one in lost if not one.repeats(getattr(read, name))]
                    assert gone == [], name
        if not seen:
            pytest.skip("no document of the fixture 'documents' holds anything the lens passes by")

# SPDX-License-Identifier: Apache-2.0
"""Texts, times and damage that lenses meet outside."""
# ruff: noqa: S101 - asserts are how pytest tests speak

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import attrs
import pytest

from territoire_sante.errors import InputError
from territoire_sante.formats import Document, Lens
from territoire_sante.testing._lens_suite._damage import damaged
from territoire_sante.testing._lens_suite._fixtures import Fixtures
from territoire_sante.testing._lens_suite._tools import (
    NOW,
    differing,
    put_or_refuse,
    retold,
    texts_of,
)
from territoire_sante.testing._samples import HOSTILE_TEXTS, events, samples_for


class ValueTests(Fixtures):
    """
    Hostile texts, times of each kind, damaged documents, and the same answer each time.

    Attributes:
        damaged_documents: how many of them are tried.
    """

    damaged_documents: ClassVar[int] = 1000

    @pytest.mark.usefixtures("writing")
    @pytest.mark.parametrize("name", sorted(HOSTILE_TEXTS))
    def test_hostile_text_is_kept_or_refused(
        self, lens: Lens[Any], views: Mapping[str, Any], documents: Sequence[Document], name: str
    ) -> None:
        """A text in any field is kept to the letter, or refused: never changed in silence."""
        ordinary = next(iter(views.values()))
        for field in texts_of(lens):
            for base, document in ((ordinary, None), (lens.get(documents[0]), documents[0])):
                view = attrs.evolve(base, **{field: HOSTILE_TEXTS[name]})
                written = put_or_refuse(lens, view, document)
                if written is not None:
                    assert getattr(lens.get(written), field) == HOSTILE_TEXTS[name], field

    @pytest.mark.usefixtures("writing")
    @pytest.mark.parametrize("name", ["zoned", "utc", "floating", "days", "clock change"])
    def test_times_are_kept_or_refused(self, lens: Lens[Any], name: str) -> None:
        """Zones, floating times and days stay what they are, also where the clocks change."""
        times = events()[name]
        pairs = [("start", "end"), ("publish_from", "publish_until"), ("event_start", "event_end")]
        carried = [pair for pair in pairs if set(pair) <= lens.fields]
        if not carried:
            pytest.skip("the lens carries no times")
        for first, last in carried:
            ordinary = next(iter(samples_for(lens.view).values()))
            try:
                view = attrs.evolve(ordinary, **{first: times.start, last: times.end})
                written = lens.put(view)
            except InputError:
                continue
            lost = differing(view, lens.get(written), lens)
            assert {name: lost[name] for name in (first, last) if name in lost} == {}

    def test_damaged_documents_are_read_or_refused(
        self, lens: Lens[Any], documents: Sequence[Document]
    ) -> None:
        """A damaged document is read, or refused with an InputError; nothing else comes out."""
        for document in damaged(documents, self.damaged_documents):
            try:
                lens.get(document)
            except InputError:
                continue
            except Exception as error:
                error.add_note(f"reading {document.data!r}")
                raise

    @pytest.mark.usefixtures("writing")
    def test_the_laws_hold_on_damaged_documents(
        self, lens: Lens[Any], documents: Sequence[Document]
    ) -> None:
        """What is read of a damaged document is written back unchanged, or refused."""
        for document in damaged(documents, self.damaged_documents):
            try:
                view = lens.get(document)
                again = lens.put(view, document)
                told = [lens.put(other, document) for _, other in retold(lens, view)]
            except InputError:
                continue
            except Exception as error:
                error.add_note(f"writing into {document.data!r}")
                raise
            assert again.to_bytes() == document.to_bytes()
            assert all(isinstance(one, Document) for one in told)

    @pytest.mark.usefixtures("writing")
    def test_the_answer_is_the_same_each_time(
        self, lens: Lens[Any], views: Mapping[str, Any], documents: Sequence[Document]
    ) -> None:
        """One document gives the same view, and one view the same bytes, without chance."""
        for document in documents:
            copy = Document(document.data, document.media_type)
            assert lens.get(document) == lens.get(copy)
            for _, view in retold(lens, lens.get(document)):
                assert put_or_refuse(lens, view, document) == put_or_refuse(lens, view, copy)
        for name, view in views.items():
            assert lens.put(view) == lens.put(view), name

    @pytest.mark.usefixtures("writing")
    def test_the_clock_is_not_read(self, lens: Lens[Any], views: Mapping[str, Any]) -> None:
        """A new document holds today's date only if it is told what day it is."""
        days = {dt.datetime.now(zone).date() for zone in (dt.UTC, None)}
        shapes = {day.strftime(shape).encode() for day in days for shape in ("%Y-%m-%d", "%Y%m%d")}
        for name, view in views.items():
            data = lens.put(view).data
            assert [shape for shape in shapes if shape in data] == [], name
            assert isinstance(lens.put(view, now=NOW), Document)

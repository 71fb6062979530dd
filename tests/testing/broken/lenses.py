# SPDX-License-Identifier: Apache-2.0
"""Lenses that lose, rewrite, guess or crash."""

from __future__ import annotations

import datetime as dt
import json
from typing import ClassVar

import attrs
import pytest

from territoire_sante.errors import UnsupportedError
from territoire_sante.formats import Document, icalendar
from territoire_sante.model import Event
from territoire_sante.testing import LensSuite, PlainLens

TEXTS = frozenset({"test_hostile_text_is_kept_or_refused"})
LAWS = frozenset({"test_the_laws_hold_on_damaged_documents"})


@attrs.frozen(kw_only=True)
class Meeting(Event):
    """An event that the library does not know of."""


class BrokenLens(LensSuite):
    """A sound lens on JSON objects that have a member of somebody else's."""

    damaged_documents = 150
    caught_by: ClassVar[str] = ""
    also: ClassVar[frozenset[str]] = frozenset()

    class Lens(PlainLens):
        """A sound one."""

    @pytest.fixture
    def lens(self):
        """Give the broken lens."""
        return self.Lens(Event, fields=icalendar.EVENT.fields)

    @pytest.fixture
    def documents(self, views):
        """Give objects with a member that the lens does not know."""
        sound = PlainLens(Event, fields=icalendar.EVENT.fields)
        made = [{**json.loads(sound.put(view).data), "x": {"y": [1]}} for view in views.values()]
        return [Document(json.dumps(one).encode(), sound.media_type) for one in made]


class TestLensLosesAField(BrokenLens):
    """Reads one of its fields as empty."""

    caught_by = "test_each_field_is_carried"
    also = frozenset(
        {
            "test_a_change_comes_back",
            "test_foreign_bytes_are_kept",
            "test_hostile_text_is_kept_or_refused",
            "test_views_come_back",
        }
    )

    class Lens(PlainLens):
        """The broken one."""

        def get(self, document):
            """Read no description."""
            return attrs.evolve(super().get(document), description="")


class TestLensDeclaresTooMuch(BrokenLens):
    """Declares a field that its format cannot say."""

    caught_by = "test_each_field_is_carried"
    also = frozenset({"test_views_come_back"})

    @pytest.fixture
    def lens(self):
        """Give a lens that never writes a place."""

        class Mute(PlainLens):
            def put(self, view, document=None, *, now=None):
                if document is None:
                    view = attrs.evolve(view, geo=None)
                return super().put(view, document, now=now)

        return Mute(Event, fields=icalendar.EVENT.fields)


class TestLensDropsForeignMembers(BrokenLens):
    """Throws away what it does not know."""

    caught_by = "test_foreign_bytes_are_kept"

    class Lens(PlainLens):
        """The broken one."""

        def put(self, view, document=None, *, now=None):
            """Make a new document whenever something changes."""
            if document is not None and super().put(view, document) == document:
                return document
            return super().put(view, None, now=now)


class TestLensReformats(BrokenLens):
    """Writes documents of others in its own style although nothing changed."""

    caught_by = "test_putting_back_changes_no_byte"
    also = LAWS

    class Lens(PlainLens):
        """The broken one."""

        def put(self, view, document=None, *, now=None):
            """Sort the members."""
            made = super().put(view, document, now=now)
            text = json.dumps(json.loads(made.data), sort_keys=True)
            return Document(text.encode(), made.media_type)


class TestLensTouchesOtherFields(BrokenLens):
    """Reads a field that it does not declare."""

    caught_by = "test_other_fields_are_left_alone"

    class Lens(PlainLens):
        """The broken one."""

        def get(self, document):
            """Make an agenda up."""
            return attrs.evolve(super().get(document), agenda="Tour de table")


class TestLensCutsText(BrokenLens):
    """Cuts long texts."""

    caught_by = "test_hostile_text_is_kept_or_refused"

    class Lens(PlainLens):
        """The broken one."""

        def put(self, view, document=None, *, now=None):
            """Cut the summary."""
            return super().put(attrs.evolve(view, summary=view.summary[:300]), document, now=now)


class TestLensMovesTimes(BrokenLens):
    """Turns times of a zone into UTC."""

    caught_by = "test_times_are_kept_or_refused"
    also = frozenset({"test_views_come_back"})

    class Lens(PlainLens):
        """The broken one."""

        def put(self, view, document=None, *, now=None):
            """Keep the moment only."""
            start = view.start
            if document is None and isinstance(start, dt.datetime) and start.tzinfo:
                view = attrs.evolve(view, start=start.astimezone(dt.UTC))
            return super().put(view, document, now=now)


class TestLensCrashes(BrokenLens):
    """Crashes on damaged documents."""

    caught_by = "test_damaged_documents_are_read_or_refused"
    also = LAWS

    class Lens(PlainLens):
        """The broken one."""

        def get(self, document):
            """Believe that it is JSON."""
            json.loads(document.data)
            return super().get(document)


class TestLensReadsTheClock(BrokenLens):
    """Writes today's date without being told."""

    caught_by = "test_the_clock_is_not_read"

    class Lens(PlainLens):
        """The broken one."""

        def put(self, view, document=None, *, now=None):
            """Stamp each new document."""
            made = super().put(view, document, now=now)
            if document is not None:
                return made
            held = {**json.loads(made.data), "stamp": dt.datetime.now(dt.UTC).date().isoformat()}
            return Document(json.dumps(held).encode(), made.media_type)


class TestLensPlaysDice(BrokenLens):
    """Says the same view in other bytes each time."""

    caught_by = "test_the_answer_is_the_same_each_time"

    class Lens(PlainLens):
        """The broken one."""

        count: ClassVar[list[int]] = []

        def put(self, view, document=None, *, now=None):
            """Number each new document."""
            made = super().put(view, document, now=now)
            if document is not None:
                return made
            self.count.append(1)
            held = {**json.loads(made.data), "number": len(self.count)}
            return Document(json.dumps(held).encode(), made.media_type)


class TestLensGrows(BrokenLens):
    """Adds something at each write of the same change."""

    caught_by = "test_putting_twice_is_putting_once"
    also = LAWS | {"test_putting_back_changes_no_byte"}

    class Lens(PlainLens):
        """The broken one."""

        def put(self, view, document=None, *, now=None):
            """Add a space."""
            made = super().put(view, document, now=now)
            if document is None:
                return made
            return Document(made.data + b" ", made.media_type)


class TestLensNeverEmpties(BrokenLens):
    """Keeps a field that was emptied."""

    caught_by = "test_a_field_can_be_emptied"

    class Lens(PlainLens):
        """The broken one."""

        def put(self, view, document=None, *, now=None):
            """Take an empty place for an unknown one."""
            if document is not None and not view.location:
                view = attrs.evolve(view, location=self.get(document).location)
            return super().put(view, document, now=now)


class TestLensGivesItsOwnClass(BrokenLens):
    """Reads documents as a class of its own."""

    caught_by = "test_documents_are_read"

    class Lens(PlainLens):
        """The broken one."""

        def get(self, document):
            """Give an event of another kind."""
            return Meeting(**attrs.asdict(super().get(document), recurse=False))


class TestLensOnlyReads(BrokenLens):
    """Refuses to write without the suite being told."""

    caught_by = "test_what_only_reads_refuses_to_write"
    also = frozenset(
        {
            "test_each_field_is_carried",
            "test_other_fields_are_left_alone",
            "test_putting_back_changes_no_byte",
            "test_the_answer_is_the_same_each_time",
            "test_the_clock_is_not_read",
            "test_views_come_back",
        }
    )

    class Lens(PlainLens):
        """The broken one."""

        def put(self, view, document=None, *, now=None):  # noqa: ARG002 - the protocol's
            """Refuse."""
            raise UnsupportedError("this cannot be written")


class TestLensSuiteDropsATest(BrokenLens):
    """Drops a standard test of lenses."""

    caught_by = "test_no_standard_test_is_lost"
    test_views_come_back = None


class TestLensIsNoLens(BrokenLens):
    """Names no media type."""

    caught_by = "test_the_lens_is_described"

    @pytest.fixture
    def lens(self):
        """Give a lens without a media type."""
        return PlainLens(Event, fields=icalendar.EVENT.fields, media_type="json")

    @pytest.fixture
    def documents(self, lens, views):
        """Give documents of its own."""
        made = [{**json.loads(lens.put(view).data), "x": 1} for view in views.values()]
        return [Document(json.dumps(one).encode(), lens.media_type) for one in made]

# SPDX-License-Identifier: Apache-2.0
"""The lens keeps the laws, and reads lines as people write them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from territoire_sante_town_agenda import EntryLens

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document
from territoire_sante.model import Event
from territoire_sante.testing import LensSuite, samples_for

PARIS = ZoneInfo("Europe/Paris")
LENS = EntryLens(PARIS)


def entry(line, uid="a@example.org"):
    """Return the document of a line."""
    return Document(f"# uid: {uid}\n{line}".encode(), LENS.media_type)


def line_of(document):
    """Return the line of a document."""
    return document.data.decode().partition("\n")[2]


def at(day, hour, minute=0):
    """Return a time of June 2027 in Paris."""
    return dt.datetime(2027, 6, day, hour, minute, tzinfo=PARIS)


class TestEntryLens(LensSuite):
    @pytest.fixture
    def lens(self):
        """Give the lens."""
        return LENS

    @pytest.fixture
    def views(self):
        """Give what a line can say."""
        ordinary = samples_for(Event)
        return {name: ordinary[name] for name in ("days", "clock change", "zoned")}

    @pytest.fixture
    def documents(self):
        """Give lines as people write them."""
        return [
            entry("05/06/2027 14h-17h30 | Salle polyvalente | Journée de prévention"),
            entry("Samedi 12/06/2027 20h30 | Foyer | Loto des aînés | complet !"),
            entry("   du 14/06/2027 au 18/06/2027   |   Maison de santé   |   Semaine"),
            entry("13/07/2027|Bal"),
        ]


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("05/06/2027", dt.date(2027, 6, 5), None),
        ("5/6/2027", dt.date(2027, 6, 5), None),
        ("Samedi 05/06/2027", dt.date(2027, 6, 5), None),
        ("05/06/2027 toute la journée", dt.date(2027, 6, 5), dt.date(2027, 6, 6)),
        ("05/06/2027 - 07/06/2027", dt.date(2027, 6, 5), dt.date(2027, 6, 8)),
        ("du sam. 05/06/2027 au lundi 07/06/2027", dt.date(2027, 6, 5), dt.date(2027, 6, 8)),
        ("05/06/2027 14h", at(5, 14), None),
        ("05/06/2027 à 14 h 30", at(5, 14, 30), None),
        ("05/06/2027, 14:30–17:00", at(5, 14, 30), at(5, 17)),
        ("le 05/06/2027 de 14h à 17h30", at(5, 14), at(5, 17, 30)),
        ("05/06/2027 22h-2h", at(5, 22), at(6, 2)),
        ("05/06/2027 22h - 07/06/2027 23h", at(5, 22), at(7, 23)),
    ],
)
def test_times_are_read_as_people_write_them(words, start, end):
    """Days, hours and spans are read in the usual spellings, hours in the agenda's zone."""
    event = LENS.get(entry(f"{words} | Loto"))
    assert (event.start, event.end) == (start, end)


@pytest.mark.parametrize(
    "line",
    [
        "31/02/2027 | Loto",
        "05/06/27 | Loto",
        "05/06/2027 25h | Loto",
        "07/06/2027 - 05/06/2027 | Loto",
        "05/06/2027 14h - 07/06/2027 | Loto",
        "05/06/2027 vers midi | Loto",
        "05/06/2027 | ",
        "05/06/2027 | Foyer | ",
        "05/06/2027 Loto",
        "05/06/2027 | Loto\n06/06/2027 | Bal",
        "05/06/2027 | Lo\u2028to",
    ],
)
def test_what_is_no_entry_is_refused(line):
    """A line that says no possible time, or no title, is refused and never guessed."""
    with pytest.raises(FormatError):
        LENS.get(entry(line))


@pytest.mark.parametrize(
    ("line", "change", "after"),
    [
        ("05/06/2027 14h|Loto", {"summary": "Bal"}, "05/06/2027 14h|Bal"),
        ("05/06/2027 14h|Loto", {"location": "Foyer"}, "05/06/2027 14h | Foyer |Loto"),
        ("05/06/2027  |  Foyer | Loto", {"location": ""}, "05/06/2027  | | Loto"),
        ("05/06/2027 || Loto | plein", {"location": "Halle"}, "05/06/2027 | Halle | Loto | plein"),
        (
            "Samedi 05/06/2027 14 h | Foyer | Loto | complet",
            {"start": at(6, 15)},
            "06/06/2027 15h | Foyer | Loto | complet",
        ),
    ],
)  # fmt: skip
def test_only_the_cell_that_changed_is_written(line, change, after):
    """The other cells of the line keep their words and blanks; a wrong weekday does not stay."""
    document = entry(line)
    assert line_of(LENS.put(attrs.evolve(LENS.get(document), **change), document)) == after


@pytest.mark.parametrize(
    "change",
    [
        {"rrule": "FREQ=WEEKLY"},
        {"summary": ""},
        {"summary": "a|b"},
        {"location": "Foyer "},
        {"start": None, "end": None},
        {"start": at(5, 14).astimezone(dt.UTC), "end": None},
        {"start": at(5, 14).replace(tzinfo=None), "end": None},
        {"start": at(5, 14).replace(second=1), "end": None},
        {"start": at(5, 14), "end": at(5, 13)},
        {"start": dt.date(2027, 6, 5), "end": dt.date(2027, 6, 5)},
        {"start": dt.date(1, 1, 1), "end": dt.date(1, 1, 1)},
        {"start": dt.datetime(2027, 10, 31, 2, 30, tzinfo=PARIS, fold=1), "end": None},
    ],
)
def test_what_a_line_cannot_say_is_refused(change):
    """Recurrence, other zones, seconds, the second of two equal hours: refused in so many words."""
    event = Event(id="event:a", uid="a", summary="Loto", start=at(5, 14), end=at(5, 16))
    with pytest.raises(FormatError):
        LENS.put(attrs.evolve(event, **change))


days = st.dates(dt.date(1000, 1, 1), dt.date(9000, 1, 1))
clocks = st.builds(dt.time, st.integers(0, 23), st.integers(0, 59))
moments = st.builds(dt.datetime.combine, days, clocks, st.just(PARIS))
spans = st.one_of(
    st.tuples(moments, st.none()),
    st.tuples(moments, st.integers(0, 9999)).map(
        lambda one: (one[0], one[0] + dt.timedelta(minutes=one[1]))
    ),
    st.tuples(days, st.none()),
    st.tuples(days, st.integers(1, 400)).map(
        lambda one: (one[0], one[0] + dt.timedelta(days=one[1]))
    ),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spans)
def test_each_span_that_is_written_is_read_as_it_is(span):
    """Whatever is written of a time reads as that very time."""
    event = Event(id="event:a", uid="a", summary="Loto", start=span[0], end=span[1])
    back = LENS.get(LENS.put(event))
    assert list(map(str, (back.start, back.end))) == list(map(str, span))

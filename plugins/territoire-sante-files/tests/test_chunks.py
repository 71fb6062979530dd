# SPDX-License-Identifier: Apache-2.0
"""Changing one item of a file without reading the others gives what reading all of it would."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante.errors import ConnectorError
from territoire_sante.formats import Document
from territoire_sante_files._chunks import cut, put
from territoire_sante_files._file import File
from territoire_sante_files._flavour import CALENDAR, CARDS

ZONE = (
    "BEGIN:VTIMEZONE\nTZID:Europe/Paris\nBEGIN:STANDARD\nDTSTART:19701025T030000\n"
    "TZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n"
)


def event(uid, text, *, zoned=False, extra=""):
    """Return the lines of an event."""
    start = "DTSTART;TZID=Europe/Paris:20260504T090000" if zoned else "DTSTART:20260504T090000Z"
    known = f"UID:{uid}\n" if uid else ""
    return f"BEGIN:VEVENT\n{known}{start}\nSUMMARY:{text}\n{extra}END:VEVENT\n"


def override(uid, text):
    """Return the lines of a changed instance."""
    return event(uid, text, extra="RECURRENCE-ID:20260511T090000Z\n")


def calendar(*parts, zone=""):
    """Return a calendar."""
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nX-OURS:1\n{zone}{''.join(parts)}END:VCALENDAR\n"


def card(uid, text):
    """Return the lines of a card."""
    known = f"UID:{uid}\n" if uid else ""
    return f"BEGIN:VCARD\nVERSION:3.0\n{known}FN:{text}\nEND:VCARD\n"


names = st.sampled_from(["a", "b", "c", ""])
texts = st.sampled_from(["Un", "Deux", "Été"])
events = st.builds(event, names, texts, zoned=st.booleans())
foreign = st.just("BEGIN:VTODO\nUID:t\nSUMMARY:À faire\nEND:VTODO\n")
calendars = st.builds(
    lambda parts, zone, again: calendar(*parts, zone=ZONE * zone) + calendar() * again,
    st.lists(events | foreign | st.builds(override, names, texts), max_size=5),
    st.booleans(),
    st.booleans(),
)
books = (
    st.lists(st.builds(card, names, texts), max_size=5).map("".join).map(lambda text: text or "\n")
)
ends = st.sampled_from(["\n", "\r\n", "\r\n "])
charsets = st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"])


@st.composite
def stories(draw):
    """Draw a flavour, the bytes of a file, and what is done to it."""
    flavour, files, one = draw(
        st.sampled_from(
            [(CALENDAR, calendars, events), (CARDS, books, st.builds(card, names, texts))]
        )
    )
    text = draw(files)
    eol = draw(ends)
    data = (text[:-1] if eol.endswith(" ") else text).replace("\n", eol.rstrip(" "))
    wrap = (lambda body: calendar(body, zone=ZONE)) if flavour is CALENDAR else (lambda body: body)
    steps = st.tuples(
        st.sampled_from(["create", "replace", "delete"]),
        st.integers(0, 9),
        one.map(lambda body: wrap(body).replace("\n", "\r\n").encode()),
    )
    return flavour, data.encode(draw(charsets)), draw(st.lists(steps, min_size=1, max_size=6))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(stories())
def test_every_change_is_what_reading_all_would_give(tmp_path, story):
    """After each step, items and versions are those that a new reader finds; none is lost."""
    flavour, data, steps = story
    path = tmp_path / f"file{flavour.suffix}"
    path.write_bytes(data)
    file = File(path, flavour)
    for verb, number, body in steps:
        try:
            before = {ref.href: ref for ref in file.list()}
        except ConnectorError:
            return  # not a file that may be changed
        refs = sorted(before.values(), key=lambda ref: ref.href)
        ref = refs[number % len(refs)] if refs else None
        document = Document(body, flavour.media_type)
        touched = set()
        try:
            if verb == "create" or ref is None:
                touched = {file.create("x", document).href}
            elif verb == "replace":
                touched = {ref.href, file.replace(ref, document).href}
            else:
                file.delete(ref)
                touched = {ref.href}
        except ConnectorError:
            assert {one.href: one for one in File(path, flavour).list()} == before
        after = {one.href: one for one in file.list()}

        assert after == {one.href: one for one in File(path, flavour).list()}
        # What has no UID goes by a hash of its lines, and by its place among twins.
        kept = {href for href in before.keys() - touched if len(href) < 5}
        assert kept <= after.keys()
        assert path.read_bytes().count(b"VTODO") == data.count(b"VTODO")


def test_a_file_is_cut_where_its_items_are():
    """The chunks of a file are its bytes; items are found by UID, the rest is around them."""
    data = calendar(event("a", "Un"), event("", "Deux"), override("a", "Trois"), zone=ZONE).encode()
    found = cut(data, CALENDAR)

    assert found.data == data
    assert [chunk.key for chunk in found.chunks] == ["", "a", "", "a", ""]
    assert b"Deux" in found.around


@pytest.mark.parametrize(
    "data",
    [
        calendar(event("a", "Un")) + calendar(event("b", "Deux")),
        calendar(event("a", "Un"))[:-1],
        "\ufeff" + calendar(event("a", "Un")),
    ],
    ids=["two calendars", "no last line end", "byte order mark"],
)
def test_an_odd_file_is_changed_as_a_whole(data):
    """A file whose lines mean something only together is not cut."""
    assert cut(data.encode(), CALENDAR) is None


def test_a_new_time_zone_is_put_in_by_the_whole_file():
    """What changes more than the item is left to the function that sees the whole file."""
    data = calendar(event("a", "Un")).encode()
    document = Document(
        calendar(event("b", "Deux", zoned=True), zone=ZONE).encode(), "text/calendar"
    )

    assert put(cut(data, CALENDAR), "b", document, CALENDAR) is None


def test_writing_many_reads_the_others_once(tmp_path):
    """However many writes follow, the items of a large file are read once."""
    seen = []

    def split(data):
        seen.append(len(data))
        return CALENDAR.split(data)

    path = tmp_path / "agenda.ics"
    path.write_bytes(calendar(*(event(f"o{n}", "Autre") for n in range(500))).encode())
    size = path.stat().st_size
    file = File(path, attrs.evolve(CALENDAR, split=split))
    for n in range(20):
        body = calendar(event(f"n{n}", "Un")).encode()
        ref = file.create("x", Document(body, "text/calendar"))
        file.replace(ref, Document(body.replace(b"Un", b"Deux"), "text/calendar"))

    assert [length for length in seen if length >= size] == [size]
    assert len(list(File(path, CALENDAR).list())) == 520

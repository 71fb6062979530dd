# SPDX-License-Identifier: Apache-2.0
"""Streams: the components of whole files, in flat memory, whatever the chunks."""

import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import FormatError, LimitExceededError, UnsupportedError
from territoire_sante.formats import icalendar, vcard
from territoire_sante.formats.contentline import Limits, iter_components, parse

CARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anne\r\nEND:VCARD\r\n"
CALENDAR = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
BEGIN:VTIMEZONE\r
TZID:Custom\r
BEGIN:STANDARD\r
DTSTART:19700101T000000\r
TZOFFSETFROM:+0130\r
TZOFFSETTO:+0130\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
UID:a\r
DTSTART;TZID=Custom:20260329T180000\r
END:VEVENT\r
X-BETWEEN:1\r
BEGIN:VEVENT\r
UID:b\r
DTSTART:20260330\r
END:VEVENT\r
END:VCALENDAR\r
"""

fragments = st.sampled_from([
    b"BEGIN:VCARD", b"END:VCARD", b"BEGIN:VCALENDAR", b"END:VCALENDAR", b"BEGIN:VEVENT",
    b"END:VEVENT", b"begin:x", b"end:x", b"BEG\r\n IN:VEVENT\r\n", b"SUMMARY:a", b"\r\n", b"\r\n",
    b"\r\n", b"\n", b"\r", b" ", b"\t", b"=", b"\x00", b"\xe9", CARD, CALENDAR, b"\xef\xbb\xbf",
    b"NOTE;ENCODING=QUOTED-PRINTABLE:a=\r\n",
])  # fmt: skip
files = st.lists(fragments, max_size=25).map(b"".join)


def _chunks(data, sizes):
    at = 0
    while at < len(data):
        size = sizes[at % len(sizes)]
        yield data[at : at + size]
        at += size


def _pieces_of(data, *, inner):
    """Return name and bytes of the components that parse finds."""
    found = []
    for outer in parse(data).components:
        cut = inner and outer.name == "VCALENDAR"
        found += [(c.name, c.raw) for c in (outer.components if cut else [outer])]
    return found


@settings(max_examples=300, deadline=None)
@given(files, st.lists(st.integers(1, 40), min_size=1, max_size=5), st.booleans())
def test_pieces_are_the_components_of_the_whole(data, sizes, inner):
    """However a file is cut into chunks, its pieces are parse's components, and give its bytes."""
    try:
        expected = _pieces_of(data, inner=inner)
    except FormatError:
        with pytest.raises(FormatError):
            list(iter_components(_chunks(data, sizes), inner=inner))
        return

    pieces = list(iter_components(_chunks(data, sizes), inner=inner))

    assert b"".join(piece.raw for piece in pieces) == data
    assert [(piece.name, piece.raw) for piece in pieces if piece.name] == expected


@settings(max_examples=150, deadline=None)
@given(files, st.integers(1, 40))
def test_problems_are_those_of_the_whole(data, size):
    """The problems of the pieces are those of the whole file, by the same lines."""
    try:
        whole = parse(data).problems
    except FormatError:
        return

    pieces = iter_components(_chunks(data, [size]))

    assert tuple(problem for piece in pieces for problem in piece.problems) == whole


def test_corpus_is_streamed(ics_files, vcf_files):
    """Every real file gives the same components as a stream as it does whole."""
    for path in ics_files + vcf_files:
        data = path.read_bytes()
        for inner in (False, True):
            try:
                with path.open("rb") as file:
                    pieces = list(iter_components(file, inner=inner))
            except UnsupportedError:
                assert data.startswith((b"\xff\xfe", b"\xfe\xff")), path.name
                continue
            except LimitExceededError:
                with pytest.raises(LimitExceededError):
                    parse(data)
                continue
            assert b"".join(piece.raw for piece in pieces) == data, path.name
            named = [(piece.name, piece.raw) for piece in pieces if piece.name]
            assert named == _pieces_of(data, inner=inner), path.name


def test_events_of_a_calendar():
    """An event of a stream is read with the time zone that its calendar defines."""
    pieces = list(iter_components(io.BytesIO(CALENDAR), inner=True))
    events = [icalendar.EVENT.get(p.document) for p in pieces if p.name == "VEVENT"]

    assert [piece.name for piece in pieces] == ["", "VTIMEZONE", "VEVENT", "", "VEVENT", ""]
    assert [piece.line for piece in pieces] == [1, 3, 11, 15, 16, 20]
    assert [event.uid for event in events] == ["a", "b"]
    assert events[0].start.isoformat() == "2026-03-29T18:00:00+01:30"
    assert [problem for piece in pieces for problem in piece.problems] == []


def test_problems_name_lines_of_the_stream():
    """A piece names its problems by the lines of the whole stream, its gaps too."""
    data = CARD + b"FN:stray\r\n" + CARD.replace(b"FN:Anne", b"FN\x07 Anne") + b"BEGIN:VCARD\r\n"
    pieces = list(iter_components([data]))

    assert [str(problem) for piece in pieces for problem in piece.problems] == [
        "line 5: FN stands outside of any component: kept, not read",
        "line 8: a control character: kept in the bytes, left out of what is read",
        "line 8: not a content line (no name and colon): kept as it is, not read",
        "line 10: VCARD is never closed",
    ]


@pytest.mark.parametrize(
    ("limits", "data"),
    [
        (Limits(total=100), b"BEGIN:VCARD\r\n" + b"NOTE:a\r\n" * 50),
        (Limits(total=100), b"BEGIN:VCARD\r\nNOTE:" + b"a" * 200),
        (Limits(lines=10), b"BEGIN:VCARD\r\n" + b"NOTE:a\r\n" * 50),
        (Limits(depth=3), b"BEGIN:X\r\n" * 5),
    ],
)
def test_limits_of_a_piece(limits, data):
    """A component that is larger than allowed ends the stream, before it is all in memory."""
    with pytest.raises(LimitExceededError):
        list(iter_components(_chunks(data, [30]), limits=limits))


def test_limits_are_not_those_of_the_stream():
    """A stream of small cards may be longer than one document."""
    assert len(list(iter_components([CARD] * 50, limits=Limits(total=100, lines=10)))) == 50


def test_begin_behind_a_fold_in_a_last_line():
    """A BEGIN that a fold precedes is seen in a last line without an end too."""
    assert [c.name for c in parse(b"\n BEGIN:VCARD").components] == ["VCARD"]


def test_utf16_is_refused():
    """A stream in UTF-16 is refused by name, however small its chunks."""
    with pytest.raises(UnsupportedError):
        list(iter_components([b"\xff", b"\xfe", b"B\0"]))


def test_memory_is_flat():
    """Ten times as many cards take no more memory."""

    def peak(count):
        tracemalloc.start()
        for piece in iter_components(CARD for _ in range(count)):
            assert vcard.CONTACT.get(piece.document).formatted_name == "Anne"
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(300)
    assert peak(3000) < 1.5 * peak(300)

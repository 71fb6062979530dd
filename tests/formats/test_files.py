# SPDX-License-Identifier: Apache-2.0
"""Files of many events or cards: one changed, every other byte kept."""

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import FormatError, UnsupportedError
from territoire_sante.formats import Document, icalendar, vcard

ZONE = (
    b"BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    b"TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)
HEAD = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nX-WR-CALNAME:MSP\r\n"
TAIL = b"END:VCALENDAR\r\n"
TODO = b"BEGIN:VTODO\r\nUID:t\r\nEND:VTODO\r\n"


def vevent(uid, summary, *more):
    """Return the bytes of an event."""
    lines = [b"BEGIN:VEVENT", *([b"UID:" + uid] if uid else []), b"SUMMARY:" + summary, *more]
    return b"".join(line + b"\r\n" for line in [*lines, b"END:VEVENT"])


def vcard_of(uid, name):
    """Return the bytes of a card."""
    head = b"BEGIN:VCARD\r\nVERSION:3.0\r\n" + (b"UID:" + uid + b"\r\n" if uid else b"")
    return head + b"FN:" + name + b"\r\nEND:VCARD\r\n"


ZONED = vevent(b"z", b"zoned", b"DTSTART;TZID=Europe/Paris:20260329T180000")
SERIES = vevent(b"a", b"one")
OVERRIDE = vevent(b"a", b"two", b"RECURRENCE-ID:20260405T160000Z")
FILE = HEAD + ZONE + SERIES + TODO + ZONED + OVERRIDE + vevent(b"", b"nameless") + TAIL
CARDS = vcard_of(b"a", b"A") + b"\r\n" + vcard_of(b"b", b"B") + vcard_of(b"", b"C")

FORMATS = pytest.mark.parametrize(
    ("module", "data", "lens", "field"),
    [
        (icalendar, FILE, icalendar.EVENT, "summary"),
        (vcard, CARDS, vcard.CONTACT, "formatted_name"),
    ],
    ids=["ics", "vcf"],
)


def test_events_by_uid():
    """All components of a UID are one document, with the zones it uses and no other."""
    items = icalendar.items(FILE)

    assert [len(key) for key in items] == [1, 1, 40]
    assert items["a"].data == HEAD[:-18] + SERIES + OVERRIDE + TAIL
    assert items["z"].data == HEAD[:-18] + ZONE + ZONED + TAIL
    assert icalendar.split(FILE) == list(items.values())


def test_twins_without_uid():
    """Two identical events without UID are two items with two keys."""
    twin = vevent(b"", b"x", b"DTSTAMP:20260101T000000Z")
    other = vevent(b"", b"x", b"DTSTAMP:20260202T000000Z")
    keys = list(icalendar.items(HEAD + twin + other + TAIL))

    assert keys[1] == keys[0] + "-2"
    assert icalendar.merge_into(HEAD + twin + other + TAIL, keys[1], None) == HEAD + twin + TAIL


@FORMATS
def test_unchanged(module, data, lens, field):
    """Putting back what was cut out changes no byte, and the key is found again."""
    for key, document in module.items(data).items():
        assert module.merge_into(data, key, document) == data
        assert module.key(document) == key
        assert getattr(lens.get(document), field)


@FORMATS
@settings(max_examples=30, deadline=None)
@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=90))
def test_one_changes(module, data, lens, field, text):
    """A changed item changes its own line in the file, and is read back from it."""
    for key, document in module.items(data).items():
        old = lens.get(document)
        new = lens.put(attrs.evolve(old, **{field: text}), document)
        merged = module.merge_into(data, key, new)

        assert text in [getattr(lens.get(d), field) for d in module.split(merged)]
        line = getattr(old, field).encode()
        before, after = data.split(b":" + line + b"\r\n")
        assert merged.startswith(before)
        assert merged.endswith(after)


@FORMATS
def test_removed_and_added(module, data, lens, field):
    """A removed item takes its bytes alone; added again it is read as before."""
    for key, document in module.items(data).items():
        without = module.merge_into(data, key, None)
        again = module.merge_into(without, key, document)

        assert key not in module.items(without)
        assert len(module.items(without)) == len(module.items(data)) - 1
        assert lens.get(module.items(again)[key]) == lens.get(document)
        assert module.merge_into(without, key, None) == without


def test_zones_come_and_stay():
    """A zone comes with the event that uses it, and stays when that event goes."""
    plain = HEAD + SERIES + TAIL
    document = icalendar.items(FILE)["z"]
    merged = icalendar.merge_into(plain, "z", document)

    assert merged == HEAD + ZONE + SERIES + ZONED + TAIL
    assert icalendar.merge_into(merged, "z", None) == HEAD + ZONE + SERIES + TAIL


@FORMATS
def test_first_item_of_an_empty_file(module, data, lens, field):
    """The first item of an empty file makes the file."""
    document = module.split(data)[0]

    assert module.merge_into(b"", module.key(document), document) == document.data


def test_line_ends_of_the_file():
    """A document with other line ends takes those of the file."""
    data = FILE.replace(b"\r\n", b"\n")
    document = Document(HEAD + vevent(b"new", b"x" * 100) + TAIL, "text/calendar")

    assert b"\r" not in icalendar.merge_into(data, "new", document)


def test_charset_of_the_file():
    """An item added to a Windows-1252 file is written in it."""
    data = vcard_of(b"a", "é".encode("cp1252"))
    document = Document(vcard_of(b"b", "à".encode()), "text/vcard")

    assert vcard.merge_into(data, "b", document) == data + vcard_of(b"b", b"\xe0")


def test_utf16_file():
    """A UTF-16 file stays UTF-16, its documents are UTF-8."""
    data = ("\ufeff" + CARDS.decode()).encode("utf-16-le")
    document = vcard.items(data)["b"]

    assert document.data == vcard_of(b"b", b"B")
    new = vcard.merge_into(data, "b", Document(vcard_of(b"b", "é".encode()), "text/vcard"))
    assert new == data.replace("FN:B".encode("utf-16-le"), "FN:é".encode("utf-16-le"))


def test_last_line_without_end():
    """A card added behind a last line without end begins on a line of its own."""
    data = vcard_of(b"a", b"A")[:-2]
    merged = vcard.merge_into(data, "b", Document(vcard_of(b"b", b"B"), "text/vcard"))

    assert merged == data + b"\r\n" + vcard_of(b"b", b"B")


def test_put_back_into_a_last_line_without_end():
    """An event whose END has no line end, put back, stays as it was."""
    data = HEAD + SERIES[:-2]

    assert icalendar.merge_into(data, "a", icalendar.items(data)["a"]) == data


def test_torn_file_whose_last_line_belongs_to_the_calendar():
    """A line of the calendar at the torn end does not run into the event that it is put before."""
    data = HEAD + SERIES + b"CALSCALE:GREGORIAN"
    (document,) = icalendar.split(data)

    assert b"CALSCALE:GREGORIAN\r\nBEGIN:VEVENT\r\n" in document.data
    assert icalendar.merge_into(data, "a", document) == data


def test_event_outside_of_its_calendar():
    """An event of a UID that also stands outside of the calendar is put back as it was."""
    data = HEAD + SERIES + TAIL + b"BEGIN:VEVENT\r\nUID:a\r\n" + TAIL + b"END:VEVENT\r\n"

    assert icalendar.merge_into(data, "a", icalendar.items(data)["a"]) == data


def test_a_zone_within_an_event_is_no_zone_of_the_calendar():
    """An event outside of any calendar, with a zone in it, goes back to where it was, alone."""
    torn = b"BEGIN:VEVENT\r\nUID:a\r\n" + ZONE
    data = HEAD + vevent(b"a", b"Point") + TAIL + torn
    (document,) = icalendar.items(data).values()

    assert icalendar.merge_into(data, "a", document) == data


def test_truncated_file():
    """In a file that is cut off, what is whole can be changed; the torn end is refused."""
    data = HEAD + SERIES + b"BEGIN:VEVENT\r\nUID:b\r\nSUMMARY:to"
    items = icalendar.items(data)

    assert icalendar.EVENT.get(items["b"]).summary == "to"
    assert b"SUMMARY:new" in icalendar.merge_into(
        data, "a", Document(HEAD + vevent(b"a", b"new") + TAIL, "text/calendar")
    )
    with pytest.raises(UnsupportedError, match="never closed"):
        icalendar.merge_into(data, "c", items["a"])
    with pytest.raises(UnsupportedError, match="never closed"):
        icalendar.merge_into(data, "b", items["a"])


def test_no_calendar():
    """An event cannot be put into a file that is no calendar."""
    with pytest.raises(FormatError, match="no VCALENDAR"):
        icalendar.merge_into(b"hello\n", "a", icalendar.split(FILE)[0])


def test_cards_of_one_uid():
    """Cards that share a UID come as one document, which the lens refuses by name."""
    data = vcard_of(b"a", b"A") + vcard_of(b"a", b"B")
    (document,) = vcard.split(data)

    with pytest.raises(FormatError, match="2 cards"):
        vcard.CONTACT.get(document)


def test_corpus(ics_files, vcf_files):
    """In every real file each item put back changes no byte, and one item removed is gone."""
    files = [(icalendar, path) for path in ics_files] + [(vcard, path) for path in vcf_files]
    seen = 0
    for module, path in files:
        data = path.read_bytes()
        try:
            items = module.items(data)
        except FormatError:
            continue
        for key, document in list(items.items())[:3]:
            try:
                merged = module.merge_into(data, key, document)
                without = module.merge_into(data, key, None)
            except UnsupportedError as error:
                assert "never closed" in str(error), path.name  # noqa: PT017 - the only reason
                continue
            seen += 1
            assert merged == data, path.name
            assert len(module.items(without)) == len(items) - 1, path.name

    assert seen > 550

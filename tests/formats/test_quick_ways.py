# SPDX-License-Identifier: Apache-2.0
"""The quick ways of reading and patching give the same as the slow ones."""

import re

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document, vcard
from territoire_sante.formats.contentline import Edit, make_line, parse
from territoire_sante.model import CardAddress, Contact, PersonName, Reach

LOGICAL = re.compile(rb"[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*(?:\r\n|\r|\n|\Z)")

ends = st.sampled_from([b"\r\n", b"\n", b"\r", b"\r\n ", b"\n\t", b"\r ", b""])
pieces = st.sampled_from([b"FN:Anne", b"a", b":", b" ", b"\t", b"\x00", b"\x01", b"END:VCARD"])
inner = st.sampled_from([
    b"FN:Anne", b"TEL;HOME:1", b"item1.BEGIN:X", b"BEGIN:X", b"END:X", b"BEGIN:VCARD",
    b"END:VCARD", b"EN\r\n D:VCARD", b"BE\r\n\tGIN:VCARD", b"EMAIL:a@example.org", b"BDAY:2000",
    b"end:vcard", b"", b"\x07", b"NOTE:a\r\n b",
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(pieces, ends), max_size=12))
def test_lines_are_cut_by_the_grammar(parts):
    """Whatever line ends are mixed, lines are those of RFC 5545, 3.1, folds included."""
    data = b"".join(text + end for text, end in parts)
    assume(b"\r\r\n" not in data and b"\x00" not in data[:2])

    lines = [line.raw for line in parse(data).lines]

    assert lines == [found for found in LOGICAL.findall(data) if found]


@settings(max_examples=300, deadline=None)
@given(st.lists(inner, max_size=8), st.sampled_from([b"\r\n", b""]))
def test_a_card_alone_is_found_as_one_of_many(rows, last):
    """A document that is one card has the components and lines it has behind a blank line."""
    data = b"\r\n".join([b"BEGIN:VCARD", *rows, b"END:VCARD"]) + last
    parse(b"BEGIN:VCARD\r\nEND:VCARD\r\n")
    alone, behind = parse(data), parse(b"\r\n" + data)

    found, wanted = (
        [
            (c.name, c.closed, c.raw, [line.raw for line in c.lines], sorted(c.index))
            for c in content.walk()
        ]
        for content in (alone, behind)
    )
    assert found == wanted
    assert len(alone.problems) == len(behind.problems)
    assert alone.to_bytes() == data


@pytest.mark.parametrize("word", [b"QUOTED-PRINTABLE", b"QP", b'"QP"', b'"quoted-printable"'])
@pytest.mark.parametrize("mixed", [b"", b"\n"])
def test_soft_breaks_with_any_line_end(word, mixed):
    """A soft break of quoted-printable joins two rows, with one kind of line end or several."""
    data = b"NOTE;ENCODING=" + word + b":a=\r\nb\r\n" + mixed

    assert parse(data).lines[0].decoded() == "ab"


def test_declared_utf8_is_read_as_such():
    """CHARSET=UTF-8 changes nothing, not even where it is wrong."""
    right = parse("FN;CHARSET=utf-8:Hélène\r\n".encode())
    wrong = parse("FN;CHARSET=UTF-8:Hélène\r\n".encode("cp1252"))

    assert right.lines[0].unescaped() == wrong.lines[0].unescaped() == "Hélène"
    assert "read as Windows-1252" in wrong.problems[-1].message


def test_the_memory_of_heads_is_bounded():
    """Thousands of different heads are read rightly, whatever was forgotten of them."""
    names = [f"X-{number}" for number in range(3000)]
    content = parse("".join(f"{name}:1\r\n" for name in names).encode())

    assert [line.name for line in content.lines] == names
    with pytest.raises(FormatError):
        parse(b";".join([b"X"] + [b"A=1"] * 300) + b":1\r\n")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(pieces, ends), min_size=1, max_size=12), st.data())
def test_bytes_of_a_patch(parts, data):
    """The bytes of a patch are those of the document that it makes, whatever it touches."""
    raw = b"".join(text + end for text, end in parts)
    assume(b"\r\r\n" not in raw and b"\x00" not in raw[:2])
    content = parse(raw)
    whole = [line for line in content.lines if line.eol]
    assume(whole)
    edit = Edit(content)
    for line in data.draw(st.lists(st.sampled_from(whole), min_size=1, max_size=3, unique=True)):
        new = make_line("X-NEW", "é" * data.draw(st.integers(0, 60)), eol=edit.eol)
        if data.draw(st.booleans()):
            edit.insert(line, [new])
        else:
            edit.replace(line, *data.draw(st.sampled_from([(), (new,), (line, new)])))
    owned = {line.name for line in content.lines}

    try:
        wanted = edit.apply(owned).to_bytes()
    except FormatError as error:
        with pytest.raises(type(error)):
            edit.to_bytes(owned)
    else:
        assert edit.to_bytes(owned) == wanted


def test_records_have_all_their_fields():
    """The records of a card that was read are as their classes make them, with every field."""
    card = (
        b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Petit;Anne\r\nTEL;TYPE=work:1\r\n"
        b"item1.ADR:;;rue;ville\r\nitem1.X-ABLabel:ici\r\nEND:VCARD\r\n"
    )
    contact = vcard.CONTACT.get(Document(card, "text/vcard"))

    records = [contact, contact.name, *contact.telephones, *contact.addresses]
    assert list(map(type, records)) == [Contact, PersonName, Reach, CardAddress]
    for record in records:
        made = type(record)(
            **{name.name: getattr(record, name.name) for name in attrs.fields(type(record))}
        )
        assert (made, hash(made), repr(made)) == (record, hash(record), repr(record))
        assert list(vars(made)) == list(vars(record))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        contact.uid = "other"

# SPDX-License-Identifier: Apache-2.0
"""Cards as objects of vobject and as jCard: exact, or told line by line what is lost."""

import json

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import FormatError, LossyConversionError
from territoire_sante.formats import Document, contentline
from territoire_sante.formats.vcard import (
    CONTACT,
    from_jcard,
    from_vobject,
    split,
    to_jcard,
    to_vobject,
)

COMMON = [
    "NOTE:a,b", "TITLE;LANGUAGE=fr:Infirmière\\, chef", "NICKNAME:A,B\\,C", "ORG:CPTS;Pôle,y",
    "X-URI:http://x/?a,b;c", "item1.EMAIL;TYPE=work:a@example.org", "item1.X-ABLabel:Bureau",
    "TEL;TYPE=home,voice:+33 4 66 00 00 00", "N:Roux,Blanc;Anne;;Dr;",
    "ADR;TYPE=work:;;1 rue;Mende;;48000;",
    "CATEGORIES:a,b\\,c", "URL:https://example.org/?a=1,2;b", "REV:20260101T000000Z", "",
    "GENDER:F;x", "CLIENTPIDMAP:1;urn:uuid:a", "X-CARET;X-P=a^nb^'c^^d:1", "UID:a,b",
    "NOTE:ligne\\nautre\\\\n", "X-TEXT:a\\,b", 'X-Q;X-P="a;b,c":1', "BDAY:--0412", "x-lower:1",
    "X-LONG:" + "é" * 40 + "\r\n " + "é" * 20, "KIND:org", "GEO:44.5;3.25", "LANG:fr",
]  # fmt: skip
V3 = st.sampled_from([
    *COMMON, "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AA=", "TEL;HOME;VOICE:1", "TEL;TYPE=a;TYPE=b:1",
    "EMAIL;X-A=1;ENCODING=other:YWJj",
    "PHOTO:data:image/jpeg;base64,/9j/4AA=", "PHOTO;VALUE=uri:http://x/a.jpg",
    "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:=C9t=E9=0D=0Ab",
])  # fmt: skip
V4 = st.sampled_from([
    *COMMON, 'TEL;VALUE=uri;TYPE="voice,home":tel:+33-1;ext=1', "MEMBER:urn:uuid:b",
    "PHOTO:data:image/jpeg;base64,/9j/4AA=", "RELATED;TYPE=friend:urn:uuid:c",
    "ANNIVERSARY:20090808T1430-0500", "BDAY;VALUE=text:au printemps", "IMPP;PREF=1:xmpp:a@b",
    "TZ;VALUE=utc-offset:-0500", "X-N;VALUE=integer:7", 'ADR;LABEL="1 rue^nMende":;;1 rue;Mende;;;',
    "ORG:Seule", "BDAY:1996-04-15",
])  # fmt: skip


def vcf(*lines, version="3.0"):
    """Return a card with these lines."""
    body = "".join(line + "\r\n" for line in lines if line)
    text = f"BEGIN:VCARD\r\nVERSION:{version}\r\nFN:Anne\r\n{body}END:VCARD\r\n"
    return Document(text.encode(), "text/vcard")


def words(line):
    """Return what one line says: types in any form, escapes and encodings undone."""
    types, params = set(), []
    for key, values in line.params:
        if key == "TYPE" or not values:
            types |= {word.lower() for value in values or [key] for word in value.split(",")}
        elif key != "CHARSET" and (key != "ENCODING" or not line.encoding):
            params.append((key, values))
    value = contentline.unescape(line.decoded()).rstrip(";")
    return line.group.lower(), line.name, sorted(types), sorted(params), value


def shape(data):
    """Return what a card says, order of different properties apart."""
    return sorted(repr(words(line)) for line in contentline.parse(data).lines)


@given(st.lists(V3, max_size=8))
@settings(max_examples=100, deadline=None)
def test_both_ways_say_the_same(lines):
    """A card that converts says the same when vobject writes it, and when we do."""
    document = vcf(*lines)
    card = to_vobject(document)
    assert shape(card.serialize(validate=False).encode()) == shape(document.data)
    again = from_vobject(card)
    assert shape(again.data) == shape(document.data)
    assert CONTACT.get(again) == CONTACT.get(document)


@given(st.lists(V4, max_size=8))
@settings(max_examples=100, deadline=None)
def test_jcard_says_the_same(lines):
    """A card of 4.0 comes back from the text of its jCard saying the same."""
    document = vcf(*lines, version="4.0")
    data = json.loads(json.dumps(to_jcard(document)))
    assert shape(from_jcard(data).data) == shape(document.data)
    assert CONTACT.get(from_jcard(data)) == CONTACT.get(document)
    assert to_jcard(from_jcard(data)) == data


TRAPS = [
    "NOTE:a,b", "TITLE:a,b", "X-URI:http://x/?a,b;c", "NICKNAME:A,B\\,C",
    "PHOTO:data:image/jpeg;base64,/9j/4AA=", "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AA=",
    "PHOTO;VALUE=uri:http://x/a,b", "TEL;HOME;VOICE:1", "ORG:CPTS;Pôle,y", "GENDER:F;x",
    "CLIENTPIDMAP:1;urn:uuid:a", "TEL;VALUE=uri:tel:+33-1;ext=1", "URL:http://x/?x=1,2",
    "item1.EMAIL:a@example.org", "X-P;X-A=^n^'^^:1", 'ADR;LABEL="a,b":;;1 rue;;;;',
    "NOTE;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:=E9t=E9", "X_LOTUS:1",
]  # fmt: skip


@pytest.mark.parametrize("line", TRAPS)
def test_traps_of_vobject(line):
    """Each loss measured in vobject's own reading and writing is avoided."""
    document = vcf(line)
    assert shape(to_vobject(document).serialize(validate=False).encode()) == shape(document.data)


@pytest.mark.parametrize(
    ("line", "lost"),
    [
        ("X-A/B:a", "line 4: unreadable line: 'X-A/B:a' cannot be read"),
        ("X-A;X-B=1;X-B=2:c", "line 4: X-A: the parameter X-B=1"),
        ("NOTE:a\x07b", "line 4: NOTE: 'a\\x07b' becomes 'ab'"),
    ],
    ids=["unreadable", "duplicate", "control"],
)  # fmt: skip
def test_a_loss_is_named(line, lost):
    """What vobject cannot hold is named by line, and lossy=True converts the rest."""
    with pytest.raises(LossyConversionError) as caught:
        to_vobject(vcf(line))
    assert caught.value.lost == (lost,)
    assert to_vobject(vcf(line), lossy=True).fn.value == "Anne"


def test_values_have_the_types_of_vobject():
    """A host sees names, addresses, lists, texts and bytes as vobject gives them."""
    card = to_vobject(
        vcf(
            "N:Roux;Anne;;Dr;",
            "ADR:;;1 rue;Mende;;48000;",
            "ORG:CPTS;Pôle",
            "CATEGORIES:a,b",
            "PHOTO;ENCODING=BASE64:AAEC",
            "NOTE:a\\, b\\nc",
            "item1.TEL;TYPE=work:1",
        )
    )
    assert (card.n.value.family, card.n.value.prefix) == ("Roux", "Dr")
    assert (card.adr.value.street, card.adr.value.code) == ("1 rue", "48000")
    assert (card.org.value, card.categories.value) == (["CPTS", "Pôle"], ["a", "b"])
    assert (card.photo.value, card.note.value) == (b"\0\1\2", "a, b\nc")
    assert (card.tel.type_param, card.tel.group) == ("work", "item1")


def test_ordinary_cards_agree_with_vobject():
    """For a card that vobject reads rightly, our object is the one it makes."""
    document = vcf("N:Roux;Anne;;;", "ORG:CPTS", "EMAIL;TYPE=WORK:a@example.org", "NOTE:a\\, b")
    theirs = vobject.readOne(document.data.decode())
    assert to_vobject(document).contents == theirs.contents
    assert shape(from_vobject(theirs).data) == shape(document.data)


def test_what_a_host_built_can_be_read():
    """A card built with vobject becomes a document that our lens reads."""
    card = vobject.vCard()
    card.add("fn").value = "Anne Roux"
    card.add("n").value = vobject.vcard.Name(family="Roux", given="Anne")
    card.add("org").value = ["CPTS", "Pôle, y"]
    card.add("note").value = "a, b\nc"
    card.add("url").value = "https://example.org/?a=1,2"
    contact = CONTACT.get(from_vobject(card))
    assert (contact.formatted_name, contact.name.family) == ("Anne Roux", "Roux")
    assert (contact.organisation, contact.note) == (("CPTS", "Pôle, y"), "a, b\nc")
    assert contact.urls[0].value == "https://example.org/?a=1,2"


@pytest.mark.parametrize(
    ("name", "params", "value"),
    [
        ("X-A:b\r\nTEL", {}, "c"),
        ("X-A", {"X-B:c\r\nTEL": ["1"]}, "c"),
        ("X-A", {"X-B": ["a\x01"]}, "c"),
        ("X-A", {}, "a\x00b"),
    ],
    ids=["name", "parameter", "parameter-value", "control"],
)
def test_nothing_can_be_smuggled_in(name, params, value):
    """No name, parameter or value of a host's object becomes a second line."""
    card = vobject.vCard()
    line = vobject.base.ContentLine("X-A", [], value)
    line.name, line.params = name, params
    card.contents["x-a"] = [line]
    with pytest.raises(LossyConversionError):
        from_vobject(card)
    content = contentline.parse(from_vobject(card, lossy=True).data)
    assert {line.name for line in content.lines} <= {"BEGIN", "VERSION", "X-A", "END"}
    assert not content.problems


def test_what_is_no_card_is_refused():
    """Neither a calendar nor a component of one is a card."""
    with pytest.raises(FormatError, match="no VCARD"):
        to_vobject(Document(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", ""))
    with pytest.raises(FormatError, match="VCARD was wanted"):
        from_vobject(vobject.iCalendar())


def test_jcard_has_the_forms_of_the_standard():
    """Structured values, groups, dates and lists are as RFC 7095, 3.3 has them."""
    data = to_jcard(
        vcf(
            "N:Roux,Blanc;Anne;;;",
            "ORG:CPTS;Pôle",
            "item1.TEL;VALUE=uri;TYPE=voice,home;PREF=1:tel:+33-1",
            "BDAY:--0412",
            "REV:20260329T160000Z",
            "CATEGORIES:a,b\\,c",
            "TZ;VALUE=utc-offset:-0500",
            "X-A:b\\,c",
            version="4.0",
        )
    )
    assert data[0] == "vcard"
    assert data[1][2:] == [
        ["n", {}, "text", [["Roux", "Blanc"], "Anne", "", "", ""]],
        ["org", {}, "text", ["CPTS", "Pôle"]],
        ["tel", {"type": ["voice", "home"], "pref": "1", "group": "item1"}, "uri", "tel:+33-1"],
        ["bday", {}, "date-and-or-time", "--04-12"],
        ["rev", {}, "timestamp", "2026-03-29T16:00:00Z"],
        ["categories", {}, "text", "a", "b,c"],
        ["tz", {}, "utc-offset", "-05:00"],
        ["x-a", {}, "unknown", "b\\,c"],
    ]


def test_an_older_card_becomes_jcard_through_4_0():
    """A card of 3.0 is said in jCard as the card of 4.0 that it becomes."""
    data = to_jcard(vcf("PHOTO;ENCODING=b;TYPE=PNG:AAEC", "TEL;TYPE=pref:1"))
    assert data[1][0] == ["version", {}, "text", "4.0"]
    assert data[1][2] == ["photo", {}, "uri", "data:image/png;base64,AAEC"]
    assert data[1][3] == ["tel", {"pref": "1"}, "text", "1"]


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (["vcard"], "$"),
        (["vcard", {}], "$"),
        (["vcard", [["n", {}, "text", 5]]], "$[1][0][3]"),
        (["vcard", [["org", {}, "text", ["a", ["b"]]]]], "$[1][0][3]"),
        (["vcard", [["fn", {"group": "a:b"}, "text", "c"]]], "$[1][0]"),
    ],
    ids=str,
)
def test_what_is_no_jcard_is_refused_with_its_path(data, where):
    """A malformed jCard is refused, and the place is named."""
    with pytest.raises(FormatError) as caught:
        from_jcard(data)
    assert caught.value.where == where


def test_what_jcard_does_not_define_is_named():
    """An encoding named in a jCard, which is text already, is not passed on silently."""
    data = ["vcard", [["fn", {"encoding": "QUOTED-PRINTABLE"}, "text", "a="]]]
    with pytest.raises(LossyConversionError) as caught:
        from_jcard(data)
    assert caught.value.lost == ("$[1][0]: FN: not all of it can be written",)
    assert from_jcard(data, lossy=True).data == b"BEGIN:VCARD\r\nFN:a=\r\nEND:VCARD\r\n"


def losses(convert, document):
    """Return what a conversion says it would lose."""
    try:
        convert(document)
    except LossyConversionError as error:
        return error.lost or ("nothing named",)
    return ()


def test_the_corpus_converts_or_tells(vcf_files):
    """Every real card converts exactly, or the loss is named; nothing else is raised."""
    counts = {"exact": 0, "told": 0, "refused": 0}
    for path in vcf_files:
        for document in split(path.read_bytes()):
            for convert, back in ((to_vobject, from_vobject), (to_jcard, from_jcard)):
                try:
                    lost = losses(convert, document)
                except FormatError:
                    counts["refused"] += 1
                    continue
                assert "nothing named" not in lost
                counts["told" if lost else "exact"] += 1
                assert back(convert(document, lossy=True), lossy=True).data
    assert counts["exact"] > 10 * counts["told"]
    assert counts["refused"] <= 1

# SPDX-License-Identifier: Apache-2.0
"""Cards in another version: the same contact, the same bytes of photos, nothing smuggled in."""

import base64

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import FormatError, InvalidValueError, UnsupportedError
from territoire_sante.formats import Document, contentline
from territoire_sante.formats.vcard import CONTACT, CONTACT_4, convert, split
from territoire_sante.model import (
    Address,
    CardAddress,
    Contact,
    ContactKind,
    Geo,
    PersonName,
    Reach,
)

JPEG = b"\xff\xd8\xff\xe0 made up"
LINES = [
    "N:Roux\\,x;Anne,Marie;;Dr;",
    "ORG:CPTS\\;1;Pôle,y", "TITLE;LANGUAGE=fr:a,b\\nc", "NOTE:a\\\\nb",
    "TEL;TYPE=work,pref:+33 1", "TEL;TYPE=CELL;TYPE=msg:2", "TEL;HOME;VOICE:3", "TEL;PREF=7:4",
    "EMAIL;TYPE=INTERNET,work:a@example.org", "item1.EMAIL;TYPE=pref:b@example.org",
    "item1.X-ABLabel:_$!<Bureau>!$_", "URL:https://example.org/?a=1,2;b", "GEO:44.500;3.25",
    "ADR;TYPE=home,postal:;;1\\nrue;Mende;;48000;", "LABEL;TYPE=home,postal:1 rue\\nMende",
    "X-ADDRESSBOOKSERVER-KIND:group", "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:b", "X-ABShowAs:COMPANY",
    "KIND:org", "MEMBER:urn:uuid:c", "RELATED;TYPE=friend:urn:uuid:d", "CATEGORIES:a,b\\,c",
    "NICKNAME:x,y", "UID:a b,c", "UID:urn:uuid:e", "BDAY:1996-04-15", "REV:2026-01-01T00:00:00Z",
    "TZ:+01:00", "TZ:Europe/Paris", "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AA=", "SORT-STRING:Roux",
    "PHOTO;VALUE=uri;TYPE=png:http://x/a", "KEY;TYPE=PGP;ENCODING=B:AAEC", "GENDER:F",
    "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:=E9t=E9=0D=0Ab", 'X-A;X-P="a;b":c;d',
    "X-LONG:" + "é" * 60, "nonsense", "U\x07ID:other",
    "TEL;CELL;TYPE=work:5", "ADR;ENCODING=QUOTED-PRI\x07NTABLE:;;a=", "NOTE:a\\\x07nb",
    "EMAIL;TYPE:c@example.org", "PHOTO;ENCODING=b:???", "CLASS:PUBLIC", "NOTE:a\x07b", "",
]  # fmt: skip
TEXT = st.text('aé,;:\\\n"^=é ', max_size=8)
WORD = st.sampled_from(["work", "home", "cell", "fax", "x-a"])
REACH = st.builds(
    Reach,
    value=st.sampled_from(["a@example.org", "+33 4", "é,b;c"]),
    types=st.lists(WORD, max_size=2, unique=True).map(tuple),
    label=st.sampled_from(["", "Bureau, été"]),
    pref=st.sampled_from([0, 1, 5]),
)
CONTACTS = st.builds(
    Contact,
    uid=st.sampled_from(["", "a", "urn:uuid:b"]),
    kind=st.sampled_from(ContactKind),
    formatted_name=TEXT,
    name=st.builds(PersonName, family=TEXT, given=TEXT),
    organisation=st.sampled_from([(), ("a,b;c", "d")]),
    title=TEXT,
    note=TEXT,
    telephones=st.lists(REACH, max_size=2).map(tuple),
    emails=st.lists(REACH, max_size=2).map(tuple),
    addresses=st.lists(
        st.builds(
            CardAddress,
            address=st.builds(Address, street=TEXT, country=TEXT),
            types=st.tuples(WORD),
        ),
        max_size=2,
    ).map(tuple),
    geo=st.sampled_from([None, Geo(latitude=44.5, longitude=-3.25)]),
    categories=st.sampled_from([(), ("a,b", "c;d")]),
    members=st.sampled_from([(), ("urn:uuid:c",)]),
    related=st.sampled_from([(), ("urn:uuid:d",)]),
)  # fmt: skip


def vcf(*lines, version="3.0", name="FN:Anne\r\n"):
    """Return a card with these lines."""
    body = "".join(line + "\r\n" for line in lines)
    text = f"BEGIN:VCARD\r\nVERSION:{version}\r\n{name}{body}END:VCARD\r\n"
    return Document(text.encode(), "text/vcard")


def body(converted):
    """Return the lines between VERSION and END, unfolded."""
    lines = contentline.parse(converted.document.data).lines
    return [line.text.decode() for line in lines[2:-1]]


def one(line, target, source="3.0"):
    """Return what one line becomes, and what is unsaid of it."""
    converted = convert(vcf("N:;;;;", line, version=source), target)
    return body(converted)[2:], converted.unsaid


@given(st.lists(st.sampled_from(LINES), max_size=8))
@settings(max_examples=100, deadline=None)
def test_a_card_of_3_0_comes_back_the_same_contact(lines):
    """From 3.0 to 4.0 and back the contact is the same, and in between too."""
    document = vcf(*lines)
    newer = convert(document, "4.0").document
    older = convert(newer, "3.0").document
    assert CONTACT.get(newer) == CONTACT.get(older) == CONTACT.get(document)


@given(st.lists(st.sampled_from(LINES), max_size=8), st.sampled_from(["3.0", "4.0"]))
@settings(max_examples=100, deadline=None)
def test_an_old_card_is_the_same_contact(lines, version):
    """From 2.1 or to it the contact is the same."""
    document = vcf(*lines, version="2.1")
    newer = convert(document, version).document
    assert CONTACT.get(newer) == CONTACT.get(document)
    assert CONTACT.get(convert(newer, "2.1").document) == CONTACT.get(document)


@given(CONTACTS, st.sampled_from([CONTACT, CONTACT_4]), st.permutations(["2.1", "3.0", "4.0"]))
@settings(max_examples=100, deadline=None)
def test_any_contact_survives_any_way(contact, lens, versions):
    """A contact written by our lens is the same after any sequence of versions."""
    document = lens.put(contact)
    expected = lens.get(document)
    for version in versions:
        document = convert(document, version).document
        assert lens.get(document) == expected


@given(st.lists(st.sampled_from(LINES), max_size=8), st.permutations(["2.1", "3.0", "4.0"]))
@settings(max_examples=100, deadline=None)
def test_the_result_is_one_clean_card(lines, versions):
    """No control character, second card or charset but UTF-8 comes out."""
    document = vcf(*lines, version=versions[-1])
    for version in versions:
        document = convert(document, version).document
        content = contentline.parse(document.data)
        assert [component.name for component in content.walk()] == ["VCARD"]
        assert content.components[0].first("VERSION").value == version
        assert not any(byte < 32 and byte not in b"\r\n\t" for byte in document.data)
        assert document.data.decode()


@pytest.mark.parametrize(
    ("line", "older", "newer"),
    [
        ("kind", "X-ADDRESSBOOKSERVER-KIND:group", "KIND:group"),
        ("company", "X-ABShowAs:COMPANY", "KIND:org"),
        ("member", "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:a", "MEMBER:urn:uuid:a"),
        ("preferred", "TEL;TYPE=work,pref:1", "TEL;TYPE=work;PREF=1:1"),
        ("position", "GEO:44.500;3.25", "GEO:geo:44.500,3.25"),
        ("zone", "TZ:+01:00", "TZ;VALUE=utc-offset:+0100"),
        ("place", "TZ;VALUE=text:Europe/Paris", "TZ;VALUE=text:Europe/Paris"),
        ("uid", "UID:a b", "UID;VALUE=text:a b"),
        ("urn", "UID:urn:uuid:a", "UID:urn:uuid:a"),
        ("photo", "PHOTO;TYPE=PNG;ENCODING=b:AAEC", "PHOTO:data:image/png;base64,AAEC"),
        ("link", "PHOTO;TYPE=PNG;VALUE=uri:http://x/a", "PHOTO;MEDIATYPE=image/png:http://x/a"),
        ("key", "KEY;TYPE=PGP;ENCODING=b:AAEC", "KEY:data:application/pgp-keys;base64,AAEC"),
        ("sound", "SOUND;TYPE=OGG;ENCODING=b:AAEC", "SOUND:data:audio/ogg;base64,AAEC"),
        ("note", "NOTE;LANGUAGE=fr:a\\,b", "NOTE;LANGUAGE=fr:a\\,b"),
    ],
    ids=str,
)
def test_what_a_line_becomes(line, older, newer):
    """A property that both versions know is said in the way of each, and back."""
    assert one(older, "4.0") == ([newer], ())
    assert one(newer, "3.0", "4.0") == ([older], ())


def test_a_card_of_2_1_loses_its_encodings():
    """Quoted-printable, charsets and bare types become UTF-8 and TYPE; commas are escaped."""
    lines = [
        "TITLE;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:=C9t=E9, b=0D=0Ac",
        "TEL;HOME;PREF:1",
        "PHOTO;JPEG;BASE64:/9j/4AA=",
        "LOGO;VALUE=URL:http://x/a.png",
        "ADR;WORK:;;1 rue, bis;Mende;;;",
    ]
    assert body(convert(vcf("N:;;;;", *lines, version="2.1"), "3.0"))[2:] == [
        "TITLE:Été\\, b\\nc",
        "TEL;TYPE=home,pref:1",
        "PHOTO;TYPE=jpeg;ENCODING=b:/9j/4AA=",
        "LOGO;VALUE=uri:http://x/a.png",
        "ADR;TYPE=work:;;1 rue\\, bis;Mende;;;",
    ]


def test_a_card_becomes_2_1():
    """Types are bare, texts beyond ASCII quoted-printable, and a blank line ends a photo."""
    lines = [
        "TITLE:Été",
        "TEL;TYPE=home,pref:1",
        "PHOTO;TYPE=JPEG;ENCODING=b:/9j/4AA=",
        "NOTE:a\\,b",
    ]
    assert body(convert(vcf("N:;;;;", *lines), "2.1"))[2:] == [
        "TITLE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=C3=89t=C3=A9",
        "TEL;HOME;PREF:1",
        "PHOTO;JPEG;ENCODING=BASE64:/9j/4AA=",
        "",
        "NOTE:a,b",
    ]


@pytest.mark.parametrize("version", ["2.1", "3.0", "4.0"])
def test_the_bytes_of_a_photo_are_identical(version):
    """The bytes of a photo are the same in each version, whichever way they came."""
    data = base64.b64encode(JPEG).decode()
    for source, line in (
        ("2.1", f"PHOTO;JPEG;ENCODING=BASE64:{data}"),
        ("3.0", f"PHOTO;ENCODING=b;TYPE=JPEG:{data}"),
        ("4.0", f"PHOTO:data:image/jpeg;base64,{data}"),
    ):
        text = one(line, version, source)[0][0]
        assert base64.b64decode(text.rpartition("," if version == "4.0" else ":")[2]) == JPEG
    plain = one("PHOTO:data:image/gif,a%00b", "3.0", "4.0")[0]
    assert plain == ["PHOTO;TYPE=GIF;ENCODING=b:YQBi"]


def test_the_label_of_an_address_moves():
    """LABEL is a property before 4.0 and a parameter of its address since."""
    lines = ["ADR;TYPE=home:;;1 rue;Mende;;;", "LABEL;TYPE=home:1 rue\\nMende"]
    newer = convert(vcf("N:;;;;", *lines), "4.0")
    assert body(newer)[2:] == ["ADR;TYPE=home;LABEL=1 rue^nMende:;;1 rue;Mende;;;"]
    assert body(convert(newer.document, "3.0"))[2:] == lines
    assert one("LABEL;TYPE=work:x", "4.0") == (["LABEL;TYPE=work:x"], ("LABEL",))


@pytest.mark.parametrize(
    ("line", "target", "unsaid"),
    [
        ("GENDER:F", "3.0", ("GENDER",)),
        ("ANNIVERSARY:20090808", "3.0", ("ANNIVERSARY",)),
        ("RELATED:urn:uuid:a", "3.0", ("RELATED",)),
        ("LANG;PREF=2:fr", "3.0", ("LANG", "LANG;PREF")),
        ("TEL;TYPE=textphone;ALTID=1:1", "3.0", ("TEL;TYPE=textphone", "TEL;ALTID")),
        ("BDAY:--0412", "3.0", ("BDAY: part of a date",)),
        ("TEL;VALUE=uri:sip:a@example.org", "3.0", ("TEL;VALUE=uri",)),
        ("CATEGORIES:a,b", "2.1", ("CATEGORIES",)),
        ("X-A;X-B=1:c", "2.1", ()),
    ],
    ids=str,
)
def test_what_the_version_does_not_define_is_named_and_kept(line, target, unsaid):
    """A property unknown to the target is listed, and stays in the card."""
    lines, named = one(line, target, "4.0")
    assert lines == [line]
    assert named == unsaid


def test_what_4_0_no_longer_defines_is_named_and_kept():
    """Properties and types that ended with 3.0 are listed, and stay in the card."""
    for line, unsaid in (
        ("SORT-STRING:Roux", "SORT-STRING"),
        ("MAILER:x", "MAILER"),
        ("AGENT;VALUE=uri:urn:uuid:a", "AGENT"),
        ("TEL;TYPE=msg:1", "TEL;TYPE=msg"),
        ("ADR;TYPE=parcel:;;1 rue;;;;", "ADR;TYPE=parcel"),
    ):
        assert one(line, "4.0") == ([line], (unsaid,))


def test_a_type_does_not_become_an_encoding():
    """A type whose bare word would be an encoding in 2.1 is left out, and named."""
    lines, unsaid = one("TEL;TYPE=quoted-printable,home:a=", "2.1")
    assert lines == ["TEL;HOME:a="]
    assert "TEL: a type that is no word" in unsaid


def test_more_of_a_position_than_3_0_can_say_is_kept_beside_it():
    """Altitude and uncertainty stay in a property of their own, and are named."""
    lines, unsaid = one("GEO:geo:44.5,3.25,800;u=35", "3.0", "4.0")
    assert lines == ["GEO:44.5;3.25", "X-GEO:geo:44.5,3.25,800;u=35"]
    assert unsaid == ("GEO: more than latitude and longitude, kept as X-GEO",)


def test_required_properties_are_there():
    """FN is made of what the card has where it is required, and N is left empty."""
    old = vcf("N:Roux;Anne;;;", version="2.1", name="")
    assert body(convert(old, "3.0")) == ["N:Roux;Anne;;;", "FN:Anne Roux"]
    org = vcf("ORG:CPTS;Lozère", version="2.1", name="")
    assert body(convert(org, "4.0")) == ["ORG:CPTS;Lozère", "FN:CPTS Lozère"]
    assert body(convert(vcf(version="4.0"), "3.0")) == ["FN:Anne", "N:;;;;"]
    assert body(convert(vcf(), "4.0")) == ["FN:Anne"]


def test_the_version_it_has_changes_nothing():
    """A card that is of the version wanted keeps every byte."""
    document = vcf("NOTE:a,b", "x-lower:1", "nonsense")
    assert convert(document, "3.0").document == document


def test_other_encodings_become_utf_8():
    """UTF-16 and Windows-1252 cards come out in UTF-8, with the same texts."""
    text = vcf("NOTE:Été", "ORG:a").data.decode()
    for data in (text.encode("utf-16"), text.encode("cp1252")):
        assert "NOTE:Été" in convert(Document(data, ""), "4.0").document.data.decode()


def test_what_cannot_be_converted_is_refused():
    """Another version, several cards and a card without END are refused, each with its error."""
    with pytest.raises(InvalidValueError, match=r"no vCard '5\.0'"):
        convert(vcf(), "5.0")
    with pytest.raises(FormatError, match="2 cards"):
        convert(Document(vcf().data * 2, ""), "4.0")
    with pytest.raises(UnsupportedError, match="never closed"):
        convert(Document(vcf().data.replace(b"END:VCARD\r\n", b""), ""), "4.0")


def test_the_corpus_keeps_its_contacts(vcf_files):
    """Every real card is the same contact in every version."""
    count = 0
    for path in vcf_files:
        for document in split(path.read_bytes()):
            try:
                contact = CONTACT.get(document)
            except FormatError:
                continue
            step = document
            for version in ("4.0", "3.0", "2.1", "4.0"):
                step = convert(step, version).document
                found = CONTACT.get(step)
                if not contact.formatted_name:
                    found = attrs.evolve(found, formatted_name="")
                assert found == contact, (path.name, version)
                count += 1
    assert count > 300

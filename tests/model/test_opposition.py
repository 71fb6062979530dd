# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    ContactPoint,
    ContactPointKind,
    OppositionEntry,
    OppositionKind,
    OppositionList,
    Provenance,
    Visibility,
    normalise_phone,
    opposition_hash,
)

KEY = b"a key of sixteen bytes or more"
SINCE = dt.date(2026, 5, 4)
EMAIL, PHONE = OppositionKind.EMAIL, OppositionKind.PHONE


@pytest.mark.parametrize(
    "group",
    [
        (
            "04 66 00 00 00",
            "0466000000",
            "+33 4 66 00 00 00",
            "0033466000000",
            "+33 (0)4.66.00.00.00",
            "tel:+33-4-66-00-00-00",
            "tel:+33466000000;ext=12",
            "04 66 00 00 00 poste 12",
            "０４ ６６ ００ ００ ００",
        ),
        ("0262 00 00 00", "+262 262 00 00 00", "00262262000000", "+262 (0)262 00 00 00"),
        ("0690 00 00 00", "+590 690 00 00 00"),
    ],
)
def test_spellings_of_a_number_have_one_hash(group):
    """National, international and typed spellings of one line are the same to the list."""
    hashes = {opposition_hash(text, PHONE, key=KEY) for text in group}
    assert len(hashes) == 1
    assert opposition_hash("04 66 00 00 01", PHONE, key=KEY) not in hashes


def test_spellings_of_an_address_have_one_hash():
    """Case, spaces and a mailto: do not make another address."""
    spellings = ("A.Essai@Example.org", " a.essai@example.org ", "mailto:a.essai@example.org")
    assert len({opposition_hash(text, EMAIL, key=KEY) for text in spellings}) == 1


@given(st.text(min_size=1, max_size=30), st.binary(min_size=16, max_size=40))
@settings(max_examples=60)
def test_hashes_are_hex_and_depend_on_key_and_kind(text, key):
    """A hash is 64 hexadecimal digits, other with another key or kind, and never the text."""
    try:
        made = opposition_hash(text, EMAIL, key=key)
    except InvalidValueError:
        assert not text.strip() or text.strip().casefold() in ("mailto:", "+")
        return
    entry = OppositionEntry.of(text, EMAIL, key=key, since=SINCE)
    assert entry.hash == made
    assert entry.id == f"opposition:{made}"
    assert opposition_hash(text, EMAIL, key=key + b"!") != made


def test_numbers_of_fiction_are_metropolitan():
    """06 39 98 is kept for works of fiction in metropolitan France; around it lies Mayotte."""
    assert normalise_phone("06 39 98 10 01") == normalise_phone("+33 6 39 98 10 01")
    assert normalise_phone("06 39 69 10 01").startswith("+262")


@pytest.mark.parametrize("value", ["", "  ", "mailto:", "+"])
def test_nothing_cannot_be_opposed(value):
    """An empty address or number is an error and not an entry that blocks everybody."""
    for kind in OppositionKind:
        with pytest.raises(InvalidValueError, match="there is no"):
            opposition_hash(value, kind, key=KEY)


def test_a_short_key_is_refused():
    """A key that can be guessed is refused, because numbers can be enumerated."""
    with pytest.raises(InvalidValueError, match="guessed"):
        opposition_hash("04 66 00 00 00", PHONE, key=b"short")


def test_the_list_is_asked_about_contact_points():
    """The list recognises opposed contact points of each kind, and a web address is never one."""
    entries = [
        OppositionEntry.of("a.essai@example.org", EMAIL, key=KEY, since=SINCE),
        OppositionEntry.of("06 00 00 00 00", PHONE, key=KEY, since=SINCE),
    ]
    opposed = OppositionList.of(entries, key=KEY)
    points = {
        ContactPointKind.EMAIL: "A.Essai@example.org",
        ContactPointKind.SECURE_EMAIL: "a.essai@example.org",
        ContactPointKind.MOBILE: "+33 6 00 00 00 00",
        ContactPointKind.PHONE: "0600000000",
        ContactPointKind.FAX: "06.00.00.00.00",
    }
    assert all(opposed.opposes(ContactPoint(kind=k, value=v)) for k, v in points.items())
    other = ContactPoint(kind=ContactPointKind.EMAIL, value="b.essai@example.org")
    assert not opposed.opposes(other)
    url = ContactPoint(kind=ContactPointKind.URL, value="https://example.org")
    assert not opposed.opposes(url)
    assert not OppositionList.of((), key=KEY).opposes(other)
    assert KEY.decode() not in repr(opposed)


def test_an_entry_holds_nothing_else():
    """An entry is private, without provenance, and only made of a real hash."""
    entry = OppositionEntry.of("a.essai@example.org", EMAIL, key=KEY, since=SINCE)
    assert entry.visibility is Visibility.PRIVATE
    assert "essai" not in repr(entry)
    with pytest.raises(InvalidValueError, match="provenance"):
        attrs.evolve(entry, provenance=Provenance(source="courriel du 4 mai"))
    for change in ({"hash": "a.essai@example.org"}, {"algorithm": "md5"}):
        with pytest.raises(InvalidValueError, match=r"OppositionEntry\.of"):
            attrs.evolve(entry, **change)

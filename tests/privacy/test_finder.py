# SPDX-License-Identifier: Apache-2.0
"""Names and addresses in texts: found in every spelling, at a cost that does not grow so."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.model import OppositionEntry, OppositionKind, OppositionList
from territoire_sante.privacy._finder import Finder

KEY = b"a key of more than sixteen bytes"


def _listed(value, kind):
    entry = OppositionEntry.of(value, kind, key=KEY, since=dt.date(2026, 1, 1))
    return OppositionList.of([entry], key=KEY)


names = st.lists(
    st.sampled_from(["Ada Lune", "Lune Ada", "Élodie Le Gall", "Jean-Paul O'Hara", "Zoé Ñandú"]),
    min_size=1,
    unique=True,
)
fillers = st.text(alphabet="abé ,.;:\n(12", max_size=12)


@settings(max_examples=80, deadline=None)
@given(known=names, before=fillers, after=fillers, data=st.data())
def test_a_name_is_found_in_any_case_and_over_lines(known, before, after, data):
    """However it is written and whatever stands around it, the name is gone."""
    name = data.draw(st.sampled_from(known))
    blank = data.draw(st.sampled_from([" ", "\n", "  ", ", "]))
    change = data.draw(st.sampled_from([str, str.upper, str.lower, str.title]))
    text = f"{before} {blank.join(change(name).split())} {after}"
    left = Finder.of(known).redacted(text)
    flat = " ".join(re.split(r"[\s,]+", left)).casefold()
    assert name.casefold() not in flat
    assert left.startswith(before)
    assert left.endswith(after)


@pytest.mark.parametrize(
    "text", ["04 65 71 99 01", "+33 4.65.71.99.01", "0033 465719901", "(04-65-71-99-01)"]
)
def test_a_number_is_found_however_it_is_grouped(text):
    """One number has many spellings."""
    assert "9" not in Finder.of(["04 65 71 99 01"]).redacted(f"Tél. {text} le soir")
    assert Finder.of(["04 65 71 99 02"]).redacted(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "06 12 99 77 01 12 h",
        "06 12 99 77 01 - 06 12 99 77 02",
        "06 12 99 77 02 06 12 99 77 01",
        "06 12 99 77 02/+33612997701",
        "12 06 12 99 77 01",
        "06\u00a012\u00a099\u00a077\u00a001",
        "06\u202f12\u202f99\u202f77\u202f01, 2026",
        "06\u201112\u201199\u201177\u201101",
        "+33\u00a0(0)6 12 99 77 01",
        "0033 (0) 612 99 77 01",
        "tel:+33612997701",
        "0612997701 12h30",
    ],
)
def test_a_number_is_found_beside_other_digits(text):
    """Another number, an hour or a typographic blank beside it hides no number."""
    finder = Finder.of(["0612997701"])
    left = re.sub("[^0-9]", "", finder.redacted(text))
    assert "[…]" in finder.redacted(text)
    assert "997701" not in left
    assert ("997702" in text.replace(" ", "")) == ("997702" in left)
    hidden = Finder.of([], _listed("0612997701", OppositionKind.PHONE))
    assert hidden.redacted(text) == finder.redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "«ada@example.org»",
        "**ada@example.org**",
        "_ada@example.org_",
        "`ada@example.org`",
        "|ada@example.org|",
        "l’adresse:ada@example.org…",
        "mailto:ADA@example.org?subject=x",
    ],
)
def test_an_address_is_found_within_what_texts_put_round_it(text):
    """Quotation marks, emphasis and tables hide no address."""
    assert "example" not in Finder.of(["ada@example.org"]).redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "Zoé-Anaïs d’Arçon",
        "ZOE ANAIS D'ARCON",
        "Zoe\u0301-Anai\u0308s d\u2019Arc\u0327on",
        "zoé‑anaïs d'arçon",
        "Zoé Anaïs, d’Arçon",
    ],
)
def test_a_name_is_found_without_its_accents_and_with_other_signs(text):
    """People write the same name with other apostrophes, hyphens and accents."""
    finder = Finder.of(["Zoé-Anaïs d'Arçon"])
    assert finder.redacted(f"Œuvre de {text}.") == "Œuvre de […]."
    assert Finder.of([text]).redacted("Zoé-Anaïs d'Arçon") == "[…]"


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000 + " @x",
        "a@" * 50_000,
        "0 " * 10_000 + "x",
        "0" * 100_000 + "x",
        "Ada " * 50_000,
    ],
)
def test_long_texts_take_time_like_their_length(text):
    """No text is slow: none looks again and again at the same."""
    finder = Finder.of(["Ada Lune", "ada@example.org", "0612997701"])
    begun = time.process_time()
    assert finder.redacted(text) == text
    assert time.process_time() - begun < 2


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=40) | st.text(alphabet="+0 ;-x@.a", max_size=30))
def test_a_text_without_them_stays_as_it_is(text):
    """Not even the way in which its accents are written changes."""
    assert Finder.of([], _listed("0612997701", OppositionKind.PHONE)).redacted(text) == text
    assert Finder.of(["Ada Lune", "ada@example.org", "0612997701"]).redacted(text) == text


@pytest.mark.parametrize("text", ["Adam Lunette", "Lune", "Ada et Lune", "x-ada@lune.example.org"])
def test_what_is_somebody_else_stays(text):
    """Parts of other words, or of a name, are nobody's."""
    assert Finder.of(["Ada Lune", "ada@lune.example.org"]).redacted(text) == text


def test_addresses_that_are_only_known_by_hash_are_found():
    """The opposition list finds its addresses in texts, too."""
    key = b"a key of more than sixteen bytes"
    entry = OppositionEntry.of(
        "ada@example.org", OppositionKind.EMAIL, key=key, since=dt.date(2026, 1, 1)
    )
    finder = Finder.of([], OppositionList.of([entry], key=key))
    assert finder.redacted("Écrire à ADA@example.org, bob@example.org") == (
        "Écrire à […], bob@example.org"
    )
    assert not Finder.of([], OppositionList.of([], key=key))


def test_a_hundred_times_the_names_cost_about_the_same():
    """The time for a text does not grow with the number of persons."""

    def cost(count):
        finder = Finder.of(f"Ada{number} Lune{number}" for number in range(count))
        text = "Une rencontre entre la mairie, Ada7 Lune7 et la maison de santé. " * 20
        begun = time.process_time()
        for _ in range(100):
            assert "Lune7" not in finder.redacted(text)
        return time.process_time() - begun

    few = min(cost(50) for _ in range(3))
    many = min(cost(5000) for _ in range(3))
    assert many < 5 * few

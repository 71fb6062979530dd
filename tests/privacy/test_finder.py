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

# SPDX-License-Identifier: Apache-2.0
"""Persons that are one, and persons that only look so."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante import Store
from territoire_sante.cooperation import Trait, find_duplicates, not_duplicates
from territoire_sante.errors import ConfigError, InvalidValueError
from territoire_sante.model import Event, LabelledEnum, Person

RPPS, OTHER_RPPS = "10000000001", "10000000019"


def _pairs(snapshot, **more):
    return [(one.first_id, one.second_id) for one in find_duplicates(snapshot, **more)]


PAIR = [("person:a", "person:b")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(("Exemple", "Odile"), ("EXEMPLE", "Odile"), id="capitals"),
        pytest.param(("Modèle", "Inès"), ("Modele", "Ines"), id="accents"),
        pytest.param(("Exemple", "Odile"), ("Odile", "Exemple"), id="inverted"),
        pytest.param(("Exemple", "Odile"), ("EXEMPLE Odile", ""), id="one-field"),
        pytest.param(("Exemple", "Jean-Pierre"), ("Exemple", "Jean Pierre"), id="hyphen"),
        pytest.param(("Exemple", "Jean-Pierre"), ("Exemple", "J.-P."), id="initials"),
        pytest.param(("Exemple", "Jean-Pierre"), ("Exemple", "Jean"), id="half-a-given-name"),
        pytest.param(("Exemple-Modèle", "Léa"), ("Exemple", "Léa"), id="compound"),
        pytest.param(("Exemple", "Léa"), ("Modèle née Exemple", "Léa"), id="married"),
        pytest.param(("de la Fontaine", "Luc"), ("Fontaine", "Luc"), id="particle"),
        pytest.param(("Le Bourg", "Anne"), ("Bourg", "Anne"), id="article"),
        pytest.param(("Maquette", "Tom"), ("Maqutte", "Tom"), id="letter-less"),
        pytest.param(("Maquette", "Tom"), ("Maqeutte", "Tom"), id="swapped"),
        pytest.param(("Dupond", "Hugo"), ("Dupont", "Hugo"), id="sound"),
        pytest.param(("Exemple", "Dr Odile"), ("Exemple", "Odile"), id="title"),
        pytest.param(("Cœur", "Zoé"), ("Coeur", "Zoé"), id="ligature"),
    ],
)
def test_ways_of_writing_a_name(picture, person, first, second):
    """In one commune, a name is known again however it was written."""
    snapshot = picture(person("a", *first, at="48001"), person("b", *second, at="48001"))
    assert _pairs(snapshot) == PAIR


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(("Exemple", "Odile"), ("Exemple", "Bruno"), id="siblings"),
        pytest.param(("Exemple", "Odile"), ("Modèle", "Odile"), id="given-name-only"),
        pytest.param(("Roy", "Luc"), ("Rey", "Luc"), id="short-names"),
        pytest.param(("Exemple", "Jean-Pierre"), ("Exemple", "Jean-Marc"), id="compound-given"),
        pytest.param(("", ""), ("", ""), id="no-name"),
    ],
)
def test_other_names(picture, person, first, second):
    """In one commune, names that differ by more than a slip are those of two persons."""
    snapshot = picture(person("a", *first, at="48001"), person("b", *second, at="48001"))
    assert _pairs(snapshot) == []


def test_homonyms_with_other_numbers_are_two(picture, person):
    """Father and son of one name in one commune are two if their RPPS differ."""
    father = person("a", "Exemple", "Paul", "48001", ["paul@example.org"], rpps=RPPS)
    son = person("b", "Exemple", "Paul", "48001", ["paul@example.org"], rpps=OTHER_RPPS)
    without = [attrs.evolve(son[0], identifiers=()), son[1]]

    assert _pairs(picture(father, son)) == []
    assert _pairs(picture(father, without)) == PAIR


def test_one_number_is_certain(picture, person):
    """The same RPPS makes a certain pair, wherever both are; under another name it is doubted."""
    here = person("a", "Exemple", "Paul", "48001", rpps=RPPS)
    there = person("b", "Exemple", "P.", "97411", rpps="100 000 000 01")
    other = person("b", "Modèle", "Rosa", "97411", rpps=RPPS)

    (found,) = find_duplicates(picture(here, there))
    (doubted,) = find_duplicates(picture(here, other))

    assert (found.certain, found.score) == (True, 1.0)
    assert found.reasons[0].fr == "Même RPPS."
    assert (doubted.certain, doubted.score) == (False, 0.85)


def test_a_malformed_number_says_nothing(picture, person):
    """A number that is none neither makes two persons one nor two of them."""
    one, other = (
        person(local, "Exemple", "Paul", at, rpps="?")
        for local, at in (("a", "48001"), ("b", "97411"))
    )
    assert _pairs(picture(one, other)) == []


def test_two_posts_of_one_person(picture, person):
    """Posts in communes of one EPCI are one person's; in another EPCI a name is not enough."""
    one = person("a", "Exemple", "Odile", "48001")
    assert _pairs(picture(one, person("b", "Exemple", "Odile", "48002"))) == PAIR
    assert _pairs(picture(one, person("b", "Exemple", "Odile", "48003"))) == []
    assert _pairs(picture(one, person("b", "Exemple", "Odile", ("48003", "48001")))) == PAIR


def test_a_shared_address_is_no_proof(picture, person):
    """An e-mail of the mairie does not make one of those who share it, the same name does."""
    mail = ["mairie@example.org"]
    one = person("a", "Exemple", "Odile", (), mail)
    assert _pairs(picture(one, person("b", "Modèle", "Bruno", (), mail))) == []
    assert _pairs(picture(one, person("b", "Exemple", "Odile", (), ["Mairie@Example.org"]))) == PAIR


@pytest.mark.parametrize(
    ("code", "one", "other"),
    [("2A004", "04 95 00 00 00", "+33495000000"), ("97411", "0262 00 00 00", "+262 262 00 00 00")],
)
def test_corsica_and_overseas(picture, person, code, one, other):
    """Corsican communes and overseas numbers are compared as those of the mainland."""
    first = person("a", "Exemple", "Noël", code, phones=[one])
    second = person("b", "Exemple", "Noel", code, phones=[other])
    (found,) = find_duplicates(picture(first, second))

    assert found.score == 1.0
    assert found.parts[2].value == 1.0


def test_reasons_are_told(picture, person):
    """Each part has its weight, value and sentence; with their weights they make the score."""
    first = person("a", "Exemple", "Noël", "48001", ["n@example.org"])
    (found,) = find_duplicates(picture(first, person("b", "Exempel", "Noël", "48001")))

    assert [one.criterion for one in found.parts] == [Trait.NAME, Trait.PLACE, Trait.CONTACT]
    assert all(isinstance(one.criterion, LabelledEnum) for one in found.parts)
    assert sum(one.value * one.weight for one in found.parts) == pytest.approx(found.score)
    assert found.reasons[0].fr == "Une lettre d'écart."
    assert found.reasons[0].en == "One letter apart."


def test_a_verdict_lasts(places, person):
    """Two that somebody declared not to be one are not shown again, but counted."""
    both = [*person("a", "Exemple", "Paul", "48001"), *person("b", "Exemple", "Paul", "48001")]
    with Store.open("memory:") as store:
        store.put(*places, *both)
        day = dt.date(2026, 11, 20)
        verdict = not_duplicates(store, "person:b", "person:a", on=day, reason="père et fils")
        refused = find_duplicates(store.snapshot())
        store.delete(type(verdict), verdict.id)
        shown = find_duplicates(store.snapshot())

    assert (refused.pairs, refused.refused) == ((), 1)
    assert next(iter(shown)).first_id == "person:a"


def test_looking_changes_nothing(places, person):
    """However certain, nothing is merged without being asked for."""
    both = [*person("a", "Exemple", "Paul", rpps=RPPS), *person("b", "Exemple", "Paul", rpps=RPPS)]
    with Store.open("memory:") as store:
        store.put(*places, *both)
        before = store.last_revision()
        assert len(find_duplicates(store.snapshot())) == 1
        assert store.last_revision() == before
        assert len([*store.all(Person)]) == 2


def test_what_cannot_be_asked(picture):
    """Other classes and thresholds are refused with what there is."""
    with pytest.raises(InvalidValueError, match="duplicates of Event"):
        find_duplicates(picture(), kinds=(Event,))
    with pytest.raises(InvalidValueError, match="no threshold"):
        find_duplicates(picture(), threshold=0.1)


def test_the_extra_is_named(picture, monkeypatch):
    """Without rapidfuzz the error says what to install."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ConfigError) as caught:
        find_duplicates(picture())
    assert "territoire-sante[duplicates]" in str(caught.value)

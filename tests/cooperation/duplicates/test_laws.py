# SPDX-License-Identifier: Apache-2.0
"""Laws of looking for duplicates: nothing is missed by blocking, and no order matters."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante import Store
from territoire_sante.cooperation.duplicates import THRESHOLD, find_duplicates
from territoire_sante.cooperation.duplicates._actors import actor_records, compare_actors
from territoire_sante.cooperation.duplicates._blocks import Pairs
from territoire_sante.cooperation.duplicates._persons import compare_persons, person_records
from territoire_sante.model import Actor, ActorKind, ContactPoint, ContactPointKind, Person
from territoire_sante.testing import strategies as drawn

FAMILIES = ["Exemple", "Modèle", "Maquette", "Dupond", "Le Bourg", "Lefèvre", "Témoin-Fictif"]
GIVEN = ["Odile", "Jean-Pierre", "Jean", "Inès", "Paul", "Paule", "", "Noël"]
MAIL = ContactPointKind.EMAIL
CODES = ["48001", "48002", "48003", "2A004", "97411"]
NAMES = [
    "MSP du Barandon",
    "Maison de santé pluriprofessionnelle du Barandon",
    "M.S.P. Barandon Haut",
    "Pharmacie du Pont",
    "Pharmacie de la Ponte",
    "Mairie de Saint-Exemple",
    "Commune de St Exemple",
    "CCAS de Saint-Exemple",
    "Barandonn",
]


def _swapped(word, place):
    first, second = word[place : place + 1], word[place + 1 : place + 2]
    return word[:place] + second + first + word[place + 2 :]


def _slip(draw, word):
    """Return a word with the sort of slip that people make."""
    place = draw.randrange(max(1, len(word)))
    return draw.choice(
        [
            word,
            word.upper(),
            word[:place] + word[place + 1 :],
            word[:place] + "e" + word[place:],
            _swapped(word, place),
            f"{word}-Exemple",
            f"de {word}",
            word[:1],
        ]
    )


def _crowd(person, count, seed):
    draw = random.Random(seed)  # noqa: S311 - the same each time
    found = []
    for number in range(count):
        family, given_name = draw.choice(FAMILIES), draw.choice(GIVEN)
        if draw.random() < 0.5:
            family = _slip(draw, family)
        if draw.random() < 0.2:
            given_name = _slip(draw, given_name) if given_name else ""
        if draw.random() < 0.1:
            family, given_name = given_name, family
        at = draw.sample(CODES, draw.choice([0, 1, 1, 1, 2]))
        mails = [f"p{draw.randrange(40)}@example.org"] if draw.random() < 0.4 else []
        numbers = {"rpps": f"{draw.randrange(30):011}"} if draw.random() < 0.1 else {}
        found += person(f"{number:03}", family, given_name, at, mails, **numbers)
    return found


def _all_pairs(records, compare):
    every = itertools.combinations(list(records), 2)
    found = (compare(*pair) for pair in every)
    return {(p.first_id, p.second_id) for p in found if p is not None and p.score >= THRESHOLD}


@pytest.mark.parametrize("seed", range(2))
def test_blocking_misses_no_person(picture, person, seed):
    """What comparing each of 500 persons with each finds, comparing some of them finds."""
    snapshot = picture(_crowd(person, 500, seed))
    found = find_duplicates(snapshot, kinds=(Person,))

    assert found.pairs
    assert not found.swept
    assert found.compared < 500 * 499 / 2
    assert {(one.first_id, one.second_id) for one in found} == _all_pairs(
        person_records(snapshot), compare_persons
    )


@pytest.mark.parametrize("seed", range(2))
def test_blocking_misses_no_actor(picture, seed):
    """What comparing each of 500 actors with each finds, comparing some of them finds."""
    draw = random.Random(seed)  # noqa: S311 - the same each time
    actors = [
        Actor(
            id=f"actor:{number:03}",
            kind=draw.choice([ActorKind.MSP, ActorKind.OTHER, ActorKind.COMMUNE]),
            name=draw.choice(NAMES),
            territory_id=draw.choice(["", *(f"commune:{one}" for one in CODES), "epci:1"]),
            contact_points=tuple(
                ContactPoint(kind=MAIL, value=f"a{draw.randrange(60)}@example.org")
                for _ in range(draw.choice([0, 1]))
            ),
        )
        for number in range(500)
    ]
    snapshot = picture(actors)
    found = find_duplicates(snapshot, kinds=(Actor,))

    assert found.pairs
    assert not found.swept
    assert {(one.first_id, one.second_id) for one in found} == _all_pairs(
        actor_records(snapshot), compare_actors
    )


def test_comparing_is_symmetric(picture, person):
    """Which of two persons comes first changes neither score nor reasons."""
    records = list(person_records(picture(_crowd(person, 60, 7))))
    pairs = [pair for pair in itertools.combinations(records, 2) if compare_persons(*pair)]

    assert pairs
    for one, other in pairs:
        assert compare_persons(one, other) == compare_persons(other, one)


def test_order_of_storing_does_not_matter(places, person):
    """The same persons stored in another order give the same pairs, twice the same."""
    crowd = _crowd(person, 80, 3)
    shuffled = random.Random(1).sample(crowd, len(crowd))  # noqa: S311 - likewise
    results = []
    for entities in (crowd, shuffled):
        with Store.open("memory:") as store:
            store.put(*places)
            for one in entities:
                store.put(one)
            snapshot = store.snapshot()
            results += [find_duplicates(snapshot), find_duplicates(snapshot)]

    assert results[0].pairs
    assert results == [results[0]] * 4


def test_a_crowd_with_one_name_is_swept_and_told(picture, person):
    """Where seventy of one name share a commune, each meets its neighbours, and that is told."""
    crowd = [one for n in range(70) for one in person(f"{n:02}", "Exemple", f"G{n:02}", "48001")]
    twins = [*person("x", "Exemple", "Odile", "48001"), *person("y", "Exemple", "Odile", "48001")]
    found = find_duplicates(picture(crowd, twins), kinds=(Person,))

    assert {one.size for one in found.swept} == {72}
    assert all(one.kind == "person" for one in found.swept)
    assert [(one.first_id, one.second_id) for one in found] == [("person:x", "person:y")]
    assert found.compared < 72 * 71 / 2


@given(people=st.lists(drawn.entities("person"), max_size=8, unique_by=lambda one: one.id))
@settings(max_examples=30, deadline=None)
def test_any_person_can_be_compared(people):
    """Whatever a person's fields hold, looking fails on none and keeps its order of ids."""
    with Store.open("memory:") as store:
        store.put(*people)
        found = find_duplicates(store.snapshot())

    assert all(one.first_id < one.second_id for one in found)
    assert all(0 <= one.score <= 1 for one in found)


def test_pairs_come_once(picture, person):
    """Two that share several keys are compared once."""
    one, other = (
        person(local, "Exemple", "Léa", "48001", ["l@example.org"], phones=["04 66 00 00 00"])
        for local in "ab"
    )
    pairs = [*Pairs(person_records(picture(one, other)))]
    assert [(first.id, second.id) for first, second in pairs] == [("person:a", "person:b")]

# SPDX-License-Identifier: Apache-2.0
"""Erasing a person of whom there were two records."""

from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante import Store
from territoire_sante.cooperation import merge, merged_ids, plan_merge, undo_merge
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Appointment,
    Event,
    Merge,
    Period,
    Person,
    PersonName,
    Provenance,
    Role,
)
from territoire_sante.privacy import anonymise, erase, oppose, retention_due, subject_access

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def store():
    """Return a store in which three records of one person were merged, one after the other."""
    with Store.open("memory:") as opened:
        for name in "abc":
            opened.put(Person(id=f"person:{name}", name=PersonName(family=f"Exemple-{name}")))
        merge(opened, plan_merge(opened, "person:b", "person:a", reason="Exemple-a"))
        merge(opened, plan_merge(opened, "person:c", "person:b"))
        yield opened


@pytest.mark.parametrize("keep_out", [True, False])
def test_erasing_reaches_what_was_merged(store, keep_out):
    """Nothing of the records that went into an erased person is left in any version."""
    erase(store, "person:c", today=TODAY, keep_out=keep_out)
    for name in "abc":
        versions = store.history(Person, f"person:{name}")
        assert "Exemple" not in str([one.entity for one in versions])
    for record in store.all(Merge):
        assert "Exemple" not in str(store.history(Merge, record.id))


def test_the_other_ids_stay_barred(store):
    """Ids of the merged records still lead to the one that is kept out, and to nobody else."""
    merges = [one.id for one in store.all(Merge)]
    erase(store, "person:c", today=TODAY)
    assert merged_ids(store) == {"person:a": "person:c", "person:b": "person:c"}
    assert store.get(Person, "person:c").opposed
    for one in merges:
        with pytest.raises(InvalidValueError):
            undo_merge(store, one)


def test_without_keeping_out_no_id_is_left(store):
    """Erased without being kept out, a person leaves no merge behind."""
    erase(store, "person:c", today=TODAY, keep_out=False)
    assert [*store.all(Merge)] == []


def test_objecting_reaches_what_was_merged(store):
    """The addresses that a merged record had are forgotten with those of the person."""
    oppose(store, "person:c", today=TODAY)
    assert [one.entity for one in store.history(Person, "person:a")] == [None, None]
    assert merged_ids(store)["person:a"] == "person:c"


@pytest.fixture
def twins():
    """Return a store in which a record under an old name went into another one."""
    with Store.open("memory:") as opened:
        opened.put(
            Person(
                id="person:old",
                name=PersonName(given="Ada", family="Fictive"),
                provenance=Provenance(source="rne", retrieved_on=dt.date(2021, 1, 1)),
            ),
            Person(id="person:new", name=PersonName(given="Ada", family="Inventée")),
            Appointment(
                id="appointment:old",
                person_id="person:old",
                actor_id="actor:mairie",
                role=Role.MAYOR,
                period=Period(end=dt.date(2023, 1, 1)),
            ),
            Event(id="event:1", summary="Dîner avec Ada Fictive"),
        )
        name = {"name": PersonName(given="Ada", family="Inventée")}
        merge(opened, plan_merge(opened, "person:new", "person:old", choose=name))
        yield opened


@pytest.mark.parametrize("asked", ["person:new", "person:old"])
def test_access_tells_of_the_record_that_went(twins, asked):
    """Whichever id is asked for, the old record, its source, and what names it are told."""
    links = []
    access = subject_access(twins, asked, today=TODAY, sent=lambda ids: links.extend(ids) or [])
    data = access.data
    assert access.person_id == data["person"]["id"] == "person:new"
    assert data["merged_records"] == ["person:old"]
    assert "event:1" in {one["id"] for one in data["named_in"]}
    assert "person:old" in {one["entity"]["id"] for one in data["earlier_versions"]}
    assert ("person:old", "rne") in {(one["id"], one["source"]) for one in data["sources"]}
    assert {"person:old", "person:new", "appointment:old"} <= set(links)
    for language in ("fr", "en"):
        assert "Fictive" in access.to_markdown(language)


def test_what_is_due_takes_the_record_that_went_with_it(twins):
    """Once a person is due, no version of the record that went into theirs names them."""
    done = anonymise(twins, retention_due(twins.snapshot(), TODAY))
    assert set(done.gone) == {"person:new"}
    for cls, id_ in ((Person, "person:old"), (Person, "person:new"), (Event, "event:1")):
        versions = [one.entity for one in twins.history(cls, id_)]
        assert "Fictive" not in str(versions)
    assert [*twins.all(Merge)] == []


def test_people_object_by_any_id(twins):
    """Who objects under the id of a record that went is the person."""
    assert oppose(twins, "person:old", today=TODAY).person_id == "person:new"
    assert twins.get(Person, "person:new").opposed
    assert "Fictive" not in str([one.entity for one in twins.history(Person, "person:old")])


def test_people_are_erased_by_any_id(twins):
    """Who is erased under the id of a record that went is the person, under each of their names."""
    done = erase(twins, "person:old", today=TODAY)
    assert (done.known, done.person_id) == (True, "person:new")
    assert "Fictive" not in str([one.entity for one in twins.history(Event, "event:1")])
    assert not erase(twins, "person:old", today=TODAY).known

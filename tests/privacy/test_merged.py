# SPDX-License-Identifier: Apache-2.0
"""Erasing a person of whom there were two records."""

from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante import Store
from territoire_sante.cooperation import merge, merged_ids, plan_merge, undo_merge
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import Merge, Person, PersonName
from territoire_sante.privacy import erase, oppose

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

# SPDX-License-Identifier: Apache-2.0
"""What answers of a snapshot rest on."""

from __future__ import annotations

from territoire_sante import Store
from territoire_sante.model import Lever, LeverType, Territory
from territoire_sante.snapshot import touched, traced

TENT = Lever(
    id="lever:a", type=LeverType.TENT, title="Barnum", holder_id="actor:a", coverage=("epci:nord",)
)


def test_it_answers_the_same_and_tells_of_it(store):
    """Each read is told of once it is made, and gives what the snapshot gives."""
    store.put(TENT)
    snapshot = store.snapshot()
    reads = []
    seen = traced(snapshot, reads.append)
    assert reads == []

    assert seen.find(Lever, "lever:a") == TENT
    assert seen.levers_of("actor:a") == (TENT,)
    assert list(seen.all(Lever)) == [TENT]
    assert seen.count(Lever) == 1
    assert reads == [
        ("lever", "", "lever:a"),
        ("lever", "holder_id", "actor:a"),
        ("lever", "", "lever:a"),
        ("lever", "*", ""),
        ("lever", "*", ""),
    ]
    reads.clear()
    assert seen.places_of("48001") == snapshot.places_of("48001")
    assert ("territory", "communes", "48001") in reads
    assert ("territory", "", "departement:48") in reads


def test_a_change_touches_what_it_names_before_and_after(store):
    """Who asked for what an entity named, or names now, is touched; what stays the same is not."""
    store.put(TENT)
    before = store.snapshot()
    store.put(Lever(id="lever:a", type=LeverType.TENT, title="Barnum", holder_id="actor:b"))
    after = before.refresh(store)

    changes = list(store.changes())
    assert touched(before, after, changes) == {
        ("lever", "", "lever:a"),
        ("lever", "*", ""),
        ("lever", "holder_id", "actor:a"),
        ("lever", "holder_id", "actor:b"),
        ("lever", "coverage", "epci:nord"),
    }
    assert touched(after, after, changes) == frozenset()


def test_a_territory_that_comes_or_goes_touches_its_communes(store):
    """Deleting an EPCI touches who asked for the territories of its communes."""
    before = store.snapshot()
    store.delete(Territory, "epci:nord")
    after = before.refresh(store)
    assert ("territory", "communes", "48001") in touched(before, after, store.changes())
    with Store.open("memory:") as empty:
        assert touched(after, empty.snapshot(), ()) == frozenset()

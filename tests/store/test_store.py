# SPDX-License-Identifier: Apache-2.0
"""The verbs of a store: what is put can be got, each change has a revision, nothing half stays."""

from __future__ import annotations

import datetime as dt
import threading
import tracemalloc

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante.errors import (
    EntityNotFoundError,
    InvalidValueError,
    RevisionConflictError,
    StoreError,
    StoreUnusableError,
)
from territoire_sante.model import (
    Actor,
    ActorKind,
    Announcement,
    Entity,
    Event,
    ProjectKind,
    Territory,
    TerritoryKind,
)
from territoire_sante.store import Reader, Store, Transaction
from territoire_sante.testing.strategies import entities

ONE = Event(id="event:1", summary="Rencontre régulière")
TWO = Event(id="event:2", summary="Visite de terrain")


class Stop(Exception):  # noqa: N818 - it stands for any exception of a program
    """Raised by a test in the middle of a transaction."""


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(some=st.lists(entities(), max_size=5, unique_by=lambda one: (one.KIND, one.id)))
def test_whatever_is_put_can_be_got(some: list[Entity]) -> None:
    """Entities of every kind come back as they were, one by one and all of a class."""
    with Store.open("memory:") as store:
        store.put(*some)

        for one in some:
            assert store.get(type(one), one.id) == one
            same = [other for other in some if type(other) is type(one)]
            assert list(store.all(type(one))) == sorted(same, key=lambda other: other.id)


def test_an_id_is_known_per_class(store: Store) -> None:
    """``find`` returns nothing and ``get`` an error that names the id, where none is stored."""
    store.put(ONE)

    assert store.find(Event, "event:9") is None
    assert store.find(Announcement, "event:1") is None
    with pytest.raises(EntityNotFoundError, match=r"event:9: no event is stored under this id"):
        store.get(Event, "event:9")


def test_all_goes_through_many_pages(store: Store) -> None:
    """More entities than fit into a page come once each, even if the consumer writes meanwhile."""
    many = [Event(id=f"event:{number:04}") for number in range(1234)]
    store.put(*many)

    seen = []
    for one in store.all(Event):
        seen.append(one)
        if len(seen) % 400 == 0:
            store.put(Announcement(id=f"announcement:{len(seen)}"))

    assert seen == many


def test_reading_a_large_store_takes_little_memory(store: Store) -> None:
    """Going through 8 MB of entities, or of their changes, takes less than 4 MB."""
    body = "Le barnum est prêté aux associations. " * 40
    for start in range(0, 5000, 500):
        numbers = range(start, start + 500)
        store.put(*(Announcement(id=f"announcement:{n}", body=body) for n in numbers))

    tracemalloc.start()
    try:
        count = sum(1 for _ in store.all(Announcement)) + sum(1 for _ in store.changes())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert count == 10_000
    assert peak < 4_000_000


def test_each_change_has_a_revision(store: Store) -> None:
    """Revisions rise by one per change; storing the same again makes none."""
    assert store.revision(Event, "event:1") == 0
    assert store.put(ONE, TWO) == 2
    assert store.put(ONE) == 1
    assert store.put(attrs.evolve(ONE, location="Mende")) == 3
    assert store.put() == 3
    assert (store.revision(Event, "event:1"), store.revision(Event, "event:2")) == (3, 2)
    assert store.delete(Event, "event:1") == 4
    assert store.revision(Event, "event:1") == 0


def test_of_the_same_entity_twice_the_last_counts(store: Store) -> None:
    """One put with two states of an entity stores the last and makes one revision."""
    later = attrs.evolve(ONE, location="Mende")

    assert store.put(ONE, later) == 1
    assert store.get(Event, "event:1") == later


def test_a_write_on_an_old_revision_is_refused(store: Store) -> None:
    """``expected_revision`` refuses what was decided on an older state; nothing is written."""
    read = store.put(ONE)
    store.put(attrs.evolve(ONE, location="Mende"))

    with pytest.raises(RevisionConflictError) as caught:
        store.put(TWO, attrs.evolve(ONE, location="Florac"), expected_revision=0)
    with pytest.raises(RevisionConflictError, match="is at revision 2, not 1"):
        store.delete(Event, "event:1", expected_revision=read)

    assert (caught.value.expected, caught.value.actual) == (0, 2)
    assert store.get(Event, "event:1").location == "Mende"
    assert store.find(Event, "event:2") is None
    assert store.put(attrs.evolve(ONE, location="Florac"), expected_revision=2) == 3
    assert store.put(TWO, expected_revision=0) == 4
    assert store.delete(Event, "event:2", expected_revision=4) == 5


def test_deleting_what_is_not_there_is_an_error(store: Store) -> None:
    """A wrong id is not taken for a deletion that was done."""
    with pytest.raises(EntityNotFoundError):
        store.delete(Event, "event:1")


def test_changes_come_in_order(store: Store) -> None:
    """``changes(since)`` tells what happened after a revision, in order, with its time."""
    store.put(ONE, TWO)
    store.delete(Event, "event:1")
    store.put(ONE)

    told = [(c.revision, c.kind, c.id, c.operation, c.at.minute) for c in store.changes()]

    assert told == [
        (1, "event", "event:1", "put", 0),
        (2, "event", "event:2", "put", 0),
        (3, "event", "event:1", "delete", 1),
        (4, "event", "event:1", "put", 2),
    ]
    assert [change.revision for change in store.changes(since=2)] == [3, 4]
    assert list(store.changes(since=4)) == []


def test_a_long_log_is_told_whole(store: Store) -> None:
    """More changes than fit into a page come once each."""
    store.put(*(Event(id=f"event:{number}") for number in range(1100)))

    assert [change.revision for change in store.changes(50)] == list(range(51, 1101))


def test_history_keeps_every_version(store: Store) -> None:
    """Every state of an entity can be read again, its deletion and return included."""
    later = attrs.evolve(ONE, location="Mende")
    store.put(ONE)
    store.put(TWO)
    store.put(later)
    store.delete(Event, "event:1")
    store.put(ONE)

    versions = store.history(Event, "event:1")

    assert [version.entity for version in versions] == [ONE, later, None, ONE]
    assert [version.revision for version in versions] == [1, 3, 4, 5]
    assert versions[0].at == dt.datetime(2026, 3, 29, 8, tzinfo=dt.UTC)
    assert store.history(Event, "event:9") == []


def test_what_is_forgotten_is_gone_with_its_past(store: Store) -> None:
    """Forgetting removes every version; the log still tells that something was there."""
    store.put(ONE)
    store.put(attrs.evolve(ONE, location="Mende"), TWO)

    store.forget(Event, "event:1")
    store.forget(Event, "event:9")

    assert list(store.all(Event)) == [TWO]
    assert [version.entity for version in store.history(Event, "event:1")] == [None, None, None]
    assert [(c.id, c.operation) for c in store.changes()][-1] == ("event:1", "delete")
    assert store.search("mende") == []
    assert [version.entity for version in store.history(Event, "event:2")] == [TWO]


def test_a_failing_transaction_leaves_nothing(store: Store) -> None:
    """An exception undoes entities, revisions, history and search of the whole transaction."""
    store.put(ONE)

    with pytest.raises(Stop), store.transaction() as transaction:  # noqa: PT012 - what is done before
        transaction.put(TWO)
        transaction.delete(Event, "event:1")
        assert transaction.find(Event, "event:2") == TWO
        raise Stop

    assert list(store.all(Event)) == [ONE]
    assert [change.revision for change in store.changes()] == [1]
    assert store.search("visite") == []
    assert [hit.entity for hit in store.search("rencontre")] == [ONE]


def test_the_store_takes_part_in_its_transaction(store: Store) -> None:
    """Within a transaction the store's own verbs see and share what it does."""
    with pytest.raises(Stop), store.transaction() as transaction:  # noqa: PT012 - what is done before
        transaction.put(ONE)
        assert store.get(Event, "event:1") == ONE
        assert list(store.all(Event)) == [ONE]
        store.put(TWO)
        assert transaction.get(Event, "event:2") == TWO
        assert [hit.entity for hit in store.search("visite")] == [TWO]
        raise Stop

    assert list(store.all(Event)) == []


def test_an_inner_transaction_can_fail_alone(store: Store) -> None:
    """A transaction within another undoes its own part; the outer one goes on and stays."""
    with store.transaction() as outer:
        outer.put(ONE)
        with pytest.raises(Stop), store.transaction() as inner:  # noqa: PT012 - what is done before
            inner.put(TWO)
            raise Stop
        assert outer.find(Event, "event:2") is None

    assert list(store.all(Event)) == [ONE]
    assert store.put(TWO) == 2


def test_a_store_and_a_transaction_read_alike(store: Store) -> None:
    """Both have every verb of Reader, with the same answers."""
    store.put(ONE)

    def look(reader: Reader) -> tuple[object, ...]:
        return (
            reader.get(Event, "event:1"),
            reader.find(Event, "event:2"),
            list(reader.all(Event)),
            reader.revision(Event, "event:1"),
            reader.history(Event, "event:1"),
        )

    with store.transaction() as transaction:
        assert isinstance(transaction, Transaction)
        within = look(transaction)
    assert look(store) == within


def test_what_cannot_be_read_again_is_not_stored(store: Store) -> None:
    """A field with a value of the wrong type is refused before it can do harm."""
    bad = Event(id="event:2", summary=5)  # type: ignore[arg-type] # on purpose

    with pytest.raises(InvalidValueError, match=r"event:2: .*\$\.summary: expected text"):
        store.put(ONE, bad)
    with pytest.raises(InvalidValueError, match="half a character"):
        store.put(Event(id="event:3", summary="\ud83d"))
    for kind in ("msp", ProjectKind.MSP):  # the text of a choice, and a choice of another list
        worded = Actor(id="actor:1", kind=kind, name="MSP")  # type: ignore[arg-type] # on purpose
        with pytest.raises(InvalidValueError, match=r"actor:1: .*\$\.kind: expected a ActorKind"):
            store.put(worded)
    nested = Territory(id="commune:48095", kind=TerritoryKind.COMMUNE, name="", absent=("ccas",))  # type: ignore[arg-type] # on purpose
    with pytest.raises(InvalidValueError, match=r"commune:48095: .*\$\.absent: expected"):
        store.put(nested)

    assert list(store.all(Event)) == []


def test_a_row_that_was_tampered_with_is_named(store: Store) -> None:
    """A row that cannot be read is told by its id, not as an error of the parser."""
    store.put(ONE)
    with store.transaction() as transaction:
        transaction.connection.execute("UPDATE entity SET data = '{'")

    with pytest.raises(StoreUnusableError, match="event:1: the stored event cannot be read"):
        store.get(Event, "event:1")


def test_threads_take_turns(store: Store) -> None:
    """Threads that share a store lose no write and see each other's."""

    def write(name: str) -> None:
        for number in range(25):
            store.put(Actor(id=f"actor:{name}{number}", kind=ActorKind.MSP, name=name))
            assert store.get(Actor, f"actor:{name}{number}").name == name

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(list(store.all(Actor))) == 100
    assert [change.revision for change in store.changes()] == list(range(1, 101))


def test_a_closed_store_says_so(store: Store) -> None:
    """After ``close`` every verb is refused, instead of opening another store silently."""
    store.close()

    with pytest.raises(StoreError, match="the store is closed"):
        store.find(Event, "event:1")
    with pytest.raises(StoreError, match="the store is closed"):
        store.put(ONE)

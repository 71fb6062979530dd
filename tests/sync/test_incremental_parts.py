# SPDX-License-Identifier: Apache-2.0
"""The parts of partial looks: tables of older links, what is counted, what is left over."""

import datetime as dt

import attrs
import pytest

from territoire_sante.errors import ItemRefusedError
from territoire_sante.model import Event
from territoire_sante.plugins import Capability
from territoire_sante.store import Store
from territoire_sante.sync import Direction, _closing, apply
from territoire_sante.sync._records import Item
from territoire_sante.sync._state import State
from territoire_sante.sync._tables import COMPONENT, STEPS

NOW = dt.datetime(2027, 3, 1, 8, tzinfo=dt.UTC)
READ_WRITE = frozenset({Capability.READ, Capability.WRITE})


def item(number, href):
    """Return a pair."""
    return Item(uid=f"u{number}", key=f"event:{number}", kind="event", href=href, local_base={})


def test_links_of_an_older_version_go_on(tmp_path):
    """A database of before learns the places and the number of its items."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    with Store.open(url) as store:
        store.migrate(COMPONENT, STEPS[:3])
        with store.transaction() as transaction:
            for number, href in enumerate(("/a%20b", "/c", None)):
                transaction.connection.execute(
                    "INSERT INTO sync_item (link, uid, key, kind, href, local_base, status, "
                    "updated_at) VALUES ('l', ?, 'event:1', 'event', ?, '{}', 'synced', '')",
                    (f"u{number}", href),
                )
        store.migrate(COMPONENT, STEPS)
        with store.reading() as reader:
            state = State(reader.connection, "l")
            found = [one.uid for one in state.items_with("place", ["/a b", "/c"])]

            assert state.count() == 3
            assert found == ["u0", "u1"]
            assert state.link().revision is None


def test_planning_makes_no_tables(tmp_path):
    """A plan for a store that was never synced leaves it without the tables of links."""
    with Store.open(f"sqlite:///{tmp_path / 'new.db'}") as store:
        store.migrate(COMPONENT, STEPS, create=False)
        with store.reading() as reader:
            assert not list(State(reader.connection, "l").items())
            assert State(reader.connection, "l").count() == 0


def test_the_number_of_items_is_that_of_the_rows(tmp_path):
    """New pairs, changed ones and forgotten ones, of one link and of another."""
    with Store.open(f"sqlite:///{tmp_path / 'new.db'}") as store:
        store.migrate(COMPONENT, STEPS)
        with store.transaction() as transaction:
            one, other = (State(transaction.connection, name) for name in ("one", "other"))
            for number in range(5):
                one.save(item(number, f"/{number}"), NOW)
            one.save(item(1, "/elsewhere"), NOW)
            other.save(item(1, "/1"), NOW)
            one.forget("u2")
            one.forget("u2")

            assert (one.count(), other.count()) == (4, 1)
            assert one.count() == len(list(one.items()))


@pytest.mark.parametrize("refused", [True, False])
def test_too_much_left_over_looks_at_everything(make_world, monkeypatch, refused):
    """What waits is kept in a table only as long as it is little."""
    monkeypatch.setattr(_closing, "MOST", 20)
    world = make_world(capabilities=READ_WRITE).with_link(direction=Direction.PUSH)
    events = [Event(id=f"event:{n}", summary=f"E{n}") for n in range(21)]
    world.store.put(*events)
    if refused:
        world.server.refuse = lambda _href, _document: ItemRefusedError("not this one")
        world.sync()
    else:
        made = world.plan()
        world.store.put(*(attrs.evolve(one, location="Salle") for one in events))
        apply(world.store, made, now=world.now)
    with world.store.reading() as reader:
        state = State(reader.connection, world.link.name)

        assert state.link().revision is None
        assert not state.waiting()

    assert world.plan().whole
    assert world.sync().counts()["refused"] == len(events) * refused
    assert len(world.server.documents) == len(events) * (not refused)

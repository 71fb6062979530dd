# SPDX-License-Identifier: Apache-2.0
"""What is not even sent, because the server has said that it will refuse it."""

from __future__ import annotations

import attrs
import pytest

from territoire_sante.errors import ItemRefusedError, ReadOnlyError
from territoire_sante.plugins import Ref
from territoire_sante.sync import Outcome

READ = "<D:privilege><D:read/></D:privilege>"


@pytest.fixture
def held(faulty, event):
    """Give the ref of an item that is there."""
    faulty.put("a.ics", event("a"))
    with faulty.open() as transport:
        (ref,) = transport.list()
    faulty.methods()
    return ref


def test_read_only_is_known_beforehand(faulty, event, held):
    """Where the account may only read, reading works and no write is ever sent."""
    faulty.properties["D:current-user-privilege-set"] = READ
    with faulty.open() as transport:
        for write in (
            lambda: transport.create("b", event("b")),
            lambda: transport.replace(held, event("a", "B")),
            lambda: transport.delete(held),
        ):
            with pytest.raises(ReadOnlyError, match="no right to write") as caught:
                write()
        assert len(list(transport.read([held.href]))) == 1

    assert 'direction = "pull"' in caught.value.remedy
    assert set(faulty.methods()) == {"PROPFIND", "REPORT"}


@pytest.mark.parametrize(
    "privilege", ["D:all", "D:write", "D:write-content", "D:bind", "D:unbind"], ids=lambda p: p[2:]
)
def test_any_right_to_write_is_tried(faulty, event, privilege):
    """As long as the server grants one right of a writer, it decides about each write itself."""
    faulty.properties["D:current-user-privilege-set"] = (
        f"{READ}<D:privilege><{privilege}/></D:privilege>"
    )
    with faulty.open() as transport:
        ref = transport.create("b", event("b"))

        assert list(transport.list()) == [ref]


def test_a_refused_right_is_learnt(faulty, event, held):
    """After a refusal for lack of rights, the same is not tried again; something else is."""
    faulty.on("PUT", faulty.error(403, "<D:need-privileges/>"))
    with faulty.open() as transport:
        for name in ("b", "c", "d"):
            with pytest.raises(ReadOnlyError, match="may not write"):
                transport.create(name, event(name))
        assert faulty.methods().count("PUT") == 1
        transport.delete(held)

        assert list(transport.list()) == []


def test_too_large_an_item(faulty, event, held):
    """An item beyond the size that the server told is refused with both sizes, and not sent."""
    faulty.properties["C:max-resource-size"] = "300"
    large = event("b", "x" * 300)
    with faulty.open() as transport:
        transport.create("small", event("small"))
        with pytest.raises(ItemRefusedError, match=f"it has {len(large.data)} bytes.* 300 at most"):
            transport.create("large", large)
        with pytest.raises(ItemRefusedError, match="300 at most"):
            transport.replace(held, large)

    assert faulty.methods().count("PUT") == 1


def test_a_calendar_for_tasks_alone(faulty, event):
    """An event is not sent to a calendar that takes tasks only."""
    faulty.properties["C:supported-calendar-component-set"] = '<C:comp name="VTODO"/>'
    with faulty.open() as transport, pytest.raises(ItemRefusedError, match="only VTODO, no events"):
        transport.replace(Ref(faulty.home + "a.ics", '"1"'), event("a"))

    assert "PUT" not in faulty.methods()


def test_a_link_to_a_read_only_calendar_reads(linked, event):
    """What is there comes here; edits made here are refused unsent, until the right is given."""
    world = linked()
    world.far.properties["D:current-user-privilege-set"] = READ
    world.far.put("a.ics", event("a", "Theirs").data)
    world.put("ours", summary="Ours")
    first = world.sync()
    changed = world.get("Theirs")
    world.store.put(attrs.evolve(changed, summary="Theirs, changed here"))
    second = world.sync()
    sent = set(world.server.methods())
    del world.far.properties["D:current-user-privilege-set"]
    world.sync()

    assert {entry.outcome for entry in first.entries} == {Outcome.REFUSED, Outcome.DONE}
    assert all("no right to write" in entry.detail for entry in second.entries)
    assert sent <= {"PROPFIND", "REPORT", "GET"}
    assert world.there == ["Ours", "Theirs, changed here"]
    assert world.sync().is_quiet


@pytest.mark.parametrize(
    "changed",
    [{"careful": True}, {"trust_tokens": False}, {"timeout": 4.0}, {"password": "new"}],
    ids=lambda options: next(iter(options)),
)
def test_a_link_that_is_talked_to_otherwise_has_not_moved(linked, event, changed):
    """What was deleted there stays deleted, also on the day that one of our options changes."""
    options = {"username": "msp", "password": "old"}
    world = linked(config=options)
    world.far.put("a.ics", event("a", "A").data)
    world.far.put("b.ics", event("b", "B").data)
    world.sync()
    world.far.remove("b.ics")
    world.link = attrs.evolve(world.link, config={**world.link.config, **changed})
    world.sync()

    assert world.here == world.there == ["A"]

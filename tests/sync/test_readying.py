# SPDX-License-Identifier: Apache-2.0
"""New events are made ready while the rest is read, which changes nothing but the time it takes."""

from __future__ import annotations

import datetime as dt
import json

import attrs
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from territoire_sante.formats import Document
from territoire_sante.model import (
    Event,
    EventKind,
    OppositionEntry,
    OppositionKind,
    Visibility,
)
from territoire_sante.sync import Action, Direction, Plan, _readying, apply
from territoire_sante.sync._near import link_projection
from territoire_sante.sync._state import State

KEY = b"0123456789abcdef0123456789abcdef"
LABEL = next(kind.label_fr for kind in EventKind if kind is not EventKind.OTHER)

documents = st.fixed_dictionaries(
    {"summary": st.sampled_from(["Visite", "Goûter", "œuvre", "", "42"])},
    optional={
        "location": st.sampled_from(["Salle des fêtes", "a\nb"]),
        "categories": st.lists(st.sampled_from([LABEL, "Santé", "x"]), max_size=3),
        "start": st.sampled_from(["2027-03-28", "2027-03-28T02:30:00Z", "what"]),
    },
)
uids = st.sampled_from(["u1", "u 2", "647829b6-eda0-52f9-9dc4-17f1e98a0004", "é", "u5"])


def lay(world, items):
    """Put documents on the server."""
    for uid, data in items.items():
        body = json.dumps({**data, "uid": uid}).encode()
        world.server.put(f"/{uid.encode().hex()}", Document(body, "application/json"))


def kept(world):
    """Return all that is stored of the events and of their pairs."""
    with world.store.reading() as reader:
        items = sorted(State(reader.connection, "agenda").items(), key=lambda item: item.uid)
        return [*reader.all(Event)], items


@given(items=st.dictionaries(uids, documents))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_same_as_made_late(make_world, items):
    """A plan that was written down and read again, with nothing ready, ends in the same state."""
    at_once, later = make_world(), make_world()
    for world in (at_once, later):
        lay(world, items)
    made, told = at_once.plan(), later.plan()
    written = Plan.from_plain(told.to_plain(), later.link)
    apply(at_once.store, made, now=at_once.now)
    apply(later.store, written, catalog=later.catalog, now=later.now)

    assert all(o.ready is not None for o in made.operations if o.action is Action.CREATE_LOCAL)
    assert all(o.ready is None for o in written.operations)
    assert kept(at_once) == kept(later)
    assert at_once.sync().is_quiet


@pytest.fixture
def pulling(make_world):
    """A world with one new event on the other side."""
    world = make_world()
    lay(world, {"u1": {"summary": "there"}})
    return world


def test_what_came_here_meanwhile_is_kept(pulling):
    """An event that came here between plan and run is not overwritten by what was made ready."""
    made = pulling.plan()
    pulling.put("u1", uid="u1", summary="here", visibility=Visibility.PRIVATE)
    report = apply(pulling.store, made, now=pulling.now)

    assert made.operations[0].ready is not None
    assert report.local_writes == 0
    assert pulling.get("u1").summary == "here"


def test_another_one_under_the_same_id_is_kept(pulling):
    """Another event that bears the id by now stays, and the new one gets an id of its own."""
    made = pulling.plan()
    pulling.put("u1", uid="other", summary="here", visibility=Visibility.PUBLIC)
    apply(pulling.store, made, now=pulling.now)

    assert pulling.get("u1").summary == "here"
    assert sorted(event.summary for event in pulling.store.all(Event)) == ["here", "there"]


def test_ready_fits_one_projection_only(pulling):
    """What was made ready for one audience is of no use to a run for another one."""
    (operation,) = pulling.plan().operations
    ready = operation.ready
    other = attrs.evolve(ready.projection, audience=Visibility.PUBLIC)
    with pulling.store.transaction() as transaction:
        assert ready.fits(attrs.evolve(ready.projection), transaction)
        assert not ready.fits(other, transaction)


def test_an_objection_makes_it_late(pulling):
    """Once anybody objected, what was made ready before is made anew."""
    (operation,) = pulling.plan().operations
    entry = OppositionEntry.of(
        "a@example.org", OppositionKind.EMAIL, key=KEY, since=dt.date(2027, 3, 1)
    )
    pulling.store.put(entry)
    with pulling.store.transaction() as transaction:
        projection = link_projection(
            transaction,
            pulling.catalog.get("memory"),
            pulling.link,
            now=pulling.now,
            opposition_key=KEY,
        )
        assert not operation.ready.fits(projection, transaction)


def test_only_what_is_new_is_made_ready(pulling):
    """Neither what is known here by its UID, nor an edit, nor what only leaves, is made ready."""
    pulling.put("mine", uid="u1", summary="there")
    assert [o.ready for o in pulling.plan().operations if o.ready] == []

    pulling.sync()
    pulling.edit("there", location="elsewhere")
    assert [o.ready for o in pulling.plan().operations] == [None]

    pulling.with_link(direction=Direction.PUSH)
    lay(pulling, {"u5": {"summary": "foreign"}})
    assert [o.ready for o in pulling.plan().operations if o.ready] == []


def test_more_than_enough_is_made_late(pulling, monkeypatch):
    """Beyond so many items nothing more is made ready, and all come all the same."""
    monkeypatch.setattr(_readying, "MOST", 2)
    lay(pulling, {uid: {"summary": "there"} for uid in ("u2", "u3", "u4")})
    made = pulling.plan()
    report = apply(pulling.store, made, now=pulling.now)

    assert sum(o.ready is not None for o in made.operations) == 2
    assert report.local_writes == 4
    assert pulling.sync().is_quiet


def test_provenance(pulling):
    """The event says where it comes from, as one that is made late does."""
    pulling.sync()
    (event,) = pulling.store.all(Event)

    assert event.provenance.source == "link agenda"
    assert event.provenance.retrieved_on == dt.date(2027, 3, 1)

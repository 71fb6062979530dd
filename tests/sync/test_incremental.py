# SPDX-License-Identifier: Apache-2.0
"""What a run looks at: what changed and what waits, and when it looks at everything."""

import datetime as dt
import sys

import attrs
import pytest

from territoire_sante.errors import ItemRefusedError, UnreachableError
from territoire_sante.formats import Document
from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    Contact,
    ContactPoint,
    ContactPointKind,
    Event,
    OppositionEntry,
    OppositionKind,
    Person,
    PersonName,
    Role,
    Visibility,
)
from territoire_sante.plugins import Capability, Catalog
from territoire_sante.sync import Action, ConflictPolicy, Direction, Plan, apply, conflicts, plan
from territoire_sante.testing import MemoryServer, PlainLens, memory_connector

DELTA = frozenset({Capability.READ, Capability.WRITE, Capability.DELTA})
KEY = b"a key of thirty-two bytes, at least"


def doc(text):
    """Make a JSON document."""
    return Document(text.encode(), "application/json")


@pytest.fixture
def small_steps(world):
    """A world with ten events in step, whose next runs follow within a day."""
    for number in range(10):
        world.put(f"e{number}", summary=f"E{number}")
    world.sync()
    world.sync()
    return world


# The cost, not by the clock.


def cost(work):
    """Return how many Python functions are called, the same for the same work."""
    count = 0

    def called(_frame, event, _argument):
        nonlocal count
        count += event == "call"

    sys.setprofile(called)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


class Counted:
    """How many tens of steps SQLite makes in the one connection of a store in memory."""

    def __init__(self, store):
        self.steps = 0
        with store.transaction() as transaction:
            raw = transaction.connection.raw
            raw.set_progress_handler(self.step, 10)

    def step(self):
        """Count ten more."""
        self.steps += 1


class Prompt(MemoryServer):
    """A server that has looked for its changes before it is asked."""

    ready = None

    def batch(self, cursor):
        """Return what was prepared."""
        return super().batch(cursor) if self.ready is None else self.ready


def measured(make_world, lens, size, changes):
    """Return calls and database steps of a run of ``size`` items of which some changed."""
    world = make_world(capabilities=DELTA)
    world.server, world.catalog = Prompt(), Catalog()
    world.catalog.register(memory_connector(world.server, lens=lens(), capabilities=DELTA))
    with world.store.transaction():
        for number in range(size):
            world.put(f"e{number:05}", summary=f"E{number}")
    world.sync()
    world.sync()
    for number in range(changes):
        world.put(f"e{number:05}", location="Salle")
        world.edit(f"E{number + changes}", location="Salle")
    world.server.ready = world.server.batch(f"memory:0:{size}")
    counted = Counted(world.store)
    calls = cost(world.sync)
    return calls, counted.steps


@pytest.mark.parametrize("changes", [0, 3])
def test_cost_follows_the_changes(make_world, lens, changes):
    """With five times as many items, a run calls no more functions, SQLite makes no more steps."""
    measured(make_world, lens, 20, changes)
    small = measured(make_world, lens, 80, changes)
    large = measured(make_world, lens, 400, changes)

    assert large[0] <= small[0] * 1.1
    assert large[1] <= small[1] * 1.2 + 2


def test_plan_says_how_much_there_is(small_steps):
    """What was not looked at is counted all the same."""
    small_steps.put("e1", location="Salle")
    made = small_steps.plan()

    assert not made.whole
    assert (made.linked, made.unchanged, made.listed, len(made.operations)) == (10, 9, 10, 1)


def test_plan_can_be_kept(small_steps):
    """A plan of a partial look says in its data up to where it looked."""
    small_steps.put("e1", location="Salle")
    made = small_steps.plan()

    assert Plan.from_plain(made.to_plain(), made.link) == attrs.evolve(made, catalog=None)


# When everything is looked at.


def test_first_run_looks_at_everything_and_the_next_does_not(world):
    """Nothing is known at first; then what changed is enough."""
    world.put("a", summary="A")

    assert world.plan().whole

    world.sync()

    assert not world.plan().whole


@pytest.mark.parametrize("since_full", ["a new day", "twenty runs"])
def test_everything_is_looked_at_now_and_then(small_steps, since_full):
    """A new day may begin or end what is shown, and no index is trusted for more than 20 runs."""
    world = small_steps
    if since_full == "a new day":
        world.now = world.now.replace(hour=23, minute=30)
    else:
        for _ in range(19):
            world.now -= dt.timedelta(minutes=59)
            world.sync()
        world.now -= dt.timedelta(minutes=59)

    assert world.plan().whole

    world.sync()

    assert not world.plan().whole


@pytest.mark.parametrize(
    "changes",
    [
        {"audience": Visibility.TEAM},
        {"direction": Direction.PUSH},
        {"config": {}, "connector": "other"},
    ],
)
def test_another_link_looks_at_everything(small_steps, changes):
    """Another audience, direction or collection changes what each decision is."""
    world = small_steps
    world.catalog.register(attrs.evolve(world.catalog.get(world.link.connector), name="other"))

    assert world.with_link(**changes).plan().whole


def test_other_rules_look_at_everything(small_steps, lens):
    """A lens that reads more fields makes every view another one."""
    world = small_steps
    spec = world.catalog.get(world.link.connector)
    wider = lens(fields=spec.lens.fields | {"url"})
    world.catalog.register(attrs.evolve(spec, name="wider", lens=wider))
    world.sync()
    assert not world.plan().whole

    made = plan(
        world.store,
        attrs.evolve(world.link, connector="wider"),
        catalog=world.catalog,
        now=world.now,
    )

    assert made.whole


def test_an_unknown_outcome_looks_at_everything(small_steps):
    """A write of which nobody knows what became is looked for everywhere."""
    world = small_steps
    world.put("e1", location="Salle")
    world.server.lose_answer(verb="replace")
    world.sync()

    assert world.plan().whole


def test_an_older_store_looks_at_everything(small_steps):
    """If the store is an older copy than the link remembers, nothing is concluded from it."""
    world = small_steps
    with world.store.transaction() as transaction:
        transaction.connection.execute("UPDATE sync_link SET revision = 1000000")

    assert world.plan().whole


def test_very_many_changes_look_at_everything(make_world):
    """Reading all is faster than reading most of it one by one."""
    world = make_world(capabilities=DELTA)
    world.sync()
    with world.store.transaction():
        for number in range(501):
            world.put(f"e{number}", summary="E")

    assert world.plan().whole


def test_a_server_that_lost_its_token(small_steps):
    """A full listing is compared by version tags; only what differs is read."""
    world = small_steps
    world.edit("E3", location="Salle")
    world.server.remove(world.href("E4"))
    world.server.forget_cursors()
    before = len(world.server.calls)
    world.sync()
    read = [call.hrefs for call in world.server.calls[before:] if call.verb == "read"]

    assert world.get("e3").location == "Salle"
    assert world.get("e4") is None
    assert sum(map(len, read)) == 2


# What waits is looked at again.


def test_a_conflict_waits_and_is_settled(small_steps):
    """While a person has not decided, the item is looked at; then it is settled."""
    world = small_steps
    world.put("e1", location="ici")
    world.edit("E1", location="là-bas")
    world.sync()
    for _ in range(2):
        made = world.plan()

        assert not made.whole
        assert [one.action for one in made.operations] == [Action.CONFLICT]

        apply(world.store, made, now=world.now)
    conflicts.resolve(world.store, conflicts.list(world.store)[0].id, "remote")
    world.sync()

    assert world.get("e1").location == "là-bas"
    assert not world.plan().operations


def test_what_was_refused_is_told_each_time(small_steps):
    """A refusal is not forgotten because nothing changed since."""
    world = small_steps
    world.server.refuse = lambda _href, document: (
        ItemRefusedError("too long") if b"LONG" in document.data else None
    )
    world.put("e1", summary="LONG")
    for _ in range(3):
        assert world.sync().counts()["refused"] == 1
    assert not world.plan().whole

    world.put("e1", summary="court")
    world.sync()

    assert "court" in world.there()
    assert world.sync().counts()["refused"] == 0


@pytest.mark.parametrize("verb", ["replace", "read"])
def test_what_failed_is_tried_again(small_steps, verb):
    """A run that was interrupted leaves nothing behind, on either side."""
    world = small_steps
    world.put("e1", location="ici")
    world.edit("E2", location="là-bas")
    world.server.remove(world.href("E3"))
    world.server.fail(UnreachableError("gone for a moment"), verb=verb)
    try:
        world.sync()
    except UnreachableError:
        assert verb == "read"
    world.sync()
    world.sync()

    assert world.there()["E1"]["location"] == "ici"
    assert world.get("e2").location == "là-bas"
    assert world.get("e3") is None


def test_a_deletion_that_was_put_off_is_not_forgotten(small_steps):
    """An item deleted there, and edited here between plan and run, is decided on again."""
    world = small_steps
    world.server.remove(world.href("E3"))
    made = world.plan()
    world.put("e3", location="ici")
    apply(world.store, made, now=world.now)
    assert world.get("e3") is not None

    world.sync()

    assert world.there()["E3"]["location"] == "ici"


def test_second_view_with_the_same_uid_is_told_each_time(small_steps):
    """A double here is noticed although the linked one did not change, and takes over from it."""
    world = small_steps
    uid = next(iter(world.there().values()))["uid"]
    linked = next(e for e in world.store.all(Event) if world.there()[e.summary]["uid"] == uid)
    world.put("double", uid=uid, summary="Double")
    for _ in range(2):
        made = world.plan()

        assert not made.whole
        assert [one.href for one in made.quarantined] == ["event:double"]
        assert not made.operations

        apply(world.store, made, now=world.now)
    world.store.delete(Event, linked.id)
    world.sync()

    assert "Double" in world.there()
    assert linked.summary not in world.there()


def test_an_item_that_is_here_already_is_found_by_its_uid(world):
    """On a link that reads, a new document is joined with an event that nobody touched since."""
    world.with_link(direction=Direction.PULL)
    world.put("a", uid="u1", summary="A", description="noté ici")
    world.sync()
    world.sync()
    world.server.put("/x", doc('{"uid": "u1", "summary": "A", "location": "Salle"}'))
    assert not world.plan().whole
    world.sync()

    assert [(e.description, e.location) for e in world.store.all(Event)] == [("noté ici", "Salle")]


def test_a_change_of_a_hidden_item_is_not_lost(world):
    """On a link that reads, what changed there while an event was hidden comes once it is shown."""
    world.with_link(direction=Direction.PULL)
    world.server.put("/x", doc('{"uid": "u1", "summary": "A"}'))
    world.sync()
    event = next(iter(world.store.all(Event)))
    world.store.put(attrs.evolve(event, visibility=Visibility.PRIVATE))
    world.sync()
    world.edit("A", location="Salle")
    world.sync()
    world.sync()
    hidden = world.store.get(Event, event.id)
    world.store.put(attrs.evolve(hidden, visibility=event.visibility))
    assert not world.plan().whole
    world.sync()

    assert world.store.get(Event, event.id).location == "Salle"


# What depends on what.


@pytest.fixture
def book(make_world):
    """An address book with two people of one organisation, in step."""
    world = make_world(capabilities=DELTA, lens=PlainLens(Contact))
    for name in ("jeanne", "marie"):
        mail = ContactPoint(kind=ContactPointKind.EMAIL, value=f"{name}@example.org")
        id_ = f"person:{name}"
        world.store.put(
            Person(id=id_, name=PersonName(family=name.title()), contact_points=(mail,)),
            Appointment(
                id=f"appointment:{name}",
                person_id=id_,
                actor_id="actor:msp",
                role=Role.OTHER,
                visibility=Visibility.PARTNERS,
            ),
        )
    world.store.put(
        Actor(id="actor:msp", kind=ActorKind.OTHER, name="MSP", visibility=Visibility.PUBLIC)
    )
    run(world)
    return world


def run(world):
    """Sync once within the same day."""
    world.now += dt.timedelta(minutes=1)
    made = plan(world.store, world.link, catalog=world.catalog, now=world.now, opposition_key=KEY)
    apply(world.store, made, now=world.now, opposition_key=KEY)
    return made


def sent(world):
    """Return what the server holds."""
    return b"".join(one.data for one in world.server.documents.values()).decode()


def test_a_renamed_organisation_renames_it_on_all_its_cards(book):
    """Cards of people are rewritten although nobody touched the people."""
    actor = book.store.get(Actor, "actor:msp")
    book.store.put(attrs.evolve(actor, name="Maison de santé"))
    made = run(book)

    assert not made.whole
    assert {one.key for one in made.operations} == {"person:jeanne", "person:marie"}
    assert sent(book).count('"Maison de santé"') == 2


def test_a_post_that_goes_to_somebody_else(book):
    """Both cards change, the one that lost the post too."""
    post = book.store.get(Appointment, "appointment:jeanne")
    book.store.put(attrs.evolve(post, person_id="person:marie", title="Coordinatrice"))
    made = run(book)

    assert not made.whole
    assert {one.key for one in made.operations} == {"person:jeanne", "person:marie"}


def test_somebody_who_is_hidden_leaves_the_other_side(book):
    """Visibility is looked at as anything else that changed."""
    person = book.store.get(Person, "person:jeanne")
    book.store.put(attrs.evolve(person, visibility=Visibility.PRIVATE))
    made = run(book)

    assert not made.whole
    assert [one.action for one in made.operations] == [Action.DELETE_REMOTE]
    assert "Jeanne" not in sent(book)


def test_somebody_who_objected_leaves_the_other_side(book):
    """An objection is looked for in everything, at once."""
    entry = OppositionEntry.of(
        "jeanne@example.org", OppositionKind.EMAIL, key=KEY, since=dt.date(2027, 1, 1)
    )
    book.store.put(entry)
    made = run(book)

    assert made.whole
    assert "jeanne@example.org" not in sent(book)


def test_what_is_of_no_concern_is_not_looked_at(book):
    """An event makes no card another one."""
    book.store.put(Event(id="event:1", summary="Réunion"))
    made = run(book)

    assert not made.whole
    assert not made.operations


def test_policy_may_change_at_any_time(small_steps):
    """A conflict that waited is settled by the policy that is given to the link later."""
    world = small_steps
    world.put("e1", location="ici")
    world.edit("E1", location="là-bas")
    world.sync()
    world.with_link(conflict=ConflictPolicy.LOCAL)
    world.sync()

    assert world.there()["E1"]["location"] == "ici"

# SPDX-License-Identifier: Apache-2.0
"""
Random histories of two links: one looks at what changed, the other at everything each time.

Both must end alike, and after any history of partial looks, a look at everything finds nothing.
"""

import datetime as dt
import json
import re

import attrs
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from territoire_sante.errors import ConnectorError, ItemRefusedError, UnreachableError
from territoire_sante.formats import Document
from territoire_sante.model import Event, Visibility
from territoire_sante.plugins import Capability
from territoire_sante.sync import ConflictPolicy, Direction, apply, conflicts
from territoire_sante.testing import Moment

NAMES = st.sampled_from(["a", "b", "c", "d"])
WORDS = st.sampled_from(["un", "deux", "trois", "LONG"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), NAMES, WORDS),
        st.tuples(st.just("place"), NAMES, WORDS),
        st.tuples(st.just("uid"), NAMES, NAMES),
        st.tuples(st.sampled_from(["hide", "show", "delete", "forget"]), NAMES, st.just("")),
        st.tuples(st.sampled_from(["create", "edit", "swap"]), NAMES, WORDS),
        st.tuples(st.sampled_from(["remove", "break", "mend"]), NAMES, st.just("")),
        st.tuples(st.sampled_from(["lose", "touch", "keep", "late"]), st.just(""), st.just("")),
        st.tuples(st.just("decide"), st.just(""), st.sampled_from(["local", "remote"])),
        st.tuples(st.just("sync"), st.just(""), st.just("")),
        st.tuples(st.just("sync"), st.just(""), st.just("")),
    ),
    max_size=18,
)


def refused(_href, document):
    """Refuse what is too long."""
    return ItemRefusedError("too long") if b"LONG" in document.data else None


@attrs.define
class Story:
    """One world to which the steps happen; ``whole`` makes each run look at everything."""

    world: object
    whole: bool
    kept: object = None

    def happen(self, verb, name, word):
        """Do one step, if it is possible now."""
        getattr(self, f"do_{verb}")(name, word)

    def do_put(self, name, word):
        """Create or change an event here."""
        self.world.put(name, uid=name, summary=f"{name} {word}")

    def do_place(self, name, word):
        """Change another field here."""
        if self.world.get(name) is not None:
            self.world.put(name, location=word)

    def do_uid(self, name, other):
        """Give an event the UID of another one, or back its own."""
        if self.world.get(name) is not None:
            self.world.put(name, uid=other)

    def do_hide(self, name, _word):
        """Hide an event from the audience."""
        if self.world.get(name) is not None:
            self.world.put(name, visibility=Visibility.PRIVATE)

    def do_show(self, name, _word):
        """Show an event to the audience."""
        if self.world.get(name) is not None:
            self.world.put(name, visibility=Visibility.PARTNERS)

    def do_delete(self, name, _word):
        """Delete an event here."""
        if self.world.get(name) is not None:
            self.world.store.delete(Event, f"event:{name}")

    def do_forget(self, name, _word):
        """Erase an event here."""
        self.world.store.forget(Event, f"event:{name}")

    def documents(self, name):
        """Return the places where an item is held, with what they hold."""
        held = sorted(self.world.server.documents.items())
        told = ((href, json.loads(one.data)) for href, one in held if one.data != b"?")
        return [(href, data) for href, data in told if data["uid"] == name]

    def store(self, href, data):
        """Write a document as somebody else's client."""
        document = Document(json.dumps(data).encode(), "application/json")
        self.world.server.put(href, document)

    def do_create(self, name, word):
        """Create a document there, under a name of its own; nobody else does if we publish."""
        if self.world.link.direction is not Direction.PUSH:
            self.store(f"/other/{name}", {"uid": name, "summary": f"{name} {word}"})

    def do_edit(self, name, word):
        """Change a document there."""
        for href, data in self.documents(name)[:1]:
            self.store(href, {**data, "description": word})

    def do_swap(self, name, word):
        """Put another item in the place of a document."""
        for href, _ in self.documents(name)[:1]:
            self.store(href, {"uid": f"new-{name}", "summary": word})

    def do_remove(self, name, _word):
        """Remove a document there."""
        for href, _ in self.documents(name)[:1]:
            self.world.server.remove(href)

    def do_break(self, name, _word):
        """Make a document there unreadable."""
        for href, _ in self.documents(name)[:1]:
            self.world.server.put(href, Document(b"?", "application/json"))

    def do_mend(self, name, word):
        """Make what is unreadable there readable again."""
        for href, one in sorted(self.world.server.documents.items()):
            if one.data == b"?":
                self.store(href, {"uid": name, "summary": f"{name} mended {word}"})
                return

    def do_lose(self, _name, _word):
        """Let the server forget its tokens."""
        self.world.server.forget_cursors()

    def do_touch(self, _name, _word):
        """Give everything a new version tag."""
        self.world.server.touch()

    def do_keep(self, _name, _word):
        """Make a plan and keep it."""
        self.kept = self.plan()

    def do_late(self, _name, _word):
        """Carry out the plan that was kept, after whatever happened since."""
        if self.kept is not None:
            apply(self.world.store, self.kept, now=self.world.now, confirm=self.kept.fingerprint)

    def do_decide(self, _name, side):
        """Decide every conflict that waits."""
        for entry in conflicts.list(self.world.store):
            conflicts.resolve(self.world.store, entry.id, side)

    def do_sync(self, _name, _word):
        """Run once, whatever is deleted."""
        made = self.plan()
        apply(self.world.store, made, now=self.world.now, confirm=made.fingerprint)

    def plan(self, *, whole=None):
        """Make a plan a second later."""
        if self.whole if whole is None else whole:
            forget_how_far(self.world.store)
        self.world.now += dt.timedelta(seconds=1) - dt.timedelta(hours=1)
        return self.world.plan()

    def told(self):
        """Return all that a person can see of both sides, of the link and of the journal."""
        return {
            "here": sorted(
                (e.id, e.uid, e.summary, e.location, e.description, e.visibility.value)
                for e in self.world.store.all(Event)
            ),
            "there": {
                # A run that met another item there may be a run later than the other link's.
                href: re.sub(rb'"modified": "[^"]*"', b"", document.data)
                for href, document in self.world.server.documents.items()
            },
            "journal": sorted(
                (e.uid, e.state, e.winner, json.dumps(e.fields))
                for e in conflicts.list(self.world.store, states=())
            ),
            "items": rows(
                self.world.store, "SELECT uid, key, href, status, local_base FROM sync_item"
            ),
            "quarantine": rows(self.world.store, "SELECT href, reason FROM sync_quarantine"),
        }


def rows(store, query):
    """Return what the database answers, in order."""
    with store.reading() as reader:
        try:
            return sorted(map(tuple, reader.connection.execute(query)))
        except Exception:  # noqa: BLE001 - nobody has synced yet: there are no tables
            return []


def forget_how_far(store):
    """Make the next run look at everything on both sides."""
    with store.transaction() as transaction:
        connection = transaction.connection
        there = "SELECT 1 FROM sqlite_master WHERE name = 'sync_link'"
        if connection.execute(there).fetchone() is not None:
            connection.execute("UPDATE sync_link SET revision = NULL, cursor = NULL")


def begin(make_world, *, whole, delta, direction, policy):
    """Return a story of a link that is in step with one event and one document."""
    capabilities = {Capability.READ, Capability.WRITE} | ({Capability.DELTA} if delta else set())
    world = make_world(capabilities=capabilities, refuse=refused)
    story = Story(world.with_link(direction=direction, conflict=policy), whole)
    for step in (("put", "a", "un"), ("create", "b", "un"), ("sync", "", ""), ("sync", "", "")):
        story.happen(*step)
    return story


LINKS = st.fixed_dictionaries(
    {
        "delta": st.booleans(),
        "direction": st.sampled_from([*Direction, Direction.BOTH]),
        "policy": st.sampled_from(
            [ConflictPolicy.ASK, ConflictPolicy.LOCAL, ConflictPolicy.REMOTE]
        ),
    }
)
often = settings(
    max_examples=300 if settings.default.max_examples > 100 else 15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@often
@given(link=LINKS, steps=STEPS)
def test_partial_looks_end_as_looks_at_everything(make_world, link, steps):
    """Whatever happens on both sides and in between, both links come to the same end."""
    partly, wholly = (begin(make_world, whole=whole, **link) for whole in (False, True))
    for step in [*steps, *[("sync", "", "")] * 3]:
        partly.happen(*step)
        wholly.happen(*step)

    assert partly.told() == wholly.told()

    made, everything = partly.plan(), partly.plan(whole=True)

    assert everything.whole
    assert told_of(made) == told_of(everything)


def told_of(plan):
    """Return what a plan says to a person."""
    return (
        {(one.uid, one.action, one.reason) for one in plan.operations},
        {(one.href, one.reason) for one in plan.quarantined},
        plan.linked,
    )


@often
@given(
    link=LINKS,
    steps=STEPS,
    faults=st.lists(
        st.tuples(st.integers(1, 5), st.sampled_from(list(Moment)), st.booleans()), max_size=3
    ),
)
def test_after_partial_looks_with_faults_nothing_is_left_to_find(make_world, link, steps, faults):
    """Runs that fail somewhere leave nothing that only a look at everything would find."""
    story = begin(make_world, whole=False, **link)
    for number, step in enumerate(steps):
        if step[0] == "sync" and faults:
            at, moment, unknown = faults.pop()
            if unknown:
                story.world.server.lose_answer(at=at)
            else:
                story.world.server.fail(UnreachableError("a fault"), at=at, moment=moment)
        try:
            story.happen(*step)
        except ConnectorError:
            assert number >= 0
        finally:
            story.world.server._faults.clear()
    for _ in range(3):
        story.happen("sync", "", "")
    made, everything = story.plan(), story.plan(whole=True)

    assert everything.whole
    assert told_of(made) == told_of(everything)


@pytest.mark.parametrize("direction", list(Direction))
def test_the_two_stories_can_differ(make_world, direction):
    """The law above compares something: a link that was not synced differs from one that was."""
    link = {"delta": True, "direction": direction, "policy": ConflictPolicy.ASK}
    one, other = (begin(make_world, whole=False, **link) for _ in range(2))

    assert one.told() == other.told()

    for story in (one, other):
        story.happen("put", "a", "deux")
        story.happen("edit", "b", "deux")
    one.happen("sync", "", "")

    assert one.told() != other.told()

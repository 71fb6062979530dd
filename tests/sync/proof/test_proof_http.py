# SPDX-License-Identifier: Apache-2.0
"""
Random histories over real HTTP: a fault server, two writers, and incidents on the way.

``PROOF_SEED=7 PROOF_RUNS=100 pytest tests/sync/proof/test_proof_http.py`` runs a hundred from
seed 7 on; by default a few.
"""

import json
import os
import random

import attrs
import pytest

from territoire_sante.errors import ConnectorError, MassDeletionError
from territoire_sante.formats import Document
from territoire_sante.model import Event
from territoire_sante.serialization import to_plain, view_to_plain
from territoire_sante.sync import ConflictPolicy, conflicts
from territoire_sante.sync._tombstones import kept
from territoire_sante.testing._edits import edited, fields_of
from territoire_sante.testing.dav import Faults, Incident

#: How servers behave all the time; each of them has been measured somewhere.
MANNERS = (
    Faults(),
    Faults(rewrites={"reorder", "upper"}, adds=("X-STORED:1",)),
    Faults(rewrites={"lf", "split-categories"}, page=2),
    Faults(etags="weak"),
    Faults(etags="counter"),
    Faults(renames="location"),
    Faults(renames="silent", sync=False),
    Faults(sync=False, ctag=False),
    Faults(sync=False),
    Faults(deletions=False),
    Faults(sync_unknown="500", hrefs="absolute"),
    Faults(multiget=False, hrefs="much"),
    Faults(multiget_max=3, page=3),
    Faults(multiget_missing="fails", hrefs="lower"),
    Faults(listed_twice=True, namespace_noise=True, extras=("inbox",)),
    Faults(http10=True, gzip=True),
)
#: What befalls single requests.
INCIDENTS = (
    Incident.lost_answer("PUT"),
    Incident.lost_request("PUT"),
    Incident.lost_answer("DELETE"),
    Incident.failed_but_done("PUT", 500),
    Incident.failed_but_done("PUT", 502),
    Incident.busy("0", method="PUT"),
    Incident.busy("7200", 429),
    Incident(status=500),
    Incident(status=423, method="PUT"),
    Incident(status=507, method="PUT"),
    Incident(status=403, method="PUT"),
    Incident(status=412, method="PUT"),
    Incident(method="REPORT", cut=-40),
    Incident(method="PROPFIND", cut=100),
    Incident(method="REPORT", status=200, body="<html>Log in</html>"),
    Incident.lost_request("REPORT"),
    Incident.login_page(times=1),
    Incident(status=401),
    Incident(status=404, method="REPORT"),
    Incident(status=404, method="PROPFIND"),
)


@attrs.define
class Play:
    """One history: its world, its chance, and the marks that are owed."""

    world: object
    chance: random.Random
    number: int = 1000
    owed: dict = attrs.field(factory=dict)

    def plain(self, view):
        """Return a view as plain data."""
        return view_to_plain(view, self.world.lens.fields)

    def here(self):
        """Return the events of this side, by UID."""
        return {one.uid: one for one in self.world.store.all(Event)}

    def there(self):
        """Return the views of the other side, by name."""
        return {
            name: self.world.lens.get(
                Document(self.world.collection.data(name), self.world.lens.media_type)
            )
            for name in self.world.collection
        }

    def new(self):
        """Make a new event."""
        self.number += 1
        event = Event(id=f"event:u{self.number}", uid=f"u{self.number}", summary="A")
        return edited(edited(event, "retimed", self.number)[0], "rrule", self.number)[0]

    def edit(self, view):
        """Return an edit of a view and its marks, or nothing."""
        self.number += 1
        return edited(view, self.chance.choice(fields_of(Event)), self.number)

    def replaced(self, uid, before, after):
        """Forget the marks that somebody saw and replaced."""
        was, now = json.dumps(before), json.dumps(after)
        for marks in [m for m, of in self.owed.items() if of == uid]:
            if any(m in was for m in marks) and not any(m in now for m in marks):
                del self.owed[marks]

    def act(self):
        """Let one of the writers do something."""
        world, what = self.world, self.chance.randrange(8)
        here, there = sorted(self.here().items()), sorted(self.there().items())
        if what == 0:
            world.store.put(self.new())
        elif what == 1:
            view = self.new()
            world.hold(f"x{self.number}.ics", view)
        elif what == 2 and here:
            uid, event = self.chance.choice(here)
            world.store.delete(Event, event.id)
            self.replaced(uid, self.plain(event), None)
        elif what == 3 and there:
            name, view = self.chance.choice(there)
            world.collection.remove(name)
            self.replaced(view.uid, self.plain(view), None)
        elif what in (4, 5) and here:
            uid, event = self.chance.choice(here)
            made = self.edit(event)
            if made is not None:
                world.store.put(made[0])
                self.note(uid, event, made)
        elif there:
            name, view = self.chance.choice(there)
            made = self.edit(view)
            if made is not None:
                old = Document(world.collection.data(name), world.lens.media_type)
                world.collection.put(name, world.lens.put(made[0], old, now=world.now).data)
                self.note(view.uid, view, made)

    def note(self, uid, before, made):
        """Remember that an edit is owed."""
        after, marks = made
        self.replaced(uid, self.plain(before), self.plain(after))
        if marks:
            self.owed[marks] = uid

    def sync(self, hours=1):
        """Run once, confirming what the guard stops."""
        try:
            return self.world.sync(hours=hours)
        except MassDeletionError as blocked:
            self.world.now -= self.world.now.resolution
            return self.world.sync(confirm=blocked.fingerprint, hours=0)

    def keep(self):
        """Look for every mark that is owed."""
        store = self.world.store
        told = [self.world.collection.data(name) for name in self.world.collection]
        told += [json.dumps(self.plain(event)).encode() for event in self.here().values()]
        for entry in conflicts.list(store, states=()):
            told += [json.dumps(entry.fields, default=dict).encode(), entry.document or b""]
        with store.transaction() as transaction:
            told += [t.document or b"" for t in kept(transaction.connection)]
        text = b"\n".join(told).replace(b"\r\n ", b"").replace(b"\n ", b"").decode()
        shown = self.here()
        for marks, uid in self.owed.items():
            past = ""
            if uid not in shown:
                versions = store.history(Event, f"event:{uid}")
                past = json.dumps([to_plain(v.entity) for v in versions if v.entity is not None])

            assert any(mark in text or mark in past for mark in marks), (marks, uid)


@pytest.mark.parametrize("manner", MANNERS, ids=[str(n) for n in range(len(MANNERS))])
def test_histories_over_http(dav, manner):
    """Whatever befalls requests and whoever edits, it settles in two runs and nothing is lost."""
    first = int(os.environ.get("PROOF_SEED", random.randrange(10**9)))  # noqa: S311 - no secret
    for seed in range(first, first + int(os.environ.get("PROOF_RUNS", "1"))):
        chance = random.Random(seed)  # noqa: S311 - likewise
        policy = chance.choice([ConflictPolicy.LOCAL, ConflictPolicy.REMOTE])
        play = Play(dav(faults=manner).with_link(conflict=policy), chance)
        for _ in range(25):
            for _ in range(chance.randrange(4)):
                play.act()
            if chance.random() < 0.5:
                skip = chance.randrange(6)
                play.world.server.happen(attrs.evolve(chance.choice(INCIDENTS), skip=skip))
            try:
                play.sync()
            except ConnectorError as error:
                assert str(error), seed  # noqa: PT017 - any will do that says what it is
        play.world.server._incidents.clear()
        play.sync(hours=25)
        play.sync()
        last = play.sync()

        assert last.is_quiet, (seed, last.rows("en"))
        here = {uid: play.plain(event) for uid, event in play.here().items()}
        there = {view.uid: play.plain(view) for view in play.there().values()}
        assert len(there) == len(play.world.collection), seed
        assert set(here) == set(there), (seed, last.rows("en"))
        differing = {
            (uid, name, str(value), str(there[uid][name]))
            for uid, plain in here.items()
            for name, value in plain.items()
            if name not in {"start", "end", "rdates", "exdates", "occurrences", "categories"}
            and value != there[uid][name]
        }

        assert not differing, seed
        play.keep()

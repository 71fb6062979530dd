# SPDX-License-Identifier: Apache-2.0
"""
Random histories of three writers, faulty servers and crashes: nothing is lost, everything settles.

This side, one or two servers and their other clients edit every field of events or contacts.
Servers rewrite, lie about versions, leave items out, forget tokens and hold broken bytes; runs die
at any point of input or output and start again from the file. Each edit leaves a mark that
occurs nowhere else: it is owed until somebody who saw it replaces or deletes it.

By default a few short histories. ``pytest tests/sync/proof
--hypothesis-profile=long -s`` runs 500 of 50 steps and prints their seeds; ``PROOF_SEED=7`` starts
from that one, ``PROOF_RUNS=100`` runs another number.
"""

import datetime as dt
import json
import os
import random
import time
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from territoire_sante.errors import (
    ConnectorError,
    MassDeletionError,
    OutcomeUnknownError,
    UnreachableError,
)
from territoire_sante.model import Contact, Event, Visibility
from territoire_sante.projections import projection_for
from territoire_sante.serialization import KINDS, to_plain
from territoire_sante.sync import Outcome, apply, conflicts, plan
from territoire_sante.sync._tombstones import kept
from territoire_sante.testing import Moment

WHICH = st.integers(0, 63)
#: Histories of one seed.
BATCH = 25


class Runs:
    """Runs that go well, fail or die, and what has to hold afterwards; a part of a history."""

    # Runs.

    @rule(which=WHICH)
    def run(self, which):
        """Sync one link."""
        self.sync(self.side(which))

    @precondition(lambda self: self.safe)
    @rule(which=WHICH, at=st.integers(1, 12), edit=WHICH, act=st.integers(0, 4))
    def run_while_others_act(self, which, at, edit, act):
        """Sync while somebody edits or deletes between two calls, here or there."""
        side = self.side(which)
        acts = (
            lambda: self.edit_there(which, edit),
            lambda: self.edit_there(edit, which),
            lambda: self.delete_there(edit),
            lambda: self.edit_here(edit, which),
            lambda: self.delete_here(edit),
        )
        side.server.intrusion = (at, acts[act])
        self.sync(side)
        side.server.intrusion = None

    @precondition(lambda self: self.safe)
    @rule(which=WHICH, at=st.integers(1, 25), edit=WHICH)
    def run_and_die(self, which, at, edit):
        """Sync and die at a point of input or output; a new process starts from the file."""
        self.edit_here(which, edit)
        self.edit_there(edit, which)
        self.death = self.Death(at)
        try:
            self.sync(self.side(which))
        except self.Killed:
            self.steps["died"] += 1
            # What a dead run held ends after a while; here it is the same process that goes on.
            self.now += dt.timedelta(minutes=30)
        self.store.close()
        self.open()

    @precondition(lambda self: self.safe)
    @rule(
        which=WHICH,
        at=st.integers(1, 8),
        moment=st.sampled_from(list(Moment)),
        error=st.sampled_from([OutcomeUnknownError, UnreachableError, RuntimeError]),
    )
    def run_with_fault(self, which, at, moment, error):
        """Sync while one call fails, before or after it was carried out."""
        side = self.side(which)
        side.server.fail(error("a fault"), at=at, moment=moment)
        try:
            self.sync(side)
        except ConnectorError:
            self.steps["failed"] += 1
        side.server._faults.clear()

    def sync(self, side):
        """Run one link; what the guard stops is confirmed, what it lets pass is counted."""
        self.now += dt.timedelta(minutes=1)
        options = {"now": self.now, "catalog": self.catalog}
        made = plan(self.store, side.link, **options)
        most = max(5, int(made.linked * 0.2))
        self.steps["runs"] += 1
        try:
            report = apply(self.store, made, **options)
        except MassDeletionError as error:
            self.steps["blocked"] += 1
            return apply(self.store, made, confirm=error.fingerprint, **options)
        self.log.append((side.link.name, str(self.now), report.rows("en")))
        gone = [e for e in report.entries if e.action.deletes and e.outcome is Outcome.DONE]

        assert len(gone) <= most
        return report

    # What has to hold.

    @rule()
    def settle(self):
        """Two undisturbed rounds later nothing moves, all agree, and no edit is lost."""
        self.heal()
        # A double takes the place of what is deleted, one run later.
        rounds = 2 + self.doubles()
        for _ in range(4):
            for _ in range(rounds):
                for side in self.sides:
                    self.sync(side)
            last = [self.sync(side) for side in self.sides]

            self.said = [r.rows("en") for r in last]

            assert all(report.is_quiet for report in last), self.said

            open_ = conflicts.list(self.store)
            for entry in open_:
                conflicts.resolve(self.store, entry.id, ("local", "remote")[entry.id % 2])
            if not open_:
                break
        else:
            raise AssertionError("conflicts do not end")
        try:
            self.agree()
            self.keep()
        except AssertionError as error:
            error.add_note("\n".join(map(str, self.log[-16:])))
            raise

    def doubles(self):
        """Return how many documents have the UID of another one there."""
        count = 0
        for side in self.sides:
            plains = [p for d in side.server.documents.values() if (p := self.plain(d))]
            count += len(plains) - len({plain["uid"] for plain in plains})
        return count

    def heal(self):
        """Let the servers tell the truth again, and a day pass."""
        for side in self.sides:
            server = side.server
            server.hidden.clear()
            server.unreadable.clear()
            server.intrusion = None
            for href, document in server.good.items():
                if href in server.documents and self.plain(server.current(href)) is None:
                    server.put(href, document)
            server.good.clear()
        self.now += dt.timedelta(hours=25)

    def agree(self):
        """Check that this side and each server hold the same."""
        here = {uid: self.local_plain(one.view) for uid, one in self.here().items()}
        hidden = self.hidden_uids()
        for side in self.sides:
            there = {}
            for _, document in sorted(side.server.documents.items()):
                plain = self.plain(document)
                if plain is not None:
                    there.setdefault(plain["uid"], []).append(plain)

            assert set(here) <= set(there), set(here) - set(there)
            assert set(there) - set(here) <= hidden, set(there) - set(here)

            for uid, plain in here.items():
                mine = self.comparable(self.view, plain, side.rewriting)
                theirs = [self.comparable(self.view, one, side.rewriting) for one in there[uid]]

                assert mine in theirs, (side.link.name, self.differing(mine, theirs))

    def hidden_uids(self):
        """Return the UIDs of what exists here and is not shown."""
        everything = projection_for(
            self.view, audience=Visibility.PRIVATE, today=self.now.date()
        ).project(self.store)
        return {one.view.uid for one in everything} - set(self.here())

    def keep(self):
        """Look for every mark that is owed, and for every foreign line."""
        shown = self.here()
        live = [d.data for s in self.sides for d in s.server.documents.values()]
        live += [
            json.dumps(self.local_plain(one.view), ensure_ascii=False).encode()
            for one in shown.values()
        ]
        kept_bytes = b"\n".join(self.past())
        past = kept_bytes.replace(b"\r\n ", b"").decode("utf-8", "replace")
        now = b"\n".join(live).replace(b"\r\n ", b"").decode("utf-8", "replace")
        for marks, uid in list(self.owed.items()):
            if any(mark in now for mark in marks):
                continue
            found = any(mark in past for mark in marks)

            assert found or (uid not in shown and self.in_history(marks)), (marks, uid)
            # Found where a person can take it from; that is kept for a while only.
            del self.owed[marks]

        for (link, uid), line in list(self.lines.items()):
            server = next(side.server for side in self.sides if side.link.name == link)
            held = [d.data for d in server.documents.values() if uid.encode() in d.data]

            if any(line in data for data in held):
                continue

            assert not held or line in kept_bytes, line
            # Deleted with its document, in whose place another one may be by now.
            del self.lines[link, uid]

    def past(self):
        """Yield what the journal and the tombstones hold."""
        for entry in conflicts.list(self.store, states=()):
            yield json.dumps(entry.fields, default=dict, ensure_ascii=False).encode()
            yield entry.document or b""
        with self.store.transaction() as transaction:
            for tombstone in kept(transaction.connection):
                yield tombstone.document or b""
                yield json.dumps(tombstone.to_plain(), ensure_ascii=False, default=str).encode()

    def in_history(self, marks):
        """Say whether the store can bring a mark back."""
        versions = (
            version.entity
            for change in self.store.changes()
            for version in self.store.history(KINDS[change.kind], change.id)
        )
        text = json.dumps(
            [to_plain(one) for one in versions if one is not None], ensure_ascii=False
        )
        return any(mark in text for mark in marks)


def machine_settings(examples, steps):
    """Return the settings of so many histories of so many steps."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        # Shrinking takes minutes; a seed shows the same history again.
        phases=[Phase.generate] + ([Phase.shrink] if "PROOF_SHRINK" in os.environ else []),
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("view", [Event, Contact], ids=["events", "contacts"])
def test_histories(history, view, capsys):
    """Whatever three writers, faulty servers and crashes do, it settles and nothing is lost."""
    long = settings.default.max_examples > 100
    runs = int(os.environ.get("PROOF_RUNS", "250" if long else "10"))
    first = int(os.environ.get("PROOF_SEED", random.randrange(10**9)))  # noqa: S311 - no secret
    steps, started = Counter(), time.monotonic()
    body = {"view": view, "steps": steps}
    for number in range(-(-runs // BATCH)):
        machine = seed(first + number)(type(view.__name__, (Runs, history), body))
        run_state_machine_as_test(
            machine, settings=machine_settings(min(BATCH, runs), 50 if long else 25)
        )
        with capsys.disabled():
            if long:
                print(f"\n{view.__name__}: seed {first + number} held, {dict(steps)}", end="")  # noqa: T201 - asked for
    with capsys.disabled():
        if long:
            print(f"\n{view.__name__}: {runs} histories, {time.monotonic() - started:.0f} s")  # noqa: T201 - likewise

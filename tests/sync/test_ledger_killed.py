# SPDX-License-Identifier: Apache-2.0
"""
A publish to three channels dies at each point of input and output, and loses nothing by it.

Every fifth point by default, all of them with ``pytest --hypothesis-profile=long``.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import os

import attrs
import pytest
from hypothesis import settings

from territoire_sante import sync
from territoire_sante.formats import feed
from territoire_sante.model import Announcement, AnnouncementState
from territoire_sante.plugins import Capability, Catalog
from territoire_sante.store import Store
from territoire_sante.sync import DeliveryState, Direction, Link
from territoire_sante.testing import MemoryServer, memory_connector
from territoire_sante.testing._commits import before_commits
from territoire_sante.testing.panneaupocket import PanneauPocketServer

START = dt.datetime(2027, 3, 1, 8, 0, tzinfo=dt.UTC)
TITLES = {"Nouvelle", "Corrigée", "Restée"}


class KilledError(BaseException):
    """The process ends here."""


@attrs.define
class Death:
    """Counts the points at which a run reaches out or makes something durable, and kills at one."""

    left: int = 0
    count: int = 0

    def pass_by(self, *_):
        """Live on, or not."""
        self.count += 1
        if self.count == self.left:
            raise KilledError


@attrs.define
class Town:
    """A store, a memory server, a stand-in of PanneauPocket, and the file of a feed."""

    store: Store
    catalog: Catalog
    memory: MemoryServer
    board: PanneauPocketServer
    file: object
    now: dt.datetime = START

    @property
    def links(self):
        """The three links."""
        config = {
            "memory": {},
            "panneaupocket": {"token": "made-up", "base_url": self.board.api_url},
            "feed": {"path": str(self.file), "title": "Annonces", "create": True},
        }
        return [
            Link(
                name=name,
                connector=name,
                view="announcement",
                direction=Direction.PUSH,
                config=options,
            )
            for name, options in config.items()
        ]

    def publish(self):
        """Sync the three, an hour later."""
        self.now += dt.timedelta(hours=1)
        for link in self.links:
            plan = sync.plan(self.store, link, catalog=self.catalog, now=self.now)
            sync.apply(self.store, plan, now=self.now)

    def put(self, local, **fields):
        """Store an approved announcement."""
        known = {"body": "De 9 h à 12 h.", "state": AnnouncementState.APPROVED}
        self.store.put(Announcement(id=f"announcement:{local}", **{**known, **fields}))

    def change(self, local, **fields):
        """Correct one."""
        before = self.store.get(Announcement, f"announcement:{local}")
        self.store.put(attrs.evolve(before, **fields))

    def prepare(self):
        """Publish three notices, then leave one of each thing to do: new, corrected, withdrawn."""
        self.put("kept", title="Restée")
        self.put("edited", title="Modifiée")
        self.put("gone", title="Retirée")
        self.publish()
        self.put("new", title="Nouvelle")
        self.change("edited", title="Corrigée")
        sync.withdraw(self.store, "announcement:gone", now=self.now)

    def shown(self):
        """Return the titles on each channel, doubles and all."""
        lens = feed.FeedFormat.JSON.lens()
        return {
            "memory": sorted(lens.get(one).title for one in self.memory.documents.values()),
            "panneaupocket": sorted(one["title"] for one in self.board.signs.values()),
            "feed": sorted(_titles(self.file.read_bytes())),
        }

    def ledger(self):
        """Return the state of each announcement on each channel."""
        return {
            (one.link, one.announcement.partition(":")[2]): one.state.value
            for one in sync.deliveries(self.store)
        }


def _titles(data):
    lens = feed.FeedFormat.ATOM.lens()
    return [lens.get(entry.document).title for entry in feed.read(data).entries]


@pytest.fixture
def make_town(tmp_path):
    """Give a function that makes a town, and lets death stand at its doors."""
    numbers = iter(range(10**6))
    with contextlib.ExitStack() as stack:

        def make(patch):
            memory = MemoryServer()
            catalog = Catalog.installed()
            capabilities = (Capability.READ, Capability.WRITE, Capability.CONFIRM)
            lens = feed.FeedFormat.JSON.lens()
            catalog.register(memory_connector(memory, lens=lens, capabilities=capabilities))
            board = stack.enter_context(PanneauPocketServer(token="made-up"))
            store = stack.enter_context(Store.open("memory:"))
            file = tmp_path / f"{next(numbers)}.atom"
            town = Town(store, catalog, memory, board, file)
            town.prepare()
            return town, watch(town, patch)

        yield make


def watch(town, monkeypatch):
    """Stand at every commit, every call in memory, both sides of every request, and the file."""
    death = Death()
    town.memory.on_call = death.pass_by

    before_commits(town.store, death.pass_by)
    for owner, name in (
        (http.client.HTTPConnection, "putrequest"),
        (http.client.HTTPConnection, "getresponse"),
        (os, "fsync"),
        (os, "replace"),
    ):
        monkeypatch.setattr(owner, name, around(getattr(owner, name), death))
    return death


def around(call, death):
    """Return ``call`` with a point before and after it."""

    def called(*args, **options):
        death.pass_by()
        answer = call(*args, **options)
        death.pass_by()
        return answer

    return called


EXPECTED = {
    ("memory", "kept"): "visible",
    ("memory", "edited"): "visible",
    ("memory", "new"): "visible",
    ("memory", "gone"): "withdrawn",
    ("feed", "kept"): "visible",
    ("feed", "edited"): "visible",
    ("feed", "new"): "visible",
    ("feed", "gone"): "withdrawn",
    ("panneaupocket", "kept"): "unknown",
    ("panneaupocket", "edited"): "unknown",
    ("panneaupocket", "new"): "unknown",
    ("panneaupocket", "gone"): "handed_over",
}


def is_true(town):
    """Compare what the ledger says right after the death with what the channels show."""
    up = {state.value for state in DeliveryState if state.is_up}
    for (link, local), state in town.ledger().items():
        title = TITLE_OF[local]
        there = not title.isdisjoint(town.shown()[link])
        if state in ("held", "refused", "failed", "withdrawn", "expired"):
            assert not there, (link, local, state)
        elif state in up - {"unknown"}:
            assert there, (link, local, state)


TITLE_OF = {
    "kept": {"Restée"},
    "edited": {"Modifiée", "Corrigée"},
    "new": {"Nouvelle"},
    "gone": {"Retirée"},
}


def test_killed_at_any_point_of_a_publish(make_town, monkeypatch):
    """Killed anywhere, the ledger is true at once, and later runs bring one and the same end."""
    with monkeypatch.context() as patch:
        town, death = make_town(patch)
        town.publish()
        points = death.count
        expected = town.shown()
        town.publish()

        assert points > 40
        assert town.ledger() == EXPECTED
        assert expected["memory"] == expected["feed"] == sorted(TITLES)
        assert expected["panneaupocket"] == sorted({*TITLES, "Retirée"})

    for point in range(1, points + 1, 1 if settings.default.max_examples > 100 else 5):
        with monkeypatch.context() as patch:
            town, death = make_town(patch)
            death.left = point
            with pytest.raises(KilledError):
                town.publish()
            is_true(town)
            town.publish()
            town.publish()

            assert town.shown() == expected, point
            assert town.ledger() == EXPECTED, point


def test_withdrawn_before_a_lost_write_was_settled(make_town, monkeypatch):
    """What may be shown, because a run died, and is withdrawn then, is for a person to look at."""
    with monkeypatch.context() as patch:
        town, _ = make_town(patch)
        town.board.lose_answers(2)
        town.publish()

        assert town.ledger()["panneaupocket", "new"] == "unknown"
        sync.withdraw(town.store, "announcement:new", now=town.now)
        town.publish()
        (line,) = sync.deliveries(town.store, "panneaupocket", "announcement:new")

        assert "Nouvelle" in town.shown()["panneaupocket"]
        assert line.state is DeliveryState.HANDED_OVER
        assert "« Nouvelle »" in line.hand_over

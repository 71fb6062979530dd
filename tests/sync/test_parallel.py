# SPDX-License-Identifier: Apache-2.0
"""Several writes at a time: what may overlap does, and everything else is as before."""

import json
import threading
import time

import attrs
import pytest

from territoire_sante.errors import (
    AuthError,
    ConfigError,
    InvalidValueError,
    RetryableError,
    UnreachableError,
)
from territoire_sante.formats import Document
from territoire_sante.model import Event, Visibility
from territoire_sante.plugins import Capability, Catalog
from territoire_sante.sync import Action, Direction, Link, apply
from territoire_sante.testing import ETags, MemoryServer, memory_connector
from territoire_sante.testing._commits import before_commits

READ_WRITE = frozenset({Capability.READ, Capability.WRITE, Capability.DELTA})


class Watch:
    """A server whose writes take a moment, that counts how many are under way."""

    def __init__(self, world, parallel=4, pause=0.005):
        self.lock = threading.Lock()
        self.under_way = {}
        self.most = 0
        self.threads = set()
        self.pause = pause
        spec = world.catalog.get("memory")
        self.server = world.server
        world.catalog = Catalog()
        world.catalog.register(
            attrs.evolve(spec, open=self._opened(spec.open), parallel_writes=parallel)
        )

    def _opened(self, opened):
        watch = self

        class Opened:
            def __init__(self, config):
                self.inner = opened(config)

            def __enter__(self):
                return Transport(self.inner.__enter__(), watch)

            def __exit__(self, *error):
                return self.inner.__exit__(*error)

        return Opened

    def write(self, name, work):
        """Count a write, let it take a moment, then do it alone."""
        with self.lock:
            assert name not in self.under_way
            self.under_way[name] = True
            self.most = max(self.most, len(self.under_way))
            self.threads.add(threading.current_thread().name)
        time.sleep(self.pause)
        with self.lock:
            del self.under_way[name]
            return work()


@attrs.frozen(eq=False)
class Transport:
    """The transport of the memory server under a watch."""

    inner: object
    watch: Watch

    def list(self):
        """List."""
        return self.inner.list()

    def read(self, hrefs):
        """Read."""
        return self.inner.read(hrefs)

    def changes(self, cursor):
        """Return the changes."""
        return self.inner.changes(cursor)

    def create(self, hint, document):
        """Create."""
        return self.watch.write(hint, lambda: self.inner.create(hint, document))

    def replace(self, ref, document):
        """Replace."""
        name = ref.href.rpartition("/")[2]
        return self.watch.write(name, lambda: self.inner.replace(ref, document))

    def delete(self, ref):
        """Delete."""
        name = ref.href.rpartition("/")[2]
        return self.watch.write(name, lambda: self.inner.delete(ref))


def test_four_at_a_time_and_no_more(make_world):
    """Where four writes are allowed four overlap, in threads of their own; never five."""
    world = make_world(capabilities=READ_WRITE)
    watch = Watch(world)
    for number in range(40):
        world.put(f"e{number:02}", summary=f"e{number:02}")
    report = world.sync()

    assert watch.most == 4
    assert threading.main_thread().name not in watch.threads
    assert report.remote_writes == 40
    assert len(world.server.documents) == 40
    assert world.sync().is_quiet


def test_answers_are_remembered_together(make_world):
    """While some writes are under way, the answers of others wait for one transaction."""
    world = make_world(capabilities=READ_WRITE)
    Watch(world, pause=0.001)
    for number in range(64):
        world.put(f"e{number:02}", summary=f"e{number:02}")
    made = world.plan()
    commits = count_commits(world.store)
    report = apply(world.store, made, now=world.now)

    assert report.remote_writes == 64
    assert commits() <= 20  # four for the intents, a few for answers, reading back and the end


def test_one_at_a_time_stays_in_its_thread(make_world):
    """A connector that says nothing is called from the thread that opened it, one by one."""
    world = make_world(capabilities=READ_WRITE)
    watch = Watch(world, parallel=1)
    for number in range(5):
        world.put(f"e{number}", summary=f"e{number}")
    world.sync()

    assert watch.most == 1
    assert watch.threads == {threading.main_thread().name}


def test_a_link_may_ask_for_less(make_world):
    """The link's own number holds, up to what the connector allows."""
    world = make_world(capabilities=READ_WRITE)
    watch = Watch(world)
    for number in range(12):
        world.put(f"e{number}", summary=f"e{number}")
    world.with_link(parallel=2).sync()

    assert watch.most == 2
    with pytest.raises(ConfigError, match="4 at most"):
        world.with_link(parallel=5).plan()


@pytest.mark.parametrize("wrong", [0, -1, True, "4"])
def test_nonsense_is_refused(wrong):
    """A number of writes below one, or none at all, is an error that names the field."""
    with pytest.raises(InvalidValueError, match="parallel"):
        Link(name="a", connector="memory", view="event", parallel=wrong)


def test_the_report_keeps_the_order_of_the_plan(make_world):
    """Entries stand as in the plan, whichever write ended first; progress counts each once."""
    world = make_world(capabilities=READ_WRITE)
    Watch(world, pause=0.001)
    for number in range(30):
        world.put(f"e{number:02}", summary=f"e{number:02}")
    world.server.put("/x", Document(b'{"uid": "x", "summary": "x"}', "application/json"))
    made = world.plan()
    told = []
    report = apply(
        world.store, made, now=world.now, progress=lambda done, total, _: told.append((done, total))
    )

    assert [e.uid for e in report.entries] == [o.uid for o in made.operations]
    assert told == [(number, 31) for number in range(1, 32)]


@pytest.mark.parametrize("error", [AuthError, UnreachableError])
def test_what_is_under_way_is_settled_and_nothing_new_begins(make_world, error):
    """After an error that concerns all, at most four writes arrive, and each is remembered."""
    world = make_world(capabilities=READ_WRITE)
    Watch(world)
    for number in range(30):
        world.put(f"e{number:02}", summary=f"e{number:02}")
    world.server.fail(error("no"), at=10, verb="create")
    report = world.sync()
    counts = report.counts()
    arrived = len(world.server.documents)

    assert 9 <= arrived <= 13
    assert counts["done"] == arrived
    assert counts["failed"] == 1
    assert counts["deferred"] == 29 - arrived
    assert report.stopped
    assert world.sync().remote_writes == 30 - arrived
    assert world.sync().is_quiet
    assert len(world.server.documents) == 30


def test_one_name_is_written_to_one_after_the_other(make_world):
    """An item that goes and one that comes under the same name never overlap."""
    world = make_world(capabilities=READ_WRITE)
    Watch(world, pause=0.01)
    world.put("old", uid="abc", summary="old")
    for number in range(6):
        world.put(f"e{number}", summary=f"e{number}")
    world.sync()
    world.store.delete(Event, "event:old")
    world.put("new", uid="urn:uuid:abc", summary="new")
    made = world.plan()
    report = apply(world.store, made, now=world.now)

    assert {o.action for o in made.operations} == {Action.DELETE_REMOTE, Action.CREATE_REMOTE}
    assert report.counts()["done"] == 2
    assert sorted(world.there()) == [f"e{n}" for n in range(6)] + ["new"]
    assert world.sync().is_quiet


def test_a_conflict_among_many_is_merged(make_world):
    """Writes that another client was faster than are read again and merged, the rest goes on."""
    world = make_world(capabilities=READ_WRITE)
    Watch(world)
    for number in range(20):
        world.put(f"e{number:02}", summary=f"e{number:02}")
    world.sync()
    for number in range(20):
        world.put(f"e{number:02}", location="here")
    made = world.plan()
    for number in (3, 4, 17):
        world.edit(f"e{number:02}", description="there")
    report = apply(world.store, made, now=world.now)

    assert report.counts()["done"] == 20
    assert all(data["location"] == "here" for data in world.there().values())
    assert world.there()["e04"]["description"] == "there"
    assert world.get("e04").description == "there"
    assert world.sync().is_quiet


def test_a_server_without_etags_is_looked_at_before_each_write(make_world):
    """Where no version tag makes a write safe, each is compared first and written alone."""
    world = make_world(capabilities=READ_WRITE, etags=ETags.MISSING)
    watch = Watch(world)
    for number in range(8):
        world.put(f"e{number}", summary=f"e{number}")
    world.sync()
    world.sync()
    watch.most = 0
    for number in range(8):
        world.put(f"e{number}", location="here")
    made = world.plan()
    world.edit("e5", location="there")
    report = apply(world.store, made, now=world.now)

    assert watch.most == 1
    assert report.counts()["done"] == 7
    assert report.counts()["conflict"] == 1
    assert world.there()["e5"]["location"] == "there"


def test_a_patient_run_waits_as_long_as_the_server_says(make_world):
    """A server that names a time is waited for, then asked again, one write at a time."""
    world = make_world(capabilities=READ_WRITE)
    Watch(world)
    for number in range(20):
        world.put(f"e{number:02}", summary=f"e{number:02}")
    world.server.fail(RetryableError("busy", retry_after=7.0), at=5, verb="create")
    waits = []
    report = apply(world.store, world.plan(), now=world.now, sleep=waits.append)

    assert waits == [7.0]
    assert report.counts()["done"] == 20
    assert not report.stopped


def test_patience_ends(make_world):
    """A server that always asks to wait is left alone after a minute; the rest is deferred."""
    world = make_world(capabilities=READ_WRITE)
    for number in range(5):
        world.put(f"e{number}", summary=f"e{number}")
    world.server.refuse = lambda *_: RetryableError("busy", retry_after=25.0)
    waits = []
    report = apply(world.store, world.plan(), now=world.now, sleep=waits.append)

    assert sum(waits) <= 60
    assert report.counts()["deferred"] == 4
    assert "busy" in report.stopped


def test_few_transactions_for_many_items(make_world):
    """Items that come here are stored in groups, and intents and answers as well."""
    world = make_world(capabilities=READ_WRITE)
    for number in range(300):
        world.put(f"e{number:03}", summary=f"e{number:03}")
    made = world.plan()
    commits = count_commits(world.store)
    apply(world.store, made, now=world.now)
    pushed = commits()

    other = MemoryServer()
    catalog = Catalog()
    spec = memory_connector(
        other, lens=world.catalog.get("memory").lens, capabilities=READ_WRITE, name="other"
    )
    catalog.register(spec)
    for number in range(300):
        document = Document(
            json.dumps({"uid": f"r{number}", "summary": f"r{number}"}).encode(), "application/json"
        )
        other.put(f"/{number}", document)
    link = Link(
        name="other",
        connector="other",
        view="event",
        direction=Direction.PULL,
        audience=Visibility.PARTNERS,
    )
    world.catalog, world.link = catalog, link
    made = world.plan()
    commits = count_commits(world.store)
    report = apply(world.store, made, now=world.now)

    assert pushed <= 60
    assert commits() <= 12
    assert report.local_writes == 300


def count_commits(store):
    """Return a function that tells how many writing transactions there were from now on."""
    seen = []
    before_commits(store, lambda: seen.append(1))
    return lambda: len(seen)

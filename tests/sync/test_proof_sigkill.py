# SPDX-License-Identifier: Apache-2.0
"""
A sync of twenty mixed changes, killed (SIGKILL, a real process) at each point of input and output.

A point is a request about to be sent, one that was sent, an answer that came, a commit about to be
made and one that was made. The server runs in a process of its own. Every seventh
point by default; all of them with ``pytest --hypothesis-profile=long``.
"""

import datetime as dt
import http.client
import os
import signal
import time

import attrs
import pytest
from hypothesis import settings

from territoire_sante import Catalog, Link, Store, sync
from territoire_sante.formats import Document, icalendar
from territoire_sante.model import Event
from territoire_sante.serialization import view_to_plain
from territoire_sante.store._database import Database
from territoire_sante.sync import ConflictPolicy, conflicts
from territoire_sante.sync._state import State

EVENT = icalendar.EVENT
NOW = dt.datetime(2027, 3, 1, 8, tzinfo=dt.UTC)
START = dt.datetime(2027, 5, 3, 9, tzinfo=dt.UTC)
EDITED_HERE = ("here1", "here2", "here3", "here4")
EDITED_THERE = ("there1", "there2", "there3")
MERGED = ("merge1", "merge2", "merge3")
FOUGHT = ("fight1",)
GONE_HERE = ("gone1", "gone2")
GONE_THERE = ("lost1", "lost2")
NEW_HERE = ("new1", "new2", "new3")
NEW_THERE = ("far1", "far2")
#: By server, how many points to go on by default.
STEPS = {"faulty": 7, "radicale": 60, "xandikos": 90}
KNOWN = (*EDITED_HERE, *EDITED_THERE, *MERGED, *FOUGHT, *GONE_HERE, *GONE_THERE, "still")


def event(name, **fields):
    """Return an event."""
    end = START + dt.timedelta(hours=1)
    return Event(id=f"event:{name}", uid=name, summary=name, start=START, end=end, **fields)


@attrs.frozen
class Case:
    """One collection, one store, one link, brought to where a run has twenty things to do."""

    shelf: object
    file: str

    @property
    def link(self):
        """The link between them."""
        return Link(
            name="agenda", connector="caldav", view="event", conflict=ConflictPolicy.LOCAL,
            config=self.shelf.config(),
        )  # fmt: skip

    def run(self, minutes, *, confirm=False):
        """Sync once, from the file."""
        now = NOW + dt.timedelta(minutes=minutes)
        with Store.open(f"sqlite:///{self.file}", clock=lambda: now) as store:
            plan = sync.plan(store, self.link, catalog=Catalog.installed(), now=now)
            return sync.apply(store, plan, now=now, confirm=plan.fingerprint if confirm else None)

    def prepare(self):
        """Sync the known events, then change twenty of all."""
        with Store.open(f"sqlite:///{self.file}", clock=lambda: NOW) as store:
            store.put(*(event(name) for name in KNOWN))
        # A server may lock for a moment: begin with everything in step.
        for minutes in (0, 1, 2):
            self.run(minutes)
        with Store.open(f"sqlite:///{self.file}", clock=lambda: NOW) as store:
            store.put(*(event(name) for name in NEW_HERE))
            for name in (*EDITED_HERE, *MERGED, *FOUGHT):
                store.put(attrs.evolve(store.get(Event, f"event:{name}"), location="Ici"))
            for name in GONE_HERE:
                store.delete(Event, f"event:{name}")
        for name in NEW_THERE:
            self.shelf.put(f"{name}.ics", EVENT.put(event(name)).data)
        for name in (*EDITED_THERE, *MERGED):
            self.edit(name, description="Là-bas")
        for name in FOUGHT:
            self.edit(name, location="Là-bas")
        for name in GONE_THERE:
            self.shelf.remove(f"{name}.ics")
        return self

    def edit(self, name, **fields):
        """Change an event there."""
        document = Document(self.shelf.ask("GET", f"{name}.ics").content, EVENT.media_type)
        changed = EVENT.put(attrs.evolve(EVENT.get(document), **fields), document)
        self.shelf.put(f"{name}.ics", changed.data)

    def end(self):
        """Return both sides, what the link remembers and what lost: all but times and versions."""
        there = {
            name: view_to_plain(EVENT.get(Document(data, EVENT.media_type)), EVENT.fields)
            for name, data in self.shelf.documents().items()
        }
        with Store.open(f"sqlite:///{self.file}") as store:
            here = {e.id: view_to_plain(e, EVENT.fields) for e in store.all(Event)}
            lost = sorted(
                (entry.uid, entry.state, entry.winner, field["remote"])
                for entry in conflicts.list(store, states=())
                for field in entry.fields
            )
            with store.transaction() as transaction:
                state = State(transaction.connection, "agenda")
                known = {
                    i.uid: (i.key, i.href.rpartition("/")[2], i.status, dict(i.local_base))
                    for i in state.items()
                }
                pending = {*state.intents(), *state.refusals(), *state.quarantined()}
        return here, there, lost, known, pending


# --- the child -----------------------------------------------------------------------------------


class Points:
    """Counts points of input and output, and kills this process at one of them."""

    def __init__(self, fatal, pipe):
        self.fatal, self.pipe, self.count = fatal, pipe, 0

    def pass_by(self, *_):
        """Live on, or not."""
        self.count += 1
        if self.count == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(self):
        """Stand at every request and every commit of this process, which ends soon."""
        connection = http.client.HTTPConnection
        ask, answer = connection.putrequest, connection.getresponse

        def putrequest(this, *args, **options):
            self.pass_by()
            return ask(this, *args, **options)

        def getresponse(this, *args, **options):
            self.pass_by()
            response = answer(this, *args, **options)
            self.pass_by()
            return response

        connection.putrequest, connection.getresponse = putrequest, getresponse
        commit = Database.commit

        def committed(this, change):
            self.pass_by()
            commit(this, change)
            self.pass_by()

        Database.commit = committed


def forked(case, fatal):
    """Sync in a child process that dies at the point ``fatal``; return its points, 0 if killed."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            points = Points(fatal, into)
            points.hook()
            case.run(60)
            os.write(into, b"%d" % points.count)
            code = 0
        finally:
            os._exit(code)
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return 0

    assert os.WEXITSTATUS(status) == 0
    return int(said)


@pytest.fixture(params=list(STEPS))
def make_case(request, memory_folder, shelf_at):
    """Give a function that prepares a new case on a real server."""
    server = request.getfixturevalue(request.param)
    numbers = iter(range(10**6))

    def make():
        name = f"killed-{next(numbers)}"
        url = server.create_calendar(name)
        return Case(shelf_at(url), str(memory_folder / f"{name}.db")).prepare()

    make.server = request.param
    return make


def test_killed_by_signal_at_every_point(make_case, capsys):
    """Whenever a sync is killed, one that is started again ends in the same state."""
    started = time.monotonic()
    case = make_case()
    points = forked(case, 0)
    for minutes in (70, 80):
        case.run(minutes)
    assert case.run(90).is_quiet
    expected = case.end()
    here, there, lost, known, pending = expected

    # Two deleted on each side, three and two new: all of the known ones but four, and five.
    assert len(here) == len(there) == len(known) == len(KNOWN) - 4 + 5
    assert points > 60
    assert not pending
    assert lost == [("fight1", "settled", "local", "Là-bas")]

    every = settings.default.max_examples > 100
    step = 1 if every else STEPS[make_case.server]
    killed = 0
    for point in range(1 if every else 2, points + 1, step):
        case = make_case()
        killed += forked(case, point) == 0
        for minutes in (70, 80):
            case.run(minutes)

        assert case.run(90).is_quiet, point
        assert case.end() == expected, point
    with capsys.disabled():
        if every:
            spent = time.monotonic() - started
            print(f"{make_case.server}: {points} points, killed at {killed}, {spent:.0f} s")  # noqa: T201 - asked for

    assert killed >= (points // step) * 0.9

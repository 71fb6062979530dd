# SPDX-License-Identifier: Apache-2.0
"""The agenda under the sync engine, in both directions, with edits on both sides."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import attrs
import pytest
from territoire_sante_town_agenda import CONNECTOR

from territoire_sante import Catalog, Direction, Link, Store, sync
from territoire_sante.errors import OutcomeUnknownError
from territoire_sante.model import Event, Visibility

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def store():
    """Give an empty store."""
    with Store.open("memory:") as opened:
        yield opened


@pytest.fixture
def connector():
    """Give the connector; another one may be put in its place between two runs."""
    return [CONNECTOR]


@pytest.fixture
def run(store, path, connector):
    """Give a function that syncs; it returns what was done, and how it ended."""
    link = Link(
        name="mairie",
        connector="town-agenda",
        view="event",
        direction=Direction.BOTH,
        audience=Visibility.PUBLIC,
        config={"path": str(path)},
    )

    def once():
        catalog = Catalog()
        catalog.register(connector[-1])
        plan = sync.plan(store, link, catalog=catalog)
        report = sync.apply(store, plan, catalog=catalog)
        return sorted((entry.action.value, entry.outcome.value) for entry in report.entries)

    return once


def titled(store, title):
    """Return the event with a title."""
    (found,) = [event for event in store.all(Event) if event.summary == title]
    return found


def test_both_sides_come_to_say_the_same(store, run, path):
    """Entries come here, events go there, each once; then there is nothing left to do."""
    store.put(
        Event(
            id="event:forum",
            visibility=Visibility.PUBLIC,
            summary="Forum santé",
            location="Halle",
            start=dt.datetime(2027, 6, 20, 10, tzinfo=PARIS),
            end=dt.datetime(2027, 6, 20, 17, tzinfo=PARIS),
        )
    )
    assert run() == [("create_local", "done")] * 4 + [("create_remote", "done")]
    assert run() == []
    assert "20/06/2027 10h-17h | Halle | Forum santé\n" in path.read_text("utf-8")
    assert len(list(store.all(Event))) == 5


def test_edits_of_both_sides_are_merged(store, run, path, text):
    """Another hour here and another place there end in one line and one event with both."""
    run()
    loto = titled(store, "Loto des aînés")
    store.put(attrs.evolve(loto, start=dt.datetime(2027, 6, 12, 19, tzinfo=PARIS)))
    path.write_bytes(text.replace("Foyer", "Halle").encode())
    run()
    # The weekday went with the hour that it stood before.
    assert "\n12/06/2027 19h | Halle | Loto des aînés | complet !\n" in path.read_text("utf-8")
    merged = store.get(Event, loto.id)
    assert (merged.location, merged.start.hour) == ("Halle", 19)
    assert run() == []


def test_deletions_travel_and_slips_do_not(store, run, path, text):
    """A line that goes takes its event along; a slip in a line takes nothing, and is told."""
    run()
    lines = text.splitlines(keepends=True)
    path.write_text("".join(one for one in lines if "Loto" not in one), "utf-8")
    assert run() == [("delete_local", "done")]

    store.delete(Event, titled(store, "Feu d'artifice et bal").id)
    assert run() == [("delete_remote", "done")]
    assert "artifice" not in path.read_text("utf-8")

    path.write_text(path.read_text("utf-8").replace("05/06/2027", "55/06/2027"), "utf-8")
    run()
    assert titled(store, "Journée de prévention").start.day == 5
    path.write_text(path.read_text("utf-8").replace("55/06/2027", "06/06/2027"), "utf-8")
    run()
    assert titled(store, "Journée de prévention").start.day == 6


def test_what_a_line_cannot_say_stays_here(store, run, path):
    """An event that recurs is not written, and that is told; the others are synced."""
    weekly = Event(
        id="event:weekly",
        visibility=Visibility.PUBLIC,
        summary="Permanence",
        start=dt.datetime(2027, 6, 20, 10, tzinfo=PARIS),
        rrule="FREQ=WEEKLY",
    )
    store.put(weekly)
    assert ("create_remote", "refused") in run()
    assert "Permanence" not in path.read_text("utf-8")
    assert store.get(Event, "event:weekly").rrule == "FREQ=WEEKLY"


def test_what_a_line_has_no_words_for_stays_here(store, run, path, text):
    """A description written here outlives an edit of the line there."""
    run()
    store.put(attrs.evolve(titled(store, "Loto des aînés"), description="Lots offerts"))
    path.write_bytes(text.replace("Loto des aînés", "Grand loto").encode())
    run()
    assert titled(store, "Grand loto").description == "Lots offerts"
    assert "offerts" not in path.read_text("utf-8")


def test_a_lost_answer_does_not_double_a_line(store, run, path, connector):
    """A line that was written and never acknowledged is recognised in the next run."""

    class Losing:
        def __init__(self, agenda):
            self.agenda = agenda

        def __getattr__(self, name):
            return getattr(self.agenda, name)

        def create(self, href_hint, document):
            self.agenda.create(href_hint, document)
            raise OutcomeUnknownError("the answer was lost")

    @contextmanager
    def losing(config):
        with CONNECTOR.open(config) as agenda:
            yield Losing(agenda)

    run()
    event = Event(
        id="event:forum",
        visibility=Visibility.PUBLIC,
        summary="Forum santé",
        start=dt.date(2027, 6, 20),
    )
    store.put(event)
    connector.append(attrs.evolve(CONNECTOR, open=losing))
    assert run() == [("create_remote", "unknown")]
    connector.pop()
    run()
    assert run() == []
    assert path.read_text("utf-8").count("Forum santé") == 1
    assert titled(store, "Forum santé") == event

# SPDX-License-Identifier: Apache-2.0
"""The connector at work under the engine: published once, corrected, withdrawn, never doubled."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from zoneinfo import ZoneInfo

import attrs
import pytest

from territoire_sante import Direction, Link, Store, sync
from territoire_sante.errors import ConnectorError
from territoire_sante.model import Announcement, AnnouncementState, Attachment
from territoire_sante.testing.mobilizon import MobilizonServer

NOTICE = Announcement(
    id="announcement:1",
    title="Vaccination",
    body="Sans rendez-vous",
    place="Mairie",
    event_start=dt.datetime(2026, 11, 24, 9, tzinfo=ZoneInfo("Europe/Paris")),
    publish_from=dt.date(2026, 11, 2),
    state=AnnouncementState.APPROVED,
)


@pytest.fixture
def store():
    """Give an empty store."""
    with Store.open("sqlite://") as opened:
        yield opened


@pytest.fixture
def link(server, account):
    """Give a link that publishes on the stand-in."""
    return _link(server, account)


def _link(server, account):
    return Link(
        name="mobilizon",
        connector="mobilizon",
        view="announcement",
        direction=Direction.PUSH,
        config={"base_url": server.origin, **account},
    )


def run(store, link):
    """Sync a link; return the report."""
    return sync.apply(store, sync.plan(store, link))


def change(store, **changes):
    """Change the notice in the store."""
    store.put(attrs.evolve(store.get(Announcement, NOTICE.id), **changes))


def writes(server):
    """Return the names of the operations that changed an event."""
    told = " ".join(str(one.body["query"]) for one in server.requests)
    return {name: told.count(f"{name}(") for name in ("createEvent", "updateEvent", "deleteEvent")}


def test_a_second_publish_sends_nothing_and_a_correction_edits(server, store, link):
    """One event is created; nothing more until something changes; then that one is changed."""
    store.put(NOTICE)
    run(store, link)
    run(store, link)
    change(store, title="Vaccins")
    run(store, link)

    assert [(one.title, one.place) for one in server.shown()] == [("Vaccins", "Mairie")]
    assert writes(server) == {"createEvent": 1, "updateEvent": 1, "deleteEvent": 0}


@pytest.mark.parametrize("changes", [{}, {"body": "Reporté à mercredi"}])
def test_a_lost_answer_makes_no_second_event(server, store, link, changes):
    """After a lost answer, with the notice changed meanwhile or not, there is one event."""
    store.put(NOTICE)
    server.lose_answers()
    run(store, link)
    if changes:
        change(store, **changes)
    run(store, link)
    run(store, link)

    (seen,) = server.shown()
    assert seen.text == store.get(Announcement, NOTICE.id).body
    assert writes(server)["createEvent"] == 1


def test_a_withdrawn_notice_is_deleted_and_events_of_people_stay(server, store, link):
    """A withdrawal takes our event away; what people announced on the site is untouched."""
    server.add("Marche", "2026-11-15T08:00:00+01:00")
    store.put(NOTICE)
    run(store, link)
    store.put(store.get(Announcement, NOTICE.id).withdraw())
    run(store, link)
    run(store, link)

    assert [one.title for one in server.shown()] == ["Marche"]
    assert writes(server)["deleteEvent"] == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"event_start": None}, "date"),
        ({"attachments": (Attachment(url="https://example.org/a.pdf"),)}, "pièce"),
    ],
)
def test_what_does_not_fit_is_refused(server, store, link, changes, words):
    """Without a date, or with files, nothing is sent, and the report says why in French."""
    store.put(attrs.evolve(NOTICE, **changes))
    report = run(store, link)

    (entry,) = report.entries
    assert words in entry.detail_fr
    assert server.shown() == ()


def test_the_ledger_says_what_visitors_see(server, store, link):
    """A published notice is noted as visible."""
    store.put(NOTICE)
    run(store, link)

    (line,) = sync.deliveries(store)
    assert (line.state, line.href) == (sync.DeliveryState.VISIBLE, server.shown()[0].uuid)


@pytest.mark.parametrize(("at", "fault"), [(0, {"stored": True}), (1, {}), (2, {"html": True})])
def test_a_failure_at_any_request_doubles_and_loses_nothing(at, fault, account):
    """Whichever request fails, some runs later the notice is there once, as it is by then."""
    asked = at + 1
    while at < asked:
        with MobilizonServer(**account) as server, Store.open("sqlite://") as fresh:
            link = _link(server, account)
            server.fail(**{"status": 500, **fault}, after=at)
            fresh.put(NOTICE)
            for changes in ({}, {}, {"title": "Vaccins"}, {}, {}):
                fresh.put(attrs.evolve(fresh.get(Announcement, NOTICE.id), **changes))
                with suppress(ConnectorError):
                    run(fresh, link)
            (seen,) = server.shown()
            assert "Vaccins" in seen.title
            asked, at = len(server.requests), at + 3

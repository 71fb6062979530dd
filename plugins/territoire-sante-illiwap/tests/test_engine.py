# SPDX-License-Identifier: Apache-2.0
"""Both connectors at work under the engine, over several runs."""

from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante import Direction, Link, Store, sync
from territoire_sante.errors import ProtocolError
from territoire_sante.model import Announcement, Event
from territoire_sante.testing.illiwap import IlliwapServer


@pytest.fixture
def store():
    """Give an empty store."""
    with Store.open("sqlite://") as opened:
        yield opened


def link(station, connector, view):
    """Return a link that reads the stand-in."""
    return Link(
        name=connector,
        connector=connector,
        view=view,
        direction=Direction.PULL,
        config={"station": "48000", "origin": station.origin},
    )


def run(store, one):
    """Sync a link; return the actions of the plan."""
    plan = sync.plan(store, one)
    sync.apply(store, plan)
    return [operation.action.value for operation in plan.operations]


def test_news_is_followed_and_stays_when_the_feed_drops_it(store):
    """New and edited items come; what leaves the feed is no deletion, in any run after."""
    with IlliwapServer(station="48000", latest=2) as station:
        news = link(station, "illiwap", "announcement")
        station.post("a", "Un", "<p>un</p>")
        station.post("b", "Deux", "<p>deux</p>", date="hier")
        assert run(store, news) == ["create_local", "create_local"]
        assert run(store, news) == []

        station.post("c", "Trois", "<p>trois</p>")
        station.post("b", "Deux bis", "<p>deux</p>")
        assert sorted(run(store, news)) == ["create_local", "update_local"]
        station.take_down("c")
        station.post("d", "Quatre", "<p>quatre</p>")
        assert run(store, news) == ["create_local"]
        assert run(store, news) == []

        station.fail(body="<!DOCTYPE html><h1>Maintenance</h1>")
        with pytest.raises(ProtocolError):
            run(store, news)

    titles = sorted(one.title for one in store.all(Announcement))
    assert titles == ["Deux bis", "Quatre", "Trois", "Un"]


def test_the_agenda_is_followed(store, station):
    """An event that is called off goes; one without a start harms nobody."""
    agenda = link(station, "illiwap-agenda", "event")
    start = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(days=3)
    kept = {"id": 1, "title": "Marche", "start": start.isoformat()}
    for item in (kept, {"id": 2, "title": "Loto", "start": start.isoformat()}, {"title": "?"}):
        station.add_event(item)
    assert run(store, agenda) == ["create_local", "create_local"]
    assert run(store, agenda) == []

    station.clear_events()
    station.add_event({**kept, "title": "Longue marche"})
    assert sorted(run(store, agenda)) == ["delete_local", "update_local"]
    assert [one.summary for one in store.all(Event)] == ["Longue marche"]

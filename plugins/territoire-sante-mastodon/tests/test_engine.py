# SPDX-License-Identifier: Apache-2.0
"""The connector at work under the engine: published once, corrected, withdrawn, never doubled."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import attrs
import pytest

from territoire_sante import Direction, Link, Store, sync
from territoire_sante.errors import ConnectorError
from territoire_sante.model import Announcement, AnnouncementState
from territoire_sante.testing.mastodon import MastodonServer

NOTICE = Announcement(
    id="announcement:1",
    title="Vaccination",
    body="Mardi, 9 h\nMairie",
    url="https://example.org/vaccination",
    publish_from=dt.date(2026, 11, 2),
    state=AnnouncementState.APPROVED,
)


@pytest.fixture
def server():
    """Give a stand-in on the clock of the engine."""
    with MastodonServer(token="jeton-invente") as running:
        yield running


@pytest.fixture
def store():
    """Give an empty store."""
    with Store.open("sqlite://") as opened:
        yield opened


@pytest.fixture
def link(server):
    """Give a link that publishes on the stand-in."""
    return _link(server)


def _link(server):
    return Link(
        name="mastodon",
        connector="mastodon",
        view="announcement",
        direction=Direction.PUSH,
        config={"token": "jeton-invente", "base_url": server.origin},
    )


def run(store, link):
    """Sync a link; return the report."""
    return sync.apply(store, sync.plan(store, link))


def change(store, **changes):
    """Change the notice in the store."""
    store.put(attrs.evolve(store.get(Announcement, NOTICE.id), **changes))


def writes(server):
    """Return the methods of what changed something."""
    return [one.method for one in server.requests if one.method != "GET"]


def test_a_second_publish_sends_nothing_and_a_correction_edits(server, store, link):
    """One status is sent; nothing more until something changes; then that one is edited."""
    store.put(NOTICE)
    run(store, link)
    run(store, link)
    change(store, title="Vaccins")
    run(store, link)

    assert [one.text for one in server.shown()] == [
        "Vaccins\n\nMardi, 9 h\nMairie\n\nhttps://example.org/vaccination"
    ]
    assert writes(server) == ["POST", "PUT"]


@pytest.mark.parametrize("changes", [{}, {"body": "Reporté à mercredi"}])
@pytest.mark.parametrize("hour", ["within", "after"])
def test_a_lost_answer_makes_no_second_status(server, store, link, changes, hour):
    """Sent again after a lost answer, changed meanwhile or not, it is one status."""
    store.put(NOTICE)
    server.lose_answers()
    run(store, link)
    if hour == "after":
        server.forget_keys()
    if changes:
        change(store, **changes)
    run(store, link)
    run(store, link)

    (seen,) = server.shown()
    assert store.get(Announcement, NOTICE.id).body in seen.text


def test_a_lost_edit_is_done_in_the_end(server, store, link):
    """An edit whose answer was lost is repeated by the next run."""
    store.put(NOTICE)
    run(store, link)
    change(store, title="Vaccins")
    server.lose_answers()
    run(store, link)
    run(store, link)

    assert [one.text[:7] for one in server.shown()] == ["Vaccins"]


def test_a_withdrawn_notice_is_deleted(server, store, link):
    """A withdrawal takes the status away, and a later run does nothing more."""
    store.put(NOTICE)
    run(store, link)
    store.put(store.get(Announcement, NOTICE.id).withdraw())
    run(store, link)
    run(store, link)

    assert server.shown() == ()
    assert writes(server) == ["POST", "DELETE"]


def test_two_notices_of_one_title_and_link_are_two(server, store, link):
    """Notices that only differ in their body are not taken for each other, run after run."""
    other = attrs.evolve(NOTICE, id="announcement:2", body="Jeudi, 9 h")
    store.put(NOTICE)
    run(store, link)
    store.put(other)
    run(store, link)
    run(store, link)

    assert len(server.shown()) == 2
    assert writes(server) == ["POST", "POST"]


def test_what_does_not_fit_is_refused_with_a_proposal(server, store, link):
    """A text that is too long is not sent, and the report says why in French."""
    store.put(attrs.evolve(NOTICE, body="mot " * 200))
    report = run(store, link)

    (entry,) = report.entries
    assert "texte" in entry.detail_fr
    assert server.shown() == ()


def test_the_instance_says_how_much_fits(store, link):
    """On an instance that allows more, a longer text is sent whole."""
    with MastodonServer(token="jeton-invente", max_characters=5000) as server:
        store.put(attrs.evolve(NOTICE, body="mot " * 400 + "fin"))
        config = {**link.config, "base_url": server.origin}
        run(store, attrs.evolve(link, config=config))

        (seen,) = server.shown()
        assert "mot fin" in seen.text


def test_the_ledger_says_what_readers_see(server, store, link):
    """A published notice is noted as visible, an edited one as different, with its address."""
    store.put(NOTICE)
    run(store, link)
    (line,) = sync.deliveries(store)
    assert line.state is sync.DeliveryState.VISIBLE
    server.edit(line.href, "Autre chose")
    run(store, link)

    (line,) = sync.deliveries(store)
    assert line.state is sync.DeliveryState.DIFFERS


@pytest.mark.parametrize(("at", "fault"), [(0, {"stored": True}), (1, {}), (2, {"html": True})])
def test_a_failure_at_any_request_doubles_and_loses_nothing(at, fault):
    """Whichever request fails, some runs later the notice is there once, as it is by then."""
    asked = at + 1
    while at < asked:
        with MastodonServer(token="jeton-invente") as server, Store.open("sqlite://") as fresh:
            link = _link(server)
            server.fail(**{"status": 500, **fault}, after=at)
            fresh.put(NOTICE)
            for changes in ({}, {}, {"title": "Vaccins"}, {}, {}):
                fresh.put(attrs.evolve(fresh.get(Announcement, NOTICE.id), **changes))
                with suppress(ConnectorError):
                    run(fresh, link)
            (seen,) = server.shown()
            assert "Vaccins" in seen.text
            asked, at = len(server.requests), at + 3

# SPDX-License-Identifier: Apache-2.0
"""Both connectors at work under the engine: what is published, read, archived, handed over."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante import Direction, Link, Store, sync
from territoire_sante.errors import ProtocolError
from territoire_sante.model import Announcement, AnnouncementState

NOTICE = Announcement(
    id="announcement:1",
    title="Vaccination",
    body="Mardi, 9 h\nMairie",
    publish_from=dt.date(2026, 11, 2),
    state=AnnouncementState.APPROVED,
)


@pytest.fixture
def store():
    """Give an empty store."""
    with Store.open("sqlite://") as opened:
        yield opened


@pytest.fixture
def page(board):
    """Give a link that reads the page of the stand-in."""
    return Link(
        name="page",
        connector="panneaupocket-page",
        view="announcement",
        direction=Direction.PULL,
        config={"page": board.page_url},
    )


@pytest.fixture
def push(board):
    """Give a link that publishes on the stand-in."""
    config = {"token": "jeton-invente", "base_url": board.api_url, "page": board.page_url}
    return Link(
        name="push",
        connector="panneaupocket",
        view="announcement",
        direction=Direction.PUSH,
        config=config,
    )


def run(store, link):
    """Sync a link; return the report."""
    return sync.apply(store, sync.plan(store, link))


def titles(store):
    """Return the titles of all announcements."""
    return sorted(one.title for one in store.all(Announcement))


def test_a_page_is_mirrored(board, store, page):
    """What is put up, edited, stamped and archived is followed; nothing new makes no operation."""
    board.put_up("a", title="Dépistage", content="<p>Samedi</p>")
    board.put_up("b", title="Marche", content="<p>Dimanche</p>")
    run(store, page)
    assert titles(store) == ["Dépistage", "Marche"]
    assert sync.plan(store, page).operations == ()

    board.archive("a")
    board.put_up("b", title="Longue marche", content="<p>Dimanche</p>")
    board.put_up("c", title="Loto", content="<p>Lundi</p>")
    board.cancel("c")
    run(store, page)

    assert titles(store) == ["ANNULÉ : Loto", "Longue marche"]


def test_a_page_that_fails_takes_nothing_away(board, store, page):
    """After a broken page, and after one with a nameless notice, all that was there is there."""
    board.put_up("a", title="Dépistage", content="<p>Samedi</p>")
    board.put_up("b", title="Marche", content="<p>Dimanche</p>")
    run(store, page)

    board.fail_page(body="<!DOCTYPE html><html><h1>Maintenance</h1>")
    with pytest.raises(ProtocolError):
        run(store, page)
    assert titles(store) == ["Dépistage", "Marche"]
    board.hide_shares(1)
    run(store, page)
    assert titles(store) == ["Dépistage", "Marche"]


def test_a_second_publish_sends_nothing(board, store, push):
    """One sign is put up by one request; nothing more is sent until something changes."""
    store.put(NOTICE)
    run(store, push)
    run(store, push)
    store.put(attrs.evolve(store.get(Announcement, NOTICE.id), title="Vaccins"))
    run(store, push)

    writes = [one.method for one in board.requests if one.method != "GET"]
    assert [one.title for one in board.shown()] == ["Vaccins"]
    assert writes == ["POST", "PUT"]


def test_a_lost_answer_makes_no_second_sign(board, store, push):
    """If the answer is lost, the next run sends it again, and there is one sign."""
    store.put(NOTICE)
    board.lose_answers()
    run(store, push)
    run(store, push)

    assert [one.title for one in board.shown()] == ["Vaccination"]


def test_a_withdrawal_is_handed_over_with_the_title(board, store, push):
    """The person who archives the sign is told its title, as it stands in the console."""
    store.put(NOTICE)
    run(store, push)
    store.put(store.get(Announcement, NOTICE.id).withdraw())

    (entry,) = run(store, push).entries

    assert entry.cause == "NeedsPersonError"
    assert "cherchez le panneau « Vaccination »" in entry.detail_fr

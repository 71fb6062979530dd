# SPDX-License-Identifier: Apache-2.0
"""From the store to the agenda and back again, with the engine of sync."""

from __future__ import annotations

import attrs
import pytest

from territoire_sante import Catalog, Direction, Link, Store, sync
from territoire_sante.model import Announcement, AnnouncementState, Attachment
from territoire_sante.sync import Outcome

ID = "announcement:depistage"


@pytest.fixture
def store():
    """Give an empty store."""
    with Store.open("memory:") as opened:
        yield opened


@pytest.fixture
def run(store, options):
    """Give a function that runs the link once, and returns what became of each item."""

    def once(**changes):
        link = Link(
            name="agenda",
            connector="openagenda",
            config={**options, **changes},
            view="announcement",
            direction=changes.pop("direction", Direction.PUSH),
        )
        catalog = Catalog.installed()
        plan = sync.plan(store, link, catalog=catalog)
        report = sync.apply(store, plan, catalog=catalog)
        return [(entry.action.name, entry.outcome) for entry in report.entries]

    return once


@pytest.fixture
def edit(store):
    """Give a function that changes the announcement in the store."""
    return lambda **changes: store.put(attrs.evolve(store.get(Announcement, ID), **changes))


def test_an_announcement_and_all_that_becomes_of_it(server, store, run, edit, notice):
    """Published once, corrected, found after a lost answer, withdrawn; the store stays as it is."""
    url = server.host("affiche.png", b"\x89PNG\r\n\x1a\n-made-up")
    ours = notice(
        id=ID,
        uid="",
        body="Un\n\n\nDeux\n",
        audience=("48001", "48002"),
        attachments=(Attachment(url=url, alt="Affiche"),),
        state=AnnouncementState.APPROVED,
    )
    store.put(ours)

    assert run() == [("CREATE_REMOTE", Outcome.DONE)]
    assert run() == []
    edit(title="Dépistage reporté")
    assert run() == [("UPDATE_REMOTE", Outcome.DONE)]
    assert run() == []
    edit(title="Dépistage avancé")
    server.lose_answers()
    assert run() == [("UPDATE_REMOTE", Outcome.UNKNOWN)]
    run()
    assert run() == []

    assert len(server.writes) == 3
    (seen,) = server.shown().values()
    assert (seen["title"], seen["image"]) == ("Dépistage avancé", True)
    kept = attrs.evolve(store.get(Announcement, ID), state=ours.state)
    assert kept == attrs.evolve(ours, title="Dépistage avancé")

    edit(state=AnnouncementState.WITHDRAWN)
    assert run() == [("DELETE_REMOTE", Outcome.DONE)]
    assert (run(), server.shown()) == ([], {})


def test_what_is_there_already_is_taken_over(server, run, store, notice):
    """A new store finds its announcement in the agenda by its id, and makes no second one."""
    ours = notice(id=ID, state=AnnouncementState.APPROVED)
    store.put(ours)
    run()
    with Store.open("memory:") as other:
        other.put(ours)
        link = Link(
            name="agenda",
            connector="openagenda",
            config={
                "agenda": server.agenda,
                "secret": "cle-secrete-inventee",
                "locations": {"Salle des fêtes": 11},
                "base_url": server.api_url,
            },
            view="announcement",
            direction=Direction.PUSH,
        )
        catalog = Catalog.installed()
        sync.apply(other, sync.plan(other, link, catalog=catalog), catalog=catalog)
        assert sync.plan(other, link, catalog=catalog).operations == ()
    assert len(server.events) == 1


def test_what_does_not_fit_keeps_nothing_from_going(server, run, store, notice):
    """One that is refused is told; the others are published."""
    store.put(
        notice(id="announcement:long", uid="", title="x" * 141, state=AnnouncementState.APPROVED),
        notice(id="announcement:open", uid="", event_end=None, state=AnnouncementState.APPROVED),
        notice(id=ID, uid="", state=AnnouncementState.APPROVED),
    )
    assert sorted(outcome.name for _, outcome in run()) == ["DONE", "REFUSED", "REFUSED"]
    assert len(server.shown()) == 1
    assert len(server.writes) == 1

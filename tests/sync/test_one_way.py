# SPDX-License-Identifier: Apache-2.0
"""A calendar of deadlines: shown one way, put right, and added lines left alone."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.errors import ConfigError, UnsupportedError
from territoire_sante.formats import icalendar
from territoire_sante.model import (
    Actor,
    ActorKind,
    Convention,
    ConventionKind,
    ConventionState,
    Duration,
    Event,
    Party,
    PartyRole,
    Renewal,
    RenewalMode,
    SafeguardPlan,
    SafeguardState,
    Visibility,
)
from territoire_sante.plugins import Catalog
from territoire_sante.store import Store
from territoire_sante.sync import Direction, Link, apply, conflicts, plan
from territoire_sante.testing import MemoryServer, memory_connector

START = dt.datetime(2027, 3, 1, 8, 0, tzinfo=dt.UTC)
CONVENTION = Convention(
    id="convention:1",
    kind=ConventionKind.CHARTER,
    title="Charte",
    ends_on=dt.date(2027, 12, 31),
    state=ConventionState.ACTIVE,
)
PLAN = SafeguardPlan(
    id="safeguard_plan:1", adopted_on=dt.date(2024, 1, 1), state=SafeguardState.ADOPTED
)


@attrs.define
class Board:
    """A store that shows its deadlines in a calendar."""

    store: Store
    server: MemoryServer
    catalog: Catalog
    link: Link
    now: dt.datetime = START

    def sync(self, **link):
        """Sync once, an hour later."""
        self.now += dt.timedelta(hours=1)
        made = plan(self.store, attrs.evolve(self.link, **link), catalog=self.catalog, now=self.now)
        return apply(self.store, made, now=self.now)

    def shown(self):
        """Return what stands in the calendar: titles by href."""
        documents = self.server.documents
        return {href: icalendar.EVENT.get(one).summary for href, one in documents.items()}

    def edit(self, href, old, new):
        """Change the bytes of an entry, as somebody else's client does."""
        document = self.server.current(href)
        data = document.data.replace(old, new)
        self.server.put(href, attrs.evolve(document, data=data))

    def href(self, start):
        """Return where the entry stands whose title begins so."""
        return next(href for href, title in self.shown().items() if title.startswith(start))


@pytest.fixture
def board():
    """Give a board with a convention and a plan."""
    server = MemoryServer()
    spec = memory_connector(server, lens=icalendar.EVENT)
    catalog = Catalog()
    catalog.register(spec)
    link = Link(
        name="echeances",
        connector=spec.name,
        view="event",
        projection="deadlines",
        direction=Direction.PUSH,
    )
    with Store.open("memory:") as store:
        store.put(CONVENTION, PLAN)
        yield Board(store, server, catalog, link)


TITLES = ["Fin de convention : Charte", "PCS : exercice à organiser", "PCS à réviser"]


def test_deadlines_are_shown(board):
    """Each deadline becomes an entry, and a second run finds nothing to do."""
    board.sync()
    second = board.sync()

    assert sorted(board.shown().values()) == TITLES
    assert (second.remote_writes, second.local_writes, second.entries) == (0, 0, ())


def test_an_edit_over_there_is_put_right(board):
    """Who moves a deadline or changes its title finds it as it was; the edit is in the journal."""
    board.sync()
    href = board.href("Fin de convention")
    board.edit(href, b"Charte", b"Charte (plus tard)")
    report = board.sync()

    assert board.shown()[href] == "Fin de convention : Charte"
    assert report.local_writes == 0
    assert [entry.title for entry in report.entries] == ["Fin de convention : Charte"]


def test_an_edit_of_a_deadline_cannot_be_restored(board):
    """The edit that was put right is in the journal to be seen; there is nowhere to restore it."""
    board.sync()
    board.edit(board.href("Fin de convention"), b"Charte", b"Autre")
    board.sync()
    (entry,) = conflicts.list(board.store, states=())

    assert [field["remote"] for field in entry.fields] == ["Fin de convention : Autre"]
    with pytest.raises(UnsupportedError):
        conflicts.restore(board.store, entry.id)


def test_lines_that_somebody_adds_stay(board):
    """An alarm or a colour that a person added survives a change of the deadline."""
    board.sync()
    href = board.href("Fin de convention")
    alarm = b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-P30D\r\nEND:VALARM\r\n"
    board.edit(href, b"END:VEVENT", b"COLOR:red\r\n" + alarm + b"END:VEVENT")
    board.store.put(attrs.evolve(CONVENTION, ends_on=dt.date(2028, 6, 30)))
    board.sync()
    data = board.server.current(href).data

    assert b"COLOR:red\r\n" in data
    assert alarm in data
    assert b"20280630" in data
    assert b"20271231" not in data


def test_a_deadline_deleted_over_there_comes_back(board):
    """Deleting an entry deletes nothing here; it is shown again."""
    board.sync()
    board.server.remove(board.href("PCS à réviser"))
    board.sync()

    assert sorted(board.shown().values()) == TITLES
    assert board.store.find(SafeguardPlan, PLAN.id) == PLAN


def test_what_is_over_leaves_the_calendar(board):
    """A convention that expired has no deadline any more; its entry goes, the others stay."""
    board.sync()
    board.store.put(CONVENTION.expire())
    board.sync()

    assert sorted(board.shown().values()) == TITLES[1:]


def test_a_deadline_follows_the_days(board):
    """Nothing is edited, but a new term begins: the entry moves to the end of that one."""
    tacit = Renewal(mode=RenewalMode.TACIT, period=Duration(years=1))
    board.store.put(attrs.evolve(CONVENTION, renewal=tacit))
    board.sync()
    href = board.href("Fin de convention")
    board.now = dt.datetime(2028, 1, 2, 8, 0, tzinfo=dt.UTC)
    board.sync()

    assert icalendar.EVENT.get(board.server.current(href)).start == dt.date(2028, 12, 31)


def test_a_name_that_it_is_made_of(board):
    """When an actor is renamed, the entries that name it are written anew, and no others."""
    msp = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP d'Exempleville")
    party = Party(actor_id=msp.id, role=PartyRole.MSP)
    board.store.put(attrs.evolve(CONVENTION, parties=(party,)), msp)
    board.sync()
    board.store.put(attrs.evolve(msp, name="MSP des Sources"))
    report = board.sync()

    assert report.remote_writes == 1
    data = board.server.current(board.href("Fin de convention")).data
    assert b"MSP des Sources" in data


def test_foreign_entries_are_left_alone(board):
    """An event that somebody put into the same calendar is neither read nor deleted."""
    own = icalendar.EVENT.put(Event(id="event:x", uid="x", summary="À moi", start=START))
    board.server.put("/memory/x", own)
    board.sync()
    board.sync()

    assert board.shown()["/memory/x"] == "À moi"
    assert board.store.find(Event, "event:x") is None


def test_a_narrower_audience_takes_entries_away(board):
    """What the audience of the link may not see is not in the calendar."""
    board.store.put(attrs.evolve(CONVENTION, visibility=Visibility.TEAM))
    board.sync()

    assert sorted(board.shown().values()) == TITLES[1:]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"direction": Direction.BOTH}, 'direction = "push"'),
        ({"direction": Direction.PULL}, 'direction = "push"'),
        ({"projection": "groups"}, "events, deadlines, bookings"),
    ],
)
def test_a_wrong_link_is_refused(board, wrong, said):
    """Deadlines go one way, and each projection has its view: a ConfigError says what to write."""
    with pytest.raises(ConfigError, match=said):
        board.sync(**wrong)

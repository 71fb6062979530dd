# SPDX-License-Identifier: Apache-2.0
"""What may leave, what a channel takes, who wins, and that planning is free of consequences."""

import datetime as dt
import sqlite3

import attrs
import pytest

from territoire_sante.errors import (
    ConfigError,
    EntityNotFoundError,
    InvalidValueError,
    ItemRefusedError,
    TransitionError,
)
from territoire_sante.model import (
    Announcement,
    AnnouncementState,
    ChannelLimits,
    Contact,
    ContactPoint,
    ContactPointKind,
    Event,
    OppositionEntry,
    OppositionKind,
    Person,
    PersonName,
    Visibility,
)
from territoire_sante.plugins import Capability
from territoire_sante.sync import Action, ConflictPolicy, apply, conflicts, plan
from territoire_sante.testing import PlainLens

KEY = b"a key of thirty-two bytes, at least"
PHONE = "+33 4 65 71 00 01"
MAIL = "jeanne.exemple@example.org"


def dump(path):
    """Return everything that the database says, as text."""
    with sqlite3.connect(path) as connection:
        lines = list(connection.iterdump())
    connection.close()
    return lines


def test_planning_changes_no_byte_of_what_is_stored(make_world, tmp_path):
    """A plan of every sort of operation leaves the logical content of the database as it was."""
    path = tmp_path / "territoire.db"
    world = make_world(url=f"sqlite:///{path}")
    before = dump(path)
    world.put("a", summary="A")
    new = dump(path)
    world.plan()

    assert before != new
    assert dump(path) == new

    for name in ("b", "c", "d"):
        world.put(name, summary=name)
    world.sync()
    world.put("a", summary="Ici")
    world.edit("A", summary="Là-bas")
    world.edit("b", location="Salle")
    world.server.remove(world.href("c"))
    world.store.delete(Event, "event:d")
    synced, there = dump(path), dict(world.server.documents)
    made = world.plan()

    assert {o.action for o in made.operations} == {
        Action.CONFLICT,
        Action.UPDATE_LOCAL,
        Action.DELETE_LOCAL,
        Action.DELETE_REMOTE,
    }
    assert dump(path) == synced
    assert dict(world.server.documents) == there


def test_a_plan_does_not_change(world):
    """A plan and its operations cannot be changed, and applying them does not."""
    world.put("a", summary="A")
    made = world.plan()
    name = made.fingerprint
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        made.operations = ()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        made.operations[0].uid = "other"
    apply(world.store, made, now=world.now)

    assert made.fingerprint == name


# Opposition.


@pytest.fixture
def book(make_world):
    """A shared address book with one person."""
    world = make_world(lens=PlainLens(Contact))
    world.store.put(
        Person(
            id="person:jeanne",
            name=PersonName(given="Jeanne", family="Exemple"),
            visibility=Visibility.PARTNERS,
            contact_points=(
                ContactPoint(
                    kind=ContactPointKind.PHONE, value=PHONE, visibility=Visibility.PARTNERS
                ),
                ContactPoint(
                    kind=ContactPointKind.EMAIL, value=MAIL, visibility=Visibility.PARTNERS
                ),
                ContactPoint(
                    kind=ContactPointKind.PHONE,
                    value="+33 6 39 98 00 09",
                    visibility=Visibility.PRIVATE,
                ),
            ),
        )
    )
    return world


def object_to(world, value=PHONE):
    """Put the owner of a telephone number on the opposition list."""
    since = dt.date(2027, 1, 1)
    world.store.put(OppositionEntry.of(value, OppositionKind.PHONE, key=KEY, since=since))


def run(world):
    """Sync with the key of the opposition list."""
    world.now += dt.timedelta(hours=1)
    made = plan(world.store, world.link, catalog=world.catalog, now=world.now, opposition_key=KEY)
    return apply(world.store, made, now=world.now, opposition_key=KEY)


def sent(world):
    """Return all bytes that the other side holds."""
    return b"".join(document.data for document in world.server.documents.values()).decode()


def test_opposition_needs_its_key(book):
    """Once somebody objected, nothing is planned nor applied without the key."""
    early = book.plan()
    object_to(book)
    with pytest.raises(ConfigError):
        book.plan()
    with pytest.raises(ConfigError):
        apply(book.store, early, now=book.now)

    assert not book.server.documents


def test_who_objected_never_leaves(book):
    """One opposed number tells whose card it is: nothing of it is sent."""
    object_to(book)
    run(book)

    assert sent(book) == ""
    assert run(book).is_quiet


def test_who_objected_is_taken_back(book):
    """A card that was sent before its owner objected is removed from the other side."""
    book.sync()

    assert PHONE in sent(book)

    object_to(book)
    run(book)

    assert sent(book) == ""
    assert run(book).is_quiet


def test_objection_after_the_plan_is_respected(book):
    """A plan made before somebody objected does not send that number."""
    made = book.plan()
    object_to(book)
    report = apply(book.store, made, now=book.now, opposition_key=KEY)

    assert report.counts()["deferred"] == 1
    assert not book.server.documents


def test_hidden_number_survives_an_edit_of_the_card(book):
    """A card edited there changes what it shows, and leaves alone what it does not."""
    book.sync()
    (href,) = book.server.documents
    document = book.server.current(href)
    changed = document.data.decode().replace(MAIL, "j.exemple@example.org")
    book.server.put(href, attrs.evolve(document, data=changed.encode()))
    book.sync()
    values = [point.value for point in book.store.get(Person, "person:jeanne").contact_points]

    assert values == [PHONE, "j.exemple@example.org", "+33 6 39 98 00 09"]
    assert "00 09" not in sent(book)
    assert book.sync().is_quiet


# Announcements and their channels.

TITLE = "Permanence vaccination grippe à la maison de santé, sans rendez-vous, tous les lundis"


@pytest.fixture
def panel(make_world):
    """A channel with titles of thirty characters."""
    world = make_world(
        lens=PlainLens(Announcement), limits=ChannelLimits(title_max=30, body_max=200)
    )
    world.store.put(announcement(TITLE))
    return world


def announcement(title):
    """Return an approved announcement for everybody."""
    return Announcement(
        id="announcement:grippe",
        title=title,
        body="Apportez votre carte Vitale.",
        state=AnnouncementState.APPROVED,
        visibility=Visibility.PUBLIC,
    )


def test_announcement_that_is_too_long_waits_with_a_proposal(panel):
    """What a channel has no room for is refused with a proposal, sent by nobody."""
    (entry,) = panel.sync().entries

    assert entry.outcome.value == "refused"
    assert len(entry.proposal["title"]) <= 30
    assert not panel.server.documents

    panel.store.put(announcement(entry.proposal["title"]))
    panel.sync()

    assert entry.proposal["title"] in sent(panel)
    assert panel.sync().is_quiet


def test_refusal_after_a_sync_keeps_what_is_shown(panel):
    """An announcement that grew too long leaves its last good version in place until mended."""
    panel.store.put(announcement("Grippe"))
    panel.sync()
    panel.store.put(announcement(TITLE))

    assert panel.sync().counts()["refused"] == 1
    assert '"Grippe"' in sent(panel)

    panel.store.put(announcement("Grippe : lundi"))
    panel.sync()

    assert "Grippe : lundi" in sent(panel)


def test_withdrawn_announcement_is_removed_although_it_was_refused(panel):
    """Withdrawing wins over a refusal: the channel shows nothing any more."""
    panel.store.put(announcement("Grippe"))
    panel.sync()
    panel.store.put(announcement(TITLE))
    panel.sync()
    panel.store.put(attrs.evolve(announcement(TITLE), state=AnnouncementState.WITHDRAWN))
    panel.sync()

    assert not panel.server.documents


def test_refused_merge_is_not_forgotten(make_world, lens):
    """A change there that waits behind a refusal arrives once the refusal is settled."""
    world = make_world(
        lens=lens(), capabilities={Capability.READ, Capability.WRITE, Capability.DELTA}
    )
    world.put("a", summary="A")
    world.sync()
    world.server.refuse = lambda _href, document: (
        ItemRefusedError("too long") if b"LONG" in document.data else None
    )
    world.put("a", summary="LONG")
    world.edit("A", location="Salle")
    world.sync()
    world.sync()
    world.store.put(attrs.evolve(world.get("a"), summary="A"))
    world.sync()

    assert world.get("a").location == "Salle"
    assert world.there()["A"]["location"] == "Salle"


# The newest wins.


@pytest.mark.parametrize(("minutes", "winner"), [(-5, "Ici"), (5, "Là-bas")])
def test_newest_wins(make_world, lens, minutes, winner):
    """With ``newest``, the document's own date is compared with the store's history."""
    edited_here = dt.datetime.now(dt.UTC)

    class Dated(lens):
        def modified(self, document):
            return edited_here + dt.timedelta(minutes=minutes) if document else None

    world = make_world(lens=Dated()).with_link(conflict=ConflictPolicy.NEWEST)
    world.put("a", summary="A")
    world.sync()
    world.put("a", summary="Ici")
    world.edit("A", summary="Là-bas")
    world.sync()

    assert world.get("a").summary == winner
    assert set(world.there()) == {winner}
    assert len(conflicts.list(world.store, states=("settled",))) == 1
    assert world.sync().is_quiet


def test_newest_without_a_date_asks(make_world, lens):
    """Where a document does not say when it was changed, a person decides."""

    class Undated(lens):
        def modified(self, document):
            del document

    world = make_world(lens=Undated()).with_link(conflict=ConflictPolicy.NEWEST)
    world.put("a", summary="A")
    world.sync()
    world.put("a", summary="Ici")
    world.edit("A", summary="Là-bas")

    assert world.sync().counts()["conflict"] == 1


# The journal.


@pytest.fixture
def disputed(world):
    """A world with a conflict that waits, and its number."""
    world.put("a", summary="A")
    world.sync()
    world.put("a", summary="Ici")
    world.edit("A", summary="Là-bas")
    world.sync()
    return world, conflicts.list(world.store)[0].id


def test_journal_refuses_what_makes_no_sense(disputed):
    """Unknown numbers and sides, restoring too early, resolving too late: each has its error."""
    world, number = disputed
    with pytest.raises(EntityNotFoundError):
        conflicts.show(world.store, number + 1)
    with pytest.raises(EntityNotFoundError):
        conflicts.restore(world.store, number + 1)
    with pytest.raises(InvalidValueError):
        conflicts.resolve(world.store, number, "both")
    with pytest.raises(TransitionError):
        conflicts.restore(world.store, number)
    conflicts.resolve(world.store, number, "local")
    world.sync()
    with pytest.raises(TransitionError):
        conflicts.resolve(world.store, number, "remote")


def test_nothing_is_restored_into_what_is_gone(disputed):
    """The losing values of an event that was deleted meanwhile are not brought back alone."""
    world, number = disputed
    conflicts.resolve(world.store, number, "local")
    world.sync()
    world.store.delete(Event, "event:a")
    with pytest.raises(EntityNotFoundError):
        conflicts.restore(world.store, number)


def test_restoring_one_end_of_a_period(world):
    """A losing time that only makes sense beside another one is restored all the same."""
    world.with_link(conflict=ConflictPolicy.REMOTE)
    start = dt.datetime(2027, 5, 1, 9, tzinfo=dt.UTC)
    hours = dt.timedelta(hours=1)
    world.put("a", summary="A", start=start, end=start + hours)
    world.sync()
    world.put("a", end=start + 2 * hours)
    world.edit("A", end="2027-05-01T12:00:00Z")
    world.sync()
    (entry,) = conflicts.list(world.store, states=("settled",))

    assert world.get("a").end == start + 3 * hours

    conflicts.restore(world.store, entry.id)

    assert world.get("a").end == start + 2 * hours


# Members of sets.


def test_members_added_and_removed_on_both_sides(world):
    """Categories added here and there are all kept, those removed on either side are gone."""
    world.put("a", summary="A", categories=("un", "deux", "trois"))
    world.sync()
    world.put("a", categories=("un", "trois", "ici"))
    world.edit("A", categories=["deux", "trois", "là-bas"])
    world.sync()

    assert set(world.get("a").categories) == {"trois", "ici", "là-bas"}
    assert set(world.there()["A"]["categories"]) == {"trois", "ici", "là-bas"}
    assert world.sync().is_quiet

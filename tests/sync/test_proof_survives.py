# SPDX-License-Identifier: Apache-2.0
"""The same link survives what happens to servers in years, without a lost or doubled item."""

import base64
import datetime as dt
import random
import socket
import threading
import time

import attrs
import pytest

from territoire_sante import Catalog, Link, Store, sync
from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConnectorError,
    MassDeletionError,
)
from territoire_sante.formats import Document, icalendar, vcard
from territoire_sante.model import Contact, Event, PersonName, Reach
from territoire_sante.projections import projection_for
from territoire_sante.sync import conflicts
from territoire_sante.testing.dav import Faults, Reply
from territoire_sante.testing.radicale import RadicaleServer

START = dt.datetime(2027, 5, 3, 9, tzinfo=dt.UTC)


def event(uid, **fields):
    """Return an event."""
    new = {"id": f"event:{uid}", "uid": uid, "summary": uid, "start": START}
    return Event(**(new | fields))


def here(world):
    """Return the events of this side, by UID."""
    return {one.uid: one for one in world.store.all(Event)}


@attrs.define
class Agenda:
    """A store and a calendar on a real server."""

    store: Store
    shelf: object
    link: Link
    now: dt.datetime = START

    def sync(self, **options):
        """Plan and apply an hour later."""
        self.now += dt.timedelta(hours=1)
        plan = sync.plan(self.store, self.link, catalog=Catalog.installed(), now=self.now)
        return sync.apply(self.store, plan, now=self.now, **options)

    def there(self):
        """Return the events there, by UID."""
        documents = self.shelf.documents().values()
        views = [icalendar.EVENT.get(Document(data, "text/calendar")) for data in documents]

        assert len({view.uid for view in views}) == len(views)
        return {view.uid: view for view in views}


@pytest.fixture
def store():
    """Give a store in memory."""
    with Store.open("memory:") as store:
        yield store


def agenda_at(store, shelf, **options):
    """Return a world on a real server."""
    config = shelf.config(timeout=5.0, **options)
    return Agenda(store, shelf, Link(name="l", connector="caldav", view="event", config=config))


def free_port():
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_server_restarts_in_the_middle_of_a_run(store, tmp_path, shelf_at):
    """A Radicale that ends in the middle of a run and comes back holds everything once."""
    port = free_port()
    with RadicaleServer(tmp_path, port=port) as first:
        agenda = agenda_at(store, shelf_at(first.create_calendar("a")))
        store.put(*(event(f"u{n:02}") for n in range(40)))

        def stop(number, _total, _entry):
            if number == 20:
                first.stop()

        report = agenda.sync(progress=stop)

        assert report.has_failures or report.counts()["deferred"]
    with pytest.raises(ConnectorError):
        agenda.sync()
    with RadicaleServer(tmp_path, port=port):
        agenda.sync()
        agenda.sync()

        assert agenda.sync().is_quiet
        assert set(agenda.there()) == {f"u{n:02}" for n in range(40)}
        assert len(list(store.all(Event))) == 40


def test_password_changes(store, tmp_path, shelf_at):
    """A changed password stops runs with an error; configured anew, the link goes on."""
    port = free_port()
    with RadicaleServer(tmp_path, password="one", port=port) as server:
        agenda = agenda_at(store, shelf_at(server.create_calendar("a"), ("territoire", "one")))
        store.put(*(event(name) for name in "abc"))
        agenda.sync()
    with RadicaleServer(tmp_path, password="two", port=port):
        store.put(event("a", location="Salle"), event("d"))
        with pytest.raises(AuthError):
            agenda.sync()

        assert len(list(store.all(Event))) == 4

        agenda.shelf = shelf_at(agenda.shelf.url, ("territoire", "two"))
        agenda.link = attrs.evolve(agenda.link, config=agenda.shelf.config(timeout=5.0))
        agenda.sync()
        agenda.sync()

        assert agenda.sync().is_quiet
        assert set(agenda.there()) == set("abcd")
        assert agenda.there()["a"].location == "Salle"


def test_collection_deleted_and_made_again(dav):
    """A collection that is gone stops the run; once it is there again, nothing here was lost."""
    world = dav()
    store = world.store
    store.put(*(event(name) for name in "abcdef"))
    world.settle()
    world.server.drop(world.collection)
    with pytest.raises(CollectionGoneError):
        world.sync()

    assert set(here(world)) == set("abcdef")

    world.collection = world.server.calendar("agenda")
    with pytest.raises(MassDeletionError):
        world.sync()

    assert set(here(world)) == set("abcdef")

    store.put(event("a", location="Salle"))
    for name in "bcdef":
        store.put(attrs.evolve(store.get(Event, f"event:{name}"), description="gardé"))
    world.settle()

    assert set(here(world)) == set("abcdef")
    assert len(world.collection) == 6


@pytest.mark.parametrize("kind", ["radicale", "xandikos"])
def test_hundred_items_become_one(store, request, shelf_at, kind):
    """Ninety-nine deletions there are blocked; confirmed by their fingerprint, they are done."""
    server = request.getfixturevalue(kind)
    agenda = agenda_at(store, shelf_at(server.create_calendar("hundred")))
    store.put(*(event(f"u{n:02}") for n in range(100)))
    agenda.sync()
    agenda.sync()
    names = agenda.shelf.names()

    assert len(names) == 100

    for name in names[1:]:
        agenda.shelf.remove(name)
    with pytest.raises(MassDeletionError) as blocked:
        agenda.sync()

    assert len(list(store.all(Event))) == 100

    agenda.sync(confirm=blocked.value.fingerprint)

    assert len(list(store.all(Event))) == 1
    assert agenda.sync().is_quiet


def test_week_of_alternating_edits(dav):
    """A week of edits by a second client, every three hours: the last words are on both sides."""
    world = dav(faults=Faults(page=3, rewrites={"reorder"}))
    chance = random.Random(1)  # noqa: S311 - a history, no secret
    names = [f"u{n}" for n in range(8)]
    world.store.put(*(event(name) for name in names))
    world.settle()
    fields = ("summary", "description", "location", "url")
    last = {}
    for hour in range(0, 7 * 24, 3):
        uid, field = chance.choice(names), chance.choice(fields)
        text = f"https://example.org/{hour}"
        last[uid, field] = text
        if hour % 2:
            world.edit(uid, **{field: text})
        else:
            world.put(uid, **{field: text})
        if hour % 50 == 24:
            world.collection.forget()
        report = world.sync(hours=3)

        assert report.counts()["conflict"] == 0
    world.settle()

    assert len(here(world)) == len(world.collection) == len(names)
    for (uid, field), text in last.items():
        assert getattr(here(world)[uid], field) == text
        assert getattr(world.there(uid), field) == text
    assert conflicts.list(world.store, states=()) == ()


def test_server_that_drops_a_property(dav):
    """What a server never keeps stays here, is not asked for again each run, and blocks nothing."""
    world = dav(faults=Faults(drops={"LOCATION", "GEO", "X-"}))
    world.put("a", location="Salle", description="A")
    world.settle()
    world.edit("a", description="B")
    world.settle()
    world.put("a", summary="C", location="Mairie")
    world.settle()

    assert (world.get("a").location, world.get("a").description) == ("Mairie", "B")
    assert (world.there("a").summary, world.there("a").location) == ("C", "")


def test_server_that_locks_while_it_writes(dav):
    """A server that refuses a second write at the same time gets them one by one, in one run."""
    world = dav()
    busy = threading.Lock()

    def one_at_a_time(_asked):
        if not busy.acquire(blocking=False):
            return Reply(423)
        try:
            time.sleep(0.02)
        finally:
            busy.release()
        return None

    world.server.on("PUT", one_at_a_time)
    world.store.put(*(event(f"u{number}") for number in range(30)))
    world.sync()

    assert len(world.collection) == 30
    assert world.sync().is_quiet


def card(photo):
    """Return a card with a photo."""
    lines = [
        "BEGIN:VCARD", "VERSION:3.0", "UID:urn:uuid:1",
        "FN:Camille Exemple", "N:Exemple;Camille;;;",
        "EMAIL:camille@example.org", f"PHOTO;ENCODING=b;TYPE=JPEG:{photo}", "END:VCARD", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def test_photo_of_a_megabyte(dav):
    """A photo of 1 MB on a card is byte for byte the same after edits of other fields."""
    world = dav(Contact)
    photo = base64.b64encode(random.Random(1).randbytes(1024 * 1024)).decode()  # noqa: S311 - noise
    line = b"PHOTO;ENCODING=b;TYPE=JPEG:" + photo.encode() + b"\r\n"
    world.collection.put("c.vcf", card(photo))
    world.settle()
    projection = projection_for(Contact, audience=world.link.audience, today=world.now.date())
    (shown,) = projection.project(world.store)
    wanted = attrs.evolve(
        shown.view,
        name=PersonName(family="Autre", given="Camille"),
        formatted_name="Camille Autre",
        emails=(Reach(value="autre@example.org"),),
    )
    changed = frozenset({"name", "formatted_name", "emails"})
    world.store.put(*projection.absorb(world.store, wanted, shown.key, changed).entities)
    world.settle()
    data = world.collection.data("c.vcf")

    assert line in data
    assert vcard.CONTACT.get(Document(data, "text/vcard")).formatted_name == "Camille Autre"

    world.replace("urn:uuid:1", b"autre@example.org", b"dernier@example.org")
    world.settle()

    assert line in world.collection.data("c.vcf")
    (shown,) = projection.project(world.store)
    assert [one.value for one in shown.view.emails] == ["dernier@example.org"]

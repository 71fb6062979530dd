# SPDX-License-Identifier: Apache-2.0
"""After a rich history no file of the folder tells of an erased person once the links have run."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

import attrs
import pytest
import requests

from territoire_sante import sync
from territoire_sante.cooperation import merge, plan_merge, undo_merge
from territoire_sante.model import (
    Actor,
    ActorKind,
    Announcement,
    AnnouncementState,
    Appointment,
    CalendarUser,
    ContactPoint,
    ContactPointKind,
    Convention,
    ConventionKind,
    Event,
    LiaisonAssignment,
    LiaisonKind,
    Merge,
    Party,
    PartyRole,
    Person,
    PersonName,
    Role,
    Signature,
    Visibility,
    Workshop,
    WorkshopTable,
)
from territoire_sante.plugins import Catalog
from territoire_sante.privacy import erase
from territoire_sante.store import Store
from territoire_sante.testing.dav import FaultServer
from territoire_sante.testing.radicale import RadicaleServer

KEY = b"a key of more than sixteen bytes"
NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
TODAY = NOW.date()
TEAM = {"visibility": Visibility.TEAM}
CATALOG = Catalog.installed()
MAIL = "eloise.cretecanari@example.org"
EMAIL = ContactPoint(kind=ContactPointKind.EMAIL, value=MAIL, visibility=Visibility.TEAM)
WHOLE = "Éloïse Crêtecanari"
ADA = Person(
    id="person:ada",
    name=PersonName(given="Éloïse", family="Crêtecanari"),
    contact_points=(EMAIL,),
    **TEAM,
)
ENTITIES = (
    Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP", coverage=("48095",), **TEAM),
    ADA,
    Person(id="person:twin", name=PersonName(prefix="Dr", family="Crêtecanari"), **TEAM),
    Person(id="person:namesake", name=PersonName(given="Ada", family="Lune"), **TEAM),
    Appointment(
        id="appointment:1",
        person_id="person:ada",
        actor_id="actor:msp",
        role=Role.MANAGER,
        contact_points=(EMAIL,),
        **TEAM,
    ),
    LiaisonAssignment(
        id="liaison:1",
        kind=LiaisonKind.OTHER,
        appointment_id="appointment:1",
        how_to_reach=f"Appeler {WHOLE}",
        **TEAM,
    ),
    Convention(
        id="convention:1",
        kind=ConventionKind.CHARTER,
        title=f"Charte de {WHOLE}",
        parties=(Party(actor_id="actor:msp", role=PartyRole.MSP, representative_id="person:ada"),),
        signatures=(Signature(party_id="actor:msp", signed_on=TODAY, signed_by_id="person:ada"),),
        **TEAM,
    ),
    Workshop(
        id="workshop:1",
        title="Atelier",
        notes=f"{WHOLE.upper()} : oui",
        tables=(WorkshopTable(number=1, theme="Visites", host_id="person:ada"),),
        **TEAM,
    ),
    Event(
        id="event:1",
        summary=f"Rencontre avec {WHOLE}",
        attendees=(CalendarUser(address=f"mailto:{MAIL}", name=WHOLE),),
        organiser_ids=("person:ada",),
        start=NOW + dt.timedelta(days=5),
        **TEAM,
    ),
    Announcement(
        id="announcement:1",
        title="Forum",
        body=f"Avec {WHOLE}, {MAIL}",
        contact=EMAIL,
        state=AnnouncementState.PUBLISHED,
        audience=("48095",),
        publish_from=TODAY,
        publish_until=TODAY + dt.timedelta(days=9),
    ),
)
FILES = {
    "book": ("vcf", "contact", {"path": "book"}, "contacts"),
    "groups": ("vcf", "contact", {"path": "groups.vcf"}, "groups"),
    "agenda": ("ics", "event", {"path": "agenda.ics"}, "events"),
    "deadlines": ("ics", "event", {"path": "deadlines"}, "deadlines"),
    "feed": ("feed", "announcement", {"path": "feed.xml", "title": "Annonces"}, ""),
    "json": ("feed", "announcement", {"path": "f.json", "title": "A", "format": "json"}, ""),
    "copy": ("copy", "announcement", {"path": "outbox"}, ""),
    "panel": ("panel", "announcement", {"path": "panel", "size": "20x40", "pages": 9}, ""),
    "cap": (
        "cap",
        "announcement",
        {"path": "alerts", "sender": "example.org", "severities": ["info", "event", "alert"]},
        "",
    ),
}


def links(folder):
    """Return a link to each kind of file."""
    for name, (connector, view, config, projection) in FILES.items():
        both = projection in ("contacts", "events")
        yield sync.Link(
            name=name,
            connector=connector,
            view=view,
            config={**config, "create": True},
            projection=projection,
            base=folder,
            people=projection == "events",
            audience=Visibility.TEAM if projection else Visibility.PUBLIC,
            direction=sync.Direction.BOTH if both else sync.Direction.PUSH,
        )


def run(store, link, hours):
    """Run a link so many hours after the beginning, whatever it deletes."""
    known = {"catalog": CATALOG, "now": NOW + dt.timedelta(hours=hours), "opposition_key": KEY}
    plan = sync.plan(store, link, **known)
    return sync.apply(store, plan, confirm=plan.fingerprint, sleep=lambda _: None, **known)


def telling(folder):
    """Return the files in a folder, however deep, whose name or bytes tell of her."""
    found = set()
    for file in folder.rglob("*"):
        raw = file.read_bytes() if file.is_file() else b""
        said = file.name + re.sub(rb"\r?\n[ \t]", b"", raw).decode("utf-8", "replace")
        said = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), said)
        bare = unicodedata.normalize("NFKD", said).casefold()
        if "cretecanari" in "".join(one for one in bare if not unicodedata.combining(one)):
            found.add(file.relative_to(folder).parts[0])
    return found


@pytest.fixture
def history(tmp_path):
    """Give a store with two merges, one of them undone, whose links to files have all run."""
    with Store.open(f"sqlite:///{tmp_path}/t.db") as store:
        store.put(*ENTITIES)
        why = f"{WHOLE} : la même"
        merge(store, plan_merge(store, "person:ada", "person:twin", reason=why))
        merge(store, plan_merge(store, "person:ada", "person:namesake", reason=why))
        (last,) = [one for one in store.all(Merge) if one.dropped_id == "person:namesake"]
        undo_merge(store, last.id)
        for link in links(tmp_path):
            run(store, link, 1)
        store.put(attrs.evolve(store.get(Event, "event:1"), location=f"chez {WHOLE}"))
        for link in links(tmp_path):
            run(store, link, 2)
        yield store


def test_every_file_forgets_her(history, tmp_path):
    """Store, log, cards, calendar, feeds, pages and alerts tell of her before, not after."""
    files = {one[2]["path"] for one in FILES.values()} - {"groups.vcf", "deadlines"}
    assert telling(tmp_path) >= {"t.db-wal", *files}
    erase(history, ADA.id, today=TODAY, key=KEY)
    for link in links(tmp_path):
        run(history, link, 3)
    assert telling(tmp_path) == set()
    assert history.get(Person, "person:namesake").display_name == "Ada Lune"
    assert "Lune" in "".join(card.read_text() for card in (tmp_path / "book").iterdir())
    assert all(run(history, link, 4).is_quiet for link in links(tmp_path))


def test_a_real_server_forgets_her(tmp_path):
    """Her card goes from Radicale, which had rewritten it, though a telephone edited it last."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    with (
        RadicaleServer(theirs) as server,
        Store.open(f"sqlite:///{ours}/t.db") as store,
        requests.Session() as telephone,
    ):
        telephone.trust_env = False
        telephone.auth = (server.username, "any")
        url = server.create_addressbook("book")
        link = sync.Link(
            name="book",
            connector="carddav",
            view="contact",
            config={"url": url, "username": server.username, "password": "any"},
            audience=Visibility.TEAM,
        )
        store.put(*(one for one in ENTITIES if one.id != "person:twin"))
        run(store, link, 1)
        run(store, link, 2)
        (there,) = [one["address"] for one in sync.sent(store, [ADA.id])]
        address = requests.compat.urljoin(url, there)
        card = telephone.get(address, timeout=30).content
        edited = card.replace(b"END:VCARD", b"NOTE:cretecanari\r\nTITLE:Maire\r\nEND:VCARD")
        erase(store, ADA.id, today=TODAY, key=KEY)
        answer = telephone.put(
            address, data=edited, headers={"Content-Type": "text/vcard"}, timeout=30
        )
        assert answer.ok
        run(store, link, 3)
        assert telephone.get(address, timeout=30).status_code == 404
        assert telling(ours) == set()
        assert run(store, link, 4).is_quiet


@attrs.define
class Dinner:
    """A calendar on a server of faults, in step, one of whose events names her."""

    store: Store
    there: object
    link: sync.Link
    hours: int = 0

    def run(self, **changes):
        """Run the link an hour later."""
        self.hours += 1
        return run(self.store, attrs.evolve(self.link, **changes), self.hours)

    def change(self, **fields):
        """Change the event here."""
        self.store.put(attrs.evolve(self.store.get(Event, "event:1"), **fields))

    def move(self, place):
        """Change the place of the event over there."""
        (name,) = (name for name in self.there if b"Rencontre" in self.there.data(name))
        data = re.sub(rb"LOCATION:\w+\r\n", b"", self.there.data(name))
        place = f"LOCATION:{place}\r\nSUMMARY".encode()
        self.there.put(name, data.replace(b"SUMMARY", place, 1))
        return name

    def erase(self):
        """Erase her."""
        erase(self.store, ADA.id, today=TODAY, key=KEY)

    def is_clean(self):
        """Say whether nothing over there tells of her."""
        data = b"".join(self.there.data(name) for name in self.there)
        return b"canari" not in re.sub(rb"\r?\n[ \t]", b"", data)


@pytest.fixture
def dinner(tmp_path):
    """Give such a calendar."""
    with FaultServer() as server, Store.open(f"sqlite:///{tmp_path}/t.db") as store:
        there = server.calendar("agenda")
        link = sync.Link(
            name="agenda",
            connector="caldav",
            view="event",
            config={"url": server.url_of(there)},
            audience=Visibility.TEAM,
            people=True,
        )
        store.put(ADA, *(one for one in ENTITIES if isinstance(one, Event)))
        store.put(Event(id="event:2", summary="Autre", start=NOW, **TEAM))
        made = Dinner(store, there, link)
        made.run()
        assert not made.is_clean()
        yield made


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("winner", sync.conflicts.SIDES)
def test_a_conflict_of_what_named_her_ends_without_a_copy(dinner, tmp_path, before, winner):
    """While it waits it shows both sides; once decided, the journal keeps nothing of it."""
    if before:
        dinner.move("Ailleurs")
    dinner.erase()
    dinner.change(location="Ici")
    if not before:
        dinner.move("Ailleurs")
    dinner.run()
    dinner.run()
    (entry,) = sync.conflicts.list(dinner.store)
    assert [field["field"] for field in entry.fields] == ["location"]
    sync.conflicts.resolve(dinner.store, entry.id, winner)
    dinner.run()
    assert sync.conflicts.list(dinner.store, states=()) == ()
    assert dinner.is_clean()
    assert telling(tmp_path) == set()
    place = {"local": "Ici", "remote": "Ailleurs"}[winner]
    assert dinner.store.get(Event, "event:1").location == place


def test_a_later_conflict_keeps_its_loser_again(dinner):
    """Once the words that named her are overwritten, nothing is kept from the journal any more."""
    dinner.erase()
    dinner.run()
    dinner.change(location="Ici")
    dinner.move("Ailleurs")
    dinner.run(conflict=sync.ConflictPolicy.LOCAL)
    (entry,) = sync.conflicts.list(dinner.store, states=())
    assert entry.document is not None


@pytest.mark.parametrize("how", ["hidden here", "deleted there"])
def test_what_named_her_and_goes_leaves_no_copy_of_her(dinner, tmp_path, how):
    """An event that was hidden, or deleted there, is kept without the words that named her."""
    name = dinner.move("Ailleurs")
    dinner.run()
    if how == "hidden here":
        dinner.change(visibility=Visibility.PRIVATE)
    else:
        dinner.there.remove(name)
    dinner.erase()
    dinner.run()
    dinner.run()
    assert telling(tmp_path) == set()
    assert dinner.is_clean()

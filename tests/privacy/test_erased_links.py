# SPDX-License-Identifier: Apache-2.0
"""No byte of an erased person is left in what links remember, whatever the other side does."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import functools
import re
import tempfile
import unicodedata
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante import sync
from territoire_sante.errors import TerritoireSanteError
from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    ContactPoint,
    ContactPointKind,
    Event,
    Person,
    PersonName,
    Role,
    Visibility,
)
from territoire_sante.plugins import Catalog
from territoire_sante.privacy import erase, oppose, subject_access
from territoire_sante.store import Store
from territoire_sante.testing.dav import FaultServer, Incident

KEY = b"a key of more than sixteen bytes"
NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
TODAY = NOW.date()
CATALOG = Catalog.installed()
MAIL = "eloise.cretecanari@example.org"
ADA = Person(
    id="person:ada",
    visibility=Visibility.TEAM,
    name=PersonName(given="Éloïse", family="Crêtecanari"),
    contact_points=(
        ContactPoint(kind=ContactPointKind.EMAIL, value=MAIL, visibility=Visibility.TEAM),
        ContactPoint(
            kind=ContactPointKind.MOBILE, value="06 39 98 77 31", visibility=Visibility.TEAM
        ),
    ),
)
POST = Appointment(id="appointment:1", person_id=ADA.id, actor_id="actor:x", role=Role.MANAGER)
OTHER = Actor(
    id="actor:x",
    kind=ActorKind.MSP,
    name="MSP des Rives",
    uid="urn:x",
    visibility=Visibility.TEAM,
)
PHOTO = base64.b64encode(b"\xff\xd8\xff" + b"PHOTOCANARI" * 30).decode()
THEIRS = f"NOTE:Rappeler\r\n  la notecanari\r\nPHOTO:data:image/jpeg;base64,{PHOTO}\r\n"
HERS = ("cretecanari", "eloise", "notecanari", "photocanari")


def readings(raw):
    """Yield bytes as they stand, unfolded, and what runs of base64 say from each of four places."""
    flat = re.sub(rb"\r?\n[ \t]", b"", raw)
    yield from (raw, flat)
    for run in re.findall(rb"[A-Za-z0-9+/_-]{24,}", flat):
        for start in range(4):
            part = run[start:] + b"=" * (-len(run[start:]) % 4)
            with contextlib.suppress(ValueError):
                yield base64.b64decode(part.translate(bytes.maketrans(b"-_", b"+/")))


def told_by(raw):
    """Return which words of hers stand in bytes: plain, folded, packed, escaped, unaccented."""
    found = set()
    for one in readings(raw):
        text = one.decode("utf-8", "replace")
        text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
        bare = unicodedata.normalize("NFKD", text).casefold()
        bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
        found.update(word for word in HERS if word in bare)
        if "639987731" in re.sub(r"[\s.()-]", "", bare):
            found.add("phone")
    return found


def test_the_search_finds_every_form():
    """Plain, accented, decomposed, escaped, folded and packed words are all found."""
    packed = base64.b64encode("xx Éloïse Crêtecanari, 06 39 98 77 31".encode())
    assert told_by(packed) == {"eloise", "cretecanari", "phone"}
    assert told_by(rb'"Cr\u00eatecanari"') == {"cretecanari"}
    assert told_by("Cre\u0302tecanari".encode()) == {"cretecanari"}
    assert told_by(b"NOTE:noteca\r\n nari") == {"notecanari"}
    assert told_by(PHOTO[7:].encode()) == {"photocanari"}


@attrs.define
class House:
    """A store in a folder, an address book on a server of faults, and a link between them."""

    folder: object
    store: Store
    server: FaultServer
    book: object
    link: sync.Link
    now: dt.datetime = NOW

    def run(self, link=None):
        """Run a link an hour later, whatever it deletes."""
        self.now += dt.timedelta(hours=1)
        known = {"catalog": CATALOG, "now": self.now, "opposition_key": KEY}
        plan = sync.plan(self.store, link or self.link, **known)
        confirm = plan.fingerprint
        return sync.apply(self.store, plan, confirm=confirm, sleep=lambda _: None, **known)

    def card(self):
        """Return the name of her card there, ``None`` if there is none."""
        return next((name for name in self.book if "canari" in str(self.book.data(name))), None)

    def edit(self, lines):
        """Add lines to her card, as somebody else's client."""
        name = self.card()
        data = self.book.data(name).replace(b"END:VCARD", lines.encode() + b"END:VCARD")
        self.book.put(name, data)

    def left(self):
        """Return her words in all files of the store, while it is open."""
        return {
            word
            for file in self.folder.iterdir()
            if file.is_file()
            for word in told_by(file.read_bytes())
        }

    def people(self):
        """Return who is stored, by name."""
        return {one.display_name for one in self.store.all(Person)} - {""}


@contextlib.contextmanager
def opened(folder):
    """Open a house in a folder that knows her, whose card is on the server, edited by others."""
    with FaultServer() as server, Store.open(f"sqlite:///{folder}/t.db") as store:
        book = server.address_book("book")
        link = sync.Link(
            name="book",
            connector="carddav",
            view="contact",
            config={"url": server.url_of(book)},
            audience=Visibility.TEAM,
        )
        store.put(ADA, OTHER)
        made = House(folder, store, server, book, link)
        made.run()
        made.edit(THEIRS)
        made.run()
        yield made


@pytest.fixture
def house(tmp_path):
    """Give such a house."""
    with opened(tmp_path) as made:
        assert made.left() == {*HERS, "phone"}
        yield made


WAYS = pytest.mark.parametrize("way", ["erase", "erase wholly", "oppose", "forget"])


def go(house, way):
    """Take her out, in one of the ways."""
    if way == "forget":
        house.store.forget(Person, ADA.id)
    elif way == "oppose":
        oppose(house.store, ADA.id, today=TODAY, key=KEY)
    else:
        erase(house.store, ADA.id, today=TODAY, key=KEY, keep_out=way == "erase")


def allowed(way):
    """Return what may stay: who objected is known by name, so as to be left out."""
    return {"cretecanari", "eloise"} if way == "oppose" else set()


@WAYS
def test_a_card_that_was_edited_there_goes_and_leaves_no_copy(house, way):
    """The edit of somebody else neither keeps her card there, nor brings it into the journal."""
    go(house, way)
    house.edit("TEL:+33639987731\r\nTITLE:Maire\r\n")
    house.run()
    assert house.card() is None
    assert sync.conflicts.list(house.store, states=()) == ()
    assert house.left() <= allowed(way)
    assert house.run().is_quiet


@WAYS
def test_a_link_that_only_reads_keeps_no_copy(house, way):
    """Her card stays there, which is not ours; what the link knew of it is gone, and stays away."""
    link = attrs.evolve(house.link, direction=sync.Direction.PULL)
    go(house, way)
    house.run(link)
    assert house.card() is not None
    assert house.left() <= allowed(way)
    house.edit("TITLE:Maire\r\n")
    house.run(link)
    assert house.left() <= allowed(way)
    assert len(house.people()) == (way == "oppose")


@WAYS
@pytest.mark.parametrize("again", [False, True])
def test_a_card_that_was_deleted_there_before_leaves_no_copy(house, way, again):
    """What is kept here although it was deleted there is forgotten, also if it came back there."""
    house.store.put(POST)
    house.run()
    name = house.card()
    data = house.book.data(name)
    house.book.remove(name)
    (entry,) = house.run().entries
    assert entry.outcome is sync.Outcome.RELEASED
    go(house, way)
    if again:
        house.book.put(name, data)
    house.run()
    house.run()
    assert house.card() is None
    assert house.left() <= allowed(way)
    assert house.run().is_quiet


@WAYS
def test_a_server_that_refuses_for_a_while_only_delays(house, way):
    """What could not be deleted there is deleted when the server lets it, and leaves no copy."""
    house.server.happen(Incident(method="DELETE", status=403, times=None))
    go(house, way)
    house.run()
    assert house.card() is not None
    house.server.recover()
    house.now += dt.timedelta(days=2)
    house.run()
    assert house.card() is None
    assert house.left() <= allowed(way)


@WAYS
def test_a_write_whose_answer_was_lost_leaves_no_copy(house, way):
    """An edit of hers that was sent, and whose answer nobody saw, does not bring her back."""
    house.server.happen(Incident.lost_answer("PUT"))
    house.store.put(attrs.evolve(ADA, name=attrs.evolve(ADA.name, prefix="Dr")))
    house.run()
    house.server.recover()
    go(house, way)
    house.run()
    assert house.card() is None
    assert house.left() <= allowed(way)


def test_access_tells_what_links_hold(house):
    """What others wrote into her card, a photo among it, is told; the cards of others are not."""
    house.store.put(attrs.evolve(ADA, id="person:other", name=PersonName(family="Serincanari")))
    house.run()
    access = subject_access(
        house.store,
        ADA.id,
        today=TODAY,
        sent=functools.partial(sync.sent, house.store),
        copies=functools.partial(sync.copies, house.store),
    )
    assert told_by(access.to_json().replace("\\r\\n ", "").encode()) == {*HERS, "phone"}
    assert [(one["link"], one["what"]) for one in access.data["copies"]] == [("book", "in step")]
    assert "serincanari" not in access.to_json().casefold()
    assert "notecanari" in access.to_markdown("fr")


def test_access_tells_of_what_is_disputed_and_deleted(house):
    """A conflict that waits, and a card that was deleted there, are told until they are over."""
    link = attrs.evolve(house.link, conflict=sync.ConflictPolicy.ASK)
    name = house.card()
    house.store.put(attrs.evolve(ADA, name=attrs.evolve(ADA.name, given="Éloïse A.")))
    data = house.book.data(name).replace("Éloïse".encode(), "Éloïse B.".encode())
    house.book.put(name, data)
    house.run(link)

    def held():
        return {one["what"]: one for one in sync.copies(house.store, [ADA.id])}

    assert held().keys() == {"in step", "conflict"}
    assert "Éloïse B." in held()["conflict"]["document"]
    house.book.remove(house.card())
    house.store.put(ADA)
    house.run(link)
    house.run(link)
    assert held()["deleted"]["document"]
    assert erase(house.store, ADA.id, today=TODAY, key=KEY).known
    house.run(link)
    assert held() == {}
    assert house.left() == set()


def test_what_named_her_is_overwritten_by_the_next_run(house):
    """Events that named her lose their old words in what links remember, and between its rows."""
    agenda = house.server.calendar("agenda")
    link = sync.Link(
        name="agenda",
        connector="caldav",
        view="event",
        config={"url": house.server.url_of(agenda)},
    )
    start = NOW + dt.timedelta(days=3)
    named = [
        Event(
            id=f"event:{number}",
            visibility=Visibility.PUBLIC,
            summary=f"Dîner {number} avec Éloïse Crêtecanari",
            start=start,
        )
        for number in range(30)
    ]
    house.store.put(*named)
    house.run(link)
    erase(house.store, ADA.id, today=TODAY, key=KEY)
    house.run()
    house.run(link)
    assert house.left() == set()
    assert all(told_by(agenda.data(name)) == set() for name in agenda)


def test_a_link_that_runs_no_more_can_be_made_to_forget(house):
    """What a link that was taken out of the configuration remembers goes when it is told to."""
    house.store.put(Event(id="event:1", summary="Dîner avec Éloïse Crêtecanari"))
    agenda = house.server.calendar("agenda")
    link = sync.Link(
        name="agenda",
        connector="caldav",
        view="event",
        config={"url": house.server.url_of(agenda)},
        audience=Visibility.PRIVATE,
    )
    house.run(link)
    report = erase(house.store, ADA.id, today=TODAY, key=KEY)
    assert sync.links_knowing(house.store, report.changed) == ("agenda", "book")
    sync.drop_copies(house.store, report.changed, ["agenda"])
    assert sync.links_knowing(house.store, report.changed) == ("book",)
    house.run()
    assert sync.links_knowing(house.store, report.changed) == ()
    assert house.left() == set()
    house.run(link)
    assert house.store.get(Event, "event:1").summary.startswith("Dîner avec [")


def test_a_write_that_nobody_saw_answered_counts_as_a_copy(house):
    """A link that only began to send her card is among those that know her."""
    other = house.server.address_book("other")
    link = attrs.evolve(house.link, name="other", config={"url": house.server.url_of(other)})
    house.server.happen(Incident(method="PUT", where="other", hang_up=True, times=None))
    house.run(link)
    assert sync.links_knowing(house.store, [ADA.id]) == ("book", "other")


def deeds(house):
    """Return what can happen to her card: here, there, on the way and in the journal."""
    store, book = house.store, house.book
    local = attrs.evolve(house.link, conflict=sync.ConflictPolicy.LOCAL)
    pull = attrs.evolve(house.link, direction=sync.Direction.PULL)

    def rename(given):
        if store.find(Person, ADA.id):
            store.put(attrs.evolve(ADA, name=attrs.evolve(ADA.name, given=given)))

    def there(change):
        if name := house.card():
            change(name)

    def rewrite(name):
        data = book.data(name)
        book.put(name, data.replace("Éloïse".encode(), "Éloïse D.".encode(), 1))

    def each(found, act):
        for one in found:
            act(store, one.id)

    conflicts = sync.conflicts
    return {
        "name here": lambda: rename("Éloïse A."),
        "name again": lambda: rename("Éloïse B."),
        "name there": lambda: there(rewrite),
        "note there": lambda: there(lambda _: house.edit("TITLE:notecanari\r\n")),
        "remove there": lambda: there(book.remove),
        "delete here": lambda: store.find(Person, ADA.id) and store.delete(Person, ADA.id),
        "post": lambda: store.put(POST),
        "no post": lambda: store.find(Appointment, POST.id) and store.delete(Appointment, POST.id),
        "lost answer": lambda: house.server.happen(Incident.lost_answer("PUT")),
        "no answer": lambda: house.server.happen(Incident(method="PUT", hang_up=True, times=3)),
        "refusal": lambda: house.server.happen(Incident(method="PUT", status=403, times=2)),
        "decide": lambda: each(
            conflicts.list(store), lambda where, one: conflicts.resolve(where, one, "local")
        ),
        "restore": lambda: each(conflicts.list(store, states=("settled",)), conflicts.restore),
        "undelete": lambda: each(conflicts.deleted(store), conflicts.undelete),
        "run": house.run,
        "run to read": lambda: house.run(pull),
        "run for here": lambda: house.run(local),
    }


with tempfile.TemporaryDirectory() as _folder, opened(Path(_folder)) as _house:
    DEEDS = st.lists(st.sampled_from(sorted(deeds(_house))), max_size=14)


@settings(max_examples=15)
@given(before=DEEDS, after=DEEDS, wholly=st.booleans())
def test_whatever_happened_nothing_is_left(before, after, wholly):
    """After any history, and whatever is done meanwhile, some runs later she is nowhere."""
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as house:
        done = deeds(house)
        for deed in before:
            with contextlib.suppress(TerritoireSanteError):
                done[deed]()
        assert erase(house.store, ADA.id, today=TODAY, key=KEY, keep_out=not wholly).known
        for deed in after:
            # Nothing of her is put back by hand.
            if deed not in ("post", "undelete", "name here", "name again"):
                with contextlib.suppress(TerritoireSanteError):
                    done[deed]()
        house.server.recover()
        for _ in range(3):
            house.now += dt.timedelta(days=2)
            house.run()
        assert house.card() is None
        assert house.people() == set()
        assert house.left() == set()

# SPDX-License-Identifier: Apache-2.0
"""The eight defects measured in vdirsyncer 0.21.0: this engine has none of them."""

import datetime as dt

import attrs
import pytest

from territoire_sante import Catalog, Link, Store, sync
from territoire_sante.errors import MassDeletionError
from territoire_sante.model import Event, Occurrence
from territoire_sante.sync import conflicts
from territoire_sante.testing._commits import before_commits
from territoire_sante.testing.dav import Faults

MONDAY = dt.datetime(2027, 5, 3, 9, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7)


class Killed(BaseException):
    """The process ends here."""


def test_vdirsyncer_defect_1_swapped_texts_of_series_and_instance(dav):
    """Swapping the texts of a series and of one changed instance is a change."""
    world = dav()
    changed = Occurrence(recurrence_id=MONDAY + WEEK, summary="B")
    world.put("a", summary="A", start=MONDAY, rrule="FREQ=WEEKLY", occurrences=(changed,))
    world.settle()
    world.edit("a", summary="B", occurrences=(attrs.evolve(changed, summary="A"),))
    world.settle()

    assert world.get("a").summary == "B"
    assert [one.summary for one in world.get("a").occurrences] == ["A"]


def test_vdirsyncer_defect_2_other_spelling_is_no_change(dav):
    """Folds, the order of parameters and the case of names make no write, on either side."""
    world = dav()
    text = "Un long résumé, qui est plié au moins une fois parce que sa ligne est trop longue"
    world.put("a", summary=text, start=MONDAY)
    world.settle()
    revision = world.store.revision(Event, "event:a")
    data = world.data("a").replace(b"\r\n ", b"").replace(b"SUMMARY:", b"Summary;X-A=1;X-B=2:")
    world.collection.put(world.name("a"), data)
    world.sync()
    world.collection.put(world.name("a"), data.replace(b"X-A=1;X-B=2", b"X-B=2;X-A=1"))
    world.server.log.clear()
    report = world.sync()

    assert report.is_quiet
    assert world.store.revision(Event, "event:a") == revision
    assert "PUT" not in world.server.methods()


ZONED = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//test//EN\r\nBEGIN:VTIMEZONE\r\n"
    "TZID:Chez nous\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:{0}\r\n"
    "TZOFFSETTO:{0}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:z\r\n"
    "DTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Chez nous:20270503T090000\r\n"
    "DTEND;TZID=Chez nous:20270503T100000\r\nSUMMARY:Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_vdirsyncer_defect_3_redefined_zone_moves_the_event(dav):
    """An event whose document redefines its time zone by four hours is moved by four hours."""
    world = dav()
    world.collection.put("z.ics", ZONED.format("+0100").encode())
    world.settle()
    before = world.get("z").start
    world.collection.put("z.ics", ZONED.format("+0500").encode())
    world.settle()

    assert before - world.get("z").start == dt.timedelta(hours=4)


def test_vdirsyncer_defect_4_unicode_line_ends_stay_text(tmp_path):
    """U+2028, VT and NEL in a text of a file of many events end no line, here or there."""
    odd = "un\u2028deux\u0085trois"
    raw = f"DESCRIPTION:{odd}\x0bquatre\r\n"
    one = (
        "BEGIN:VEVENT\r\nUID:{0}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20270503T090000Z\r\n"
        "SUMMARY:{0}\r\n{1}END:VEVENT\r\n"
    )
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//test//EN\r\n"
    file = tmp_path / "agenda.ics"
    whole = head + one.format("a", raw) + one.format("b", "") + "END:VCALENDAR\r\n"
    file.write_bytes(whole.encode())
    link = Link(name="fichier", connector="ics", view="event", config={"path": str(file)})
    with Store.open("memory:") as store:
        sync.apply(store, sync.plan(store, link))
        seen = store.get(Event, "event:a")

        assert odd in seen.description
        assert seen.description.endswith("quatre")

        store.put(attrs.evolve(seen, location="Salle"))
        sync.apply(store, sync.plan(store, link))

    assert raw.encode() in file.read_bytes()
    assert b"LOCATION:Salle" in file.read_bytes()


def test_vdirsyncer_defect_5_death_after_a_rewritten_upload(dav, tmp_path):
    """Where the server adds a line and we die before noting our write, nobody is in conflict."""
    world = dav(
        faults=Faults(adds=("X-STORED:1",), rewrites={"reorder"}),
        url=f"sqlite:///{tmp_path / 't.db'}",
    )
    world.put("a", summary="A")

    def die():
        if any(asked.method == "PUT" for asked in world.server.log):
            raise Killed

    before_commits(world.store, die)
    with pytest.raises(Killed):
        world.sync()
    world.store.close()
    world.store = Store.open(f"sqlite:///{tmp_path / 't.db'}")
    world.settle()

    assert len(world.collection) == 1
    assert b"X-STORED:1" in world.data("a")
    assert conflicts.list(world.store, states=()) == ()
    assert len(list(world.store.all(Event))) == 1


def test_vdirsyncer_defect_6_item_left_out_of_a_listing(dav):
    """An item that a listing leaves out, and that still answers, is deleted nowhere."""
    world = dav()
    for name in ("a", "b", "c"):
        world.put(name)
    world.settle()
    world.server.faults = Faults(unlisted={world.name("b")}, sync=False, ctag=False)
    for _ in range(3):
        world.sync(hours=25)

    assert world.get("b") is not None
    assert len(world.collection) == 3


def test_vdirsyncer_defect_7_hundred_items_become_one(dav):
    """Ninety-nine deletions on the other side are not carried out without being asked for."""
    world = dav()
    for number in range(100):
        world.hold(f"{number}.ics", Event(id="event:x", uid=f"u{number}", start=MONDAY))
    world.sync()
    for number in range(1, 100):
        world.collection.remove(f"{number}.ics")
    with pytest.raises(MassDeletionError) as blocked:
        world.sync()

    assert len(list(world.store.all(Event))) == 100
    assert "99" in str(blocked.value)
    assert Catalog.installed().get("caldav")


def test_vdirsyncer_defect_8_disjoint_edits(dav):
    """A summary changed here and a place changed there are no conflict: both sides get both."""
    world = dav()
    world.put("a", summary="A", location="Mairie")
    world.settle()
    world.put("a", summary="B")
    world.edit("a", location="Salle")
    world.settle()

    assert (world.get("a").summary, world.get("a").location) == ("B", "Salle")
    assert (world.there("a").summary, world.there("a").location) == ("B", "Salle")
    assert conflicts.list(world.store, states=()) == ()

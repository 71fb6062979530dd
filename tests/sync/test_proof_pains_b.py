# SPDX-License-Identifier: Apache-2.0
"""What users of sync programs complain of most, fourteen to twenty-five: servers and formats."""

import base64
import datetime as dt
import itertools
import logging
import zoneinfo

import attrs
import pytest

from territoire_sante import Catalog, Direction, Link, Store, sync
from territoire_sante.errors import AuthError
from territoire_sante.model import Contact, Event, Occurrence, PersonName, Reach
from territoire_sante.projections import projection_for
from territoire_sante.sync import Outcome, conflicts
from territoire_sante.testing.dav import Faults, Incident, Reply
from territoire_sante_files import ICS_FEED

START = dt.datetime(2027, 5, 3, 9, tzinfo=dt.UTC)
PARIS = zoneinfo.ZoneInfo("Europe/Paris")
DAY = dt.timedelta(days=1)


def here(world):
    """Return the events of this side, by UID."""
    return {one.uid: one for one in world.store.all(Event)}


def cards(world):
    """Return the projection of contacts, and what it shows by UID."""
    projection = projection_for(Contact, audience=world.link.audience, today=world.now.date())
    return projection, {one.view.uid: one for one in projection.project(world.store)}


def change_card(world, uid, **values):
    """Change a contact here."""
    projection, shown = cards(world)
    wanted = attrs.evolve(shown[uid].view, **values)
    absorbed = projection.absorb(world.store, wanted, shown[uid].key, frozenset(values))
    world.store.put(*absorbed.entities)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("when", ["0", "1", "7200", "Wed, 21 Oct 2065 07:28:00 GMT"])
def test_pain_14_rate_limits_are_heeded(dav, status, when):
    """Told to wait, a run waits or leaves the rest to the next one; it never hammers."""
    world = dav()
    for number in range(6):
        world.put(f"e{number}")
    world.server.happen(Incident.busy(when, status, method="PUT", skip=2))
    world.sync()

    assert world.server.methods().count("PUT") <= 8

    world.sync()
    world.settle()

    assert len(world.collection) == len(here(world)) == 6


def test_pain_15_token_that_ended(dav):
    """A token that ended is an error that says so; with a new one the same link goes on."""
    world = dav()
    good = ["Bearer one"]
    world.server.rules.append(
        lambda asked: None if asked.headers["Authorization"] in good else Reply(401)
    )
    config = {**world.link.config, "auth": "bearer"}
    world.with_link(config={**config, "token": "one"})
    world.put("a")
    world.settle()
    good[:] = ["Bearer two"]
    world.put("b")
    with pytest.raises(AuthError) as refused:
        world.sync()

    assert refused.value.remedy
    assert "one" not in str(refused.value).split()

    world.with_link(config={**config, "token": "two"})
    world.settle()

    assert set(here(world)) == {"a", "b"}
    assert len(world.collection) == 2


def test_pain_16_what_strict_servers_ask_for(dav):
    """An event without an end is written with one, a card with version 3.0, N and FN."""
    world = dav()
    world.put("a")
    world.settle()
    book = dav(Contact)
    from_there = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u\r\nFN:Camille\r\nN:;Camille;;;\r\nEND:VCARD\r\n"
    )
    book.collection.put("x.vcf", from_there.encode())
    book.sync()
    change_card(book, "u", emails=(Reach(value="c@example.org"),))
    book.collection.remove("x.vcf")
    book.settle()
    (name,) = book.collection
    lines = book.collection.data(name).splitlines()

    assert b"DTEND" in world.data("a") or b"DURATION" in world.data("a")
    assert world.get("a").end is None
    assert b"VERSION:3.0" in lines
    assert {line.split(b":")[0] for line in lines} >= {b"N", b"FN"}


def test_pain_17_deletions_that_no_token_tells(dav):
    """A server whose list of changes forgets deletions is found out within a day."""
    world = dav(faults=Faults(deletions=False))
    for name in "abc":
        world.put(name)
    world.settle()
    world.collection.remove(world.name("b"))
    world.sync()
    world.sync(hours=25)

    assert set(here(world)) == {"a", "c"}
    assert len(world.collection) == 2


def test_pain_18_compression_that_changes_tags(dav):
    """Where compression weakens ETags, edits go both ways without an endless 412."""
    world = dav(faults=Faults(gzip=True))
    world.put("a")
    world.settle()
    world.server.log.clear()
    world.put("a", location="Salle")
    world.settle()
    world.edit("a", description="Là-bas")
    world.settle()

    assert [one.status for one in world.server.log if one.method == "PUT"] == [204]
    assert here(world)["a"].description == world.there("a").description == "Là-bas"


@pytest.mark.parametrize(
    "etags", ["weak", "missing", "empty", "unquoted", "percent", "changing", "counter"]
)
def test_pain_19_bad_version_tags(dav, etags):
    """Weak, missing, broken and restless tags: edits of both sides arrive, runs end quiet."""
    world = dav(faults=Faults(etags=etags))
    world.put("a")
    world.put("b")
    world.settle()
    world.put("a", location="Salle")
    world.edit("a", description="Là-bas")
    world.edit("b", summary="B")
    world.settle()

    assert here(world)["a"].description == "Là-bas"
    assert world.there("a").location == "Salle"
    assert here(world)["b"].summary == "B"
    assert conflicts.list(world.store, states=()) == ()


ZONES = {
    "windows": ("W. Europe Standard Time", "", 7),
    "custom": (
        "Customized Time Zone",
        (
            "BEGIN:VTIMEZONE\r\nTZID:Customized Time Zone\r\nX-LIC-LOCATION:Nulle part\r\n"
            "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0330\r\n"
            "TZOFFSETTO:+0330\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
        ),
        5.5,
    ),
    "named": ("Europe/Paris", "", 7),
}


@pytest.mark.parametrize("name", list(ZONES))
def test_pain_20_time_zones_of_others(dav, name):
    """Windows names, zones of one's own and missing definitions: the instant is right, and kept."""
    tzid, zone, hour = ZONES[name]
    world = dav()
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//test//EN\r\n"
        f"{zone}BEGIN:VEVENT\r\nUID:z\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Z\r\n"
        f"DTSTART;TZID={tzid}:20270503T090000\r\nDTEND;TZID={tzid}:20270503T100000\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    world.collection.put("z.ics", text.encode())
    world.settle()

    assert here(world)["z"].start == START.replace(hour=0) + dt.timedelta(hours=hour)

    world.store.put(attrs.evolve(here(world)["z"], summary="Ici"))
    world.settle()
    kept = text.replace("SUMMARY:Z", "SUMMARY:Ici").splitlines()
    now = world.data("z").decode().splitlines()

    assert [line for line in kept if not line.startswith("DTSTAMP")] == [
        line for line in now if not line.startswith(("DTSTAMP", "LAST-MOD", "SEQUENCE"))
    ]


def test_pain_20_zones_of_ours_are_compact(dav):
    """A new event in Paris brings the definition of its zone, in a few lines."""
    world = dav()
    world.put("a", start=START.astimezone(PARIS), rrule="FREQ=WEEKLY")
    world.settle()
    lines = world.data("a").splitlines()
    zone = lines[lines.index(b"BEGIN:VTIMEZONE") : lines.index(b"END:VTIMEZONE") + 1]

    assert b"TZID:Europe/Paris" in zone
    assert len(zone) < 30


SERIES = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//test//EN\r\n{}END:VCALENDAR\r\n"
MASTER = (
    "BEGIN:VEVENT\r\nUID:s\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:S\r\nRRULE:FREQ=DAILY\r\n"
    "DTSTART;TZID=Europe/Paris:20270503T090000\r\nDTEND;TZID=Europe/Paris:20270503T100000\r\n"
    "END:VEVENT\r\n"
)
INSTANCE = (
    "BEGIN:VEVENT\r\nUID:s\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:I\r\n"
    "RECURRENCE-ID:20270504T070000Z\r\nDTSTART:20270504T080000Z\r\nDTEND:20270504T090000Z\r\n"
    "END:VEVENT\r\n"
)


def test_pain_21_instances_named_in_another_zone(dav):
    """A changed instance named in UTC, of a series in Paris, is that one, and is not doubled."""
    world = dav()
    world.collection.put("s.ics", SERIES.format(MASTER + INSTANCE).encode())
    world.settle()
    series = here(world)["s"]

    assert [one.summary for one in series.occurrences] == ["I"]

    changed = attrs.evolve(series.occurrences[0], summary="Ici")
    world.store.put(attrs.evolve(series, occurrences=(changed,)))
    world.settle()

    assert world.data("s").count(b"RECURRENCE-ID") == 1
    assert b"SUMMARY:Ici" in world.data("s")


def test_pain_21_instances_without_their_series(dav):
    """A document of single instances only, or with one that the rule no longer has, loses none."""
    world = dav()
    world.collection.put("s.ics", SERIES.format(INSTANCE).encode())
    report = world.sync()

    assert "s" in here(world) or report.counts()["quarantined"] == 1
    assert b"RECURRENCE-ID:20270504T070000Z" in world.data("s")

    other = dav()
    orphan = MASTER.replace("FREQ=DAILY", "FREQ=WEEKLY") + INSTANCE
    other.collection.put("s.ics", SERIES.format(orphan).encode())
    other.settle()
    other.store.put(attrs.evolve(here(other)["s"], summary="Ici"))
    other.settle()

    assert INSTANCE.encode() in other.data("s")
    assert isinstance(here(other)["s"].occurrences[0], Occurrence)


def test_pain_22_days_stay_days(dav):
    """An event of two days is two days on both sides, before and after edits of either."""
    world = dav()
    first = dt.date(2027, 3, 27)
    world.put("a", start=first, end=first + 2 * DAY)
    world.settle()

    assert b"DTSTART;VALUE=DATE:20270327" in world.data("a")
    assert b"DTEND;VALUE=DATE:20270329" in world.data("a")

    world.edit("a", start=first + DAY, end=first + 3 * DAY)
    world.settle()

    assert (here(world)["a"].start, here(world)["a"].end) == (first + DAY, first + 3 * DAY)
    assert type(here(world)["a"].start) is dt.date


@pytest.mark.parametrize("version", ["2.1", "3.0", "4.0"])
def test_pain_23_cards_keep_what_they_are(dav, version):
    """A card keeps its version, photo, groups and labels when something else in it is edited."""
    photo = base64.b64encode(bytes(range(256))).decode()
    lines = {
        "2.1": [f"PHOTO;ENCODING=BASE64;JPEG:{photo}", ""],
        "3.0": [f"PHOTO;ENCODING=b;TYPE=JPEG:{photo}"],
        "4.0": [f"PHOTO:data:image/jpeg;base64,{photo}"],
    }[version]
    kept = [
        f"VERSION:{version}", *lines, "item1.TEL:+33 4 66 00 00 01", "item1.X-ABLabel:Cabinet",
        "X-AIM:camille",
    ]  # fmt: skip
    text = [
        "BEGIN:VCARD",
        kept[0],
        "UID:u",
        "N:Exemple;Camille;;;",
        "FN:Camille Exemple",
        *kept[1:],
    ]
    world = dav(Contact)
    world.collection.put("u.vcf", "\r\n".join([*text, "END:VCARD", ""]).encode())
    world.settle()
    name = {"name": PersonName(family="Autre", given="Camille"), "formatted_name": "Camille Autre"}
    change_card(world, "u", **name)
    world.settle()
    now = world.collection.data("u.vcf").decode()

    assert "Camille Autre" in now
    assert [line for line in kept if line not in now.split("\r\n")] == []


def test_pain_24_feeds_that_regenerate_their_uids(dav):
    """A published calendar with new UIDs and dates at each download changes nothing here."""
    server = dav().server
    numbers = itertools.count()

    def publish(_asked):
        events = "".join(
            f"BEGIN:VEVENT\r\nUID:{next(numbers)}@example.org\r\n"
            f"DTSTAMP:202601{1 + next(numbers) % 28:02}T000000Z\r\n"
            f"DTSTART:202705{day:02}T090000Z\r\nDTEND:202705{day:02}T100000Z\r\n"
            f"SUMMARY:{day}\r\nEND:VEVENT\r\n"
            for day in (10, 20)
        )
        return Reply(200, SERIES.format(events).encode(), {"Content-Type": "text/calendar"})

    server.on("GET", publish, where="/feed.ics")
    catalog = Catalog()
    catalog.register(ICS_FEED)
    config = {"url": f"{server.url}feed.ics"}
    link = Link(
        name="feed", connector="ics-feed", view="event", direction=Direction.PULL, config=config
    )
    now = START
    with Store.open("memory:") as store:
        for _ in range(4):
            now += dt.timedelta(hours=5)
            sync.apply(store, sync.plan(store, link, catalog=catalog, now=now), now=now)
        found = sorted(one.summary for one in store.all(Event))
        versions = [len(store.history(Event, one.id)) for one in store.all(Event)]

    assert found == ["10", "20"]
    assert versions == [1, 1]


def test_pain_25_read_only_collections(dav):
    """A collection that may only be read is read; what was to be written is told, not lost."""
    world = dav()
    world.hold("a.ics", Event(id="event:x", uid="a", summary="A", start=START))
    read = "<D:privilege><D:read/></D:privilege>"
    world.collection.properties["D:current-user-privilege-set"] = read
    for method in ("PUT", "DELETE"):
        world.server.on(method, Reply(403, b""))
    world.put("b")
    report = world.sync()
    world.edit("a", location="Salle")
    world.sync()

    assert here(world)["a"].location == "Salle"
    assert {e.outcome for e in report.entries if e.uid == "b"} <= {Outcome.REFUSED, Outcome.FAILED}
    assert "b" in here(world)


def test_pain_25_no_secret_is_logged(dav, caplog):
    """Neither logs nor errors show a password or what items say."""
    world = dav(username="msp", password="s3cr3t-made-up")
    world.put("a", summary="Confidence particulière")
    with caplog.at_level(logging.DEBUG):
        world.settle()
        world.server.happen(Incident(status=401, times=None))
        with pytest.raises(AuthError) as refused:
            world.sync()
    told = caplog.text + str(refused.value) + repr(world.link)

    assert caplog.text
    for secret in ("s3cr3t-made-up", base64.b64encode(b"msp:s3cr3t-made-up").decode()):
        assert secret not in told
    assert "Confidence particulière" not in told

# SPDX-License-Identifier: Apache-2.0
"""Hostile servers: no secret leaves its origin, nothing grows beyond its cap, no mail is caused."""

from __future__ import annotations

import gzip
import logging
import time
import tracemalloc

import attrs
import pytest

from territoire_sante.errors import (
    ConfigError,
    ConnectorError,
    OutcomeUnknownError,
    ProtocolError,
    RetryableError,
)
from territoire_sante.formats import Document, icalendar
from territoire_sante.model import CalendarUser, Event
from territoire_sante.plugins import Ref, Secret, Stored, Unreadable
from territoire_sante.testing.dav import FaultServer, Incident, Reply
from territoire_sante_dav import _xml

PASSWORD = "secret-made-up"
LOGIN = {"username": "msp", "password": Secret(PASSWORD)}
TYPE = {"Content-Type": "application/xml"}
MULTISTATUS = b'<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">%b</D:multistatus>'


@pytest.fixture
def elsewhere():
    """Give another server, which must never be asked for anything."""
    with FaultServer() as server:
        server.calendar("agenda", "Agenda")
        yield server
        assert not server.log


def found(href, etag='"1"'):
    """Return a response with an ETag."""
    return (
        f"<D:response><D:href>{href}</D:href><D:propstat><D:prop><D:getetag>{etag}</D:getetag>"
        "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    )


# --- secrets stay at home --------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["PROPFIND", "REPORT", "GET", "PUT", "DELETE"])
def test_redirected_to_another_server(linked, event, elsewhere, method, status):
    """Whatever is redirected to another server is not asked there, with or without secrets."""
    world = linked(multiget=method != "GET")
    world.far.put("a.ics", event("u").data)
    href = f"{world.far.path}a.ics"
    tries = {
        "PROPFIND": lambda t: list(t.list()),
        "REPORT": lambda t: t.changes("sync:0"),
        "GET": lambda t: list(t.read([href])),
        "PUT": lambda t: t.create("b", event("v")),
        "DELETE": lambda t: t.delete(Ref(href, '"1"')),
    }
    with world.open(**LOGIN) as transport:
        world.server.on(method, Reply(status, b"", {"Location": f"{elsewhere.origin}{href}"}))
        try:
            answer = tries[method](transport)
        except ConnectorError:
            answer = None
        if method == "GET":
            assert [type(one) for one in answer] == [Unreadable]

    assert list(world.far) == ["a.ics"]


@pytest.mark.parametrize("place", ["/", "/.well-known/caldav", "/dav/principal/"])
def test_discovery_sent_to_another_server(linked, elsewhere, place):
    """An address, a well-known one or a principal that sends us elsewhere ends the search."""
    world = linked()
    target = f"{elsewhere.origin}/dav/agenda/"

    def astray(asked):
        if asked.path == place:
            return Reply(301, b"", {"Location": target})
        return Reply(405) if asked.path == "/" else None

    world.server.on("PROPFIND", astray)
    with (
        pytest.raises((ProtocolError, ConfigError)),
        world.open(url=world.server.url, **LOGIN),
    ):
        pass


@pytest.mark.parametrize("name", ["current-user-principal", "calendar-home-set"])
def test_homes_on_another_server(linked, elsewhere, name):
    """A principal or home on another host is named, and never asked unless that is allowed."""
    world = linked()
    space = "DAV:" if name.startswith("current") else "urn:ietf:params:xml:ns:caldav"
    home = f"http://localhost:{elsewhere.origin[17:]}/dav/"
    body = (
        f"<D:response><D:href>/dav/principal/</D:href><D:propstat><D:prop><x:{name} xmlns:x="
        f'"{space}"><D:href>{home}</D:href></x:{name}></D:prop>'
        "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    )
    world.server.on("PROPFIND", Reply(207, MULTISTATUS % body.encode(), TYPE))
    with (
        pytest.raises((ProtocolError, ConfigError)),
        world.open(url=f"{world.server.url}dav/principal/", **LOGIN),
    ):
        pass


@pytest.mark.parametrize("path", ["/dav/agenda/b.ics", "/dav/other/b.ics", ""])
def test_hrefs_of_another_server(linked, event, elsewhere, path):
    """Items said to be on another server are never asked for there."""
    world = linked()
    world.far.put("b.ics", event("u").data)
    listed = world.server.truth

    def astray(asked):
        answer = listed(asked)
        if asked.headers["Depth"] != "1" or asked.method != "PROPFIND":
            return None
        more = found(f"{elsewhere.origin}{path}").encode()
        return Reply(207, answer.body.replace(b"</D:multistatus>", more + b"</D:multistatus>"))

    world.server.on("PROPFIND", astray)
    with world.open(**LOGIN) as transport:
        try:
            hrefs = [ref.href for ref in transport.list()]
        except ProtocolError:
            hrefs = []
        assert all(isinstance(one, Stored) for one in transport.read(hrefs))
    assert hrefs == (["/dav/agenda/b.ics"] if "agenda" in path else [])


def test_a_location_on_another_server(linked, event, elsewhere):
    """An item said to have gone to another server is looked for where it was put."""
    world = linked(location=f"{elsewhere.origin}/dav/agenda/{{name}}")
    with world.open(**LOGIN) as transport:
        ref = transport.create("a", event("u"))
        transport.delete(ref)

    assert not world.far.items


@pytest.mark.parametrize(
    "href", ["/dav/other/x.ics", "/dav/agenda/../other/x.ics", "/dav/agenda/%2e%2e/other/x.ics"]
)
def test_hrefs_outside_of_the_collection(linked, event, href):
    """Items listed outside of the collection are set aside: never read, written or deleted."""
    world = linked()
    other = world.server.calendar("other")
    other.put("x.ics", event("x").data)
    world.far.put("a.ics", event("u").data)

    def listing(asked):
        answer = world.server.truth(asked)
        more = found(href).encode()
        return Reply(207, answer.body.replace(b"</D:multistatus>", more + b"</D:multistatus>"))

    world.server.on("PROPFIND", listing)
    with world.open(**LOGIN) as transport:
        answers = list(transport.read([ref.href for ref in transport.list()]))

    assert [type(answer) for answer in answers] == [Unreadable, Stored]
    assert not any("other" in asked.path for asked in world.server.log)


def test_a_location_outside_of_the_collection(linked, event):
    """An item said to have gone out of the collection is not followed there."""
    world = linked(location="/dav/other/x.ics")
    other = world.server.calendar("other")
    other.put("x.ics", event("x").data)
    with world.open(**LOGIN) as transport:
        ref = transport.create("a", event("u"))
        transport.delete(ref)

    assert list(other) == ["x.ics"]


def test_secrets_are_in_no_message(linked, event, caplog):
    """Password and content stand in no log, error or representation, whatever happens."""
    world = linked(config=LOGIN)
    world.far.put("a.ics", event("u", "Confidentiel").data)
    world.server.site.username, world.server.site.password = "msp", PASSWORD
    caplog.set_level(logging.DEBUG)
    texts = []
    with world.open() as transport:
        transport.create("b", event("v", "Confidentiel"))
        list(transport.read([ref.href for ref in transport.list()]))
        texts += [repr(transport)]
        world.server.site.password = "changed"
        with pytest.raises(ConnectorError) as caught:
            list(transport.list())
    texts += [str(caught.value), repr(caught.value), caplog.text, repr(world.link)]

    assert all(asked.headers["Authorization"] for asked in world.server.log)
    for text in texts:
        assert PASSWORD not in text
        assert "bXNw" not in text  # the start of msp:… in base64
        assert "Confidentiel" not in text


# --- nothing grows beyond its cap ------------------------------------------------------------

LAUGHS = b"".join(
    b'<!ENTITY %c "%b">' % (97 + n, b"&%c;" % (96 + n) * 10 if n else b"ha" * 10) for n in range(10)
)
MANY = b'<!DOCTYPE x [<!ENTITY a "%b">]>' % (b"a" * 100_000)
BOMBS = {
    "entities": b"<!DOCTYPE x [" + LAUGHS + b"]>" + MULTISTATUS % b"&j;",
    "quadratic": MANY + b"<x>%b</x>" % (b"&a;" * 10_000),
    "outside": b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
    "utf-16": ('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>').encode("utf-16"),
    "ebcdic": b'<?xml version="1.0" encoding="cp037"?>' + "<!DOCTYPE x><x/>".encode("cp037"),
    "elements": MULTISTATUS % (b"<a/>" * 3_100_000),
    "empty pairs": MULTISTATUS % (b"<a></a>" * 3_100_000),
    "attributes": MULTISTATUS % (b"<a b='' c=''/>" * 600_000),
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_are_refused_unread(bomb):
    """XML that would grow in memory is refused, and takes no more than its own size meanwhile."""
    data = BOMBS[bomb]
    tracemalloc.start()
    start = time.process_time()
    try:
        with pytest.raises(ProtocolError):
            _xml.parse(data, where="here")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 5_000_000
    assert time.process_time() - start < 2


@pytest.mark.parametrize("report", [True, False])
def test_a_bomb_from_a_server(linked, event, report):
    """A server that answers with a bomb is an error in a listing; items are then got by GET."""
    world = linked()
    world.far.put("a.ics", event("u").data)
    with world.open() as transport:
        world.server.on("REPORT" if report else "PROPFIND", Reply(207, BOMBS["entities"], TYPE))
        if report:
            (read,) = transport.read([f"{world.far.path}a.ics"])
            assert read.document.data == event("u").data
        else:
            with pytest.raises(ProtocolError, match="document type"):
                list(transport.list())


@pytest.mark.parametrize("depth", [1_000, 200_000])
def test_nesting(linked, event, depth):
    """Elements nested a thousand or two hundred thousand deep break nothing."""
    world = linked()
    world.far.put("a.ics", event("u").data)
    nested = b"<a>" * depth + b"</a>" * depth
    world.server.on("REPORT", Reply(207, MULTISTATUS % nested, TYPE))
    with world.open() as transport:
        (read,) = transport.read([f"{world.far.path}a.ics"])
        batch = transport.changes("sync:0")

    assert read.document.data == event("u").data
    assert batch.reset


@pytest.mark.parametrize("how", ["plain", "gzip"])
def test_an_answer_without_end(linked, event, how):
    """An answer beyond the cap is not read on; packed, it is not unpacked beyond the cap."""
    world = linked(config={"max_bytes": 1_000_000})
    world.far.put("a.ics", event("u").data)
    body = MULTISTATUS % (b" " * 50_000_000)
    headers = dict(TYPE)
    if how == "gzip":
        body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
    with world.open() as transport:
        for method in ("PROPFIND", "REPORT"):
            world.server.on(method, Reply(207, body, headers))
        tracemalloc.start()
        try:
            with pytest.raises(ProtocolError):
                list(transport.list())
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak < 5_000_000


def test_one_href_very_often(linked):
    """A listing that names one item very often is one item, found in good time."""
    world = linked()
    listed = world.server.truth

    def often(asked):
        answer = listed(asked)
        if asked.headers["Depth"] != "1":
            return None
        more = b"<D:response>%b<D:status>HTTP/1.1 200 OK</D:status></D:response>" % (
            b"<D:href>/dav/agenda/a.ics</D:href>" * 50_000
        )
        return Reply(207, answer.body.replace(b"</D:multistatus>", more + b"</D:multistatus>"))

    world.server.on("PROPFIND", often)
    start = time.process_time()
    with world.open() as transport:
        assert list(transport.list()) == [Ref("/dav/agenda/a.ics")]
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    "hostile",
    [
        b'<?xml version="1.0" encoding' + b" " * 1_000_000,
        b"&#1;" * 250_000,
        b"<?xml " + b"encoding=" * 100_000,
        b"<a>" + b"&#xD800;" * 100_000,
        b"\x01" * 1_000_000,
    ],
    ids=["spaces", "references", "encodings", "surrogates", "controls"],
)
def test_patterns_take_no_time(hostile):
    """No pattern takes more than linear time on what a server may send."""
    start = time.process_time()
    with pytest.raises(ProtocolError):
        _xml.parse(hostile, where="here")
    assert time.process_time() - start < 2


@pytest.mark.parametrize("method", ["PROPFIND", "PUT"])
def test_slow_drips(linked, event, method):
    """A server that answers a byte at a time is left when the deadline is over."""
    world = linked(config={"timeout": 0.5, "deadline": 0.6})
    tries = {
        "PROPFIND": lambda t: list(t.list()),
        "PUT": lambda t: t.create("a", event("u")),
    }
    with world.open() as transport:
        world.server.on(method, Reply(207, b"<" * 1000, TYPE, drip=0.1, piece=1))
        start = time.monotonic()
        with pytest.raises((RetryableError, OutcomeUnknownError)):
            tries[method](transport)

    assert time.monotonic() - start < 3


def test_names_and_tags_inject_nothing(linked, event):
    """Line ends in hrefs, ETags and tokens reach no header and no other place of a request."""
    world = linked()
    evil = '"a&#13;&#10;X-Evil: 1"'
    world.far.put("a\r\nX-Evil: 1.ics", event("u").data)

    def listing(asked):
        answer = world.server.truth(asked)
        return Reply(207, answer.body.replace(b'"1"', evil.encode()), TYPE)

    world.server.on("PROPFIND", listing)
    with world.open() as transport:
        (ref,) = transport.list()
        list(transport.read([ref.href]))
        with pytest.raises(ConnectorError):
            transport.replace(ref, event("u", "B"))

    assert not any("X-Evil" in asked.headers for asked in world.server.log)


# --- no mail ---------------------------------------------------------------------------------

CHEF = CalendarUser(address="mailto:chef@example.org", name="Chef")
PEOPLE = tuple(CalendarUser(address=f"mailto:p{n}@example.org") for n in range(3))


def test_no_mail_storm(linked):
    """An event with people is written without them, so that a server that mails writes nobody."""
    world = linked(mails=True)
    world.put("a", summary="Bilan", organizer=CHEF, attendees=PEOPLE)
    world.sync()
    world.put("a", summary="Bilan 2")
    world.sync()
    world.store.delete(Event, "event:a")
    data = world.far.data(world.name("Bilan 2"))
    world.sync()

    assert b"ATTENDEE" not in data
    assert b"ORGANIZER" not in data
    assert not world.far.items
    assert not world.server.mails


def test_no_mail_when_people_are_asked_for(linked):
    """People who are written are marked as the client's to invite, so nobody is written to."""
    world = linked(mails=True)
    lens = icalendar.EVENT_WITH_PEOPLE
    view = Event(
        id="event:a", uid="u", summary="Bilan", start=world.now, end=world.now,
        organizer=CHEF, attendees=PEOPLE,
    )  # fmt: skip
    with world.open() as transport:
        ref = transport.create("u", lens.put(view))
        (read,) = transport.read([ref.href])
        changed = attrs.evolve(view, summary="Bilan 2")
        transport.replace(read.ref, lens.put(changed, read.document))
    data = world.far.data("u.ics")

    assert data.count(b"SCHEDULE-AGENT=CLIENT") == 4
    assert data.count(b"ATTENDEE") == 3
    assert not world.server.mails
    data = data.replace(b"UID:u", b"UID:w").replace(b"=CLIENT", b"=SERVER")
    with world.open() as transport:
        transport.create("w", Document(data, "text/calendar"))
    assert {mail.to for mail in world.server.mails} == {f"p{n}@example.org" for n in range(3)}


def test_a_link_that_asks_for_people_invites_nobody(linked):
    """With ``people`` a link writes them, takes their changes over, and no mail is sent."""
    world = linked(mails=True)
    world.link = attrs.evolve(world.link, people=True)
    world.put("a", summary="Bilan", organizer=CHEF, attendees=PEOPLE)
    world.sync()
    name = world.name("Bilan")
    data = world.far.data(name)
    world.far.put(name, data.replace(b"p2@example.org", b"p9@example.org"))
    world.sync()

    assert data.count(b"ATTENDEE") == 3
    assert data.count(b"SCHEDULE-AGENT=CLIENT") == 4
    assert world.store.get(Event, "event:a").attendees[-1].address == "mailto:p9@example.org"
    assert not world.server.mails


def test_incidents_keep_conditions(linked, event):
    """After a lost answer a write is not sent again blindly."""
    world = linked()
    world.server.happen(Incident.lost_answer("PUT"))
    with world.open() as transport, pytest.raises(OutcomeUnknownError):
        transport.create("a", event("u"))

    assert [asked.method for asked in world.server.log].count("PUT") == 1

# SPDX-License-Identifier: Apache-2.0
"""The fault server itself: right by default, wrong on demand, quick with many items."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import time
from xml.etree import ElementTree as ET

import attrs
import pytest

from territoire_sante.testing.dav import Faults, FaultServer, Incident, Reply

EVENT = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:%b\r\nDTSTART:20270301T080000Z\r\n"
    b"DTEND:20270301T090000Z\r\nSUMMARY:%b\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
PROPFIND = b'<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/><D:nonsense/></D:prop></D:propfind>'
HREF, ETAG, STATUS = "{DAV:}href", ".//{DAV:}getetag", "{DAV:}status"


def event(uid, summary="A"):
    """Return the bytes of an event."""
    return EVENT % (uid.encode(), summary.encode())


@attrs.frozen
class Client:
    """The smallest client: one request a connection."""

    server: FaultServer

    def __call__(self, method, path, body=b"", **headers):
        """Send a request, and return status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", int(self.server.origin[17:]), 5)
        try:
            spelled = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, spelled)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def tree(self, method, path, body=b"", **headers):
        """Send a request, and return the answers by href, and the token."""
        status, _, content = self(method, path, body, **headers)
        assert status == 207
        root = ET.fromstring(content)  # noqa: S314 - from the server under test
        return {r.findtext(HREF): r for r in root.iter("{DAV:}response")}, root.findtext(
            "{DAV:}sync-token"
        )

    def sync(self, token=""):
        """Ask for the changes since a token: names by ETag or status, and the new token."""
        body = (
            f'<D:sync-collection xmlns:D="DAV:"><D:sync-token>{token}</D:sync-token>'
            "<D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>"
        )
        answers, token = self.tree("REPORT", "/dav/a/", body.encode())
        return {
            href.rpartition("/")[2]: answer.findtext(ETAG) or answer.findtext(STATUS)
            for href, answer in answers.items()
        }, token


@pytest.fixture
def server():
    """Give a server with the calendar ``a``."""
    with FaultServer() as running:
        running.calendar("a", "Agenda <1>")
        yield running


@pytest.fixture
def agenda(server):
    """Give the calendar."""
    return server.collections["/dav/a/"]


@pytest.fixture
def ask(server):
    """Give a client."""
    return Client(server)


def test_conditions_hold(ask):
    """Creation, replacement and deletion happen only if their condition holds."""
    name = "/dav/a/x.ics"
    status, headers, _ = ask("PUT", name, event("u"), If_None_Match="*")
    etag = headers["ETag"]

    assert status == 201
    assert ask("PUT", name, event("u", "B"), If_None_Match="*")[0] == 412
    assert ask("PUT", name, event("u", "B"), If_Match='"0"')[0] == 412
    assert ask("PUT", name, event("u", "B"), If_Match=etag)[0] == 204
    assert ask("DELETE", name, If_Match=etag)[0] == 412
    assert ask("GET", name)[2] == event("u", "B")
    assert ask("DELETE", name)[0] == 204
    assert ask("GET", name)[0] == ask("DELETE", name)[0] == 404


def test_what_is_no_item_is_refused(ask, agenda):
    """Bad data, a UID that is taken and too large an item are refused with the element."""
    agenda.put("x.ics", event("u"))
    for status, element, data in (
        (403, b"valid-calendar-data", b"rubbish"),
        (403, b"valid-calendar-data", event("v", "\x07")),
        (409, b"no-uid-conflict", event("u")),
        (403, b"max-resource-size", event("w", "x" * 10_000_000)),
    ):
        answer = ask("PUT", "/dav/a/y.ics", data)

        assert answer[0] == status
        assert element in answer[2]
    assert list(agenda) == ["x.ics"]


def test_properties_asked_for(ask, agenda):
    """Each property asked for is there, or told as missing."""
    agenda.put("à b.ics", event("u"))
    answers, _ = ask.tree("PROPFIND", "/dav/a/", PROPFIND, Depth="1")
    item = answers["/dav/a/%C3%A0%20b.ics"]

    assert len(answers) == 2
    assert item.findtext(ETAG) == '"1"'
    assert [s.text[9:12] for s in item.iter(STATUS)] == ["200", "404"]


def test_changes(ask, agenda, server):
    """A token gives what changed since; one that was never given, or is forgotten, is refused."""
    agenda.put("x.ics", event("u"))
    agenda.put("y.ics", event("v"))
    first, token = ask.sync()
    agenda.put("x.ics", event("u", "B"))
    agenda.remove("y.ics")
    then, _ = ask.sync(token)

    assert first == {"x.ics": '"1"', "y.ics": '"2"'}
    assert then == {"x.ics": '"3"', "y.ics": "HTTP/1.1 404 Not Found"}
    agenda.forget()
    server.drop(agenda)
    server.calendar("a")
    for unknown in (token, "99", "x"):
        body = f'<D:sync-collection xmlns:D="DAV:"><D:sync-token>{unknown}</D:sync-token>'
        status, _, content = ask("REPORT", "/dav/a/", f"{body}</D:sync-collection>".encode())

        assert (status, b"valid-sync-token" in content) == (403, True)


@pytest.mark.parametrize("page", [1, 2, 3, 7])
def test_pages_add_up(ask, agenda, server, page):
    """Pages of any size, followed to the end, hold every change once."""
    agenda.fill((f"{n}.ics", event(f"u{n}")) for n in range(7))
    agenda.remove("3.ics")
    agenda.put("0.ics", event("u0", "B"))
    server.faults = Faults(page=page, first_tombstones=True)
    seen: dict[str, str] = {}
    token, more = "", True
    while more:
        part, token = ask.sync(token)
        more = part.pop("", None) is not None
        assert not seen.keys() & part.keys()
        seen |= part

    assert len(seen) == 7
    assert seen["3.ics"].endswith("404 Not Found")


def test_queries(ask, agenda):
    """A query by UID or by time finds what it is about."""
    agenda.put("x.ics", event("u"))
    agenda.put("y.ics", event("v").replace(b"20270301", b"20280301"))
    frame = (
        '<C:calendar-query xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:"><D:prop>'
        '<D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter '
        'name="VEVENT">{}</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>'
    )
    for condition, name in (
        ('<C:prop-filter name="UID"><C:text-match>v</C:text-match></C:prop-filter>', "y.ics"),
        ('<C:time-range start="20270101T000000Z" end="20280101T000000Z"/>', "x.ics"),
    ):
        found, _ = ask.tree("REPORT", "/dav/a/", frame.format(condition).encode())

        assert list(found) == [f"/dav/a/{name}"]


def test_collections_are_made_and_renamed(ask, server):
    """MKCALENDAR and MKCOL make a collection, PROPPATCH renames it, DELETE removes it."""
    title = "<D:set><D:prop><D:displayname>É &amp; {token}</D:displayname>%s</D:prop></D:set>"
    spaces = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
    kind = (
        '<D:resourcetype><A:addressbook xmlns:A="urn:ietf:params:xml:ns:carddav"/></D:resourcetype>'
    )
    make = f"<C:mkcalendar {spaces}>{title % ''}</C:mkcalendar>"
    book = f"<D:mkcol {spaces}>{title % kind}</D:mkcol>"
    patch = f"<D:propertyupdate {spaces}>{(title % '').replace('É', 'È')}</D:propertyupdate>"

    assert ask("MKCALENDAR", "/dav/new/", make.encode())[0] == 201
    assert ask("MKCALENDAR", "/dav/new/", make.encode())[0] == 405
    assert ask("MKCOL", "/dav/book/", book.encode())[0] == 201
    assert ask("PROPPATCH", "/dav/new/", patch.encode())[0] == 207
    answers, _ = ask.tree("PROPFIND", "/dav/", Depth="1")
    names = {href: a.findtext(".//{DAV:}displayname") for href, a in answers.items()}
    assert names["/dav/new/"] == "È & {token}"
    assert names["/dav/book/"] == "É & {token}"
    assert ask("DELETE", "/dav/new/")[0] == 204
    assert "/dav/new/" not in server.collections


def test_incidents_in_turn(ask, agenda, server):
    """Incidents happen to the requests they are meant for, as often as told, in their order."""
    server.happen(
        Incident.lost_answer("PUT", skip=1),
        Incident.busy("7", times=2, method="GET"),
        Incident(method="PROPFIND", cut=-20),
    )

    assert ask("PUT", "/dav/a/x.ics", event("u"))[0] == 201
    with pytest.raises(http.client.RemoteDisconnected):
        ask("PUT", "/dav/a/y.ics", event("v"))
    with pytest.raises(http.client.IncompleteRead):
        ask("PROPFIND", "/dav/a/", PROPFIND)
    answers = [ask("GET", "/dav/a/y.ics") for _ in range(3)]
    assert [status for status, *_ in answers] == [503, 503, 200]
    assert answers[0][1]["Retry-After"] == "7"
    assert [asked.status for asked in server.log] == [201, None, 207, 503, 503, 200]
    assert list(agenda) == ["x.ics", "y.ics"]


def test_rules_come_first(ask, server):
    """A function of one's own answers before everything else, until the server recovers."""
    server.on("GET", Reply(418), where="x.ics")

    assert ask("GET", "/dav/a/x.ics")[0] == 418
    server.recover()
    assert ask("GET", "/dav/a/x.ics")[0] == 404


def test_slowness_ends_with_the_server(server, ask, agenda):
    """Answers drip and stall as told; the end of the server ends the waiting."""
    agenda.put("x.ics", event("u"))
    server.happen(Incident(stall=0.2, drip=0.01, piece=50))
    start = time.monotonic()

    assert ask("GET", "/dav/a/x.ics")[2] == event("u")
    assert time.monotonic() - start > 0.2
    server.happen(Incident(stall=600))
    connection = http.client.HTTPConnection("127.0.0.1", int(server.origin[17:]), 5)
    connection.request("GET", "/dav/a/x.ics")
    while len(server.log) < 2:
        time.sleep(0.01)
    server.stop()
    server.start()
    assert ask("GET", "/dav/a/x.ics")[0] == 200
    connection.close()


def test_credentials(ask, server):
    """With a user name, who doesn't give the right password is not let in."""
    server.site.username, server.site.password = "msp", "made-up"

    assert ask("GET", "/dav/a/x.ics")[0] == 401
    assert ask("GET", "/dav/a/x.ics", Authorization="Basic bXNwOm1hZGUtdXA=")[0] == 404


@pytest.mark.parametrize(
    ("faults", "etags"),
    [
        ({}, ['"1"', '"2"', '"4"']),
        ({"etags": "weak"}, ['W/"1"', 'W/"2"', 'W/"4"']),
        ({"etags": "missing"}, [None] * 3),
        ({"etags": "empty"}, [""] * 3),
        ({"etags": "unquoted"}, ["1", "2", "4"]),
        ({"etags": "percent"}, ["%221%22", "%222%22", "%224%22"]),
        ({"etags": "changing"}, ['"1-0"', '"2-1"', '"4-2"']),
        ({"etags": "counter"}, ['"gcs00000000"', '"gcs00000001"', '"gcs00000000"']),
    ],
)
def test_etags(ask, agenda, server, faults, etags):
    """A version tag has the form that is told: new, written over, deleted and made again."""
    server.faults = Faults(**faults)
    seen = []
    for step in range(3):
        if step == 2:
            agenda.remove("x.ics")
        agenda.put("x.ics", event("u"))
        seen.append(ask("GET", "/dav/a/x.ics")[1]["ETag"])

    assert seen == etags


def test_content_is_rewritten(ask, agenda, server):
    """What is stored of an item is what the faults leave of it."""
    server.faults = Faults(
        rewrites={"reorder", "upper", "split-categories", "lf"},
        drops={"X-", "LOCATION"},
        adds=["CLASS:PUBLIC"],
    )
    sent = event("u").replace(
        b"SUMMARY:", b"X-A:1\r\nLOCATION:L\r\nCATEGORIES:B,C\r\nsummary;language=fr:"
    )
    ask("PUT", "/dav/a/x.ics", sent)

    assert agenda.data("x.ics").decode().splitlines()[3:-2] == [
        "CLASS:PUBLIC", "CATEGORIES:B", "CATEGORIES:C", "DTEND:20270301T090000Z",
        "DTSTART:20270301T080000Z", "SUMMARY;LANGUAGE=fr:A", "UID:u",
    ]  # fmt: skip
    assert b"\r" not in agenda.data("x.ics")


def test_unknown_faults_are_refused():
    """A fault that doesn't exist is an error, not a server that behaves."""
    for wrong in ({"etags": "odd"}, {"rewrites": {"odd"}}, {"hrefs": "odd"}):
        with pytest.raises(ValueError, match="odd"):
            Faults(**wrong)


def test_many_items_are_quick(ask, agenda):
    """With 20,000 items, ten changes cost no more than they do with ten."""
    agenda.fill((f"{n}.ics", event(f"u{n}")) for n in range(20_000))
    token = str(agenda.version)
    for n in range(10):
        agenda.put(f"{n}.ics", event(f"u{n}", "B"))
    start = time.perf_counter()
    changed, _ = ask.sync(token)

    assert len(changed) == 10
    assert time.perf_counter() - start < 0.5


def test_its_own_errors_are_told():
    """An error in a function of one's own comes out at the end."""
    server = FaultServer()
    server.on("GET", lambda _: 1 / 0)
    server.start()
    assert Client(server)("GET", "/")[0] == 500
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        server.__exit__(None)


def test_on_its_own():
    """The server runs as a program, tells its addresses and obeys its input."""
    command = [sys.executable, "-m", "territoire_sante.testing.dav", "--calendar", "a"]
    orders = [
        {"faults": {"etags": "weak", "drops": ["X-"]}},
        {"happen": {"method": "GET", "status": 503}},
        {"stored": "/dav/a/"},
        {"faults": {"etags": "odd"}},
        {"log": True},
        {"recover": True},
    ]
    done = subprocess.run(  # noqa: S603 - our own interpreter
        command,
        input="\n".join(map(json.dumps, orders)),
        capture_output=True,
        text=True,
        check=True,
    )
    root, calendar, *answers = done.stdout.splitlines()

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", root)
    assert calendar == f"{root}dav/a/"
    assert [json.loads(answer) for answer in answers][:3] == [True, True, {}]
    assert "odd" in answers[3]
    assert [json.loads(answer) for answer in answers][4:] == [[], True]

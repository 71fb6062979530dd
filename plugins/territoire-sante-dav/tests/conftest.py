# SPDX-License-Identifier: Apache-2.0
"""Two real servers and one that misbehaves on demand, all on loopback."""

from __future__ import annotations

import http.server
import re
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import attrs
import pytest
import requests

from territoire_sante.formats import Document
from territoire_sante.plugins import Secret
from territoire_sante.testing.radicale import RadicaleServer
from territoire_sante_dav import DavConfig, open_addressbook, open_calendar

DAV = "{DAV:}"


# --- items -----------------------------------------------------------------------------------


@attrs.frozen
class Kind:
    """What the tests need to know of calendars or of address books."""

    name: str
    media_type: str
    suffix: str
    template: str
    opener: Callable[..., Any]

    def item(self, uid: str, text: str = "A") -> Document:
        """Return a small item."""
        return Document(self.template.format(uid=uid, text=text).encode(), self.media_type)

    def rubbish(self) -> Document:
        """Return what is no item at all."""
        return Document(b"rubbish", self.media_type)


CALENDAR = Kind(
    "caldav",
    "text/calendar",
    ".ics",
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//test//EN\r\nBEGIN:VEVENT\r\n"
    "UID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260329T100000Z\r\n"
    "DTEND:20260329T110000Z\r\nSUMMARY:{text}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    open_calendar,
)
ADDRESS_BOOK = Kind(
    "carddav",
    "text/vcard",
    ".vcf",
    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{text}\r\nN:{text};;;;\r\nEND:VCARD\r\n",
    open_addressbook,
)


@pytest.fixture
def event() -> Callable[..., Document]:
    """Give a function that makes an event of a UID and a summary."""
    return CALENDAR.item


# --- real servers ----------------------------------------------------------------------------


@attrs.frozen
class Place:
    """An empty collection on a real server."""

    server: str
    kind: Kind
    url: str
    login: dict[str, Any]

    def config(self, **options: Any) -> DavConfig:
        """Return the configuration of this collection."""
        return DavConfig(**{"url": self.url, **self.login, **options})

    def open(self, **options: Any) -> Any:
        """Open the collection."""
        return self.kind.opener(self.config(**options))


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RadicaleServer]:
    """Run one Radicale for all tests."""
    with RadicaleServer(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture(scope="session")
def xandikos() -> Iterator[str]:
    """Run one Xandikos for all tests, and give its address."""
    # Each collection is a repository of many small files: in memory where that is possible.
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield from _xandikos_in(Path(folder))


def _xandikos_in(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = Path(sysconfig.get_path("scripts")) / "xandikos"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            [
                sys.executable, str(command), "serve", "-d", str(folder / "data"),
                "--state-dir", str(folder / "state"), "--defaults", "--no-detect-systemd",
                "-l", "127.0.0.1", "-p", str(port),
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}/"
    try:
        _wait_for(url, process)
        yield url
    finally:
        # Its graceful end takes seconds, and its data are thrown away.
        process.kill()
        process.wait(10)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the server ended at once"
        try:
            requests.options(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the server did not answer within 30 s")


@pytest.fixture(
    params=["radicale-caldav", "radicale-carddav", "xandikos-caldav", "xandikos-carddav"]
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Give a new, empty collection on each server and of each kind in turn."""
    server, _, name = request.param.partition("-")
    kind = CALENDAR if name == "caldav" else ADDRESS_BOOK
    base = request.getfixturevalue(server)
    if server == "radicale":
        root = f"{base.url}{base.username}/"
        login = {"username": base.username, "password": Secret("made-up")}
        # Radicale makes the account's home at its first login.
        requests.request("PROPFIND", root, auth=(base.username, "made-up"), timeout=10)
    else:
        root = f"{base}user/{'calendars' if kind is CALENDAR else 'contacts'}/"
        login = {}
    place = Place(server, kind, f"{root}{tmp_path.name}/", login)
    with place.open(create=True, title="Équipe <1>"):
        return place


# --- the server that misbehaves --------------------------------------------------------------


@attrs.frozen
class Asked:
    """A request as the fault server got it."""

    method: str
    path: str
    headers: Any
    body: bytes

    def hrefs(self) -> list[str]:
        """Return the hrefs in the body."""
        return [found.text or "" for found in ET.fromstring(self.body).iter(f"{DAV}href")]  # noqa: S314 - our own client's

    def wants(self, name: str) -> bool:
        """Return whether the body is a request for ``name``, a local name."""
        return bool(self.body) and ET.fromstring(self.body).tag.endswith("}" + name)  # noqa: S314 - likewise


@attrs.frozen
class Reply:
    """What the fault server answers; ``None`` as status hangs up."""

    status: int | None
    body: bytes = b""
    headers: dict[str, str] = attrs.field(factory=dict)


@attrs.define
class Held:
    """An item and its version."""

    data: bytes
    version: int


Rule = Callable[[Asked], Reply | None]


class FaultServer(http.server.ThreadingHTTPServer):
    """
    A correct CalDAV server with one calendar, until a rule says otherwise.

    Rules are asked first, the latest before the others; one that returns ``None`` passes.
    """

    daemon_threads = True
    home = "/dav/cal/"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.items: dict[str, Held] = {}
        self.removed: dict[str, int] = {}
        self.version = 0
        self.rules: list[Rule] = []
        self.asked: list[Asked] = []
        self.etag = '"{version}"'  # "" for none
        self.ignores_conditions = False
        self.properties = {
            "D:resourcetype": "<D:collection/><C:calendar/>",
            "D:displayname": "Agenda",
            "D:supported-report-set": "<D:supported-report><D:report><D:sync-collection/>"
            "</D:report></D:supported-report>",
            "D:sync-token": "{version}",
            "S:getctag": "c{version}",
        }

    @property
    def url(self) -> str:
        """The calendar's address."""
        return f"http://127.0.0.1:{self.server_port}{self.home}"

    def open(self, **options: Any) -> Any:
        """Open the calendar with the connector."""
        return open_calendar(DavConfig(**{"url": self.url, "timeout": 5.0, **options}))

    def put(self, name: str, document: Document) -> str:
        """Store an item as somebody else would, and return its href."""
        self.version += 1
        href = self.home + name
        self.items[href] = Held(document.to_bytes(), self.version)
        self.removed.pop(href, None)
        return href

    def remove(self, href: str) -> None:
        """Delete an item as somebody else would."""
        self.version += 1
        del self.items[href]
        self.removed[href] = self.version

    def on(self, method: str, answer: Reply | Rule, *, where: str = "") -> None:
        """Answer ``method``, on paths with ``where`` in them, by ``answer``."""

        def rule(asked: Asked) -> Reply | None:
            if asked.method != method or where not in asked.path:
                return None
            return answer if isinstance(answer, Reply) else answer(asked)

        self.rules.insert(0, rule)

    def on_report(self, name: str, answer: Reply | Rule) -> None:
        """Answer the report ``name`` by ``answer``."""

        def rule(asked: Asked) -> Reply | None:
            if asked.method != "REPORT" or not asked.wants(name):
                return None
            return answer if isinstance(answer, Reply) else answer(asked)

        self.rules.insert(0, rule)

    def methods(self) -> list[str]:
        """Return the methods asked for so far, and forget them."""
        methods = [asked.method for asked in self.asked]
        self.asked.clear()
        return methods

    def reply(self, asked: Asked) -> Reply:
        """Return the answer to a request."""
        self.asked.append(asked)
        for rule in self.rules:
            reply = rule(asked)
            if reply is not None:
                return reply
        return self.truth(asked)

    def truth(self, asked: Asked) -> Reply:
        """Return what a correct server would answer."""
        verb = getattr(self, "_" + asked.method.lower(), None)
        return verb(asked) if verb is not None else Reply(501)

    def tag(self, held: Held) -> str:
        """Return the ETag of an item."""
        return self.etag.format(version=held.version)

    def member(self, href: str, *, data: bool = False) -> str:
        """Return the response for one item."""
        held = self.items.get(href)
        if held is None:
            return self.gone(href)
        tag = f"<D:getetag>{escape(self.tag(held))}</D:getetag>" if self.etag else ""
        body = f"<C:calendar-data>{escape(held.data.decode())}</C:calendar-data>" if data else ""
        return self.found(href, tag + body)

    @staticmethod
    def found(href: str, properties: str, status: str = "200 OK") -> str:
        """Return a response with properties."""
        return (
            f"<D:response><D:href>{escape(href)}</D:href><D:propstat><D:prop>{properties}"
            f"</D:prop><D:status>HTTP/1.1 {status}</D:status></D:propstat></D:response>"
        )

    @staticmethod
    def gone(href: str, status: str = "404 Not Found") -> str:
        """Return a response with a status and no properties."""
        return (
            f"<D:response><D:href>{escape(href)}</D:href>"
            f"<D:status>HTTP/1.1 {status}</D:status></D:response>"
        )

    @staticmethod
    def xml(content: str, root: str = "multistatus") -> bytes:
        """Return a whole document."""
        spaces = (
            'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" '
            'xmlns:S="http://calendarserver.org/ns/"'
        )
        return f'<?xml version="1.0"?><D:{root} {spaces}>{content}</D:{root}>'.encode()

    def multistatus(self, content: str) -> Reply:
        """Return a 207."""
        return Reply(207, self.xml(content), {"Content-Type": "application/xml"})

    def error(self, status: int, condition: str) -> Reply:
        """Return a refusal that names a precondition."""
        return Reply(status, self.xml(condition, "error"), {"Content-Type": "application/xml"})

    def collection(self) -> str:
        """Return the response for the calendar itself."""
        properties = "".join(
            f"<{name}>{text.format(version=self.version)}</{name}>"
            for name, text in self.properties.items()
        )
        return self.found(self.home, properties)

    def _propfind(self, asked: Asked) -> Reply:
        if asked.path.rstrip("/") == self.home.rstrip("/"):
            inside = map(self.member, self.items) if asked.headers["Depth"] == "1" else ()
            return self.multistatus(self.collection() + "".join(inside))
        if asked.path in self.items:
            return self.multistatus(self.member(asked.path))
        return Reply(404)

    def _report(self, asked: Asked) -> Reply:
        if asked.wants("calendar-multiget"):
            return self.multistatus("".join(self.member(h, data=True) for h in asked.hrefs()))
        if asked.wants("sync-collection"):
            return self.sync(ET.fromstring(asked.body).findtext(f"{DAV}sync-token") or "0")  # noqa: S314 - our own client's
        return Reply(501)

    def sync(self, token: str) -> Reply:
        """Return the changes since ``token``."""
        if not re.fullmatch(r"\d+", token) or int(token) > self.version:
            return self.error(403, "<D:valid-sync-token/>")
        content = "".join(
            self.member(href) for href, held in self.items.items() if held.version > int(token)
        )
        content += "".join(self.gone(h) for h, v in self.removed.items() if v > int(token))
        return self.multistatus(f"{content}<D:sync-token>{self.version}</D:sync-token>")

    def _options(self, _asked: Asked) -> Reply:
        return Reply(200, b"", {"DAV": "1, 3, calendar-access"})

    def _get(self, asked: Asked) -> Reply:
        held = self.items.get(asked.path)
        if held is None:
            return Reply(404)
        return Reply(200, held.data, {"Content-Type": "text/calendar", **self._etag(held)})

    def _etag(self, held: Held) -> dict[str, str]:
        return {"ETag": self.tag(held)} if self.etag else {}

    def _put(self, asked: Asked) -> Reply:
        there = self.items.get(asked.path)
        if not self._allowed(asked, there):
            return Reply(412)
        self.put(asked.path.removeprefix(self.home), Document(asked.body, "text/calendar"))
        return Reply(204 if there else 201, b"", self._etag(self.items[asked.path]))

    def _delete(self, asked: Asked) -> Reply:
        there = self.items.get(asked.path)
        if there is None:
            return Reply(404)
        if not self._allowed(asked, there):
            return Reply(412)
        self.remove(asked.path)
        return Reply(204)

    def _allowed(self, asked: Asked, there: Held | None) -> bool:
        if self.ignores_conditions:
            return True
        if asked.headers.get("If-None-Match") == "*" and there is not None:
            return False
        wanted = asked.headers.get("If-Match")
        # A weak tag never matches (RFC 9110, 13.1.1).
        strong = there is not None and self.tag(there).startswith('"')
        return wanted is None or (strong and there is not None and wanted == self.tag(there))


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: two would wait for each other
    server: FaultServer

    def handle_any(self) -> None:
        """Answer as the server says."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        reply = self.server.reply(Asked(self.command, self.path, self.headers, body))
        if reply.status is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if reply.status != 204:
            self.wfile.write(reply.body)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.handle_any
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def faulty() -> Iterator[FaultServer]:
    """Give a fault server."""
    server = FaultServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def reply() -> type[Reply]:
    """Give the class of replies, for rules."""
    return Reply

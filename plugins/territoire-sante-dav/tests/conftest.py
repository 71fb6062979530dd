# SPDX-License-Identifier: Apache-2.0
"""Two real servers and one that misbehaves on demand, all on loopback."""

from __future__ import annotations

import contextlib
import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

import attrs
import pytest
import requests

from territoire_sante.formats import Document
from territoire_sante.model import Event
from territoire_sante.plugins import Catalog, Secret
from territoire_sante.store import Store
from territoire_sante.sync import Link, apply, plan
from territoire_sante.testing.dav import Asked, Collection, Faults, FaultServer, Reply
from territoire_sante.testing.radicale import RadicaleServer
from territoire_sante.testing.xandikos import XandikosServer
from territoire_sante_dav import CALDAV, DavConfig, open_addressbook, open_calendar

_HOUR = dt.timedelta(hours=1)

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
    place = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
    with place as folder, XandikosServer(folder) as server:
        yield server.url


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


class OneCalendar(FaultServer):
    """A fault server with one calendar, whose items are known by their hrefs."""

    def __init__(self) -> None:
        super().__init__()
        self.agenda = self.calendar("/dav/cal/", "Agenda")
        # Who may write is not told, as by many servers.
        del self.agenda.properties["D:current-user-privilege-set"]

    @property
    def home(self) -> str:
        """The calendar's path."""
        return self.agenda.path

    @property
    def url(self) -> str:
        """The calendar's address."""
        return self.url_of(self.agenda)

    @property
    def asked(self) -> list[Asked]:
        """The requests so far."""
        return self.log

    @property
    def properties(self) -> dict[str, str]:
        """The calendar's properties."""
        return self.agenda.properties

    @property
    def items(self) -> dict[str, bytes]:
        """What is stored, by href."""
        return {self.href(name): item.data for name, item in self.agenda.items.items()}

    def href(self, name: str) -> str:
        """Return the href of a name."""
        return self.home + quote(name)

    def open(self, **options: Any) -> Any:
        """Open the calendar with the connector."""
        return open_calendar(DavConfig(**{"url": self.url, "timeout": 5.0, **options}))

    def put(self, name: str, document: Document) -> str:
        """Store an item as somebody else would, and return its href."""
        self.agenda.put(unquote(name), document.to_bytes())
        return self.href(unquote(name))

    def remove(self, href: str) -> None:
        """Delete an item as somebody else would."""
        self.agenda.remove(unquote(href.removeprefix(self.home)))

    # --- answers made by hand ---

    def member(self, href: str, *, data: bool = False) -> str:
        """Return the response for one item."""
        item = self.agenda.items.get(unquote(href.removeprefix(self.home)))
        if item is None:
            return self.gone(href)
        tag = self.site.etag(item)
        told = f"<D:getetag>{escape(tag)}</D:getetag>" if tag is not None else ""
        body = f"<C:calendar-data>{escape(item.data.decode())}</C:calendar-data>" if data else ""
        return self.found(href, told + body)

    def collection(self) -> str:
        """Return the response for the calendar itself."""
        properties = self.site.properties(self.agenda).items()
        return self.found(self.home, "".join(f"<{name}>{xml}</{name}>" for name, xml in properties))

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


@pytest.fixture
def faulty() -> Iterator[OneCalendar]:
    """Give a fault server with one calendar."""
    with OneCalendar() as server:
        yield server


@pytest.fixture
def reply() -> type[Reply]:
    """Give the class of replies, for rules."""
    return Reply


# --- a link over it --------------------------------------------------------------------------


@attrs.define
class Linked:
    """A store, a fault server and the link between them, with verbs that read like a story."""

    server: FaultServer
    far: Collection
    store: Store
    link: Link
    catalog: Catalog
    lens: Any
    now: dt.datetime = dt.datetime(2027, 3, 1, 8, 0, tzinfo=dt.UTC)

    def plan(self) -> Any:
        """Make a plan an hour later."""
        self.now += dt.timedelta(hours=1)
        return plan(self.store, self.link, catalog=self.catalog, now=self.now)

    def sync(self, confirm: str | None = None) -> Any:
        """Plan and apply."""
        return self.apply(self.plan(), confirm)

    def sync_next_day(self) -> Any:
        """Plan and apply when everything is due to be compared again."""
        self.now += dt.timedelta(days=1)
        return self.sync()

    def apply(self, made: Any, confirm: str | None = None) -> Any:
        """Carry out a plan."""
        return apply(self.store, made, confirm=confirm, now=self.now)

    def open(self, **options: Any) -> Any:
        """Open the collection as the link does."""
        return open_calendar(DavConfig(**{**self.link.config, **options}))

    def put(self, local: str, **fields: Any) -> None:
        """Create or change an event here."""
        known = self.store.find(Event, f"event:{local}")
        base = known or Event(id=f"event:{local}", start=self.now, end=self.now + _HOUR)
        self.store.put(attrs.evolve(base, **fields))

    def get(self, summary: str) -> Event | None:
        """Return the one event with this summary, or None."""
        found = [event for event in self.store.all(Event) if event.summary == summary]
        assert len(found) < 2, found
        return found[0] if found else None

    @property
    def here(self) -> list[str]:
        """The summaries of all events here."""
        return sorted(event.summary for event in self.store.all(Event))

    @property
    def there(self) -> list[str]:
        """The summaries of all events on the server."""
        return sorted(self.view(name).summary for name in self.far)

    def view(self, name: str) -> Event:
        """Return an event of the server."""
        view: Event = self.lens.get(Document(self.far.data(name), "text/calendar"))
        return view

    def name(self, summary: str) -> str:
        """Return the name of the one object with this summary."""
        (name,) = (name for name in self.far if self.view(name).summary == summary)
        return name

    def edit(self, summary: str, old: str, new: str) -> None:
        """Change the bytes of an object as somebody else's client."""
        name = self.name(summary)
        data = self.far.data(name)
        assert old.encode() in data
        self.far.put(name, data.replace(old.encode(), new.encode()))

    def fill(self, count: int = 8) -> None:
        """Store events E0, E1 … as somebody else, take them over, and forget the requests."""
        for n in range(count):
            self.far.put(f"{n}.ics", CALENDAR.item(f"u{n}", f"E{n}").data)
        self.sync()
        self.asked()

    def asked(self) -> list[str]:
        """Return the methods asked for since the last call."""
        return self.server.methods()


@pytest.fixture
def linked(tmp_path: Path) -> Iterator[Callable[..., Linked]]:
    """Give a function that links a new store with a new calendar of a server with faults."""
    with contextlib.ExitStack() as stack:

        def make(
            path: str = "/dav/agenda/", config: dict[str, Any] | None = None, **faults: Any
        ) -> Linked:
            server = stack.enter_context(FaultServer(Faults(**faults)))
            far = server.calendar(path, "Agenda")
            store = stack.enter_context(contextlib.closing(Store.open("memory:")))
            catalog = Catalog()
            catalog.register(CALDAV)
            options = {"url": server.url_of(far), "timeout": 5.0, **(config or {})}
            link = Link(name="agenda", connector="caldav", view="event", config=options)
            return Linked(server, far, store, link, catalog, CALDAV.lens)

        yield make


@pytest.fixture
def cards() -> Iterator[tuple[FaultServer, Collection, Callable[[], Any]]]:
    """Give a fault server, an address book on it, and a function that opens that."""
    with FaultServer() as server:
        book = server.address_book("contacts")
        url = server.url_of(book)
        yield server, book, lambda: open_addressbook(DavConfig(url=url, timeout=5.0))

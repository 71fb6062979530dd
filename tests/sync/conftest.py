# SPDX-License-Identifier: Apache-2.0
"""A store, a memory server, and a JSON lens that keeps what it does not know."""

import datetime as dt
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import attrs
import pytest
import requests

from territoire_sante import sync
from territoire_sante.errors import FormatError
from territoire_sante.formats import Document, feed, icalendar, vcard
from territoire_sante.model import Announcement, AnnouncementState, Event, Visibility
from territoire_sante.plugins import Capability, Catalog
from territoire_sante.serialization import view_from_plain, view_to_plain
from territoire_sante.store import Store
from territoire_sante.sync import ConflictPolicy, Direction, Link, apply, plan
from territoire_sante.testing import MemoryServer, memory_connector
from territoire_sante.testing.dav import FaultServer
from territoire_sante.testing.radicale import RadicaleServer
from territoire_sante.testing.xandikos import XandikosServer

FIELDS = frozenset({"uid", "summary", "description", "location", "categories", "start", "end"})
START = dt.datetime(2027, 3, 1, 8, 0, tzinfo=dt.UTC)
CHANNEL = (Capability.WRITE, Capability.CONFIRM)


@attrs.frozen
class JsonLens:
    """Events as JSON objects; keys it does not know stay where they are."""

    view: type = Event
    media_type: str = "application/json"
    fields: frozenset = FIELDS

    def get(self, document):
        """Read the known keys."""
        try:
            data = json.loads(document.data)
        except ValueError as error:
            raise FormatError("not JSON", line=1) from error
        return view_from_plain(Event, {k: v for k, v in data.items() if k in FIELDS})

    def put(self, view, document=None, *, now=None):
        """Change the keys whose value changed."""
        data = json.loads(document.data) if document is not None else {}
        wanted = view_to_plain(view, FIELDS)
        if document is not None and view_to_plain(self.get(document), FIELDS) == wanted:
            return document
        data.update({key: value for key, value in wanted.items() if value or key in data})
        if now is not None:
            data["modified"] = now.isoformat()
        return Document(json.dumps(data, ensure_ascii=False).encode(), self.media_type)


@attrs.define
class World:
    """Both sides of one link, with verbs that read like the story of a test."""

    store: Store
    server: MemoryServer
    catalog: Catalog
    link: Link
    now: dt.datetime = START

    def plan(self):
        """Make a plan an hour later."""
        self.now += dt.timedelta(hours=1)
        return plan(self.store, self.link, catalog=self.catalog, now=self.now)

    def sync(self, confirm=None):
        """Plan and apply."""
        made = self.plan()
        return apply(self.store, made, confirm=confirm, now=self.now)

    def put(self, local, **fields):
        """Create or change an event here."""
        known = self.store.find(Event, f"event:{local}")
        event = attrs.evolve(known, **fields) if known else Event(id=f"event:{local}", **fields)
        self.store.put(event)
        return event

    def get(self, local):
        """Return an event from here, or None."""
        return self.store.find(Event, f"event:{local}")

    def there(self):
        """Return what the server holds, by summary."""
        held = [json.loads(d.data) for d in self.server.documents.values()]
        return {data["summary"]: data for data in held}

    def href(self, summary):
        """Return the href of the document with this summary."""
        for href, document in self.server.documents.items():
            if json.loads(document.data)["summary"] == summary:
                return href
        raise AssertionError(summary)

    def edit(self, summary, /, **keys):
        """Change keys of a document as somebody else's client."""
        href = self.href(summary)
        data = json.loads(self.server.current(href).data)
        data.update(keys)
        self.server.put(href, Document(json.dumps(data).encode(), "application/json"))

    def with_link(self, **changes):
        """Configure the link otherwise."""
        self.link = attrs.evolve(self.link, **changes)
        return self


@pytest.fixture
def make_world():
    """Build worlds; every store is closed at the end."""
    opened = []

    def make(capabilities=None, lens=None, limits=None, url="memory:", **knobs):
        server = MemoryServer(**knobs)
        options = {} if capabilities is None else {"capabilities": capabilities}
        spec = memory_connector(server, lens=JsonLens() if lens is None else lens, **options)
        catalog = Catalog()
        catalog.register(attrs.evolve(spec, limits=limits))
        store = Store.open(url)
        opened.append(store)
        link = Link(
            name="agenda",
            connector=spec.name,
            view=spec.view.KIND if hasattr(spec.view, "KIND") else "contact",
            direction=Direction.BOTH,
            conflict=ConflictPolicy.ASK,
            audience=Visibility.PARTNERS,
        )
        return World(store, server, catalog, link)

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def lens():
    """Return the class of the worlds' lens, to be changed in one respect."""
    return JsonLens


@pytest.fixture(params=["listing", "delta"])
def world(make_world, request):
    """A world with an ordinary server, with and without a list of changes."""
    delta = {Capability.DELTA} if request.param == "delta" else set()
    return make_world(capabilities={Capability.READ, Capability.WRITE} | delta)


# --- real servers -------------------------------------------------------------------------------


@attrs.frozen
class Shelf:
    """A collection on a real server, as somebody else's plain HTTP client sees it."""

    url: str
    login: tuple = ("territoire", "made-up")

    def ask(self, method, name="", **options):
        """Send a request, and return the answer if it is a success."""
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                method, self.url + name, auth=self.login, timeout=30, **options
            )
        answer.raise_for_status()
        return answer

    def names(self):
        """Return the names of all documents."""
        answer = self.ask("PROPFIND", headers={"Depth": "1"})
        found = ET.fromstring(answer.content).iter("{DAV:}href")  # noqa: S314 - our server's
        names = (unquote(href.text.rstrip("/").rpartition("/")[2]) for href in found)
        return sorted(name for name in names if name.endswith((".ics", ".vcf")))

    def documents(self):
        """Return all documents by name."""
        return {name: self.ask("GET", name).content for name in self.names()}

    def put(self, name, data):
        """Store a document, whatever was there."""
        kind = "text/calendar" if name.endswith(".ics") else "text/vcard"
        self.ask("PUT", name, data=data, headers={"Content-Type": f"{kind}; charset=utf-8"})

    def remove(self, name):
        """Delete a document."""
        self.ask("DELETE", name)

    def config(self, **options):
        """Return the options of a connector to this collection."""
        return {"url": self.url, "username": self.login[0], "password": self.login[1], **options}


@pytest.fixture(scope="session")
def radicale(tmp_path_factory):
    """Run one Radicale for all tests of this room."""
    with RadicaleServer(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture(scope="session")
def xandikos(tmp_path_factory):
    """Run one Xandikos for all tests of this room."""
    with XandikosServer(tmp_path_factory.mktemp("xandikos")) as server:
        yield server


class FaultProcess:
    """A fault server in a process of its own."""

    def __init__(self, url):
        self.url = url

    def create_calendar(self, name):
        """Make a calendar, and return its address."""
        shelf = Shelf(f"{self.url}dav/{name}/")
        shelf.ask("MKCALENDAR")
        return shelf.url


@pytest.fixture(scope="session")
def faulty():
    """Run one fault server without faults for all tests of this room."""
    command = [sys.executable, "-m", "territoire_sante.testing.dav", "--port", "0"]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield FaultProcess(process.stdout.readline().strip())
        process.stdin.close()


@pytest.fixture
def memory_folder(tmp_path):
    """Give a folder on no disk where there is one: what is to outlive only a process."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    if not memory.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@attrs.define
class DavWorld:
    """A store, a fault server, and a link between them; verbs as in :class:`World`."""

    server: FaultServer
    store: Store
    link: Link
    collection: object
    lens: object
    now: dt.datetime = START

    def sync(self, *, confirm=None, hours=1, **options):
        """Plan and apply, some time later."""
        self.now += dt.timedelta(hours=hours)
        made = plan(self.store, self.link, catalog=Catalog.installed(), now=self.now)
        return apply(self.store, made, confirm=confirm, now=self.now, **options)

    def settle(self, runs=2):
        """Run until quiet, which takes two runs at most; return the last report."""
        for _ in range(runs):
            self.sync()
        last = self.sync()

        assert last.is_quiet, last.rows("en")
        return last

    def put(self, local, **fields):
        """Create or change an event here."""
        known = self.store.find(Event, f"event:{local}")
        new = {"id": f"event:{local}", "uid": local, "summary": local, "start": START}
        self.store.put(attrs.evolve(known, **fields) if known else Event(**(new | fields)))

    def get(self, local):
        """Return an event from here, or None."""
        return self.store.find(Event, f"event:{local}")

    def name(self, uid):
        """Return the name of the one document with this UID."""
        (name,) = self.collection.named(uid.encode())
        return name

    def data(self, uid):
        """Return the bytes of the document with this UID."""
        return self.collection.data(self.name(uid))

    def there(self, uid):
        """Return the view of the document with this UID."""
        return self.lens.get(Document(self.data(uid), self.lens.media_type))

    def hold(self, name, view):
        """Store a document there, as somebody else's client."""
        self.collection.put(name, self.lens.put(view).data)

    def edit(self, uid, /, **fields):
        """Change a document there, as somebody else's client."""
        document = Document(self.data(uid), self.lens.media_type)
        changed = self.lens.put(attrs.evolve(self.lens.get(document), **fields), document)
        self.collection.put(self.name(uid), changed.data)

    def replace(self, uid, old, new):
        """Change bytes of a document there."""
        data = self.data(uid)

        assert old in data
        self.collection.put(self.name(uid), data.replace(old, new))

    def with_link(self, **changes):
        """Configure the link otherwise."""
        self.link = attrs.evolve(self.link, **changes)
        return self


@pytest.fixture
def dav(request):
    """Build worlds with a fault server, for events or contacts; all are closed at the end."""

    def make(view=Event, faults=None, url="memory:", **login):
        server = FaultServer(faults, **login)
        server.start()
        request.addfinalizer(server.stop)
        events = view is Event
        collection = server.calendar("agenda") if events else server.address_book("book")
        store = Store.open(url)
        request.addfinalizer(store.close)
        link = Link(
            name="agenda",
            connector="caldav" if events else "carddav",
            view="event" if events else "contact",
            config={"url": server.url_of(collection), "timeout": 5.0, **login},
        )
        lens = icalendar.EVENT if events else vcard.CONTACT
        return DavWorld(server, store, link, collection, lens)

    return make


@pytest.fixture
def shelf_at():
    """Give the class of collections on real servers."""
    return Shelf


@attrs.define
class Town:
    """A store, and channels that each have a server in memory and a link."""

    store: Store
    catalog: Catalog
    now: dt.datetime = START
    links: dict = attrs.field(factory=dict)
    servers: dict = attrs.field(factory=dict)

    def channel(self, name, *, capabilities=CHANNEL, limits=None, **link):
        """Add a channel; it can be written to and looked at."""
        server = MemoryServer()
        spec = memory_connector(
            server, lens=feed.FeedFormat.JSON.lens(), name=name, capabilities=capabilities
        )
        self.catalog.register(attrs.evolve(spec, limits=limits))
        self.servers[name] = server
        self.links[name] = Link(
            name=name, connector=name, view="announcement", direction=Direction.PUSH, **link
        )
        return server

    def put(self, local="1", **fields):
        """Store an approved announcement."""
        known = {"title": f"Médicobus {local}", "body": "De 9 h à 12 h."}
        state = {"state": AnnouncementState.APPROVED}
        one = Announcement(id=f"announcement:{local}", **{**known, **state, **fields})
        self.store.put(one)
        return one

    def change(self, local="1", **fields):
        """Correct an announcement."""
        self.store.put(attrs.evolve(self.get(local), **fields))

    def get(self, local="1"):
        """Return an announcement."""
        return self.store.get(Announcement, f"announcement:{local}")

    def publish(self, *names, hours=1):
        """Sync the channels named, or all, some hours later."""
        self.now += dt.timedelta(hours=hours)
        reports = []
        for name in names or self.links:
            plan = sync.plan(self.store, self.links[name], catalog=self.catalog, now=self.now)
            reports.append(sync.apply(self.store, plan, now=self.now))
        return reports

    def line(self, link, local="1"):
        """Return what became of an announcement on a link."""
        found = list(sync.deliveries(self.store, link=link, announcement=f"announcement:{local}"))
        return found[0] if found else None

    def states(self, link):
        """Return the states on a link by the last part of the announcement's id."""
        return {
            one.announcement.partition(":")[2]: one.state.value
            for one in sync.deliveries(self.store, link=link)
        }

    def sent(self, name):
        """Return how many writes a channel saw."""
        return len(self.servers[name].writes)


@pytest.fixture
def town():
    """Give a town without channels."""
    with Store.open("memory:") as store:
        yield Town(store, Catalog())

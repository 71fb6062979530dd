# SPDX-License-Identifier: Apache-2.0
"""A store, a memory server, and a JSON lens that keeps what it does not know."""

import datetime as dt
import json

import attrs
import pytest

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document
from territoire_sante.model import Event, Visibility
from territoire_sante.plugins import Capability, Catalog
from territoire_sante.serialization import view_from_plain, view_to_plain
from territoire_sante.store import Store
from territoire_sante.sync import ConflictPolicy, Direction, Link, apply, plan
from territoire_sante.testing import MemoryServer, memory_connector

FIELDS = frozenset({"uid", "summary", "description", "location", "categories", "start", "end"})
START = dt.datetime(2027, 3, 1, 8, 0, tzinfo=dt.UTC)


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

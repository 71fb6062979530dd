# SPDX-License-Identifier: Apache-2.0
"""
Random histories of two sides, with faults: everything converges and no edit is lost.

Each edit writes a text that occurs nowhere else, so that its fate can be followed: it is in the
end on both sides, was overwritten by a later edit on the side it was made, or is in the journal.
"""

import datetime as dt
import json

import attrs
import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    rule,
)

from territoire_sante.errors import (
    ConnectorError,
    MassDeletionError,
    OutcomeUnknownError,
    UnreachableError,
)
from territoire_sante.formats import Document
from territoire_sante.model import Event
from territoire_sante.plugins import Capability, Catalog
from territoire_sante.serialization import view_from_plain, view_to_plain
from territoire_sante.store import Store
from territoire_sante.sync import ConflictPolicy, Link, apply, conflicts, plan
from territoire_sante.testing import ETags, MemoryServer, Moment, memory_connector

FIELDS = frozenset({"uid", "summary", "description", "location", "categories"})
TEXT_FIELDS = ("summary", "description", "location")


class Killed(BaseException):
    """The process ends here: nothing that follows is executed."""


@attrs.frozen
class Lens:
    """Events as JSON objects."""

    view: type = Event
    media_type: str = "application/json"
    fields: frozenset = FIELDS

    def get(self, document):
        """Read the known keys."""
        data = json.loads(document.data)
        return view_from_plain(Event, {k: v for k, v in data.items() if k in FIELDS})

    def put(self, view, document=None, *, now=None):
        """Change the known keys; this format has no dates to set."""
        del now
        data = json.loads(document.data) if document is not None else {}
        data.update(view_to_plain(view, FIELDS))
        return Document(json.dumps(data, sort_keys=True).encode(), self.media_type)


def rewrite(document):
    """Store something else than was sent: another order, an added key."""
    data = json.loads(document.data)
    return Document(json.dumps({**data, "stored": True}, indent=1).encode(), document.media_type)


class TwoSides(RuleBasedStateMachine):
    """A store and a server, edited on both sides while syncs run and fail."""

    items = Bundle("items")

    @initialize(
        delta=st.booleans(),
        etags=st.sampled_from([ETags.STRONG, ETags.STRONG, ETags.WEAK]),
        rewrites=st.booleans(),
        policy=st.sampled_from([ConflictPolicy.LOCAL, ConflictPolicy.REMOTE]),
    )
    def start(self, delta, etags, rewrites, policy):
        """Open both sides."""
        self.server = MemoryServer(etags=etags, normalise=rewrite if rewrites else None)
        capabilities = {Capability.READ, Capability.WRITE} | (
            {Capability.DELTA} if delta else set()
        )
        spec = memory_connector(self.server, lens=Lens(), capabilities=capabilities)
        self.catalog = Catalog()
        self.catalog.register(spec)
        self.store = Store.open("memory:")
        self.link = Link(name="l", connector="memory", view="event", conflict=policy)
        self.now = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
        self.count = 0
        # (side, uid, field) -> the texts written there since the last quiet moment
        self.latest = {}

    def teardown(self):
        """Let everything settle, then look for every edit."""
        if hasattr(self, "store"):
            self.settle()
            self.store.close()

    def text(self):
        """Return a text that occurs nowhere else."""
        self.count += 1
        return f"t{self.count}"

    @rule(target=items)
    def create_here(self):
        """Add an event here."""
        local = f"e{self.text()}"
        self.store.put(Event(id=f"event:{local}", uid=local, summary=local))
        return local

    @rule(target=items)
    def create_there(self):
        """Add a document there."""
        uid = f"r{self.text()}"
        self.server.put(f"/{uid}", self.document(uid=uid, summary=uid))
        return uid

    @staticmethod
    def document(**keys):
        """Make a document."""
        return Document(json.dumps(keys).encode(), "application/json")

    def remote(self, uid):
        """Return href and data of a document, or nothing."""
        for href, document in self.server.documents.items():
            data = json.loads(document.data)
            if data["uid"] == uid:
                return href, data
        return None, None

    @rule(uid=items, field=st.sampled_from(TEXT_FIELDS))
    def edit_here(self, uid, field):
        """Change one field here."""
        event = self.store.find(Event, f"event:{uid}")
        if event is not None:
            text = self.text()
            self.seen("there", uid, field, getattr(event, field))
            self.store.put(attrs.evolve(event, **{field: text}))
            self.latest[("here", uid, field)] = text

    @rule(uid=items, field=st.sampled_from(TEXT_FIELDS))
    def edit_there(self, uid, field):
        """Change one key there."""
        href, data = self.remote(uid)
        if href is not None:
            self.seen("here", uid, field, data.get(field))
            data[field] = self.text()
            self.server.put(href, self.document(**data))
            self.latest[("there", uid, field)] = data[field]

    @rule(uid=items, member=st.sampled_from(["x", "y", "z"]))
    def categorise_there(self, uid, member):
        """Add a category there."""
        href, data = self.remote(uid)
        if href is not None and member not in data.get("categories", []):
            data["categories"] = [*data.get("categories", []), member]
            self.server.put(href, self.document(**data))

    @rule(uid=items)
    def delete_here(self, uid):
        """Delete an event here, and what was edited in it here."""
        event = self.store.find(Event, f"event:{uid}")
        if event is not None:
            for field in TEXT_FIELDS:
                self.seen("there", uid, field, getattr(event, field))
            self.store.delete(Event, f"event:{uid}")
            self.drop("here", uid)

    @rule(uid=items)
    def delete_there(self, uid):
        """Delete a document there, and what was edited in it there."""
        href, data = self.remote(uid)
        if href is not None:
            for field in TEXT_FIELDS:
                self.seen("here", uid, field, data.get(field))
            self.server.remove(href)
            self.drop("there", uid)

    def seen(self, side, uid, field, value):
        """Forget an edit of the other side that had arrived and is knowingly replaced."""
        if self.latest.get((side, uid, field)) == value:
            self.latest.pop((side, uid, field), None)

    def drop(self, side, uid):
        """Forget the edits that a person deleted."""
        for field in TEXT_FIELDS:
            self.latest.pop((side, uid, field), None)

    @rule()
    def touch(self):
        """Give everything a new ETag without a change."""
        self.server.touch()

    @rule()
    def forget_tokens(self):
        """Let the server lose its tokens."""
        self.server.forget_cursors()

    @rule(
        at=st.integers(1, 6),
        moment=st.sampled_from(list(Moment)),
        error=st.sampled_from([OutcomeUnknownError, UnreachableError, RuntimeError, Killed]),
    )
    def sync_with_fault(self, at, moment, error):
        """Sync while one call fails or kills us, before or after it was carried out."""
        self.server.fail(error("a fault"), at=at, moment=moment)
        try:
            self.sync()
        except (ConnectorError, Killed):
            pass
        finally:
            self.server._faults.clear()

    @rule()
    def sync_once(self):
        """Sync once."""
        self.sync()

    def sync(self):
        """Sync, confirming whatever it deletes."""
        self.now += dt.timedelta(minutes=1)
        made = plan(self.store, self.link, catalog=self.catalog, now=self.now)
        try:
            return apply(self.store, made, now=self.now)
        except MassDeletionError as error:
            return apply(self.store, made, now=self.now, confirm=error.fingerprint)

    @rule()
    def settle(self):
        """Two undisturbed runs later nothing moves, both sides agree, and no edit is lost."""
        self.sync()
        self.sync()
        last = self.sync()

        assert last.is_quiet, last.rows("en")

        here = {e.uid: view_to_plain(e, FIELDS) for e in self.store.all(Event)}
        there = {}
        for document in self.server.documents.values():
            data = json.loads(document.data)
            there[data["uid"]] = view_to_plain(Lens().get(document), FIELDS)

        assert here == there
        assert len(there) == len(self.server.documents)

        journal = [
            value
            for entry in conflicts.list(self.store, states=())
            for field in entry.fields
            for value in (field["local"], field["remote"])
        ]
        documents = b"".join(
            entry.document or b"" for entry in conflicts.list(self.store, states=())
        )
        for (_, uid, field), text in self.latest.items():
            kept = here.get(uid, {}).get(field)

            assert (
                text == kept
                or text in journal
                or f'"{text}"'.encode() in documents
                or (uid not in here and text in self.past(uid, field))
            ), (uid, field, text, kept)

        self.latest.clear()

    def past(self, uid, field):
        """Return the earlier values of a field that the store can bring back."""
        versions = self.store.history(Event, f"event:{uid}")
        return [getattr(v.entity, field) for v in versions if v.entity is not None]


TestTwoSides = TwoSides.TestCase
TestTwoSides.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)

# SPDX-License-Identifier: Apache-2.0
"""Connectors whose documents say little: neither names of their own, nor that an event recurs."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from contextlib import contextmanager

import attrs
import pytest

from territoire_sante import Catalog, Direction, Link, Store, sync
from territoire_sante.errors import ConflictError, ItemNotFoundError, OutcomeUnknownError
from territoire_sante.formats import Document
from territoire_sante.model import Event, Visibility
from territoire_sante.plugins import Capability, ConnectorSpec, Ref, Stored
from territoire_sante.testing import PlainLens

LENS = PlainLens(Event, frozenset({"uid", "summary", "location"}))


@attrs.frozen(kw_only=True)
class NoOptions:
    """Nothing to say."""


@attrs.define
class Renaming:
    """Rows whose names come from what they say, unless they are recognised by their UID."""

    rows: list[bytes]
    names: dict[str, str] = attrs.field(factory=dict, init=False)

    def recognise(self, known):
        """Note the names by UID."""
        for item in known:
            self.names.setdefault(_uid(item.document.data), item.ref.href)

    def _named(self):
        return {self.names.get(_uid(row), _hash(row)): row for row in self.rows}

    def list(self):
        """Yield every row."""
        for href, row in self._named().items():
            yield Ref(href, _hash(row))

    def read(self, hrefs):
        """Yield the rows that are there."""
        for href, row in self._named().items():
            if href in hrefs:
                yield Stored(Ref(href, _hash(row)), Document(row, LENS.media_type))

    def _place(self, ref):
        row = self._named().get(ref.href)
        if row is None:
            raise ItemNotFoundError("no such row", href=ref.href)
        if _hash(row) != ref.etag:
            raise ConflictError("another version")
        return self.rows.index(row)

    def create(self, href_hint, document):  # noqa: ARG002 - the contract's
        """Add a row."""
        self.rows.append(document.data)
        return Ref(_hash(document.data), _hash(document.data))

    def replace(self, ref, document):
        """Overwrite a row."""
        self.rows[self._place(ref)] = document.data
        return Ref(ref.href, _hash(document.data))

    def delete(self, ref):
        """Remove a row."""
        del self.rows[self._place(ref)]


def _uid(row):
    return json.loads(row)["uid"]


def _hash(row):
    return hashlib.sha256(row).hexdigest()[:12]


@pytest.fixture
def rows():
    """Give the rows of the other side."""
    return [json.dumps({"uid": uid, "summary": uid, "location": "Foyer"}).encode() for uid in "ab"]


@pytest.fixture
def kind():
    """Give the class of the transport."""
    return [Renaming]


@pytest.fixture
def run(rows, kind):
    """Give a function that syncs a store with the rows, in a session of its own each time."""

    @contextmanager
    def opened(_config):
        yield kind[-1](rows)

    catalog = Catalog()
    catalog.register(
        ConnectorSpec(
            name="renaming",
            summary="Rows",
            view=Event,
            config=NoOptions,
            capabilities=frozenset({Capability.READ, Capability.WRITE}),
            lens=LENS,
            open=opened,
        )
    )
    link = Link(
        name="rows",
        connector="renaming",
        view="event",
        direction=Direction.BOTH,
        audience=Visibility.PUBLIC,
    )

    def once(store, now=None):
        plan = sync.plan(store, link, catalog=catalog, now=now)
        report = sync.apply(store, plan, catalog=catalog, now=now)
        return [(entry.action.value, entry.outcome.value) for entry in report.entries]

    return once


def test_what_is_recognised_is_written_under_its_name(rows, run):
    """What a plan recognised is recognised when it is applied too: both edits are merged."""
    with Store.open("memory:") as store:
        assert run(store) == [("create_local", "done")] * 2
        (event,) = [one for one in store.all(Event) if one.uid == "a"]
        store.put(attrs.evolve(event, summary="Loto"))
        rows[0] = rows[0].replace(b"Foyer", b"Halle")
        assert run(store) == [("merge", "done")]
        told = json.loads(rows[0])
        assert (told["summary"], told["location"]) == ("Loto", "Halle")
        assert store.get(Event, event.id).location == "Halle"
        assert len(rows) == 2
        assert run(store) == []


def test_an_event_that_recurs_is_not_shown_as_one_day(rows, run):
    """An event that recurs is refused where the documents cannot say so; the others go out."""
    with Store.open("memory:") as store:
        once = Event(id="event:c", visibility=Visibility.PUBLIC, uid="c", summary="Loto")
        weekly = attrs.evolve(once, id="event:d", uid="d", rrule="FREQ=WEEKLY")
        store.put(once, weekly)
        done = run(store)
        assert sorted(one for one in done if one[0] == "create_remote") == [
            ("create_remote", "done"),
            ("create_remote", "refused"),
        ]
        assert [json.loads(row)["uid"] for row in rows] == ["a", "b", "c"]
        # What was refused is tried again after a day, or once its other fields change.
        assert run(store) == [("refuse", "refused")]
        store.put(attrs.evolve(weekly, rrule=""))
        tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1, minutes=1)
        assert run(store, tomorrow) == [("create_remote", "done")]


class Nameless(Renaming):
    """Rows that hold no UID: one is known by what it says, unless it is recognised by that."""

    def recognise(self, known):
        """Note the names and UIDs by what the rows say."""
        for item in known:
            held = json.loads(item.document.data)
            self.names[_said(item.document.data)] = (item.ref.href, held["uid"])

    def _named(self):
        found = {}
        for row in self.rows:
            href, uid = self.names.get(_said(row), (_hash(row), f"of {_hash(row)}"))
            found[href] = json.dumps({**json.loads(row), "uid": uid}).encode()
        return found

    def create(self, href_hint, document):  # noqa: ARG002 - likewise
        """Add a row."""
        self.rows.append(_said(document.data).encode())
        return Ref(_hash(self.rows[-1]))


class Losing(Nameless):
    """Loses each answer."""

    def create(self, href_hint, document):
        """Add a row, and say nothing."""
        super().create(href_hint, document)
        raise OutcomeUnknownError("the answer was lost")


def _said(row):
    return json.dumps({k: v for k, v in json.loads(row).items() if k != "uid"}, sort_keys=True)


def test_a_creation_without_an_answer_is_recognised(rows, run, kind):
    """What was begun is told in the next run, so that rows without a UID do not come twice."""
    del rows[:]
    kind.append(Losing)
    with Store.open("memory:") as store:
        store.put(Event(id="event:c", visibility=Visibility.PUBLIC, uid="c", summary="Loto"))
        assert run(store) == [("create_remote", "unknown")]
        kind.append(Nameless)
        run(store)
        assert run(store) == []
        assert len(rows) == len(list(store.all(Event))) == 1

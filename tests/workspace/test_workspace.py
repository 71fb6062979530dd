# SPDX-License-Identifier: Apache-2.0
"""The facade for scripts: store, catalog and links of one file."""

from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante.errors import ConfigError, StoreError, SyncError, UnreachableError
from territoire_sante.formats import icalendar, vcard
from territoire_sante.model import (
    ContactPoint,
    ContactPointKind,
    Event,
    OppositionEntry,
    OppositionKind,
    Person,
    PersonName,
)
from territoire_sante.plugins import Capability, Catalog
from territoire_sante.testing import MemoryServer, memory_connector
from territoire_sante.workspace import Workspace

LINK = '[[link]]\nname = "{name}"\nconnector = "{name}"\nview = "event"\n'
NOW = dt.datetime(2026, 3, 29, 12, tzinfo=dt.UTC)


@pytest.fixture
def servers():
    """Return two collections in memory, by the names of their links."""
    return {"first": MemoryServer(), "second": MemoryServer()}


@pytest.fixture
def workspace(tmp_path, servers):
    """Open a workspace with a link to each of the two, and one event in its store."""
    catalog = Catalog()
    for name, server in servers.items():
        catalog.register(memory_connector(server, lens=icalendar.EVENT, name=name))
    links = "".join(LINK.format(name=name) for name in servers)
    path = tmp_path / "territoire.toml"
    path.write_text(f'[store]\nurl = "sqlite:///territoire.db"\n{links}', encoding="utf-8")
    with Workspace.open(path, catalog=catalog) as workspace:
        workspace.store.put(Event(id="event:1", summary="Réunion", start=dt.date(2026, 3, 29)))
        yield workspace


def test_opening_touches_nothing(tmp_path):
    """Opening reads the file only: no database is made, and closing makes none either."""
    (tmp_path / "territoire.toml").write_text('[store]\nurl = "sqlite:///territoire.db"\n')

    with Workspace.open(tmp_path / "territoire.toml") as workspace:
        assert workspace.links == ()

    assert [path.name for path in tmp_path.iterdir()] == ["territoire.toml"]


def test_closing_closes_the_store(workspace):
    """After the block the store does nothing any more."""
    store = workspace.store
    workspace.close()

    with pytest.raises(StoreError, match="closed"):
        store.get(Event, "event:1")


def test_every_link_is_synced(workspace, servers):
    """A sync reaches each link and returns its report."""
    reports = workspace.sync(now=NOW)

    assert [(report.link, report.remote_writes) for report in reports] == [
        ("first", 1),
        ("second", 1),
    ]
    assert all(len(server.documents) == 1 for server in servers.values())
    assert all(report.is_quiet for report in workspace.sync(now=NOW))


def test_a_dry_run_writes_nothing(workspace, servers):
    """A dry run returns plans; neither side is written."""
    before = list(workspace.store.changes())
    plans = workspace.sync(dry_run=True, now=NOW)

    assert [len(plan.operations) for plan in plans] == [1, 1]
    assert [server.writes for server in servers.values()] == [(), ()]
    assert list(workspace.store.changes()) == before


def test_only_the_links_named(workspace, servers):
    """Names choose the links, and an unknown one is refused before anything is done."""
    with pytest.raises(ConfigError, match='did you mean "second"'):
        workspace.sync(["first", "secnd"])
    assert servers["first"].calls == []

    assert [report.link for report in workspace.sync(["second"])] == ["second"]
    assert servers["first"].calls == []


def test_one_failure_does_not_stop_the_rest(workspace, servers):
    """A link that fails is reported at the end, by name, and the other one is done."""
    servers["first"].fail(UnreachableError("no answer"), verb="open")

    with pytest.raises(SyncError, match="first: no answer") as caught:
        workspace.sync(now=NOW)

    assert isinstance(caught.value.__cause__, UnreachableError)
    assert len(servers["second"].documents) == 1


def test_each_yields_what_became_of_it(workspace, servers):
    """Link by link there is a report or an error, and nothing is raised."""
    servers["first"].fail(UnreachableError("no answer"), verb="open")

    first, second = workspace.each(now=NOW)

    assert (first.report, isinstance(first.error, UnreachableError)) == (None, True)
    assert (second.error, second.report.remote_writes) == (None, 1)


def test_progress_is_told(workspace):
    """Each operation is told with its number and the whole."""
    told = []
    workspace.sync(["first"], progress=lambda number, total, _: told.append((number, total)))

    assert told == [(1, 1)]


def test_the_doctor_counts(workspace, servers):
    """Looking over counts the items of each link and writes nothing there."""
    workspace.sync(["first"], now=NOW)

    store, first, second = workspace.examine()

    assert (store.link, store.error) == ("", None)
    assert (first.link, first.items) == ("first", 1)
    assert (second.link, second.items) == ("second", 0)
    assert servers["second"].writes == ()


@pytest.mark.parametrize(
    ("direction", "capabilities", "remedy"),
    [
        ("push", {Capability.READ}, "Choose another direction"),
        ("pull", {Capability.WRITE}, "Choose another direction"),
    ],
    ids=["cannot-write", "cannot-read"],
)
def test_the_doctor_compares_direction_and_connector(tmp_path, direction, capabilities, remedy):
    """A link that wants more than its connector can is a finding with its remedy."""
    catalog = Catalog()
    server = MemoryServer()
    spec = memory_connector(
        server, lens=icalendar.EVENT, name="first", capabilities=frozenset(capabilities)
    )
    catalog.register(spec)
    path = tmp_path / "territoire.toml"
    path.write_text(
        '[store]\nurl = "memory:"\n' + LINK.format(name="first") + f'direction = "{direction}"\n'
    )

    _, first = Workspace.open(path, catalog=catalog).examine()

    assert first.error is not None
    assert first.error.remedy == remedy


def test_search_export_and_import(workspace, tmp_path):
    """What is stored is found, written, and read again as unchanged."""
    assert [hit.entity.id for hit in workspace.find("reunion")] == ["event:1"]
    assert workspace.export(tmp_path / "out.json") == 1
    done = workspace.import_files([tmp_path / "out.json"])

    assert (done.stored, done.unchanged, done.problems) == (0, 1, ())
    assert workspace.conflicts() == ()


def test_long_files_come_in_batches(workspace, tmp_path):
    """More entities than one transaction takes are stored all the same, with their progress."""
    lines = [f'{{"entity": "event", "id": "event:n{n}", "summary": "{n}"}}' for n in range(1203)]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    told = []

    done = workspace.import_files([tmp_path / "in.jsonl"], progress=told.append)

    assert done.stored == 1203
    assert told == [500, 1000, 1203]
    assert sum(1 for _ in workspace.store.all(Event)) == 1204


def test_export_of_an_unknown_kind_is_refused(workspace, tmp_path):
    """An unknown kind is refused with the nearest one, and nothing is written."""
    with pytest.raises(ConfigError, match='did you mean "event"'):
        workspace.export(tmp_path / "out.json", kinds=["evnt"])
    assert not (tmp_path / "out.json").exists()


@pytest.mark.parametrize("known", [True, False])
def test_nobody_is_listed_against_their_will(tmp_path, monkeypatch, known):
    """Once somebody objected, links need the key of the list; with it, they stay here."""
    server = MemoryServer()
    catalog = Catalog()
    catalog.register(memory_connector(server, lens=vcard.CONTACT, name="cards"))
    monkeypatch.setenv("OPPOSITION_KEY", "a made-up key of some length")
    key = '[privacy]\nopposition_key = { "$env" = "OPPOSITION_KEY" }\n' if known else ""
    link = '[[link]]\nname = "cards"\nconnector = "cards"\nview = "contact"\n'
    path = tmp_path / "territoire.toml"
    path.write_text(f'[store]\nurl = "sqlite:///territoire.db"\n{key}{link}', encoding="utf-8")
    points = tuple(
        ContactPoint(kind=ContactPointKind.EMAIL, value=value)
        for value in ("ici@example.org", "objection@example.org")
    )
    entry = OppositionEntry.of(
        "Objection@example.org",
        OppositionKind.EMAIL,
        key=b"a made-up key of some length",
        since=NOW.date(),
    )
    with Workspace.open(path, catalog=catalog) as workspace:
        person = Person(id="person:1", name=PersonName(family="Exemple"), contact_points=points)
        other = ContactPoint(kind=ContactPointKind.EMAIL, value="la@example.org")
        willing = Person(id="person:2", name=PersonName(family="Modèle"), contact_points=(other,))
        workspace.store.put(person, willing, entry)
        (run,) = workspace.each(now=NOW)
        store, _ = workspace.examine()
    sent = b"".join(document.data for document in server.documents.values())

    assert b"objection@example.org" not in sent
    assert b"Exemple" not in sent
    assert (b"la@example.org" in sent) is known
    assert isinstance(run.error, ConfigError) is not known
    assert (store.error is None) is known

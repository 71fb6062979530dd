# SPDX-License-Identifier: Apache-2.0
"""sync, publish and conflicts: a real calendar server and files, seen from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

from territoire_sante.testing.panneaupocket import PanneauPocketServer
from territoire_sante.testing.radicale import RadicaleServer

EVENTS = [
    {
        "entity": "event",
        "id": f"event:{number}",
        "uid": f"e{number}@example.org",
        "visibility": "team",
        "summary": f"Réunion {number}",
        "location": "Mairie",
        "start": f"2026-03-{number + 10}",
    }
    for number in range(1, 9)
]

AGENDA = """
[[link]]
name = "agenda"
connector = "caldav"
view = "event"
audience = "team"
conflict = "ask"
[link.config]
url = "{url}"
username = "territoire"
password = "any"
"""

FILE = """
[[link]]
name = "file"
connector = "ics"
view = "event"
direction = "push"
audience = "team"
[link.config]
path = "agenda.ics"
create = true
"""

NOWHERE = """
[[link]]
name = "nowhere"
connector = "caldav"
view = "event"
[link.config]
url = "http://127.0.0.1:9/"
timeout = 1.0
"""


@pytest.fixture
def server(tmp_path_factory):
    """Run a Radicale for one test."""
    with RadicaleServer(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture
def agenda(server, configure, run, territory):
    """Configure a link to a calendar of the server, import events, return its address."""
    url = server.create_calendar("agenda")
    configure(AGENDA.format(url=url))
    (territory / "in.json").write_text(json.dumps(EVENTS), encoding="utf-8")
    assert run("import", "in.json").code == 0
    return url


def collection(server: RadicaleServer) -> dict[str, bytes]:
    """Return every item that the server stores, by its file."""
    files = Path(server.folder).rglob("*.ics")
    return {str(file): file.read_bytes() for file in files if ".Radicale.cache" not in str(file)}


def edit(server: RadicaleServer, uid: str, old: str, new: str) -> None:
    """Change one item as somebody else's client does."""
    data = next(data for data in collection(server).values() if uid.encode() in data)
    addresses = {
        f"{server.url}{server.username}/agenda/{Path(file).name}"
        for file, held in collection(server).items()
        if held == data
    }
    changed = data.replace(old.encode(), new.encode())
    assert changed != data
    answer = requests.put(addresses.pop(), data=changed, timeout=10)
    assert answer.ok, answer.text


def export(run, territory) -> bytes:
    """Return the whole store as JSON Lines."""
    assert run("export", "now.jsonl").code == 0
    return (territory / "now.jsonl").read_bytes()


def store_event(run, territory, number: int, **changes: str) -> None:
    """Change one event here."""
    plain = EVENTS[number - 1] | changes
    (territory / "change.json").write_text(json.dumps([plain]), encoding="utf-8")
    assert run("import", "change.json").code == 0


def test_a_dry_run_writes_nothing(run, territory, server, agenda):
    """A dry run prints a plan; the server's files and the store are the same as before."""
    before = collection(server), export(run, territory)

    plain = run("sync", "--dry-run", "--json")
    shown = run("sync", "--dry-run")
    after = collection(server), export(run, territory)

    plan = plain.json["links"][0]["plan"]
    assert plain.code == shown.code == 0
    assert [operation["action"] for operation in plan["operations"]] == ["create_remote"] * 8
    assert "Create there" in shown.out
    assert plan["fingerprint"] in shown.out
    assert before == after == ({}, before[1])
    assert requests.get(agenda, timeout=10).ok


def test_a_second_run_has_nothing_to_do(run, server, agenda):
    """After a run everything is there; the next one says that nothing is to be done."""
    del agenda
    first, second = run("sync", "--json"), run("sync", "--json")
    report = second.json["links"][0]["report"]

    assert (first.code, second.code) == (0, 0)
    assert first.json["links"][0]["report"]["remote_writes"] == 8
    assert len(collection(server)) == 8
    assert (report["remote_writes"], report["local_writes"]) == (0, 0)
    assert "nothing to do" in run("sync").out


def test_disjoint_edits_are_merged(run, territory, server, agenda):
    """A place changed there and a title changed here end up on both sides."""
    del agenda
    run("sync")
    edit(server, "e1@example.org", "LOCATION:Mairie", "LOCATION:Gymnase")
    store_event(run, territory, 1, summary="Réunion déplacée")

    ran = run("sync", "--json")
    both = next(data for data in collection(server).values() if b"e1@example.org" in data).decode()

    assert ran.code == 0
    assert ran.json["links"][0]["report"]["merged"] == 1
    assert "SUMMARY:Réunion déplacée" in both
    assert "LOCATION:Gymnase" in both
    assert run("find", "gymnase", "--json").json["hits"][0]["entity"]["id"] == "event:1"


@pytest.fixture
def conflict(run, territory, server, agenda):
    """Make both sides change the same title, sync, and return the conflict's number."""
    del agenda
    run("sync")
    edit(server, "e1@example.org", "SUMMARY:Réunion 1", "SUMMARY:Là-bas")
    store_event(run, territory, 1, summary="Ici")
    assert run("sync").code == 1
    listed = run("conflicts", "--json")
    assert listed.code == 1
    return listed.json["conflicts"][0]["id"]


def test_a_conflict_is_shown(run, conflict):
    """The list names link and field, and the detail has both values."""
    listed, shown = run("conflicts", "list"), run("conflicts", "show", conflict)

    assert "agenda" in listed.out
    assert "summary" in listed.out
    assert "Ici" in shown.out
    assert "Là-bas" in shown.out


@pytest.mark.parametrize(("keep", "title"), [("local", "Ici"), ("remote", "Là-bas")])
def test_a_conflict_is_resolved_and_restored(run, server, conflict, keep, title):
    """The version kept is on both sides after a run; the other one can be brought back."""
    other = {"Ici": "Là-bas", "Là-bas": "Ici"}[title]

    def titles():
        there = next(data for data in collection(server).values() if b"e1@example.org" in data)
        here = run("find", "mairie", "--json").json["hits"]
        mine = next(hit["entity"] for hit in here if hit["entity"]["id"] == "event:1")
        return mine["summary"], f"SUMMARY:{title}" in there.decode()

    assert run("conflicts", "resolve", conflict, "--keep", keep).code == 0
    assert run("sync").code == 0
    assert titles() == (title, True)
    assert run("conflicts").code == 0

    assert run("conflicts", "restore", conflict).code == 0
    assert run("sync").code == 0
    assert titles() == (other, False)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_was_deleted_is_listed_and_brought_back(run, server, agenda, language):
    """An event deleted there and so here is listed; undeleted, the next run creates it there."""
    del agenda
    run("sync")
    (file,) = [n for n, data in collection(server).items() if b"e1@example.org" in data]
    address = f"{server.url}{server.username}/agenda/{Path(file).name}"
    requests.delete(address, timeout=10).raise_for_status()
    empty = run("conflicts", "deleted", language=language)

    assert run("sync").code == 0

    listed = run("conflicts", "deleted", language=language)
    (tombstone,) = run("conflicts", "deleted", "--json").json["deleted"]

    assert {"fr": "Rien n'a été supprimé", "en": "Nothing was deleted"}[language] in empty.out
    assert {"fr": "supprimé ici", "en": "deleted here"}[language] in listed.out
    assert (tombstone["title"], tombstone["side"]) == ("Réunion 1", "local")

    back = run("conflicts", "undelete", tombstone["id"], language=language)

    assert back.code == 0
    assert "Réunion 1" in back.out
    assert run("conflicts", "undelete", tombstone["id"]).code == 2
    assert run("sync").code == 0
    assert any(b"e1@example.org" in data for data in collection(server).values())


def test_a_deadline_leaves_the_rest_to_the_next_run(run, server, agenda):
    """Without any time nothing is done, and the exit code says that there is more to do."""
    del agenda
    none = run("sync", "--deadline", "0")
    plain = run("sync", "--deadline", "0", "--json").json["links"][0]["report"]

    assert none.code == 1
    assert "stopped before the end" in none.out
    assert plain["stopped"]
    assert run("sync", "--deadline", "60").code == 0
    assert len(collection(server)) == 8
    assert run("sync", "--deadline", "-1").code == 2


def test_an_unknown_conflict_is_refused(run, agenda):
    """A number that isn't in the journal is a usage error."""
    del agenda
    ran = run("conflicts", "show", 99)

    assert ran.code == 2
    assert "99" in ran.err


def test_many_deletions_ask(run, server, agenda):
    """Six items that vanish there stop the run; the fingerprint shown lets it go on."""
    run("sync")
    for file in list(collection(server))[:6]:
        requests.delete(f"{agenda}{Path(file).name}", timeout=10)

    stopped = run("sync")
    planned = run("sync", "--dry-run", "--json")
    fingerprint = planned.json["links"][0]["plan"]["fingerprint"]

    assert stopped.code == planned.code == 1
    assert f"--confirm {fingerprint}" in stopped.out
    assert run("sync", "--confirm", "0" * 12).code == 1
    assert run("sync", "--confirm", fingerprint).code == 0
    assert run("find", "reunion", "--json", "--kind", "event").json["hits"].__len__() == 2


def test_a_link_that_fails_does_not_stop_the_next(run, territory, agenda, configure):
    """An unreachable server is told with its remedy, the other link is done, the code is 3."""
    del agenda
    configure(NOWHERE + FILE)

    ran = run("sync", "nowhere", "file")
    plain = run("sync", "nowhere", "--json")

    assert ran.code == plain.code == 3
    assert "127.0.0.1:9" in ran.err
    assert "Traceback" not in ran.err
    assert plain.json["links"][0]["error"] == "UnreachableError"
    assert (territory / "agenda.ics").read_bytes().count(b"BEGIN:VEVENT") == 8


def test_one_link_alone(run, territory, agenda, configure):
    """Only the links named are synced; an unknown name does nothing at all."""
    del agenda
    configure(FILE)

    assert run("sync", "file", "nothing").code == 2
    assert not (territory / "agenda.ics").exists()
    assert [link["link"] for link in run("sync", "file", "--json").json["links"]] == ["file"]


CHANNELS = """
[[link]]
name = "flux"
connector = "feed"
view = "announcement"
direction = "push"
audience = "public"
[link.config]
path = "annonces.atom"
title = "Annonces"
create = true

[[link]]
name = "panneau"
connector = "panneaupocket"
view = "announcement"
direction = "push"
audience = "public"
[link.config]
base_url = "{url}"
token = {{ "$env" = "BOARD_TOKEN" }}
"""

LONG = "Dépistage gratuit du diabète et de l'hypertension artérielle au marché"
NOTICES = [
    {
        "entity": "announcement",
        "id": f"announcement:{number}",
        "title": title,
        "body": "De 9 h à 12 h, sans rendez-vous.",
        "state": "approved",
    }
    for number, title in enumerate(["Médicobus mardi", LONG], 1)
]


@pytest.fixture
def board(run, territory, configure, monkeypatch):
    """Configure a feed and a notice board that stands in, with a notice too long for the board."""
    monkeypatch.setenv("BOARD_TOKEN", "made-up-token")
    (territory / "in.json").write_text(json.dumps(NOTICES), encoding="utf-8")
    with PanneauPocketServer(token="made-up-token") as board:
        configure(CHANNELS.format(url=board.api_url))
        assert run("import", "in.json").code == 0
        yield board


def test_publish_refuses_what_does_not_fit(run, board, territory):
    """The short notice is published twice, the long one in the feed only, with a proposal."""
    ran = run("publish", language="fr")

    assert ran.code == 1
    assert [sign["title"] for sign in board.signs.values()] == ["Médicobus mardi"]
    assert LONG in (territory / "annonces.atom").read_text(encoding="utf-8")
    assert "jamais coupé" in ran.out
    proposals = [line for line in ran.out.splitlines() if " title " in line]
    assert len(proposals) == 1
    assert "made-up-token" not in ran.out + ran.err


def test_publish_has_a_dry_run(run, board, territory):
    """A dry run names what would be published and refused, and publishes nothing."""
    ran = run("publish", "panneau", "--dry-run", "--json")
    operations = ran.json["links"][0]["plan"]["operations"]

    assert ran.code == 1
    assert {operation["action"] for operation in operations} == {"create_remote", "refuse"}
    assert dict(board.signs) == {}
    assert not (territory / "annonces.atom").exists()
    assert "made-up-token" not in ran.out


def test_publish_wants_a_link_of_announcements(run, configure):
    """Without a link that publishes announcements, or with another one, it is refused."""
    assert run("publish").code == 2
    configure(FILE)
    ran = run("publish", "file")

    assert ran.code == 2
    assert 'view = "announcement"' in ran.err


@pytest.mark.usefixtures("agenda")
def test_doctor_says_what_the_server_can_do(run):
    """For a real server, doctor tells how changes are found and whether writing is allowed."""
    ran = run("doctor", "agenda", "--json")
    facts = next(f["facts"] for f in ran.json["findings"] if f["link"] == "agenda")

    assert facts["changes"]["value"] == "sync-collection"
    assert "writing" in facts
    assert "changes: " in run("doctor", "agenda").out


def test_nothing_to_sync_is_said(run):
    """A configuration without links is no error, but it is said."""
    ran = run("sync")

    assert ran.code == 0
    assert "no table [[link]]" in ran.out

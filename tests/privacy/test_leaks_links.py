# SPDX-License-Identifier: Apache-2.0
"""No canary leaks on the way: far sides, what links remember, logs, reports and errors."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
import sqlite3

import attrs
import pytest

from territoire_sante import sync
from territoire_sante.errors import TerritoireSanteError
from territoire_sante.model import Visibility
from territoire_sante.plugins import Capability, Catalog
from territoire_sante.testing.dav import FaultServer, Incident
from territoire_sante.testing.panneaupocket import PanneauPocketServer

PUBLIC, PARTNERS = Visibility.PUBLIC, Visibility.PARTNERS
NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
CATALOG = Catalog.installed()
SECRET = "made-up-secret-of-a-test"

TWO_WAY = ("events", "contacts")

# Who writes into a folder or a file, with every shape that it knows.
FILES = {
    "ics": ("ics", "event", {"path": "agenda", "create": True}, "events"),
    "ics of deadlines": ("ics", "event", {"path": "agenda", "create": True}, "deadlines"),
    "ics of bookings": ("ics", "event", {"path": "agenda.ics", "create": True}, "bookings"),
    "vcf": ("vcf", "contact", {"path": "book", "create": True}, "contacts"),
    "vcf of groups": ("vcf", "contact", {"path": "book.vcf", "create": True}, "groups"),
    **{
        f"feed as {shape}": (
            "feed",
            "announcement",
            {"path": f"feed.{shape}", "title": "Annonces", "format": shape, "create": True},
            "",
        )
        for shape in ("atom", "rss", "json")
    },
    **{
        f"copy as {shape}": (
            "copy",
            "announcement",
            {"path": "copy", "shape": shape, "create": True},
            "",
        )
        for shape in ("plain", "email", "panneaupocket")
    },
    "cap": (
        "cap",
        "announcement",
        {
            "path": "alerts",
            "sender": "example.org",
            "severities": ["info", "event", "alert"],
            "create": True,
        },
        "",
    ),
    "panel": (
        "panel",
        "announcement",
        {"path": "panel", "size": "20x40", "pages": 9, "create": True},
        "",
    ),
}


def run(store, link):
    """Sync a link and return all that people are told of it."""
    known = {"catalog": CATALOG, "now": NOW, "opposition_key": b"0" * 16}
    plan = sync.plan(store, link, **known)
    report = sync.apply(store, plan, sleep=lambda _: None, **known)
    told = [repr(link), str(plan), repr(plan), str(report), repr(report)]
    told += [json.dumps(one.to_plain()) for one in (plan, report)]
    return "\n".join(told)


def remembered(path):
    """Return every row of the tables of links."""
    with contextlib.closing(sqlite3.connect(path)) as raw:
        names = [
            name
            for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name.startswith("sync_")
        ]
        return b"\n".join(
            field if isinstance(field, bytes) else str(field).encode()
            for name in names
            for row in raw.execute(f"SELECT * FROM {name}")  # noqa: S608 - a table of ours
            for field in row
        )


def logged(aviary, text):
    """Return what a log tells beyond the names of items: it is read by whoever runs the machine."""
    return [one for one in aviary.leaks(text, PUBLIC) if not _is_name(one)]


def _is_name(canary):
    (*_, (step, _)) = canary.path
    return len(canary.path) == 1 or step[1] == "uid"


def written(folder):
    """Return every byte of a folder, and the names of the files."""
    files = [one for one in sorted(folder.rglob("*")) if one.is_file()]
    return b"\n".join(one.name.encode() + b"\n" + one.read_bytes() for one in files)


def test_every_connector_that_writes_files_is_looked_at():
    """What is installed and takes a path is among those that are run here."""
    taking = {
        name
        for name in CATALOG.names()
        if Capability.WRITE in CATALOG.get(name).capabilities
        and "path" in {field.name for field in attrs.fields(CATALOG.get(name).config)}
    }
    assert taking == {connector for connector, *_ in FILES.values()}


@pytest.mark.parametrize(
    ("what", "audience"),
    # Announcements are public, whoever looks.
    [(one, PUBLIC) for one in FILES] + [(one, PARTNERS) for one in FILES if FILES[one][3]],
)
def test_a_link_to_files_tells_nothing_that_is_hidden(linked, aviary, caplog, what, audience):
    """Files, memory of the link, logs and reports are for the audience of the link."""
    connector, view, config, projection = FILES[what]
    link = sync.Link(
        name="link",
        connector=connector,
        view=view,
        config=config,
        audience=audience,
        projection=projection,
        base=linked.there,
        people=projection == "events",
        direction=sync.Direction.BOTH if projection in TWO_WAY else sync.Direction.PUSH,
    )
    with caplog.at_level(logging.DEBUG):
        told = run(linked.store, link)
        told += run(linked.store, link)
    files, memory = written(linked.there), remembered(linked.file)
    assert aviary.seen(files)
    assert aviary.leaks(files, audience) == []
    assert aviary.leaks(memory, audience) == []
    assert aviary.leaks(told, audience) == []
    assert caplog.records
    assert logged(aviary, caplog.text) == []


@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize("view", ["event", "contact"])
def test_a_server_and_the_logs_are_told_nothing_that_is_hidden(
    linked, aviary, caplog, view, broken
):
    """What is asked of a DAV server, its answers, errors and the logs hold what partners see."""
    with FaultServer() as server:
        there = server.calendar("there") if view == "event" else server.address_book("there")
        if broken:
            server.happen(Incident(method="PUT", status=403, body=b"<html>no</html>", times=2))
        link = sync.Link(
            name="link",
            connector="caldav" if view == "event" else "carddav",
            view=view,
            config={"url": server.url_of(there)},
            people=view == "event",
        )
        told = ""
        with caplog.at_level(logging.DEBUG):
            for _ in range(2):
                try:
                    told += run(linked.store, link)
                except TerritoireSanteError as error:
                    told += f"{error}\n{error!r}"
        asked = b"\n".join(one.path.encode() + b"\n" + one.body for one in server.log)
    assert aviary.seen(asked)
    for said in (asked, remembered(linked.file), told):
        assert aviary.leaks(said, PARTNERS) == []
    assert caplog.records
    assert logged(aviary, caplog.text) == []


def test_a_board_and_the_logs_are_told_nothing_that_is_hidden(linked, aviary, caplog):
    """Notices on PanneauPocket, the ledger and the logs hold what the public sees."""
    with PanneauPocketServer(token=SECRET, today=NOW.date) as board:
        link = sync.Link(
            name="link",
            connector="panneaupocket",
            view="announcement",
            config={"token": SECRET, "base_url": board.api_url},
            direction=sync.Direction.PUSH,
        )
        with caplog.at_level(logging.DEBUG):
            told = run(linked.store, link)
            told += run(linked.store, link)
        sent = repr(board.requests).encode() + repr(dict(board.signs)).encode()
        told += repr(list(sync.deliveries(linked.store)))
    assert aviary.seen(sent)
    for said in (sent, remembered(linked.file), told):
        assert aviary.leaks(said, PUBLIC) == []
    assert caplog.records
    assert logged(aviary, caplog.text) == []
    assert SECRET not in caplog.text + told

# SPDX-License-Identifier: Apache-2.0
"""doctor: what the other side can do, in both languages, and what it writes only when told."""

from __future__ import annotations

import pytest

from territoire_sante.testing.dav import Faults, FaultServer

LINK = """
[[link]]
name = "agenda"
connector = "caldav"
view = "event"
[link.config]
url = "{url}"
"""
ITEM = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
WRITES = {"PUT", "DELETE", "MKCALENDAR", "MKCOL", "PROPPATCH", "POST"}


@pytest.fixture
def server():
    """Give a server with one calendar that holds one event."""
    with FaultServer() as server:
        server.calendar("agenda", "Agenda").put("a.ics", ITEM)
        yield server


@pytest.fixture
def linked(server, configure):
    """Configure a link to the calendar, and return the server."""
    configure(LINK.format(url=f"{server.url}dav/agenda/"))
    return server


def facts(ran):
    """Return the facts of the only link by their keys."""
    (finding,) = [found for found in ran.json["findings"] if found["link"]]
    return finding["facts"]


def test_it_says_what_is_done_about_it(linked, run):
    """For a script each fact has a value and whether it is good, beside the words."""
    linked.faults = Faults(etags="weak", sync=False)
    ran = run("doctor", "agenda", "--json")
    told = facts(ran)

    assert ran.code == 0
    assert told["changes"] == {
        "value": "getctag",
        "good": False,
        "what": "changes",
        "found": "it tells only whether there are any (getctag)",
        "handling": "if there are, everything is listed and compared",
    }
    assert told["etags"]["value"] == "weak"
    assert told["writing"]["good"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ["à savoir", "versions (ETag) : faibles ou absentes", "→ chaque élément est relu"]),
        ("en", ["note", "versions (ETags): weak or missing", "→ each item is read and compared"]),
    ],
    ids=["fr", "en"],
)
def test_a_person_reads_it_in_their_language(linked, run, language, words):
    """The table says what was found and below it what is done, in French and in English."""
    linked.faults = Faults(etags="weak")
    out = " ".join(run("doctor", "agenda", language=language).out.split())

    assert [word for word in words if word not in out] == []


def test_nothing_is_written_unasked(linked, run):
    """Without an option that says so, nothing but reading is sent."""
    run("doctor")
    run("doctor", "agenda")

    assert set(linked.methods()) & WRITES == set()


def test_writing_is_tried_when_told(linked, run):
    """With --probe-writes a made-up item is written and removed; the others are untouched."""
    linked.faults = Faults(ignores={"create"})
    told = facts(run("doctor", "agenda", "--probe-writes", "--json"))
    (agenda,) = linked.collections.values()

    assert told["create-twice"]["value"] == "ignored"
    assert "careful = true" in told["create-twice"]["handling"]
    assert told["removed"]["value"] == "yes"
    assert {name: item.data for name, item in agenda.items.items()} == {"a.ics": ITEM}


def test_a_missing_collection_is_made_when_told(server, run, configure):
    """A calendar that is missing is a finding; --create makes it, and says so."""
    configure(LINK.format(url=f"{server.url}dav/nouveau/"))
    missing = run("doctor", "agenda", "--json")
    made = run("doctor", "agenda", "--create", "--json")
    again = run("doctor", "agenda", "--create", "--json")

    assert missing.code == 1
    assert missing.json["findings"][1]["error"]["error"] == "CollectionGoneError"
    assert (made.code, facts(made)["address"]["value"]) == (0, "made")
    assert facts(again)["address"]["value"] == "found"
    assert "/dav/nouveau/" in server.collections


@pytest.mark.parametrize("option", ["--create", "--probe-writes"])
def test_writing_needs_a_name(linked, run, option):
    """An option that writes is refused without the name of a link: never all at once."""
    ran = run("doctor", option)

    assert ran.code == 2
    assert "Name the link" in ran.err
    assert linked.methods() == []


PANEL = """
[[link]]
name = "other"
connector = "panneaupocket"
view = "announcement"
direction = "push"
[link.config]
base_url = "http://127.0.0.1:9/"
token = "made-up"
"""
FILE = """
[[link]]
name = "other"
connector = "ics"
view = "event"
[link.config]
path = "agenda.ics"
create = true
"""


@pytest.mark.parametrize(
    ("link", "option", "complaint"),
    [
        (FILE, "--probe-writes", "no test of writing"),
        (PANEL, "--create", "cannot make its collection"),
    ],
    ids=["probe", "create"],
)
def test_connectors_that_cannot(run, configure, link, option, complaint):
    """A connector that cannot try or make is named as such, and nothing else is done."""
    configure(link)
    ran = run("doctor", "other", option, "--json")

    assert ran.code == 1
    assert complaint in ran.json["findings"][1]["error"]["what"]

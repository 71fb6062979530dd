# SPDX-License-Identifier: Apache-2.0
"""One service after the other fails in each way: the rest is published, and a clerk reads why."""

from __future__ import annotations

import datetime as dt
import json
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from territoire_sante import Workspace
from territoire_sante.cli import app
from territoire_sante.testing.channels import all_channels
from territoire_sante.testing.feed import Fault
from territoire_sante.testing.mobilizon import MobilizonServer
from territoire_sante.testing.openagenda import OpenAgendaServer

NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
NOTICE = {
    "entity": "announcement",
    "id": "announcement:1",
    "title": "Médicobus le samedi 5 décembre",
    "body": "De 9 h à 12 h, salle des fêtes, sans rendez-vous.",
    "place": "Salle des fêtes",
    "publish_from": "2026-11-20",
    "event_start": "2026-12-05",
    "state": "approved",
}
#: What services say when they fail, which is nothing for a clerk.
VENDOR = (
    "made to fail",
    "Service indisponible",
    "Maintenance",
    "<html",
    "HTTP",
    "401",
    "422",
    "429",
)
WAIT = 7200
#: What the clerk is told, and how the ledger may call it.
TOLD = {
    "timeout": ({"failed", "unknown"}, ("ne répond pas", "réponse du canal s'est perdue")),
    "401": ({"failed"}, ("la clé ou le mot de passe n'est plus valable",)),
    "422": ({"refused"}, ("refuse cette annonce telle qu'elle est",)),
    "429": ({"failed"}, ("Le canal demande de patienter",)),
    "html": ({"failed", "unknown"}, ("une page de maintenance", "réponse du canal s'est perdue")),
}
#: What only the connector knows: who renews which key where, and what is wrong.
KNOWN = {
    ("401", "panneau"): "l'option « token »",
    ("401", "mastodon"): "(Préférences, Développement)",
    ("401", "mobilizon"): "le mot de passe sur l'instance (Mon compte, Paramètres)",
    ("401", "agenda"): "un administrateur du compte",
    ("422", "mobilizon"): "À corriger : le titre",
}
PAGE = "<!DOCTYPE html><html><h1>Maintenance</h1></html>"
SERVICES = ["panneau", "mastodon", "mobilizon", "agenda"]


def break_down(channels, service, fault):
    """Let every request that comes to a service fail."""
    server = {
        "panneau": channels.board,
        "mastodon": channels.statuses,
        "mobilizon": channels.events,
        "agenda": channels.agenda,
    }[service]
    if fault == "timeout":
        server.delay(1.5, times=2)
        return
    if fault == "422":
        refuse_writes(server)
        return
    status = {"html": 200}.get(fault) or int(fault)
    if service == "agenda":
        body = PAGE if fault == "html" else None
        server.fail(status, times=2, body=body, retry_after=WAIT if fault == "429" else None)
    elif service == "panneau":
        wait = WAIT if fault == "429" else None
        server.fail(status, times=2, retry_after=wait, html=fault == "html")
    else:
        headers = {}
        if fault == "429":
            # The connector asks its own machine how long that is from now.
            reset = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=WAIT)
            headers = {
                "mastodon": {"X-RateLimit-Reset": reset.isoformat()},
                "mobilizon": {"Retry-After": str(WAIT)},
            }[service]
        server.fail(status, times=2, headers=headers, html=fault == "html")


def deliveries():
    """Return the lines of the ledger by link."""
    with Workspace.open() as workspace:
        return {line.link: line for line in workspace.deliveries()}


def refuse_writes(server):
    """Let a service find something wrong with whatever is published."""
    if isinstance(server, OpenAgendaServer):
        server.fail_writes(422)
    elif isinstance(server, MobilizonServer):
        # Mobilizon tells of it in the body of an answer that is otherwise good.
        wrong = {"code": "validation", "status_code": 422, "field": "title", "message": "Invalid"}
        server.fail(200, on="createEvent", body={"data": None, "errors": [wrong]})
    else:
        server.fail(422, on="POST")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("fault", list(TOLD))
def test_a_failing_service_leaves_the_others_published(tmp_path, monkeypatch, fault, service):
    """Seven channels show the notice, a clerk reads what to do, and in the end all eight do."""
    monkeypatch.chdir(tmp_path)

    present = NOW
    with all_channels(tmp_path, clock=lambda: present, timeout=0.5) as channels:
        (tmp_path / "territoire.toml").write_text(channels.configuration(), encoding="utf-8")
        (tmp_path / "in.json").write_text(json.dumps([NOTICE]), encoding="utf-8")
        opener = partial(Workspace.open, catalog=channels.catalog, clock=channels.clock)
        commands = app("fr", opener=opener, zone=ZoneInfo("Europe/Paris"))
        invoke = partial(CliRunner().invoke, commands, catch_exceptions=False)
        invoke(["import", "in.json"])
        break_down(channels, service, fault)

        ran = invoke(["publish"])
        told = deliveries()
        shown = channels.shown()
        for _ in range(2):
            present += dt.timedelta(hours=25)
            invoke(["publish"])
        told_later, shown_later = deliveries(), channels.shown()

    line = told.pop(service)
    states, sentences = TOLD[fault]
    to_do = " ".join(ran.output.partition("À faire :")[2].split())
    assert {one.state.value for name, one in told.items() if name != "a-copier"} == {"visible"}
    assert all(len(shown[name]) == 1 for name in told), shown
    assert ran.exit_code in (1, 3)
    assert line.state.value in states, line
    assert any(sentence in line.reason_fr for sentence in sentences), line.reason_fr
    assert any(sentence in to_do for sentence in sentences), ran.output
    assert KNOWN.get((fault, service), "") in to_do, to_do
    assert service in to_do
    assert not [word for word in VENDOR if word in to_do], to_do
    assert "jeton-invente" not in ran.output
    if fault == "429":
        assert line.retry_at is not None
        assert abs((line.retry_at - NOW).total_seconds() - WAIT) < 120
    assert told_later[service].state.value == "visible", told_later[service]
    assert all(len(texts) == 1 for texts in shown_later.values()), shown_later


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.ERROR, Fault.CUT, Fault.BUSY])
def test_a_web_server_that_fails_leaves_a_feed_unknown(tmp_path, monkeypatch, fault):
    """What cannot be looked at is called neither visible nor gone; once it can, it is visible."""
    monkeypatch.chdir(tmp_path)
    with all_channels(tmp_path, clock=lambda: NOW) as channels:
        (tmp_path / "territoire.toml").write_text(channels.configuration(), encoding="utf-8")
        (tmp_path / "in.json").write_text(json.dumps([NOTICE]), encoding="utf-8")
        channels.feed.always(fault)
        with Workspace.open(catalog=channels.catalog, clock=channels.clock) as workspace:
            workspace.import_files(["in.json"])
            runs = list(workspace.each())
        unsure = deliveries()
        channels.feed.always()
        with Workspace.open(catalog=channels.catalog, clock=channels.clock) as workspace:
            assert [run.error for run in workspace.refresh(["flux"])] == [None]

    assert [run.error for run in runs] == [None] * 8
    assert {name for name, one in unsure.items() if one.state.value == "unknown"} == {
        "flux",
        "a-copier",
    }
    assert unsure["flux"].reason_fr
    assert deliveries()["flux"].state.value == "visible"

# SPDX-License-Identifier: Apache-2.0
"""publish, withdraw and announcements status, on a notice board and a feed."""

from __future__ import annotations

import json

import pytest

from territoire_sante.testing.panneaupocket import PanneauPocketServer

CHANNELS = """
[[link]]
name = "panneau"
connector = "panneaupocket"
view = "announcement"
direction = "push"
audience = "public"
fallback = "flux"
[link.config]
base_url = "{url}"
token = {{ "$env" = "BOARD_TOKEN" }}

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
"""

NOTICE = {
    "entity": "announcement",
    "id": "announcement:1",
    "title": "Médicobus mardi",
    "body": "De 9 h à 12 h, sans rendez-vous.",
    "state": "approved",
}


@pytest.fixture
def board(run, territory, configure, monkeypatch):
    """Configure a feed and a notice board that stands in, with one notice approved."""
    monkeypatch.setenv("BOARD_TOKEN", "made-up-token")
    (territory / "in.json").write_text(json.dumps([NOTICE]), encoding="utf-8")
    with PanneauPocketServer(token="made-up-token") as board:
        configure(CHANNELS.format(url=board.api_url))
        assert run("import", "in.json").code == 0
        yield board


def states(run):
    """Return the states by link."""
    lines = run("announcements", "status", "--json").json["deliveries"]
    return {line["link"]: line["state"] for line in lines}


def test_status_before_anything_was_published(run, board):
    """What is approved and not published yet is listed as such."""
    ran = run("announcements", "status", language="fr")

    assert ran.code == 0
    assert "pas encore publiée" in ran.out
    assert run("announcements", "status", "2").code == 2


def test_publish_status_withdraw_done(run, board, territory):
    """A notice goes out once, is told by channel, and is taken down or handed over."""
    assert run("publish").code in (0, 1)
    writes = len(board.requests)
    assert run("publish", "--channel", "panneau").code in (0, 1)
    table = run("announcements", "status", "1", language="fr")

    assert states(run) == {"panneau": "unknown", "flux": "visible"}
    assert [r.method for r in board.requests[writes:] if r.method != "GET"] == []
    assert "Visible" in table.out
    assert "affichage" in table.out
    withdrawn = run("withdraw", "1", language="fr")

    assert withdrawn.code == 1
    assert "À faire par une personne sur « panneau »" in withdrawn.out
    assert states(run) == {"panneau": "handed_over", "flux": "withdrawn"}
    assert "Médicobus" not in (territory / "annonces.atom").read_text(encoding="utf-8")
    assert run("announcements", "done", "1", "panneau").code == 0
    assert "À faire" not in run("announcements", "status", language="fr").out
    assert states(run) == {"panneau": "withdrawn", "flux": "withdrawn"}
    assert run("announcements", "status").code == 0
    assert run("announcements", "done", "1", "panneau").code == 2


def test_withdraw_from_one_channel(run, board, territory):
    """From the channel named it goes, on the other it stays, whatever is published later."""
    run("publish")
    assert run("withdraw", "1", "--channel", "flux").code == 0
    run("publish")

    assert states(run) == {"panneau": "unknown", "flux": "withdrawn"}
    assert "Médicobus" not in (territory / "annonces.atom").read_text(encoding="utf-8")


def test_a_dead_key_is_told_to_a_clerk(run, board, monkeypatch):
    """With a key that is refused, the feed is published, and French sentences say who must act."""
    monkeypatch.setenv("BOARD_TOKEN", "another-token")
    ran = run("publish", language="fr")

    assert ran.code == 3
    assert "la clé ou le mot de passe n'est plus valable" in ran.out
    assert states(run) == {"panneau": "failed", "flux": "visible"}
    assert "another-token" not in ran.out + ran.err


def test_a_refresh_looks_and_sends_nothing(run, board, territory):
    """Asked to look, the status tells that the feed is empty now."""
    run("publish")
    text = (territory / "annonces.atom").read_text(encoding="utf-8")
    start, end = text.index("<entry"), text.index("</entry>") + len("</entry>")
    (territory / "annonces.atom").write_text(text[:start] + text[end:], encoding="utf-8")

    assert states(run)["flux"] == "visible"
    run("announcements", "status", "--refresh")
    assert states(run)["flux"] == "gone"


def test_a_fallback_must_be_a_channel(run, configure):
    """A fallback that is no link of announcements is named in the error."""
    configure(CHANNELS.format(url="https://example.org").replace('"flux"\n[', '"fluxx"\n['))
    ran = run("publish")

    assert ran.code == 2
    assert "fallback" in ran.err


def test_a_second_publish_hands_over_in_french(run, board):
    """What only a person can do is told in French each time, not in the words of the channel."""
    run("publish")
    run("withdraw", "1")
    ran = run("publish", "--channel", "panneau", language="fr")

    assert "only a person" not in ran.out
    assert "PanneauPocket : panneau à retirer à la main." in ran.out

# SPDX-License-Identifier: Apache-2.0
"""The command line on a clock, and with connectors, that a program passes."""

from __future__ import annotations

import datetime as dt
import json
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from territoire_sante import Workspace
from territoire_sante.cli import app

FEED = """
[[link]]
name = "flux"
connector = "feed"
view = "announcement"
direction = "push"
[link.config]
path = "annonces.atom"
title = "Annonces"
create = true
"""
AT = dt.datetime(2031, 5, 2, 10, 30, tzinfo=dt.UTC)


@pytest.fixture
def told(territory, configure):
    """Return a function that runs a command at ten thirty in the year 2031, told in Réunion."""
    configure(FEED)
    opener = partial(Workspace.open, clock=lambda: AT)

    def run(*arguments):
        commands = app("fr", opener=opener, zone=ZoneInfo("Indian/Reunion"))
        result = CliRunner().invoke(commands, arguments, catch_exceptions=False)
        return " ".join(result.output.split())

    notices = [
        {"entity": "announcement", "id": f"announcement:{name}", "title": name, "state": "approved"}
        | period
        for name, period in {
            "Marche": {"publish_until": "2031-05-03"},
            "Loto": {"publish_until": "2031-05-01"},
        }.items()
    ]
    (territory / "in.json").write_text(json.dumps(notices), encoding="utf-8")
    run("import", "in.json")
    return run


def test_what_is_published_bears_the_time_of_the_clock_passed(told):
    """Deliveries are noted at the time that the program says, told in the zone that it says."""
    told("publish")

    assert "Visible 2031-05-02 14:30 2031-05-02 14:30" in told("announcements", "status")


def test_an_announcement_that_came_too_late_is_not_called_waiting(told, territory):
    """One whose period was over before it was published is not sent, and the status says why."""
    told("publish")
    status = told("announcements", "status")

    assert "announcement:Loto Loto trop tard : sa période est finie" in status
    assert "Loto" not in (territory / "annonces.atom").read_text(encoding="utf-8")

# SPDX-License-Identifier: Apache-2.0
"""plugins: show one, check all, and write a new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from territoire_sante.cli._plugins import KINDS
from territoire_sante.plugins import PluginKind


def test_the_kinds_are_those_of_the_library():
    """The choices of --kind are those that the library knows."""
    assert tuple(one.value for one in PluginKind) == KINDS


def test_a_connector_is_shown(run):
    """Options with their meanings, capabilities and limits of a connector are told."""
    told = run("plugins", "show", "panneaupocket")
    plain = run("plugins", "show", "panneaupocket", "--json").json

    assert told.code == 0
    assert "Capabilities: confirm, write." in told.out
    assert "title_max = 50" in told.out
    assert "the bearer token of the commune's account" in told.out
    assert plain["limits"]["title_max"] == "50"
    (token,) = [one for one in plain["options"] if one["name"] == "token"]
    assert (token["required"], token["type"]) == (True, "Secret")


@pytest.mark.parametrize("name", ["caldav", "ics", "feed", "openagenda", "mastodon", "cap"])
def test_each_option_has_its_meaning(run, name):
    """Every option of a connector is explained, in whichever form its docstring has."""
    options = run("plugins", "show", name, "--json").json["options"]

    assert [one["name"] for one in options if not one["meaning"]] == []


def test_a_connector_that_there_is_not(run):
    """An unknown name is refused with the nearest one."""
    ran = run("plugins", "show", "caldaf")

    assert ran.code == 2
    assert "caldav" in ran.err


def test_a_new_plugin(run, territory):
    """A new plug-in is written into a folder of its own, never over something."""
    made = run("plugins", "new", "demo-board", "--json")
    again = run("plugins", "new", "demo-board")

    assert made.code == 0
    assert Path("territoire-sante-demo-board/README.md").is_file()
    assert (again.code, "territoire-sante-demo-board" in again.err) == (2, True)


@pytest.mark.parametrize("name", ["Board", "a b", "-x", "é", "a" * 41, ""])
def test_a_name_that_is_none(run, territory, name):
    """A name that no distribution or module could have is refused."""
    ran = run("plugins", "new", "--", name)

    assert ran.code == 2
    assert list(territory.glob("territoire-sante-*")) == []

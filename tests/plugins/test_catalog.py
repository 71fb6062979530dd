# SPDX-License-Identifier: Apache-2.0
"""The catalog lists without importing, names what is broken, and refuses to guess."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from territoire_sante.errors import (
    InvalidValueError,
    PluginBrokenError,
    PluginIncompatibleError,
    PluginNotFoundError,
)
from territoire_sante.plugins import Catalog, Checked, Entry

EXIT = "raise SystemExit('no')\n"


def test_listing_imports_nothing(site):
    """Names and entries are listed although every plug-in's module raises SystemExit."""
    site.add("exiting-plugin", ["exiting = exiting_plugin:SPEC"], exiting_plugin=EXIT)
    code = (
        "import sys; from territoire_sante.plugins import Catalog; c = Catalog.installed(); "
        "assert 'exiting' in c.names() and c.entries(); "
        "print([m for m in sys.modules if m.startswith(('exiting_', 'territoire_sante_'))])"
    )
    path = os.pathsep.join([str(site.path), *sys.path])
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"


def test_entries_say_where_they_come_from(site):
    """An entry has the name, distribution, version and value that the metadata give."""
    site.good("town-board", "board", "town_board")
    entries = [entry for entry in Catalog.installed().entries() if entry.name == "board"]

    assert entries == [Entry("board", "town-board", "1.0", "town_board:SPEC")]
    assert str(entries[0]) == "board (town-board 1.0)"


def test_a_connector_is_loaded_by_name(site):
    """get() imports the connector and returns its specification."""
    site.good("town-board", "board", "town_board")

    assert Catalog.installed().get("board").name == "board"


def test_only_restricts(site):
    """With only, other connectors are neither listed nor given, and the error says why."""
    site.good("town-board", "board", "town_board")
    site.good("town-agenda", "agenda", "town_agenda")
    catalog = Catalog.installed(only=["agenda"])

    assert catalog.names() == ("agenda",)
    with pytest.raises(PluginNotFoundError, match="It is installed, but this program leaves it"):
        catalog.get("board")


def test_a_missing_connector_gets_a_suggestion(site):
    """An unknown name raises PluginNotFoundError with the closest name and the whole list."""
    site.good("town-board", "board", "town_board")
    catalog = Catalog.installed(only=["board"])

    with pytest.raises(PluginNotFoundError, match=r"'bord'.*Did you mean board\? There are: board"):
        catalog.get("bord")
    with pytest.raises(PluginNotFoundError, match=r"There are: board\. Install the distribution"):
        catalog.get("zzz")
    with pytest.raises(PluginNotFoundError, match="None is installed"):
        Catalog().get("zzz")


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        (EXIT, SystemExit),
        ("import no_such_module_here\n", ModuleNotFoundError),
        ("1 / 0\n", ZeroDivisionError),
        ("def broken(:\n", SyntaxError),
        ("OTHER = 1\n", AttributeError),
    ],
)
def test_a_broken_plugin_is_named_and_harms_nobody(site, source, cause):
    """An import error becomes PluginBrokenError with its cause, and the others still work."""
    site.add("bad-board", ["bad = bad_board:SPEC"], version="2.1", bad_board=source)
    site.good("town-board", "board", "town_board")
    catalog = Catalog.installed(only=["bad", "board"])

    with pytest.raises(PluginBrokenError, match=r"bad \(bad-board 2\.1\)") as caught:
        catalog.get("bad")
    assert isinstance(caught.value.__cause__, cause)
    assert catalog.get("board").name == "board"
    bad, good = catalog.check()
    assert (bad.name, bad.ok, good) == ("bad", False, Checked("board", ok=True))
    assert cause.__name__ in bad.problem
    assert "Repair or uninstall bad-board" in bad.problem


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ("SPEC = 3", "is a int, not a ConnectorSpec"),
        ("SPEC = ConnectorSpec", "not a ConnectorSpec"),
        ("SPEC = attrs.evolve(SPEC, name='other')", "is called 'other'"),
        ("SPEC = attrs.evolve(SPEC, config=dict)", "not an attrs class"),
        ("SPEC = attrs.evolve(SPEC, capabilities=frozenset(['read']))", "capabilities"),
        ("SPEC = attrs.evolve(SPEC, open=None)", "cannot be called"),
    ],
)
def test_an_unsound_specification_is_refused(site, change, part):
    """What an entry point names is looked through before anybody relies on it."""
    site.good("town-board", "board", "town_board")
    with (site.path / "town_board.py").open("a") as module:
        module.write(change + "\n")

    with pytest.raises(PluginBrokenError, match=part):
        Catalog.installed().get("board")


@pytest.mark.parametrize(
    ("version", "which"), [(0, "town-board"), (2, "territoire-sante"), ("1", "town-board")]
)
def test_another_contract_is_refused(site, version, which):
    """A specification of another contract says which side to upgrade."""
    site.good("town-board", "board", "town_board")
    with (site.path / "town_board.py").open("a") as module:
        module.write(f"SPEC = attrs.evolve(SPEC, api_version={version!r})\n")

    with pytest.raises(PluginIncompatibleError, match=f"Upgrade {which}$"):
        Catalog.installed().get("board")


def test_a_name_claimed_twice_is_refused(site):
    """Two distributions with one name are both named, and either can be asked for."""
    site.good("town-board", "board", "town_board")
    site.good("other-board", "board", "other_board")
    catalog = Catalog.installed(only=["board"])

    assert catalog.names() == ("board",)
    assert [entry.distribution for entry in catalog.entries()] == ["other-board", "town-board"]
    with pytest.raises(PluginBrokenError, match="write other-board:board or town-board:board"):
        catalog.get("board")
    (checked,) = catalog.check()
    assert "other-board 1.0" in checked.problem
    assert "town-board 1.0" in checked.problem
    assert catalog.get("Town_Board:board").name == "board"
    with pytest.raises(PluginNotFoundError):
        catalog.get("third-board:board")


def test_the_first_on_the_path_hides_the_others(site, tmp_path, monkeypatch):
    """Of one distribution installed in two places, only the one that imports is listed."""
    site.good("town-board", "board", "town_board")
    second = tmp_path / "second"
    second.mkdir()
    folder = site.path / "town_board-1.0.dist-info"
    monkeypatch.syspath_prepend(second)
    folder.rename(second / folder.name)
    site.add("town-board", ["board = town_board:SPEC"], version="0.9")

    versions = [e.version for e in Catalog.installed().entries() if e.name == "board"]
    assert versions == ["1.0"]


@pytest.mark.parametrize(
    ("lines", "metadata"),
    [(["no equals sign"], None), (["x = y:Z"], ""), (["x = y:Z"], "Name: nameless-version\n")],
)
def test_damaged_metadata_is_named(site, lines, metadata):
    """A distribution whose metadata cannot be read is reported by check and hides nobody."""
    site.good("town-board", "board", "town_board")
    site.add("damaged", lines, metadata=metadata)
    catalog = Catalog.installed()

    assert "board" in catalog.names()
    assert "x" not in catalog.names()
    assert "metadata cannot be read" in catalog.check()[-1].problem


def test_programs_register_their_own(make_spec, site):
    """A registered connector goes before an installed one, and only in its own catalog."""
    site.add("demo-board", ["demo = demo_board:SPEC"], demo_board=EXIT)
    spec = make_spec()
    catalog = Catalog.installed(only=["demo"])
    catalog.register(spec)
    catalog.register(spec)

    assert catalog.get("demo") is spec
    assert catalog.entries() == (Entry("demo"),)
    assert str(catalog.entries()[0]) == "demo (registered by the program)"
    assert catalog.check() == (Checked("demo", ok=True),)
    assert Catalog().names() == ()


def test_registering_is_checked(make_spec):
    """A second connector under one name and an unsound one are refused."""
    catalog = Catalog()
    catalog.register(make_spec())

    with pytest.raises(InvalidValueError, match="another connector was registered as demo"):
        catalog.register(make_spec())
    with pytest.raises(PluginIncompatibleError, match="Upgrade the connector"):
        catalog.register(make_spec(name="old", api_version=0))


def test_our_own_connectors_are_installed():
    """Every connector that this environment lists can be used."""
    checked = Catalog.installed().check()

    assert [entry for entry in checked if not entry.ok] == []

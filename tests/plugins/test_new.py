# SPDX-License-Identifier: Apache-2.0
"""A new plug-in: installed as a stranger would, its suite is green, and a sync uses it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from territoire_sante.cooperation.rules import ENTRY_POINT_GROUP as RULES
from territoire_sante.errors import ConfigError
from territoire_sante.model import Announcement, AnnouncementState
from territoire_sante.plugins import PluginKind, new_plugin
from territoire_sante.plugins._new import _RULES_GROUP
from territoire_sante.serialization import to_plain

NOTICE = Announcement(
    id="announcement:marche",
    uid="marche",
    title="Marche pour la santé",
    body="Dimanche à 10 h.",
    state=AnnouncementState.APPROVED,
)


class Outsider:
    """An environment of its own, with what ours has installed and one plug-in more."""

    def __init__(self, folder):
        self.folder = folder
        venv.create(folder / "env", with_pip=False, symlinks=os.name == "posix")
        self.python = folder / "env" / "bin" / "python"
        site = Path(
            self.run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
        )
        ours = sysconfig.get_path("purelib")
        (site / "ours.pth").write_text(f"import site; site.addsitedir({ours!r})\n")

    def run(self, *arguments, code=0, cwd=None):
        """Run a Python of the environment, and return what it printed."""
        ran = subprocess.run(  # noqa: S603 - our own interpreter and arguments
            [self.python, *arguments],
            cwd=cwd or self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert ran.returncode == code, ran.stdout + ran.stderr
        return ran.stdout

    def install(self, folder):
        """Install a distribution as pip does, without asking any registry."""
        base = Path(sys.base_prefix) / "bin" / "python3"
        subprocess.run(  # noqa: S603 - the interpreter that made this environment
            [
                *(base, "-m", "pip", "--python", self.python, "install", "--quiet"),
                *("--no-deps", "--no-build-isolation", "--no-index", folder),
            ],
            check=True,
            capture_output=True,
            timeout=300,
        )


@pytest.fixture
def outsider(tmp_path):
    """Return an environment of its own in an empty folder."""
    return Outsider(tmp_path)


def test_from_an_empty_folder_to_a_sync(outsider):
    """A new connector is made, installed, tested, listed and synced, as its page says."""
    cli = ("-m", "territoire_sante", "--lang", "en")
    made = outsider.run(*cli, "plugins", "new", "demo-board")
    folder = outsider.folder / "territoire-sante-demo-board"
    outsider.install(folder)
    suite = outsider.run("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=folder)
    listed = json.loads(outsider.run(*cli, "plugins", "--json"))["plugins"]
    checked = outsider.run(*cli, "plugins", "show", "demo-board")
    notice = outsider.folder / "notice.json"
    notice.write_text(json.dumps([to_plain(NOTICE)]), encoding="utf-8")
    outsider.run(*cli, "import", notice, cwd=folder)
    synced = outsider.run(*cli, "sync", cwd=folder)
    (file,) = (folder / "board").glob("*.json")

    assert "What to do next is in territoire-sante-demo-board/README.md." in made
    assert " passed" in suite
    assert "failed" not in suite
    assert "demo-board" in {one["name"] for one in listed}
    assert "No problem." in checked
    assert "Marche pour la santé" in synced
    assert json.loads(file.read_bytes())["title"] == "Marche pour la santé"


@pytest.mark.parametrize("kind", [PluginKind.API, PluginKind.RULE], ids=["api", "rule"])
def test_the_other_kinds_are_green_as_well(outsider, kind):
    """A new connector to an interface, and a new rule, pass their suites as they are."""
    folder = outsider.folder / "plugin"
    new_plugin("demo", kind=kind, folder=folder, version="0.1.0")
    outsider.install(folder)
    suite = outsider.run("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=folder)

    assert " passed" in suite
    assert "failed" not in suite


@pytest.mark.check
@pytest.mark.parametrize("kind", PluginKind, ids=lambda kind: kind.value)
def test_what_is_written_is_typed_and_in_style(outsider, kind):
    """Types in strict mode, ruff and its formatter find nothing in a new plug-in."""
    folder = outsider.folder / "plugin"
    new_plugin("demo", kind=kind, folder=folder, version="0.1.0")
    outsider.install(folder)
    outsider.run("-m", "mypy", "--strict", "--cache-dir", os.devnull, "src", cwd=folder)
    outsider.run("-m", "ruff", "check", "--no-cache", ".", cwd=folder)
    outsider.run("-m", "ruff", "format", "--check", "--no-cache", ".", cwd=folder)


def test_the_group_of_rules():
    """Rules are declared in the group in which they are looked for."""
    assert _RULES_GROUP == RULES


def test_nothing_is_written_over(tmp_path):
    """A folder that holds something is refused, and stays as it is."""
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(ConfigError, match="already"):
        new_plugin("demo", folder=tmp_path, version="0.1.0")

    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_name_with_the_prefix_is_the_same_plugin(tmp_path):
    """The name of the distribution may be given in place of that of the connector."""
    new_plugin("territoire-sante-demo", folder=tmp_path / "a", version="1.2.3")
    text = (tmp_path / "a" / "pyproject.toml").read_text(encoding="utf-8")

    assert 'name = "territoire-sante-demo"' in text
    assert '"territoire-sante>=1.2,<2"' in text

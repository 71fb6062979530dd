# SPDX-License-Identifier: Apache-2.0
"""What a sync loads where nothing changed: its start is most of what such a run takes."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest

from territoire_sante import Store
from territoire_sante.model import Event, Visibility
from territoire_sante.testing.radicale import RadicaleServer

CONFIGURATION = """
[store]
url = "sqlite:///territoire.db"
[[link]]
name = "agenda"
connector = "caldav"
view = "event"
[link.config]
url = "{url}"
username = "territoire"
password = "made-up"
"""

SYNC = """
import sys
from territoire_sante.__main__ import main
sys.argv = ["territoire-sante", "--lang", "en", "sync"]
code = main()
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""

#: The modules of these packages that such a run may load.
NEEDED = {
    "cli": {"_announcements", "_app", "_command", "_session", "_sync"},
    "formats": {"_document", "_ical_event", "icalendar"},
    "model": {
        "_checks", "_door", "_entity", "_event", "_labels", "_limits", "_opposition", "_values",
    },
    "projections": {"_common", "_contract", "_events"},
    "serialization": {"_kinds"},
    "workspace": {"_opened", "_settings", "_workspace"},
}  # fmt: skip
OTHERS = {"_lazy", "errors", "http", "plugins", "store", "sync"}
HEAVY = {"dateutil", "icalendar", "rich", "sqlalchemy", "vobject"}


@pytest.fixture(name="folder")
def _folder(tmp_path):
    with RadicaleServer(str(tmp_path / "server")) as server:
        folder = tmp_path / "here"
        folder.mkdir()
        text = CONFIGURATION.format(url=server.create_calendar("agenda"))
        (folder / "territoire.toml").write_text(text, encoding="utf-8")
        with Store.open(f"sqlite:///{folder / 'territoire.db'}") as store:
            store.put(
                Event(
                    id="event:1",
                    summary="Permanence",
                    start=dt.datetime(2026, 11, 22, 18, tzinfo=dt.UTC),
                    visibility=Visibility.PUBLIC,
                )
            )
        yield folder


def sync(folder):
    """Sync in a process of its own; return what it said, and the modules that it loaded."""
    ran = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", SYNC], cwd=folder, capture_output=True, text=True, check=True
    )
    return ran.stdout, set(ran.stderr.split())


def test_a_quiet_sync_loads_only_what_it_meets(folder):
    """No entity, no document and no table is met, so nothing that handles them is loaded."""
    sync(folder)
    sync(folder)
    said, loaded = sync(folder)
    parts = [name.split(".") for name in loaded if name.startswith("territoire_sante.")]
    found = {package: set() for package in NEEDED}
    for _, package, *module in parts:
        # Messages are texts alone, and told in all modules.
        told = {name for name in module if not name.endswith("_messages")}
        found.setdefault(package, set()).update(told)

    assert "nothing to do; unchanged: 1" in said
    assert loaded & HEAVY == set()
    assert found.keys() - {"__main__"} == {*NEEDED, *OTHERS}
    assert {package: found[package] - modules for package, modules in NEEDED.items()} == {
        package: set() for package in NEEDED
    }

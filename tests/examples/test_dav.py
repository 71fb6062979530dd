# SPDX-License-Identifier: Apache-2.0
"""The examples for CalDAV and CardDAV, run as a reader would, against a Radicale of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from territoire_sante.testing.radicale import RadicaleServer

EXAMPLES = Path(__file__).parents[2] / "examples"
PASSWORD = "made-up"


@pytest.fixture(scope="module")
def radicale(tmp_path_factory):
    """Run a Radicale that asks for a password."""
    folder = tmp_path_factory.mktemp("radicale")
    with RadicaleServer(folder, password=PASSWORD) as server:
        # Radicale makes the account's home at its first login.
        home = f"{server.url}{server.username}/"
        requests.request("PROPFIND", home, auth=(server.username, PASSWORD), timeout=10)
        yield server


@pytest.fixture
def run(radicale, tmp_path):
    """Return a function that runs an example on a collection in a folder of its own."""

    def run(script, prefix, *options):
        done = subprocess.run(  # noqa: S603 - our own script
            [sys.executable, str(EXAMPLES / script), *options],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONIOENCODING": "utf-8",
                f"{prefix}_USERNAME": radicale.username,
                f"{prefix}_PASSWORD": PASSWORD,
            },
            capture_output=True,
            check=False,
            encoding="utf-8",
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert PASSWORD not in done.stdout + done.stderr
        return done.stdout

    return run


def edit(radicale, url, old, new):
    """Change a text in the one item of a collection that has it, as somebody else would."""
    login = (radicale.username, PASSWORD)
    listing = requests.request("PROPFIND", url, auth=login, headers={"Depth": "1"}, timeout=10)
    names = [part.split("<")[0] for part in listing.text.split("<href>")[1:]]
    items = [
        f"{radicale.url}{name.lstrip('/')}" for name in names if name.endswith((".ics", ".vcf"))
    ]
    for item in items:
        answer = requests.get(item, auth=login, timeout=10)
        text = answer.content.decode()
        if old in text:
            changed = text.replace(old, new).encode()
            kind = {"Content-Type": answer.headers["Content-Type"]}
            assert requests.put(item, data=changed, auth=login, headers=kind, timeout=10).ok
            return
    pytest.fail(f"{old} is in none of {items}")


def test_caldav_calendar(run, radicale):
    """The calendar is made and filled, stays quiet, and brings the edit of somebody else here."""
    url = f"{radicale.url}{radicale.username}/agenda/"
    planned = run("caldav_calendar.py", "CALDAV", url, "--create", "--dry-run")
    first = run("caldav_calendar.py", "CALDAV", url, "--create")
    second = run("caldav_calendar.py", "CALDAV", url)
    edit(radicale, url, "Salle du Méridien", "Foyer rural")
    third = run("caldav_calendar.py", "CALDAV", url)

    assert "Réunion d'équipe" in planned
    assert "Written" not in planned
    assert "Written there: 2; written here: 0." in first
    assert "Written there: 0; written here: 0." in second
    assert "Written there: 0; written here: 1." in third
    assert "Réunion d'équipe (exemple)  Foyer rural" in third


def test_carddav_address_book(run, radicale):
    """The address book is made and filled, stays quiet, and a corrected number comes here."""
    url = f"{radicale.url}{radicale.username}/annuaire/"
    first = run("carddav_address_book.py", "CARDDAV", url, "--create")
    second = run("carddav_address_book.py", "CARDDAV", url)
    edit(radicale, url, "04 65 71 00 01", "04 65 71 00 02")
    third = run("carddav_address_book.py", "CARDDAV", url)

    assert "Odette Fictive 04 65 71 00 01" in first
    assert "Written there: 0; written here: 0." in second
    assert "Written there: 0; written here: 1." in third
    assert "Odette Fictive 04 65 71 00 02" in third


@pytest.mark.parametrize("script", ["caldav_calendar.py", "carddav_address_book.py"])
def test_examples_are_short(script):
    """An example can be read at one go."""
    assert len((EXAMPLES / script).read_text(encoding="utf-8").splitlines()) <= 80

# SPDX-License-Identifier: Apache-2.0
"""The demonstration, as `make demo` runs it: the whole story once, then nothing to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from territoire_sante.formats import Document, icalendar, vcard
from territoire_sante.model import Event
from territoire_sante.store import Store

DEMO = Path(__file__).parents[2] / "examples" / "demo.py"


def run(folder, language):
    """Run the demonstration in a process of its own and return what it printed."""
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(DEMO), "--output", str(folder), "--lang", language],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        text=True,
        encoding="utf-8",
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Let the story be told twice, and return the folder and both texts."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, run(folder, "en"), run(folder, "fr")


def test_both_edits_survive(told):
    """The title changed here and the place changed there meet in one event, on this side too."""
    folder, first, _ = told
    with Store.open(f"sqlite:///{folder / 'territoire.db'}") as store:
        meeting = store.get(Event, "event:soiree-msp-elus")

    assert meeting.summary == "Soirée MSP–élus : qui fait quoi ?"
    assert meeting.location == "Foyer rural, La Canourgue"
    assert f"Merged: {meeting.summary} — {meeting.location}" in first


def test_long_title_is_refused_with_a_proposal(told):
    """A title of 60 characters is not cut for a channel of 50; a person takes the proposal."""
    _, first, _ = told
    proposal = next(line for line in first.splitlines() if line.startswith("Proposal: "))

    assert "Refused, never cut" in first
    assert 0 < len(proposal.removeprefix("Proposal: ")) <= 50


def test_second_run_changes_nothing(told):
    """Run again, the demonstration finds nothing to do and says that the servers are unchanged."""
    _, first, second = told

    assert "Nothing to do: everything is up to date." in first
    assert "Rien à faire : tout est à jour." in second
    assert "Les serveurs sont inchangés" in second


def test_files_are_written(told):
    """The calendar, the address book and the feed are files that can be read back."""
    folder, _, _ = told
    events = icalendar.split((folder / "agenda-public.ics").read_bytes())
    cards = vcard.split((folder / "annuaire.vcf").read_bytes())
    feed = (folder / "annonces.atom").read_text(encoding="utf-8")

    assert [icalendar.EVENT.get(event).summary for event in events] == ["Journée de prévention"]
    assert len(cards) > 10
    assert "<entry" in feed
    assert isinstance(events[0], Document)


def test_no_secret_is_printed_or_stored(told):
    """The passwords of the demonstration stand in no output and no file but the servers' own."""
    folder, first, second = told
    ours = b"".join(p.read_bytes() for p in folder.glob("*.*") if p.is_file())

    assert b"demonstration" not in ours.replace(b"jeton-de-demonstration", b"")
    assert "jeton-de" not in first + second

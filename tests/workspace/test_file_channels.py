# SPDX-License-Identifier: Apache-2.0
"""One notice on the channels that are folders: panel, cap and copy, through a whole life."""

from __future__ import annotations

import json

import attrs
import pytest

from territoire_sante.formats import Document, cap
from territoire_sante.model import Announcement, AnnouncementState, Severity
from territoire_sante.workspace import Workspace

LINKS = {
    "panneau": 'connector = "panel"\n[link.config]\nsize = "8x16"\npages = 2\n',
    "alertes": 'connector = "cap"\n[link.config]\nsender = "msp.example.org"\n',
    "console": 'connector = "copy"\n[link.config]\nshape = "panneaupocket"\n',
}
NOTICE = Announcement(
    id="announcement:canicule",
    title="Canicule",
    body="Salle fraîche de 9 h à 20 h, sans rendez-vous.",
    severity=Severity.ALERT,
    audience=("48095",),
    state=AnnouncementState.PUBLISHED,
)


@pytest.fixture
def workspace(tmp_path):
    """Open a territory with three links, each to a folder of its name."""
    text = '[store]\nurl = "sqlite:///territoire.db"\n'
    for name, rest in LINKS.items():
        head = f'[[link]]\nname = "{name}"\nview = "announcement"\ndirection = "push"\n'
        text += f'{head}{rest}path = "{name}"\ncreate = true\n'
    (tmp_path / "territoire.toml").write_text(text, encoding="utf-8")
    with Workspace.open(tmp_path / "territoire.toml") as workspace:
        yield workspace


def contents(folder):
    """Return what is in the three folders, by folder and ending."""
    return {
        name: {path.name.partition(".")[2]: path.read_bytes() for path in (folder / name).iterdir()}
        for name in LINKS
        if (folder / name).is_dir()
    }


def message(data):
    """Return the identity of an alert."""
    return cap.header(Document(data, "application/cap+xml"))


def test_a_notice_from_publication_to_withdrawal(workspace, tmp_path):
    """Published once, corrected everywhere, withdrawn where a program can, else handed over."""
    workspace.store.put(NOTICE)
    workspace.sync()
    first = contents(tmp_path)
    (alert,) = first["alertes"].values()
    assert set(first["console"]) == {"txt"}
    assert b"SALLE" in b"".join(first["panneau"].values()).upper()
    assert message(alert).msg_type == "Alert"

    workspace.sync()
    assert contents(tmp_path) == first

    workspace.store.put(attrs.evolve(NOTICE, body="Salle fraîche de 9 h à 22 h."))
    workspace.sync()
    second = contents(tmp_path)
    (update,) = second["alertes"].values()
    assert message(update).references == (message(alert).reference,)
    assert json.loads(second["panneau"]["json"])["pages"][0][2] == "de 9 h à 22 h.  "
    assert b"22 h" in second["console"]["txt"]

    workspace.store.put(NOTICE.withdraw())
    workspace.sync()
    third = contents(tmp_path)
    (cancel,) = third["alertes"].values()
    assert message(cancel).msg_type == "Cancel"
    assert third["panneau"] == {}
    assert set(third["console"]) == {"a-retirer.txt"}


def test_what_has_no_room_goes_to_the_others(workspace, tmp_path):
    """A text that the panel refuses is on the other channels, and on the panel not in part."""
    workspace.store.put(attrs.evolve(NOTICE, body="anticonstitutionnellement " * 20))
    for dry_run in (True, False):
        (panel,) = (run for run in workspace.each(["panneau"], dry_run=dry_run))
        told = str(panel)
        assert "fait 25 signes et ne se coupe pas" in told
    workspace.sync()
    there = contents(tmp_path)

    assert there["panneau"] == {}
    assert len(there["alertes"]) == len(there["console"]) == 1

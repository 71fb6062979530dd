# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from territoire_sante.errors import AnnouncementRefusedError
from territoire_sante.model import Announcement, Attachment, Severity
from territoire_sante_panneaupocket import copy_block

FULL = Announcement(
    id="announcement:1",
    title="Eau coupée",
    body="Demain matin\nBuvez de l'eau en bouteille",
    severity=Severity.ALERT,
    publish_from=dt.datetime(2026, 11, 13, 23, 30, tzinfo=dt.UTC),
    publish_until=dt.datetime(2026, 11, 16, 0, 0, tzinfo=ZoneInfo("Europe/Paris")),
    attachments=(
        Attachment(url="https://example.org/plan.pdf", alt="Plan des rues"),
        Attachment(url="https://example.org/a.png"),
    ),
)


def test_the_block_holds_all_that_is_to_be_typed():
    """Button, title, text, days of Paris and a list of files to tick off stand in the block."""
    assert copy_block(FULL).splitlines() == [
        "PANNEAUPOCKET : PANNEAU À SAISIR DANS LA CONSOLE",
        "",
        "Bouton : Créer une alerte",
        "Titre (10 caractères sur 50) :",
        "Eau coupée",
        "",
        "Texte :",
        "Demain matin",
        "Buvez de l'eau en bouteille",
        "",
        "Début de publication : 14/11/2026",
        "Fin de publication : 15/11/2026",
        "Documents : à joindre un par un",
        "[ ] https://example.org/plan.pdf (Plan des rues)",
        "[ ] https://example.org/a.png",
    ]


def test_the_short_title_stands_in_for_a_long_one():
    """What a person wrote for small channels is used; else it is refused, never cut."""
    long = Announcement(id="announcement:1", title="Dépistage " * 8, body="Samedi")
    short = Announcement(
        id="announcement:1", title="Dépistage " * 8, title_short="Dépistage", body="Samedi"
    )

    assert "\nDépistage\n" in copy_block(short)
    with pytest.raises(AnnouncementRefusedError) as caught:
        copy_block(long)
    assert caught.value.reasons

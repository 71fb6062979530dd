# SPDX-License-Identifier: Apache-2.0
"""preview: what a panel will show, in text and in pictures, or why it can't."""

from __future__ import annotations

import json
import struct
import subprocess
import sys

import pytest

NOTICE = {
    "entity": "announcement",
    "id": "announcement:garde",
    "title": "Médecin de garde",
    "body": "« Dr Martin » : 04 66 00 00 00",
}
LONG = {**NOTICE, "id": "announcement:long", "body": "Le docteur Saint-Hilaire vient 💉"}


@pytest.fixture
def filled(run, territory):
    """Import two announcements and return the territory's folder."""
    (territory / "in.json").write_text(json.dumps([NOTICE, LONG]), encoding="utf-8")
    assert run("import", "in.json").code == 0
    return territory


def test_a_page_is_shown_in_its_frame(run, filled):
    """The rows stand in a frame as wide as the panel, and what was changed is told."""
    ran = run("preview", "garde", "--panel", "4x16", "--charset", "ascii", language="fr")

    assert ran.code == 0
    assert ran.out.splitlines() == [
        "Page 1 sur 1",
        "+----------------+",
        "|Medecin de garde|",
        '|"Dr Martin" :   |',
        "|04 66 00 00 00  |",
        "|                |",
        "+----------------+",
        'Écrits autrement, faute de ces signes sur le panneau : é → e, « → ", » → "',
    ]


def test_pictures_are_written(run, filled):
    """``--png`` writes a PNG for each page, named after the announcement."""
    ran = run("preview", "announcement:garde", "--panel", "2x16", "--pages", "2", "--png", "out")
    pictures = sorted((filled / "out").iterdir())

    assert ran.code == 0
    assert [path.name for path in pictures] == ["garde-1.png", "garde-2.png"]
    for path in pictures:
        data = path.read_bytes()
        assert data.startswith(b"\x89PNG")
        assert struct.unpack(">II", data[16:24]) == (28 + 16 * 18, 28 + 2 * 28)
        assert f"Picture written: {path.relative_to(filled)}" in ran.out


def test_what_does_not_fit_is_explained(run, filled):
    """The reasons and the proposals are told, the exit code says that somebody has to look."""
    ran = run("preview", "long", "--png", "out", language="fr")

    assert ran.code == 1
    assert ran.out.splitlines() == [
        "Ne tient pas sur un panneau 8x16 :",
        "  - Le texte a des signes que le panneau ne peut pas montrer : 💉.",
        (
            "  - « docteur Saint-Hilaire » fait 21 signes et ne se coupe pas ; "
            "une ligne du panneau en a 16."
        ),
        "Propositions :",
        (
            "  - Sans les signes qui manquent, avec des abréviations : "
            "« Médecin de garde / Le Dr St-Hilaire vient »"
        ),
    ]
    assert not (filled / "out").exists()


def test_a_script_gets_it_all(run, filled):
    """``--json`` holds pages, changes, reasons and proposals."""
    shown = run("preview", "garde", "--panel", "3x16", "--json").json
    refused = run("preview", "long", "--json").json

    assert shown["fits"]
    assert shown["pages"] == [["Médecin de garde", "« Dr Martin » : ", "04 66 00 00 00  "]]
    assert (refused["fits"], refused["pages"], len(refused["reasons"])) == (False, [], 2)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nobody",), "no announcement of this name"),
        (("garde", "--panel", "wide"), "not the size of a panel"),
        (("garde", "--png", "territoire.toml/x"), "territoire.toml"),
    ],
)
def test_mistakes_are_named(run, filled, arguments, told):
    """An unknown announcement, panel or folder ends with code 2 and says what to do."""
    ran = run("preview", *arguments)

    assert ran.code == 2
    assert told in ran.err


def test_the_text_needs_no_pillow(filled):
    """Without Pillow the text is shown, and pictures are refused with what to install."""
    code = (
        "import sys; sys.modules['PIL'] = None\n"
        "from territoire_sante.cli import main\n"
        "print(main(['--lang', 'fr', 'preview', 'garde', *sys.argv[1:]]))"
    )

    def ran(*arguments):
        return subprocess.run(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-X", "utf8", "-c", code, *arguments],
            cwd=filled,
            capture_output=True,
            encoding="utf-8",
            check=True,
        )

    assert ran().stdout.endswith("+\n0\n")
    pictures = ran("--png", "out")
    assert pictures.stdout == "2\n"
    assert "territoire-sante[preview]" in pictures.stderr

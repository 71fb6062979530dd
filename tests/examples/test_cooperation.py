# SPDX-License-Identifier: Apache-2.0
"""The scripts that answer questions of cooperation do so on the example territory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(script, *arguments):
    """Run an example and return what it printed."""
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-X", "utf8", str(EXAMPLES / script), *arguments],
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_who_lends_a_tent():
    """The tents of the neighbour are found, with the address to write to and the last day."""
    told = run("who_lends_a_tent.py")

    assert told.startswith("Barnums 3 m × 3 m — Commune de La Canourgue\n")
    assert "evenements@exemple-canourgue.example.org (par courriel). Au plus tard le 21 mai" in told
    assert "Couvre la commune. Où : dans l'intercommunalité." in told


def test_a_tent_asked_for_too_late():
    """For a use in a few days, it says that it is too late."""
    assert "Trop tard : il fallait demander" in run("who_lends_a_tent.py", "48034", "2026-11-25")


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        ((), "Léa Spécimen, Coordinatrice du CLS (Pays imaginaire) : Au 04 65 71 20 02"),
        (("48034", "social"), "Samia Imaginaire, Directrice (CCAS de La Canourgue"),
        (("48034", "tension"), "Claire Fictive, Vice-présidente (CC Aubrac Lot Causses Tarn)"),
        (("48095",), "Dispositif d'appui à la coordination (exemple) : 04 65 71 40 00"),
    ],
    ids=["any", "social", "tension", "elsewhere"],
)
def test_who_is_the_liaison(arguments, first):
    """The relay comes first, then each step, then what is missing and who can help."""
    told = run("who_is_the_liaison.py", *arguments).splitlines()

    assert told[0].startswith(first)
    assert len([line for line in told if line.startswith("- ")]) == 6
    assert all("Qui peut le faire" in line for line in told[7:])


def test_which_conventions_end_this_year():
    """A year lists what ends or is renewed and by when to say no; another year lists nothing."""
    assert run("which_conventions_end_this_year.py").splitlines() == [
        "31 mai 2027 : Dernier jour du préavis. Prêt de la salle des consultations avancées.",
        "31 août 2027 : Tacite reconduction. Prêt de la salle des consultations avancées.",
        "31 octobre 2027 : À reconduire, sinon fin. Studio pour internes.",
    ]
    assert run("which_conventions_end_this_year.py", "2035").startswith("Aucune")


QUESTIONS = (
    "who_lends_a_tent.py",
    "which_conventions_end_this_year.py",
    "who_is_the_liaison.py",
    "what_should_this_team_do_next.py",
)


@pytest.mark.parametrize("script", QUESTIONS)
def test_examples_answer_on_a_page(script):
    """Each of the four questions is answered by one script of eighty lines at most, which runs."""
    assert run(script).strip()
    assert len((EXAMPLES / script).read_text(encoding="utf-8").splitlines()) <= 80

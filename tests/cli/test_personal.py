# SPDX-License-Identifier: Apache-2.0
"""The commands about handing out, duplicates and persons, on the example territory."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import attrs
import pytest

from territoire_sante import Workspace
from territoire_sante.cli._data import FORMATS
from territoire_sante.exports import EXPORTERS
from territoire_sante.model import Appointment, Person
from territoire_sante.privacy import oppose
from territoire_sante.serialization import read_entities

DATA = Path(__file__).parents[2] / "examples" / "data"
TWIN = "person:double"
MAYOR = "person:exemple"
KEY = '[privacy]\nopposition_key = "une clé de trente-deux signes au moins"\n'


@pytest.fixture
def example(territory):
    """Store the example territory, and its mayor a second time under another id."""
    with Workspace.open() as workspace:
        for name in ("territory.json", "cooperation.jsonl"):
            workspace.store.put(*read_entities(DATA / name))
        mayor = workspace.store.get(Person, MAYOR)
        workspace.store.put(attrs.evolve(mayor, id=TWIN))
    return territory


def test_the_formats_are_those_of_the_library():
    """The choices of --format are those that the library knows."""
    assert tuple(EXPORTERS) == FORMATS


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_is_written(run, example, form):
    """Each format is written at once, and what it leaves out is told."""
    told = run("export", "out.bin", "--format", form)
    plain = run("export", "out.bin", "--format", form, "--json")

    assert (told.code, plain.code) == (0, 0)
    assert "Written for public: " in told.out
    assert plain.json["audience"] == "public"
    assert Path("out.bin").stat().st_mode & 0o077 == 0
    assert [path.name for path in example.glob(".*.tmp")] == []


def test_an_audience_sees_what_it_may(run, example):
    """What is written for partners holds more than what is written for the public."""
    run("export", "public.json", "--format", "json")
    run("export", "partners.json", "--format", "json", "--audience", "partners")
    counts = [
        len(json.loads(Path(name).read_text(encoding="utf-8"))["entities"])
        for name in ("public.json", "partners.json")
    ]

    assert 0 < counts[0] < counts[1]


def test_wrong_exports_are_refused(run, example):
    """A folder that is not there, and kinds beside a format, are refused with code 2."""
    nowhere = run("export", "none/out.json", "--format", "json")
    both = run("export", "out.json", "--format", "json", "--kind", "event")

    assert (nowhere.code, both.code) == (2, 2)
    assert "none/out.json" in nowhere.err


def test_without_the_key_of_the_list_nothing_goes_out(run, example):
    """Where persons objected, an export without the key of the list is refused, and says so."""
    with Workspace.open() as workspace:
        oppose(workspace.store, MAYOR, today=dt.date(2026, 11, 20), key=b"x" * 32)
    ran = run("export", "out.json", "--format", "json")

    assert (ran.code, Path("out.json").exists()) == (2, False)
    assert "opposition_key" in ran.err


def test_duplicates_are_found_merged_and_undone(run, example):
    """A pair is shown with reasons, merged with what it changes, and brought apart again."""
    found = run("duplicates", "--kind", "person")
    dry = run("duplicates", "merge", MAYOR, TWIN, "--dry-run", "--json")
    merged = run("duplicates", "merge", MAYOR, TWIN, "--take", "visibility", "--json")
    with Workspace.open() as workspace:
        assert workspace.store.find(Person, TWIN) is None
    undone = run("duplicates", "undo", merged.json["merge"])

    assert (found.code, dry.code, merged.code, undone.code) == (1, 0, 0, 0)
    assert TWIN in found.out
    assert dry.json["merge"] is None
    with Workspace.open() as workspace:
        assert workspace.store.get(Person, TWIN).id == TWIN


def test_a_merge_is_told(run, example):
    """Which values stay, who names the other, and the id to undo it by are told."""
    told = run("duplicates", "merge", TWIN, MAYOR, "--reason", "même personne", language="fr")

    assert "Fiches qui nommeront l'autre : " in told.out
    assert "Fusion faite : merge:" in told.out


def test_a_field_that_there_is_not_is_refused(run, example):
    """A field to be taken that there is not is named."""
    ran = run("duplicates", "merge", MAYOR, TWIN, "--take", "nom")

    assert ran.code == 2
    assert "nom" in ran.err


def test_two_that_are_two_are_not_shown_again(run, example):
    """A pair that somebody called two is left out, and counted."""
    assert run("duplicates", "distinct", MAYOR, TWIN, "--reason", "père et fils").code == 0
    again = run("duplicates", "--kind", "person", "--json")

    assert (again.code, again.json["refused"]) == (0, 1)


def test_access(run, example):
    """What is known of a person is written into a folder, for people and for programs."""
    ran = run("privacy", "access", MAYOR, "answer", "--json")

    assert ran.code == 0
    assert "Odile" in Path("answer/donnees.fr.md").read_text(encoding="utf-8")
    assert len(ran.json["written"]) == 3


@pytest.mark.parametrize("verb", ["object", "erase"])
def test_what_cannot_be_undone_is_meant(run, example, verb):
    """Objection and erasure need --yes; without it nothing is changed."""
    ran = run("privacy", verb, MAYOR)

    assert ran.code == 2
    assert "--yes" in ran.err
    with Workspace.open() as workspace:
        assert workspace.store.get(Person, MAYOR).display_name


@pytest.mark.parametrize(("key", "code"), [("", 1), (KEY, 0)], ids=["without key", "with key"])
def test_an_objection(run, example, configure, key, code):
    """An objection is noted; without the key of the list, it says what is not recognised."""
    configure(key)
    ran = run("privacy", "object", MAYOR, "--yes")

    assert ran.code == code
    assert ("Without a key" in ran.out) is (not key)
    with Workspace.open() as workspace:
        assert workspace.store.get(Person, MAYOR).contact_points == ()


def test_an_erasure(run, example, configure):
    """A person is erased; what stays and why, and what is to be looked at, is told."""
    configure(KEY)
    ran = run("privacy", "erase", MAYOR, "--yes", language="fr")

    assert ran.out.startswith("Effacé ; fiches changées : ")
    assert "appointment:maire-48034" in ran.out
    with Workspace.open() as workspace:
        assert workspace.store.get(Appointment, "appointment:maire-48034").person_id == ""


def test_retention(run, example):
    """What is due is listed with code 1, anonymised when asked for, and then nothing is due."""
    with Workspace.open() as workspace:
        post = workspace.store.get(Appointment, "appointment:ancien-maire-48039")
        period = attrs.evolve(post.period, end=post.period.start)
        workspace.store.put(attrs.evolve(post, period=period))
    due = run("privacy", "retention")
    done = run("privacy", "retention", "--apply", "--json")

    assert (due.code, done.code) == (1, 0)
    assert "appointment:ancien-maire-48039" in due.out
    assert done.json["done"]["changed"]
    assert run("privacy", "retention").code == 0

# SPDX-License-Identifier: Apache-2.0
"""init, import, export and find: what is stored, seen from the command line."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from territoire_sante.cli._messages import LANGUAGES
from territoire_sante.plugins import Catalog, structure_config
from territoire_sante.workspace import Workspace

EVENT = {"entity": "event", "id": "event:1", "summary": "Réunion de la MSP", "start": "2026-03-29"}
LEVER = {"entity": "lever", "id": "lever:barnum", "title": "Prêt du barnum", "type": "tent"}


@pytest.fixture
def filled(run, territory):
    """Import two entities and return the territory's folder."""
    (territory / "in.json").write_text(json.dumps([EVENT, LEVER]), encoding="utf-8")
    assert run("import", "in.json").code == 0
    return territory


@pytest.mark.parametrize("language", LANGUAGES)
def test_init_writes_a_good_configuration(run, territory, language):
    """The file that init writes can be opened as it is, in both languages."""
    ran = run("--file", "new.toml", "init", language=language)

    assert ran.code == 0
    assert "new.toml" in ran.out
    with Workspace.open(territory / "new.toml") as workspace:
        assert workspace.links == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_examples_of_init_are_right(run, territory, monkeypatch, language):
    """Each commented example, its "# " taken away, names an installed connector and fits it."""
    run("--file", "new.toml", "init", language=language)
    text = (territory / "new.toml").read_text(encoding="utf-8")
    head, *examples = text.split("# [[link]]")
    lines = [line.removeprefix("# ") for line in ("# [[link]]".join(["", *examples])).splitlines()]
    (territory / "all.toml").write_text(head + "\n".join(lines), encoding="utf-8")
    for name in re.findall(r'"\$env" = "(\w+)"', text):
        monkeypatch.setenv(name, "made-up")
    catalog = Catalog.installed()

    with Workspace.open(territory / "all.toml") as workspace:
        links = workspace.links

    assert {link.connector for link in links} == set(catalog.names())
    for link in links:
        spec = catalog.get(link.connector)
        assert spec.view.__name__.lower() == link.view
        structure_config(spec, link.config, base=territory)


def test_init_overwrites_nothing(run, territory):
    """A file that is there stays as it is, and the exit code says so."""
    before = (territory / "territoire.toml").read_bytes()

    ran = run("init")

    assert ran.code == 2
    assert "there already" in ran.err
    assert (territory / "territoire.toml").read_bytes() == before


def test_import_counts(run, territory):
    """New entities are stored, the same ones again are unchanged."""
    (territory / "in.json").write_text(json.dumps([EVENT, LEVER]), encoding="utf-8")

    first = run("import", "in.json", "--json").json
    second = run("import", "in.json", "--json").json

    assert (first["stored"], first["unchanged"], first["problems"]) == (2, 0, [])
    assert (second["stored"], second["unchanged"]) == (0, 2)


def test_import_goes_on_after_a_bad_one(run, territory):
    """A bad entity and a missing file are named; the others are stored; the exit code is 3."""
    bad = {"entity": "event", "id": "event:2", "sumary": "x"}
    (territory / "in.jsonl").write_text(
        "\n".join(json.dumps(plain) for plain in (EVENT, bad, LEVER)), encoding="utf-8"
    )

    ran = run("import", "in.jsonl", "nowhere.json", "--json")

    assert ran.code == 3
    assert ran.json["stored"] == 2
    assert [problem["path"] for problem in ran.json["problems"]] == [
        "in.jsonl: line 2: $.sumary",
        "nowhere.json",
    ]


@pytest.mark.parametrize("name", ["out.json", "out.jsonl"])
def test_export_can_be_imported(run, filled, name):
    """What was exported and imported elsewhere exports the same bytes again."""
    assert run("export", name).code == 0
    first = (filled / name).read_bytes()
    (filled / "other.toml").write_text('[store]\nurl = "sqlite:///other.db"\n')

    assert run("-f", "other.toml", "import", name).code == 0
    assert run("-f", "other.toml", "export", name).code == 0
    assert (filled / name).read_bytes() == first


def test_export_of_one_kind(run, filled):
    """With --kind only those entities are written."""
    ran = run("export", "out.jsonl", "--kind", "lever", "--json")

    assert ran.json["written"] == 1
    assert "barnum" in (filled / "out.jsonl").read_text(encoding="utf-8")


def test_export_refuses_an_unknown_suffix(run, filled):
    """A suffix that names no format writes nothing and says which ones do."""
    ran = run("export", "out.xml")

    assert ran.code == 2
    assert ".jsonl" in ran.err
    assert not (filled / "out.xml").exists()


def test_find_folds_accents(run, filled):
    """A search finds what is written with other accents and capitals."""
    del filled
    ran = run("find", "reunion", "--json")

    assert [hit["entity"]["id"] for hit in ran.json["hits"]] == ["event:1"]
    assert "Réunion de la MSP" in run("find", "REUNION").out


@pytest.mark.parametrize(
    ("language", "kind"), [("fr", "Levier"), ("en", "Lever")], ids=["fr", "en"]
)
def test_find_names_kinds(run, filled, language, kind):
    """The table names kinds in the language chosen."""
    del filled
    assert kind in run("find", "barnum", language=language).out


def test_find_nothing(run, filled):
    """Nothing found is said, and is no error."""
    del filled
    ran = run("find", "zzz")

    assert ran.code == 0
    assert "zzz" in ran.out


def test_a_wrong_configuration_is_told_whole(run, configure):
    """Each problem stands on a line of its own, on the error stream, with exit code 2."""
    configure('[[link]]\nname = "a"\nconnector = "ics"\nview = "evnt"\ncolour = "blue"\n')

    ran = run("find", "x")

    assert ran.code == 2
    assert ran.out == ""
    assert "[[link]] 1 (a): view" in ran.err
    assert "[[link]] 1 (a): colour" in ran.err


def test_errors_are_json_too(run, territory):
    """With --json an error is one JSON document on the error stream."""
    (territory / "territoire.toml").unlink()

    ran = run("find", "x", "--json")
    error = json.loads(ran.err)

    assert ran.code == 2
    assert error["error"] == "ConfigError"
    assert "territoire-sante init" in error["remedy"]


def test_the_starters_say_the_same(run, territory):
    """The French and the English starter hold the same keys."""
    keys = []
    for language in LANGUAGES:
        run("--file", f"{language}.toml", "init", language=language)
        text = (territory / f"{language}.toml").read_text(encoding="utf-8")
        tomllib.loads(text)
        lines = [line.removeprefix("# ") for line in text.splitlines()]
        keys.append([line.split(" =")[0] for line in lines if " = " in line])

    assert keys[0] == keys[1]

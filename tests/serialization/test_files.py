# SPDX-License-Identifier: Apache-2.0
"""Files of entities: every form is read, bad rows do not stop good ones, memory stays flat."""

from __future__ import annotations

import io
import json
import stat
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante.errors import InputError, InvalidValueError, Problem
from territoire_sante.model import Announcement, Entity, Severity
from territoire_sante.serialization import (
    dump_entities,
    read_entities,
    to_plain,
    write_entities,
)
from territoire_sante.testing.strategies import entities

ONE = Announcement(id="announcement:1", title="Barnum prêté")
TWO = Announcement(id="announcement:2", title="Bus des aînés")


def plain(number: int, **fields: object) -> dict[str, object]:
    """Return the plain data of an announcement."""
    return {"entity": "announcement", "id": f"announcement:{number}", **fields}


def texts(found: Iterator[Entity | Problem]) -> list[str]:
    """Return what was read as texts: ids, and problems."""
    return [one.id if isinstance(one, Entity) else str(one) for one in found]


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(some=st.lists(entities(), max_size=4), lines=st.booleans())
def test_what_is_written_is_read_back(tmp_path: Path, some: list[Entity], *, lines: bool) -> None:
    """Entities come back from both kinds of files, in their order."""
    path = tmp_path / ("all.jsonl" if lines else "all.json")

    assert write_entities(some, path, lines=lines) == len(some)
    assert list(read_entities(path)) == some


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([to_plain(ONE), to_plain(TWO)]),
        json.dumps([to_plain(ONE), to_plain(TWO)], indent=4),
        json.dumps({"schema": 1, "entities": [to_plain(ONE), to_plain(TWO)]}),
        json.dumps({"entities": [to_plain(ONE), to_plain(TWO)], "schema": 1}, indent=1),
        "\ufeff" + json.dumps(to_plain(ONE)) + "\r\n\r\n" + json.dumps(to_plain(TWO)),
        json.dumps(to_plain(ONE), indent=2) + "\n" + json.dumps(to_plain(TWO), indent=2),
    ],
    ids=["list", "indented list", "object", "indented object", "lines", "one after the other"],
)
@pytest.mark.parametrize("name", ["a.json", "a"])
def test_each_form_is_known_by_its_content(tmp_path: Path, name: str, content: str) -> None:
    """A list, an object, lines and objects one after the other are told apart without help."""
    path = tmp_path / name
    path.write_text(content, encoding="utf-8", newline="")

    assert list(read_entities(path)) == [ONE, TWO]


def test_bad_lines_are_told_and_good_ones_come(tmp_path: Path) -> None:
    """In JSON Lines every fault has its line and path, and no good row is lost."""
    path = tmp_path / "a.jsonl"
    rows = [
        json.dumps(plain(1)).encode(),
        b'{"entity": "announcement", "id": ',
        json.dumps(plain(2, titel="x", audience="48095")).encode(),
        '{"entity": "announcement", "id": "announcement:3", "title": "é"}'.encode("latin-1"),
        b'{"entity": "announcement", "id": "announcement:4", "title": "a", "title": "b"}',
        b"[" * 100_000,
        b"7",
        json.dumps(plain(5)).encode(),
    ]
    path.write_bytes(b"\n".join(rows))

    found = texts(read_entities(path))

    assert found[0] == "announcement:1"
    assert found[1].startswith("line 2: not JSON")
    assert found[2:4] == [
        "line 3: $.audience: expected a list, got text",
        "line 3: $.titel: unknown field, did you mean 'title'?",
    ]
    assert found[4].startswith("line 4: not UTF-8 (byte 6")
    assert found[5] == "line 5: $: the field 'title' is there twice"
    assert found[6] == "line 6: nested too deeply"
    assert found[7] == "line 7: $: expected an object, got a whole number"
    assert found[8] == "announcement:5"


def test_a_first_line_that_is_broken_does_not_hide_the_others(tmp_path: Path) -> None:
    """Lines are recognised even if the first is bad and the ending says nothing."""
    path = tmp_path / "export.txt"
    path.write_text('{"entity": "announcement" "id"}\n' + json.dumps(plain(2)))

    found = texts(read_entities(path))

    assert found[0].startswith("line 1: not JSON")
    assert found[1:] == ["announcement:2"]


def test_bad_elements_of_a_document_have_line_and_path(tmp_path: Path) -> None:
    """In a JSON document a fault names the line of its entity and the path from the root."""
    path = tmp_path / "a.json"
    path.write_text(
        json.dumps(
            {"schema": 1, "entites": 0, "entities": [plain(1), plain(2, langage="fr"), plain(3)]},
            indent=0,
        )
    )

    assert texts(read_entities(path)) == [
        "announcement:1",
        "line 9: $.entities[1].langage: unknown field, did you mean 'language'?",
        "announcement:3",
        "line 1: $.entites: unknown field, did you mean 'entities'?",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('[{"entity": 5', "line 1: not JSON: Expecting ',' delimiter"),
        ("[\n{},\n{]\n]", "line 3: not JSON: Expecting property name"),
        ('[\n{},\n"ab', "line 3: not JSON: Unterminated string"),
        ("[{} {}]", "line 1: not JSON: expected ',', found '{'"),
        ("[{},", "line 1: not JSON: Expecting value"),
        ('{"schema": 1,\n"schema": 2}', "line 2: not JSON: the field 'schema' is there twice"),
        ("{\n1: 2}", "line 2: not JSON: the name of a field is no text"),
        ('{"a"\n}', "line 2: not JSON: expected ':', found '}'"),
        ("[[[[" * 50_000, "line 1: nested too deeply"),
        ("bonjour", "line 1: not JSON: Expecting value"),
    ],
)
def test_a_broken_document_ends_with_its_place(tmp_path: Path, content: str, problem: str) -> None:
    """Text that is no JSON ends the reading with a problem that names the line."""
    path = tmp_path / "a.json"
    path.write_text(content)

    assert texts(read_entities(path))[-1].startswith(problem)


def test_bytes_that_are_no_text_end_a_document(tmp_path: Path) -> None:
    """A document that is not UTF-8 is told as such, after what could be read."""
    path = tmp_path / "a.json"
    path.write_bytes(b'[{"entity": "announcement", "id": "announcement:1", "title": "\xe9"}]')

    assert "not UTF-8" in texts(read_entities(path))[-1]


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    """No bytes, no entities, no problem."""
    path = tmp_path / "a.json"
    path.write_bytes(b"")

    assert list(read_entities(path)) == []


def test_a_file_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    """A missing file, and a folder in the place of one, are told with their path."""
    with pytest.raises(InputError, match=r"no\.json: cannot be read"):
        list(read_entities(tmp_path / "no.json"))
    with pytest.raises(InputError, match="cannot be read"):
        list(read_entities(tmp_path))
    with pytest.raises(InputError, match="cannot be written"):
        write_entities([], tmp_path / "no" / "a.json", lines=True)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """What was there stays whole when the entities fail half-way, and nothing is left over."""
    path = tmp_path / "a.jsonl"
    write_entities([ONE], path, lines=True)
    bad = Announcement(id="announcement:2", title="\ud83d")

    with pytest.raises(InvalidValueError, match="announcement:2"):
        write_entities([TWO, bad], path, lines=True)

    assert list(read_entities(path)) == [ONE]
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_is_private_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    """Contacts may be in it: nobody else reads a new file unless its owner said so before."""
    path = tmp_path / "a.jsonl"
    write_entities([ONE], path, lines=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    path.chmod(0o640)
    write_entities([TWO], path, lines=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("lines", [True, False], ids=["lines", "document"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, *, lines: bool) -> None:
    """Reading and writing 8 MB of entities takes less than 1 MB."""
    path = tmp_path / "a.json"
    body = "Le barnum est prêté aux associations. " * 40
    many = (Announcement(id=f"announcement:{n}", body=body) for n in range(5000))

    tracemalloc.start()
    try:
        write_entities(many, path, lines=lines)
        read = sum(isinstance(one, Entity) for one in read_entities(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert path.stat().st_size > 7_000_000
    assert read == 5000
    assert peak < 1_000_000


def test_a_fault_in_a_large_document_is_told_at_once(tmp_path: Path) -> None:
    """What is wrong at the beginning is told without reading all that follows."""
    path = tmp_path / "a.json"
    path.write_text("[\n{]," + "\n{}," * 3_000_000)

    tracemalloc.start()
    try:
        (problem,) = texts(read_entities(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert problem.startswith("line 2: not JSON")
    assert peak < 1_000_000


def test_a_line_without_end_is_passed_over(tmp_path: Path) -> None:
    """A line beyond the limit is one problem, and the next line is read."""
    path = tmp_path / "a.jsonl"
    with path.open("wb") as stream:
        stream.write(b"x" * (17 * 1024 * 1024) + b"\n")
        stream.write(json.dumps(plain(2)).encode())

    found = texts(read_entities(path))

    assert found == ["line 1: longer than 16777216 bytes", "announcement:2"]


@pytest.mark.parametrize("lines", [True, False], ids=["lines", "document"])
def test_an_open_file_gets_the_same_bytes(tmp_path: Path, *, lines: bool) -> None:
    """What is written into an open file is what a file of its own would hold, and it stays open."""
    some = [Announcement(id="announcement:1", title="Été", severity=Severity.INFO)]
    out = io.BytesIO()

    assert dump_entities(some, out, lines=lines) == 1
    write_entities(some, tmp_path / "some", lines=lines)
    assert out.getvalue() == (tmp_path / "some").read_bytes()

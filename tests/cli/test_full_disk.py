# SPDX-License-Identifier: Apache-2.0
"""Where there is no room left, a command says so, ends with its code, and harms nothing."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from territoire_sante.model import Event, Person, PersonName, Visibility
from territoire_sante.store import Store

FULL = Path("/dev/full")
COMMAND = (sys.executable, "-m", "territoire_sante", "--lang", "en")

needs_dev_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


def start(*arguments, out=subprocess.PIPE, err=subprocess.PIPE, room=None):
    """Run the command line in a process, whose files may have so many bytes at most."""

    def limit():
        # Python ignores SIGXFSZ, so that a write fails as on a full disk.
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    return subprocess.run(  # noqa: S603 - our own interpreter
        [*COMMAND, *map(str, arguments)],
        stdout=out,
        stderr=err,
        text=True,
        check=False,
        preexec_fn=None if room is None else limit,
        # What stays in a buffer is part of the case.
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": ""},
    )


@pytest.fixture
def filled(territory):
    """Give a folder whose store holds some hundred events."""
    with Store.open(f"sqlite:///{territory}/territoire.db") as store:
        store.put(*(Event(id=f"event:{n}", summary=f"Forum {n}") for n in range(300)))
        store.put(Person(id="person:1", name=PersonName(given="Ada", family="Fictive")))
    return territory


def whole(folder):
    """Return how many events the store has, after SQLite looked through all of it."""
    with sqlite3.connect(folder / "territoire.db") as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    raw.close()
    with Store.open(f"sqlite:///{folder}/territoire.db") as store:
        return sum(1 for _ in store.all(Event))


@needs_dev_full
@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        ["find", "forum"],
        ["find", "forum", "--json"],
        ["check", "--format", "sarif"],
        ["conflicts", "list"],
        ["plugins"],
    ],
)
@pytest.mark.usefixtures("filled")
def test_an_answer_that_cannot_be_written_is_told_as_such(arguments):
    """It is no fault of the program: the message names the standard output and the cause."""
    with FULL.open("w") as full:
        ran = start(*arguments, out=full)
    assert ran.returncode == 2
    assert "standard output" in ran.stderr
    assert "No space left" in ran.stderr
    assert "fault" not in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr


@needs_dev_full
@pytest.mark.parametrize(
    ("arguments", "code"), [(["find", "forum"], 0), (["sync", "nothing"], 2), (["nothing"], 2)]
)
@pytest.mark.usefixtures("filled")
def test_an_error_that_nobody_can_read_still_ends_with_its_code(arguments, code):
    """A full error stream changes no exit code."""
    with FULL.open("w") as full:
        assert start(*arguments, err=full).returncode == code


def test_storing_without_room_harms_nothing(filled):
    """An import that fills the disk says so, stores nothing of it, and what was there is whole."""
    entities = ",".join(
        f'{{"entity": "event", "schema": 1, "id": "event:new{n}", "summary": "{n} {"x" * 900}"}}'
        for n in range(2000)
    )
    (filled / "new.json").write_text(f"[{entities}]")
    size = (filled / "territoire.db").stat().st_size
    ran = start("import", "new.json", room=size + 200_000)
    assert ran.returncode == 2
    assert "territoire.db" in ran.stderr
    assert "free space" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert whole(filled) == 300
    assert start("import", "new.json").returncode == 0
    assert whole(filled) == 2300


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_an_export_without_room_leaves_what_was_there(filled, ending):
    """The file of an earlier export stays whole, and no half one lies beside it."""
    file = filled / f"all.{ending}"
    assert start("export", file.name).returncode == 0
    before, names = file.read_bytes(), sorted(filled.iterdir())
    with Store.open(f"sqlite:///{filled}/territoire.db") as store:
        store.put(*(Event(id=f"event:more{n}", summary="Forum " * 90) for n in range(300)))
    ran = start("export", file.name, room=100_000)
    assert ran.returncode == 2
    assert file.name in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "fault" not in ran.stderr
    assert file.read_bytes() == before
    assert sorted(filled.iterdir()) == names


def test_an_answer_to_a_person_without_room_is_not_half_there(filled):
    """What was asked for again can be written to the same folder: no half answer is in its way."""
    ran = start("privacy", "access", "person:1", "answer", room=300)
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
    assert "fault" not in ran.stderr
    assert start("privacy", "access", "person:1", "answer").returncode == 0
    assert (filled / "answer" / "donnees.json").stat().st_size > 300


def test_erasing_without_room_for_a_second_file_is_done_all_the_same(filled):
    """What is forgotten is out of the sheets; the file is written anew when there is room again."""
    size = (filled / "territoire.db").stat().st_size
    told = set()
    for room in (size // 8, size // 2, size * 2):
        ran = start("privacy", "erase", "person:1", "--yes", room=room)
        assert "Traceback" not in ran.stderr
        assert "fault" not in ran.stderr
        assert (ran.returncode == 2) == ("Error" in ran.stderr)
        if ran.returncode == 2:
            assert whole(filled) == 300
            continue
        # Done, whether the file could be written anew or not; if not, that is said.
        left = b"Ada" in (filled / "territoire.db").read_bytes()
        assert ("may still be in its free space" in ran.stderr) or not left
        told.add(left)
        with Store.open(f"sqlite:///{filled}/territoire.db") as store:
            store.put(Person(id="person:1", name=PersonName(given="Ada", family="Fictive")))
    assert told == {True, False}
    assert start("privacy", "erase", "person:1", "--yes").returncode == 1
    assert whole(filled) == 300
    with Store.open(f"sqlite:///{filled}/territoire.db") as store:
        assert store.get(Person, "person:1").display_name == ""


def test_a_sync_without_room_can_be_run_again(filled, configure):
    """A link to files that fills the disk ends with its code; the next run brings all in step."""
    configure(
        '[[link]]\nname = "agenda"\nconnector = "ics"\nview = "event"\n'
        'config = { path = "agenda.ics", create = true }\naudience = "public"\n'
    )
    with Store.open(f"sqlite:///{filled}/territoire.db") as store:
        store.put(
            *(
                Event(id=f"event:{n}", summary=f"Forum {n}", visibility=Visibility.PUBLIC)
                for n in range(40)
            )
        )
    size = (filled / "territoire.db").stat().st_size
    ran = start("sync", room=size + 60_000)
    assert ran.returncode in (2, 3)
    assert "Traceback" not in ran.stderr
    assert "fault" not in ran.stderr
    assert whole(filled) == 300
    assert start("sync").returncode == 0
    assert (filled / "agenda.ics").read_bytes().count(b"BEGIN:VEVENT") == 40
    assert whole(filled) == 300

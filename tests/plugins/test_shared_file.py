# SPDX-License-Identifier: Apache-2.0
"""One file with many items, which others write too."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from territoire_sante.errors import (
    CollectionGoneError,
    ConflictError,
    ReadOnlyError,
    RetryableError,
)
from territoire_sante.plugins import SharedFile, _shared_file, disk, locked


@pytest.fixture
def shared(tmp_path):
    """Give a file with one line."""
    (tmp_path / "agenda.txt").write_bytes(b"one\n")
    return SharedFile.at(tmp_path / "agenda.txt")


def test_a_change_is_made_in_one_step(shared):
    """A change is there, under the mode that the file had, and leaves nothing but the lock."""
    shared.path.chmod(0o640)
    assert shared.change(lambda data: data + b"two\n") == b"one\ntwo\n"

    assert shared.read() == b"one\ntwo\n"
    assert stat.S_IMODE(shared.path.stat().st_mode) == 0o640 or os.name != "posix"
    names = sorted(path.name for path in shared.path.parent.iterdir())
    assert names == [".agenda.txt.lock", "agenda.txt"]


def test_no_change_writes_nothing(shared):
    """An edit that changes nothing leaves the very file."""
    before = shared.path.stat()
    shared.change(lambda data: data)
    assert shared.path.stat().st_ino == before.st_ino


def test_what_an_edit_refuses_is_not_written(shared):
    """An error of the edit comes out as it is, and the file is as it was."""

    def refuse(_data):
        raise ConflictError("another version")

    with pytest.raises(ConflictError, match="another version"):
        shared.change(refuse)
    assert shared.read() == b"one\n"


def test_what_others_write_meanwhile_is_kept(shared):
    """A program without the lock that writes during an edit makes the edit start again."""
    seen = []

    def edit(data):
        if not seen:
            shared.path.write_bytes(b"theirs\n")
        seen.append(data)
        return data + b"ours\n"

    assert shared.change(edit) == b"theirs\nours\n"
    assert seen == [b"one\n", b"theirs\n"]


def test_a_file_that_never_rests_is_left_alone(shared):
    """An edit that is overtaken each time ends in a ConflictError."""

    def edit(data):
        shared.path.write_bytes(data + b"x")
        return data + b"ours\n"

    with pytest.raises(ConflictError, match="keeps changing"):
        shared.change(edit)
    assert b"ours" not in shared.read()


def test_a_link_to_the_file_stays_one(tmp_path, shared):
    """A change through a symbolic link changes the file that it names."""
    link = tmp_path / "link.txt"
    link.symlink_to(shared.path)
    SharedFile.at(link).change(lambda _data: b"new\n")
    assert link.is_symlink()
    assert shared.read() == b"new\n"


def test_what_is_missing_is_said(tmp_path):
    """A missing file is a collection that is gone, unless it is to be made."""
    with pytest.raises(CollectionGoneError, match="create = true"):
        SharedFile.at(tmp_path / "agenda.txt")
    made = SharedFile.at(tmp_path / "agenda.txt", create=True)
    assert SharedFile.at(made.path, create=True).read() == b""
    made.path.unlink()
    for use in (made.read, lambda: made.change(lambda data: data)):
        with pytest.raises(CollectionGoneError, match="gone"):
            use()


def test_a_folder_that_is_missing_is_said(tmp_path):
    """The folder around is not made: a disk that is not mounted must not look empty."""
    with pytest.raises(CollectionGoneError):
        SharedFile.at(tmp_path / "no" / "agenda.txt", create=True)


def test_a_read_only_file_is_read_and_not_written(shared, monkeypatch):
    """A file that its owner made read-only is still read; writing says why not."""
    real = os.access  # the superuser, who may run this, has every right
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and real(path, mode))
    with pytest.raises(ReadOnlyError, match="read-only"):
        shared.change(lambda data: data + b"two\n")
    assert shared.read() == b"one\n"


def test_a_writer_that_died_leaves_nothing(shared):
    """What a writer left half-written is swept away by the next; other files stay."""
    other = shared.path.with_name(".territoire-sante-000000000000-a.tmp")
    other.write_bytes(b"of another file")
    left = shared.path.with_name(f"{disk.prefix_of(shared.path)}dead.tmp")
    left.write_bytes(b"half")
    shared.change(lambda data: data + b"two\n")
    assert (left.exists(), other.exists()) == (False, True)


def test_another_program_is_waited_for(shared, monkeypatch):
    """Who cannot get the lock is told to wait, and changes nothing."""
    monkeypatch.setattr(_shared_file, "locked", lambda path: locked(path, seconds=0.1))
    with locked(shared.path.with_name(".agenda.txt.lock")), pytest.raises(RetryableError):
        shared.change(lambda data: data + b"two\n")
    assert shared.read() == b"one\n"


WRITE = """
import sys
from pathlib import Path
from territoire_sante.plugins import SharedFile
file = SharedFile.at(Path(sys.argv[1]))
for n in range(25):
    file.change(lambda data: data + f"{sys.argv[2]}-{n}\\n".encode())
"""


def test_two_programs_lose_nothing(shared):
    """Two processes that write at once both find all their lines."""
    running = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(shared.path), who])  # noqa: S603 - our own interpreter
        for who in "ab"
    ]
    assert [one.wait(60) for one in running] == [0, 0]
    lines = shared.read().decode().split()
    assert sorted(lines) == sorted(["one", *(f"{who}-{n}" for who in "ab" for n in range(25))])

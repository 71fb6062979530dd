# SPDX-License-Identifier: Apache-2.0
"""What errors of the operating system mean, and what a failed write leaves."""

from __future__ import annotations

import errno
import os
import stat

import pytest

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConflictError,
    ItemNotFoundError,
    ItemRefusedError,
    RetryableError,
)
from territoire_sante.plugins import disk


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (errno.EACCES, AuthError),
        (errno.EPERM, AuthError),
        (errno.EROFS, AuthError),
        (errno.ENAMETOOLONG, ItemRefusedError),
        (errno.ENOENT, ItemNotFoundError),
        (errno.ENOSPC, RetryableError),
        (errno.EIO, RetryableError),
        (errno.ESTALE, RetryableError),
    ],
    ids=errno.errorcode.get,
)
def test_each_error_has_its_meaning(tmp_path, code, expected):
    """An error of the operating system becomes the class that the sync engine acts on."""
    cause = OSError(code, os.strerror(code))
    with (
        pytest.raises(expected, match=str(tmp_path / "x")) as caught,
        disk.speaking(tmp_path / "x", collection=tmp_path),
    ):
        raise cause

    assert caught.value.__cause__ is cause
    assert os.strerror(code) in str(caught.value) or code == errno.ENOENT


def test_a_missing_collection_is_gone(tmp_path):
    """Whatever fails in a collection that is no longer there, the collection is gone."""
    with (
        pytest.raises(CollectionGoneError),
        disk.speaking(tmp_path / "gone" / "x", collection=tmp_path / "gone"),
    ):
        raise OSError(errno.ENOENT, "No such file")


def test_a_file_system_without_links_is_written_too(tmp_path, monkeypatch):
    """Where hard links are refused a file is still created, and still never overwritten."""

    def refuse(*_args):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    disk.create(tmp_path / "a", b"1")
    with pytest.raises(ConflictError):
        disk.create(tmp_path / "a", b"2")

    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"1")]


@pytest.mark.parametrize("moment", ["fsync", "rename"])
def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch, moment):
    """When the disk fails during a write, the old file is whole and nothing else is left."""
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail(*_args):
        raise OSError(errno.EIO, "broken disk")

    if moment == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(type(path), "replace", fail)
    with pytest.raises(OSError, match="broken disk"):
        disk.replace(path, b"new", seen=b"old")

    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"old")]


def test_the_last_look_sees_everything(tmp_path):
    """Replacing or deleting a file that no longer holds what was seen changes nothing."""
    path = tmp_path / "a"
    path.write_bytes(b"theirs")

    with pytest.raises(ConflictError):
        disk.replace(path, b"ours", seen=b"old")
    with pytest.raises(ConflictError):
        disk.delete(path, seen=b"old")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"theirs")]


def test_only_the_named_leftovers_are_swept(tmp_path):
    """Sweeping removes temporary files with the prefix given, and no others."""
    for name in (".territoire-sante-a-1.tmp", ".territoire-sante-b-1.tmp", "a.ics"):
        (tmp_path / name).touch()
    disk.sweep(tmp_path, f"{disk.TEMPORARY}a-")

    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [".territoire-sante-b-1.tmp", "a.ics"]


def test_only_old_leftovers_are_swept_without_a_lock(tmp_path):
    """Given an age, sweeping leaves what a writer may be at now."""
    old, young = (tmp_path / f".territoire-sante-{name}.tmp" for name in ("old", "young"))
    for path in (old, young):
        path.touch()
    os.utime(old, (0, 0))
    disk.sweep(tmp_path, disk.TEMPORARY, seconds=60)

    assert list(tmp_path.iterdir()) == [young]


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_a_new_file_has_the_mode_asked_for(tmp_path):
    """A new file belongs to its owner alone unless more is asked for; an old one keeps its mode."""
    before = os.umask(0o027)
    try:
        disk.put(tmp_path / "own", b"")
        disk.put(tmp_path / "all", b"", mode=0o644)
        disk.replace(tmp_path / "umask", b"", seen=None, mode=None)
        disk.create(tmp_path / "new", b"", mode=None)
    finally:
        os.umask(before)
    (tmp_path / "old").touch(0o604)
    (tmp_path / "old").chmod(0o604)
    disk.put(tmp_path / "old", b"", mode=0o644)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"own": 0o600, "all": 0o644, "umask": 0o640, "new": 0o640, "old": 0o604}

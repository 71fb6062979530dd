# SPDX-License-Identifier: Apache-2.0
"""What errors of the operating system mean, and what a failed write leaves."""

from __future__ import annotations

import errno
import os

import pytest

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConflictError,
    ItemNotFoundError,
    ItemRefusedError,
    RetryableError,
)
from territoire_sante_files import _disk


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
        _disk.speaking(tmp_path / "x", collection=tmp_path),
    ):
        raise cause

    assert caught.value.__cause__ is cause
    assert os.strerror(code) in str(caught.value) or code == errno.ENOENT


def test_a_missing_collection_is_gone(tmp_path):
    """Whatever fails in a collection that is no longer there, the collection is gone."""
    with (
        pytest.raises(CollectionGoneError),
        _disk.speaking(tmp_path / "gone" / "x", collection=tmp_path / "gone"),
    ):
        raise OSError(errno.ENOENT, "No such file")


def test_a_file_system_without_links_is_written_too(tmp_path, monkeypatch):
    """Where hard links are refused a file is still created, and still never overwritten."""

    def refuse(*_args):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    _disk.create(tmp_path / "a", b"1")
    with pytest.raises(ConflictError):
        _disk.create(tmp_path / "a", b"2")

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
        _disk.replace(path, b"new", seen=b"old")

    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"old")]


def test_the_last_look_sees_everything(tmp_path):
    """Replacing or deleting a file that no longer holds what was seen changes nothing."""
    path = tmp_path / "a"
    path.write_bytes(b"theirs")

    with pytest.raises(ConflictError):
        _disk.replace(path, b"ours", seen=b"old")
    with pytest.raises(ConflictError):
        _disk.delete(path, seen=b"old")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"theirs")]


def test_only_the_named_leftovers_are_swept(tmp_path):
    """Sweeping removes temporary files with the prefix given, and no others."""
    for name in (".territoire-sante-a-1.tmp", ".territoire-sante-b-1.tmp", "a.ics"):
        (tmp_path / name).touch()
    _disk.sweep(tmp_path, f"{_disk.TEMPORARY}a-")

    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [".territoire-sante-b-1.tmp", "a.ics"]

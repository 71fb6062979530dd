# SPDX-License-Identifier: Apache-2.0
"""Files for others to take: whole or not there, and never over somebody else's."""

from __future__ import annotations

import os
import stat
import time

import pytest

from territoire_sante.errors import (
    CollectionGoneError,
    ConflictError,
    ConnectorError,
    ItemNotFoundError,
    ItemRefusedError,
)
from territoire_sante.plugins import Outbox, tag


@pytest.fixture
def outbox(tmp_path):
    """Give an outbox in a new folder."""
    return Outbox.at(tmp_path / "out", create=True)


def test_files_are_written_whole_and_for_all_to_read(outbox):
    """A file has its bytes, can be read by other users, and nothing else is left in the folder."""
    outbox.create("a.txt", b"one")
    outbox.replace("a.txt", b"two", seen=tag(b"one"))
    outbox.put("b.txt", b"three")

    assert (outbox.read("a.txt"), outbox.names(".txt")) == (b"two", ("a.txt", "b.txt"))
    assert sorted(path.name for path in outbox.path.iterdir()) == ["a.txt", "b.txt"]
    if os.name == "posix":
        assert stat.S_IMODE((outbox.path / "a.txt").stat().st_mode) == 0o644


def test_what_is_there_is_not_overwritten(outbox):
    """Creating twice, and replacing or deleting another version, changes nothing."""
    outbox.create("a.txt", b"one")
    for write in (
        lambda: outbox.create("a.txt", b"two"),
        lambda: outbox.replace("a.txt", b"two", seen=tag(b"zero")),
        lambda: outbox.delete("a.txt", seen=tag(b"zero")),
    ):
        with pytest.raises(ConflictError):
            write()

    assert outbox.read("a.txt") == b"one"
    assert sorted(path.name for path in outbox.path.iterdir()) == ["a.txt"]


def test_what_is_gone_is_not_written(outbox):
    """Replacing or deleting a file that is gone says so; deleting without a version does not."""
    for write in (
        lambda: outbox.replace("a.txt", b"two", seen=tag(b"")),
        lambda: outbox.delete("a.txt", seen=tag(b"")),
    ):
        with pytest.raises(ItemNotFoundError):
            write()
    outbox.delete("a.txt")

    assert outbox.read("a.txt") is None


@pytest.mark.parametrize("name", ["../a", "a/b", ".a", "", "a\0b", "é", "x" * 201, "-a"])
def test_only_plain_names_are_files(outbox, name):
    """No name leads out of the folder or to a hidden file."""
    with pytest.raises(ItemRefusedError):
        outbox.create(name, b"")
    assert outbox.read(name) is None


def test_links_and_folders_are_no_files(outbox, tmp_path):
    """A symbolic link is not followed, a folder not listed."""
    (tmp_path / "secret").write_text("x")
    (outbox.path / "a.txt").symlink_to(tmp_path / "secret")
    (outbox.path / "b.txt").mkdir()

    assert (outbox.names(), outbox.read("a.txt")) == ((), None)
    with pytest.raises(ConflictError):
        outbox.create("a.txt", b"")
    with pytest.raises(ConnectorError):
        outbox.read("b.txt")


def test_a_missing_folder_is_no_empty_one(outbox, tmp_path):
    """A folder that goes away is an error for every call; it is not made again by itself."""
    outbox.path.rmdir()
    for call in (
        outbox.names,
        lambda: outbox.read("a.txt"),
        lambda: outbox.create("a.txt", b""),
        lambda: outbox.delete("a.txt"),
        lambda: Outbox.at(outbox.path),
        lambda: Outbox.at(tmp_path / "no" / "such", create=True),
    ):
        with pytest.raises(CollectionGoneError):
            call()


def test_what_dead_writers_left_goes(outbox):
    """Temporary files older than an hour are removed when the folder is opened, no others."""
    old, young = (outbox.path / f".territoire-sante-{name}.tmp" for name in ("old", "young"))
    for path in (old, young, outbox.path / ".other.tmp"):
        path.write_bytes(b"")
        os.utime(path, (0, 0 if path != young else time.time()))
    Outbox.at(outbox.path)

    assert sorted(path.name for path in outbox.path.iterdir()) == [".other.tmp", young.name]
    assert outbox.names() == ()

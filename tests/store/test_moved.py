# SPDX-License-Identifier: Apache-2.0
"""A store whose file is deleted or replaced while it is open says so, and writes nothing."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from territoire_sante.errors import StoreUnusableError
from territoire_sante.model import Event
from territoire_sante.store import Store

ONE = Event(id="event:1", summary="Rencontre")
TWO = Event(id="event:2", summary="Forum")


def delete(path: Path) -> None:
    """Delete the file, as somebody does who clears up."""
    path.unlink()


def replace(path: Path) -> None:
    """Put another store in its place, as somebody does who restores a backup."""
    other = path.with_name("other.db")
    with Store.open(f"sqlite:///{other}") as store:
        store.put(TWO)
    other.replace(path)


def move_folder(path: Path) -> None:
    """Move the folder that it is in."""
    path.parent.rename(path.parent.with_name("elsewhere"))


HARMS = pytest.mark.parametrize("harm", [delete, replace, move_folder])


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder / "territoire.db"


@HARMS
def test_nothing_is_written_to_a_file_that_is_another_one(
    path: Path, harm: Callable[[Path], None]
) -> None:
    """The next write names the file and what to do; no file is made or changed."""
    with Store.open(f"sqlite:///{path}") as store:
        store.put(ONE)
        harm(path)
        before = path.read_bytes() if path.exists() else None

        with pytest.raises(StoreUnusableError, match="deleted or replaced") as caught:
            store.put(TWO)

        assert caught.value.where == str(path)
        assert "open it again" in caught.value.remedy
        assert (path.read_bytes() if path.exists() else None) == before


@HARMS
def test_a_new_connection_makes_no_empty_store(path: Path, harm: Callable[[Path], None]) -> None:
    """A thread that needs a connection of its own is told, and reads no other file."""
    found: list[object] = []

    def read(store: Store) -> None:
        try:
            found.append(store.find(Event, ONE.id))
        except StoreUnusableError as error:
            found.append(error)

    with Store.open(f"sqlite:///{path}") as store:
        store.put(ONE)
        harm(path)
        with store.reading():
            thread = threading.Thread(target=read, args=(store,))
            thread.start()
            thread.join()

    (told,) = found
    assert isinstance(told, StoreUnusableError)
    assert "deleted or replaced" in str(told)
    assert path.exists() == (harm is replace)


def test_forgetting_is_refused_too(path: Path) -> None:
    """What was to be forgotten in a file that is gone is not said to be forgotten."""
    with Store.open(f"sqlite:///{path}") as store:
        store.put(ONE)
        delete(path)
        with pytest.raises(StoreUnusableError, match="deleted or replaced"):
            store.forget(Event, ONE.id)


def test_closing_leaves_the_new_file_whole(path: Path) -> None:
    """A program that had the old file open harms neither the new one nor its log by ending."""
    with Store.open(f"sqlite:///{path}") as store:
        store.put(ONE)
        delete(path)
        for beside in path.parent.iterdir():
            beside.unlink()
        with Store.open(f"sqlite:///{path}") as new:
            new.put(TWO)
            store.close()
            assert new.get(Event, TWO.id) == TWO
            new.put(ONE)
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    raw.close()


def test_the_same_file_by_another_way_stays_usable(path: Path) -> None:
    """A file that was only moved and brought back, or that a link leads to, is still the same."""
    link = path.with_name("link.db")
    with Store.open(f"sqlite:///{path}") as store:
        store.put(ONE)
    link.symlink_to(path)
    with Store.open(f"sqlite:///{link}") as store:
        moved = path.with_name("moved.db")
        path.rename(moved)
        moved.rename(path)
        store.put(TWO)
        assert store.get(Event, ONE.id) == ONE
    shutil.copy(path, path.with_name("copy.db"))
    with Store.open(f"sqlite:///{path.with_name('copy.db')}") as store:
        assert store.get(Event, TWO.id) == TWO

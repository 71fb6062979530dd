# SPDX-License-Identifier: Apache-2.0
"""What surrounds a store: folders that change, threads that close it, odd names, what is erased."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from territoire_sante.errors import ConfigError
from territoire_sante.model import Event, Person, PersonName
from territoire_sante.store import Store

ONE = Event(id="event:1", summary="Rencontre")


def test_a_relative_file_stays_the_same_when_the_folder_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that changes its folder does not write into a second, empty database."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(tmp_path)
    with Store.open("sqlite:///a.db") as store, store.reading():
        monkeypatch.chdir(elsewhere)
        # While one connection reads, another is made.
        store.put(ONE)

        assert store.get(Event, ONE.id) == ONE
    assert list(elsewhere.iterdir()) == []


def test_a_name_is_no_uri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose name looks like a URI of SQLite is that file, whatever SQLite was built with."""
    monkeypatch.chdir(tmp_path)
    Store.open("sqlite:///file:a.db?mode=memory").close()

    assert (tmp_path / "file:a.db?mode=memory").stat().st_size > 0


def test_a_name_with_a_null_is_refused() -> None:
    """No file can be called so; the address is wrong, and says so."""
    with pytest.raises(ConfigError, match="null"):
        Store.open("sqlite:///a\0.db")


def test_closing_while_threads_work_ends_them_with_our_error() -> None:
    """Whoever is late is told that the store is closed; the process lives."""
    code = """
        import threading, time
        from territoire_sante.errors import StoreError
        from territoire_sante.model import Event
        from territoire_sante.store import Store

        said = []
        def work(store, name):
            try:
                for number in range(100_000):
                    store.put(Event(id=f"event:{name}-{number}", summary=str(number)))
            except BaseException as error:
                said.append(f"{type(error).__name__} {error.what}")

        for _ in range(5):
            store = Store.open("memory:")
            threads = [threading.Thread(target=work, args=(store, n)) for n in range(4)]
            for thread in threads:
                thread.start()
            time.sleep(0.1)
            store.close()
            for thread in threads:
                thread.join()
        print(set(said), len(said))
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "{'StoreError the store is closed'} 20\n"


def test_what_is_forgotten_is_in_no_file_while_the_store_stays_open(tmp_path: Path) -> None:
    """A server that never closes its store keeps no name in the write-ahead log either."""
    with Store.open(f"sqlite:///{tmp_path}/a.db") as store:
        for number in range(20):
            name = PersonName(given="Quirhilde", family=f"Zyxvuton {number}")
            store.put(Person(id="person:1", name=name))
        store.forget(Person, "person:1")
        store.put(ONE)

        held = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    assert "a.db" in held
    assert [name for name, content in held.items() if b"Zyxvuton" in content] == []


def test_a_reader_does_not_hold_up_forgetting(tmp_path: Path) -> None:
    """Who reads an older state sees it to the end; the next one to forget takes the words out."""
    with Store.open(f"sqlite:///{tmp_path}/a.db", timeout=20) as store:
        store.put(ONE, Person(id="person:1", name=PersonName(family="Zyxvuton")))
        with store.reading() as reader, Store.open(f"sqlite:///{tmp_path}/a.db") as other:
            assert reader.get(Event, ONE.id) == ONE
            other.forget(Person, "person:1")
            assert reader.get(Person, "person:1").name.family == "Zyxvuton"
        store.forget(Person, "person:1")

        held = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    assert [name for name, content in held.items() if b"Zyxvuton" in content] == []


def test_nothing_is_left_between_the_rows(tmp_path: Path) -> None:
    """Pages that SQLite has rearranged keep no copy of what many sheets told of somebody."""
    texts = [f"Réunion {number} avec Quirhilde Zyxvuton {'x' * 5000}" for number in range(30)]
    told = [Event(id=f"event:{number}", summary=text) for number, text in enumerate(texts)]
    others = [Event(id=f"event:o{number}", summary=f"Atelier {number}") for number in range(150)]
    with Store.open(f"sqlite:///{tmp_path}/a.db") as store:
        for number in range(0, 150, 5):
            store.put(*others[number : number + 5], told[number // 5])
        with store.transaction() as transaction:
            for one in told:
                transaction.forget(Event, one.id)
                transaction.put(Event(id=one.id, summary="Réunion avec […]"))

        held = {file.name: file.read_bytes().lower() for file in tmp_path.iterdir()}
        assert store.search("reunion")

    left = [name for name, content in held.items() if b"uirhilde" in content or b"yxvut" in content]
    assert left == []

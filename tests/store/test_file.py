# SPDX-License-Identifier: Apache-2.0
"""The file of a store: private, shared by processes, never harmed, never half written."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from territoire_sante.errors import ConfigError, StoreUnusableError
from territoire_sante.model import Event, Person, PersonName
from territoire_sante.store import Connection, Store

ONE = Event(id="event:1", summary="Rencontre")


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Start another Python process that runs ``code``."""
    command = [sys.executable, "-c", textwrap.dedent(code), *arguments]
    return subprocess.Popen(  # noqa: S603 - our own interpreter and code
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture(name="path")
def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture(name="open_umask")
def _open_umask() -> Iterator[None]:
    before = os.umask(0o000)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_only_the_owner_can_read_a_new_store(url: str, path: Path) -> None:
    """The file and its write-ahead log have mode 0600, whatever the umask."""
    with Store.open(url) as store:
        store.put(ONE)
        files = list(path.parent.iterdir())

        assert {file.name for file in files} == {path.name, f"{path.name}-wal", f"{path.name}-shm"}
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_store_that_is_there_keeps_its_mode(url: str, path: Path) -> None:
    """Its owner may have given it to a group; opening it again does not take that back."""
    Store.open(url).close()
    path.chmod(0o660)

    Store.open(url).close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o660


def test_the_database_is_set_up_for_several_processes(url: str) -> None:
    """Write-ahead log, full durability, foreign keys, and a time-out."""
    with Store.open(url, timeout=7) as store, store.transaction() as transaction:
        settings = [
            transaction.connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]

    assert settings == ["wal", 2, 1, 7000]


def test_two_processes_lose_nothing(url: str) -> None:
    """Two processes that write 1,000 entities each into a new store lose none."""
    code = """
        import sys
        from territoire_sante.model import Event
        from territoire_sante.store import Store
        url, name = sys.argv[1:]
        with Store.open(url) as store:
            for number in range(1000):
                store.put(Event(id=f"event:{name}-{number}", summary=name), expected_revision=0)
        """
    running = [python(code, url, name) for name in ("a", "b")]
    errors = [process.communicate(timeout=60)[1] for process in running]

    assert errors == ["", ""]
    with Store.open(url) as store:
        found = {event.id for event in store.all(Event)}
        revisions = [change.revision for change in store.changes()]
    assert found == {f"event:{name}-{number}" for name in "ab" for number in range(1000)}
    assert revisions == list(range(1, 2001))


def test_processes_may_create_the_store_at_once(url: str) -> None:
    """Several processes that open a store which is not there yet make one, and all can use it."""
    code = """
        import sys
        from territoire_sante.model import Event
        from territoire_sante.store import Store
        sys.stdin.read()
        with Store.open(sys.argv[1]) as store:
            store.put(Event(id=f"event:{sys.argv[2]}"))
        """
    running = [python(code, url, str(number)) for number in range(4)]
    for process in running:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    errors = [process.communicate(timeout=60)[1] for process in running]

    assert errors == [""] * 4
    with Store.open(url) as store:
        assert len(list(store.all(Event))) == 4


def test_a_process_killed_in_a_transaction_leaves_nothing(url: str) -> None:
    """What a process wrote before it died is there only if its transaction had ended."""
    code = """
        import os, sys
        from territoire_sante.model import Event
        from territoire_sante.store import Store
        store = Store.open(sys.argv[1])
        store.put(Event(id="event:1"))
        with store.transaction() as transaction:
            transaction.put(*(Event(id=f"event:{n}", description="x" * 9999) for n in range(999)))
            os._exit(9)
        """
    process = python(code, url)
    process.communicate(timeout=60)

    assert process.returncode == 9
    with Store.open(url) as store:
        assert [event.id for event in store.all(Event)] == ["event:1"]
        assert store.put(Event(id="event:2")) == 2


def test_a_reader_is_not_held_up_by_a_writer(url: str) -> None:
    """While one process writes, another reads what was there before."""
    with Store.open(url) as writer, Store.open(url, timeout=0) as reader:
        writer.put(ONE)
        with writer.transaction() as transaction:
            transaction.put(Event(id="event:2"))

            assert list(reader.all(Event)) == [ONE]


def test_a_locked_store_is_told_as_such(url: str) -> None:
    """A write that waited in vain for another process says so and what to do."""
    with Store.open(url) as one, Store.open(url, timeout=0.05) as other, one.transaction():
        with pytest.raises(StoreUnusableError, match=r"database is locked.*Another program"):
            other.put(ONE)
        with pytest.raises(StoreUnusableError, match="database is locked"), other.transaction():
            pass


def test_a_store_locked_for_good_cannot_be_opened(url: str, path: Path) -> None:
    """A process that holds the file exclusively is waited for, then told."""
    Store.open(url).close()
    holder = sqlite3.connect(path, isolation_level=None)
    try:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StoreUnusableError, match="locked"):
            Store.open(url, timeout=0.05)
    finally:
        holder.close()


@pytest.mark.parametrize(
    "content",
    [b"Bonjour, je suis un texte. " * 100, b"\x00" * 5000, b"SQLite format 3\x00" + b"x" * 4080],
    ids=["text", "zeros", "damaged"],
)
def test_what_is_no_database_is_refused_and_not_touched(
    url: str, path: Path, content: bytes
) -> None:
    """A file of something else is named, with a remedy, and stays as it was."""
    path.write_bytes(content)

    with pytest.raises(StoreUnusableError, match=str(path)) as caught:
        Store.open(url)

    assert caught.value.remedy
    assert path.read_bytes() == content


def test_the_database_of_another_program_is_refused_and_not_touched(url: str, path: Path) -> None:
    """A store is not made inside somebody else's database."""
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE recipe (name TEXT)")
    other.commit()
    other.close()
    before = path.read_bytes()

    with pytest.raises(StoreUnusableError, match="the database of another program"):
        Store.open(url)

    assert path.read_bytes() == before


def test_forgotten_words_are_not_in_the_file(url: str, path: Path) -> None:
    """Nothing of a forgotten person can be found in the bytes of the closed store."""
    with Store.open(url) as store:
        for given in ("Aïcha", "Zoé"):
            store.put(Person(id="person:1", name=PersonName(family="Trucmuche", given=given)))
        assert len(store.search("trucmuche")) == 1
        store.forget(Person, "person:1")

    assert {file.name for file in path.parent.iterdir()} == {path.name}
    assert b"rucmuche" not in path.read_bytes()


def test_a_store_of_a_newer_version_is_refused(url: str) -> None:
    """A database that has done steps which this version does not know is left alone."""
    with Store.open(url) as store, store.transaction() as transaction:
        transaction.connection.execute("UPDATE meta SET version = 99")

    with pytest.raises(StoreUnusableError, match=r"made by a newer version: store 99.*Update"):
        Store.open(url)


def test_a_store_that_must_exist_is_not_made(url: str, path: Path) -> None:
    """With ``create=False`` a wrong path is an error, and no file appears."""
    with pytest.raises(StoreUnusableError, match="there is no such store"):
        Store.open(url, create=False)
    assert not path.exists()
    with pytest.raises(StoreUnusableError, match="Make its folder first"):
        Store.open(f"sqlite:///{path.parent / 'no' / 'x.db'}")
    with pytest.raises(StoreUnusableError, match="cannot be opened for writing"):
        Store.open(f"sqlite:///{path.parent}")

    Store.open(url).close()
    Store.open(url, create=False).close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "postgresql+psycopg://localhost/territoire",
            "stores on PostgreSQL are not in this version",
        ),
        ("mysql://localhost/x", "the scheme 'mysql' is not known"),
        ("territoire.db", "it is no address of a store"),
        ("sqlite:///", "the scheme 'sqlite' is not known"),
        ("", "it is no address of a store"),
    ],
)
def test_a_wrong_address_is_a_configuration_error(url: str, message: str) -> None:
    """What cannot be opened by its address says what an address looks like."""
    with pytest.raises(ConfigError, match=rf"store url: {message}.*sqlite:///territoire\.db"):
        Store.open(url)


def test_opening_an_up_to_date_store_writes_nothing(url: str, path: Path) -> None:
    """Looking into a store, as a dry run does, leaves its bytes as they were."""
    with Store.open(url) as store:
        store.put(ONE)
    before = path.read_bytes()

    with Store.open(url) as store:
        assert store.get(Event, "event:1") == ONE
        store.search("rencontre")
        with store.transaction() as transaction:
            transaction.find(Event, "event:1")

    assert path.read_bytes() == before


def _first(connection: Connection) -> None:
    connection.execute("CREATE TABLE extra (name TEXT)")


def _second(connection: Connection) -> None:
    connection.execute("ALTER TABLE extra ADD COLUMN size INTEGER")


def _broken(connection: Connection) -> None:
    connection.execute("CREATE TABLE half (name TEXT)")
    connection.execute("this is no SQL")


def test_components_migrate_step_by_step(store: Store) -> None:
    """Each step runs once, in order, and a database ahead of its program is refused."""
    store.migrate("extra", [_first])
    store.migrate("extra", [_first, _second])
    store.migrate("extra", [_first, _second])

    with store.transaction() as transaction:
        transaction.connection.execute("INSERT INTO extra VALUES ('a', 1)")
    with pytest.raises(StoreUnusableError, match="extra 2, this one knows 1"):
        store.migrate("extra", [_first])


def test_a_failing_step_undoes_all(store: Store) -> None:
    """Steps are done all or none; a later version can try again."""
    with pytest.raises(StoreUnusableError, match="syntax error"):
        store.migrate("extra", [_first, _broken])
    store.migrate("extra", [_first])

    with store.transaction() as transaction:
        rows = transaction.connection.execute("SELECT name FROM sqlite_master")
        tables = {name for (name,) in rows}
        store.migrate("extra", [_first, _second])
    assert "extra" in tables
    assert "half" not in tables


@pytest.mark.parametrize(
    "statement", ["SELECT nothing(:name)", "INSERT INTO meta (component) VALUES (:name)"]
)
def test_errors_of_the_database_hide_the_data(url: str, statement: str) -> None:
    """What is stored is personal: no error of the database shows a parameter."""
    with (
        Store.open(url) as store,
        pytest.raises((StoreUnusableError, sqlite3.IntegrityError)) as caught,
        store.transaction() as transaction,
    ):
        transaction.connection.execute(statement, {"name": "Aïcha Morel"})

    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert not any("Morel" in str(error) for error in chain)

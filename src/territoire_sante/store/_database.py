# SPDX-License-Identifier: Apache-2.0
"""The database behind a store: its file, its connections, its errors in our words."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from territoire_sante.errors import ConfigError, StoreUnusableError

#: "TSan" in ASCII: says in the file's header that it is ours (SQLite, PRAGMA application_id).
APPLICATION_ID: Final = 0x5453616E

#: What a statement is told: by place for ``?``, by name for ``:name``.
Values = Sequence[Any] | Mapping[str, Any]

_log: Final = logging.getLogger("territoire_sante.store")
_NOT_SCOURED: Final = (
    "%s: what was forgotten may still be in its free space and its log (%s); make room and forget "
    "something again, or run VACUUM"
)

_MEMORY: Final = frozenset({"memory:", "sqlite://", "sqlite:///:memory:"})
_FILE_PREFIX: Final = "sqlite:///"
_EXAMPLE: Final = "Write sqlite:///territoire.db, sqlite:////srv/territoire.db or memory:"
_KEPT_OPEN: Final = 5

_REMEDIES: Final = {
    "locked": "Another program is writing; try again, or find the one that does not end",
    "busy": "Another program is writing; try again, or find the one that does not end",
    "not a database": "Name another file, or restore this one from a backup",
    "malformed": "The file is damaged: restore it from a backup",
    "readonly": "Make the file and its folder writable for this user",
    "unable to open": "Check the path and the rights on its folder",
    "disk": "Check the free space and the health of the disk",
    "no such module: fts5": "Use a Python whose SQLite has FTS5, the full-text search",
}

# More special errors are of statements that break a rule of the tables.
_BROKEN: Final = frozenset({sqlite3.OperationalError, sqlite3.DatabaseError})

_SET_UP: Final = (
    "PRAGMA foreign_keys = ON",
    # WAL alone may lose the last commits in a power cut; what was acknowledged must stay.
    "PRAGMA synchronous = FULL",
    # What is deleted is overwritten: it is personal data.
    "PRAGMA secure_delete = ON",
)


def file_of(url: str) -> Path | None:
    """
    Return the file that ``url`` names, ``None`` for a store in memory.

    >>> file_of("sqlite:///territoire.db"), file_of("memory:")
    (PosixPath('territoire.db'), None)

    Raises:
        ConfigError: it is no address of a store.
    """
    if url in _MEMORY:
        return None
    if "\0" in url:
        message = "the name of a file has no null character"
        raise ConfigError(message, where="store url", remedy=_EXAMPLE)
    if url.startswith(_FILE_PREFIX) and len(url) > len(_FILE_PREFIX):
        return Path(url.removeprefix(_FILE_PREFIX))
    scheme = url.partition(":")[0] if "://" in url else ""
    if scheme.startswith("postgresql"):
        message = "stores on PostgreSQL are not in this version"
    else:
        message = f"the scheme {scheme!r} is not known" if scheme else "it is no address of a store"
    raise ConfigError(message, where="store url", remedy=_EXAMPLE)


class Connection:
    """A connection to the database, within a transaction; statements are SQLite's, as text."""

    def __init__(self, raw: sqlite3.Connection, where: str) -> None:
        self.raw = raw
        self._where = where

    def execute(self, statement: str, values: Values = ()) -> sqlite3.Cursor:
        """
        Execute one statement and return the cursor, whose rows know the names of their columns.

        Raises:
            StoreUnusableError: the database cannot be used.
        """
        try:
            return self.raw.execute(statement, values)
        except sqlite3.Error as error:
            if type(error) not in _BROKEN:
                raise
            raise unusable(error, self._where) from error

    def execute_many(self, statement: str, values: Iterable[Values]) -> None:
        """
        Execute one statement for each of ``values``.

        Raises:
            StoreUnusableError: the database cannot be used.
        """
        try:
            self.raw.executemany(statement, values)
        except sqlite3.Error as error:
            if type(error) not in _BROKEN:
                raise
            raise unusable(error, self._where) from error

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what a ``with`` block does if an exception leaves it, and nothing before it."""
        # SQLite takes the innermost of several savepoints with one name.
        self.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            # A database that failed may have undone everything; its own error is the one to tell.
            with suppress(StoreUnusableError):
                self.execute("ROLLBACK TO part")
                self.execute("RELEASE part")
            raise
        self.execute("RELEASE part")


class Database:
    """
    A database and the connections to it, which threads take and give back.

    In memory there is but one: whoever uses it takes turns.

    Args:
        file: where it is, ``None`` for one in memory.
        timeout: how many seconds a write waits for that of another process.
        create: whether the file is made if it isn't there, for its owner's eyes only.

    Raises:
        StoreUnusableError: there is no such file, or it cannot be made.
    """

    def __init__(self, file: Path | None, *, timeout: float, create: bool) -> None:
        self._identity = None if file is None else _touch(file, create=create)
        # Connections are made later, too, when the program may be in another folder.
        self.file = None if file is None else file.absolute()
        self._timeout = timeout
        self._where = str(file or "memory:")
        self._closed = False
        self._idle: list[sqlite3.Connection] = []
        self._only = self._connect() if file is None else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection whose reads all see the same state."""
        with self._transaction("BEGIN") as connection:
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that holds the write lock; an exception undoes all it did."""
        # A reader that turns into a writer can be refused at any moment; a writer says so first.
        with self._transaction("BEGIN IMMEDIATE") as connection:
            self._check_same()
            yield connection
            self.commit(connection)

    def commit(self, connection: Connection) -> None:
        """Make durable what a writer did."""
        connection.execute("COMMIT")

    def scour(self) -> None:
        """
        Write the file anew and empty its write-ahead log: both may hold copies of what is gone.

        SQLite overwrites what it deletes, but not what it moved before within a page. Where
        somebody else writes or still reads an older state after a second, nothing is done: the
        next time does it, and what is in the log goes when nobody has the database open. Where
        there is no room for it, a warning is logged: what was forgotten is forgotten all the same.
        """
        if self.file is None:
            return
        raw = self._take()
        try:
            raw.execute(f"PRAGMA busy_timeout = {int(min(self._timeout, 1) * 1000)}")
            for step in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                try:
                    raw.execute(step).fetchall()
                except sqlite3.OperationalError as error:
                    if not {"locked", "busy"} & set(str(error).split()):
                        _log.warning(_NOT_SCOURED, self._where, error)
        finally:
            # Its time-out is that of no other.
            raw.close()

    def close(self) -> None:
        """Close every connection, those that are in use as soon as they are given back."""
        self._closed = True
        # Another thread may take the last one meanwhile.
        with suppress(IndexError):
            while True:
                self._idle.pop().close()
        if self._only is not None:
            self._only.close()

    def check_ours(self) -> None:
        """
        Refuse a database of another program before anything is written to it.

        Raises:
            StoreUnusableError: it is not empty and not ours, or no SQLite database.
        """
        with self.reading() as connection:
            (owner,) = connection.execute("PRAGMA application_id").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and owner != APPLICATION_ID:
            raise StoreUnusableError(
                "this is the database of another program",
                where=self._where,
                remedy="Name another file for the store",
            )

    def _check_same(self) -> None:
        """
        Refuse to go on with a file that is not at its place any more: what is written is lost.

        Raises:
            StoreUnusableError: it was deleted or moved, or there is another one.
        """
        if self.file is None:
            return
        try:
            there = os.stat(self.file)  # noqa: PTH116 - half the cost of Path.stat
        except FileNotFoundError:
            raise self._gone() from None
        if (there.st_dev, there.st_ino) != self._identity:
            raise self._gone()

    def _gone(self) -> StoreUnusableError:
        return StoreUnusableError(
            "its file was deleted or replaced while it was open, and nothing more is written",
            where=self._where,
            remedy="End every program that uses it, put the right file there (from a backup, "
            "without its -wal and -shm), and open it again",
        )

    def use_wal(self) -> None:
        """
        Let readers and one writer work at the same time (SQLite, write-ahead log).

        SQLite does not wait when two processes switch at once, so this does.

        Raises:
            StoreUnusableError: another process holds the database beyond the time-out.
        """
        deadline = time.monotonic() + self._timeout
        while True:
            raw = self._take()
            try:
                raw.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise unusable(error, self._where) from error
            else:
                return
            finally:
                self._give_back(raw)
            time.sleep(0.02)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        raw = self._take()
        try:
            connection = Connection(raw, self._where)
            connection.execute(begin)
            yield connection
        finally:
            self._give_back(raw)

    def _take(self) -> sqlite3.Connection:
        if self._only is not None:
            return self._only
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def _give_back(self, raw: sqlite3.Connection) -> None:
        """Undo what was not committed, and keep the connection for whoever comes next."""
        try:
            raw.rollback()
        except sqlite3.Error:
            # It failed before, which was told; nobody is to come upon it again.
            raw.close()
            return
        if raw is self._only:
            return
        if self._closed or len(self._idle) >= _KEPT_OPEN:
            raw.close()
        else:
            self._idle.append(raw)

    def _connect(self) -> sqlite3.Connection:
        try:
            raw = sqlite3.connect(
                # As a plain name, a file that was deleted would be made anew, empty.
                ":memory:" if self.file is None else f"{self.file.as_uri()}?mode=rw",
                uri=True,
                timeout=self._timeout,
                isolation_level=None,  # the driver's own BEGIN comes too late
                check_same_thread=False,
            )
            raw.row_factory = sqlite3.Row
            for pragma in _SET_UP:
                raw.execute(pragma)
        except sqlite3.Error as error:
            self._check_same()
            raise unusable(error, self._where) from error
        try:
            self._check_same()
        except StoreUnusableError:
            raw.close()
            raise
        return raw


def _touch(file: Path, *, create: bool) -> tuple[int, int]:
    """Make sure that a file is there; return by what it is told from another of its name."""
    try:
        handle = os.open(file, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
        try:
            found = os.fstat(handle)
        finally:
            os.close(handle)
    except FileNotFoundError as error:
        remedy = "Make its folder first" if create else "Check the path, or create the store"
        raise StoreUnusableError(
            "there is no such store", where=str(file), remedy=remedy
        ) from error
    except OSError as error:
        raise StoreUnusableError(
            f"cannot be opened for writing ({error.strerror})",
            where=str(file),
            remedy=_REMEDIES["readonly"],
        ) from error
    return found.st_dev, found.st_ino


def unusable(error: BaseException, where: str) -> StoreUnusableError:
    """Return SQLite's complaint as our error, with a remedy where one is known."""
    text = str(error)
    remedy = next((advice for word, advice in _REMEDIES.items() if word in text), "")
    return StoreUnusableError(f"the database cannot be used ({text})", where=where, remedy=remedy)

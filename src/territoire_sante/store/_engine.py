# SPDX-License-Identifier: Apache-2.0
"""The database behind a store: its file, its connections, its errors in our words."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.pool import StaticPool

from territoire_sante.errors import ConfigError, StoreUnusableError

#: "TSan" in ASCII: says in the file's header that it is ours (SQLite, PRAGMA application_id).
APPLICATION_ID: Final = 0x5453616E

_MEMORY: Final = frozenset({"memory:", "sqlite://", "sqlite:///:memory:"})
_FILE_PREFIX: Final = "sqlite:///"
_EXAMPLE: Final = "Write sqlite:///territoire.db, sqlite:////srv/territoire.db or memory:"

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
    if url.startswith(_FILE_PREFIX) and len(url) > len(_FILE_PREFIX):
        return Path(url.removeprefix(_FILE_PREFIX))
    scheme = url.partition(":")[0] if "://" in url else ""
    if scheme.startswith("postgresql"):
        message = "stores on PostgreSQL are not in this version"
    else:
        message = f"the scheme {scheme!r} is not known" if scheme else "it is no address of a store"
    raise ConfigError(message, where="store url", remedy=_EXAMPLE)


def create_engine(file: Path | None, *, timeout: float, create: bool) -> Engine:
    """
    Return the engine of a store; the file is made first, so that only its owner can read it.

    Raises:
        StoreUnusableError: there is no such file, or it cannot be made.
    """
    if file is not None:
        _touch(file, create=create)
    engine = sa.create_engine(
        sa.URL.create("sqlite+pysqlite", database=str(file) if file else ":memory:"),
        connect_args={"timeout": timeout, "check_same_thread": False},
        hide_parameters=True,  # they are personal data
        **({} if file else {"poolclass": StaticPool}),
    )
    where = str(file or "memory:")
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", lambda context: _translate(context, where))
    return engine


def _touch(file: Path, *, create: bool) -> None:
    try:
        os.close(os.open(file, os.O_RDWR | (os.O_CREAT if create else 0), 0o600))
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


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    # The driver's own BEGIN comes too late and is always deferred; ours is below.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # WAL alone may lose the last commits in a power cut; what was acknowledged must stay.
    connection.execute("PRAGMA synchronous = FULL")
    # What is deleted is overwritten: it is personal data.
    connection.execute("PRAGMA secure_delete = ON")


def _begin(connection: Connection) -> None:
    # A reader that turns into a writer can be refused at any moment; a writer says so first.
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _translate(context: ExceptionContext, where: str) -> None:
    error = context.original_exception
    kinds = (sqlite3.OperationalError, sqlite3.DatabaseError)
    if type(error) in kinds:
        raise unusable(error, where) from error


def unusable(error: BaseException, where: str) -> StoreUnusableError:
    """Return SQLite's complaint as our error, with a remedy where one is known."""
    text = str(error)
    remedy = next((advice for word, advice in _REMEDIES.items() if word in text), "")
    return StoreUnusableError(f"the database cannot be used ({text})", where=where, remedy=remedy)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection whose reads all see the same state."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection that holds the write lock; an exception undoes all it did."""
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        yield connection


def check_ours(engine: Engine, where: str) -> None:
    """
    Refuse a database of another program before anything is written to it.

    Raises:
        StoreUnusableError: it is not empty and not ours, or no SQLite database.
    """
    with reading(engine) as connection:
        owner = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
        tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
    if tables and owner != APPLICATION_ID:
        raise StoreUnusableError(
            "this is the database of another program",
            where=where,
            remedy="Name another file for the store",
        )


def use_wal(engine: Engine, where: str, *, timeout: float) -> None:
    """
    Let readers and one writer work at the same time (SQLite, write-ahead log).

    SQLite does not wait when two processes switch at once, so this does.

    Raises:
        StoreUnusableError: another process holds the database beyond the time-out.
    """
    deadline = time.monotonic() + timeout
    while True:
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise unusable(error, where) from error
        else:
            return
        finally:
            raw.close()
        time.sleep(0.02)

# SPDX-License-Identifier: Apache-2.0
"""
SQL given to the driver directly, on a connection of SQLAlchemy's and in its transaction.

For statements that are executed for every single item: to SQLite they cost a tenth of what
they cost with SQLAlchemy in between.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from sqlalchemy import Connection

from territoire_sante.errors import StoreUnusableError
from territoire_sante.store._engine import unusable

Values = Sequence[Any] | Mapping[str, Any]

# More special errors are of statements that break a rule of the tables.
_BROKEN: Final = frozenset({sqlite3.OperationalError, sqlite3.DatabaseError})


def execute(connection: Connection, statement: str, values: Values = ()) -> sqlite3.Cursor:
    """
    Execute one statement of SQLite's and return the driver's cursor.

    Raises:
        StoreUnusableError: the database cannot be used.
    """
    try:
        return _driver(connection).execute(statement, values)
    except sqlite3.Error as error:
        if type(error) not in _BROKEN:
            raise
        raise unusable(error, str(connection.engine.url.database)) from error


def execute_many(connection: Connection, statement: str, values: Iterable[Values]) -> None:
    """
    Execute one statement of SQLite's for each of ``values``.

    Raises:
        StoreUnusableError: the database cannot be used.
    """
    try:
        _driver(connection).executemany(statement, values)
    except sqlite3.Error as error:
        if type(error) not in _BROKEN:
            raise
        raise unusable(error, str(connection.engine.url.database)) from error


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """Undo what a ``with`` block does if an exception leaves it, and nothing before it."""
    # SQLite takes the innermost of several savepoints with one name.
    execute(connection, "SAVEPOINT part")
    try:
        yield
    except BaseException:
        # A database that failed may have undone everything; its own error is the one to tell.
        with suppress(StoreUnusableError):
            execute(connection, "ROLLBACK TO part")
            execute(connection, "RELEASE part")
        raise
    execute(connection, "RELEASE part")


def _driver(connection: Connection) -> sqlite3.Connection:
    driver: Any = connection.connection.dbapi_connection
    found: sqlite3.Connection = driver
    return found

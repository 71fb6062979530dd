# SPDX-License-Identifier: Apache-2.0
"""
The statements that are executed for every single item, each made once.

Making one costs more than executing it.
"""

from __future__ import annotations

import functools
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Column, Table

from territoire_sante.sync import _tables as tables


@functools.cache
def rows_of(column: Column[Any]) -> str:
    """Return the query for the rows of a link in which ``column`` has a value: ``?`` each."""
    names = ", ".join(f'"{each.name}"' for each in column.table.columns)
    return f"SELECT {names} FROM {column.table.name} {_where(column)}"  # noqa: S608 - names of ours


@functools.cache
def removal_of(column: Column[Any]) -> str:
    """Return the deletion of the rows of a link in which ``column`` has a value: ``?`` each."""
    return f"DELETE FROM {column.table.name} {_where(column)}"  # noqa: S608 - names of ours


@functools.cache
def upsert(table: Table, columns: tuple[str, ...], key: tuple[str, ...]) -> str:
    """Return the insertion of ``:columns`` that overwrites a row with the same ``key``."""
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(f":{name}" for name in columns)
    rest = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in key)
    return (
        f"INSERT INTO {table.name} ({names}) VALUES ({values}) "  # noqa: S608 - names of ours
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {rest}"
    )


_ITEMS: Final = tables.items.c

#: A pair is given what was read back, if nothing has happened to it since it was written.
ECHO: Final = (
    sa.update(tables.items)
    .where(
        _ITEMS.link == sa.bindparam("of"),
        _ITEMS.uid == sa.bindparam("known"),
        _ITEMS.status == "unverified",
        _ITEMS.etag.is_not_distinct_from(sa.bindparam("tag")),
        _ITEMS.remote_base == sa.bindparam("bytes"),
    )
    .values(
        {
            name: sa.bindparam(name)
            for name in ("etag", "remote_base", "media_type", "status", "updated_at")
        }
    )
)


def _where(column: Column[Any]) -> str:
    return f'WHERE link = ? AND "{column.name}" = ?'

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
from sqlalchemy.dialects.sqlite import insert

from territoire_sante.sync import _tables as tables


@functools.cache
def rows_of(column: Column[Any]) -> sa.Select[Any]:
    """Return the query for the rows of ``:link`` in which ``column`` is ``:value``."""
    return sa.select(column.table).where(_is_it(column))


@functools.cache
def removal_of(column: Column[Any]) -> sa.Delete:
    """Return the deletion of the rows of ``:link`` in which ``column`` is ``:value``."""
    return sa.delete(column.table).where(_is_it(column))


@functools.cache
def upsert(table: Table, columns: tuple[str, ...], key: tuple[str, ...]) -> Any:
    """Return the insertion of ``columns`` that overwrites a row with the same ``key``."""
    statement = insert(table)
    rest = {name: statement.excluded[name] for name in columns if name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=rest)


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


def _is_it(column: Column[Any]) -> sa.ColumnElement[bool]:
    links: sa.ColumnElement[Any] = column.table.c.link
    return (links == sa.bindparam("link")) & (column == sa.bindparam("value"))

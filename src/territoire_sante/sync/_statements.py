# SPDX-License-Identifier: Apache-2.0
"""The statements of the tables of links, each put together once."""

from __future__ import annotations

import functools
from typing import Final


@functools.cache
def rows_of(table: str, column: str) -> str:
    """Return the query for the rows of a link in which ``column`` has a value: ``?`` each."""
    return f'SELECT * FROM {table} WHERE link = ? AND "{column}" = ?'  # noqa: S608 - names of ours


@functools.cache
def removal_of(table: str, column: str) -> str:
    """Return the deletion of the rows of a link in which ``column`` has a value: ``?`` each."""
    return f'DELETE FROM {table} WHERE link = ? AND "{column}" = ?'  # noqa: S608 - names of ours


@functools.cache
def insertion(table: str, columns: tuple[str, ...]) -> str:
    """Return the insertion of ``:columns``."""
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(f":{name}" for name in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608 - names of ours


@functools.cache
def upsert(table: str, columns: tuple[str, ...], key: tuple[str, ...]) -> str:
    """Return the insertion of ``:columns`` that overwrites a row with the same ``key``."""
    rest = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in key)
    return f"{insertion(table, columns)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {rest}"


#: A pair is given what was read back, if nothing has happened to it since it was written.
ECHO: Final = """
    UPDATE sync_item SET
        etag = :etag, remote_base = :remote_base, media_type = :media_type, status = :status,
        reason = '', updated_at = :updated_at
    WHERE link = :of AND uid = :known AND status = 'unverified'
        AND etag IS :tag AND remote_base = :bytes
"""

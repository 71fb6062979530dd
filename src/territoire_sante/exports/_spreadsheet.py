# SPDX-License-Identifier: Apache-2.0
"""Tables for spreadsheets: one CSV for each kind of thing, all in one archive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

import attrs

from territoire_sante.exports._cells import guarded, write_rows
from territoire_sante.exports._contract import Exported, Tally
from territoire_sante.exports._plain import archive, member
from territoire_sante.exports._sheets import (
    ACTORS,
    CONVENTIONS,
    LEVERS,
    LIAISONS,
    POSTS,
    Columns,
    Sheet,
    actor_rows,
    convention_rows,
    lever_rows,
    liaison_rows,
    post_rows,
)
from territoire_sante.exports._words import pick
from territoire_sante.privacy import Disclosed

#: What Excel takes for the end of a cell where the decimal sign is a comma.
SEPARATOR: Final = ";"


@attrs.frozen(kw_only=True)
class _Table:
    """One file: what it is called in each language, its columns, its rows."""

    fr: str
    en: str
    columns: Columns
    rows: Callable[[Sheet], Iterator[list[str]]]


_TABLES: Final = (
    _Table(fr="acteurs", en="actors", columns=ACTORS, rows=actor_rows),
    _Table(fr="contacts", en="contacts", columns=POSTS, rows=post_rows),
    _Table(fr="conventions", en="conventions", columns=CONVENTIONS, rows=convention_rows),
    _Table(fr="leviers", en="levers", columns=LEVERS, rows=lever_rows),
    _Table(fr="relais", en="liaisons", columns=LIAISONS, rows=liaison_rows),
)


def write_csv(
    disclosed: Disclosed, out: BinaryIO, /, *, today: dt.date, lang: str = "fr"
) -> Exported:
    """
    Write actors, contacts, conventions, levers with their offers, and liaison roles.

    UTF-8 with a byte order mark, semicolons between cells, and an apostrophe ahead of what a
    spreadsheet would calculate. Posts that are over are not among the contacts.
    """
    tally = Tally()
    sheet = Sheet(snapshot=disclosed.snapshot, today=today, lang=lang)
    with archive(out) as opened:
        for table in sorted(_TABLES, key=lambda one: pick(lang, one.fr, one.en)):
            with member(opened, f"{pick(lang, table.fr, table.en)}.csv") as stream:
                rows = _with_head(sheet, table)
                tally.count += write_rows(stream, rows, separator=SEPARATOR, bom=True) - 1
    return tally.done()


def _with_head(sheet: Sheet, table: _Table) -> Iterator[list[str]]:
    yield [pick(sheet.lang, fr, en) for fr, en in table.columns]
    for row in table.rows(sheet):
        yield [guarded(cell) for cell in row]

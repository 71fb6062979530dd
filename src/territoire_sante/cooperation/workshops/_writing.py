# SPDX-License-Identifier: Apache-2.0
"""Write a workshop and its statements as a report that is read back to the same."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from itertools import groupby

import attrs

from territoire_sante.cooperation._words import Sentence
from territoire_sante.cooperation.workshops._facts import NAMES, fact_of, facts_of
from territoire_sante.cooperation.workshops._headings import (
    CONCLUSION,
    KIND_HEADINGS,
    NOTES,
    SYNTHESIS,
)
from territoire_sante.cooperation.workshops._lines import escaped
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import Statement, Workshop


class Shape(enum.Enum):
    """How a report is laid out: as Markdown, or as plain text for a letter or a web form."""

    MARKDOWN = "markdown"
    TEXT = "text"


def write_report(
    workshop: Workshop,
    statements: Iterable[Statement],
    *,
    shape: Shape = Shape.MARKDOWN,
    language: str = "fr",
) -> str:
    """
    Write the report of a workshop: what it was, its tables, conclusion and notes.

    :func:`read_report` gives the same title, texts, tables and statements (kind,
    text, table, place, group), in either shape and language. Ids, hosts,
    statuses and links to actions are not part of a report.

    Raises:
        InvalidValueError: a statement belongs to another workshop, or names a table that there
            is not.
    """
    own = sorted(statements, key=lambda one: (one.table is None, one.table or 0, one.rank))
    _verify(workshop, own)
    page = _Page(markdown=shape is Shape.MARKDOWN, language=language)
    return "\n".join(_unspaced(page.report(workshop, own))) + "\n"


def _verify(workshop: Workshop, statements: Iterable[Statement]) -> None:
    numbers = {table.number for table in workshop.tables}
    for one in statements:
        if one.workshop_id != workshop.id:
            message = f"{one.id} belongs to {one.workshop_id or 'no workshop'}"
            raise InvalidValueError(
                message, where="workshop_id", remedy=f"Give statements of {workshop.id} only"
            )
        if one.table is not None and one.table not in numbers:
            message = f"{one.id} was said at table {one.table}, which {workshop.id} does not have"
            raise InvalidValueError(
                message, where="table", remedy="Add the table to the workshop, or mend the number"
            )


@attrs.frozen(kw_only=True)
class _Page:
    """The marks of one shape, in one language."""

    markdown: bool
    language: str

    def report(self, workshop: Workshop, statements: list[Statement]) -> Iterator[str]:
        yield from self._opening(workshop)
        tables = {
            number: list(said) for number, said in groupby(statements, key=lambda one: one.table)
        }
        for table in sorted(workshop.tables, key=lambda one: one.number):
            theme = f" — {table.theme}" if table.theme else ""
            yield from self._heading(2, f"Table {table.number}{theme}")
            yield from self._said(tables.get(table.number, []))
        if None in tables:
            yield from self._heading(2, self._word(SYNTHESIS))
            yield from self._said(tables[None])
        if workshop.conclusion:
            yield from self._heading(2, self._word(CONCLUSION))
            yield from (escaped(line) for line in workshop.conclusion.split("\n"))
        if workshop.notes:
            yield from self._heading(2, self._word(NOTES))
            yield from (f"- {note}" for note in workshop.notes)

    def _opening(self, workshop: Workshop) -> Iterator[str]:
        if self.markdown:
            yield f"# {workshop.title}"
            yield ""
        else:
            yield f"{self._word(NAMES['title'])} : {workshop.title}"
        for name, text in facts_of(workshop, self.language):
            # Two blanks at the end of a line are a line break in Markdown.
            yield f"**{name} :** {text}  " if self.markdown else f"{name} : {text}"
        yield ""
        for line in workshop.introduction.split("\n"):
            yield "\\" + line if _is_fact(line) else escaped(line)

    def _said(self, statements: list[Statement]) -> Iterator[str]:
        for kind, said in groupby(statements, key=lambda one: one.kind):
            yield from self._heading(3, self._word(KIND_HEADINGS[kind]))
            for group, members in groupby(said, key=lambda one: one.group):
                if group:
                    yield f"- {group} :"
                yield from (f"{'  ' if group else ''}- {one.text}" for one in members)

    def _heading(self, level: int, text: str) -> Iterator[str]:
        yield ""
        yield f"{'#' * level} {text}" if self.markdown else text
        if self.markdown:
            yield ""

    def _word(self, word: Sentence) -> str:
        return word.text(self.language)


def _is_fact(line: str) -> bool:
    """Whether a line would be read as a fact about the workshop, right or wrong."""
    try:
        return fact_of(line.strip(), 0) is not None
    except InvalidValueError:
        return True


def _unspaced(lines: Iterable[str]) -> Iterator[str]:
    """Leave out empty lines behind others."""
    before = ""
    for line in lines:
        if line.strip() or before.strip():
            yield line
        before = line

# SPDX-License-Identifier: Apache-2.0
"""Read the report of a workshop into its tables and statements, and lose nothing of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

import attrs

from territoire_sante.cooperation.workshops._facts import fact_of, objective_in
from territoire_sante.cooperation.workshops._lines import Line, Sort, lines_of
from territoire_sante.cooperation.workshops._splitting import sentences, steps
from territoire_sante.cooperation.workshops._vocabulary import actors_in, family_of
from territoire_sante.errors import InvalidValueError, LimitExceededError
from territoire_sante.model import (
    Provenance,
    Statement,
    StatementKind,
    Visibility,
    Workshop,
    WorkshopMethod,
    WorkshopTable,
    make_id,
)

#: The longest report that is read, in characters.
LONGEST: Final = 1_000_000

_LISTS: Final = frozenset({StatementKind.CONDITION, StatementKind.KEY_IDEA})
_FULL_STOPS: Final = (".", "!", "?", "…", ":", ";", "»")


@attrs.frozen(kw_only=True)
class Report:
    """
    A report as it was read: the workshop, its statements, and where they stand.

    ``lines`` holds the line of each statement, counted from 1, in their order;
    ``text`` is the report, character by character.
    """

    workshop: Workshop
    statements: tuple[Statement, ...]
    lines: tuple[int, ...]
    text: str

    def line_of(self, statement_id: str) -> int:
        """Return the line on which a statement begins, 0 for one of another report."""
        found = (
            line
            for one, line in zip(self.statements, self.lines, strict=True)
            if one.id == statement_id
        )
        return next(found, 0)


def read_report(
    text: str,
    *,
    id: str,
    title: str = "",
    visibility: Visibility = Visibility.PARTNERS,
    provenance: Provenance | None = None,
) -> Report:
    """
    Read the report of a workshop, in Markdown or as plain text with the same headings.

    Tables are found by "Table 1", or are the titled sections where there is
    none; in each, the four headings (observations, ideas, conditions, key
    ideas; French or English, with their usual variants) say what a statement
    is. A list item is one statement, a paragraph one for each sentence, and a
    sentence that lists things to do one for each of them. A line ending in a
    colon before a list is the ``group`` of its items. The ids of statements
    follow from ``id`` and their words, so that reading twice changes nothing.

    Raises:
        InvalidValueError: there is neither a title in the report nor in ``title``, or a line
            such as "Date:" holds no date.
        LimitExceededError: the report is longer than a million characters.
    """
    if len(text) > LONGEST:
        message = f"the report has {len(text)} characters, {LONGEST} are read at most"
        raise LimitExceededError(message, where=id, remedy="Give the report without its annexes")
    lines = list(lines_of(text.removeprefix("\ufeff")))
    reader = _Reader(id=id, common={"visibility": visibility, "provenance": provenance})
    reader.numbered = any(line.sort is Sort.TABLE for line in lines)
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        reader.take(line, following)
    reader.close()
    return Report(
        workshop=reader.workshop(title),
        statements=tuple(reader.statements),
        lines=tuple(reader.places),
        text=text,
    )


@attrs.define(kw_only=True)
class _Reader:
    """Where the reading stands, and what it has found so far."""

    id: str
    common: dict[str, Any]
    numbered: bool = False
    part: str = "introduction"
    table: int | None = None
    kind: StatementKind = StatementKind.OBSERVATION
    group: str = ""
    group_indent: int = -1
    pending: list[str] = attrs.field(factory=list)
    pending_line: int = 0
    in_bullet: bool = False
    facts: dict[str, Any] = attrs.field(factory=dict)
    themes: dict[int, str] = attrs.field(factory=dict)
    texts: dict[str, list[str]] = attrs.field(
        factory=lambda: {"introduction": [], "conclusion": []}
    )
    notes: list[str] = attrs.field(factory=list)
    statements: list[Statement] = attrs.field(factory=list)
    places: list[int] = attrs.field(factory=list)
    ranks: Counter[int | None] = attrs.field(factory=Counter)
    times: Counter[str] = attrs.field(factory=Counter)

    def take(self, line: Line, following: Line | None) -> None:
        """Take one more line; ``following`` is the one behind it."""
        if line.sort in (Sort.BULLET, Sort.PROSE):
            by_part: dict[str, Callable[[Line, Line | None], None]] = {
                "tables": self._statement_line,
                "notes": self._note_line,
            }
            by_part.get(self.part, self._text_line)(line, following)
            return
        self.close()
        if line.sort is Sort.BLANK:
            if self.part in self.texts:
                self.texts[self.part].append("")
            return
        self._heading(line)

    def _heading(self, line: Line) -> None:
        self.group = ""
        if line.sort is Sort.TITLE and "title" not in self.facts and self.part == "introduction":
            self.facts["title"] = line.text
        elif line.sort is Sort.TABLE:
            self._open(line.table, line.text)
        elif line.sort is Sort.KIND and line.kind is not None:
            if line.mark and not self.numbered and not line.mark.startswith("###"):
                self.table = None
            self.part, self.kind = "tables", line.kind
        elif line.sort is Sort.SYNTHESIS:
            self.part, self.table, self.kind = "tables", None, StatementKind.OBSERVATION
        elif line.sort is Sort.CONCLUSION:
            self.part = "conclusion"
        elif line.sort is Sort.NOTES:
            self.part = "notes"
        elif self.numbered or self.part in ("conclusion", "notes"):
            self._other_heading(line)
        else:
            self._open(len(self.themes) + 1, line.text)

    def _other_heading(self, line: Line) -> None:
        """Keep a heading that is none of the structure: as text, or as a group of its table."""
        if self.part == "tables":
            self.group, self.group_indent = line.text, -1
        elif self.part == "notes":
            self.notes.append(line.text)
        else:
            self.texts[self.part].append(line.text)

    def _open(self, number: int, theme: str) -> None:
        before = self.themes.get(number, "")
        themes = [one for one in (before, theme if theme != before else "") if one]
        self.themes[number] = " ; ".join(themes)
        self.part, self.table, self.kind = "tables", number, StatementKind.OBSERVATION

    def _text_line(self, line: Line, _following: Line | None) -> None:
        if self.part == "introduction" and line.sort is Sort.PROSE and not line.literal:
            fact = fact_of(line.text, line.number)
            if fact and fact[0] not in self.facts:
                self.facts[fact[0]] = fact[1]
                return
        if self.part == "conclusion" and line.mark == "*":
            self.notes.append(line.text)
            return
        mark = f"{line.mark} " if line.mark else ""
        self.texts[self.part].append(mark + line.text)

    def _note_line(self, line: Line, _following: Line | None) -> None:
        self.notes.append(line.text)

    def _statement_line(self, line: Line, following: Line | None) -> None:
        if line.sort is Sort.BULLET:
            self.close()
            self._bullet(line, following)
            return
        goes_on = self.pending and not self.pending[-1].endswith(_FULL_STOPS)
        if self.in_bullet and line.indent:
            goes_on = bool(self.pending)
        if not goes_on:
            self.close()
            self.in_bullet = False
            self.pending_line = line.number
        self.pending.append(line.text)
        if not self.in_bullet and line.text.endswith(":") and _lists(following):
            self.group, self.group_indent = _lead(" ".join(self.pending)), -1
            self.pending = []

    def _bullet(self, line: Line, following: Line | None) -> None:
        deeper = following is not None and _lists(following) and following.indent > line.indent
        if deeper and line.text.endswith(":"):
            self.group, self.group_indent = _lead(line.text), line.indent
            return
        if self.group and line.indent <= self.group_indent:
            self.group = ""
        self.pending, self.pending_line, self.in_bullet = [line.text], line.number, True

    def close(self) -> None:
        """Make statements of what is waiting."""
        text, self.pending = " ".join(self.pending), []
        if not text:
            return
        if self.in_bullet:
            self._say(text.rstrip(" ;\u00a0\u202f") or text)
            if self.group and self.group_indent < 0 and text.endswith("."):
                self.group = ""  # a list in one sentence ends with its full stop
            self.in_bullet = False
            return
        self.group = ""
        for sentence in sentences(text):
            for one in steps(sentence) if self.kind in _LISTS else (sentence,):
                self._say(one)

    def _say(self, text: str) -> None:
        words = " ".join(text.split())
        self.ranks[self.table] += 1
        self.statements.append(
            Statement(
                id=self._id_for(words),
                kind=self.kind,
                text=words,
                workshop_id=self.id,
                table=self.table,
                rank=self.ranks[self.table],
                group=self.group,
                lever_family=family_of(words),
                actor_kinds=actors_in(words),
                **self.common,
            )
        )
        self.places.append(self.pending_line)

    def _id_for(self, words: str) -> str:
        """Return the id of a statement, other than those of its like that were read before."""
        strong = f"{self.id} / {self.kind.value} / {words}"
        self.times[strong] += 1
        return make_id("statement", f"{strong} / {self.times[strong]}")

    def workshop(self, title: str) -> Workshop:
        """
        Return the workshop, with what was read about it.

        Raises:
            InvalidValueError: the report has no title, and none was given.
        """
        facts = {"title": title, **self.facts}
        if not facts["title"]:
            message = "the report has no title"
            raise InvalidValueError(
                message,
                where=self.id,
                remedy="Write '# ' and the title on its first line, or give one",
            )
        introduction = _joined(self.texts["introduction"])
        facts.setdefault("objective", objective_in(introduction))
        facts.setdefault(
            "method", WorkshopMethod.WORLD_CAFE if self.numbered else WorkshopMethod.OTHER
        )
        return Workshop(
            id=self.id,
            introduction=introduction,
            tables=tuple(
                WorkshopTable(number=number, theme=theme)
                for number, theme in sorted(self.themes.items())
            ),
            conclusion=_joined(self.texts["conclusion"]),
            notes=tuple(self.notes),
            **facts,
            **self.common,
        )


def _lists(line: Line | None) -> bool:
    return line is not None and line.sort is Sort.BULLET


def _lead(text: str) -> str:
    return text.rstrip(" :\u00a0\u202f")


def _joined(lines: Iterable[str]) -> str:
    """Join lines, with one empty line between paragraphs at most."""
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n")

# SPDX-License-Identifier: Apache-2.0
"""Units of text into lines, lines into pages; what is too wide is named, nothing is cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from territoire_sante.formats.panel._cells import graphemes
from territoire_sante.formats.panel._glue import KEEP, SOFT, unglued


@attrs.frozen(kw_only=True)
class Line:
    """A line, and whether the next one must be on the same page."""

    text: str
    keep: bool = False


@attrs.frozen(kw_only=True)
class Filled:
    """Lines in pages; what is wider than a line; what would be torn over two pages."""

    pages: tuple[tuple[Line, ...], ...] = ()
    too_wide: tuple[str, ...] = ()
    too_high: tuple[str, ...] = ()


def width(text: str) -> int:
    """Return the number of cells that a text takes."""
    return len(graphemes(text))


def filled(paragraphs: Sequence[str], rows: int, columns: int, pages_max: int) -> Filled:
    """
    Fill pages with glued paragraphs, whole paragraphs on one page if there are pages enough.

    A paragraph begins a line. What is too wide is counted with the lines that it would take.
    """
    too_wide: dict[str, None] = {}
    blocks = [list(_blocks(list(_lines(paragraph, columns, too_wide)))) for paragraph in paragraphs]
    too_high = [_text(block) for blocks_ in blocks for block in blocks_ if len(block) > rows]
    roomy = _pages(blocks, rows, whole=True)
    pages = roomy if len(roomy) <= pages_max else _pages(blocks, rows, whole=False)
    return Filled(pages=tuple(pages), too_wide=tuple(too_wide), too_high=tuple(too_high))


def _text(block: Sequence[Line]) -> str:
    return unglued(" ".join(line.text for line in block))


def _pieces(unit: str, columns: int) -> Iterator[Line]:
    """Yield a unit, or its parts if it is wider than a line; ``keep`` ties one to the next."""
    if width(unit) <= columns:
        yield Line(text=unit)
        return
    for mark, keep in ((SOFT, False), (KEEP, True)):
        if mark in unit:
            parts = unit.split(mark)
            for number, part in enumerate(parts, 1):
                inner = list(_pieces(part, columns))
                yield from inner[:-1]
                tied = keep and number < len(parts)
                yield attrs.evolve(inner[-1], keep=tied or inner[-1].keep)
            return
    yield Line(text=unit)


def _lines(paragraph: str, columns: int, too_wide: dict[str, None]) -> Iterator[Line]:
    line: Line | None = None
    for unit in paragraph.split(" "):
        for piece in _pieces(unit, columns) if unit else ():
            if line is not None and width(line.text) + 1 + width(piece.text) <= columns:
                line = Line(text=f"{line.text} {piece.text}", keep=piece.keep)
                continue
            if line is not None:
                yield line
            line = piece
            if width(piece.text) > columns:
                too_wide[unglued(piece.text)] = None
                yield from [Line(text=piece.text)] * ((width(piece.text) - 1) // columns)
    if line is not None:
        yield attrs.evolve(line, keep=False)


def _blocks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield runs of lines that must stay on one page."""
    block: list[Line] = []
    for line in lines:
        block.append(line)
        if not line.keep:
            yield block
            block = []


def _pages(
    paragraphs: Sequence[Sequence[Sequence[Line]]], rows: int, *, whole: bool
) -> list[tuple[Line, ...]]:
    pages: list[list[Line]] = [[]]
    for blocks in paragraphs:
        height = sum(map(len, blocks))
        if whole and pages[-1] and len(pages[-1]) + height > rows >= height:
            pages.append([])
        for block in blocks:
            if pages[-1] and len(pages[-1]) + len(block) > rows:
                pages.append([])
            pages[-1] += block
    return [tuple(page) for page in pages if page]

# SPDX-License-Identifier: Apache-2.0
"""Properties that hold several values, on one line or on several: CATEGORIES and the dates."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Mapping, Sequence
from typing import Final

from territoire_sante.formats._contentline_document import Component
from territoire_sante.formats._contentline_edit import Edit
from territoire_sante.formats._contentline_line import Line
from territoire_sante.formats._contentline_text import (
    escape,
    line_breaks,
    split_escaped,
    unescape,
)

#: Parameters of the encodings of vCard 2.1; a rewritten value is plain.
PLAIN: Final[Mapping[str, None]] = dict.fromkeys(("ENCODING", "CHARSET", "QUOTED-PRINTABLE", "QP"))


def match(
    old: Sequence[Hashable], wanted: Sequence[Hashable]
) -> tuple[list[int | None], list[int]]:
    """
    Return for each old value its index in ``wanted`` (``None``: gone), and the indexes left.

    >>> match("abc", "cad")
    ([1, None, 0], [2])
    """
    free: dict[Hashable, deque[int]] = defaultdict(deque)
    for at, value in enumerate(wanted):
        free[value].append(at)
    matched = [free[value].popleft() if free.get(value) else None for value in old]
    taken = {at for at in matched if at is not None}
    return matched, [at for at in range(len(wanted)) if at not in taken]


def in_order(matched: Sequence[int | None], left: Sequence[int]) -> bool:
    """Say whether what stays, then what is new, is already in the order wanted."""
    order = [at for at in matched if at is not None] + list(left)
    return order == sorted(order)


def rewrite_values(
    edit: Edit,
    lines: Sequence[Line],
    raws: Sequence[tuple[Line, str]],
    stays: Sequence[bool],
    extra: Sequence[str] = (),
) -> None:
    """Drop the raw values that do not stay; ``extra`` joins the last line that keeps one."""
    kept: dict[Line, list[str]] = {line: [] for line in lines}
    touched: dict[Line, None] = {}
    for (line, raw), stay in zip(raws, stays, strict=True):
        if stay:
            kept[line].append(raw)
        else:
            touched[line] = None
    if extra:
        home = next((line for line in reversed(lines) if kept[line]), lines[0])
        kept[home].extend(extra)
        touched[home] = None
    for line in touched:
        new = ",".join(kept[line])
        rewritten = [line.rewritten(new, params=PLAIN, fallback=edit.fallback)] if new else []
        edit.replace(line, *rewritten)


def split_categories(line: Line) -> list[str]:
    """Return the raw, still escaped values of a CATEGORIES line, invisible ones left out."""
    return [part for part in split_escaped(line.decoded(), ",") if unescape(part).strip()]


def read_categories(lines: Sequence[Line]) -> tuple[str, ...]:
    """Return the categories of all CATEGORIES lines."""
    return tuple([unescape(part).strip() for line in lines for part in split_categories(line)])


def put_categories(edit: Edit, component: Component, new: Sequence[str]) -> bool:
    """
    Set CATEGORIES: a new one joins the last line, one that goes leaves its line.

    Returns:
        Whether something changed.
    """
    lines = component.all("CATEGORIES")
    old = read_categories(lines)
    wanted = tuple(line_breaks(text).strip() for text in new if text.strip())
    if wanted == old:
        return False
    if not lines:
        edit.append(component, edit.line("CATEGORIES", ",".join(map(escape, wanted))))
        return True
    raws = [(line, raw) for line in lines for raw in split_categories(line)]
    matched, left = match(old, wanted)
    if not in_order(matched, left):
        matched, left = [None] * len(old), list(range(len(wanted)))
    extra = [escape(wanted[at]) for at in left]
    rewrite_values(edit, lines, raws, [at is not None for at in matched], extra)
    return True

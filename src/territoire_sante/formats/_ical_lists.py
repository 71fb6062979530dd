# SPDX-License-Identifier: Apache-2.0
"""Writing of properties that hold several values: CATEGORIES, RDATE, EXDATE, ATTENDEE."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Sequence

from territoire_sante.formats._contentline_document import Component
from territoire_sante.formats._contentline_line import Line
from territoire_sante.formats._contentline_text import escape, line_breaks
from territoire_sante.formats._ical_read import read_categories, read_user, split_categories
from territoire_sante.formats._ical_time import instant, read_whens, same_whens
from territoire_sante.formats._ical_write import Writer
from territoire_sante.model import CalendarUser, When

_Raw = tuple[Line, str]


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


def _rewrite(
    writer: Writer,
    lines: Sequence[Line],
    raws: Sequence[_Raw],
    stays: Sequence[bool],
    extra: Sequence[str] = (),
) -> None:
    """Drop the values that do not stay; ``extra`` joins the last line that keeps one."""
    kept: dict[Line, list[str]] = {line: [] for line in lines}
    lost: set[Line] = set()
    for (line, raw), stay in zip(raws, stays, strict=True):
        if stay:
            kept[line].append(raw)
        else:
            lost.add(line)
    if extra:
        home = next((line for line in reversed(lines) if kept[line]), lines[0])
        kept[home].extend(extra)
        lost.add(home)
    for line in lost:
        new = ",".join(kept[line])
        writer.edit.replace(
            line, *([line.rewritten(new, fallback=writer.edit.fallback)] if new else [])
        )


def put_categories(writer: Writer, component: Component, new: Sequence[str]) -> None:
    """Set CATEGORIES: a new one joins the last line, one that goes leaves its line."""
    lines = component.all("CATEGORIES")
    old = read_categories(lines)
    wanted = tuple(line_breaks(text).strip() for text in new if text.strip())
    if wanted == old:
        return
    writer.owned.add("CATEGORIES")
    if not lines:
        text = ",".join(map(escape, wanted))
        writer.edit.append(component, writer.edit.line("CATEGORIES", text))
        return
    raws = [(line, raw) for line in lines for raw in split_categories(line)]
    matched, left = match(old, wanted)
    order = [at for at in matched if at is not None] + left
    if order == list(range(len(wanted))):
        extra = [escape(wanted[at]) for at in left]
        _rewrite(writer, lines, raws, [at is not None for at in matched], extra)
        return
    text = ",".join(map(escape, wanted))
    writer.edit.remove(lines)
    writer.edit.replace(lines[0], lines[0].rewritten(text, fallback=writer.edit.fallback))


def put_whens(writer: Writer, component: Component, name: str, new: Sequence[When]) -> bool:
    """
    Set RDATE or EXDATE, matching by instant; return whether something changed.

    A value that goes leaves its line, a new one gets a line of its own in the manner of the
    last; periods of RDATE keep their ends.
    """
    lines = component.all(name)
    old = tuple(when for line in lines for when in read_whens(line, writer.zones))
    if same_whens(old, tuple(new)):
        return False
    writer.owned.add(name)
    raws = [(line, text) for line in lines for text in line.value.split(",") if text.strip()]
    matched, left = match([instant(when) for when in old], [instant(when) for when in new])
    order = [at for at in matched if at is not None] + left
    if order != list(range(len(new))):
        matched, left = [None] * len(old), list(range(len(new)))
    _rewrite(writer, lines, raws, [at is not None for at in matched])
    style = lines[-1] if lines else None
    start = component.first("DTSTART")
    hint = start.param("TZID") if start is not None else ""
    fresh = [writer.when_line(name, style, new[at], hint) for at in left]
    if not fresh:
        return True
    if style is not None:
        writer.edit.insert(style, fresh)
    else:
        writer.edit.append(component, *fresh)
    return True


def _user_line(writer: Writer, name: str, line: Line | None, user: CalendarUser) -> Line:
    # Without SCHEDULE-AGENT=CLIENT the server would send mail to everybody (RFC 6638, 7.1).
    params: dict[str, Sequence[str] | None] = {
        "CN": [user.name] if user.name else None,
        "ROLE": [user.role] if user.role else None,
        "PARTSTAT": [user.status] if user.status else None,
        "SCHEDULE-AGENT": ["CLIENT"],
    }
    if line is not None:
        return line.rewritten(user.address, params=params, fallback=writer.edit.fallback)
    given = [(key, values) for key, values in params.items() if values is not None]
    return writer.edit.line(name, user.address, given)


def put_users(writer: Writer, component: Component, name: str, new: Sequence[CalendarUser]) -> None:
    """Set ORGANIZER or ATTENDEE, matching by address; each new or changed line is CLIENT's."""
    lines = component.all(name)
    old = [read_user(line) for line in lines]
    if tuple(old) == tuple(new):
        return
    writer.owned.add(name)
    matched, _ = match(
        [user.address.lower() for user in old], [user.address.lower() for user in new]
    )
    origin = {at: index for index, at in enumerate(matched) if at is not None}
    entries: list[tuple[int | None, Sequence[Line]]] = []
    for at, user in enumerate(new):
        index = origin.get(at)
        line = lines[index] if index is not None else None
        same = index is not None and old[index] == user
        kept = line if same and line is not None else _user_line(writer, name, line, user)
        entries.append((index, [kept]))
    writer.edit.arrange(component, lines, entries)

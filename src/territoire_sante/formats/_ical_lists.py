# SPDX-License-Identifier: Apache-2.0
"""Writing of what an event has several of: RDATE, EXDATE, ATTENDEE."""

from __future__ import annotations

from collections.abc import Sequence

from territoire_sante.formats._contentline_document import Component
from territoire_sante.formats._contentline_line import Line
from territoire_sante.formats._contentline_lists import in_order, match, rewrite_values
from territoire_sante.formats._ical_read import read_user
from territoire_sante.formats._ical_time import instant, read_whens, same_whens
from territoire_sante.formats._ical_write import Writer
from territoire_sante.model import CalendarUser, When


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
    if not in_order(matched, left):
        matched, left = [None] * len(old), list(range(len(new)))
    rewrite_values(writer.edit, lines, raws, [at is not None for at in matched])
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

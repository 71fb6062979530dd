# SPDX-License-Identifier: Apache-2.0
r"""
iCalendar (RFC 5545): one event per document, and whole files of them.

>>> from territoire_sante.formats import Document
>>> event = EVENT.get(Document(
...     b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a@example.org\r\nSUMMARY:Soir\xc3\xa9e\r\n"
...     b"DTSTART;TZID=Europe/Paris:20260329T180000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
...     "text/calendar",
... ))
>>> event.summary, event.start.isoformat()
('Soirée', '2026-03-29T18:00:00+02:00')
"""

from territoire_sante.formats._ical_event import EventLens
from territoire_sante.formats._ical_expand import BUDGET, Instance, expand
from territoire_sante.formats._ical_files import items, key, merge_into, split
from territoire_sante.formats._ical_todo import TodoLens
from territoire_sante.formats._interop import from_icalendar, from_jcal, to_icalendar, to_jcal

#: The lens for events; people are read, never written.
EVENT = EventLens()

#: The lens for tasks.
TODO = TodoLens()

#: The lens that writes ORGANIZER and ATTENDEE too, with SCHEDULE-AGENT=CLIENT.
EVENT_WITH_PEOPLE = EventLens(people=True)

__all__ = [
    "BUDGET",
    "EVENT",
    "EVENT_WITH_PEOPLE",
    "TODO",
    "EventLens",
    "Instance",
    "TodoLens",
    "expand",
    "from_icalendar",
    "from_jcal",
    "items",
    "key",
    "merge_into",
    "split",
    "to_icalendar",
    "to_jcal",
]

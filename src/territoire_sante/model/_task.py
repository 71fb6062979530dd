# SPDX-License-Identifier: Apache-2.0
"""
Tasks: what a task list shows of an action or a deadline (RFC 5545, 3.6.2).

A task is a view, never stored: it is made of something that must be done, and
written back to it.
"""

from __future__ import annotations

import datetime as dt

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.model._event import Classification, When
from territoire_sante.model._labels import LabelledEnum


class TaskStatus(LabelledEnum):
    """STATUS of a VTODO (RFC 5545, 3.8.1.11)."""

    NEEDS_ACTION = "NEEDS-ACTION", "À faire", "To do"
    IN_PROCESS = "IN-PROCESS", "En cours", "In progress"
    COMPLETED = "COMPLETED", "Fait", "Done"
    CANCELLED = "CANCELLED", "Annulé", "Cancelled"


@attrs.frozen(kw_only=True)
class Task:
    """
    Something to do, perhaps from ``start`` and until ``due``.

    ``due`` is a day, on which it may still be done, or a time. ``priority`` is 1 (highest) to 9,
    0 if not said; ``percent_complete`` 0 to 100; ``completed`` when it was done, an aware time.
    ``rrule`` is the text of an RRULE value. The due time is not checked against the start: task
    lists hold such tasks and they must not be lost.
    """

    uid: str = ""
    summary: str = ""
    description: str = ""
    location: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()
    status: TaskStatus | None = None
    classification: Classification | None = None
    priority: int = 0
    start: When | None = None
    due: When | None = None
    completed: dt.datetime | None = None
    percent_complete: int | None = None
    rrule: str = ""

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.priority <= 9:  # noqa: PLR2004 - RFC 5545, 3.8.1.9
            raise InvalidValueError("a priority is 0 to 9", where="priority")
        if self.percent_complete is not None and not 0 <= self.percent_complete <= 100:  # noqa: PLR2004 - percents
            raise InvalidValueError("a percentage is 0 to 100", where="percent_complete")
        if self.completed is not None and self.completed.tzinfo is None:
            raise InvalidValueError(
                "the time of completion needs a zone", where="completed", remedy="Give it in UTC"
            )

# SPDX-License-Identifier: Apache-2.0
"""
The lens between VEVENT documents and events.

Reading and writing are loaded by the first document: a sync where nothing changed meets none.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import attrs

from territoire_sante.model import Event

if TYPE_CHECKING:
    from territoire_sante.formats._contentline_document import ContentDocument
    from territoire_sante.formats._document import Document

_FIELDS: Final = frozenset({
    "uid", "summary", "description", "location", "geo", "url", "categories", "status",
    "classification", "start", "end", "rrule", "rdates", "exdates", "occurrences",
})  # fmt: skip
_PEOPLE: Final = frozenset({"organizer", "attendees"})


@attrs.frozen(kw_only=True)
class EventLens:
    """
    VEVENT documents to :class:`~territoire_sante.model.Event` and back (RFC 5545, 3.6.1).

    A document holds one UID: the event, its changed instances and their time
    zones. ORGANIZER and ATTENDEE are always read; they are written only with
    ``people``, then with SCHEDULE-AGENT=CLIENT, because servers send mail otherwise.
    """

    people: bool = False

    @property
    def view(self) -> type[Event]:
        """Events."""
        return Event

    @property
    def media_type(self) -> str:
        """``text/calendar``."""
        return "text/calendar"

    @property
    def fields(self) -> frozenset[str]:
        """What a VEVENT can carry, people only if they may be written."""
        return _FIELDS | _PEOPLE if self.people else _FIELDS

    def get(self, document: Document | ContentDocument) -> Event:
        """
        Return the event in ``document``.

        An end equal to the start is read as no end; occurrences are in the order of
        the instants they replace; text is without control characters.

        Raises:
            FormatError: no event, several UIDs, or a date that cannot be read, with its line.
            UnsupportedError: another kind of component, or a zone that is nowhere defined.
        """
        from territoire_sante.formats._ical_read import read  # noqa: PLC0415 - see above

        return read(document)[1]

    def require_whole(self, document: Document | ContentDocument) -> None:
        """
        Return if the calendar has its END.

        Raises:
            FormatError: it has none, so that it may be cut short.
        """
        from territoire_sante.formats._ical_read import whole_content  # noqa: PLC0415 - see above

        whole_content(document).require_whole()

    def put(
        self,
        view: Event,
        document: Document | ContentDocument | None = None,
        *,
        now: dt.datetime | None = None,
    ) -> Document:
        """
        Return ``document`` with the changed fields of ``view``, or a new document.

        ``now`` sets DTSTAMP and LAST-MODIFIED of each changed component, and raises SEQUENCE
        when its dates, recurrence or status changed (RFC 5545, 3.8.7.4).

        Raises:
            FormatError: the view cannot be said in this format, or the document not be read.
        """
        from territoire_sante.formats._ical_vevent import put  # noqa: PLC0415 - see above

        return put(view, document, now, people=self.people)

# SPDX-License-Identifier: Apache-2.0
"""Records of the public dataset as announcements, to read and not to write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import attrs

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document, ReadOnlyLens
from territoire_sante.formats.record import text
from territoire_sante.model import Announcement, make_id
from territoire_sante_openagenda._event import MEDIA_TYPE, parse_event
from territoire_sante_openagenda._ods_config import OpendatasoftConfig
from territoire_sante_openagenda._texts import bodies_of
from territoire_sante_openagenda._times import Slot, read_slots, span


@attrs.frozen
class RecordLens(ReadOnlyLens[Announcement]):
    """Reads one record; times are told in ``zone``."""

    zone: ZoneInfo = attrs.field(factory=lambda: ZoneInfo("Europe/Paris"))

    view: ClassVar[type[Announcement]] = Announcement
    media_type: ClassVar[str] = MEDIA_TYPE
    refusal: ClassVar[tuple[str, str]] = (
        "public datasets are read, not written",
        "Publish through the connector openagenda",
    )
    fields: ClassVar[frozenset[str]] = frozenset(
        {"uid", "title", "body", "body_short", "event_start", "event_end", "place", "url"}
    )

    def get(self, document: Document) -> Announcement:
        """
        Return the announcement of a record.

        Raises:
            FormatError: it is no JSON object, or has no id.
        """
        record = document.parsed(parse_event)
        uid = id_of(record)
        if not uid:
            raise FormatError("a record without uid or canonicalurl", where="uid")
        body, short = bodies_of(text(record, "description_fr"), text(record, "longdescription_fr"))
        start, end = span(_slots(record), self.zone)
        return Announcement(
            id=make_id("announcement", uid),
            uid=uid,
            title=text(record, "title_fr"),
            body=body,
            body_short=short,
            event_start=start,
            event_end=end,
            place=", ".join(
                filter(None, (text(record, "location_name"), text(record, "location_city")))
            ),
            url=text(record, "canonicalurl"),
        )


def lens_of(config: OpendatasoftConfig) -> RecordLens:
    """Return the lens of a configuration."""
    return RecordLens(ZoneInfo(config.timezone))


def id_of(record: Mapping[str, Any]) -> str:
    """Return the id of a record, the one that OpenAgenda gave the event if it is told."""
    uid = record.get("uid")
    if isinstance(uid, str | int) and str(uid):
        return f"openagenda:{uid}"
    return text(record, "canonicalurl")


def _slots(record: Mapping[str, Any]) -> list[Slot]:
    """Return the slots, which come as text of JSON; else the first and the last time."""
    told = record.get("timings")
    if isinstance(told, str):
        try:
            told = json.loads(told)
        except (ValueError, RecursionError):
            told = None
    first, last = record.get("firstdate_begin"), record.get("lastdate_end")
    return read_slots(told) or read_slots([{"begin": first, "end": last}])

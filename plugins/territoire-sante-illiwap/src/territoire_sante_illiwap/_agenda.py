# SPDX-License-Identifier: Apache-2.0
"""The agenda of a station, in a window of days that moves on."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from territoire_sante.errors import FormatError, ProtocolError
from territoire_sante.formats import Document
from territoire_sante.http import Fetched
from territoire_sante.model import When
from territoire_sante.plugins import (
    Incremental,
    Readable,
    Recognising,
    Ref,
    Stored,
    Unreadable,
    disk,
)
from territoire_sante_illiwap._config import IlliwapAgendaConfig
from territoire_sante_illiwap._lenses import AGENDA, NAME, when_of
from territoire_sante_illiwap._source import Item, Source, Window, source

_PARIS: Final = ZoneInfo("Europe/Paris")


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@contextmanager
def opened(
    config: IlliwapAgendaConfig, *, clock: Callable[[], dt.datetime] = _utc_now
) -> Iterator[Agenda]:
    """Give the transport; ``clock`` gives the present as an aware time, for the window."""
    today = clock().astimezone(_PARIS).date()
    first = today - dt.timedelta(days=config.past_days)
    last = today + dt.timedelta(days=config.days)
    # Without both days the server answers 400.
    route = f"/fr/public/{config.station}/agenda/list?start={first}&end={last}"
    with source(config.origin, lambda: route, "application/json") as one:
        yield Agenda(one, station=config.station, first=first)


class Agenda(Window):
    """
    READ and DELTA on the events of a window; an href is the number or, without one, a hash.

    Events that the window left behind are still listed, as they were read last. An item
    without a start is unreadable, and harms no other.
    """

    def __init__(self, source: Source, *, station: str, first: dt.date) -> None:
        super().__init__(source)
        self._station, self._first = station, first

    def _is_kept(self, stored: Stored) -> bool:
        try:
            event = AGENDA.get(stored.document)
        except FormatError:
            return False
        last = event.end if event.end is not None else event.start
        return last is not None and _day(last) < self._first

    def _split(self, answer: Fetched) -> Mapping[str, Item]:
        try:
            told = json.loads(answer.body)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, list):
            raise ProtocolError(
                "the agenda is no list of events",
                where=self._source.where,
                remedy="Nothing was concluded from it; it is tried again at the next run",
            )
        items: dict[str, Item] = {}
        # They come in no order; sorted, homonyms get the same names each time.
        for raw in sorted((_canonical(one) for one in told), key=_place):
            href = _unused(_name(json.loads(raw)), items)
            items[href] = self._item(href, raw)
        return items

    def _item(self, href: str, raw: str) -> Item:
        ref = Ref(href, disk.tag(raw.encode()))
        told = json.loads(raw)
        if not isinstance(told, dict):
            return Unreadable(ref, "an item of the agenda that is no object")
        uid = f"illiwap:{self._station}:{href}"
        document = Document(_canonical({**told, NAME: uid}).encode(), AGENDA.media_type)
        try:
            AGENDA.get(document)
        except FormatError as error:
            return Unreadable(ref, f"{_title(told) or href}: {error}")
        return Stored(ref, document)


def _canonical(told: Any) -> str:
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1)
    return text.encode("utf-8", "replace").decode()


def _place(raw: str) -> tuple[str, str]:
    """Return what items are sorted by: the start, then everything."""
    told = json.loads(raw)
    start = told.get("start") if isinstance(told, dict) else None
    return (start if isinstance(start, str) else "", raw)


def _title(told: Mapping[str, Any]) -> str:
    title = told.get("title")
    return title.strip() if isinstance(title, str) else ""


def _name(told: Any) -> str:
    """Return the number of an event, or what it is known by if it has none: title and start."""
    if not isinstance(told, dict):
        return f"sha256-{hashlib.sha256(_canonical(told).encode()).hexdigest()[:24]}"
    number = told.get("id")
    if isinstance(number, int | str) and str(number).strip():
        return str(number).strip()
    start = when_of(told.get("start"))
    instant = start.isoformat() if start else ""
    title = unicodedata.normalize("NFKC", _title(told)).casefold()
    known_by = json.dumps([title, instant])
    return f"sha256-{hashlib.sha256(known_by.encode()).hexdigest()[:24]}"


def _unused(name: str, taken: Mapping[str, object]) -> str:
    """Return the name, with a number behind it if another event has it."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def _day(when: When) -> dt.date:
    return when.date() if isinstance(when, dt.datetime) else when


if TYPE_CHECKING:

    def _keeps_the_contract(agenda: Agenda) -> tuple[Readable, Incremental, Recognising]:
        return agenda, agenda, agenda

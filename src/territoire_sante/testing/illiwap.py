# SPDX-License-Identifier: Apache-2.0
"""
A stand-in for a station of Illiwap on this machine: real HTTP, the routes and traps that are known.

The news feed has items without enclosure and without a short text; the agenda wants both ends of
its window, and gives its items in no order; the address of an event stands in the list only.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import json
import re
import unicodedata
from collections.abc import Mapping
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any, Final

import attrs

from territoire_sante.testing._loopback import HTML
from territoire_sante.testing.stand_in import Answer, Asked, StandIn

_PER_PAGE: Final = 10
_JSON: Final = "application/json"
_RSS: Final = "application/rss+xml; charset=utf-8"


@attrs.frozen(kw_only=True)
class Seen:
    """What a reader sees of a piece of news: its title, and its text as HTML."""

    title: str
    html: str


@attrs.frozen(kw_only=True)
class _Item:
    guid: str
    title: str
    html: str
    date: str | None


class IlliwapServer(StandIn):
    """
    Runs from ``with`` to its end, on a free port of the loopback interface.

    Args:
        station: the only station that is there.
        name: what its pages are headed with.
        latest: how many pieces of news the feed holds.
        validators: whether answers carry an ETag, and 304 is answered to it.

    >>> with IlliwapServer(station="48000") as server:
    ...     server.shown()
    ()
    """

    def __init__(
        self,
        *,
        station: str,
        name: str = "Exempleville",
        latest: int = 20,
        validators: bool = True,
    ) -> None:
        super().__init__()
        self._station, self._name = station, name
        self._latest, self._validators = latest, validators
        self._news: dict[str, _Item] = {}
        self._events: list[Any] = []

    def shown(self) -> tuple[Seen, ...]:
        """Return the news that a reader sees, the latest first."""
        with self._lock:
            return tuple(Seen(title=one.title, html=one.html) for one in self._feed())

    def post(
        self,
        guid: str,
        title: str,
        text: str,
        *,
        published: dt.datetime | None = None,
        date: str | None = None,
    ) -> None:
        """
        Put up a piece of news, or write it over; ``text`` is HTML.

        ``published`` is an aware time; ``date`` stands in the feed as it is, even if no program can
        read it. With neither there is no date.
        """
        written = format_datetime(published) if published is not None else date
        with self._lock:
            self._news[guid] = _Item(guid=guid, title=title, html=text, date=written)

    def take_down(self, guid: str) -> None:
        """Take a piece of news down."""
        with self._lock:
            del self._news[guid]

    def add_event(self, item: object) -> None:
        """
        Add an item to the agenda, as it stands in the answer; it may be anything.

        An object has ``title``, ``start``, ``end`` (ISO 8601 with offset) and ``extendedProps``.
        """
        with self._lock:
            self._events.append(item)

    def clear_events(self) -> None:
        """Take all events out of the agenda."""
        with self._lock:
            self._events.clear()

    def fail(self, status: int = 200, *, body: Any = "", location: str = "", **more: Any) -> None:
        """Answer the next requests with this instead, as of a redirect to ``location``."""
        headers = {"Location": location} if location else {}
        super().fail(status, body=body, headers=headers, **more)

    def routed(self, asked: Asked) -> Answer:
        """Return the feed, the agenda or the list of events."""
        routes = {
            f"/rss/{self._station}": self._rss,
            f"/fr/public/{self._station}/agenda/list": self._agenda,
            f"/fr/public/{self._station}/evenements/": self._listing,
        }
        route = routes.get(asked.path)
        if route is None:
            return Answer(status=404, body="<!DOCTYPE html><h1>404</h1>", content_type=HTML)
        answer = route(asked.query)
        if not self._validators or answer.status != HTTPStatus.OK:
            return answer
        tag = f'"{hashlib.sha256(answer.content).hexdigest()[:16]}"'
        told = {**answer.headers, "ETag": tag}
        if asked.headers.get("if-none-match") == tag:
            return Answer(status=304, content_type=answer.content_type, headers=told)
        return attrs.evolve(answer, headers=told)

    def _feed(self) -> list[_Item]:
        return list(reversed(self._news.values()))[: self._latest]

    def _rss(self, query: Mapping[str, str]) -> Answer:
        del query
        items = "".join(self._item(one) for one in self._feed())
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
            f"<title>{html.escape(self._name)}</title><link>{self._public}/actu</link>"
            f"<description>Actualités</description>{items}\n</channel></rss>\n"
        )
        return Answer(
            body=text.encode(), content_type=_RSS, headers={"Cache-Control": "max-age=3600"}
        )

    def _item(self, one: _Item) -> str:
        date = "" if one.date is None else f"<pubDate>{html.escape(one.date)}</pubDate>"
        text = one.html.replace("]]>", "]]]]><![CDATA[>")
        return (
            f"\n<item><title>{html.escape(one.title)}</title>"
            f"<link>{self._public}/actu/{html.escape(one.guid)}</link>"
            f'<guid isPermaLink="false">{html.escape(one.guid)}</guid>{date}'
            f"<description><![CDATA[{text}]]></description></item>"
        )

    @property
    def _public(self) -> str:
        return f"{self.origin}/fr/public/{self._station}"

    def _agenda(self, query: Mapping[str, str]) -> Answer:
        try:
            first, last = (dt.date.fromisoformat(query[name]) for name in ("start", "end"))
        except (KeyError, ValueError):
            return Answer(status=400, body=b'{"error": "start, end"}', content_type=_JSON)
        told = [one for one in self._events if _within(one, first, last)]
        # In the order in which they were typed in, never by their days.
        body = json.dumps(told[::-1], ensure_ascii=False).encode()
        return Answer(body=body, content_type=_JSON)

    def _listing(self, query: Mapping[str, str]) -> Answer:
        titles = [str(one.get("title", "")) for one in self._events if isinstance(one, dict)]
        page = int(query["page"]) if query.get("page", "").isdecimal() else 1
        start = (page - 1) * _PER_PAGE
        links = "".join(
            f'<a href="{self._public}/evenements/{slug}">{html.escape(title)}</a>\n'
            for title, slug in list(zip(titles, _slugs(titles), strict=True))[
                start : start + _PER_PAGE
            ]
        )
        return Answer(body=f"<!DOCTYPE html><html><body>\n{links}</body></html>", content_type=HTML)


def _within(item: Any, first: dt.date, last: dt.date) -> bool:
    start = item.get("start") if isinstance(item, dict) else None
    try:
        day = dt.date.fromisoformat(start[:10]) if isinstance(start, str) else first
    except ValueError:
        return True
    return first <= day <= last


def _slugs(titles: list[str]) -> list[str]:
    """Return the public names of events; homonyms get a number behind theirs."""
    slugs: list[str] = []
    for title in titles:
        plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
        number = sum(1 for one in slugs if one == slug or re.fullmatch(rf"{slug}-\d+", one))
        slugs.append(f"{slug}-{number}" if number else slug)
    return slugs

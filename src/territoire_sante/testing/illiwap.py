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
import threading
import time
import unicodedata
from collections.abc import Mapping
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import attrs

from territoire_sante.testing._loopback import LoopbackServer

_PER_PAGE: Final = 10
_HTML: Final = "text/html; charset=utf-8"
_JSON: Final = "application/json"
_RSS: Final = "application/rss+xml; charset=utf-8"


@attrs.frozen(kw_only=True)
class Request:
    """A request that the server answered, for assertions; ``target`` is path and query."""

    target: str
    status: int
    headers: Mapping[str, str]


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


@attrs.frozen(kw_only=True)
class _Answer:
    status: int = 200
    body: bytes = b""
    content_type: str = _HTML
    headers: Mapping[str, str] = attrs.field(factory=dict)


class IlliwapServer(LoopbackServer):
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
        self._station, self._name = station, name
        self._latest, self._validators = latest, validators
        self._lock = threading.RLock()
        self._news: dict[str, _Item] = {}
        self._events: list[Any] = []
        self._failures: list[_Answer] = []
        self._delays: list[float] = []
        self._requests: list[Request] = []

    def _handles(self) -> type[BaseHTTPRequestHandler]:
        return _handler(self)

    @property
    def requests(self) -> tuple[Request, ...]:
        """What was asked so far, in order."""
        with self._lock:
            return tuple(self._requests)

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

    def fail(
        self,
        status: int = 200,
        *,
        body: str = "",
        content_type: str = _HTML,
        location: str = "",
        times: int = 1,
    ) -> None:
        """Answer the next ``times`` requests with this instead."""
        headers = {"Location": location} if location else {}
        answer = _Answer(
            status=status, body=body.encode(), content_type=content_type, headers=headers
        )
        with self._lock:
            self._failures += [answer] * times

    def delay(self, seconds: float, *, times: int = 1) -> None:
        """Answer the next ``times`` requests so much later."""
        with self._lock:
            self._delays += [seconds] * times

    def _answered(self, target: str, headers: Mapping[str, str]) -> _Answer:
        with self._lock:
            delay = self._delays.pop(0) if self._delays else 0.0
        time.sleep(delay)
        with self._lock:
            answer = self._failures.pop(0) if self._failures else self._right(target, headers)
            self._requests.append(Request(target=target, status=answer.status, headers=headers))
        return answer

    def _right(self, target: str, headers: Mapping[str, str]) -> _Answer:
        parts = urlsplit(target)
        routes = {
            f"/rss/{self._station}": self._rss,
            f"/fr/public/{self._station}/agenda/list": self._agenda,
            f"/fr/public/{self._station}/evenements/": self._listing,
        }
        route = routes.get(parts.path)
        if route is None:
            return _Answer(status=404, body=b"<!DOCTYPE html><h1>404</h1>")
        answer = route({key: values[0] for key, values in parse_qs(parts.query).items()})
        if not self._validators or answer.status != HTTPStatus.OK:
            return answer
        tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
        told = {**answer.headers, "ETag": tag}
        if headers.get("if-none-match") == tag:
            return _Answer(status=304, content_type=answer.content_type, headers=told)
        return attrs.evolve(answer, headers=told)

    def _feed(self) -> list[_Item]:
        return list(reversed(self._news.values()))[: self._latest]

    def _rss(self, query: Mapping[str, str]) -> _Answer:
        del query
        items = "".join(self._item(one) for one in self._feed())
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
            f"<title>{html.escape(self._name)}</title><link>{self._public}/actu</link>"
            f"<description>Actualités</description>{items}\n</channel></rss>\n"
        )
        return _Answer(
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

    def _agenda(self, query: Mapping[str, str]) -> _Answer:
        try:
            first, last = (dt.date.fromisoformat(query[name]) for name in ("start", "end"))
        except (KeyError, ValueError):
            return _Answer(status=400, body=b'{"error": "start, end"}', content_type=_JSON)
        told = [one for one in self._events if _within(one, first, last)]
        # In the order in which they were typed in, never by their days.
        body = json.dumps(told[::-1], ensure_ascii=False).encode()
        return _Answer(body=body, content_type=_JSON)

    def _listing(self, query: Mapping[str, str]) -> _Answer:
        titles = [str(one.get("title", "")) for one in self._events if isinstance(one, dict)]
        page = int(query["page"]) if query.get("page", "").isdecimal() else 1
        start = (page - 1) * _PER_PAGE
        links = "".join(
            f'<a href="{self._public}/evenements/{slug}">{html.escape(title)}</a>\n'
            for title, slug in list(zip(titles, _slugs(titles), strict=True))[
                start : start + _PER_PAGE
            ]
        )
        return _Answer(body=f"<!DOCTYPE html><html><body>\n{links}</body></html>".encode())


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


def _handler(server: IlliwapServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = server._answered(self.path, headers)  # noqa: SLF001 - the two are one
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", answer.content_type)
            if answer.status != HTTPStatus.NOT_MODIFIED:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of http.server
            """Keep silent; ``requests`` tells what was asked."""

    return Handler

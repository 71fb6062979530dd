# SPDX-License-Identifier: Apache-2.0
"""
Feeds that our own reader refuses: RSS 0.9 to 1.0, Atom 0.3, a DOCTYPE, entities of HTML, slips.

They are read by feedparser, from bytes, and become Atom entries: nothing is ever written back to
them. A feed without its end is refused still: half a text must not look like a correction.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import zoneinfo
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

import attrs
import feedparser  # type: ignore[import-untyped] # it has no annotations

from territoire_sante.formats.feed import ATOM, Entry, category_of, text_from_html
from territoire_sante.model import Announcement, Attachment, make_id

#: Larger ones of the old kind are refused: feedparser takes its time.
BYTES_MAX: Final = 4 * 1024 * 1024

_PROLOG: Final = re.compile(rb"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.DOTALL)
_ROOT: Final = re.compile(rb"<([A-Za-z][\w.:-]*)")
_END: Final = re.compile(rb"</([A-Za-z][\w.:-]*)\s*>\s*(?:<!--[^<>]*-->\s*)*\Z")
_KINDS: Final = re.compile(r"rss|atom")
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})


@attrs.frozen
class OldFeed:
    """What was made of such a feed: its kind as feedparser calls it, and its entries."""

    kind: str
    title: str
    entries: tuple[Entry, ...]


def read_old(data: bytes, *, url: str, zone: str) -> OldFeed | None:
    """
    Return the entries of a feed of an old kind, ``None`` if it is none.

    Links are relative to ``url``; days are those of ``zone`` (IANA name).
    """
    if len(data) > BYTES_MAX or not _is_whole(data):
        return None
    found = _parsed(data, url)
    kind = str(found.get("version") or "")
    if not _KINDS.match(kind) or (found.get("bozo") and not found.entries):
        return None
    language = _text(found.feed.get("language"))
    place = zoneinfo.ZoneInfo(zone)
    # As plain dicts: theirs answers for some keys with others.
    entries = tuple(_entry(dict(one.items()), language, place) for one in found.entries)
    return OldFeed(kind, _text(found.feed.get("title")), entries)


def _parsed(data: bytes, url: str) -> Any:
    headers = {"content-location": url, "content-type": "application/xml"}
    try:
        # Text would be taken for the name of a file or for an address to ask.
        return feedparser.parse(BytesIO(data), response_headers=headers)
    except Exception:  # noqa: BLE001 - on odd bytes it fails with whatever it trips over
        return feedparser.FeedParserDict(bozo=True, feed={}, entries=[])


def _is_whole(data: bytes) -> bool:
    """Say whether what begins is closed at the end; a cut answer is not."""
    begins, ends = _ROOT.search(_PROLOG.sub(b"", data[:8192])), _END.search(data[-2048:])
    return bool(begins and ends and begins[1].lower() == ends[1].lower())


def _entry(given: Mapping[str, Any], language: str, zone: dt.tzinfo) -> Entry:
    view = _view(given, language, zone)
    changed = _moment(given.get("updated_parsed")) or _moment(given.get("published_parsed"))
    document = ATOM.put(view, now=changed)
    return Entry(view.uid, document)


def _view(given: Mapping[str, Any], language: str, zone: dt.tzinfo) -> Announcement:
    url = _text(given.get("link"))
    title = _told(given.get("title_detail"), given.get("title"))
    body = _body(given)
    uid = _text(given.get("id")) or url or f"{title}\n{body}"
    published = _moment(given.get("published_parsed") or given.get("updated_parsed"))
    files = [one for one in _objects(given.get("links")) if one.get("rel") == "enclosure"]
    tags = [_text(one.get("term")) for one in _objects(given.get("tags"))]
    return Announcement(
        id=make_id("announcement", uid),
        uid=uid,
        title=" ".join(title.split()),
        body=body,
        url=url,
        category=category_of(tags),
        language=language,
        publish_from=None if published is None else published.astimezone(zone).date(),
        attachments=tuple(map(_attachment, files)),
    )


def _body(given: Mapping[str, Any]) -> str:
    contents = _objects(given.get("content"))
    if contents:
        return _told(contents[0], contents[0].get("value"))
    return _told(given.get("summary_detail"), given.get("summary"))


def _told(detail: object, value: object) -> str:
    kind = detail.get("type") if isinstance(detail, Mapping) else ""
    text = _text(value)
    return text_from_html(text) if kind in _HTML else text


def _attachment(given: Mapping[str, Any]) -> Attachment:
    length = _text(given.get("length"))
    size = int(length) if re.fullmatch(r"[0-9]{1,15}", length) else 0
    return Attachment(url=_text(given.get("href")), media_type=_text(given.get("type")), size=size)


def _objects(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list; of a broken feed it may hold anything."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return _FORBIDDEN.sub("\ufffd", value).strip() if isinstance(value, str) else ""


def _moment(parts: Any) -> dt.datetime | None:
    """Return a time that feedparser gives in UTC, as a tuple."""
    if parts is None:
        return None
    try:
        return dt.datetime.fromtimestamp(calendar.timegm(parts), dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None

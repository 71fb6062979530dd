# SPDX-License-Identifier: Apache-2.0
"""
What the OpenAgenda stand-in accepts as an event, and how readers see it.

It counts and checks for itself and shares no code with the connector, so that a mistake in
one is seen by the other. Where the unit of a limit is not known, the stricter reading holds.
"""

from __future__ import annotations

import datetime as dt
import html
import itertools
import re
import string
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

CAPS: Final = {"title": 140, "description": 200, "longDescription": 10_000, "conditions": 255}
KEYWORDS_MAX: Final = 255
REGISTRATION_MAX: Final = 2000
CREDITS_MAX: Final = 255
EXT_ID_MAX: Final = 100
TIMINGS_MAX: Final = 800

_REQUIRED: Final = ("title", "description")
_LINK: Final = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)
_HTML: Final = re.compile(r"(?<!\\)<[a-zA-Z/][^>]*>")

Fault = Mapping[str, str]


def fault(field: str, code: str, message: str = "") -> Fault:
    """Return a complaint as the service writes it."""
    return {"field": field, "code": code, "message": message or f"{field}: {code}"}


def size(text: str) -> int:
    """Return the larger of the counts in code points and in UTF-16 units."""
    return max(len(text), len(text.encode("utf-16-le", "replace")) // 2)


def multilingual(value: Any, language: str) -> dict[str, Any] | None:
    """Return a field by language: with the header ``lang`` texts may come bare."""
    if isinstance(value, str) and language:
        return {language: value}
    return dict(value) if isinstance(value, dict) else None


def faults(event: Mapping[str, Any], locations: Collection[int]) -> list[Fault]:
    """Return all that is wrong with an event; empty if it is accepted."""
    return [
        *_text_faults(event),
        *_timing_faults(event.get("timings")),
        *_place_faults(event, locations),
        *_other_faults(event),
    ]


def _text_faults(event: Mapping[str, Any]) -> Iterator[Fault]:
    for field, most in CAPS.items():
        told = event.get(field)
        texts = told.values() if isinstance(told, dict) else ()
        if told is not None and not isinstance(told, dict):
            yield fault(field, "multilingual.invalid")
        if field in _REQUIRED and not any(isinstance(one, str) and one.strip() for one in texts):
            yield fault(field, "required")
        for text in texts:
            if not isinstance(text, str):
                yield fault(field, "string.invalid")
            elif size(text) > most:
                yield fault(field, "string.toolong", f"{most} at most")


def _timing_faults(timings: Any) -> Iterator[Fault]:
    if not isinstance(timings, list) or not timings:
        yield fault("timings", "required")
        return
    if len(timings) > TIMINGS_MAX:
        yield fault("timings", "array.toolong", f"{TIMINGS_MAX} at most")
    slots = [_slot(one) for one in timings]
    if None in slots:
        yield fault("timings", "date.invalid")
        return
    known = sorted(one for one in slots if one is not None)
    if any(end <= begin for begin, end in known):
        yield fault("timings", "endBeforeBegin")
    if any(end - begin > dt.timedelta(hours=24) for begin, end in known):
        yield fault("timings", "diffExceeded", "24 hours at most")
    if any(later[0] < earlier[1] for earlier, later in itertools.pairwise(known)):
        yield fault("timings", "overlap")


def _slot(timing: Any) -> tuple[dt.datetime, dt.datetime] | None:
    try:
        begin, end = (dt.datetime.fromisoformat(timing[name]) for name in ("begin", "end"))
    except (TypeError, KeyError, ValueError):
        return None
    if begin.tzinfo is None or end.tzinfo is None:
        return None
    return begin.astimezone(dt.UTC), end.astimezone(dt.UTC)


def _place_faults(event: Mapping[str, Any], locations: Collection[int]) -> Iterator[Fault]:
    mode = event.get("attendanceMode", 1)
    if mode not in (1, 2, 3):
        yield fault("attendanceMode", "invalid")
    if mode in (1, 3):
        if event.get("locationUid") is None:
            yield fault("locationUid", "location.required")
        elif event["locationUid"] not in locations:
            yield fault("locationUid", "location.notfound")
    link = event.get("onlineAccessLink")
    if mode in (2, 3) and not (isinstance(link, str) and _LINK.fullmatch(link)):
        yield fault("onlineAccessLink", "link.invalid")


def _other_faults(event: Mapping[str, Any]) -> Iterator[Fault]:
    for one in event.get("extIds") or ():
        if size(str(one.get("value", ""))) > EXT_ID_MAX:
            yield fault("extIds", "string.toolong", f"{EXT_ID_MAX} at most")
    ways = event.get("registration") or []
    values = [one.get("value", "") if isinstance(one, dict) else one for one in ways]
    if not all(isinstance(one, str) for one in values):
        yield fault("registration", "invalid")
    elif sum(map(size, values)) > REGISTRATION_MAX:
        yield fault("registration", "string.toolong", f"{REGISTRATION_MAX} at most")
    elif any(not _LINK.fullmatch(one) for one in values if one.startswith("http")):
        yield fault("registration", "link.invalid")
    if event.get("status", 1) not in range(1, 7):
        yield fault("status", "invalid")
    credit = event.get("imageCredits")
    if isinstance(credit, str) and size(credit) > CREDITS_MAX:
        yield fault("imageCredits", "string.toolong", f"{CREDITS_MAX} at most")
    for words in (event.get("keywords") or {}).values():
        if sum(map(size, words)) > KEYWORDS_MAX:
            yield fault("keywords", "string.toolong", f"{KEYWORDS_MAX} at most")


def registrations(told: Any) -> list[dict[str, str]]:
    """Return the ways to register as they are read back, with their types."""
    found = []
    for one in told or []:
        value = one["value"] if isinstance(one, dict) else one
        kind = "link" if value.lower().startswith("http") else "email" if "@" in value else "phone"
        found.append({"type": kind, "value": value})
    return found


def stored_text(markdown: str) -> str:
    """Return what is kept of a long text: HTML that is not escaped is converted, here left out."""
    return _HTML.sub("", markdown)


def rendered(markdown: str) -> str:
    r"""
    Return the text that readers see of Markdown, lines and paragraphs kept apart.

    >>> rendered("# Titre").strip(), rendered(r"\# *Un*\ deux").strip()
    ('Titre', '# Un\\ deux')
    """
    paragraphs = [
        _inline(re.sub(r"^ {0,3}#{1,6} ", "", part)) for part in re.split(r"\n{2,}", markdown)
    ]
    return "\n\n".join(paragraphs)


def _inline(text: str) -> str:
    shown: list[str] = []
    plain: list[str] = []

    def flush() -> None:
        shown.append(html.unescape("".join(plain)))
        plain.clear()

    position = 0
    while position < len(text):
        sign, following = text[position], text[position + 1 : position + 2]
        if sign == "\\" and (following == "\n" or (following and following in string.punctuation)):
            flush()
            shown.append(following)
            position += 1
        elif sign == "\n":
            # A lone line end is a space to readers.
            plain.append(" ")
        elif sign not in "*`":
            plain.append(sign)
        position += 1
    flush()
    return "".join(shown)

# SPDX-License-Identifier: Apache-2.0
"""
Announcements as the JSON of a sign.

The service knows less than an announcement: two types, one paragraph, addresses of files. What
a sign cannot say is kept beside it in :data:`KEPT`, a member that is never sent, so that what
was published can be compared field by field although the service cannot be read.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document, Lens, record
from territoire_sante.model import (
    Announcement,
    Attachment,
    Severity,
    When,
    ends_before,
    fit,
    make_id,
    publication_days,
)
from territoire_sante_panneaupocket._limits import LIMITS

#: The member of a document that stays here.
KEPT: Final = "_territoire_sante"

# Written together: which title is shown depends on both, and an end that was ignored, being
# before the beginning, must not come back to life.
_PAIRS: Final = (
    frozenset({"title", "title_short"}),
    frozenset({"publish_from", "publish_until"}),
)
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_PARIS: Final = ZoneInfo("Europe/Paris")
_PARAGRAPH: Final = re.compile(r"\s*<p>(.*)</p>\s*", re.DOTALL)
_BREAK: Final = re.compile(r"<br\s*/?>")
_TAG: Final = re.compile(r"<[^>]*>")
_MANY_LINES: Final = re.compile(r"\n{3,}")

#: What the service has two words for. An event is no alert: it would be shown white on red.
TYPES: Final[Mapping[Severity, str]] = {
    Severity.INFO: "info",
    Severity.EVENT: "info",
    Severity.ALERT: "alert",
}
_SEVERITIES: Final = {str(one.value): one for one in Severity}


def content_of(body: str) -> str:
    r"""
    Return a text as the one paragraph that the application shows.

    More than one empty line in a row is shown as one.

    >>> content_of("Samedi & dimanche\nEntrée libre")
    '<p>Samedi &amp; dimanche<br />Entrée libre</p>'
    """
    lines = body.replace("\r\n", "\n").replace("\r", "\n")
    escaped = html.escape(_MANY_LINES.sub("\n\n", lines), quote=False)
    return "<p>" + escaped.replace("\n", "<br />") + "</p>" if body else ""


def text_of(content: str) -> str:
    """
    Return the text that a sign's content shows.

    >>> text_of("<p>Samedi &amp; dimanche<br /><strong>Entrée</strong> libre</p>").splitlines()
    ['Samedi & dimanche', 'Entrée libre']
    """
    paragraph = _PARAGRAPH.fullmatch(content)
    inner = paragraph[1] if paragraph else content
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", inner)))


def title_of(title: str, short: str) -> str:
    """
    Return the title that a sign shows: the short one, which a person wrote, if only it has room.

    >>> title_of("Dépistage gratuit du diabète et du cholestérol, samedi", "Dépistage samedi")
    'Dépistage samedi'
    """
    told = Announcement(id="announcement:title", title=title, title_short=short, body="-")
    shown = fit(told, LIMITS).shown
    return title if shown is None else shown.title


@attrs.frozen
class PanneauLens:
    """Reads and writes the JSON object of one sign, with dates in days."""

    view: ClassVar[type[Announcement]] = Announcement
    media_type: ClassVar[str] = "application/json"
    fields: ClassVar[frozenset[str]] = frozenset(
        {
            *("uid", "title", "title_short", "body", "severity"),
            *("publish_from", "publish_until", "attachments"),
        }
    )

    def get(self, document: Document) -> Announcement:
        """
        Return the announcement that a sign was made from.

        Raises:
            FormatError: it is no JSON object, or one without id.
        """
        sign = document.parsed(record.parse)
        kept = sign.get(KEPT)
        kept = kept if isinstance(kept, dict) else {}
        uid = record.text(sign, "id")
        if not uid:
            raise FormatError("a sign without id", where="id")
        start, end = _publication(sign, kept)
        return Announcement(
            id=make_id("announcement", uid),
            uid=uid,
            title=_title(sign, kept),
            title_short=record.text(kept, "title_short"),
            body=_body(sign, kept),
            severity=_severity(sign, kept),
            publish_from=start,
            publish_until=end,
            attachments=_attachments(sign, kept),
        )

    def put(
        self,
        view: Announcement,
        document: Document | None = None,
        *,
        now: dt.datetime | None = None,
    ) -> Document:
        """
        Return the sign with the changed fields of ``view``, or a new sign.

        An announcement without a first day begins on the day of ``now``, as people in Paris
        count; without ``now`` it began long ago. ``now`` is kept beside the sign, to tell
        later what should be visible by then.

        Raises:
            FormatError: a text is no Unicode text.
        """
        wanted = view if view.uid else attrs.evolve(view, uid=view.id.partition(":")[2])
        if document is None:
            sign: dict[str, Any] = {}
            changed = set(self.fields)
        else:
            sign = dict(document.parsed(record.parse))
            before = self.get(document)
            changed = {
                name for name in self.fields if getattr(before, name) != getattr(wanted, name)
            }
        if document is not None and not changed:
            return document
        for pair in _PAIRS:
            changed |= pair if changed & pair else frozenset()
        kept = dict(sign.pop(KEPT, None) or {})
        for field, write in _WRITERS.items():
            if field in changed:
                write(sign, kept, wanted, now)
        if now is not None:
            kept["written"] = now.astimezone(dt.UTC).isoformat(timespec="seconds")
        return record.document({**sign, KEPT: kept} if kept else sign, PanneauLens.media_type)


#: The lens between an announcement and what the management interface takes.
PANNEAU: Final[Lens[Announcement]] = PanneauLens()


def _day(value: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


# What is kept counts only as long as the sign still says what was made of it.


def _title(sign: Mapping[str, Any], kept: Mapping[str, Any]) -> str:
    shown, exact = record.text(sign, "title"), record.text(kept, "title")
    return exact if exact and title_of(exact, record.text(kept, "title_short")) == shown else shown


def _body(sign: Mapping[str, Any], kept: Mapping[str, Any]) -> str:
    content, exact = record.text(sign, "content"), record.text(kept, "body")
    return exact if exact and content_of(exact) == content else text_of(content)


def _severity(sign: Mapping[str, Any], kept: Mapping[str, Any]) -> Severity:
    exact = _SEVERITIES.get(record.text(kept, "severity"))
    if exact is not None and TYPES[exact] == sign.get("type"):
        return exact
    return Severity.ALERT if sign.get("type") == "alert" else Severity.INFO


def _publication(
    sign: Mapping[str, Any], kept: Mapping[str, Any]
) -> tuple[When | None, When | None]:
    start, end = _day(sign.get("startAt")), _day(sign.get("endAt"))
    if "publish_from" in kept and kept["publish_from"] is None:
        start = None
    if end is not None and start is not None and end < start:
        end = None
    first, last = _exact(kept, "publish_from") or start, _exact(kept, "publish_until") or end
    if first is not None and last is not None and ends_before(first, last):
        return start, end
    told = Announcement(id="announcement:days", publish_from=first, publish_until=last)
    return (first, last) if publication_days(told, zone=_PARIS) == (start, end) else (start, end)


def _exact(kept: Mapping[str, Any], name: str) -> When | None:
    written, _, key = record.text(kept, name).removesuffix("]").partition("[")
    if "T" not in written:
        return _day(written)
    try:
        moment = dt.datetime.fromisoformat(written)
        zone = ZoneInfo(key) if key else moment.tzinfo
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None
    folds = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    found = (one for one in folds if one.utcoffset() == moment.utcoffset())
    return next(found, moment) if moment.tzinfo else None


def _exact_text(when: When) -> str:
    """Return a time with the name of its zone: some hours exist there twice, or not at all."""
    zone = when.tzinfo if isinstance(when, dt.datetime) else None
    return f"{when.isoformat()}[{zone.key}]" if isinstance(zone, ZoneInfo) else when.isoformat()


def _attachments(sign: Mapping[str, Any], kept: Mapping[str, Any]) -> tuple[Attachment, ...]:
    told = sign.get("documents")
    addresses = [one for one in told if isinstance(one, str)] if isinstance(told, list) else []
    details = kept.get("attachments")
    known = [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    if [one.get("url") for one in known] == addresses:
        return tuple(_attachment(one) for one in known)
    return tuple(Attachment(url=address) for address in addresses)


def _attachment(given: Mapping[str, Any]) -> Attachment:
    size = given.get("size")
    return Attachment(
        url=record.text(given, "url"),
        media_type=record.text(given, "media_type"),
        size=size if isinstance(size, int) else 0,
        alt=record.text(given, "alt"),
    )


_Sign = dict[str, Any]
_Writer = Callable[[_Sign, _Sign, Announcement, dt.datetime | None], None]


def _keep(kept: _Sign, name: str, value: Any, *, needed: bool) -> None:
    if needed:
        kept[name] = value
    else:
        kept.pop(name, None)


def _write_id(sign: _Sign, _kept: _Sign, view: Announcement, _now: dt.datetime | None) -> None:
    sign["id"] = view.uid


def _write_title(sign: _Sign, kept: _Sign, view: Announcement, _now: dt.datetime | None) -> None:
    sign["title"] = title_of(view.title, view.title_short)
    _keep(kept, "title", view.title, needed=sign["title"] != view.title)
    _keep(kept, "title_short", view.title_short, needed=bool(view.title_short))


def _write_body(sign: _Sign, kept: _Sign, view: Announcement, _now: dt.datetime | None) -> None:
    sign["content"] = content_of(view.body)
    _keep(kept, "body", view.body, needed=text_of(sign["content"]) != view.body)


def _write_type(sign: _Sign, kept: _Sign, view: Announcement, _now: dt.datetime | None) -> None:
    sign["type"] = TYPES[view.severity]
    _keep(kept, "severity", view.severity.value, needed=view.severity is Severity.EVENT)


def _write_start(sign: _Sign, kept: _Sign, view: Announcement, now: dt.datetime | None) -> None:
    first, _ = publication_days(view, zone=_PARIS)
    if first is not None:
        sign["startAt"] = first.isoformat()
    elif now is not None or "startAt" not in sign:
        sign["startAt"] = (now or _EPOCH).astimezone(_PARIS).date().isoformat()
    exact = view.publish_from
    text = None if exact is None else _exact_text(exact)
    _keep(kept, "publish_from", text, needed=text is None or text != sign["startAt"])


def _write_end(sign: _Sign, kept: _Sign, view: Announcement, _now: dt.datetime | None) -> None:
    _, last = publication_days(view, zone=_PARIS)
    if last is None:
        sign.pop("endAt", None)
    else:
        sign["endAt"] = last.isoformat()
    exact = view.publish_until
    text = None if exact is None else _exact_text(exact)
    _keep(kept, "publish_until", text, needed=text != sign.get("endAt"))


def _write_documents(
    sign: _Sign, kept: _Sign, view: Announcement, _now: dt.datetime | None
) -> None:
    sign["documents"] = [one.url for one in view.attachments]
    bare = all(one == Attachment(url=one.url) for one in view.attachments)
    _keep(kept, "attachments", [attrs.asdict(one) for one in view.attachments], needed=not bare)


_WRITERS: Final[Mapping[str, _Writer]] = {
    "uid": _write_id,
    "title": _write_title,
    "body": _write_body,
    "severity": _write_type,
    "publish_from": _write_start,
    "publish_until": _write_end,
    "attachments": _write_documents,
}

# SPDX-License-Identifier: Apache-2.0
"""
Whether a server keeps its promises about writing, tried with one made-up item.

The item has a name and a UID of its own, and is removed again whatever happens. Nothing
else in the collection is touched.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from http import HTTPStatus
from typing import Final

import attrs

from territoire_sante.errors import ConnectorError
from territoire_sante.http import Response
from territoire_sante.plugins import Fact
from territoire_sante_dav._flavour import CALENDAR
from territoire_sante_dav._reading import listing
from territoire_sante_dav._sayings import fact
from territoire_sante_dav._text import normal
from territoire_sante_dav._wire import Wire

_ANY_FAILURE: Final = range(500, 600)
STRONG: Final = re.compile(r'"[^"]*"')
_FOREIGN: Final = '"territoire-sante-never-given"'
_KEPT: Final = b"X-TERRITOIRE-SANTE-PROBE"

_EVENT: Final = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//territoire_sante//doctor//FR\r\nBEGIN:VEVENT\r\n"
    "UID:{uid}\r\nDTSTAMP:20000101T000000Z\r\nDTSTART;VALUE=DATE:20000101\r\n"
    "DTEND;VALUE=DATE:20000102\r\nSUMMARY:territoire_sante : essai {text}\r\nTRANSP:TRANSPARENT\r\n"
    "X-TERRITOIRE-SANTE-PROBE:kept\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
_CARD: Final = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//territoire_sante//doctor//FR\r\nUID:{uid}\r\n"
    "FN:territoire_sante : essai {text}\r\nN:essai {text};territoire_sante;;;\r\n"
    "X-TERRITOIRE-SANTE-PROBE:kept\r\nEND:VCARD\r\n"
)


def probe_writes(wire: Wire, label: str, before: Collection[str]) -> Iterator[Fact]:
    """
    Yield what writing showed; ``label`` makes the item's name and UID ones that nobody has.

    ``before`` are the names of all items that were there. What is learnt of preconditions
    counts from then on, as long as the collection is open.
    """
    name = wire.names.child(f"territoire-sante-{label}{wire.flavour.suffix}")
    probe = _Probe(wire, name, label, frozenset(before))
    try:
        yield from probe.told()
    finally:
        # Also after an interrupt: what was made has to go.
        last = probe.removed()
    yield last


@attrs.define
class _Probe:
    _wire: Wire
    _name: str
    _label: str
    _before: frozenset[str]

    def told(self) -> Iterator[Fact]:
        made = self._put("1", {"If-None-Match": "*"})
        if not made.ok:
            yield fact("probe", "refused", made.status)
            return
        yield fact("probe", "done")
        yield self._naming(made)
        yield self._version(made)
        yield self._content(self._item("1"))
        yield self._judged("create-twice", self._put("2", {"If-None-Match": "*"}))
        yield self._judged("replace-stale", self._put("3", {"If-Match": _FOREIGN}), learn=False)
        yield self._judged("delete-stale", self._send("DELETE", {"If-Match": _FOREIGN}))

    def removed(self) -> Fact:
        """Remove the item, under whatever name the server holds it, and look whether it is gone."""
        try:
            self._send("DELETE", {})
            for name in self._ours():
                self._wire.send("DELETE", name, returned=_ANY_FAILURE)
            left = self._ours()
        except ConnectorError as error:
            return fact("removed", "no", f"{self._wire.url(self._name)} ({error.what})")
        if left:
            return fact("removed", "no", ", ".join(map(self._wire.url, left)))
        return fact("removed", "yes")

    def _naming(self, made: Response) -> Fact:
        location = made.headers.get("Location")
        named = self._wire.names.moved(location) if location else None
        if named is None and self._wire.look(self._name) is None:
            named = next(iter(self._ours()), None)
        changed = named is not None and named != self._name
        self._name = named or self._name
        return fact("naming", "changed" if changed else "kept")

    def _ours(self) -> list[str]:
        """Return the names of new items that hold our label."""
        new = [ref.href for ref in listing(self._wire) if ref.href not in self._before]
        return [name for name in new if self._holds_label(name)]

    def _holds_label(self, name: str) -> bool:
        answer = self._wire.send("GET", name, returned=_ANY_FAILURE)
        return self._label.encode() in answer.body or self._label in name

    def _version(self, made: Response) -> Fact:
        if STRONG.fullmatch(made.headers.get("ETag", "")):
            return fact("written-version", "told")
        there = self._wire.look(self._name)
        strong = there is not None and STRONG.fullmatch(there.etag or "") is not None
        return fact("written-version", "asked" if strong else "weak")

    def _judged(self, key: str, answer: Response, *, learn: bool = True) -> Fact:
        if not answer.ok:
            return fact(key, "refused")
        if learn:
            self._wire.careful = True
        return fact(key, "ignored", answer.status)

    def _content(self, sent: bytes) -> Fact:
        answer = self._send("GET", {})
        if answer.status != HTTPStatus.OK:
            return fact("content", "unread", answer.status)
        there = normal(answer.body)
        if there == sent:
            return fact("content", "same")
        return fact("content", "rewritten" if _KEPT in there.upper() else "dropped")

    def _item(self, text: str) -> bytes:
        template = _EVENT if self._wire.flavour is CALENDAR else _CARD
        return template.format(uid=f"territoire-sante-{self._label}", text=text).encode()

    def _put(self, text: str, condition: dict[str, str]) -> Response:
        kind = {"Content-Type": f"{self._wire.flavour.media_type}; charset=utf-8"}
        return self._send("PUT", {**kind, **condition}, self._item(text))

    def _send(self, method: str, headers: dict[str, str], body: bytes | None = None) -> Response:
        return self._wire.send(
            method, self._name, headers=headers, body=body, returned=_ANY_FAILURE
        )

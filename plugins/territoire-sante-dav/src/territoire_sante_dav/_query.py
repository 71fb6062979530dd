# SPDX-License-Identifier: Apache-2.0
"""Finding an item by its UID (RFC 4791 §7.8, RFC 6352 §8.6), for servers that rename silently."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from territoire_sante.errors import ProtocolError
from territoire_sante_dav._flavour import CAL, CALENDAR, CARD, DAV, Flavour
from territoire_sante_dav._multistatus import multistatus
from territoire_sante_dav._text import uids
from territoire_sante_dav._wire import Wire
from territoire_sante_dav._xml import document, element, prop, short


def find_by_uid(wire: Wire, data: bytes) -> str | None:
    """Return the name of the one item that has the UID of ``data``; ``None`` if none or several."""
    wanted = uids(data)
    if len(wanted) != 1:
        return None
    (uid,) = wanted
    body = _query(wire.flavour, uid.decode("utf-8", "replace"))
    try:
        found = multistatus(wire.report(body, depth=1, returned={500}))
        names = [
            wire.names.take(answer.href)
            for answer in found.answers
            # Some servers ignore the filter and answer with everything.
            if uids((answer.text(wire.flavour.data) or "").encode()) == wanted
        ]
    except ProtocolError:
        return None
    return names[0] if len(names) == 1 else None


def _query(flavour: Flavour, uid: str) -> bytes:
    properties = prop((f"{DAV}getetag", flavour.data))
    if flavour is not CALENDAR:
        match = _match(f"{CARD}text-match", uid, 'match-type="equals"')
        inner = element(f"{CARD}filter", _named(f"{CARD}prop-filter", "UID", match))
        return document(f"{CARD}addressbook-query", properties, inner)
    match = _match(f"{CAL}text-match", uid, 'collation="i;octet"')
    event = _named(f"{CAL}comp-filter", "VEVENT", _named(f"{CAL}prop-filter", "UID", match))
    inner = element(f"{CAL}filter", _named(f"{CAL}comp-filter", "VCALENDAR", event))
    return document(f"{CAL}calendar-query", properties, inner)


def _named(name: str, value: str, content: str) -> str:
    tag = short(name)
    return f"<{tag} name={quoteattr(value)}>{content}</{tag}>"


def _match(name: str, text: str, attribute: str) -> str:
    tag = short(name)
    return f"<{tag} {attribute}>{escape(text)}</{tag}>"

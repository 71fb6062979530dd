# SPDX-License-Identifier: Apache-2.0
"""The XML that the server writes, by hand, because it must be able to write it wrong."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

import attrs

from territoire_sante.testing.dav._messages import Reply

DAV: Final = "DAV:"
CAL: Final = "urn:ietf:params:xml:ns:caldav"
CARD: Final = "urn:ietf:params:xml:ns:carddav"
CS: Final = "http://calendarserver.org/ns/"

_SPACES: Final = {"D": DAV, "C": CAL, "A": CARD, "S": CS}
_SHORT: Final = {space: short for short, space in _SPACES.items()}
_DECLARED: Final = " ".join(f'xmlns:{short}="{space}"' for short, space in _SPACES.items())
_TYPE: Final = {"Content-Type": "application/xml; charset=utf-8"}


@attrs.frozen(kw_only=True)
class Vocabulary:
    """The words of CalDAV or of CardDAV."""

    name: str
    resource_type: str
    data: str
    multiget: str
    query: str
    media_type: str
    suffix: str
    wrapper: bytes
    components: tuple[bytes, ...]
    invalid: str
    uid_taken: str
    too_large: str
    own_properties: tuple[tuple[str, str], ...]


CALENDAR: Final = Vocabulary(
    name="calendar",
    resource_type="<D:collection/><C:calendar/>",
    data="C:calendar-data",
    multiget="calendar-multiget",
    query="calendar-query",
    media_type="text/calendar; charset=utf-8",
    suffix=".ics",
    wrapper=b"VCALENDAR",
    components=(b"VEVENT", b"VTODO", b"VJOURNAL"),
    invalid="<C:valid-calendar-data/>",
    uid_taken="C:no-uid-conflict",
    too_large="<C:max-resource-size/>",
    own_properties=(
        ("C:supported-calendar-component-set", '<C:comp name="VEVENT"/><C:comp name="VTODO"/>'),
        ("C:max-resource-size", "{max_size}"),
    ),
)

ADDRESS_BOOK: Final = Vocabulary(
    name="address book",
    resource_type="<D:collection/><A:addressbook/>",
    data="A:address-data",
    multiget="addressbook-multiget",
    query="addressbook-query",
    media_type="text/vcard; charset=utf-8",
    suffix=".vcf",
    wrapper=b"VCARD",
    components=(b"VCARD",),
    invalid="<A:valid-address-data/>",
    uid_taken="A:no-uid-conflict",
    too_large="<A:max-resource-size/>",
    own_properties=(
        (
            "A:supported-address-data",
            "".join(
                f'<A:address-data-type content-type="text/vcard" version="{version}"/>'
                for version in ("3.0", "4.0")
            ),
        ),
        ("A:max-resource-size", "{max_size}"),
    ),
)


def short(name: str) -> str:
    """
    Return a name in Clark's notation with our prefix; one of another namespace as an own element.

    >>> short("{DAV:}getetag")
    'D:getetag'
    """
    space, _, local = name.removeprefix("{").rpartition("}")
    return f"{_SHORT[space]}:{local}" if space in _SHORT else f'{local} xmlns="{escape(space)}"'


def found(href: str, properties: str, status: str = "200 OK", missing: str = "") -> str:
    """Return a response with properties, and with those that are ``missing``; all XML already."""
    rest = f"<D:propstat><D:prop>{missing}</D:prop>{_NOT_FOUND}</D:propstat>" if missing else ""
    return (
        f"<D:response><D:href>{href}</D:href><D:propstat><D:prop>{properties}</D:prop>"
        f"<D:status>HTTP/1.1 {status}</D:status></D:propstat>{rest}</D:response>"
    )


_NOT_FOUND: Final = "<D:status>HTTP/1.1 404 Not Found</D:status>"


def gone(href: str, status: str = "404 Not Found") -> str:
    """Return a response with a status and no properties."""
    return f"<D:response><D:href>{href}</D:href><D:status>HTTP/1.1 {status}</D:status></D:response>"


def whole(content: str, root: str = "multistatus") -> bytes:
    """Return a whole document; lone surrogates in it stand for bytes that are not UTF-8."""
    text = f'<?xml version="1.0" encoding="utf-8"?><D:{root} {_DECLARED}>{content}</D:{root}>'
    return text.encode("utf-8", "surrogateescape")


def multistatus(content: str) -> Reply:
    """Return a 207."""
    return Reply(207, whole(content), _TYPE)


def refusal(status: int, condition: str = "") -> Reply:
    """Return a refusal, which names a precondition if one is given."""
    return Reply(status, whole(condition, "error"), _TYPE) if condition else Reply(status)

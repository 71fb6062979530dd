# SPDX-License-Identifier: Apache-2.0
"""What a server says of a collection as a whole, asked in one request."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urljoin, urlsplit

import attrs

from territoire_sante.errors import ProtocolError
from territoire_sante.http import HttpClient, Response, redacted
from territoire_sante_dav._flavour import CAL, CARD, CS, DAV, Flavour
from territoire_sante_dav._multistatus import Answer, multistatus
from territoire_sante_dav._profile import UNKNOWN, Profile, recognise
from territoire_sante_dav._wire import propfind

TOKEN: Final = f"{DAV}sync-token"
CTAG: Final = f"{CS}getctag"
TYPE: Final = f"{DAV}resourcetype"
TITLE: Final = f"{DAV}displayname"
PRINCIPAL: Final = f"{DAV}current-user-principal"
_REPORTS: Final = f"{DAV}supported-report-set"
_PRIVILEGES: Final = f"{DAV}current-user-privilege-set"
_COMPONENTS: Final = f"{CAL}supported-calendar-component-set"
_VERSIONS: Final = f"{CARD}supported-address-data"
_MAX_SIZES: Final = (f"{CAL}max-resource-size", f"{CARD}max-resource-size")
_WRITING: Final = frozenset(
    f"{DAV}{name}" for name in ("all", "write", "write-content", "bind", "unbind")
)
_SYNC: Final = f"{DAV}sync-collection"

# What tells of the present state is not among them: servers go through every item for it.
_ASKED: Final = (
    TYPE, TITLE, PRINCIPAL, _REPORTS, _PRIVILEGES, _COMPONENTS, _VERSIONS, *_MAX_SIZES,
)  # fmt: skip

STATE: Final = (TYPE, _REPORTS, TOKEN, CTAG)

_OK: Final = frozenset({0, 200})

# Some of these are marked as calendars as well, and none is one.
_SPECIAL: Final = frozenset(
    {
        f"{CAL}schedule-inbox",
        f"{CS}calendar-proxy-read",
        f"{CS}calendar-proxy-write",
        f"{CS}notification",
        f"{DAV}principal",
    }
)


@attrs.frozen(kw_only=True)
class Resource:
    """
    A resource with what it can do; not necessarily a collection of the kind wanted.

    ``writable`` is ``None`` if the server doesn't tell, ``components`` and ``versions``
    are empty then. ``token`` and ``ctag`` are known where :data:`STATE` was asked for.
    ``max_size`` is in bytes. ``fresh`` says that it was just made.
    """

    url: str
    types: frozenset[str]
    title: str
    token: str | None
    ctag: str | None
    principal: str | None
    homes: tuple[str, ...]
    reports: frozenset[str]
    writable: bool | None
    components: frozenset[str]
    versions: frozenset[str]
    max_size: int | None
    features: str = ""
    server: str = ""
    profile: Profile = UNKNOWN
    fresh: bool = False

    @property
    def takes_events(self) -> bool:
        """Whether events can be in it, as far as is known (RFC 4791 §5.2.3)."""
        return not self.components or "VEVENT" in self.components

    def is_one(self, flavour: Flavour) -> bool:
        """Return whether this is a collection of that flavour, and no inbox or proxy."""
        return flavour.collection_type in self.types and not self.types & _SPECIAL

    @property
    def offers_sync(self) -> bool:
        """Whether the server says that it tells changes (RFC 6578)."""
        return _SYNC in self.reports

    @property
    def syncs(self) -> bool:
        """Whether it tells them, as far as is known."""
        return self.offers_sync or (self.token is not None and not self.reports)

    @property
    def last_segment(self) -> str:
        """The last part of the address, the name of a collection without a title."""
        return urlsplit(self.url).path.rstrip("/").rpartition("/")[2]


def look(
    client: HttpClient,
    url: str,
    flavour: Flavour,
    *,
    asked: Sequence[str] = (),
    returned: Some[int] = (),
) -> Resource | Response:
    """Return what is at ``url``, all or what is ``asked``; the answer if it shows no resource."""
    wanted = asked or (*_ASKED, flavour.home_set)
    response = propfind(client, url, wanted, depth=0, returned=returned)
    if response.status != 207 or response.looks_like_html:  # noqa: PLR2004 - Multi-Status
        return response
    answers = multistatus(response).answers
    if not answers:
        raise ProtocolError("the 207 is empty", where=redacted(url))
    found = [answer for answer in answers if answer.status in _OK]
    if not found:
        return attrs.evolve(response, status=answers[0].status)
    return _resource(found[0], response, flavour)


def look_inside(client: HttpClient, url: str, flavour: Flavour) -> Iterator[Resource]:
    """Yield the collections of this flavour directly in ``url`` that can hold our items."""
    response = propfind(client, url, _ASKED, depth=1)
    for answer in multistatus(response).answers:
        if answer.status in _OK:
            resource = _resource(answer, response, flavour)
            if resource.is_one(flavour) and resource.takes_events:
                yield resource


def _resource(answer: Answer, response: Response, flavour: Flavour) -> Resource:
    base = response.url
    return Resource(
        url=_on_this_server(base, answer.href),
        types=frozenset(child.tag for child in answer.children(TYPE)),
        title=answer.text(TITLE) or "",
        token=answer.text(TOKEN),
        ctag=answer.text(CTAG),
        principal=next((_named(base, href) for href in answer.hrefs(PRINCIPAL)), None),
        homes=tuple(_named(base, href) for href in answer.hrefs(flavour.home_set)),
        reports=frozenset(_inner(answer, _REPORTS)),
        writable=_writable(answer),
        components=frozenset(c.get("name", "") for c in answer.children(_COMPONENTS)),
        versions=frozenset(c.get("version", "") for c in answer.children(_VERSIONS)),
        max_size=_size(answer),
        features=response.headers.get("DAV", ""),
        server=response.headers.get("Server", ""),
        profile=recognise(base, response.headers),
    )


def _named(base: str, href: str) -> str:
    """Return the address of ``href``, which may be on another host of the account."""
    here, there = urlsplit(base), urlsplit(urljoin(base, href))
    if here.hostname == there.hostname and there.port is None:
        # Behind a proxy a server may know neither its scheme nor its port.
        return f"{here.scheme}://{here.netloc}{there.path}"
    return there.geturl()


def _on_this_server(base: str, href: str) -> str:
    """Return the address of ``href``; the host is ours, whatever a proxy made the server think."""
    here, there = urlsplit(base), urlsplit(urljoin(base, href))
    return f"{here.scheme}://{here.netloc}{there.path}"


def _inner(answer: Answer, name: str) -> Iterator[str]:
    """Yield what the second level of a property holds: reports, privileges."""
    for supported in answer.children(name):
        for wrapper in supported:
            yield wrapper.tag
            yield from (inner.tag for inner in wrapper)


def _writable(answer: Answer) -> bool | None:
    granted = frozenset(_inner(answer, _PRIVILEGES))
    return bool(granted & _WRITING) if granted else None


def _size(answer: Answer) -> int | None:
    texts = (answer.text(name) for name in _MAX_SIZES)
    return next((int(text) for text in texts if text and text.isdecimal()), None)

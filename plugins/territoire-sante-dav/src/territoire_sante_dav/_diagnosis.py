# SPDX-License-Identifier: Apache-2.0
"""
What a server can do, and what is done about what it can't.

What it says of itself is tried as far as reading goes: a sync-token that it never gave
out, a report on an item that is not there, the version tags of a whole listing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from territoire_sante.errors import ConnectorError
from territoire_sante.http import redacted
from territoire_sante.plugins import Fact
from territoire_sante_dav._changes import state
from territoire_sante_dav._collection import Resource
from territoire_sante_dav._config import DavConfig, new_cards
from territoire_sante_dav._flavour import CALENDAR, DAV
from territoire_sante_dav._multistatus import multistatus
from territoire_sante_dav._probe import STRONG
from territoire_sante_dav._profile import Profile
from territoire_sante_dav._reading import ETAG, listing
from territoire_sante_dav._sayings import fact
from territoire_sante_dav._wire import Wire
from territoire_sante_dav._xml import document, prop, text_element

_MULTI_STATUS: Final = 207
_ANY_FAILURE: Final = range(500, 600)
_SAMPLE: Final = 3


def diagnosis(
    wire: Wire, resource: Resource, config: DavConfig, *, tried: bool = False
) -> Iterator[Fact]:
    """
    Yield what is found out without writing: one OPTIONS, one listing, two reports.

    ``tried`` says that a test of writing follows.
    """
    answer = wire.client.request("OPTIONS", resource.url)
    features = answer.headers.get("DAV", "") or resource.features
    known = {feature.strip() for feature in features.split(",")}
    yield fact("address", "made" if resource.fresh else "found", redacted(resource.url))
    yield fact("title", "told" if resource.title else "none", resource.title)
    server = resource.profile.name
    told = server or answer.headers.get("Server", "") or "–"
    yield fact("server", "known" if server else "unknown", told)
    announced = "announced" if wire.flavour.feature in known else "not announced"
    yield fact("protocol", announced, features or "–")
    yield fact("encryption", _encryption(resource.url))
    yield from _changes(wire, state(wire), resource.profile)
    yield from _items(wire)
    if wire.careful:
        yield fact("preconditions", "ignored")
    else:
        yield fact("preconditions", "tried" if tried else "relied on")
    writing = {True: "allowed", False: "not allowed", None: "not told"}
    yield fact("writing", writing[resource.writable])
    yield fact("size", "told" if resource.max_size else "not told", resource.max_size)
    if wire.flavour is CALENDAR:
        yield from _calendar(resource, known)
    else:
        yield _cards(resource, new_cards(config).value)


def _encryption(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https":
        return "yes"
    return "local" if parts.hostname in {"localhost", "127.0.0.1", "::1"} else "no"


def _changes(wire: Wire, now: Resource, profile: Profile) -> Iterator[Fact]:
    offered = now.syncs and now.token is not None
    if offered and wire.tokens:
        yield fact("changes", "sync-collection")
        answer = _answer_to_unknown_token(wire, now.token or "")
        known = answer == "accepted" and profile.name
        yield fact("tokens", "known" if known else answer)
        return
    yield fact("changes", "getctag" if wire.ctags and now.ctag is not None else "listing")
    if offered:
        yield fact("tokens", "distrusted")


def _answer_to_unknown_token(wire: Wire, token: str) -> str:
    body = document(
        f"{DAV}sync-collection",
        text_element(f"{DAV}sync-token", never_issued(token)),
        text_element(f"{DAV}sync-level", "1"),
        prop((ETAG,)),
    )
    try:
        answer = wire.report(body, depth=0, returned=_ANY_FAILURE)
    except ConnectorError:
        return "unclear"
    if answer.status in _ANY_FAILURE:
        return "unclear"
    return "accepted" if answer.status == _MULTI_STATUS else "refused"


def never_issued(token: str) -> str:
    """
    Return a token that looks like ``token`` and that its server never gave out.

    A number becomes one of the future: that is what the tokens of a server look like that was
    restored from a backup.

    >>> never_issued("http://example.org/sync/1234")
    'http://example.org/sync/9999'
    >>> never_issued("data:,3f0a")
    'data:,a0f3'
    """
    end = re.search(r"[0-9A-Za-z]*$", token)
    tail = end.group() if end is not None else ""
    if tail.isdecimal():
        changed = "9" * len(tail)
    else:
        changed = tail[::-1] if tail[::-1] != tail else tail + "0"
    return token.removesuffix(tail) + changed


def _items(wire: Wire) -> Iterator[Fact]:
    refs = listing(wire)
    strong = sum(1 for ref in refs if ref.etag is not None and STRONG.fullmatch(ref.etag))
    if not refs:
        yield fact("etags", "untried")
        yield fact("bulk", "untried")
        return
    yield fact("etags", "strong" if strong == len(refs) else "weak", f"{strong}/{len(refs)}")
    yield fact("bulk", _multiget(wire, [ref.href for ref in refs[:_SAMPLE]]))


def _multiget(wire: Wire, names: list[str]) -> str:
    """Try the report on some items and on one that is not there."""
    missing = wire.names.child("territoire-sante-nothing-here" + wire.flavour.suffix)
    asked = [*names, missing]
    hrefs = (text_element(f"{DAV}href", wire.names.spelled(name)) for name in asked)
    body = document(wire.flavour.multiget, prop((ETAG, wire.flavour.data)), *hrefs)
    try:
        found = multistatus(wire.report(body, depth=1, returned=_ANY_FAILURE))
        told = {wire.names.take(answer.href) for answer in found.answers}
    except ConnectorError:
        return "fails"
    return "works" if told.issuperset(asked) else "silent"


def _calendar(resource: Resource, features: set[str]) -> Iterator[Fact]:
    components = ", ".join(sorted(resource.components))
    value = "told" if components else "not told"
    yield fact("components", value if resource.takes_events else "no events", components)
    yield fact("scheduling", "yes" if "calendar-auto-schedule" in features else "no")


def _cards(resource: Resource, new: str) -> Fact:
    versions = ", ".join(sorted(resource.versions))
    if not versions:
        return fact("versions", "not told", new=new)
    offered = new in resource.versions
    return fact("versions", "told" if offered else "not offered", versions, new=new)

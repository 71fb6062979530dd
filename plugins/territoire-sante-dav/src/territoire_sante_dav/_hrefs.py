# SPDX-License-Identifier: Apache-2.0
"""
Names of items: one canonical spelling for all the ways in which servers write them.

Servers escape as they like, and not twice alike: ``%40`` comes back as ``@``, ``%7E``
for ``~``, hexadecimal in lower case, absolute addresses or none. Items are therefore known by
a path whose segments are decoded and escaped again in one way; what is sent
back to the server is its own spelling, as long as it was seen.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urlsplit

import attrs

from territoire_sante.errors import ConfigError, ProtocolError
from territoire_sante.http import Origin, origin_of, redacted
from territoire_sante_dav._xml import REPLACEMENT

# RFC 3986 §3.3: what may stand bare in a segment, besides letters, digits and "-._~".
_BARE: Final = "!$&'()*+,;=:@"
_CANONICAL: Final = re.compile(rf"[A-Za-z0-9_.~/{re.escape(_BARE)}-]*")
_ESCAPED: Final = re.compile(r"%[0-9A-Fa-f]{2}")
# "~" is left out: some servers escape it, and it was reserved once.
_NEVER_ESCAPED: Final = re.compile(rb"[A-Za-z0-9_.-]")
_DOTS: Final = frozenset({".", ".."})
_ABSOLUTE: Final = re.compile(r"https?://", re.IGNORECASE)


def canonical(path: str) -> str:
    """
    Return the one spelling of ``path``.

    >>> canonical("/dav/a%40b/%7eR%C3%A9union%2f1.ics")
    '/dav/a@b/~R%C3%A9union%2F1.ics'
    """
    if _CANONICAL.fullmatch(path):
        return path
    return "/".join(quote(unquote_to_bytes(part), safe=_BARE) for part in path.split("/"))


def sendable(path: str) -> str:
    """Return ``path`` with only those characters escaped that cannot be sent as they are."""
    if _CANONICAL.fullmatch(path):
        return path
    return quote(path, safe=f"/%{_BARE}")


def is_doubtful(href: str) -> bool:
    """
    Return whether ``href`` may be a name that was not escaped at all, with percent signs in it.

    What is escaped without need, or is no UTF-8, or still looks escaped when it is decoded, was
    probably never escaped. SOGo tells such names in its changes, and spells them right in listings.

    >>> [is_doubtful(f"/dav/{name}") for name in ("a%40b", "%41", "per%cent", "%2541", "%7Ea%20b")]
    [False, True, True, True, False]
    """
    found = [unquote_to_bytes(part) for part in _ESCAPED.findall(href)]
    if not found:
        return False
    decoded = unquote_to_bytes(href)
    try:
        text = decoded.decode()
    except UnicodeDecodeError:
        return True
    return any(map(_NEVER_ESCAPED.fullmatch, found)) or bool(_ESCAPED.search(text))


def _split(href: str) -> tuple[Origin | None, str]:
    """Return the origin that ``href`` names, if it does, and its path."""
    if not _ABSOLUTE.match(href):
        # A "?" or "#" here is part of a name that was not escaped; so is a colon.
        return None, href
    try:
        return origin_of(href), urlsplit(href).path or "/"
    except ConfigError as error:
        raise ProtocolError("the server names a resource by no address", where=href[:80]) from error


@attrs.define
class Names:
    """
    The names of one collection's items.

    ``root`` is scheme, host and port as configured; ``path`` the collection's
    canonical path and ends in a slash.
    """

    root: str
    origin: Origin
    path: str
    _spelled: dict[str, str] = attrs.field(factory=dict, repr=False)
    # Those that were spelled as they are: most come once in a listing and once in a report.
    _plain: set[str] = attrs.field(factory=set, repr=False)

    @classmethod
    def of(cls, url: str) -> Names:
        """Return the names relative to the collection at ``url``."""
        parts = urlsplit(url)
        path = parts.path if parts.path.endswith("/") else parts.path + "/"
        names = cls(f"{parts.scheme}://{parts.netloc}", origin_of(url), canonical(path))
        names._spelled[names.path] = sendable(path)
        return names

    def take(self, href: str) -> str:
        """
        Return the canonical name of a resource in an answer, and remember its spelling.

        An address on another host is accepted if its path is in the collection:
        a server behind a proxy may not know its own name. It is never dialled.

        Raises:
            ProtocolError: it is somewhere else.
        """
        if href in self._plain and self._spelled[href] == href:
            return href
        origin, path = _split(href)
        if not path.startswith("/"):
            path = self._spelled[self.path] + path.removeprefix("./")
        name = canonical(path)
        if origin not in {None, self.origin} and not name.startswith(self.path):
            raise ProtocolError(
                f"the server lists a resource of another server, {redacted(href)}", where=self.path
            )
        self._spelled[name] = sendable(path)
        if name == href:
            self._plain.add(name)
        return name

    def moved(self, location: str) -> str | None:
        """Return the name that a Location header gives, if an item of ours can have it."""
        if location.startswith("//"):
            return None
        origin, path = _split(location)
        if origin not in {None, self.origin} or path.endswith("/"):
            return None
        name = self.take(path.partition("?")[0])
        return None if self.trouble(name) else name

    def child(self, segment: str) -> str:
        """Return the name of a new item."""
        name = self.path + segment
        self._spelled[name] = self._spelled[self.path] + segment
        return name

    def spelled(self, name: str) -> str:
        """Return a name as the server writes it, the canonical one if it never did."""
        return self._spelled.get(name, name)

    def is_self(self, name: str) -> bool:
        """Return whether a name is that of the collection itself."""
        return name.rstrip("/") == self.path.rstrip("/")

    def trouble(self, name: str) -> str:
        """Return why an item of this name must not be asked for; empty if it may."""
        if quote(REPLACEMENT) in name:
            return "its name arrived damaged, so it cannot be asked for"
        inside = name.startswith(self.path) and _DOTS.isdisjoint(name.split("/"))
        return "" if inside else "its name leads out of the collection, so it is not asked for"

# SPDX-License-Identifier: Apache-2.0
"""
What is known of how servers behave, and only used to choose the safer way.

A server is recognised by its headers, its host or its paths. One that hides all of them, or
that nobody measured, is taken for one that keeps the standards; what a run then sees of
it (preconditions ignored, reports refused) is learnt for as long as the collection is open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import attrs


@attrs.frozen(kw_only=True)
class Profile:
    """
    How one make of server behaves where that matters.

    Args:
        name: as its makers call it; empty if it was not recognised.
        looks_first: it ignores ``If-None-Match: *`` or ``If-Match`` on a deletion.
        tokens: it refuses sync-tokens that it never gave out, and reports deletions.
            Where it doesn't, a server restored from a backup would go unnoticed.
        ctags: as long as the collection's tag stays the same, nothing changed.
        locks: it refuses a write while another one is under way (423), instead of waiting.
        headers: a pattern that one of ``Name: value`` matches.
        hosts: a pattern for the end of its host's name.
        paths: a pattern for the beginning of its paths.
    """

    name: str = ""
    looks_first: bool = False
    tokens: bool = True
    ctags: bool = True
    locks: bool = False
    headers: str = ""
    hosts: str = ""
    paths: str = ""

    def fits(self, url: str, headers: Mapping[str, str]) -> bool:
        """Return whether an answer from ``url`` with these headers is one of this make."""
        parts = urlsplit(url)
        lines = (f"{name}: {value}" for name, value in headers.items())
        return (
            (bool(self.hosts) and _found(rf"(^|\.)({self.hosts})$", parts.hostname or ""))
            or (bool(self.paths) and _found(rf"^({self.paths})", parts.path))
            or (bool(self.headers) and any(_found(rf"^({self.headers})", line) for line in lines))
        )


UNKNOWN: Final = Profile()

#: Facts measured by us or told by python-caldav's table of servers; the first that fits counts.
PROFILES: Final = (
    # Tokens and tags are seconds since 1970. Two changes in one second leave the same tag; a token
    # tells again what changed in its own second, and with it what came back under an old ETag.
    Profile(
        name="SOGo", looks_first=True, ctags=False,
        headers="server: sogo", paths="/SOGo/",
    ),
    Profile(name="Zimbra", looks_first=True, tokens=False, hosts=r"zimbra\..*"),
    # Any token is answered by everything there is, and what was deleted is not named.
    # Synology's calendar has the same paths and the same weakness.
    Profile(
        name="DAViCal", tokens=False,
        headers="x-davical-version:", paths=r"(/davical)?/caldav\.php/",
    ),
    Profile(name="Bedework", tokens=False, paths="/ucaldav/"),
    Profile(
        name="Open-Xchange", tokens=False,
        headers="server: open-xchange", hosts=r"dav\.mailbox\.org",
    ),
    Profile(name="Purelymail", tokens=False, hosts=r"purelymail\.com"),
    Profile(name="Stalwart", tokens=False, headers="server: stalwart"),
    Profile(name="Nextcloud", headers="dav: .*nextcloud", paths=r"(/.*)?/remote\.php/"),
    Profile(name="Cyrus", headers="server: cyrus-http"),
    Profile(name="iCloud", hosts=r"icloud\.com"),
    Profile(name="sabre/dav", headers="x-sabre-version:"),
    Profile(name="Radicale", headers="dav: 1, 2, 3, calendar-access, addressbook, extended-mkcol$"),
    Profile(name="Xandikos", locks=True, headers="server: .*(xandikos|aiohttp)"),
)  # fmt: skip


def recognise(url: str, headers: Mapping[str, str]) -> Profile:
    """
    Return the profile of the server that answered from ``url`` with ``headers``.

    >>> recognise("https://agenda.example.org/SOGo/dav/msp/Calendar/personal/", {}).name
    'SOGo'
    >>> recognise("https://agenda.example.org/dav/", {"Server": "nginx"}).name
    ''
    """
    return next((profile for profile in PROFILES if profile.fits(url, headers)), UNKNOWN)


def _found(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None

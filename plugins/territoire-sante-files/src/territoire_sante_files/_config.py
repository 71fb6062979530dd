# SPDX-License-Identifier: Apache-2.0
"""What a user writes to name a file, a folder or a feed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from territoire_sante.plugins import Secret

#: Schemes that calendar programs have of their own for addresses that are opened by HTTPS.
_SECURE: Final = frozenset({"webcal", "webcals"})


@attrs.frozen(kw_only=True)
class FilesConfig:
    """
    Where the items are.

    Attributes:
        path: a folder with one item per file, or one file with all items.
        create: make it if it is missing. What is then made is empty, so leave it off for a place
            that should be there already: a disk that is not mounted must not look like an
            empty calendar.
    """

    path: Path
    create: bool = False


def _feed_address(_instance: object, _attribute: attrs.Attribute[str], url: str) -> None:
    try:
        parts = urlsplit(url)
        complete = parts.scheme.lower() in {"http", "https", *_SECURE} and bool(parts.hostname)
    except ValueError:
        complete = False
    if not complete:
        raise ValueError("url must be an http, https or webcal address in full")
    if "@" in parts.netloc:
        raise ValueError("url must not hold credentials; use username and password")


def _positive(_instance: object, attribute: attrs.Attribute[Any], value: float) -> None:
    if value <= 0:
        raise ValueError(f"{attribute.name} must be more than 0")


@attrs.frozen(kw_only=True)
class FeedConfig:
    """
    Where a feed is published.

    Attributes:
        url: its address; ``webcal://`` is read as ``https://``.
        username: the account's name, for feeds behind Basic authentication.
        password: its password.
        keep_past: keep events that are over when the feed no longer shows them.
        networks: networks of one's own (such as ``10.0.0.0/8``) into which the feed's server may
            redirect; the server named in ``url`` may be anywhere.
        ca_file: the authorities to trust instead of the system's.
        timeout: seconds to wait for each step of an answer.
        deadline: seconds for a whole download.
        max_bytes: the largest feed to accept.
    """

    # Whoever has the address of a private feed can read it.
    url: str = attrs.field(validator=_feed_address, repr=False)
    username: str = ""
    password: Secret | None = None
    keep_past: bool = True
    networks: tuple[str, ...] = ()
    ca_file: Path | None = None
    timeout: float = attrs.field(default=60.0, validator=_positive)
    deadline: float = attrs.field(default=300.0, validator=_positive)
    max_bytes: int = attrs.field(default=32 * 1024 * 1024, validator=_positive)

    def __attrs_post_init__(self) -> None:
        if bool(self.username) != (self.password is not None):
            raise ValueError("username and password go together")

    @property
    def web_url(self) -> str:
        """The address to ask, by https for ``webcal``."""
        scheme, rest = self.url.split(":", 1)
        return f"https:{rest}" if scheme.lower() in _SECURE else self.url

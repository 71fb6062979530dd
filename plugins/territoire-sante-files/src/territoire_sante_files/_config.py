# SPDX-License-Identifier: Apache-2.0
"""What a user writes to name a file, a folder or a feed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import attrs

from territoire_sante.plugins import AddressConfig, validators

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


def _feed_address(instance: object, attribute: attrs.Attribute[str], url: str) -> None:
    validators.web_address(instance, attribute, _https(url))


def _https(url: str) -> str:
    """Return the address to ask, by https for ``webcal``."""
    scheme, colon, rest = url.partition(":")
    return f"https:{rest}" if colon and scheme.lower() in _SECURE else url


@attrs.frozen(kw_only=True)
class FeedConfig(AddressConfig):
    """
    Where a feed is published.

    Attributes:
        url: its address; ``webcal://`` is read as ``https://``.
        keep_past: keep events that are over when the feed no longer shows them.
    """

    # Whoever has the address of a private feed can read it.
    url: str = attrs.field(validator=_feed_address, repr=False)
    keep_past: bool = True
    max_bytes: int = attrs.field(default=32 * 1024 * 1024, validator=attrs.validators.gt(0))

    @property
    def web_url(self) -> str:
        """The address to ask, by https for ``webcal``."""
        return _https(self.url)

# SPDX-License-Identifier: Apache-2.0
"""What a user writes to name a feed that others publish."""

from __future__ import annotations

import attrs

from territoire_sante.plugins import AddressConfig, validators


@attrs.frozen(kw_only=True)
class WebFeedConfig(AddressConfig):
    """
    Where a feed is published.

    Attributes:
        url: its address.
        timezone: where the days of publication begin, an IANA name.
        keep_vanished: keep what the feed shows no longer, unless it says that it took it back.
    """

    # Whoever has the address of a private feed can read it.
    url: str = attrs.field(validator=validators.web_address, repr=False)
    timezone: str = attrs.field(default="Europe/Paris", validator=validators.known_zone)
    keep_vanished: bool = True

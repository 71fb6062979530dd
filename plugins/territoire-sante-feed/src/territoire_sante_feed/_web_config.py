# SPDX-License-Identifier: Apache-2.0
"""What a user writes to name a feed that others publish."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from territoire_sante.plugins import Secret
from territoire_sante_feed._config import known_zone, web_address


def _address(_instance: object, attribute: attrs.Attribute[str], url: str) -> None:
    web_address(attribute.name, url)


def _positive(_instance: object, attribute: attrs.Attribute[Any], value: float) -> None:
    if value <= 0:
        raise ValueError(f"{attribute.name} must be more than 0")


@attrs.frozen(kw_only=True)
class WebFeedConfig:
    """
    Where a feed is published.

    Attributes:
        url: its address.
        username: the account's name, for feeds behind Basic authentication.
        password: its password.
        timezone: where the days of publication begin, an IANA name.
        keep_vanished: keep what the feed shows no longer, unless it says that it took it back.
        networks: networks of one's own (such as ``10.0.0.0/8``) into which the feed's server may
            redirect; the server named in ``url`` may be anywhere.
        ca_file: the authorities to trust instead of the system's.
        timeout: seconds to wait for each step of an answer.
        deadline: seconds for a whole download.
        max_bytes: the largest feed to accept.
    """

    # Whoever has the address of a private feed can read it.
    url: str = attrs.field(validator=_address, repr=False)
    username: str = ""
    password: Secret | None = None
    timezone: str = attrs.field(default="Europe/Paris", validator=known_zone)
    keep_vanished: bool = True
    networks: tuple[str, ...] = ()
    ca_file: Path | None = None
    timeout: float = attrs.field(default=60.0, validator=_positive)
    deadline: float = attrs.field(default=300.0, validator=_positive)
    max_bytes: int = attrs.field(default=10 * 1024 * 1024, validator=_positive)

    def __attrs_post_init__(self) -> None:
        if bool(self.username) != (self.password is not None):
            raise ValueError("username and password go together")

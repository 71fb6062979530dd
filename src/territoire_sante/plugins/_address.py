# SPDX-License-Identifier: Apache-2.0
"""What a user writes to have an address asked that others publish at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from territoire_sante.plugins._secret import Secret


def positive(_instance: object, attribute: attrs.Attribute[Any], value: float) -> None:
    """
    Let a number above nothing pass, as a validator of an attrs class.

    Raises:
        ValueError: it is not.
    """
    if value <= 0:
        raise ValueError(f"{attribute.name} must be more than 0")


@attrs.frozen(kw_only=True)
class AddressConfig:
    """
    Who asks and how, for the options of connectors that read what is published at an address.

    Attributes:
        username: the account's name, for feeds behind Basic authentication.
        password: its password.
        networks: networks of one's own (such as ``10.0.0.0/8``) into which the feed's server may
            redirect; the server that the address names may be anywhere.
        ca_file: the authorities to trust instead of the system's.
        timeout: seconds to wait for each step of an answer.
        deadline: seconds for a whole download.
        max_bytes: the largest feed to accept.
    """

    username: str = ""
    password: Secret | None = None
    networks: tuple[str, ...] = ()
    ca_file: Path | None = None
    timeout: float = attrs.field(default=60.0, validator=positive)
    deadline: float = attrs.field(default=300.0, validator=positive)
    max_bytes: int = attrs.field(default=10 * 1024 * 1024, validator=positive)

    def __attrs_post_init__(self) -> None:
        if bool(self.username) != (self.password is not None):
            raise ValueError("username and password go together")

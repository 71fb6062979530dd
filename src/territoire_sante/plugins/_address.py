# SPDX-License-Identifier: Apache-2.0
"""What a user writes to have an address asked that others publish at."""

from __future__ import annotations

from pathlib import Path

import attrs

from territoire_sante.plugins._secret import Secret


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
    timeout: float = attrs.field(default=60.0, validator=attrs.validators.gt(0.0))
    deadline: float = attrs.field(default=300.0, validator=attrs.validators.gt(0.0))
    max_bytes: int = attrs.field(default=10 * 1024 * 1024, validator=attrs.validators.gt(0))

    def __attrs_post_init__(self) -> None:
        if bool(self.username) != (self.password is not None):
            raise ValueError("username and password go together")

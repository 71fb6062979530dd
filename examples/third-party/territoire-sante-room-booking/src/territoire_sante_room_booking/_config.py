# SPDX-License-Identifier: Apache-2.0
"""What a user has to say."""

from __future__ import annotations

from urllib.parse import urlsplit

import attrs

from territoire_sante.plugins import Secret


def _address(_instance: object, attribute: attrs.Attribute[str], value: str) -> None:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound or "@" in parts.netloc or parts.query or parts.fragment:
        message = f"{attribute.name} is an address such as https://salles.example.org/api/"
        raise ValueError(message)


@attrs.frozen(kw_only=True)
class BookingConfig:
    """
    Which booking service.

    Attributes:
        url: the address of its interface.
        token: what it gave to this program.
        timeout: seconds to wait for each step of an answer.
    """

    url: str = attrs.field(validator=_address)
    token: Secret
    timeout: float = attrs.field(default=30.0, validator=attrs.validators.gt(0))

    @property
    def base(self) -> str:
        """The address, to which others are relative."""
        return self.url if self.url.endswith("/") else f"{self.url}/"

    @property
    def service(self) -> str:
        """The name of the service, by which its bookings are told from those of others."""
        return urlsplit(self.url).netloc

# SPDX-License-Identifier: Apache-2.0
"""What a user writes to publish on PanneauPocket."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.plugins import Secret

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


# RFC 6750, 2.1; anything else could not be sent in a header.
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")


def _valid_token(_: object, attribute: attrs.Attribute[Secret], value: Secret) -> None:
    if not _TOKEN.fullmatch(value.reveal()):
        raise InvalidValueError(
            "this is not the form of a token",
            where=attribute.name,
            remedy="Ask PanneauPocket for a token of the management API for your commune",
        )


def _safe_address(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    parts = urlsplit(value)
    local = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if parts.hostname and (parts.scheme == "https" or local):
        return
    raise InvalidValueError(
        "a token is sent over https only",
        where=attribute.name,
        remedy="Write an address that begins with https://",
    )


@attrs.frozen(kw_only=True)
class PanneauPocketConfig:
    """
    Whose signs are written, and where.

    Attributes:
        token: the bearer token of the commune's account.
        base_url: the address of the management API; ``https://staging.gestion.…`` to try it out.
        timeout: seconds to wait for an answer.
    """

    token: Secret = attrs.field(validator=_valid_token)
    base_url: str = attrs.field(
        default="https://gestion.panneaupocket.com/public-api", validator=_safe_address
    )
    timeout: float = attrs.field(default=30.0, validator=attrs.validators.gt(0))

# SPDX-License-Identifier: Apache-2.0
"""Validators of attrs for options that many connectors have: addresses, time zones."""

from __future__ import annotations

import zoneinfo
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from territoire_sante.errors import InvalidValueError

__all__ = ["encrypted_address", "known_zone", "loopback", "web_address"]

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_NOWHERE: Final = SplitResult("", "", "", "", "")


def web_address(_instance: Any, attribute: Any, value: str) -> None:
    """
    Let an http or https address in full pass that holds no credentials.

    Raises:
        ValueError: it is none.
    """
    parts = _parts(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{attribute.name} must be an http or https address in full")
    if "@" in parts.netloc:
        raise ValueError(f"{attribute.name} must not hold credentials; they have options")


def encrypted_address(_instance: Any, attribute: Any, value: str) -> None:
    """
    Let an https address pass, or an http one of this machine: credentials travel to it.

    Raises:
        InvalidValueError: it is neither.
    """
    parts = _parts(value)
    local = parts.scheme == "http" and loopback(value)
    if not parts.hostname or (parts.scheme != "https" and not local):
        raise InvalidValueError(
            "credentials are sent over https only",
            where=attribute.name,
            remedy="Write an address that begins with https://",
        )


def loopback(address: str) -> bool:
    """
    Say whether an address is of this machine, as a stand-in for tests is.

    >>> loopback("http://127.0.0.1:8080/"), loopback("https://example.org")
    (True, False)
    """
    return _parts(address).hostname in _LOOPBACK


def known_zone(_instance: Any, attribute: Any, value: str) -> None:
    """
    Let the name of a time zone pass.

    Raises:
        InvalidValueError: it is none.
    """
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidValueError(
            f"{value!r} is no time zone",
            where=attribute.name,
            remedy="Write an IANA name such as Europe/Paris or America/Guadeloupe",
        ) from error


def _parts(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        return _NOWHERE

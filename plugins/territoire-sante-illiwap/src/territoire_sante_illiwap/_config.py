# SPDX-License-Identifier: Apache-2.0
"""What a user writes to read a station."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.plugins import validators

#: The only server of stations; names that look like it are refused.
PUBLIC: Final = "https://station.illiwap.com"

_STATION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


def _valid_station(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if not _STATION.fullmatch(value):
        raise InvalidValueError(
            "this is not the code of a station",
            where=attribute.name,
            remedy=f"Open the station on {PUBLIC}; it stands in the address behind /public/",
        )


def _valid_origin(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    try:
        parts = urlsplit(value)
        local = parts.scheme in {"http", "https"} and validators.loopback(value)
        plain = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        local = plain = False
    if value != PUBLIC and not (local and plain):
        raise InvalidValueError(
            "only Illiwap's own server is read",
            where=attribute.name,
            remedy=f"Leave it out: {PUBLIC}",
        )


@attrs.frozen(kw_only=True)
class IlliwapConfig:
    """
    Which station is read.

    Attributes:
        station: its code, as in ``/fr/public/<station>/actu``: often an INSEE code, a postcode
            or a name. Look at the page to be sure whose it is.
        origin: the server; another one only on this machine, to try things out.
    """

    station: str = attrs.field(validator=_valid_station)
    origin: str = attrs.field(default=PUBLIC, validator=_valid_origin)


@attrs.frozen(kw_only=True)
class IlliwapAgendaConfig(IlliwapConfig):
    """
    Which station's agenda is read, and which days of it.

    Attributes:
        past_days: how many days before today.
        days: how many days from today on.
    """

    past_days: int = attrs.field(
        default=7, validator=[attrs.validators.ge(0), attrs.validators.le(3660)]
    )
    days: int = attrs.field(
        default=365, validator=[attrs.validators.ge(1), attrs.validators.le(3660)]
    )

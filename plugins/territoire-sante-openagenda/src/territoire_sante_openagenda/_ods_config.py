# SPDX-License-Identifier: Apache-2.0
"""What a user writes to read public events round a place."""

from __future__ import annotations

import re
from typing import Final

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.plugins import validators

_DATASET: Final = re.compile(r"[A-Za-z0-9_.@-]{1,200}")


def _valid_dataset(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if not _DATASET.fullmatch(value):
        raise InvalidValueError(
            f"{value!r} is no name of a dataset",
            where=attribute.name,
            remedy="Copy it from the address of the dataset's page",
        )


@attrs.frozen(kw_only=True)
class OpendatasoftConfig:
    """
    Which public events are read; no key is needed.

    Attributes:
        latitude: of the place, in degrees.
        longitude: likewise.
        radius_km: how far round it.
        where: a further condition, in the query language of the portal.
        dataset: the name of the dataset.
        timezone: of the times, an IANA name.
        base_url: the address of the portal's API, version 2.1.
        timeout: seconds to wait for an answer.
    """

    latitude: float = attrs.field(validator=[attrs.validators.ge(-90), attrs.validators.le(90)])
    longitude: float = attrs.field(validator=[attrs.validators.ge(-180), attrs.validators.le(180)])
    radius_km: float = attrs.field(
        default=20.0, validator=[attrs.validators.gt(0), attrs.validators.le(500)]
    )
    where: str = ""
    dataset: str = attrs.field(default="evenements-publics-openagenda", validator=_valid_dataset)
    timezone: str = attrs.field(default="Europe/Paris", validator=validators.known_zone)
    base_url: str = attrs.field(
        default="https://public.opendatasoft.com/api/explore/v2.1",
        validator=validators.encrypted_address,
    )
    timeout: float = attrs.field(default=30.0, validator=attrs.validators.gt(0))

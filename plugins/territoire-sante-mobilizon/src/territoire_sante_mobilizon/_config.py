# SPDX-License-Identifier: Apache-2.0
"""What a user writes to publish on Mobilizon."""

from __future__ import annotations

import re
from typing import Final
from zoneinfo import ZoneInfo

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.plugins import Secret, validators

_GROUP: Final = re.compile(r"[A-Za-z0-9_]{0,100}")


def _group_name(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if not _GROUP.fullmatch(value):
        raise InvalidValueError(
            "this is not the name of a group",
            where=attribute.name,
            remedy="Write its name as in its address, without @ and without the server",
        )


@attrs.frozen(kw_only=True)
class MobilizonConfig:
    """
    One account of one instance.

    Attributes:
        base_url: the address of the instance.
        email: with which the account signs in.
        password: likewise.
        group: the name of the group that announces the events; empty for the account itself.
        zone: where days begin, and where times stand that have no zone of a name.
        timeout: seconds to wait for an answer.
    """

    base_url: str = attrs.field(validator=validators.encrypted_address)
    email: str
    password: Secret
    group: str = attrs.field(default="", validator=_group_name)
    zone: str = attrs.field(default="Europe/Paris", validator=validators.known_zone)
    timeout: float = attrs.field(default=30.0, validator=attrs.validators.gt(0))

    @property
    def place(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.zone)

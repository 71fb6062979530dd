# SPDX-License-Identifier: Apache-2.0
"""What a user writes to name the folder, the sender, and what may go out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.formats.cap import CapLens, checked_sender
from territoire_sante.model import Severity

_STATUSES: Final = ("Actual", "Exercise", "Test")


@attrs.frozen(kw_only=True)
class CapConfig:
    """
    A folder of alerts, and who sends them.

    Attributes:
        path: the folder.
        sender: who sends them, in one word that is nobody else's: a domain or an address.
        sender_name: the same for people.
        status: ``Actual``, ``Exercise`` or ``Test``.
        severities: what may go out; ``alert`` only, if left out.
        communes: the names of communes by INSEE code, for the text that describes the area.
        zone: where days begin and alerts are dated, such as ``Indian/Reunion``.
        create: make the folder if it is missing.
    """

    path: Path
    sender: str = attrs.field()
    sender_name: str = ""
    status: str = attrs.field(default="Actual")
    severities: tuple[Severity, ...] = (Severity.ALERT,)
    communes: Mapping[str, str] = attrs.field(factory=dict)
    zone: str = attrs.field(default="Europe/Paris")
    create: bool = False

    @sender.validator
    def _one_word(self, _: attrs.Attribute[str], value: str) -> None:
        checked_sender(value)

    @status.validator
    def _known(self, _: attrs.Attribute[Any], value: str) -> None:
        if value not in _STATUSES:
            raise InvalidValueError(
                f"{value!r} is no status",
                where="status",
                remedy=f"Write one of {', '.join(_STATUSES)}",
            )

    @zone.validator
    def _place(self, _: attrs.Attribute[str], value: str) -> None:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise InvalidValueError(
                f"{value!r} is no time zone", where="zone", remedy="Write it like Europe/Paris"
            ) from error

    @property
    def lens(self) -> CapLens:
        """The lens with these settings."""
        return CapLens(
            sender=self.sender,
            sender_name=self.sender_name,
            status=self.status,
            names=self.communes,
            zone=self.zone,
        )

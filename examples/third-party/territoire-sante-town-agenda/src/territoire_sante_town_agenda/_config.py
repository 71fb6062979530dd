# SPDX-License-Identifier: Apache-2.0
"""What a user has to say."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import attrs

from territoire_sante.plugins import validators


@attrs.frozen(kw_only=True)
class AgendaConfig:
    """
    Which agenda.

    Attributes:
        path: the file.
        time_zone: whose hours the agenda tells.
        encoding: what the file is written in; ``auto`` looks at it.
        create: make it if it is missing.
    """

    path: Path
    time_zone: str = attrs.field(default="Europe/Paris", validator=validators.known_zone)
    encoding: Literal["auto", "utf-8", "windows-1252"] = "auto"
    create: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.time_zone)

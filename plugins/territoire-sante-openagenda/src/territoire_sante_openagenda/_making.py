# SPDX-License-Identifier: Apache-2.0
"""From a configuration to the reading of its events."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from territoire_sante_openagenda._config import OpenAgendaConfig
from territoire_sante_openagenda._lens import OpenAgendaLens
from territoire_sante_openagenda._places import Places


def lens_for(config: OpenAgendaConfig) -> OpenAgendaLens:
    """Return the lens of an agenda."""
    places = Places(known=config.locations, default=config.location, online=config.online)
    return OpenAgendaLens(places, config.ext_key, config.language, ZoneInfo(config.timezone))

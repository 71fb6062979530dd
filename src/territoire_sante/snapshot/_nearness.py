# SPDX-License-Identifier: Apache-2.0
"""How near a territory is to a commune, counted in levels that they share."""

from __future__ import annotations

from typing import Final

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import CommuneCode, LabelledEnum


class Nearness(LabelledEnum):
    """
    The smallest territory that a commune shares with something else, nearest first.

    UNKNOWN is for what names no territory: that is no statement that it is far away.
    """

    COMMUNE = "commune", "dans la commune", "in the commune"
    EPCI = "epci", "dans l'intercommunalité", "in the intercommunal body"
    AREA = "area", "dans un même territoire de projet", "in a shared project area"
    DEPARTEMENT = "departement", "dans le département", "in the département"
    REGION = "region", "dans la région", "in the region"
    ELSEWHERE = "elsewhere", "ailleurs", "elsewhere"
    UNKNOWN = "unknown", "lieu non renseigné", "place unknown"

    @property
    def rank(self) -> int:
        """0 for the commune itself, growing with the distance."""
        return _RANKS[self]


_RANKS: Final = {level: rank for rank, level in enumerate(Nearness)}


def commune_code(text: str) -> str:
    """
    Return the INSEE code of ``text``, which may be the id of a commune.

    >>> commune_code("commune:2A004"), commune_code("48 095")
    ('2A004', '48095')

    Raises:
        InvalidValueError: it is neither.
    """
    kind, _, local = text.rpartition(":")
    if kind not in ("", "commune"):
        raise InvalidValueError(
            f"{text!r} is no commune",
            where="commune",
            remedy="Write an INSEE code such as 48095, or an id such as commune:48095",
        )
    return CommuneCode(local).value

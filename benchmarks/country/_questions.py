# SPDX-License-Identifier: Apache-2.0
"""What is asked of a country, and what changes in it, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import attrs

from country import Row
from territoire_sante.cooperation import Found
from territoire_sante.cooperation._sheet import says, sheet_texts
from territoire_sante.cooperation._words import folded
from territoire_sante.model import (
    Actor,
    Appointment,
    Convention,
    Entity,
    Lever,
    LeverOffer,
    LeverType,
    LocalHealthContract,
    Territory,
    Visibility,
)
from territoire_sante.snapshot import Snapshot

_TYPES: Final = tuple(one.label_fr for one in LeverType)
_LARGE: Final = 50


class Question(NamedTuple):
    """Words, and the commune near which they are looked for."""

    text: str
    near: str


def questions(rows: Sequence[Row], count: int) -> Iterator[Question]:
    """
    Yield questions: frequent and rare words, several, beginnings, misspelt ones and none.

    They are asked in small communes, in the largest, overseas and where there is no EPCI.
    """
    draw = random.Random(3)
    large = sorted(rows, key=lambda row: -row.population)[:_LARGE]
    overseas = [row for row in rows if row.code.startswith(("97", "98"))] or rows
    alone = [row for row in rows if not row.epci] or rows
    for number in range(count):
        near = draw.choice((rows, rows, rows, large, overseas, alone)[number % 6]).code
        kind, name = draw.choice(_TYPES), draw.choice(rows).name
        texts = (
            kind,
            "barnum",
            "demande",
            name,
            f"{kind.split()[0]} {name}",
            "barnun",
            "xyzzy",
            "selon disponibilites moment",
            kind[:3],
            "de",
            f"{kind} {draw.choice(_TYPES)}",
        )
        yield Question(texts[number % len(texts)], near)


def changes(snapshot: Snapshot, count: int) -> Iterator[Entity]:
    """Yield entities as they are after one change each, of all the kinds that rules look at."""
    draw = random.Random(4)
    kinds: tuple[type[Entity], ...] = (
        Lever,
        LeverOffer,
        Actor,
        Appointment,
        Convention,
        Territory,
        LocalHealthContract,
    )
    ids = {cls: [one.id for one in snapshot.all(cls)] for cls in kinds}
    there = [cls for cls in kinds if ids[cls]]
    for number in range(count):
        cls = there[number % len(there)]
        one = snapshot.get(cls, draw.choice(ids[cls]))
        named = next((field for field in ("name", "title") if hasattr(one, field)), "")
        yield attrs.evolve(
            one,
            **{named: f"Nouveau {number}"}
            if named
            else {"visibility": draw.choice([Visibility.PARTNERS, Visibility.TEAM])},
        )


@attrs.frozen
class _Hit:
    entity: Entity


class Reading:
    """Looks words up by reading all the sheets, in place of an index."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def search(self, text: str, **_: object) -> list[Found]:
        """Return every lever whose sheet has all the words."""
        words = folded(text).split()
        offers = self._snapshot.offers_of
        return [
            _Hit(one)
            for one in self._snapshot.all(Lever)
            if says(sheet_texts(one, offers(one.id)), words)
        ]

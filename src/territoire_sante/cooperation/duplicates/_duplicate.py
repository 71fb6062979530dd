# SPDX-License-Identifier: Apache-2.0
"""Two records that may be one: how sure that is, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from territoire_sante.cooperation._score import Part
from territoire_sante.cooperation._words import Sentence
from territoire_sante.model import LabelledEnum

#: From how much on a pair is told; below it, nobody promises that all pairs are looked at.
THRESHOLD: Final = 0.8


class Trait(LabelledEnum):
    """What two records are compared by."""

    NUMBER = "number", "Numéro officiel", "Official number"
    NAME = "name", "Nom", "Name"
    PLACE = "place", "Lieu", "Place"
    CONTACT = "contact", "Coordonnées", "Contact details"
    KIND = "kind", "Type", "Kind"
    AREA = "area", "Territoire", "Area"
    LEAD = "lead", "Porteur", "Lead"


class Nature(LabelledEnum):
    """What sort of duplicate it is."""

    RECORD = "record", "Fiche en double", "Duplicate record"
    PROJECT = "project", "Projets doublonnés", "Duplicate projects"


@attrs.frozen(kw_only=True)
class Duplicate:
    """
    Two records of one kind, ``first_id`` before ``second_id``.

    ``score`` is from 0 to 1, the sum of its parts. ``certain`` means that an official
    number is the same and nothing speaks against it; even then a person decides. Of projects,
    ``nature`` tells one that was noted twice from two that do the same apart.
    """

    kind: str
    first_id: str
    second_id: str
    score: float
    parts: tuple[Part, ...]
    certain: bool = False
    nature: Nature = Nature.RECORD

    @property
    def reasons(self) -> tuple[Sentence, ...]:
        """Why, in sentences, what weighs most ahead."""
        ranked = sorted(self.parts, key=lambda one: -one.value * one.weight)
        return tuple(one.reason for one in ranked)


@attrs.frozen(kw_only=True)
class Swept:
    """
    Many records with one key: each was compared with its neighbours by name only.

    ``key`` is what they share, ``size`` how many they are.
    """

    kind: str
    key: str
    size: int


@attrs.frozen(kw_only=True)
class Duplicates:
    """
    What was found, most certain first.

    Attributes:
        pairs: what may be one.
        swept: where not every record was compared with every other.
        compared: how many pairs were looked at.
        refused: how many were left out because somebody had decided that they are not the same.
    """

    pairs: tuple[Duplicate, ...] = ()
    swept: tuple[Swept, ...] = ()
    compared: int = 0
    refused: int = 0

    def __iter__(self) -> Iterator[Duplicate]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __add__(self, other: Duplicates) -> Duplicates:
        return Duplicates(
            pairs=tuple(sorted((*self.pairs, *other.pairs), key=_rank)),
            swept=(*self.swept, *other.swept),
            compared=self.compared + other.compared,
            refused=self.refused + other.refused,
        )


def _rank(one: Duplicate) -> tuple[bool, float, str, str]:
    return (not one.certain, -one.score, one.first_id, one.second_id)

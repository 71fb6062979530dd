# SPDX-License-Identifier: Apache-2.0
"""
Which entry is which, in an agenda whose lines have no names.

A new entry is named by a hash of its words. From then on it keeps that name, whatever becomes of
its words: the sync remembers how each entry was last read and tells so before anything is listed.
An entry that says the same is the same; of those that are left, the most alike are the same.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Final

import attrs

#: From this likeness on (0 to 1), two lines are the same entry, edited.
ALIKE: Final = 0.6

#: With more lines than these on each side, nobody can tell who became whom.
_CROWD: Final = 200

_NAMES: Final = uuid.UUID("5b0a2a51-7c5d-5f0e-9a55-3d2f6f5c7a10")


@attrs.frozen
class Named:
    """
    An entry: the href and the uid by which it is known, and its words.

    One that is ``released`` was deleted there and kept here: only its own words bring it back.
    """

    href: str
    uid: str
    line: str
    released: bool = False

    @property
    def etag(self) -> str:
        """The version: a hash of the words."""
        return f'"{_hash(self.line, 32)}"'


def named(lines: Sequence[str], known: Iterable[Named], *, seed: str) -> list[Named]:
    """
    Return the entries of an agenda by the names that they have, in its order.

    ``seed`` tells agendas apart that say the same.
    """
    left = {one.href: one for one in known}
    found: dict[int, Named] = {}
    for pairs in (_same, _alike):
        waiting = {number: line for number, line in enumerate(lines) if number not in found}
        for number, one in pairs(waiting, list(left.values())):
            found[number] = Named(one.href, one.uid, lines[number])
            del left[one.href]
    taken = {one.href for one in [*found.values(), *left.values()]}
    for number, line in enumerate(lines):
        if number not in found:
            found[number] = new(line, taken, seed=seed)
            taken.add(found[number].href)
    return [found[number] for number in range(len(lines))]


def new(line: str, taken: Iterable[str], *, seed: str, uid: str = "") -> Named:
    """Return a name for an entry that nobody has seen before; twins get numbers."""
    occupied = set(taken)
    base = href = _hash(" ".join(line.casefold().split()), 16)
    number = 1
    while href in occupied:
        number += 1
        href = f"{base}-{number}"
    return Named(href, uid or str(uuid.uuid5(_NAMES, f"{seed}\n{href}")), line)


def _same(waiting: dict[int, str], known: list[Named]) -> list[tuple[int, Named]]:
    """Pair lines that say the same, twins in the order of the agenda."""
    free: dict[str, list[Named]] = {}
    for one in known:
        free.setdefault(one.line, []).append(one)
    return [(number, free[line].pop(0)) for number, line in waiting.items() if free.get(line)]


def _alike(waiting: dict[int, str], known: list[Named]) -> list[tuple[int, Named]]:
    """Pair lines that were edited, the most alike first."""
    if max(len(waiting), len(known)) > _CROWD:
        return []
    scores = [
        (_likeness(line, one.line), number, one)
        for number, line in waiting.items()
        for one in known
        if not one.released
    ]
    pairs: dict[int, Named] = {}
    gone: set[str] = set()
    for score, number, one in sorted(scores, key=lambda each: (-each[0], each[1])):
        if score >= ALIKE and number not in pairs and one.href not in gone:
            pairs[number] = one
            gone.add(one.href)
    return list(pairs.items())


def _likeness(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False)
    # The quick answer is never too small, and spares most pairs the slow one.
    return matcher.ratio() if matcher.quick_ratio() >= ALIKE else 0.0


def _hash(text: str, length: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]

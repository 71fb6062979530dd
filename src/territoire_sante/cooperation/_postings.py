# SPDX-License-Identifier: Apache-2.0
"""Words and who has them: numbers in lists, and maps of one byte for each number."""

from __future__ import annotations

import bisect
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from territoire_sante.cooperation._words import folded

_LAST: Final = chr(0x10FFFF)

#: Words with the same beginning, and the numbers of those that have each.
Postings = list[tuple[str, "array[int]"]]


def amount(postings: Postings) -> int:
    """Return how often the words are there."""
    return sum(len(numbers) for _, numbers in postings)


class Vocabulary:
    """Words, and the numbers of the levers that have each; in order once it is filled."""

    def __init__(self) -> None:
        self.having: Final[dict[str, array[int]]] = {}
        self.words: Sequence[str] = ()

    def add(self, words: Iterable[str], number: int) -> None:
        """Add a lever, whose number is above all others."""
        for word in words:
            self.having.setdefault(word, array("I")).append(number)

    def close(self) -> None:
        """Put the words in order."""
        self.words = sorted(self.having)


def matching(word: str, vocabulary: Vocabulary) -> Postings:
    """Return the words that begin with ``word``."""
    words = vocabulary.words
    first = bisect.bisect_left(words, word)
    last = bisect.bisect_left(words, word + _LAST, first)
    return [(one, vocabulary.having[one]) for one in words[first:last]]


def both(some: Sequence[bytes]) -> bytes:
    """Return the map of who is in all of some."""
    return _combined(some, int.__and__)


def either(some: Sequence[bytes]) -> bytes:
    """Return the map of who is in any of some."""
    return _combined(some, int.__or__)


def _combined(some: Sequence[bytes], how: Callable[[int, int], int]) -> bytes:
    """Combine maps of one byte for each lever as the long numbers that they are."""
    first, *rest = some
    if not rest:
        return first
    value = int.from_bytes(first, "little")
    for one in rest:
        value = how(value, int.from_bytes(one, "little"))
    return value.to_bytes(len(first), "little")


class Words(dict[str, tuple[str, ...]]):
    """The words of a text; many sheets have texts in common."""

    def __missing__(self, text: str) -> tuple[str, ...]:
        words = self[text] = tuple(dict.fromkeys(folded(text).split()))
        return words

# SPDX-License-Identifier: Apache-2.0
"""Large maps of which a changed one is made at the cost of the change, not of the map."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

K = TypeVar("K", bound=str)
V = TypeVar("V")

_SAME: Final[Any] = object()

# Few changes are never worth a new map.
_FEW: Final = 64


class _Layers(Mapping[K, V]):
    """A map, and what is different from it; ``None`` for what is gone."""

    __slots__ = ("base", "over")

    def __init__(self, base: Mapping[K, V], over: Mapping[K, V | None]) -> None:
        self.base: Final = base
        self.over: Final = over

    def get(self, key: Any, default: Any = None, /) -> Any:
        """Return what is there, or ``default``."""
        found = self.over.get(key, _SAME)
        if found is _SAME:
            return self.base.get(key, default)
        return default if found is None else found

    def __getitem__(self, key: K) -> V:
        found: V | None = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None

    def __len__(self) -> int:
        new = sum(1 for key, value in self.over.items() if value is not None and self._is_new(key))
        gone = sum(1 for key, value in self.over.items() if value is None and not self._is_new(key))
        return len(self.base) + new - gone

    def __iter__(self) -> Iterator[K]:
        over = self.over
        new = iter(sorted(key for key in over if self._is_new(key) and over[key] is not None))
        coming = next(new, None)
        for key in self.base:
            while coming is not None and coming < key:
                yield coming
                coming = next(new, None)
            if over.get(key, _SAME) is not None:
                yield key
        if coming is not None:
            yield coming
            yield from new

    def _is_new(self, key: K) -> bool:
        return key not in self.base


def layered(before: Mapping[K, V], updates: Mapping[K, V | None]) -> Mapping[K, V]:
    """
    Return a map with these values, ``None`` for what is gone; ``before`` stays as it is.

    What comes in the order of its keys stays so. Changes are kept beside the map until
    they are about as many as the square root of its length: then neither copying them for each
    further change nor making a new map now and then costs more than the other.

    >>> later = layered({"a": 1, "c": 3}, {"b": 2, "c": None})
    >>> dict(later), len(later)
    ({'a': 1, 'b': 2}, 2)
    """
    base, over = (before.base, before.over) if isinstance(before, _Layers) else (before, {})
    both = _Layers(base, {**over, **updates})
    if len(both.over) <= max(_FEW, math.isqrt(2 * len(base))):
        return both
    return {key: both[key] for key in both}

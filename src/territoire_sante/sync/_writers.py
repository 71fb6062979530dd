# SPDX-License-Identifier: Apache-2.0
"""
Several writes under way at a time, each in a thread of its own.

Only a transport's call runs there; whatever touches the database stays with the caller.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, Generic, Protocol, TypeVar

import attrs

T = TypeVar("T")
R = TypeVar("R")

#: How many answers are committed together, and the seconds that the first of them waits.
_TOGETHER: Final = 16
_AT_MOST: Final = 0.5


@attrs.frozen
class Answer(Generic[T, R]):
    """What became of one write: a result, or the exception that it ended with."""

    task: T
    result: R | None
    error: BaseException | None


class Writers(Protocol[T, R]):
    """Those who write; ``width`` of them."""

    width: int

    @property
    def under_way(self) -> int:
        """How many writes were begun whose answers nobody took yet."""
        ...

    @property
    def has_room(self) -> bool:
        """Whether another write may be begun."""
        ...

    def start(self, task: T, work: Callable[[], R]) -> None:
        """Begin a write."""
        ...

    @property
    def is_due(self) -> bool:
        """Whether the answers that have come should be taken now, rather than with later ones."""
        ...

    def wait(self) -> None:
        """Wait for another answer; needs one that has not come."""
        ...

    def answers(self) -> list[Answer[T, R]]:
        """Return the answers that have come."""
        ...


@attrs.define(kw_only=True)
class _Pool(Generic[T, R]):
    """Writes in threads; ``together`` answers may wait to be taken while others are under way."""

    width: int
    together: int
    clock: Callable[[], float]
    executor: ThreadPoolExecutor
    _coming: queue.SimpleQueue[Answer[T, R]] = attrs.field(factory=queue.SimpleQueue)
    _missing: int = 0
    _done: list[Answer[T, R]] = attrs.field(factory=list)
    _since: float = 0.0

    @property
    def under_way(self) -> int:
        return self._missing + len(self._done)

    @property
    def has_room(self) -> bool:
        return self._missing < self.width and not self._is_wrong

    @property
    def is_due(self) -> bool:
        if not self._done or not self._missing or self._is_wrong:
            return bool(self._done)
        return len(self._done) >= self.together or self.clock() - self._since > _AT_MOST

    @property
    def _is_wrong(self) -> bool:
        # What went wrong may concern what would follow.
        return any(answer.error is not None for answer in self._done)

    def start(self, task: T, work: Callable[[], R]) -> None:
        self._missing += 1
        self.executor.submit(lambda: self._coming.put(_answer(task, work)))

    def wait(self) -> None:
        found = [self._coming.get()]
        while not self._coming.empty():
            found.append(self._coming.get())
        if not self._done:
            self._since = self.clock()
        self._missing -= len(found)
        self._done += found

    def answers(self) -> list[Answer[T, R]]:
        found, self._done = self._done, []
        return found


@attrs.define
class _Alone(Generic[T, R]):
    """Writes at once, in the caller's thread; ``together`` answers may wait to be taken."""

    together: int
    clock: Callable[[], float]
    width: int = 1
    _done: list[Answer[T, R]] = attrs.field(factory=list)
    _since: float = 0.0

    @property
    def under_way(self) -> int:
        return len(self._done)

    @property
    def has_room(self) -> bool:
        if not self._done:
            return True
        late = self.clock() - self._since > _AT_MOST
        # What went wrong may concern what would follow.
        return self._done[-1].error is None and not late and len(self._done) < self.together

    @property
    def is_due(self) -> bool:
        return bool(self._done)

    def start(self, task: T, work: Callable[[], R]) -> None:
        if not self._done:
            self._since = self.clock()
        self._done.append(_answer(task, work))

    def wait(self) -> None:
        """Return: each answer has come before its start is over."""

    def answers(self) -> list[Answer[T, R]]:
        found, self._done = self._done, []
        return found


@contextmanager
def writers(
    width: int, *, settles: bool, clock: Callable[[], float]
) -> Iterator[Writers[Any, Any]]:
    """
    Give ``width`` writers for a ``with`` block; at its end those at work have ended.

    With ``settles`` a lost answer can be settled by reading, so that some answers may wait to be
    taken together. ``clock`` shows monotonic seconds.
    """
    together = _TOGETHER if settles else 1
    if width == 1:
        yield _Alone(together=together, clock=clock)
        return
    with ThreadPoolExecutor(width, thread_name_prefix="territoire-sante-write") as executor:
        yield _Pool(width=width, together=together, clock=clock, executor=executor)


def _answer(task: T, work: Callable[[], R]) -> Answer[T, R]:
    try:
        return Answer(task, work(), None)
    except BaseException as error:  # noqa: BLE001 - the caller raises it where it belongs
        return Answer(task, None, error)

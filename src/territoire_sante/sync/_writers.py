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

#: How many answers of one thread are committed together, and the seconds that the first waits.
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

    def answers(self) -> list[Answer[T, R]]:
        """Return the answers that have come, having waited for the first; needs ``under_way``."""
        ...


@attrs.define
class _Pool(Generic[T, R]):
    width: int
    _executor: ThreadPoolExecutor
    _done: queue.SimpleQueue[Answer[T, R]] = attrs.field(factory=queue.SimpleQueue)
    under_way: int = 0

    @property
    def has_room(self) -> bool:
        return self.under_way < self.width

    def start(self, task: T, work: Callable[[], R]) -> None:
        self.under_way += 1
        self._executor.submit(lambda: self._done.put(_answer(task, work)))

    def answers(self) -> list[Answer[T, R]]:
        found = [self._done.get()]
        while not self._done.empty():
            found.append(self._done.get())
        self.under_way -= len(found)
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

    def start(self, task: T, work: Callable[[], R]) -> None:
        if not self._done:
            self._since = self.clock()
        self._done.append(_answer(task, work))

    def answers(self) -> list[Answer[T, R]]:
        found, self._done = self._done, []
        return found


@contextmanager
def writers(
    width: int, *, settles: bool, clock: Callable[[], float]
) -> Iterator[Writers[Any, Any]]:
    """
    Give ``width`` writers for a ``with`` block; at its end those at work have ended.

    With ``settles`` a lost answer can be settled by reading, so that a single writer may leave
    some answers to be taken together. ``clock`` shows monotonic seconds.
    """
    if width == 1:
        yield _Alone(together=_TOGETHER if settles else 1, clock=clock)
        return
    with ThreadPoolExecutor(width, thread_name_prefix="territoire-sante-write") as executor:
        yield _Pool(width, executor)


def _answer(task: T, work: Callable[[], R]) -> Answer[T, R]:
    try:
        return Answer(task, work(), None)
    except BaseException as error:  # noqa: BLE001 - the caller raises it where it belongs
        return Answer(task, None, error)

# SPDX-License-Identifier: Apache-2.0
"""
One writer at a time, among the programs that use this package.

The lock is advisory: an editor or another program does not know of it. Against those, every write
compares versions at the last moment.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from territoire_sante.errors import RetryableError

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        # Locks the first byte; unlike flock it also keeps others from reading that byte.
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    def _give_back(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _give_back(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)


@contextmanager
def locked(
    path: Path,
    *,
    seconds: float = 10.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """
    Hold the lock file ``path`` for the block. It stays behind, empty: removing it would race.

    Raises:
        RetryableError: another program holds it for longer than ``seconds``.
        OSError: it cannot be made.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        deadline = clock() + seconds
        while not _taken(handle):
            if clock() >= deadline:
                raise RetryableError(
                    f"another program has been writing for more than {seconds:g} s",
                    where=str(path),
                    remedy="Wait until it is done",
                )
            sleep(0.05)
        try:
            yield
        finally:
            _give_back(handle)
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    try:
        _take(handle)
    except (BlockingIOError, PermissionError):  # Windows says the latter
        return False
    return True

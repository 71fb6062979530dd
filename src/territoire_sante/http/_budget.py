# SPDX-License-Identifier: Apache-2.0
"""How much one run may ask of one server, however many clients and threads ask it."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from territoire_sante.errors import RetryableError
from territoire_sante.http._urls import Origin


class OriginBudget:
    """
    The limits of one run, counted for each origin; shared by clients and threads.

    - ``in_flight`` requests at a time; others wait for their turn until their deadline;
    - ``retries`` requests sent again, because the server was busy or hung up;
    - ``waiting`` seconds spent on waiting for a busy server, in all.

    What is spent does not come back: make a new budget for each run.
    """

    def __init__(self, *, in_flight: int = 4, retries: int = 40, waiting: float = 600.0) -> None:
        self._lock = threading.Lock()
        self._slots: dict[Origin, threading.Semaphore] = defaultdict(
            lambda: threading.Semaphore(in_flight)
        )
        self._retries: dict[Origin, int] = defaultdict(lambda: retries)
        self._waiting: dict[Origin, float] = defaultdict(lambda: waiting)

    @contextmanager
    def slot(self, origin: Origin, *, seconds: float) -> Iterator[None]:
        """
        Hold one of the places for requests in flight, waiting ``seconds`` for it at most.

        Raises:
            RetryableError: none came free; nothing was sent.
        """
        with self._lock:
            slots = self._slots[origin]
        if not slots.acquire(timeout=max(seconds, 0.0)):
            raise RetryableError(
                "too many requests to this server at a time; this one was not sent",
                where=f"{origin[0]}://{origin[1]}:{origin[2]}",
            )
        try:
            yield
        finally:
            slots.release()

    def take_retry(self, origin: Origin, *, wait: float = 0.0) -> bool:
        """Spend one retry and ``wait`` seconds; return whether both were left."""
        with self._lock:
            if self._retries[origin] < 1 or self._waiting[origin] < wait:
                return False
            self._retries[origin] -= 1
            self._waiting[origin] -= wait
            return True

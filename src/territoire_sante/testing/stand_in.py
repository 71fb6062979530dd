# SPDX-License-Identifier: Apache-2.0
"""
A base for stand-ins of services: real HTTP on this machine, a record of requests, faults on demand.

Whoever writes a connector derives a server of the service's documented rules from it:

.. code-block:: python

    class BoardServer(StandIn):
        def routed(self, asked: Asked) -> Answer:
            if (asked.method, asked.path) == ("GET", "/notices"):
                return Answer(body=self.notices)
            return Answer(status=404, body={"error": "unknown"})
"""

from __future__ import annotations

import abc
import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import attrs

from territoire_sante.plugins import disk
from territoire_sante.testing._loopback import HTML, Answer, Asked, LoopbackServer

__all__ = ["Answer", "Asked", "Request", "StandIn"]


@attrs.frozen(kw_only=True)
class Request:
    """
    A request that the server answered, for assertions.

    ``body`` is the JSON sent, ``None`` if there was none or it was none; ``files`` are the names of
    those that came with it. Credentials in headers and query are not kept.
    """

    method: str
    path: str
    status: int
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    body: Any = None
    files: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class _Fault:
    answer: Answer
    stored: bool
    on: str
    after: int = 0


class StandIn(LoopbackServer):
    """
    Runs from ``with`` to its end, on a free port of the loopback interface, or on ``port``.

    What it remembers from one run to the next is in the file ``state``. Requests are answered one
    after the other. Faults are switched on by :meth:`fail`, :meth:`lose_answers` and
    :meth:`delay`. A derived class has :meth:`routed`, and where the service is another than most,
    :meth:`named`, :meth:`is_write`, :meth:`complaint` and :meth:`noted`.
    """

    #: Headers and parameters that hold credentials, in lower case.
    secret: ClassVar[frozenset[str]] = frozenset(
        {"authorization", "proxy-authorization", "cookie", "access-token", "key", "token"}
    )
    #: The header that says how long to wait.
    retry_header: ClassVar[str] = "Retry-After"

    def __init__(self, *, port: int = 0, state: Path | None = None) -> None:
        super().__init__(port=port)
        self._kept_in = state
        self._lock = threading.RLock()
        self._requests: list[Request] = []
        self._faults: list[_Fault] = []
        self._delays: list[float] = []
        self._losses = 0

    @property
    def requests(self) -> tuple[Request, ...]:
        """What was asked so far, in order."""
        with self._lock:
            return tuple(self._requests)

    def fail(
        self,
        status: int,
        *,
        times: int = 1,
        body: Any = None,
        content_type: str = "",
        headers: Mapping[str, str] | None = None,
        retry_after: int | None = None,
        html: bool = False,
        stored: bool = False,
        on: str = "",
        after: int = 0,
    ) -> None:
        """
        Answer the next ``times`` requests with ``status``.

        Nothing is done of what they ask for, unless ``stored``. With ``html`` a web page comes, as
        of a proxy. ``on`` is a part of what is asked: the method, the path, or the operation;
        ``after`` so many of those that go well. ``body`` is told instead of the usual complaint.
        """
        told = self.complaint() if body is None else body
        if html:
            told = "<!DOCTYPE html><html><h1>Maintenance</h1></html>"
        wait = {} if retry_after is None else {self.retry_header: str(retry_after)}
        answer = Answer(status=status, body=told, headers={**wait, **(headers or {})})
        if content_type or isinstance(told, str):
            answer = attrs.evolve(answer, content_type=content_type or HTML)
        with self._lock:
            self._faults += [_Fault(answer=answer, stored=stored, on=on, after=after)]
            self._faults += [_Fault(answer=answer, stored=stored, on=on)] * (times - 1)

    def lose_answers(self, times: int = 1) -> None:
        """Do what the next ``times`` writes ask for, and hang up instead of answering."""
        with self._lock:
            self._losses += times

    def delay(self, seconds: float, *, times: int = 1) -> None:
        """Answer the next ``times`` requests so much later."""
        with self._lock:
            self._delays += [seconds] * times

    def remembered(self) -> Any:
        """Return what was kept in the file ``state``, also in an earlier run; ``None`` without."""
        if self._kept_in is None or not self._kept_in.exists():
            return None
        return json.loads(self._kept_in.read_text(encoding="utf-8"))

    def remember(self, value: Any) -> None:
        """Keep a value of JSON in the file ``state``, if there is one."""
        if self._kept_in is not None:
            disk.put(self._kept_in, json.dumps(value, ensure_ascii=False, indent=1).encode())

    @abc.abstractmethod
    def routed(self, asked: Asked) -> Answer:
        """Return the right answer, having done what was asked."""

    def complaint(self) -> Any:
        """Return what the service tells when it fails."""
        return {"error": "Service indisponible"}

    def is_write(self, asked: Asked) -> bool:
        """Say whether a request is one whose answer may be lost."""
        return asked.method in {"POST", "PUT", "PATCH", "DELETE"}

    def named(self, asked: Asked) -> str:
        """Return what ``on`` is looked for in."""
        return f"{asked.method} {asked.path}"

    def noted(self, asked: Asked, status: int) -> Request:
        """Return what is kept of a request."""
        return Request(
            method=asked.method,
            path=asked.path,
            status=status,
            query=tuple(one for one in asked.pairs if one[0].lower() not in self.secret),
            headers={
                name: value for name, value in asked.headers.items() if name not in self.secret
            },
            body=asked.json,
        )

    def made(self, asked: Asked) -> Answer:
        """Return the answer, that of a fault if one is due; who is let in first overrides it."""
        return self.faulty(asked) or self.routed(asked)

    def faulty(self, asked: Asked) -> Answer | None:
        """Return the answer of the fault that is due, ``None`` if none is."""
        fault = next((one for one in self._faults if one.on in self.named(asked)), None)
        if fault is None:
            return None
        place = self._faults.index(fault)
        if fault.after:
            self._faults[place] = attrs.evolve(fault, after=fault.after - 1)
            return None
        del self._faults[place]
        if fault.stored:
            self.routed(asked)
        return fault.answer

    def _answered(self, asked: Asked) -> Answer | None:
        with self._lock:
            delay = self._delays.pop(0) if self._delays else 0.0
        time.sleep(delay)
        with self._lock:
            answer = self.made(asked)
            self._requests.append(self.noted(asked, answer.status))
            if self._losses and self.is_write(asked):
                self._losses -= 1
                return None
        return answer

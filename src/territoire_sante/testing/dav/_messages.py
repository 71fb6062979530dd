# SPDX-License-Identifier: Apache-2.0
"""Requests as they came, answers as they go, and what may happen to them on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from email.message import Message
from functools import cached_property
from typing import Any, Final
from xml.etree import ElementTree as ET

import attrs

HREF: Final = "{DAV:}href"
LOGIN_PAGE: Final = b"<!DOCTYPE html><html><title>Log in</title><form></form></html>"


@attrs.define(kw_only=True, slots=False, eq=False)
class Asked:
    """
    A request as the server got it; part of its log.

    ``status`` and ``sent``, the bytes of the answer's body, are known once it is answered;
    the status is ``None`` if the server hung up instead.
    """

    method: str
    path: str
    headers: Message
    body: bytes
    status: int | None = None
    sent: int = 0

    @cached_property
    def xml(self) -> ET.Element | None:
        """The body as a tree; ``None`` if there is none or it is no XML."""
        try:
            return ET.fromstring(self.body) if self.body else None  # noqa: S314 - from the client under test
        except ET.ParseError:
            return None

    @property
    def report(self) -> str:
        """The local name of the body's root: which report is asked for."""
        return self.xml.tag.rpartition("}")[2] if self.xml is not None else ""

    def wants(self, name: str) -> bool:
        """Return whether the body is a request for ``name``, a local name."""
        return self.report == name

    def hrefs(self) -> list[str]:
        """Return the hrefs in the body."""
        found = self.xml.iter(HREF) if self.xml is not None else ()
        return [(href.text or "").strip() for href in found]


def _statuses(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(values)


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value


@attrs.frozen
class Reply:
    """
    What the server answers; ``None`` as status hangs up.

    Args:
        status: of the answer.
        body: its bytes.
        headers: its headers; Content-Length is added.
        cut: hang up after so many bytes of the body.
        stall: seconds to wait before anything is sent.
        drip: seconds to wait before each piece of the body.
        piece: bytes of a piece.
        interim: statuses of interim answers sent first.
    """

    status: int | None
    body: bytes = b""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    cut: int | None = attrs.field(default=None, kw_only=True)
    stall: float = attrs.field(default=0.0, kw_only=True)
    drip: float = attrs.field(default=0.0, kw_only=True)
    piece: int = attrs.field(default=16, kw_only=True)
    interim: tuple[int, ...] = attrs.field(default=(), kw_only=True, converter=_statuses)


Rule = Callable[[Asked], Reply | None]
"""Answers a request, or passes by ``None``."""


@attrs.frozen(kw_only=True)
class Incident:
    """
    What happens to certain requests: data, like :class:`Faults`, but for a while.

    Which requests: those of ``method`` (any if empty) whose path has ``where`` in it and whose
    body asks for ``report``; the first ``skip`` of them pass; then it happens ``times`` times,
    always for ``None``.

    What happens: with ``done`` the request is carried out first. ``status`` is answered instead
    of the truth, with ``body`` and ``headers``; ``hang_up`` answers nothing. ``cut``, ``stall``,
    ``drip``, ``piece`` and ``interim`` are those of :class:`Reply`; a negative ``cut`` counts
    from the end.

    >>> Incident.lost_answer("PUT").done
    True
    """

    method: str = ""
    where: str = ""
    report: str = ""
    skip: int = 0
    times: int | None = 1
    done: bool = False
    status: int | None = None
    body: bytes = attrs.field(default=b"", converter=_bytes)
    headers: Mapping[str, str] = attrs.field(factory=dict)
    hang_up: bool = False
    cut: int | None = None
    stall: float = 0.0
    drip: float = 0.0
    piece: int = 16
    interim: tuple[int, ...] = attrs.field(default=(), converter=_statuses)

    def fits(self, asked: Asked) -> bool:
        """Return whether this is one of the requests meant."""
        return (
            self.method in {"", asked.method}
            and self.where in asked.path
            and (not self.report or asked.wants(self.report))
        )

    @property
    def needs_truth(self) -> bool:
        """Whether the request is carried out."""
        return self.done or (self.status is None and not self.hang_up)

    def applied(self, truth: Reply | None) -> Reply:
        """Return the answer, made of the true one if there is one."""
        if self.hang_up:
            reply = Reply(None)
        elif self.status is not None or truth is None:
            reply = Reply(self.status, self.body, self.headers)
        else:
            reply = truth
        cut = self.cut
        if cut is not None and cut < 0:
            cut = max(0, len(reply.body) + cut)
        return attrs.evolve(
            reply,
            cut=cut, stall=self.stall, drip=self.drip, piece=self.piece, interim=self.interim,
        )  # fmt: skip

    @classmethod
    def lost_answer(cls, method: str = "", **options: Any) -> Incident:
        """Carry out a request and hang up instead of answering."""
        return cls(**{"method": method, "done": True, "hang_up": True, **options})

    @classmethod
    def lost_request(cls, method: str = "", **options: Any) -> Incident:
        """Hang up without having done anything."""
        return cls(**{"method": method, "hang_up": True, **options})

    @classmethod
    def failed_but_done(cls, method: str = "PUT", status: int = 500, **options: Any) -> Incident:
        """Carry out a write and answer that it failed."""
        return cls(**{"method": method, "done": True, "status": status, **options})

    @classmethod
    def busy(cls, retry_after: str = "", status: int = 503, **options: Any) -> Incident:
        """Answer 503 or 429, with Retry-After in seconds or as an HTTP date if it is given."""
        headers = {"Retry-After": retry_after} if retry_after else {}
        return cls(**{"status": status, "headers": headers, **options})

    @classmethod
    def redirect(cls, location: str, status: int = 301, **options: Any) -> Incident:
        """Send the client to another address."""
        return cls(**{"status": status, "headers": {"Location": location}, **options})

    @classmethod
    def login_page(cls, **options: Any) -> Incident:
        """Answer everything by a web page and 200."""
        headers = {"Content-Type": "text/html; charset=utf-8"}
        return cls(
            **{"status": 200, "body": LOGIN_PAGE, "headers": headers, "times": None, **options}
        )

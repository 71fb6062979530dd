# SPDX-License-Identifier: Apache-2.0
"""A document as it travels: bytes, a media type and, once asked for, what they mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, runtime_checkable

import attrs

T = TypeVar("T")
V = TypeVar("V")


@attrs.frozen
class Document:
    """
    The bytes of one remote object and their media type (``text/calendar`` …).

    Two documents are equal when bytes and type are. :meth:`parsed` keeps what a
    parser made of the bytes, so that each parser runs once.
    """

    data: bytes
    media_type: str
    _parsed: dict[Any, Any] = attrs.field(factory=dict, init=False, eq=False, repr=False)

    def parsed(self, parser: Callable[[bytes], T]) -> T:
        """Return ``parser(data)``, computed at the first call only."""
        if parser not in self._parsed:
            self._parsed[parser] = parser(self.data)
        result: T = self._parsed[parser]
        return result

    def to_bytes(self) -> bytes:
        """Return the bytes, unchanged."""
        return self.data


@runtime_checkable
class Lens(Protocol[V]):
    """
    A two-way reading of documents: bytes to view and back.

    Laws, for every document ``d`` it accepts and every view ``v``:
    ``put(get(d), d) == d`` byte for byte; ``get(put(v, d))`` equals ``v`` on
    :attr:`fields`; after ``put``, every line not owned by a changed field is
    byte-identical.
    """

    @property
    def view(self) -> type[V]:
        """The class of the views: ``Event``, ``Contact`` or ``Announcement``."""
        ...

    @property
    def media_type(self) -> str:
        """The media type of the documents that :meth:`put` makes."""
        ...

    @property
    def fields(self) -> frozenset[str]:
        """
        The names of the view's fields that the documents can carry.

        ``uid`` is one of them: a sync pairs both sides by it. Where the format has no place for
        it, the transport gives and takes it with the document.
        """
        ...

    def get(self, document: Document) -> V:
        """
        Return the view of ``document``; fields outside :attr:`fields` keep their defaults.

        Raises:
            FormatError: the bytes cannot be read; it names the line.
        """
        ...

    def put(
        self, view: V, document: Document | None = None, *, now: dt.datetime | None = None
    ) -> Document:
        """
        Return ``document`` with the changed fields of ``view``, or a new document.

        A sync hands over no other fields than :attr:`fields`.

        ``now`` (aware) is what DTSTAMP, LAST-MODIFIED, REV or ``updated`` are set to
        when something changes; without it they stay as they are, and a new
        document that must have one gets 1970-01-01.

        Raises:
            FormatError: the view cannot be said in this format.
        """
        ...


@runtime_checkable
class Bounded(Protocol):
    """
    A lens whose documents say where they end, so that one cut short can be told.

    A sync asks it of each document that it read: what is missing at the end of a
    half-written file or an upload that broke off must not be taken for deleted.
    """

    def require_whole(self, document: Document) -> None:
        """
        Return if the document has its end.

        Raises:
            FormatError: it may be cut short.
        """
        ...

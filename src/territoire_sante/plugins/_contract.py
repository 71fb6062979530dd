# SPDX-License-Identifier: Apache-2.0
"""
The contract between the sync engine and a connector.

A connector is a transport (bytes over a wire or into a file) plus a lens
(bytes to views). It is described by one frozen :class:`ConnectorSpec`, which the entry point
of group ``territoire_sante.connectors`` names.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, Generic, Protocol, TypeVar, runtime_checkable

import attrs

from territoire_sante.formats import Document, Lens
from territoire_sante.model import ChannelLimits

#: The version of the contract between the library and connectors.
API_VERSION: Final = 1

#: Where a distribution says which connectors it brings.
ENTRY_POINT_GROUP: Final = "territoire_sante.connectors"

Config = TypeVar("Config")


class Capability(enum.Enum):
    """What a connector declares that its transport can do; the conformance suite verifies it."""

    READ = "read"
    WRITE = "write"
    DELTA = "delta"
    CONFIRM = "confirm"


@attrs.frozen
class Ref:
    """
    Where an item lives in its collection, and which version was seen.

    ``href`` names the item, always in the same spelling for the same item;
    ``etag`` is the version tag as given (quotes and ``W/`` kept), ``None`` if there was none.
    """

    href: str
    etag: str | None = None


@attrs.frozen
class Stored:
    """A document as the other side holds it."""

    ref: Ref
    document: Document


@attrs.frozen
class Unreadable:
    """
    An item that is there but could not be read, with the reason.

    It is quarantined until its ETag changes; never taken for a deletion.
    """

    ref: Ref
    reason: str


@attrs.frozen(kw_only=True)
class Batch:
    """
    What changed since a cursor.

    ``removed`` holds hrefs. ``complete`` says that nothing is missing from
    the answer. ``cursor`` is opaque text for the next call. With ``reset`` the
    cursor given was refused and the batch is a full listing instead.
    """

    changed: tuple[Ref, ...] = ()
    removed: tuple[str, ...] = ()
    complete: bool = True
    cursor: str | None = None
    reset: bool = False


class Shown(enum.Enum):
    """What a read-back found of an announcement (the ladder of the delivery ledger)."""

    VISIBLE = "visible"
    DIFFERS = "differs"
    GONE = "gone"
    UNKNOWN = "unknown"


@attrs.frozen
class Confirmation:
    """The answer to "is it shown?" for one href; ``detail`` tells people more, in French."""

    href: str
    shown: Shown
    detail: str = ""


@runtime_checkable
class Readable(Protocol):
    """READ: list and read the documents of one collection."""

    def list(self) -> Iterator[Ref]:
        """
        Yield every item of the collection.

        Ending without an error promises that the listing was complete.
        """
        ...

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """
        Yield one answer for each href that is there, in any order.

        An href without an answer is explicitly gone (404); anything else is
        an :class:`Unreadable` or an error.
        """
        ...


@runtime_checkable
class Writable(Protocol):
    """WRITE: change one item at a time, always on condition of the version seen."""

    def create(self, href_hint: str, document: Document) -> Ref:
        """
        Store a new document, at ``href_hint`` if the server lets the client choose.

        ``href_hint`` has only ``A-Za-z0-9-_.`` and no file ending; equal hints name equal items.

        Raises:
            ConflictError: something is already there.
            OutcomeUnknownError: the answer was lost.
        """
        ...

    def replace(self, ref: Ref, document: Document) -> Ref:
        """
        Overwrite the version named by ``ref``.

        Raises:
            ConflictError: another version is there now.
            ItemNotFoundError: nothing is there any more.
            OutcomeUnknownError: the answer was lost.
        """
        ...

    def delete(self, ref: Ref) -> None:
        """
        Remove the version named by ``ref``.

        Raises:
            ConflictError: another version is there now.
            ItemNotFoundError: nothing is there any more.
        """
        ...


@runtime_checkable
class Incremental(Protocol):
    """DELTA: tell what changed since last time."""

    def changes(self, cursor: str | None) -> Batch:
        """Return the changes since ``cursor``; everything for ``None``."""
        ...


@runtime_checkable
class Confirmable(Protocol):
    """CONFIRM: look whether published items are really shown."""

    def confirm(self, items: Sequence[Stored]) -> Iterator[Confirmation]:
        """Yield what is shown of each item now."""
        ...


@runtime_checkable
class Recognising(Protocol):
    """
    Any transport may be told what the link knows, to recognise what gets other names over there.

    Feeds that are generated anew at each download give their items new UIDs, for instance.
    """

    def recognise(self, known: Iterable[Stored]) -> None:
        """
        Take note of the items as they were last read, before anything is listed or written.

        Any one of them may be told again before it is deleted.

        A ref without ETag is of an item that the link does not follow any more, or of one that
        was begun to be created and of which no answer came: it has the name that was hinted at,
        and may be there or not. An item to be
        deleted is told by itself before, to those that can delete: whoever has to hand that over to
        a person can name it.
        """
        ...


@runtime_checkable
class Limited(Protocol):
    """Any transport may tell what its instance takes, where that is not the same everywhere."""

    def limits(self) -> ChannelLimits:
        """Return what this instance takes; it counts instead of the limits of the spec."""
        ...


@attrs.frozen
class Words:
    """
    One text in French and in English.

    >>> Words("oui", "yes").text("en")
    'yes'
    """

    fr: str = ""
    en: str = ""

    def text(self, language: str = "fr") -> str:
        """Return the text in ``language``: ``"fr"``, and English for any other."""
        return self.fr if language == "fr" else self.en


@attrs.frozen(kw_only=True)
class Fact:
    """
    One thing that a connector found out about its other side.

    ``key``, which names one fact of a connector only, and ``value`` are for scripts and the
    same in every language; the rest is for an administrator: what it is about, what was found,
    and what is done about it (empty where nothing needs to be). ``good`` is false where the
    other side falls short.
    """

    key: str
    value: str
    what: Words
    found: Words
    handling: Words = Words()
    good: bool = True


@runtime_checkable
class Diagnosable(Protocol):
    """Any transport may tell what its other side can do; ``territoire-sante doctor`` shows it."""

    def diagnose(self, *, probe_writes: bool = False) -> tuple[Fact, ...]:
        """
        Return what the other side can do, and what will be done about what it can't.

        Nothing is written there unless ``probe_writes`` is true; then only one made-up
        item under a name of its own, which is removed again.
        """
        ...


@attrs.frozen(kw_only=True)
class ConnectorSpec(Generic[Config]):
    """
    All that the host must know of a connector without opening anything.

    ``name`` equals the entry point's name. ``config`` is an attrs class; if it has an option
    ``create``, that makes the collection when it is missing, and ``doctor --create`` turns it on.
    ``lens`` is the reading of its documents, or a function of the configuration that
    returns it. ``open`` returns a context manager of the transport; it raises
    a :class:`~territoire_sante.errors.ConnectorError` if the other side cannot be used.
    ``parallel_writes`` is how many creations, replacements and deletions of different items
    may be under way at the same time, each in a thread of its own; 1 keeps the transport
    in the thread that opened it.
    """

    name: str
    summary: str
    summary_fr: str = ""
    view: type
    config: type[Config]
    capabilities: frozenset[Capability]
    lens: Lens[Any] | Callable[[Config], Lens[Any]]
    open: Callable[[Config], AbstractContextManager[Any]]
    limits: ChannelLimits | None = None
    api_version: int = API_VERSION
    parallel_writes: int = attrs.field(default=1, validator=attrs.validators.ge(1))

    def lens_for(self, config: Config) -> Lens[Any]:
        """Return the lens for ``config``."""
        return self.lens if isinstance(self.lens, Lens) else self.lens(config)

# SPDX-License-Identifier: Apache-2.0
"""
A collection in memory, with a connector to it and every fault one can ask for.

:class:`MemoryServer` plays the other side: it holds documents under hrefs, counts
versions, remembers calls, and can be told to fail, to lie and to rewrite.
Its own methods act as "somebody else's client"; the transport of
:func:`memory_connector` acts as ours, and only its calls are logged and fail.
"""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

import attrs

from territoire_sante.errors import (
    AuthError,
    ConflictError,
    ConnectorError,
    ItemNotFoundError,
    OutcomeUnknownError,
)
from territoire_sante.formats import Document, Lens
from territoire_sante.plugins import (
    Batch,
    Capability,
    Confirmation,
    ConnectorSpec,
    Ref,
    Shown,
    Stored,
    Unreadable,
)

T = TypeVar("T")


class ETags(enum.Enum):
    """Which version tags a server gives: strong ones, weak ones (``W/``), or none at all."""

    STRONG = "strong"
    WEAK = "weak"
    MISSING = "missing"


class Moment(enum.Enum):
    """
    When a planned fault strikes.

    ``BEFORE`` the call does anything; ``AFTER`` it was carried out, so that only the
    answer is lost; ``MIDWAY`` through the answers of ``list`` and ``read`` (the same as
    ``BEFORE`` for the verbs that write).
    """

    BEFORE = "before"
    MIDWAY = "midway"
    AFTER = "after"


@attrs.frozen
class Call:
    """One call that a transport made: the verb and the hrefs it named."""

    verb: str
    hrefs: tuple[str, ...] = ()


@attrs.define
class _Fault:
    error: BaseException
    countdown: int
    verb: str | None
    moment: Moment


@attrs.define
class _Held:
    document: Document | None  # None: removed, remembered for deltas
    revision: int


def _default_href(hint: str) -> str:
    return f"/memory/{hint}"


WRITES = frozenset({"create", "replace", "delete"})


@attrs.define(kw_only=True, eq=False)
class MemoryServer:
    """
    One collection in memory. Every knob may be turned at any time.

    Args:
        normalise: rewrites what is stored, as servers do; told nothing but the document.
        choose_href: where a new item goes, given the hint.
        refuse: given href and document, returns the error with which to refuse a write.
        on_call: called before each call, to let another client act in between.
        etags: which version tags are given.
        etag_on_write: whether answers to writes carry the new tag (RFC 4791, 5.3.4).
        read_only: refuse every write.
        hidden: hrefs that listings and deltas leave out although the items are there.
        unreadable: hrefs that cannot be read, with the reason.
        shown: what confirmation answers for an href, instead of comparing bytes.
        page: the largest number of changes in one batch.

    Writes take turns (``turn``), so that they may come from several threads.
    """

    normalise: Callable[[Document], Document] | None = None
    choose_href: Callable[[str], str] = _default_href
    refuse: Callable[[str, Document], ConnectorError | None] | None = None
    on_call: Callable[[Call], None] | None = None
    etags: ETags = ETags.STRONG
    etag_on_write: bool = True
    read_only: bool = False
    hidden: set[str] = attrs.field(factory=set)
    unreadable: dict[str, str] = attrs.field(factory=dict)
    shown: dict[str, Shown] = attrs.field(factory=dict)
    page: int | None = None

    turn: AbstractContextManager[object] = attrs.field(
        factory=threading.RLock, init=False, repr=False
    )
    calls: list[Call] = attrs.field(factory=list, init=False)
    _held: dict[str, _Held] = attrs.field(factory=dict, init=False)
    _faults: list[_Fault] = attrs.field(factory=list, init=False)
    _frozen: tuple[Ref, ...] | None = attrs.field(default=None, init=False)
    _revision: int = attrs.field(default=0, init=False)
    _epoch: int = attrs.field(default=0, init=False)

    # What somebody else's client does and sees.

    @property
    def documents(self) -> Mapping[str, Document]:
        """What is stored now, by href."""
        return {href: h.document for href, h in self._held.items() if h.document is not None}

    @property
    def writes(self) -> tuple[Call, ...]:
        """The logged calls that write."""
        return tuple(call for call in self.calls if call.verb in WRITES)

    def put(self, href: str, document: Document) -> Ref:
        """Store ``document`` at ``href`` as it is, on no condition; not normalised, not logged."""
        self._revision += 1
        self._held[href] = _Held(document, self._revision)
        return self.ref(href)

    def remove(self, href: str) -> None:
        """Delete the item at ``href``, on no condition; not logged."""
        self.current(href)
        self._revision += 1
        self._held[href] = _Held(None, self._revision)

    def touch(self, *hrefs: str) -> None:
        """Give ``hrefs`` (all, if none is named) a new version tag, the bytes unchanged."""
        for href in hrefs or tuple(self.documents):
            self.put(href, self.current(href))

    def current(self, href: str) -> Document:
        """
        Return what is stored at ``href``.

        Raises:
            ItemNotFoundError: nothing is.
        """
        held = self._held.get(href)
        if held is None or held.document is None:
            raise ItemNotFoundError("nothing is stored here", href=href)
        return held.document

    def ref(self, href: str) -> Ref:
        """Return ``href`` with its present version tag."""
        tag = f'"r{self._held[href].revision}"'
        given = {ETags.STRONG: tag, ETags.WEAK: f"W/{tag}", ETags.MISSING: None}
        return Ref(href, given[self.etags])

    # Faults.

    def fail(
        self,
        error: BaseException,
        *,
        at: int = 1,
        verb: str | None = None,
        moment: Moment = Moment.BEFORE,
    ) -> None:
        """
        Make the ``at``-th call from now raise ``error``, once.

        With ``verb`` (``"open"``, ``"list"``, ``"read"``, ``"create"``, ``"replace"``,
        ``"delete"``, ``"changes"``, ``"confirm"``) only calls of that verb are counted.
        """
        self._faults.append(_Fault(error, at, verb, moment))

    def lose_answer(self, *, at: int = 1, verb: str | None = None) -> None:
        """Let the ``at``-th call from now happen, then raise ``OutcomeUnknownError``."""
        self.fail(OutcomeUnknownError("the answer was lost"), at=at, verb=verb, moment=Moment.AFTER)

    def freeze_listing(self) -> None:
        """Answer listings with the present state until :meth:`thaw_listing`."""
        self._frozen = tuple(self._refs())

    def thaw_listing(self) -> None:
        """Answer listings truthfully again."""
        self._frozen = None

    def forget_cursors(self) -> None:
        """Refuse every cursor given so far: the next delta is a full listing with ``reset``."""
        self._epoch += 1

    # What the transport calls.

    def begin(self, verb: str, *hrefs: str) -> _Fault | None:
        """Log a call, raise a fault due before it, return one due later."""
        call = Call(verb, hrefs)
        self.calls.append(call)
        if self.on_call is not None:
            self.on_call(call)
        due = None
        for fault in list(self._faults):
            if fault.verb not in (None, verb):
                continue
            fault.countdown -= 1
            if fault.countdown <= 0 and due is None:
                self._faults.remove(fault)
                due = fault
        early = (Moment.BEFORE, Moment.MIDWAY) if verb in WRITES else (Moment.BEFORE,)
        if due is not None and due.moment in early:
            raise due.error
        return due

    def write(self, href: str, document: Document | None) -> Ref:
        """Store (or, for ``None``, delete) on behalf of the transport, after the knobs' say."""
        if self.read_only:
            raise AuthError("the collection is read-only", remedy="Ask for the right to write")
        if document is None:
            self.remove(href)
            return Ref(href)
        refusal = self.refuse(href, document) if self.refuse is not None else None
        if refusal is not None:
            raise refusal
        ref = self.put(href, self.normalise(document) if self.normalise else document)
        return ref if self.etag_on_write else Ref(href)

    def check(self, ref: Ref) -> None:
        """
        Check that ``ref`` names the present version; a server without tags cannot tell.

        Raises:
            ItemNotFoundError: nothing is there.
            ConflictError: another version is, or ``ref`` names none although there are tags.
        """
        self.current(ref.href)
        if ref.etag != self.ref(ref.href).etag:
            raise ConflictError("another version is there now", where=ref.href)

    def listing(self) -> tuple[Ref, ...]:
        """Return what a listing shows now."""
        refs = self._refs() if self._frozen is None else self._frozen
        return tuple(ref for ref in refs if ref.href not in self.hidden)

    def batch(self, cursor: str | None) -> Batch:
        """Return the changes since ``cursor``, or everything with ``reset`` if it is refused."""
        known = self._known(cursor)
        since = known or 0
        changed = sorted(
            (h.revision, href)
            for href, h in self._held.items()
            if h.revision > since
            and href not in self.hidden
            and (known is not None or h.document is not None)
        )
        shown = changed if self.page is None else changed[: self.page]
        complete = len(shown) == len(changed)
        reached = self._revision if complete else shown[-1][0]
        hrefs = [href for _, href in shown]
        return Batch(
            changed=tuple(self.ref(h) for h in hrefs if self._held[h].document is not None),
            removed=tuple(h for h in hrefs if self._held[h].document is None),
            complete=complete,
            cursor=f"memory:{self._epoch}:{reached}",
            reset=known is None and cursor is not None,
        )

    def _known(self, cursor: str | None) -> int | None:
        head, _, revision = (cursor or "").rpartition(":")
        good = head == f"memory:{self._epoch}" and revision.isdecimal()
        return int(revision) if good and int(revision) <= self._revision else None

    def _refs(self) -> Iterable[Ref]:
        return [self.ref(href) for href in self.documents]


def _struck(answers: Sequence[Any], fault: _Fault | None) -> Iterator[Any]:
    if fault is None:
        yield from answers
        return
    yield from answers if fault.moment is Moment.AFTER else answers[: len(answers) // 2]
    raise fault.error


@attrs.frozen(eq=False)
class MemoryTransport:
    """READ, WRITE, DELTA and CONFIRM on a :class:`MemoryServer`."""

    server: MemoryServer

    def list(self) -> Iterator[Ref]:
        """Yield every item that the server shows."""
        fault = self.server.begin("list")
        return _struck(self.server.listing(), fault)

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """Yield the items that are there, unreadable ones as such."""
        fault = self.server.begin("read", *hrefs)
        there = [href for href in hrefs if href in self.server.documents]
        return _struck([self._answer(href) for href in there], fault)

    def create(self, href_hint: str, document: Document) -> Ref:
        """
        Store a new document where the server chooses, unless something is there.

        Raises:
            ConflictError: something is.
        """
        with self.server.turn:
            href = self.server.choose_href(href_hint)
            fault = self.server.begin("create", href)
            if href in self.server.documents:
                raise ConflictError("something is already there", where=href)
            return self._finish(self.server.write(href, document), fault)

    def replace(self, ref: Ref, document: Document) -> Ref:
        """Overwrite the version named by ``ref``."""
        with self.server.turn:
            fault = self.server.begin("replace", ref.href)
            self.server.check(ref)
            return self._finish(self.server.write(ref.href, document), fault)

    def delete(self, ref: Ref) -> None:
        """Remove the version named by ``ref``."""
        with self.server.turn:
            fault = self.server.begin("delete", ref.href)
            self.server.check(ref)
            self._finish(self.server.write(ref.href, None), fault)

    def changes(self, cursor: str | None) -> Batch:
        """Return the changes since ``cursor``."""
        fault = self.server.begin("changes")
        return self._finish(self.server.batch(cursor), fault)

    def confirm(self, items: Sequence[Stored]) -> Iterator[Confirmation]:
        """Yield whether each item is there with the same bytes, or what ``shown`` says."""
        fault = self.server.begin("confirm", *(item.ref.href for item in items))
        return _struck([Confirmation(i.ref.href, self._shown(i)) for i in items], fault)

    def _answer(self, href: str) -> Stored | Unreadable:
        ref = self.server.ref(href)
        if href in self.server.unreadable:
            return Unreadable(ref, self.server.unreadable[href])
        return Stored(ref, self.server.current(href))

    def _shown(self, item: Stored) -> Shown:
        href = item.ref.href
        if href in self.server.shown:
            return self.server.shown[href]
        there = self.server.documents.get(href)
        if there is None:
            return Shown.GONE
        return Shown.VISIBLE if there == item.document else Shown.DIFFERS

    @staticmethod
    def _finish(answer: T, fault: _Fault | None) -> T:
        if fault is not None:
            raise fault.error
        return answer


@attrs.frozen(kw_only=True)
class MemoryConfig:
    """The memory connector has nothing to configure: its server is given in the program."""


def memory_connector(
    server: MemoryServer,
    *,
    lens: Lens[Any],
    view: type | None = None,
    name: str = "memory",
    capabilities: Iterable[Capability] = (Capability.READ, Capability.WRITE),
    parallel_writes: int = 1,
) -> ConnectorSpec[MemoryConfig]:
    """
    Return a connector to ``server`` that reads its documents through ``lens``.

    ``view`` is the lens's own unless given; ``parallel_writes`` are allowed at a time. Opening
    is logged as the call ``"open"`` and may be made to fail like any other.
    """

    @contextmanager
    def opened() -> Iterator[MemoryTransport]:
        fault = server.begin("open")
        if fault is not None:
            raise fault.error
        yield MemoryTransport(server)

    def enter(_config: MemoryConfig) -> AbstractContextManager[MemoryTransport]:
        return opened()

    return ConnectorSpec(
        name=name,
        summary="A collection in memory, for tests",
        summary_fr="Une collection en mémoire, pour les tests",
        view=lens.view if view is None else view,
        config=MemoryConfig,
        capabilities=frozenset(capabilities),
        lens=lens,
        open=enter,
        parallel_writes=parallel_writes,
    )

# SPDX-License-Identifier: Apache-2.0
"""Reading the other side: what is there, what changed, what is explicitly gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, TypeVar
from urllib.parse import unquote

import attrs

from territoire_sante.errors import FormatError, InputError, ProtocolError
from territoire_sante.formats import Document, Lens
from territoire_sante.plugins import (
    Capability,
    ConnectorSpec,
    Ref,
    Stored,
    Unreadable,
    guard,
    guarded,
    open_transport,
    structure_config,
)
from territoire_sante.serialization import view_to_plain
from territoire_sante.sync._link import Link
from territoire_sante.sync._merge import Plain
from territoire_sante.sync._state import Item, LinkState, Quarantined

T = TypeVar("T")

#: A token is an optimisation: everything is compared at least this often.
FULL_EVERY: Final = dt.timedelta(hours=24)
FULL_EVERY_RUNS: Final = 20


def same_place(href: str) -> str:
    """Return a form in which two spellings of one href are equal: servers escape as they like."""
    return unquote(href)


def bare(etag: str | None) -> str | None:
    """Return an ETag without its mark of weakness: compression on the way adds one."""
    return etag.removeprefix("W/") if etag else None


@attrs.frozen(kw_only=True)
class Found:
    """A remote item as it was read and understood."""

    ref: Ref
    document: Document
    view: Plain


@attrs.frozen(kw_only=True)
class Snapshot:
    """
    What a link's other side holds, as far as it had to be looked at.

    Keys are canonical hrefs. ``gone`` was known before and is proven absent.
    """

    found: Mapping[str, Found] = attrs.field(factory=dict)
    gone: frozenset[str] = frozenset()
    unreadable: Mapping[str, Quarantined] = attrs.field(factory=dict)
    listed: int = 0
    cursor: str | None = None
    full: bool = True


@attrs.frozen(kw_only=True)
class Far:
    """An opened connector: its transport with guarded calls, and its lens."""

    link: Link
    spec: ConnectorSpec[Any]
    lens: Lens[Any]
    transport: Any

    @property
    def can_read(self) -> bool:
        """Whether the other side can be listed and read at all."""
        return Capability.READ in self.spec.capabilities

    def call(self, work: Callable[[], T]) -> T:
        """Run one call of the connector; a bug in it becomes ``ConnectorCrashedError``."""
        with guard(self.spec.name):
            return work()

    def view(self, document: Document) -> dict[str, Any]:
        """
        Return the plain view of a document.

        Raises:
            FormatError: it cannot be read.
        """
        return view_to_plain(self.lens.get(document), self.lens.fields)

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """Yield the answers of the transport for ``hrefs``, each call guarded."""
        return guarded(self.spec.name, lambda: self.transport.read(hrefs))


def open_far(link: Link, spec: ConnectorSpec[Any]) -> tuple[AbstractContextManager[Any], Lens[Any]]:
    """
    Return the context manager of a link's transport, and its lens.

    Raises:
        ConfigError: the link's options do not fit the connector.
    """
    config = structure_config(spec, link.config, where=f"link {link.name!r}", base=link.base)
    return open_transport(spec, config), spec.lens_for(config)


def full_is_due(state: LinkState, now: dt.datetime) -> bool:
    """Say whether everything has to be compared again, cursor or not."""
    return (
        state.cursor is None
        or state.last_full is None
        or now - state.last_full >= FULL_EVERY
        or state.runs_since_full >= FULL_EVERY_RUNS
    )


def read_remote(
    far: Far,
    state: LinkState,
    items: Collection[Item],
    quarantined: Mapping[str, Quarantined],
    *,
    unsettled: Collection[str],
    ours: Callable[[str], bool],
    now: dt.datetime,
) -> Snapshot:
    """
    Look at the other side: list it or ask for changes, and read what is not known.

    ``unsettled`` are hrefs to read whatever their ETag, ``ours`` says of an
    unknown href whether it is worth reading.
    """
    known = {same_place(item.href): item for item in items if item.href is not None}
    refs, gone, cursor, full = _changes(far, state, known, now)
    aside = {same_place(href): entry for href, entry in quarantined.items()}
    forced = {same_place(href) for href in unsettled} | {
        place for place, item in known.items() if item.status == "unverified"
    }
    if gone:
        # What is gone may have moved to a place that was set aside as its double.
        forced |= set(aside)
    wanted = [
        ref
        for place, ref in refs.items()
        if place in forced or _is_new(ref, known.get(place), aside.get(place), ours)
    ]
    if not full:
        spelled = {**{p: q.href for p, q in aside.items()}, **{p: i.href for p, i in known.items()}}
        wanted += [Ref(spelled[p] or p) for p in sorted(forced - set(refs)) if p in spelled]
    found, unreadable, missing = _read_all(far, wanted)
    kept = {p: entry for p, entry in aside.items() if full is False or p in refs}
    still_bad = {
        p: q for p, q in kept.items() if p not in found and p not in gone and p not in unreadable
    }
    return Snapshot(
        found=found,
        gone=frozenset(place for place in gone | missing if place in known),
        unreadable={**still_bad, **unreadable},
        listed=len(refs) if full else len(known) + len(found),
        cursor=cursor,
        full=full,
    )


def _changes(
    far: Far, state: LinkState, known: Mapping[str, Item], now: dt.datetime
) -> tuple[dict[str, Ref], set[str], str | None, bool]:
    """Return the refs to consider, the hrefs that are gone, the next cursor, and if it was all."""
    if Capability.DELTA not in far.spec.capabilities:
        refs = _by_place(far.call(lambda: list(far.transport.list())))
        return refs, set(known) - set(refs), None, True
    since = None if full_is_due(state, now) else state.cursor
    batch = far.call(lambda: far.transport.changes(since))
    if not batch.complete:
        raise ProtocolError(
            "the list of changes is not complete",
            where=f"link {far.link.name!r}",
            remedy="Nothing was concluded from it; run the sync again",
        )
    refs = _by_place(batch.changed)
    if since is None or batch.reset:
        return refs, set(known) - set(refs), batch.cursor, True
    removed = {same_place(href) for href in batch.removed} & set(known)
    confirmed = _confirm_removed(far, [known[place].href or place for place in sorted(removed)])
    for place in removed - confirmed:
        # Reported as removed, yet it answers: read it like a changed one.
        refs.setdefault(place, Ref(known[place].href or place))
    return refs, confirmed, batch.cursor, False


def _confirm_removed(far: Far, hrefs: Sequence[str]) -> set[str]:
    """Ask once more for what is said to be removed; return what really does not answer."""
    if not hrefs:
        return set()
    answered = {same_place(answer.ref.href) for answer in far.read(hrefs)}
    return {same_place(href) for href in hrefs} - answered


def _by_place(refs: Sequence[Ref]) -> dict[str, Ref]:
    return {same_place(ref.href): ref for ref in refs}


def _is_new(
    ref: Ref, item: Item | None, aside: Quarantined | None, ours: Callable[[str], bool]
) -> bool:
    """Say whether the document behind ``ref`` has to be fetched."""
    if aside is not None and ref.etag is not None and bare(ref.etag) == bare(aside.etag):
        return False
    if item is None:
        return ours(ref.href)
    return ref.etag is None or bare(ref.etag) != bare(item.etag)


def _read_all(
    far: Far, refs: Sequence[Ref]
) -> tuple[dict[str, Found], dict[str, Quarantined], set[str]]:
    """Return what was read, what could not be, and what is no longer there."""
    found: dict[str, Found] = {}
    unreadable: dict[str, Quarantined] = {}
    for answer in far.read([ref.href for ref in refs]) if refs else ():
        place = same_place(answer.ref.href)
        if isinstance(answer, Unreadable):
            unreadable[place] = _aside(answer.ref, answer.reason)
            continue
        try:
            view = far.view(answer.document)
        except (FormatError, InputError) as error:
            unreadable[place] = _aside(answer.ref, str(error))
            continue
        if view.get("uid"):
            found[place] = Found(ref=answer.ref, document=answer.document, view=view)
        else:
            unreadable[place] = _aside(answer.ref, "it has no UID to know it by")
    missing = {same_place(ref.href) for ref in refs} - set(found) - set(unreadable)
    return found, unreadable, missing


def _aside(ref: Ref, reason: str) -> Quarantined:
    return Quarantined(href=ref.href, etag=ref.etag, reason=reason)

# SPDX-License-Identifier: Apache-2.0
"""Reading the other side: what is there, what changed, what is explicitly gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import attrs

from territoire_sante import serialization
from territoire_sante.errors import (
    ConfigError,
    ConnectorCrashedError,
    InputError,
    ProtocolError,
)
from territoire_sante.formats import Document, Lens
from territoire_sante.plugins import (
    Batch,
    Capability,
    ConnectorSpec,
    Recognising,
    Ref,
    Stored,
    Unreadable,
    guard,
    guarded,
    open_transport,
    structure_config,
)
from territoire_sante.sync._decide import name_for
from territoire_sante.sync._link import Link, check_link
from territoire_sante.sync._merge import Plain
from territoire_sante.sync._readying import Prepare
from territoire_sante.sync._records import Intent, Item, LinkState, Quarantined, bare
from territoire_sante.sync._tables import same_place

if TYPE_CHECKING:
    from territoire_sante.sync._ready import Ready

T = TypeVar("T")

#: A token is an optimisation: everything is compared at least this often.
FULL_EVERY: Final = dt.timedelta(hours=24)
FULL_EVERY_RUNS: Final = 20

#: What could not be read may be readable later, although the other side calls it the same.
RETRY_AFTER: Final = dt.timedelta(hours=24)


@attrs.frozen(kw_only=True)
class Found:
    """
    A remote item as it was read and understood: ``view`` is ``seen`` as plain data.

    ``ready`` is what storing it means, if it was made ready.
    """

    ref: Ref
    document: Document
    view: Plain
    seen: Any = attrs.field(default=None, eq=False, repr=False)
    ready: Ready | None = attrs.field(default=None, eq=False, repr=False)


@attrs.frozen
class Known:
    """What is remembered of an item's place: how the other side spells it, and the version."""

    href: str
    etag: str | None
    status: str


class Places(Protocol):
    """The places of a link's items, read from memory as far as they are needed."""

    @property
    def count(self) -> int:
        """How many items there are."""
        ...

    def at(self, places: Collection[str] | None) -> Mapping[str, Known]:
        """Return what is known at these places, ``None`` for all."""
        ...

    def unverified(self) -> Mapping[str, str]:
        """Return the places that were written and not read back, with their hrefs."""
        ...


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
        """Return the plain view of a document; raises what :meth:`look` does."""
        return self.look(document)[1]

    def look(self, document: Document) -> tuple[Any, dict[str, Any]]:
        """
        Return the view of a document, and the same as plain data.

        Raises:
            FormatError: it cannot be read, or may be cut short.
            ConnectorCrashedError: the lens has a bug.
        """
        with guard(self.spec.name):
            # Asked of each document: the look at the whole protocol costs as much as reading it.
            require_whole = getattr(self.lens, "require_whole", None)
            if require_whole is not None:
                require_whole(document)
            seen = self.lens.get(document)
            return seen, serialization.view_to_plain(seen, self.lens.fields)

    def recognise(
        self, items: Callable[[], Iterable[Item]], begun: Callable[[], Iterable[Intent]]
    ) -> None:
        """
        Tell a transport that asks for it what is known of the other side.

        One that can be read is told the creations that were ``begun`` and not answered, too.
        """
        if isinstance(self.transport, Recognising):
            known = [
                Stored(Ref(item.href, item.etag), Document(item.remote_base, item.media_type))
                for item in items()
                if item.href is not None and item.remote_base is not None
            ]
            known += [
                Stored(Ref(name_for(one.uid)), Document(one.payload, self.lens.media_type))
                for one in (begun() if self.can_read else ())
                if one.href is None and one.payload is not None
            ]
            self.call(lambda: self.transport.recognise(known))

    def remind(self, item: Stored) -> None:
        """Tell a transport that asks for it what an item is, before it is deleted."""
        if isinstance(self.transport, Recognising):
            self.call(lambda: self.transport.recognise([item]))

    def read(self, hrefs: Sequence[str]) -> Generator[Stored | Unreadable, None, None]:
        """Yield the answers of the transport for ``hrefs``, each call guarded."""
        return guarded(self.spec.name, lambda: self.transport.read(hrefs))


def open_far(
    link: Link, spec: ConnectorSpec[Any], config: Any = None
) -> tuple[AbstractContextManager[Any], Lens[Any]]:
    """
    Return the context manager of a link's transport, and its lens; ``config`` may be made already.

    Raises:
        ConfigError: the link or its options do not fit the connector.
    """
    check_link(link, spec)
    if config is None:
        config = config_of(link, spec)
    return open_transport(spec, config), _lens_of(link, spec, config)


def _lens_of(link: Link, spec: ConnectorSpec[Any], config: Any) -> Lens[Any]:
    """
    Return the lens of a link: it writes people into events only where that was asked for.

    Raises:
        ConfigError: that was asked for, and the connector's documents are no calendars.
    """
    lens = spec.lens_for(config)
    if not link.people:
        return lens
    from territoire_sante.formats.icalendar import EventLens  # noqa: PLC0415 - few links ask for it

    if not isinstance(lens, EventLens):
        raise ConfigError(
            f"connector {spec.name} cannot write the people of an event",
            where=f"link {link.name}",
            remedy="Leave out people, or name a connector of calendars",
        )
    return attrs.evolve(lens, people=True)


def config_of(link: Link, spec: ConnectorSpec[Any]) -> Any:
    """
    Return the configuration of a link's connector, secrets fetched.

    Raises:
        ConfigError: the options do not fit the connector.
    """
    return structure_config(spec, link.config, where=f"link {link.name!r}", base=link.base)


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
    known: Places,
    quarantined: Mapping[str, Quarantined],
    *,
    since: str | None,
    unsettled: Collection[str],
    ours: Callable[[str], bool],
    now: dt.datetime,
    moved: bool = False,
    prepare: Prepare | None = None,
) -> Snapshot:
    """
    Look at the other side: list it or ask for changes ``since``, and read what is not known.

    ``unsettled`` are hrefs to read whatever their ETag, ``ours`` says of an
    unknown href whether it is worth reading. If the link has ``moved``, what is known
    is that of another collection, which may still answer. New items are made ready by ``prepare``.
    """
    aside = {same_place(href): entry for href, entry in quarantined.items()}
    holders = {place: same_place(by) for place, q in aside.items() if (by := holder(q))}
    forced = {same_place(href): href for href in unsettled} | dict(known.unverified())
    refs, removed, cursor, full = _asked(far, since)
    wide = None if full else {*refs, *removed, *aside, *forced, *holders.values()}
    there = known.at(wide)
    spelled = {
        **forced,
        **{place: entry.href for place, entry in aside.items()},
        **{place: one.href for place, one in there.items()},
    }
    released = {p for p, one in there.items() if moved or one.status == "released"}
    absent = set(spelled) - set(refs) if full else removed & set(spelled)
    doubtful = sorted(absent.difference(released))
    gone = absent & released | _confirm_removed(far, [spelled[place] for place in doubtful])
    for place in absent - gone:
        # Left out or reported as removed, yet it answers: read it like a changed one.
        refs.setdefault(place, Ref(spelled[place]))
    if gone:
        # What is gone may have moved to a place that was set aside as its double.
        forced.update(dict.fromkeys(aside, ""))
    # A double is an item of its own once the one that held its UID is no longer linked.
    forced.update(dict.fromkeys((p for p, by in holders.items() if by not in there), ""))
    wanted = [
        ref
        for place, ref in refs.items()
        if place in forced or _is_new(ref, there.get(place), aside.get(place), ours, now)
    ]
    if not full:
        wanted += [Ref(spelled[p]) for p in sorted(set(forced) - set(refs) - gone)]
    found, unreadable, missing = _read_all(far, wanted, there, prepare)
    settled = gone | missing | set(found) | set(unreadable)
    still_bad = {place: entry for place, entry in aside.items() if place not in settled}
    return Snapshot(
        found=found,
        gone=frozenset(place for place in gone | missing if place in there),
        unreadable={**still_bad, **unreadable},
        listed=len(refs) if full else known.count + len(found),
        cursor=cursor,
        full=full,
    )


def _asked(far: Far, since: str | None) -> tuple[dict[str, Ref], set[str], str | None, bool]:
    """Return the refs to consider, the places said to be removed, the next cursor, if it is all."""
    if Capability.DELTA in far.spec.capabilities:
        return _batches(far, since)
    return _by_place(far.call(lambda: list(far.transport.list()))), set(), None, True


def _batches(far: Far, since: str | None) -> tuple[dict[str, Ref], set[str], str | None, bool]:
    """Return what changed and what was removed, asking on until nothing is missing."""
    refs: dict[str, Ref] = {}
    removed: set[str] = set()
    full, seen = since is None, {since}
    while True:
        batch = _batch(far, since)
        if batch.reset:
            refs, removed, full = {}, set(), True
        for href in batch.removed:
            refs.pop(same_place(href), None)
            removed.add(same_place(href))
        refs.update(_by_place(batch.changed))
        if batch.complete:
            return refs, removed - set(refs), batch.cursor, full
        if batch.cursor is None or batch.cursor in seen:
            raise ProtocolError(
                "the list of changes does not come to its end",
                where=f"link {far.link.name!r}",
                remedy="Nothing was concluded from it; run the sync again",
            )
        since = batch.cursor
        seen.add(since)


def _batch(far: Far, since: str | None) -> Batch:
    batch: Batch = far.call(lambda: far.transport.changes(since))
    return batch


def _confirm_removed(far: Far, hrefs: Sequence[str]) -> set[str]:
    """Ask once more for what is said to be removed; return what really does not answer."""
    if not hrefs:
        return set()
    answered = {same_place(answer.ref.href) for answer in far.read(hrefs)}
    return {same_place(href) for href in hrefs} - answered


def _by_place(refs: Sequence[Ref]) -> dict[str, Ref]:
    return {same_place(ref.href): ref for ref in refs}


def _is_new(
    ref: Ref,
    item: Known | None,
    aside: Quarantined | None,
    ours: Callable[[str], bool],
    now: dt.datetime,
) -> bool:
    """Say whether the document behind ``ref`` has to be fetched."""
    if aside is not None:
        same = ref.etag is not None and bare(ref.etag) == bare(aside.etag)
        tried = aside.since is not None and now - aside.since < RETRY_AFTER
        return not (same and tried)
    if item is None:
        return ours(ref.href)
    return ref.etag is None or bare(ref.etag) != bare(item.etag)


def _read_all(
    far: Far, refs: Sequence[Ref], there: Collection[str], prepare: Prepare | None
) -> tuple[dict[str, Found], dict[str, Quarantined], set[str]]:
    """Return what was read, what could not be, and what is no longer there."""
    found: dict[str, Found] = {}
    unreadable: dict[str, Quarantined] = {}
    # Whatever ends this, a transport that reads ahead ends, too.
    with closing(far.read([ref.href for ref in refs])) as answers:
        for answer in answers if refs else ():
            place = same_place(answer.ref.href)
            if isinstance(answer, Unreadable):
                unreadable[place] = _aside(answer.ref, answer.reason)
                continue
            try:
                seen, view = far.look(answer.document)
            except (InputError, ConnectorCrashedError) as error:
                unreadable[place] = _aside(answer.ref, str(error))
                continue
            if view.get("uid"):
                found[place] = Found(
                    ref=answer.ref,
                    document=_bare(answer.document),
                    view=view,
                    seen=seen,
                    ready=None if prepare is None or place in there else prepare(seen, view),
                )
            else:
                unreadable[place] = _aside(answer.ref, "it has no UID to know it by")
    missing = {same_place(ref.href) for ref in refs} - set(found) - set(unreadable)
    return found, unreadable, missing


def _bare(document: Document) -> Document:
    """Return a document without what was made of it, which takes many times the room."""
    return Document(document.data, document.media_type)


_HELD: Final = " is already held by "


def double(ref: Ref, uid: str, by: str) -> Quarantined:
    """Return ``ref`` set aside because the document ``by`` has the same UID."""
    return _aside(ref, f"UID {uid}{_HELD}{by}")


def holder(aside: Quarantined) -> str:
    """Return the href of the document that holds the UID of a double, empty for others."""
    return aside.reason.rpartition(_HELD)[2] if _HELD in aside.reason else ""


def _aside(ref: Ref, reason: str) -> Quarantined:
    return Quarantined(href=ref.href, etag=ref.etag, reason=reason)

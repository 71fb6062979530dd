# SPDX-License-Identifier: Apache-2.0
"""Making a plan: both sides are read, nothing is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

from territoire_sante import model, serialization
from territoire_sante.errors import AnnouncementRefusedError, ConnectorCrashedError, InputError
from territoire_sante.formats import Document
from territoire_sante.plugins import Capability, Catalog
from territoire_sante.projections import Projection
from territoire_sante.store import Reader, Store, Transaction
from territoire_sante.sync._decide import is_behind, name_for, operation_for
from territoire_sante.sync._link import Link, check_link
from territoire_sante.sync._memory import Memory, rules_of
from territoire_sante.sync._merge import RULES, Plain
from territoire_sante.sync._near import Near, link_projection, look_here, near_of
from territoire_sante.sync._notices import Notices, as_told, publishes, shows_announcements
from territoire_sante.sync._operation import Operation, Plan
from territoire_sante.sync._pairs import names_of, pairs_of, recovered
from territoire_sante.sync._read import (
    RETRY_AFTER,
    Far,
    Snapshot,
    config_of,
    full_is_due,
    open_far,
    read_remote,
)
from territoire_sante.sync._readying import Readying
from territoire_sante.sync._records import JournalEntry, Quarantined, Waiting
from territoire_sante.sync._sides import Pair, Policy, Presence, Remote, Verdict
from territoire_sante.sync._tables import COMPONENT, STEPS
from territoire_sante.sync._touched import Here, changed_here


def make_plan(
    store: Store,
    link: Link,
    *,
    catalog: Catalog,
    now: dt.datetime,
    opposition_key: bytes | None,
) -> Plan:
    """Read both sides and return what would be done; see :func:`territoire_sante.sync.plan`."""
    spec = catalog.get(link.connector)
    check_link(link, spec)
    config = config_of(link, spec)
    opening, lens = open_far(link, spec, config)
    store.migrate(COMPONENT, STEPS, create=False)
    far = Far(link=link, spec=spec, lens=lens, transport=None)

    def look_at_this_side(far: Far) -> _Look:
        with store.reading() as reader:
            memory = Memory.of(reader, store, link, refused_since=now - RETRY_AFTER)
            return _look_here(reader, memory, far, now, opposition_key)

    seen = None if shows_announcements(spec) else look_at_this_side(far)
    with opening as transport:
        # What announcements look like may depend on what the instance takes.
        spec = as_told(spec, transport)
        far = attrs.evolve(far, spec=spec, transport=transport)
        look = seen or look_at_this_side(far)
        snapshot = _look_there(far, look, now)
        with store.reading() as reader:
            near = look.complete(reader, snapshot)
            idle = look.idle(reader)
            pairs, doubles = pairs_of(reader, far, look.memory, near, snapshot)
            notices = Notices(link=link, spec=spec, reader=reader, now=now)
            busy = list(notices.without_idle(pairs))
        policy = policy_for(far, store, look.memory.chosen, moved=look.moved)
        operations, broken, undecided = _decided(busy, policy)
        if operations and publishes(link, spec):
            with store.reading() as reader:
                notices = Notices(link=link, spec=spec, reader=reader, now=now)
                operations = list(notices.judged(operations))
    memory = look.memory
    unlinked = sum(pair.item is None for pair in pairs)
    return Plan(
        link=link,
        operations=tuple(operations),
        quarantined=(*snapshot.unreadable.values(), *near.doubles, *doubles, *broken),
        recovered=recovered(memory, snapshot),
        cursor=snapshot.cursor,
        full=snapshot.full,
        listed=snapshot.listed,
        read=len(snapshot.found) + len(snapshot.unreadable),
        linked=memory.count,
        unchanged=memory.count + unlinked + idle - len(operations),
        made_at=now,
        revision=look.revision,
        whole=look.here is None,
        rules=look.rules,
        looked=look.looked,
        waiting=(*near.waiting, *undecided, *_idle(pairs, operations, undecided)),
        catalog=catalog,
        config=config,
    )


@attrs.define(kw_only=True)
class _Look:
    """What was seen of this side: all of it, or in ``here`` what changed and what waits."""

    link: Link
    memory: Memory
    revision: int
    rules: str
    near: Near
    here: Here | None
    projection: Projection

    @property
    def moved(self) -> bool:
        """Whether the link was pointed at another collection since its last run."""
        return self.memory.link.place not in ("", self.link.place)

    @property
    def looked(self) -> tuple[str, ...]:
        """The keys that were looked at, where it matters: links that write have none idle."""
        if self.here is None or self.link.direction.writes:
            return ()
        return tuple(sorted(self.here.shown))

    def idle(self, reader: Transaction) -> int:
        """Return how many views that no pair stands for were not looked at."""
        here = self.here
        return (
            0
            if here is None or self.link.direction.writes
            else self.memory.idle(reader, here.shown)
        )

    def complete(self, reader: Transaction, snapshot: Snapshot) -> Near:
        """Return this side with what the changes of the other one concern."""
        if self.here is not None:
            self.here.look_there(reader, snapshot)
            self.near = near_of(self.here.views, _linked(self.memory))
        return self.near


def _linked(memory: Memory) -> dict[str, str]:
    return {item.uid: item.key for item in memory.items.values()}


def _look_here(
    reader: Transaction, memory: Memory, far: Far, now: dt.datetime, opposition_key: bytes | None
) -> _Look:
    """Look at this side, as a whole if that is due."""
    link, spec, lens = far.link, far.spec, far.lens
    projection = link_projection(reader, spec, link, now=now, opposition_key=opposition_key)
    rules = rules_of(spec, lens)
    delta = Capability.DELTA in spec.capabilities
    keys = None
    if rules == memory.link.rules and not (delta and full_is_due(memory.link, now)):
        keys = changed_here(reader, memory, link, projection, now)
    here = None
    if keys is None:
        memory.load_all(reader)
        near = look_here(reader, projection, lens.fields, _linked(memory))
    else:
        here = Here(projection=projection, fields=lens.fields, memory=memory)
        waiting = memory.waiting
        keys |= set(Notices(link=link, spec=spec, reader=reader, now=now).turns())
        keys |= {one.key for one in waiting if one.key}
        here.look_at(reader, keys=keys, uids={*(one.uid for one in waiting), *memory.chosen})
        near = near_of(here.views, _linked(memory))
    return _Look(
        link=link,
        memory=memory,
        revision=reader.last_revision(),
        rules=rules,
        near=near,
        here=here,
        projection=projection,
    )


def _decided(
    pairs: Sequence[Pair], policy: Policy
) -> tuple[list[Operation], list[Quarantined], list[Waiting]]:
    """Decide on each item by itself: one that cannot be decided on stops no other."""
    operations: list[Operation] = []
    broken: list[Quarantined] = []
    undecided: list[Waiting] = []
    for pair in pairs:
        try:
            operation = operation_for(pair, policy)
        except (InputError, ConnectorCrashedError) as error:
            href = pair.remote.href or pair.uid
            broken.append(Quarantined(href=href, etag=None, reason=str(error), lasting=False))
            key = pair.local.key if pair.local is not None else ""
            undecided.append(Waiting(uid=pair.uid, key=key, href=pair.remote.href or ""))
            continue
        if operation is not None:
            operations.append(operation)
        elif is_behind(pair):
            undecided.append(Waiting(uid=pair.uid, href=pair.remote.href or ""))
    return operations, broken, undecided


def _idle(
    pairs: Sequence[Pair], operations: Sequence[Operation], undecided: Sequence[Waiting]
) -> Iterator[Waiting]:
    """Yield the views that no pair will stand for although there is nothing to do."""
    busy = {one.uid for one in operations} | {one.uid for one in undecided}
    for pair in pairs:
        if pair.item is None and pair.local is not None and pair.uid not in busy:
            yield Waiting(uid=pair.uid, key=pair.local.key, again=False)


def _look_there(far: Far, look: _Look, now: dt.datetime) -> Snapshot:
    """Read the other side, or take it as remembered where a connector can't read."""
    memory, link = look.memory, look.link
    if not far.can_read:
        return Snapshot(listed=memory.count)
    new = [uid for uid in look.near.views if uid not in memory.items]
    hints = {name_for(uid) for uid in new}
    # What a creation without an answer became may stand under any name.
    reads = link.direction.reads or any(i.href is None for i in memory.intents.values())

    def ours(href: str) -> bool:
        """On a link that only publishes, foreign items are none of our business."""
        return reads or not hints.isdisjoint(names_of(href))

    far.recognise(memory.all_items, memory.intents.values)
    # An intent without an href is settled by seeing everything.
    same = (memory.link.place, memory.link.scope) == (link.place, link.scope)
    trusted = same and not memory.intents and not full_is_due(memory.link, now)
    unsettled = [intent.href for intent in memory.intents.values() if intent.href]
    unsettled += [one.href for one in memory.waiting if one.href]
    if new and link.direction.writes:
        # What is about to be created may be there, among what was set aside.
        unsettled += memory.quarantined
    return read_remote(
        far,
        memory,
        memory.quarantined,
        since=memory.link.cursor if trusted else None,
        unsettled=unsettled,
        ours=ours,
        now=now,
        moved=look.moved,
        prepare=Readying(look.projection, look.near.views) if link.direction.reads else None,
    )


def policy_for(
    far: Far, reader: Reader, chosen: Mapping[str, JournalEntry], *, moved: bool = False
) -> Policy:
    """Return how a link decides, bound to its lens and its limits."""
    return Policy(
        direction=far.link.direction,
        conflict=far.link.conflict,
        rules=RULES[far.spec.view.__name__],
        base_view=lambda data: far.view(Document(data, far.lens.media_type)),
        judge=_judge(far),
        newest=_newest(far, reader),
        chosen=chosen,
        moved=moved,
    )


def _judge(far: Far) -> Callable[[Plain], Verdict | None]:
    limits = far.spec.limits

    def judge(plain: Plain) -> Verdict | None:
        if limits is None or not shows_announcements(far.spec):
            return None
        answer = model.fit(serialization.view_from_plain(model.Announcement, plain), limits)
        if answer.shown is not None:
            return _refused(far, answer.shown)
        proposal = answer.proposal
        return Verdict(
            reason="; ".join(reason.message_en for reason in answer.reasons),
            reason_fr=" ; ".join(reason.message_fr for reason in answer.reasons),
            proposal=None
            if proposal is None
            else serialization.view_to_plain(proposal, far.lens.fields),
        )

    return judge


def _refused(far: Far, shown: model.Announcement) -> Verdict | None:
    """Return why the lens refuses what is within the limits: not all channels have lengths."""
    try:
        far.call(lambda: far.lens.put(shown))
    except AnnouncementRefusedError as error:
        told = " ; ".join(error.reasons) or str(error)
        return Verdict(reason=told, reason_fr=told, proposal=None)
    except (InputError, ConnectorCrashedError):
        # Nothing is wrong with the length: it is said when it is to be written.
        return None
    return None


def _newest(far: Far, reader: Reader) -> Callable[[Pair], str]:
    modified = getattr(far.lens, "modified", None)

    def newest(pair: Pair) -> str:
        """Compare the store's history with the document's own date, if it has one."""
        if modified is None or pair.remote.document is None or pair.local is None:
            return ""
        document = Document(pair.remote.document, pair.remote.media_type)
        there = far.call(lambda: modified(document))
        versions = reader.history(serialization.KINDS[pair.local.kind], pair.local.key)
        if there is None or not versions:
            return ""
        return "local" if versions[-1].at >= there else "remote"

    return newest


def relook(operation: Operation, far: Far, pair: Pair) -> Pair:
    """Return ``pair`` with the other side as it stands now, after a write was refused."""
    href = operation.href or ""
    answer = next(iter(far.read([href])), None) if href else None
    remote = Remote(presence=Presence.GONE, href=href)
    if answer is not None and hasattr(answer, "document"):
        remote = Remote(
            presence=Presence.CHANGED,
            href=answer.ref.href,
            etag=answer.ref.etag,
            document=answer.document.data,
            media_type=answer.document.media_type,
            view=far.view(answer.document),
        )
    elif answer is not None:
        remote = Remote(presence=Presence.UNREADABLE, href=href)
    return attrs.evolve(pair, remote=remote)

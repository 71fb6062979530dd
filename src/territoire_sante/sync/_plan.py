# SPDX-License-Identifier: Apache-2.0
"""Making a plan: both sides are read, nothing is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import attrs

from territoire_sante.errors import ConnectorCrashedError, InputError
from territoire_sante.formats import Document
from territoire_sante.model import Announcement, fit
from territoire_sante.plugins import Catalog
from territoire_sante.serialization import KINDS, view_from_plain, view_to_plain
from territoire_sante.store import Reader, Store
from territoire_sante.sync._decide import (
    Pair,
    Policy,
    Presence,
    Remote,
    Verdict,
    name_for,
    operation_for,
)
from territoire_sante.sync._link import Link
from territoire_sante.sync._merge import RULES, Plain
from territoire_sante.sync._near import Near, link_projection, look_here
from territoire_sante.sync._operation import Operation, Plan
from territoire_sante.sync._read import Far, Snapshot, double, open_far, read_remote, same_place
from territoire_sante.sync._state import (
    Intent,
    Item,
    JournalEntry,
    LinkState,
    Quarantined,
    Refusal,
    State,
)


@attrs.frozen(kw_only=True)
class Memory:
    """Everything a link remembers, read at once."""

    items: Mapping[str, Item]
    link: LinkState
    quarantined: Mapping[str, Quarantined]
    intents: Mapping[str, Intent]
    refusals: Mapping[str, Refusal]
    chosen: Mapping[str, JournalEntry]


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
    opening, lens = open_far(link, spec)
    memory = _remember(store, link)
    with opening as transport:
        far = Far(link=link, spec=spec, lens=lens, transport=transport)
        projection = link_projection(store, spec, link, now=now, opposition_key=opposition_key)
        linked = {item.uid: item.key for item in memory.items.values()}
        near = look_here(store, projection, lens.fields, linked)
        snapshot = _look(far, memory, near, now)
        moved = memory.link.place not in ("", link.place)
        policy = policy_for(far, store, memory.chosen, moved=moved)
        pairs, doubles = _pairs(store, far, memory, near, snapshot)
        operations, broken = _decided(pairs, policy)
    return Plan(
        link=link,
        operations=tuple(operations),
        quarantined=(*snapshot.unreadable.values(), *near.doubles, *doubles, *broken),
        recovered=_recovered(memory, snapshot),
        cursor=snapshot.cursor,
        full=snapshot.full,
        listed=snapshot.listed,
        read=len(snapshot.found) + len(snapshot.unreadable),
        linked=len(memory.items),
        unchanged=len(pairs) - len(operations),
        made_at=now,
        catalog=catalog,
    )


def _decided(pairs: Sequence[Pair], policy: Policy) -> tuple[list[Operation], list[Quarantined]]:
    """Decide on each item by itself: one that cannot be decided on stops no other."""
    operations: list[Operation] = []
    broken: list[Quarantined] = []
    for pair in pairs:
        try:
            operation = operation_for(pair, policy)
        except (InputError, ConnectorCrashedError) as error:
            href = pair.remote.href or pair.uid
            broken.append(Quarantined(href=href, etag=None, reason=str(error), lasting=False))
            continue
        if operation is not None:
            operations.append(operation)
    return operations, broken


def _remember(store: Store, link: Link) -> Memory:
    with store.transaction() as transaction:
        state = State(transaction.connection, link.name)
        return Memory(
            items={item.uid: item for item in state.items()},
            link=state.link(),
            quarantined=state.quarantined(),
            intents=state.intents(),
            refusals=state.refusals(),
            chosen={entry.uid: entry for entry in state.journal(states=("decided",))},
        )


def _look(far: Far, memory: Memory, near: Near, now: dt.datetime) -> Snapshot:
    """Read the other side, or take it as remembered where a connector can't read."""
    if not far.can_read:
        return Snapshot(listed=len(memory.items))
    new = [uid for uid in near.views if uid not in memory.items]
    hints = {name_for(uid) for uid in new}
    # What a creation without an answer became may stand under any name.
    reads = far.link.direction.reads or any(i.href is None for i in memory.intents.values())

    def ours(href: str) -> bool:
        """On a link that only publishes, foreign items are none of our business."""
        return reads or not hints.isdisjoint(_names(href))

    far.recognise(memory.items.values())
    link = far.link
    changed = (memory.link.place, memory.link.scope) != (link.place, link.scope)
    unsettled = [intent.href for intent in memory.intents.values() if intent.href]
    if new and far.link.direction.writes:
        # What is about to be created may be there, among what was set aside.
        unsettled += memory.quarantined
    return read_remote(
        far,
        # An intent without an href is settled by seeing everything.
        memory.link if not memory.intents and not changed else LinkState(),
        tuple(memory.items.values()),
        memory.quarantined,
        unsettled=unsettled,
        ours=ours,
        now=now,
        moved=memory.link.place not in ("", link.place),
    )


def _names(href: str) -> set[str]:
    """Return the last part of an href, with and without its ending."""
    name = same_place(href).rstrip("/").rsplit("/", 1)[-1]
    return {name, name.rsplit(".", 1)[0]}


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
        if limits is None or far.spec.view is not Announcement:
            return None
        answer = fit(view_from_plain(Announcement, plain), limits)
        if answer.fits:
            return None
        proposal = answer.proposal
        return Verdict(
            reason="; ".join(reason.message_en for reason in answer.reasons),
            reason_fr=" ; ".join(reason.message_fr for reason in answer.reasons),
            proposal=None if proposal is None else view_to_plain(proposal, far.lens.fields),
        )

    return judge


def _newest(far: Far, reader: Reader) -> Callable[[Pair], str]:
    modified = getattr(far.lens, "modified", None)

    def newest(pair: Pair) -> str:
        """Compare the store's history with the document's own date, if it has one."""
        if modified is None or pair.remote.document is None or pair.local is None:
            return ""
        document = Document(pair.remote.document, pair.remote.media_type)
        there = far.call(lambda: modified(document))
        versions = reader.history(KINDS[pair.local.kind], pair.local.key)
        if there is None or not versions:
            return ""
        return "local" if versions[-1].at >= there else "remote"

    return newest


def _pairs(
    reader: Store, far: Far, memory: Memory, near: Near, snapshot: Snapshot
) -> tuple[list[Pair], list[Quarantined]]:
    """Bring together what both sides and the memory say of each item."""
    by_uid, replaced, doubles = _found_by_uid(far, memory, near, snapshot)
    uids = dict.fromkeys([*memory.items, *near.views, *by_uid])
    pairs = []
    for uid in uids:
        item, local = memory.items.get(uid), near.views.get(uid)
        intent = memory.intents.get(uid)
        known = item or intent
        pairs.append(
            Pair(
                uid=uid,
                item=item,
                local=local,
                remote=_remote(far, item, by_uid.get(uid), snapshot, gone=uid in replaced),
                intent=intent,
                refusal=memory.refusals.get(uid),
                hidden=local is None and known is not None and _exists(reader, known),
            )
        )
    return pairs, doubles


def _found_by_uid(
    far: Far, memory: Memory, near: Near, snapshot: Snapshot
) -> tuple[dict[str, str], set[str], list[Quarantined]]:
    """
    Return the place of each UID, and the UIDs whose place holds another item now.

    A second document with the same UID is set aside.
    """
    uids = _uids(far, memory, near, snapshot)
    homes = {same_place(i.href): i for i in memory.items.values() if i.href is not None}
    replaced = {homes[p].uid for p, uid in uids.items() if p in homes and homes[p].uid != uid}
    places: dict[str, str] = {}
    doubles: list[Quarantined] = []
    for place, uid in uids.items():
        found = snapshot.found[place]
        item = memory.items.get(uid)
        home = same_place(item.href) if item is not None and item.href else None
        taken = places.get(uid)
        moved = home is not None and (home in snapshot.gone or uid in replaced)
        if taken is None and (home in (None, place) or moved):
            places[uid] = place
        elif taken is not None and place == home:
            places[uid] = place
            doubles.append(double(snapshot.found[taken].ref, uid, place))
        else:
            doubles.append(double(found.ref, uid, taken or home or ""))
    return places, replaced, doubles


def _uids(far: Far, memory: Memory, near: Near, snapshot: Snapshot) -> dict[str, str]:
    """Return the UID by which the link knows what was found at each place."""
    homes = {same_place(i.href): i for i in memory.items.values() if i.href is not None}
    begun = {name_for(uid): uid for uid in memory.intents if uid not in memory.items}
    known = {*memory.items, *near.views}
    uids: dict[str, str] = {}
    for place in sorted(snapshot.found):
        uid, item = str(snapshot.found[place].view["uid"]), homes.get(place)
        if item is not None and item.uid != uid and _gives_uids(far, item, uid):
            uid = item.uid
        elif item is None and uid not in known:
            uid = next((begun[name] for name in _names(place) if name in begun), uid)
        uids[place] = uid
    return uids


def _gives_uids(far: Far, item: Item, uid: str) -> bool:
    """Say whether it was the server that gave this UID to an item of ours."""
    if item.status == "unverified" or item.remote_base is None:
        return True
    try:
        return bool(far.view(Document(item.remote_base, item.media_type))["uid"] == uid)
    except (InputError, ConnectorCrashedError):
        return False


def _remote(
    far: Far, item: Item | None, place: str | None, snapshot: Snapshot, *, gone: bool
) -> Remote:
    if place is not None:
        found = snapshot.found[place]
        return Remote(
            presence=Presence.CHANGED,
            href=found.ref.href,
            etag=found.ref.etag,
            document=found.document.data,
            media_type=found.document.media_type,
            view=found.view,
        )
    if item is None or item.href is None:
        return Remote(presence=Presence.NEVER)
    home = same_place(item.href)
    if home in snapshot.unreadable:
        return Remote(presence=Presence.UNREADABLE, href=item.href)
    gone = gone or (far.can_read and home in snapshot.gone)
    return Remote(
        presence=Presence.GONE if gone else Presence.UNCHANGED, href=item.href, etag=item.etag
    )


def _exists(reader: Store, known: Item | Intent) -> bool:
    cls = KINDS.get(known.kind)
    return cls is not None and reader.find(cls, known.key) is not None


def _recovered(memory: Memory, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the hrefs that were in quarantine and no longer have to be."""
    return tuple(href for href in memory.quarantined if same_place(href) not in snapshot.unreadable)


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

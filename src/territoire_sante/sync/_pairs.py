# SPDX-License-Identifier: Apache-2.0
"""Bringing together what this side, the other side and the memory say of each item."""

from __future__ import annotations

from territoire_sante.errors import ConnectorCrashedError, InputError
from territoire_sante.formats import Document
from territoire_sante.store import Reader
from territoire_sante.sync._decide import name_for
from territoire_sante.sync._forgotten import absence
from territoire_sante.sync._memory import Memory
from territoire_sante.sync._near import Near
from territoire_sante.sync._read import Far, Snapshot, double
from territoire_sante.sync._records import Item, Quarantined
from territoire_sante.sync._sides import Pair, Presence, Remote
from territoire_sante.sync._tables import same_place


def names_of(href: str) -> set[str]:
    """Return the last part of an href, with and without its ending."""
    name = same_place(href).rstrip("/").rsplit("/", 1)[-1]
    return {name, name.rsplit(".", 1)[0]}


def pairs_of(
    reader: Reader, far: Far, memory: Memory, near: Near, snapshot: Snapshot
) -> tuple[list[Pair], list[Quarantined]]:
    """Bring together what both sides and the memory say of each item."""
    by_uid, replaced, doubles = _found_by_uid(far, memory, near, snapshot)
    uids = dict.fromkeys([*memory.items, *near.views, *by_uid, *memory.intents])
    pairs = []
    for uid in uids:
        item, local = memory.items.get(uid), near.views.get(uid)
        intent = memory.intents.get(uid)
        known = (item or intent) if local is None else None
        hidden, forgotten = absence(reader, known.kind, known.key) if known else (False, False)
        pairs.append(
            Pair(
                uid=uid,
                item=item,
                local=local,
                remote=_remote(far, item, by_uid.get(uid), snapshot, gone=uid in replaced),
                intent=intent,
                refusal=memory.refusals.get(uid),
                hidden=hidden,
                forgotten=forgotten,
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
            uid = next((begun[name] for name in names_of(place) if name in begun), uid)
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
            seen=found.seen,
            ready=found.ready,
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


def recovered(memory: Memory, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the hrefs that were in quarantine and no longer have to be."""
    return tuple(href for href in memory.quarantined if same_place(href) not in snapshot.unreadable)

# SPDX-License-Identifier: Apache-2.0
"""
What to do with one item: a pure function of both sides, both bases and the link's policy.

Disjoint edits merge, an edit beats a deletion, and the side that loses is kept.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from typing import Any, Final

import attrs

from territoire_sante.errors import InputError
from territoire_sante.sync._link import ConflictPolicy, Direction
from territoire_sante.sync._merge import (
    FieldConflict,
    Merged,
    Plain,
    decide,
    diff,
    merge3,
    unseen,
)
from territoire_sante.sync._operation import Action, Operation
from territoire_sante.sync._records import Item, JournalEntry, bare
from territoire_sante.sync._sides import Local, Pair, Policy, Presence, Remote

#: Fixed for ever: the same item gets the same name on every machine.
_NAMES: Final = uuid.UUID("b0f7a9c4-52ab-5a0e-8f5c-6a6a3a1c9b57")

_SAFE_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,119}")


def operation_for(pair: Pair, policy: Policy) -> Operation | None:
    """Return what to do with an item, ``None`` if both sides stand as they are remembered."""
    if pair.remote.presence is Presence.UNREADABLE or _is_quiet(pair):
        return None
    if pair.item is not None and pair.item.status == "released":
        operation = _released(pair, policy)
    elif pair.item is not None or _is_ours(pair):
        operation = _linked(pair, policy)
    else:
        operation = _unlinked(pair, policy)
    if operation is not None:
        return _refused(operation, pair, policy)
    if pair.intent is None:
        return None
    return _operation(pair, Action.REFRESH if pair.item is not None else Action.FORGET)


def _is_quiet(pair: Pair) -> bool:
    """Say at once of the many pairs that nothing happened to."""
    item = pair.item
    return (
        item is not None
        and item.status == "synced"
        and pair.intent is None
        and pair.local is not None
        and pair.local.key == item.key
        and pair.local.view == item.local_base
        and (
            pair.remote.presence is Presence.UNCHANGED
            or (
                pair.remote.presence is Presence.CHANGED
                and pair.remote.document == item.remote_base
                and (pair.remote.href, pair.remote.etag) == (item.href, item.etag)
            )
        )
    )


def is_behind(pair: Pair) -> bool:
    """Say of a pair that nothing is done about whether the other side has moved on all the same."""
    moved = pair.remote.presence in (Presence.CHANGED, Presence.GONE)
    return moved and pair.item is not None and pair.item.status == "synced" and not _is_quiet(pair)


def _is_ours(pair: Pair) -> bool:
    """Say whether a run that ended early created what is there now."""
    created = pair.intent is not None and pair.intent.payload is not None
    return created and pair.remote.presence is Presence.CHANGED


def _released(pair: Pair, policy: Policy) -> Operation | None:
    """Decide on an item that was deleted there and is kept here: it may come back."""
    if pair.forgotten:
        return _released_and_forgotten(pair, policy)
    if pair.remote.presence is Presence.CHANGED:
        return _linked(pair, policy) if pair.local is not None else _unlinked(pair, policy)
    over = pair.local is None and not pair.hidden
    return _operation(pair, Action.FORGET) if over else None


def _released_and_forgotten(pair: Pair, policy: Policy) -> Operation | None:
    """Decide on what was kept here only, and is erased: nothing may stay, here or there."""
    if pair.remote.presence is Presence.CHANGED and policy.direction.writes:
        return _operation(pair, Action.DELETE_REMOTE, reason="forgotten here")
    if pair.remote.presence is Presence.GONE or policy.direction.writes:
        return _operation(pair, Action.FORGET)
    emptied = pair.item is None or not pair.item.local_base
    return None if emptied else _operation(pair, Action.RELEASE, reason="forgotten here")


def _unlinked(pair: Pair, policy: Policy) -> Operation | None:
    """Decide on an item without a remembered pair."""
    there = pair.remote.presence is Presence.CHANGED
    if pair.local is not None and there:
        return _both(pair, policy)
    if pair.local is not None:
        return _create_remote(pair) if policy.direction.writes else None
    if there and policy.direction.reads:
        return _operation(pair, Action.CREATE_LOCAL, view=pair.remote.view)
    return None


def _linked(pair: Pair, policy: Policy) -> Operation | None:
    """Decide on an item whose pair is remembered."""
    gone = pair.remote.presence in (Presence.GONE, Presence.NEVER)
    if pair.local is None and gone:
        return _operation(pair, Action.FORGET)
    if pair.forgotten:
        # Whatever was edited there meanwhile: it would tell of them.
        action = Action.DELETE_REMOTE if policy.direction.writes else Action.RELEASE
        return _operation(pair, action, reason="forgotten here")
    if pair.local is None:
        return _gone_here(pair, policy)
    if gone:
        return _gone_there(pair, policy)
    return _both(pair, policy)


def _gone_here(pair: Pair, policy: Policy) -> Operation | None:
    """The entity was deleted, or hidden from this link's audience."""
    edited_there = pair.remote.view is not None and bool(
        diff(_remote_base(pair, policy), pair.remote.view) - {"uid"}
    )
    if pair.hidden and policy.direction.writes:
        reason = "no longer shown to this audience"
        return _operation(pair, Action.DELETE_REMOTE, reason=reason, keep=edited_there)
    if pair.hidden:
        return None
    if edited_there and policy.direction.reads and policy.conflict is not ConflictPolicy.LOCAL:
        reason = "deleted here, but edited there: the edit is kept"
        view = {**(pair.remote.view or {}), "uid": pair.uid}
        return _operation(pair, Action.CREATE_LOCAL, view=view, reason=reason)
    if not policy.direction.writes:
        return None
    return _operation(pair, Action.DELETE_REMOTE, reason="deleted here", keep=edited_there)


def _gone_there(pair: Pair, policy: Policy) -> Operation | None:
    """The document is explicitly no longer there."""
    local, base = _local(pair), _local_base(pair, policy)
    edited_here = diff(base, local.view)
    if policy.direction is Direction.PUSH:
        return _create_remote(pair, reason="missing there")
    if policy.moved and policy.direction.writes:
        return _create_remote(pair, reason="the collection is another one")
    if not edited_here:
        return _operation(pair, Action.DELETE_LOCAL, reason="deleted there")
    if policy.conflict is ConflictPolicy.REMOTE:
        lost = tuple(
            FieldConflict(field=f, base=base.get(f), local=local.view[f], remote=None)
            for f in sorted(edited_here)
        )
        operation = _operation(pair, Action.DELETE_LOCAL, winner="remote", reason="deleted there")
        return attrs.evolve(operation, conflicts=lost)
    if policy.direction is Direction.PULL:
        return _operation(pair, Action.RELEASE, reason="deleted there, edited here")
    return _create_remote(pair, reason="deleted there, but edited here: the edit is kept")


def _both(pair: Pair, policy: Policy) -> Operation | None:
    """Merge an item that both sides hold."""
    local = _local(pair)
    local_base = _local_base(pair, policy)
    remote_base = _remote_base(pair, policy)
    remote = pair.remote.view if pair.remote.view is not None else remote_base
    never = pair.item is None or not pair.item.local_base
    if never and not _is_ours(pair):
        local_base = remote_base = first_base(local.view, remote)
    elif pair.item is None or pair.item.status == "unverified":
        names = remote if pair.item is None else pair.item.reason.split()
        ours = local_base, local.view
        local_base = {**local_base, **unseen(policy.rules, names, ours, remote_base, remote)}
    # Who an item is, is not for merging: servers may have UIDs of their own.
    local_base, remote_base, remote = (
        {**side, "uid": local.view["uid"]} for side in (local_base, remote_base, remote)
    )
    merged = merge3(policy.rules, local_base, local.view, remote_base, remote)
    merged = _directed(merged, remote_base, (local.view, remote), policy)
    winner = ""
    if merged.conflicts:
        winner = _winner(pair, policy, merged.conflicts)
        if not winner:
            return _operation(pair, Action.CONFLICT, merged=merged)
        merged = decide(merged, winner)
    action = _action(merged, pair)
    return None if action is None else _operation(pair, action, merged=merged, winner=winner)


def _directed(
    merged: Merged, remote_base: Plain, sides: tuple[Plain, Plain], policy: Policy
) -> Merged:
    """Hold a merge to the link's direction: a one-way link never writes the other way."""
    if policy.direction is Direction.BOTH:
        return merged
    if policy.direction is Direction.PULL:
        return attrs.evolve(merged, to_remote=frozenset())
    local, remote = sides
    edited_there = tuple(
        FieldConflict(field=f, base=remote_base.get(f), local=local[f], remote=remote[f])
        for f in sorted(merged.to_local)
        if local[f] != remote[f]
    )
    return attrs.evolve(
        merged,
        view=dict(local),
        to_local=frozenset(),
        conflicts=merged.conflicts + edited_there,
    )


def _action(merged: Merged, pair: Pair) -> Action | None:
    if merged.to_local and merged.to_remote:
        return Action.MERGE
    if merged.to_remote:
        return Action.UPDATE_REMOTE
    if merged.to_local:
        return Action.UPDATE_LOCAL
    return Action.REFRESH if pair.remote.presence is Presence.CHANGED else None


def _winner(pair: Pair, policy: Policy, conflicts: tuple[FieldConflict, ...]) -> str:
    """Return the side that wins, empty if a person has to say."""
    if policy.direction is Direction.PUSH:
        return "local"
    if policy.direction is Direction.PULL:
        return "remote"
    decided = policy.chosen.get(pair.uid)
    if decided is not None and _was_seen(decided, conflicts):
        return decided.winner
    if policy.conflict is ConflictPolicy.NEWEST:
        return policy.newest(pair)
    return "" if policy.conflict is ConflictPolicy.ASK else policy.conflict.value


def _was_seen(decided: JournalEntry, conflicts: tuple[FieldConflict, ...]) -> bool:
    """Say whether the person who decided saw everything that would be lost."""
    loser = "remote" if decided.winner == "local" else "local"
    seen = {field["field"]: field[loser] for field in decided.fields}
    return all(
        conflict.field in seen and seen[conflict.field] == getattr(conflict, loser)
        for conflict in conflicts
    )


def first_base(local: Plain, remote: Plain) -> Plain:
    """
    Return a common base for two copies that were never compared.

    What is empty on one side was not deleted there: it is taken from the other.
    Where both say something else there is no base, and the difference is a conflict.
    """
    base: dict[str, Any] = {}
    for name, value in local.items():
        if value == remote[name] or not value:
            base[name] = value
        else:
            base[name] = None if remote[name] else remote[name]
    return base


def _local_base(pair: Pair, policy: Policy) -> Plain:
    """Return the view that was last in step with the other side."""
    if pair.item is None:
        return pair.intent.local_view if pair.intent is not None else {}
    return {**pair.item.local_base, **_sent(pair, policy)}


def _remote_base(pair: Pair, policy: Policy) -> Plain:
    """Return the view of the document that the other side was last known to hold."""
    item, intent = pair.item, pair.intent
    if item is None:
        payload = intent.payload if intent is not None else None
        if payload is None:
            return _local_base(pair, policy)
        begun = policy.base_view(payload)
        return {**begun, **_missing(pair.remote, begun)}
    if item.remote_base is None:
        return _local_base(pair, policy)
    try:
        base = policy.base_view(item.remote_base)
    except InputError:
        if pair.remote.view is None:
            raise
        # An earlier version could read it. Without a base, all that is there is news.
        base = {}
    return {**base, **_echo(item, pair.remote, base), **_sent(pair, policy)}


def _echo(item: Item, remote: Remote, sent: Plain) -> Plain:
    """
    Return what the other side made of our write, if nobody read it back yet.

    With the ETag that answered the write, the document there is our own. Without one, only what
    is missing is taken for the server's doing: rather that than deleting it here.
    """
    if item.status != "unverified" or remote.view is None:
        return {}
    if item.etag is not None:
        return remote.view if bare(item.etag) == bare(remote.etag) else {}
    return _missing(remote, sent)


def _missing(remote: Remote, sent: Plain) -> Plain:
    """Return what was sent and is not there: the server's doing, as long as nobody read it back."""
    view = remote.view or {}
    return {name: value for name, value in view.items() if not value and sent.get(name)}


def _sent(pair: Pair, policy: Policy) -> Plain:
    """Return the values that a run sent before it ended early, and that did arrive."""
    intent, remote = pair.intent, pair.remote.view
    if intent is None or intent.payload is None or remote is None:
        return {}
    payload, local = policy.base_view(intent.payload), intent.local_view
    return {
        name: value
        for name, value in remote.items()
        if value == payload.get(name) and name in local and value == local[name]
    }


def _create_remote(pair: Pair, reason: str = "") -> Operation:
    local = _local(pair)
    return _operation(
        pair, Action.CREATE_REMOTE, view=local.view, reason=reason, fields=tuple(sorted(local.view))
    )


def _refused(operation: Operation, pair: Pair, policy: Policy) -> Operation:
    """Hold back what does not fit the channel, or what it refused before."""
    writes = operation.action in (Action.CREATE_REMOTE, Action.UPDATE_REMOTE, Action.MERGE)
    if writes and operation.view is not None:
        verdict = policy.judge(operation.view)
        if verdict is not None:
            return attrs.evolve(
                operation,
                action=Action.REFUSE,
                reason=verdict.reason,
                reason_fr=verdict.reason_fr,
                proposal=verdict.proposal,
            )
    touches_remote = writes or operation.action is Action.DELETE_REMOTE
    if touches_remote and pair.refusal is not None and pair.refusal.digest == digest(operation):
        return attrs.evolve(operation, action=Action.REFUSE, reason=pair.refusal.reason)
    return operation


def digest(operation: Operation) -> str:
    """Return what names the content that an operation would write to the other side."""
    deletes = operation.action is Action.DELETE_REMOTE
    content = "deleted" if deletes else dict(operation.view or {})
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def name_for(uid: str, previous: str | None = None) -> str:
    """
    Return the name under which an item is created, always the same for the same item.

    Names that servers are known to mangle are replaced by a UUID. ``previous`` is
    the href it had before: a name that was deleted is never used again, because
    some servers give the same ETag to what comes back under it.

    >>> name_for("urn:uuid:0f5f4f7e-5f5b-4a7e-9a52-0d2b7f1c2d3e")
    '0f5f4f7e-5f5b-4a7e-9a52-0d2b7f1c2d3e'
    """
    bare = uid.removeprefix("urn:uuid:")
    name = bare if _SAFE_NAME.fullmatch(bare) else str(uuid.uuid5(_NAMES, uid))
    if previous is None:
        return name
    return f"{name}-{uuid.uuid5(_NAMES, previous).hex[:8]}"


def _operation(
    pair: Pair,
    action: Action,
    *,
    merged: Merged | None = None,
    view: Plain | None = None,
    winner: str = "",
    reason: str = "",
    fields: tuple[str, ...] = (),
    keep: bool = False,
) -> Operation:
    """Fill in what every operation carries. ``keep``: note the remote version as a loser."""
    item, local, remote = pair.item, pair.local, pair.remote
    known = item or pair.intent
    shown = merged.view if merged is not None else view
    title_of: Plain = shown or (local.view if local else None) or remote.view or {}
    if not title_of and item is not None:
        title_of = item.local_base
    return Operation(
        action=action,
        uid=pair.uid,
        key=local.key if local else (known.key if known else ""),
        kind=local.kind if local else (known.kind if known else ""),
        title=title(title_of),
        href=remote.href or (item.href if item else None),
        hint=name_for(pair.uid, item.href if item else None),
        etag=remote.etag if remote.etag is not None else (item.etag if item else None),
        base=pair.base,
        media_type=remote.media_type or (item.media_type if item else ""),
        local=local.view if local else None,
        view=shown,
        document=remote.document if remote.document is not None else _base_bytes(item),
        to_local=tuple(sorted(merged.to_local)) if merged else (),
        to_remote=tuple(sorted(merged.to_remote)) if merged else fields,
        there=dict(merged.there) if merged else {},
        conflicts=merged.conflicts if merged else (),
        winner=winner or ("local" if keep else ""),
        reason=reason,
        seen=remote.seen if shown is remote.view else None,
        ready=remote.ready if shown is remote.view else None,
    )


def _base_bytes(item: Item | None) -> bytes | None:
    return item.remote_base if item is not None else None


def title(view: Plain) -> str:
    """Return what a person calls the item."""
    for name in ("summary", "formatted_name", "title"):
        if view.get(name):
            return str(view[name])
    return ""


def _local(pair: Pair) -> Local:
    assert pair.local is not None  # noqa: S101 - the caller's branch
    return pair.local

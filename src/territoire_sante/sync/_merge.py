# SPDX-License-Identifier: Apache-2.0
"""
Three-way merge of views, field by field.

Works on plain data (what :func:`territoire_sante.serialization.view_to_plain`
returns), so that two times in different zones are different values. Each side
is compared with *its own* base: what a server rewrote on its own is no edit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

Plain = Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Rules:
    """
    How the fields of a view belong together.

    ``atoms`` are groups that change as one. ``sets`` are lists merged member
    by member, with the function that names a member. ``dependants`` maps a
    field of an atom to the sets that only make sense beside it.
    """

    atoms: tuple[tuple[str, ...], ...] = ()
    sets: Mapping[str, Callable[[Any], str]] = attrs.field(factory=dict)
    dependants: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)


def _value(member: Any) -> str:
    return json.dumps(member, sort_keys=True, ensure_ascii=False)


def _folded_value(member: Any) -> str:
    return str(member["value"]).casefold().replace(" ", "")


def _address(member: Any) -> str:
    return str(member["address"]).casefold()


def _recurrence_id(member: Any) -> str:
    return str(member["recurrence_id"])


RULES: Mapping[str, Rules] = {
    "Event": Rules(
        atoms=(("start", "end", "rrule"),),
        sets={
            "categories": _value,
            "rdates": _value,
            "exdates": _value,
            "occurrences": _recurrence_id,
            "attendees": _address,
        },
        dependants={"start": ("rdates", "exdates", "occurrences")},
    ),
    "Contact": Rules(
        atoms=(("formatted_name", "name"),),
        sets={
            "telephones": _folded_value,
            "emails": _folded_value,
            "urls": _folded_value,
            "addresses": _value,
            "categories": _value,
            "members": _value,
            "related": _value,
        },
    ),
    "Announcement": Rules(
        atoms=(("publish_from", "publish_until"), ("event_start", "event_end")),
        sets={"audience": _value, "attachments": _value},
    ),
}


@attrs.frozen(kw_only=True)
class FieldConflict:
    """Both sides changed ``field`` to different values."""

    field: str
    base: Any
    local: Any
    remote: Any


@attrs.frozen(kw_only=True)
class Merged:
    """
    The outcome: the merged view, who has to take over which fields, and the conflicts.

    A conflicting field keeps the local value in ``view`` until somebody decides.
    ``there`` holds the sets that are to read otherwise on the other side, because it
    respelled members, or holds some that this side has no room for.
    """

    view: dict[str, Any]
    to_local: frozenset[str]
    to_remote: frozenset[str]
    conflicts: tuple[FieldConflict, ...] = ()
    there: Mapping[str, Any] = attrs.field(factory=dict)


def diff(base: Plain, now: Plain) -> frozenset[str]:
    """
    Return the names of the fields that differ.

    >>> sorted(diff({"a": 1, "b": 2}, {"a": 1, "b": 3}))
    ['b']
    """
    return frozenset(name for name in now if base.get(name) != now[name])


def merge3(
    rules: Rules, local_base: Plain, local: Plain, remote_base: Plain, remote: Plain
) -> Merged:
    """
    Merge what each side changed since its own base.

    A field changed on one side alone goes to the other; a set is merged member
    by member; a field changed on both sides to the same value is settled.
    """
    by_local, by_remote = diff(local_base, local), diff(remote_base, remote)
    view = dict(local)
    there: dict[str, Any] = {}
    conflicts: list[FieldConflict] = []
    to_local: set[str] = set()
    to_remote: set[str] = set()
    for group in _groups(rules, by_local, by_remote, tuple(local)):
        mine, theirs = by_local & group, by_remote & group
        if theirs and not mine:
            view.update(_taken(rules, theirs, (local_base, local), (remote_base, remote)))
            to_local |= theirs
        elif mine and not theirs:
            there |= _taken(rules, mine, (local_base, local), (remote_base, remote))
            to_remote |= {name for name in mine if there[name] != remote[name]}
        elif mine and theirs:
            members = _merge_group(rules, group, (local_base, local), (remote_base, remote))
            if members is None:
                conflicts += _conflicts(group, local_base, local, remote)
            else:
                here, far = members
                view.update(here)
                there |= far
                to_local |= {name for name in group if here[name] != local[name]}
                to_remote |= {name for name in group if far[name] != remote[name]}
    return Merged(
        view=view,
        to_local=frozenset(to_local),
        to_remote=frozenset(to_remote),
        conflicts=tuple(conflicts),
        there={name: value for name, value in there.items() if value != view[name]},
    )


def _taken(
    rules: Rules,
    names: frozenset[str],
    local_side: tuple[Plain, Plain],
    remote_side: tuple[Plain, Plain],
) -> dict[str, Any]:
    """
    Return the fields that one side alone changed, as the other side takes them over.

    Of a set only the changed members are taken over where the two sides never
    held the same: what one side has no room for is not removed from the other.
    """
    (local_base, local), (remote_base, remote) = local_side, remote_side
    taken = {}
    for name in names:
        mine = local_base.get(name) != local[name]
        taken[name] = local[name] if mine else remote[name]
        if name in rules.sets and local_base.get(name) != remote_base.get(name):
            merged = merge_set(
                rules.sets[name],
                (local_base.get(name) or (), local[name]),
                (remote_base.get(name) or (), remote[name]),
            )
            if merged is not None:
                taken[name] = merged[1 if mine else 0]
    return taken


def _groups(
    rules: Rules, by_local: frozenset[str], by_remote: frozenset[str], names: tuple[str, ...]
) -> list[frozenset[str]]:
    """Return the fields in groups to be decided as one, without those that nobody changed."""
    changed = by_local | by_remote
    atoms = [set(atom) & set(names) for atom in rules.atoms]
    for atom in atoms:
        # Exceptions are relative to the rule: moved here, excepted there is one question.
        for lead in sorted(atom):
            dependants = set(rules.dependants.get(lead, ())) & set(names)
            crossed = (atom & by_local and dependants & by_remote) or (
                atom & by_remote and dependants & by_local
            )
            if crossed:
                atom.update(dependants)
    grouped = set().union(*atoms) if atoms else set()
    alone = (name for name in names if name in changed and name not in grouped)
    together = (frozenset(atom) for atom in atoms if atom & changed)
    return [*together, *(frozenset((name,)) for name in alone)]


def _merge_group(
    rules: Rules,
    group: frozenset[str],
    local_side: tuple[Plain, Plain],
    remote_side: tuple[Plain, Plain],
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """
    Return the agreed values of a group that both sides changed, for each of them.

    ``None`` is a conflict.
    """
    (local_base, local), (remote_base, remote) = local_side, remote_side
    if all(local[name] == remote[name] for name in group):
        agreed = {name: local[name] for name in group}
        return agreed, agreed
    if len(group) > 1:
        return None
    (name,) = group
    key = rules.sets.get(name)
    if key is None:
        return None
    merged = merge_set(
        key, (local_base.get(name) or (), local[name]), (remote_base.get(name) or (), remote[name])
    )
    return None if merged is None else ({name: merged[0]}, {name: merged[1]})


def _loose(name: str) -> str:
    """Return what stays of a member's name however a server spells it."""
    letters = "".join(filter(str.isalnum, name)).casefold()
    return letters[-9:] if letters.isdigit() else letters


def _respelled(local_base: Mapping[str, Any], remote_base: Mapping[str, Any]) -> dict[str, str]:
    """Return the names that members from here were given there."""
    theirs = {_loose(name): name for name in remote_base if name not in local_base}
    mine = (name for name in local_base if name not in remote_base)
    return {name: theirs[_loose(name)] for name in mine if _loose(name) in theirs}


def _renamed(members: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return ``members`` under their names on the other side, as far as those are free."""
    return {
        (names[name] if name in names and names[name] not in members else name): member
        for name, member in members.items()
    }


def _keyed(key: Callable[[Any], str], members: Any) -> dict[str, Any]:
    """Name each member; a second one of the same name stays another member."""
    named: dict[str, Any] = {}
    for member in members:
        name, count = key(member), 1
        while name in named:
            count += 1
            name = f"{key(member)}#{count}"
        named[name] = member
    return named


def merge_set(
    key: Callable[[Any], str],
    local_side: tuple[Any, Any],
    remote_side: tuple[Any, Any],
) -> tuple[list[Any], list[Any]] | None:
    """
    Merge two lists member by member, into one list for here and one for there.

    ``None`` if one member was changed in two ways. What nobody changed stays on each
    side as it is, be it respelled or absent. The remote order stays, members new here follow.
    """
    local_base, local = (_keyed(key, side) for side in local_side)
    remote_base, remote = (_keyed(key, side) for side in remote_side)
    names = _respelled(local_base, remote_base)
    local_base, local = _renamed(local_base, names), _renamed(local, names)
    merged: dict[str, Any] = {}
    untouched: set[str] = set()
    for name in [*remote, *(n for n in local if n not in remote)]:
        mine, theirs = local.get(name), remote.get(name)
        changed_here = mine != local_base.get(name)
        changed_there = theirs != remote_base.get(name)
        if changed_here and changed_there and mine != theirs:
            if mine is not None and theirs is not None:
                return None
            # Edited on one side, removed on the other: the edit is kept.
            merged[name] = theirs if mine is None else mine
        elif changed_here:
            merged[name] = mine
        elif changed_there:
            merged[name] = theirs
        else:
            merged[name] = mine
            untouched.add(name)
    there = {n: remote.get(n) if n in untouched else member for n, member in merged.items()}
    return (
        [member for member in merged.values() if member is not None],
        [member for member in there.values() if member is not None],
    )


def unseen(
    rules: Rules, names: Iterable[str], local: tuple[Plain, Plain], sent: Plain, there: Plain
) -> dict[str, Any]:
    """
    Return the fields of this side's base (``local`` is it and the view) without what never showed.

    Of ``names``, which were ``sent``, something is missing ``there``, and nobody looked in
    between. It may have been left out at once, or removed by a person since. So it is still
    an edit of this side, and its absence one of the other.
    """
    base, view = local
    doubtful: dict[str, Any] = {}
    for name in names:
        key = rules.sets.get(name)
        if key is not None:
            had, has = _loosely(key, sent.get(name)), _loosely(key, there.get(name))
            # Beside something new, what is missing may be the same member, said otherwise.
            gone = had - has if has <= had else set()
            held = _keyed(key, base.get(name) or ())
            seen = [member for called, member in held.items() if _loose(called) not in gone]
            doubtful |= {name: seen} if len(seen) < len(held) else {}
        elif view.get(name) and sent.get(name) and not there.get(name):
            doubtful[name] = there.get(name)
    return doubtful


def _loosely(key: Callable[[Any], str], members: Any) -> set[str]:
    return {_loose(name) for name in _keyed(key, members or ())}


def _conflicts(
    group: frozenset[str], base: Plain, local: Plain, remote: Plain
) -> list[FieldConflict]:
    return [
        FieldConflict(field=name, base=base.get(name), local=local[name], remote=remote[name])
        for name in sorted(group)
        if local[name] != remote[name]
    ]


def decide(merged: Merged, winner: str) -> Merged:
    """
    Settle every conflict in favour of ``winner``: ``"local"`` or ``"remote"``.

    The caller keeps the losing values: they stand in ``merged.conflicts``.
    """
    view = dict(merged.view)
    fields = frozenset(conflict.field for conflict in merged.conflicts)
    if winner == "remote":
        view.update({conflict.field: conflict.remote for conflict in merged.conflicts})
        return attrs.evolve(merged, view=view, to_local=merged.to_local | fields)
    there = {name: value for name, value in merged.there.items() if name not in fields}
    return attrs.evolve(merged, view=view, to_remote=merged.to_remote | fields, there=there)

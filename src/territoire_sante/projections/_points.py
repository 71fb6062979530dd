# SPDX-License-Identifier: Apache-2.0
"""
Contact points as an address book shows them, and back, each with its own visibility.

A card's telephones are gathered from several holders: the posts of a person,
then the person. On the way back each goes to the holder it came from, a new
one to the last. Points that this audience may not see keep their place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import attrs

from territoire_sante.errors import InvalidValueError, Problem
from territoire_sante.model import Contact, ContactPoint, ContactPointKind, Reach, Visibility
from territoire_sante.projections._contract import Opposed, nobody

_K = ContactPointKind

Points = tuple[ContactPoint, ...]

#: The list fields of a contact, and the kinds of points that each shows.
GROUPS: Final = {
    "telephones": frozenset({_K.PHONE, _K.MOBILE, _K.FAX}),
    "emails": frozenset({_K.EMAIL, _K.SECURE_EMAIL}),
    "urls": frozenset({_K.URL}),
}

_IMPLIED_TYPES: Final = {_K.MOBILE: ("cell",), _K.FAX: ("fax",)}

_SECURE_DOMAIN: Final = ".mssante.fr"


@attrs.frozen(kw_only=True)
class Rules:
    """Who looks, who is opposed, and how open a new point of each kind is at most."""

    audience: Visibility
    opposed: Opposed = nobody
    default_visibility: Callable[[ContactPointKind], Visibility]

    def shows(self, point: ContactPoint) -> bool:
        """Say whether the point may be on the card."""
        return point.visibility.may_be_seen_by(self.audience) and not self.opposed(
            point.kind, point.value
        )

    def visibility_of_new(self, kind: ContactPointKind) -> Visibility:
        """Return the narrower of the audience and the default of the kind."""
        return max(self.audience, self.default_visibility(kind), key=lambda level: level.rank)


def reach_of(point: ContactPoint) -> Reach:
    """
    Return a point as a card writes it.

    >>> reach_of(ContactPoint(kind=ContactPointKind.MOBILE, value="06 39 98 00 01")).types
    ('cell',)
    """
    return Reach(
        value=point.value,
        types=point.card_types or _IMPLIED_TYPES.get(point.kind, ()),
        label=point.label,
        pref=min(max(point.rank, 0), 100),
    )


def shown(field: str, holders: Iterable[Points], rules: Rules) -> tuple[Reach, ...]:
    """Return the list field ``field`` of the card of these holders."""
    return tuple(
        reach_of(point)
        for points in holders
        for point in points
        if point.kind in GROUPS[field] and rules.shows(point)
    )


def any_opposed(view: Contact, opposed: Opposed) -> bool:
    """Say whether the owner of one of the addresses of a card objected."""
    return any(
        opposed(_kind(field, reach), reach.value)
        for field in GROUPS
        for reach in getattr(view, field)
    )


def normalised(field: str, value: str) -> str:
    """
    Return what two spellings of one address have in common.

    >>> normalised("telephones", "+33 (0)4 65 71 00 01") == normalised("telephones", "0465710001")
    True
    """
    if field != "telephones":
        return value.strip().casefold()
    digits = re.sub(r"[^0-9+]", "", value.replace("(0)", ""))
    digits = re.sub(r"^00", "+", digits)
    return re.sub(r"^0(?=\d{9}$)", "+33", digits)


def absorbed(
    field: str, holders: Sequence[Points], reaches: Sequence[Reach], rules: Rules
) -> tuple[tuple[Points, ...], tuple[Problem, ...]]:
    """
    Return the holders' points once the card says ``reaches``, and what could not be kept.

    A known address keeps its visibility and the day it was verified; one that
    takes another's place keeps that one's visibility.
    """
    slots = [
        (holder, point)
        for holder, points in enumerate(holders)
        for point in points
        if point.kind in GROUPS[field] and rules.shows(point)
    ]
    found = _match(field, [point for _, point in slots], reaches)
    new, problems = _valid_new(field, holders, reaches, found, rules)
    found |= _replacements(slots, new, set(found.values()))
    assigned: list[list[ContactPoint]] = [[] for _ in holders]
    for number, reach in enumerate(reaches):
        if number in found:
            holder, old = slots[found[number]]
            rewritten = _rewritten(field, old, reach)
            if rewritten is None:
                problems += (_invalid(field, number, old.kind),)
            assigned[holder].append(rewritten or old)
        elif number in new:
            assigned[-1].append(new[number])
    return (
        tuple(
            _refilled(field, points, iter(assigned[holder]), rules)
            for holder, points in enumerate(holders)
        ),
        problems,
    )


def _match(field: str, points: Sequence[ContactPoint], reaches: Sequence[Reach]) -> dict[int, int]:
    """Pair reaches with points: equal ones first, then of the same text, then of one meaning."""
    keys: tuple[Callable[[Reach], object], ...] = (
        lambda reach: reach,
        lambda reach: reach.value,
        lambda reach: normalised(field, reach.value),
    )
    found: dict[int, int] = {}
    for key in keys:
        free: dict[object, list[int]] = {}
        for slot, point in enumerate(points):
            if slot not in found.values():
                free.setdefault(key(reach_of(point)), []).append(slot)
        for number, reach in enumerate(reaches):
            if number not in found and free.get(key(reach)):
                found[number] = free[key(reach)].pop(0)
    return found


def _valid_new(
    field: str,
    holders: Sequence[Points],
    reaches: Sequence[Reach],
    found: dict[int, int],
    rules: Rules,
) -> tuple[dict[int, ContactPoint], tuple[Problem, ...]]:
    """Return the points for those reaches that are not known yet and may be kept."""
    hidden = {
        normalised(field, point.value)
        for points in holders
        for point in points
        if point.kind in GROUPS[field] and not rules.shows(point)
    }
    new: dict[int, ContactPoint] = {}
    problems: list[Problem] = []
    for number, reach in enumerate(reaches):
        if number in found:
            continue
        kind = _kind(field, reach)
        place = f"$.{field}[{number}]"
        if rules.opposed(kind, reach.value):
            problems.append(Problem(place, "its owner objected to being listed"))
        elif normalised(field, reach.value) in hidden:
            problems.append(Problem(place, "known here already, with a narrower visibility"))
        else:
            try:
                new[number] = _new(kind, reach, rules.visibility_of_new(kind))
            except InvalidValueError:
                problems.append(_invalid(field, number, kind))
    return new, tuple(problems)


def _invalid(field: str, number: int, kind: ContactPointKind) -> Problem:
    return Problem(f"$.{field}[{number}]", f"not a value for {kind.name}, not taken over")


def _replacements(
    slots: Sequence[tuple[int, ContactPoint]], new: dict[int, ContactPoint], taken: set[int]
) -> dict[int, int]:
    """Pair each new point with a point of the same kind that is gone from the card."""
    gone = [slot for slot in range(len(slots)) if slot not in taken]
    pairs: dict[int, int] = {}
    for number, point in new.items():
        slot = next((slot for slot in gone if slots[slot][1].kind is point.kind), None)
        if slot is not None:
            gone.remove(slot)
            pairs[number] = slot
    return pairs


def _kind(field: str, reach: Reach) -> ContactPointKind:
    """Return the kind that the TYPE words, or the domain, of a card mean."""
    if field == "emails":
        return _K.SECURE_EMAIL if reach.value.casefold().endswith(_SECURE_DOMAIN) else _K.EMAIL
    if field == "urls":
        return _K.URL
    if "cell" in reach.types:
        return _K.MOBILE
    return _K.FAX if "fax" in reach.types else _K.PHONE


def _own_types(kind: ContactPointKind, types: tuple[str, ...]) -> tuple[str, ...]:
    return () if types == _IMPLIED_TYPES.get(kind, ()) else types


def _new(kind: ContactPointKind, reach: Reach, visibility: Visibility) -> ContactPoint:
    return ContactPoint(
        kind=kind,
        value=reach.value,
        label=reach.label,
        visibility=visibility,
        rank=reach.pref,
        card_types=_own_types(kind, reach.types),
    )


def _rewritten(field: str, old: ContactPoint, reach: Reach) -> ContactPoint | None:
    """Return ``old`` as the card has it now, ``None`` if that cannot be kept."""
    before = reach_of(old)
    if reach == before:
        return old
    retyped = reach.types != before.types
    same_address = normalised(field, old.value) == normalised(field, reach.value)
    moved = field != "telephones" and not same_address
    kind = _kind(field, reach) if retyped or moved else old.kind
    try:
        return attrs.evolve(
            old,
            kind=kind,
            value=reach.value,
            label=reach.label,
            rank=old.rank if reach.pref == before.pref else reach.pref,
            verified_on=old.verified_on if same_address else None,
            card_types=_own_types(kind, reach.types) if retyped else old.card_types,
        )
    except InvalidValueError:
        return None


def _refilled(field: str, points: Points, assigned: Iterable[ContactPoint], rules: Rules) -> Points:
    """Put the assigned points into the places of the shown ones; the others stay."""
    queue = iter(assigned)
    kept = (
        next(queue, None) if point.kind in GROUPS[field] and rules.shows(point) else point
        for point in points
    )
    return (*(point for point in kept if point is not None), *queue)

# SPDX-License-Identifier: Apache-2.0
"""Which value of two records stays, field by field, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from territoire_sante.cooperation._words import Sentence, say
from territoire_sante.cooperation.duplicates._identity import contacts_of
from territoire_sante.model import (
    ALWAYS,
    ContactPoint,
    Entity,
    Knowledge,
    LabelledEnum,
    Person,
    Tri,
    Visibility,
)

_BOTH: Final = say("Listes réunies.", "Both lists.")
_ONLY: Final = say("Seule valeur connue.", "The only value known.")
_CHOSEN: Final = say("Choisi.", "Chosen.")
_NARROWER: Final = say("Le moins visible des deux.", "The less visible of both.")
_OPPOSED: Final = say(
    "L'opposition vaut pour la personne, quelle que soit la fiche.",
    "An objection is the person's, whatever the record.",
)
_OWN: Final = say("Propre à la fiche gardée.", "The kept record's own.")
_VERIFIED: Final = say("Vérifié, l'autre non.", "Verified, the other one not.")
_NEWER: Final = say("Vérifié plus récemment.", "Verified more recently.")
_FULLER: Final = say("Plus complet.", "More complete.")
_KEPT: Final = say("Rien ne les départage : fiche gardée.", "Nothing decides: the kept record.")
_OLDER: Final = say(
    "La vérification la plus ancienne : elle vaut pour l'ensemble.",
    "The older verification, which holds for all of it.",
)

_DISPUTED: Final = say(
    "Ce que les fiches disent toutes deux ; ce qu'elles contredisent n'est pas connu.",
    "What both records say; what they contradict is not known.",
)

# What is a record's own: its card in address books, its source.
_ITS_OWN: Final = frozenset({"uid", "provenance"})


@attrs.frozen(kw_only=True)
class Choice:
    """
    One field in which two records differ: what stays, what is lost, and why.

    ``lost`` is ``None`` where nothing is; what is lost stays in the history of its record.
    """

    field: str
    value: Any
    lost: Any = None
    reason: Sentence


def choices(kept: Entity, dropped: Entity, choose: Mapping[str, Any]) -> tuple[Choice, ...]:
    """Return what is decided on each field in which the two differ."""
    found: list[Choice] = []
    for field in attrs.fields(type(kept)):
        name = field.name
        mine, theirs = getattr(kept, name), getattr(dropped, name)
        if name == "id" or (mine == theirs and name not in choose):
            continue
        if name in choose:
            lost = next((one for one in (mine, theirs) if one != choose[name]), None)
            found.append(Choice(field=name, value=choose[name], lost=lost, reason=_CHOSEN))
        else:
            found.append(_decided(name, kept, dropped))
    return tuple(found)


def _decided(name: str, kept: Entity, dropped: Entity) -> Choice:
    special = _SPECIAL.get(name)
    mine, theirs = getattr(kept, name), getattr(dropped, name)
    if special is not None:
        return special(name, kept, dropped)
    if name in _ITS_OWN and not _is_empty(mine):
        return Choice(field=name, value=mine, lost=theirs or None, reason=_OWN)
    if isinstance(mine, tuple):
        return Choice(field=name, value=united(mine, theirs), reason=_BOTH)
    if name == "uid":
        # Empty means made of the id; the card of the dropped record is another one.
        return Choice(field=name, value=mine, lost=theirs, reason=_OWN)
    if _is_empty(mine) or _is_empty(theirs):
        return Choice(field=name, value=theirs if _is_empty(mine) else mine, reason=_ONLY)
    return _contested(name, kept, dropped)


def _contested(name: str, kept: Entity, dropped: Entity) -> Choice:
    mine, theirs = getattr(kept, name), getattr(dropped, name)
    own, other = kept.verified_on, dropped.verified_on
    if own != other:
        wins = other is None or (own is not None and own > other)
        reason = _VERIFIED if own is None or other is None else _NEWER
    elif (full := _fullness(mine) - _fullness(theirs)) != 0:
        wins, reason = full > 0, _FULLER
    else:
        wins, reason = True, _KEPT
    return Choice(
        field=name,
        value=mine if wins else theirs,
        lost=theirs if wins else mine,
        reason=reason,
    )


def united(mine: tuple[Any, ...], theirs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the members of both, those of the first ahead; of one contact point, one."""
    found: dict[Any, Any] = {}
    for one in (*mine, *theirs):
        key = _key(one)
        found[key] = _joined(found[key], one) if key in found else one
    return tuple(found.values())


def _key(member: Any) -> Any:
    if isinstance(member, ContactPoint):
        return member.kind, next(contacts_of((member,)), member.value)
    return member


def _joined(one: Any, other: Any) -> Any:
    if not isinstance(one, ContactPoint):
        return one
    days = [day for day in (one.verified_on, other.verified_on) if day is not None]
    return attrs.evolve(
        one,
        visibility=_narrower(one.visibility, other.visibility),
        verified_on=max(days, default=None),
        label=one.label or other.label,
    )


def _narrower(one: Visibility, other: Visibility) -> Visibility:
    return max(one, other, key=lambda level: level.rank)


def _is_empty(value: Any) -> bool:
    return value in (None, "", (), ALWAYS) or value is Tri.UNKNOWN or value is Knowledge.UNKNOWN


def _fullness(value: Any) -> int:
    """Count what is said in a value; texts and members of enumerations say as much as others."""
    if isinstance(value, LabelledEnum) or not attrs.has(type(value)):
        return 1
    fields = (getattr(value, field.name) for field in attrs.fields(type(value)))
    return sum(not _is_empty(one) for one in fields)


def _visibility(name: str, kept: Entity, dropped: Entity) -> Choice:
    value = _narrower(kept.visibility, dropped.visibility)
    lost = kept.visibility if value is dropped.visibility else dropped.visibility
    return Choice(field=name, value=value, lost=lost, reason=_NARROWER)


def _opposed(name: str, kept: Entity, dropped: Entity) -> Choice:
    del kept, dropped  # they differ, so one of them objected
    return Choice(field=name, value=True, reason=_OPPOSED)


def _points(name: str, kept: Entity, dropped: Entity) -> Choice:
    mine, theirs = getattr(kept, name), getattr(dropped, name)
    people = (kept, dropped)
    if any(isinstance(one, Person) and one.opposed for one in people):
        return Choice(field=name, value=(), lost=united(mine, theirs), reason=_OPPOSED)
    return Choice(field=name, value=united(mine, theirs), reason=_BOTH)


def _verified(name: str, kept: Entity, dropped: Entity) -> Choice:
    days: list[dt.date] = [one.verified_on for one in (kept, dropped) if one.verified_on]
    if len(days) == 1:
        return Choice(field=name, value=days[0], reason=_ONLY)
    return Choice(field=name, value=min(days), lost=max(days), reason=_OLDER)


def _competences(name: str, kept: Entity, dropped: Entity) -> Choice:
    both = united(getattr(kept, name), getattr(dropped, name))
    opposite = "lacks" if name == "competences" else "competences"
    denied = {*getattr(kept, opposite), *getattr(dropped, opposite)}
    disputed = tuple(one for one in both if one in denied)
    if not disputed:
        return Choice(field=name, value=both, reason=_BOTH)
    value = tuple(one for one in both if one not in denied)
    return Choice(field=name, value=value, lost=disputed, reason=_DISPUTED)


_SPECIAL: Final[Mapping[str, Callable[[str, Entity, Entity], Choice]]] = {
    "visibility": _visibility,
    "opposed": _opposed,
    "contact_points": _points,
    "verified_on": _verified,
    "competences": _competences,
    "lacks": _competences,
}

# SPDX-License-Identifier: Apache-2.0
"""What several rules ask of a snapshot: where a team works, who looks after it, what is absent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from territoire_sante.cooperation._words import Sentence, say
from territoire_sante.cooperation.rules._finding import Evidence
from territoire_sante.cooperation.rules._rule import Parameter, Value, View
from territoire_sante.model import (
    Actor,
    ActorKind,
    ActorStatus,
    CommuneCode,
    Entity,
    Institution,
    LabelledEnum,
    Role,
    Territory,
)

_COMMUNE: Final = "commune:"


def fact(entity: Entity, *fields: str) -> tuple[Evidence, ...]:
    """
    Return fields of an entity as evidence; a path such as ``team.committed_on`` goes into parts.

    Without fields the entity itself is the evidence.
    """
    if not fields:
        return (Evidence(id=entity.id),)
    return tuple(Evidence(id=entity.id, field=one, value=_plain(entity, one)) for one in fields)


def _plain(entity: Entity, path: str) -> str:
    value: object = entity
    for name in path.split("."):
        value = getattr(value, name)
    if isinstance(value, LabelledEnum):
        return str(value.value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def named(ids: Iterable[str]) -> tuple[Evidence, ...]:
    """Return entities as evidence."""
    return tuple(Evidence(id=one) for one in ids)


def parameter(name: str, default: Value, fr: str, en: str) -> Parameter:
    """Return a parameter."""
    return Parameter(name=name, default=default, meaning=Sentence(fr=fr, en=en))


def listed(names: Iterable[str | Sentence]) -> Sentence:
    """
    Join names with commas.

    >>> listed(["a", Sentence(fr="b", en="c")])
    Sentence(fr='a, b', en='a, c')
    """
    both = [one if isinstance(one, Sentence) else Sentence(fr=one, en=one) for one in names]
    return Sentence(fr=", ".join(one.fr for one in both), en=", ".join(one.en for one in both))


def label(member: LabelledEnum) -> Sentence:
    """Return the two labels of a member."""
    return Sentence(fr=member.label_fr, en=member.label_en)


def is_care_team(actor: Actor) -> bool:
    """Say whether the reports speak of it: an MSP or a primary-care team that is at work."""
    return actor.kind in (ActorKind.MSP, ActorKind.ESP) and actor.status is ActorStatus.ACTIVE


def commune_code(territory_id: str) -> str:
    """Return the INSEE code in the id of a commune; ``""`` if it is another id, or no code."""
    code = territory_id.removeprefix(_COMMUNE)
    return code if code != territory_id and CommuneCode.PATTERN.fullmatch(code) else ""


def seat(actor: Actor) -> str:
    """Return the INSEE code of the commune where it sits; ``""`` if that is not known."""
    return commune_code(actor.territory_id)


def communes(view: View, actor: Actor) -> tuple[str, ...]:
    """Return the communes that it works for: where it sits, else those of its coverage."""
    if seat(actor):
        return (seat(actor),)
    places = (one for one in (actor.territory_id, *actor.coverage) if one)
    return tuple(dict.fromkeys(code for one in places for code in communes_in(view, one)))


def communes_in(view: View, territory_id: str) -> tuple[str, ...]:
    """Return the communes of a territory, itself if it is one."""
    if code := commune_code(territory_id):
        return (code,)
    codes = view.snapshot.communes_of(territory_id)
    return tuple(one for one in codes if CommuneCode.PATTERN.fullmatch(one))


def upwards(view: View, territory_id: str) -> tuple[str, ...]:
    """Return a territory and those that it lies in."""
    if commune_code(territory_id):
        return view.snapshot.places_of(territory_id)
    territory = view.snapshot.find(Territory, territory_id)
    return (territory_id, *(territory.parent_ids if territory else ()))


def places(view: View, actor: Actor) -> tuple[str, ...]:
    """Return the territories that it sits in or serves, and those that these lie in."""
    own = (one for one in (actor.territory_id, *actor.coverage) if one)
    return tuple(dict.fromkeys(place for one in own for place in upwards(view, one)))


def lacks(view: View, actor: Actor, what: Institution) -> bool:
    """Say whether it is known that no territory that it sits in or serves has the institution."""
    own = [one for one in (actor.territory_id, *actor.coverage) if one]
    return bool(own) and all(is_absent(view, upwards(view, one), what) for one in own)


def is_absent(view: View, place_ids: Iterable[str], what: Institution) -> bool:
    """Say whether somebody made sure that one of these territories has no such institution."""
    territories = (view.snapshot.find(Territory, one) for one in place_ids)
    return any(one is not None and what in one.absent for one in territories)


def team_of(view: View, *actor_ids: str) -> str:
    """Return the first of these actors that is a care team, or ``""``."""
    actors = (view.snapshot.find(Actor, one) for one in actor_ids if one)
    return next((one.id for one in actors if one is not None and one.kind.is_care_team), "")


def ground_of(view: View, *actor_ids: str) -> str:
    """Return where the first of these actors sits or works, as far as that is known."""
    actors = (view.snapshot.find(Actor, one) for one in actor_ids if one)
    return next((place for one in actors if one is not None for place in _ground(one)), "")


def _ground(actor: Actor) -> Iterator[str]:
    yield from (one for one in (actor.territory_id, *actor.coverage) if one)


def elected_roles(view: View, person_id: str) -> Iterator[Role]:
    """Yield the mandates that a person holds on the day."""
    for one in view.snapshot.appointments_of(person_id):
        if one.role.is_elected and one.active_on(view.today):
            yield one.role


def called(view: View, entity_id: str) -> Sentence:
    """Return the name of an entity in the quotation marks of each language."""
    return say("« {name} »", "“{name}”", name=view.name(entity_id))

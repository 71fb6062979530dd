# SPDX-License-Identifier: Apache-2.0
"""
Whether the three parties of a tripartite convention are what their roles say.

A CLS is no legal person: its party is the body that carries the contract, or the ARS.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Final

import attrs

from territoire_sante.cooperation._words import Sentence, say
from territoire_sante.model import (
    Actor,
    ActorKind,
    Convention,
    ConventionKind,
    LocalHealthContract,
    Party,
    PartyRole,
    Tri,
)
from territoire_sante.snapshot import Snapshot

_ARS: Final = frozenset({ActorKind.ARS, ActorKind.ARS_DD})


@attrs.frozen(kw_only=True)
class PartyCheck:
    """
    One thing that was looked at: for which role and actor, how it turned out, and why.

    ``holds`` is UNKNOWN where the store does not say; then nothing is wrong, but something
    is to be found out.
    """

    role: PartyRole
    actor_id: str = ""
    holds: Tri
    why: Sentence


def check_parties(
    snapshot: Snapshot, convention: Convention, *, today: dt.date
) -> tuple[PartyCheck, ...]:
    """
    Look at the parties of a tripartite convention, role by role; nothing for other kinds.

    Each of the three roles must be there, filled by an actor of its own: a care team; the body that
    carries the CLS of the territory, or the ARS; an authority whose territory the convention
    touches. Whoever speaks for a party must hold a post there on this day.
    """
    if convention.kind is not ConventionKind.TRIPARTITE_PARTNERSHIP:
        return ()
    parties = (_party(snapshot, convention, one, today) for one in convention.parties)
    return tuple(itertools.chain(_roles(convention), *parties))


def _roles(convention: Convention) -> Iterator[PartyCheck]:
    for role in convention.missing_roles():
        yield PartyCheck(
            role=role,
            holds=Tri.NO,
            why=say(
                "Personne n'est partie comme : {role}.",
                "Nobody is party as: {role}.",
                role=Sentence(fr=role.label_fr, en=role.label_en),
            ),
        )
    doubled = convention.doubled_parties()
    for party in convention.parties:
        if party.actor_id in doubled:
            yield PartyCheck(
                role=party.role,
                actor_id=party.actor_id,
                holds=Tri.NO,
                why=say("Tient deux des trois rôles.", "Fills two of the three roles."),
            )


def _party(
    snapshot: Snapshot, convention: Convention, party: Party, today: dt.date
) -> Iterator[PartyCheck]:
    actor = snapshot.find(Actor, party.actor_id)
    if actor is None:
        holds, why = Tri.UNKNOWN, say("L'acteur n'est pas enregistré.", "The actor is not stored.")
    elif party.role is PartyRole.MSP:
        holds = Tri.of(actor.kind.is_care_team or actor.kind is ActorKind.SISA)
        why = _kind("équipe de soins", "care team", actor, holds)
    elif party.role is PartyRole.CLS:
        holds, why = _carries(snapshot, convention, actor, today)
    elif party.role is PartyRole.COLLECTIVITE:
        holds, why = _authority(snapshot, convention, actor)
    else:
        return
    yield PartyCheck(role=party.role, actor_id=party.actor_id, holds=holds, why=why)
    if party.representative_id:
        yield _speaks(snapshot, party, today)


def _kind(fr: str, en: str, actor: Actor, holds: Tri) -> Sentence:
    kind = Sentence(fr=actor.kind.label_fr, en=actor.kind.label_en)
    wanted = Sentence(fr=fr, en=en)
    if holds is Tri.YES:
        return say("{kind}.", "{kind}.", kind=kind)
    return say(
        "Il faut une {wanted} ; c'est : {kind}.",
        "A {wanted} is needed; this is: {kind}.",
        wanted=wanted,
        kind=kind,
    )


def _carries(
    snapshot: Snapshot, convention: Convention, actor: Actor, today: dt.date
) -> tuple[Tri, Sentence]:
    if actor.kind in _ARS:
        return Tri.YES, say("L'ARS parle pour le CLS.", "The ARS speaks for the CLS.")
    contracts = [
        one
        for one in snapshot.referring(LocalHealthContract, "carrier_id", actor.id)
        if one.active_on(today)
    ]
    if not contracts:
        return Tri.UNKNOWN, say(
            "Aucun CLS en cours n'est connu, dont elle est porteuse.",
            "No running CLS is known that it carries.",
        )
    here = _communes(snapshot, convention.territory_id)
    for contract in contracts:
        if not here or here & _communes(snapshot, contract.territory_id):
            return Tri.YES, say("Porte « {cls} ».", "Carries “{cls}”.", cls=contract.name)
    return Tri.NO, say(
        "« {cls} » est un autre territoire.", "“{cls}” is another area.", cls=contracts[0].name
    )


def _authority(snapshot: Snapshot, convention: Convention, actor: Actor) -> tuple[Tri, Sentence]:
    if not actor.kind.is_public_authority:
        return Tri.NO, _kind("collectivité", "local authority", actor, Tri.NO)
    here = _communes(snapshot, convention.territory_id)
    there = _communes(snapshot, actor.territory_id)
    if not here or not there:
        return Tri.UNKNOWN, say(
            "Les territoires ne sont pas tous connus.", "Not all territories are known."
        )
    if here & there:
        return Tri.YES, say("Son territoire est concerné.", "Its territory is concerned.")
    return Tri.NO, say("Son territoire n'est pas concerné.", "Its territory is not concerned.")


def _communes(snapshot: Snapshot, territory_id: str) -> frozenset[str]:
    return frozenset(snapshot.communes_of(territory_id)) if territory_id else frozenset()


def _speaks(snapshot: Snapshot, party: Party, today: dt.date) -> PartyCheck:
    posts = [
        one
        for one in snapshot.appointments_of(party.representative_id)
        if one.actor_id == party.actor_id
    ]
    name = snapshot.name_of(party.representative_id)
    if any(one.period.contains(today) for one in posts):
        holds, why = Tri.YES, say("{name} y a un mandat.", "{name} holds a post there.", name=name)
    elif posts:
        holds = Tri.NO
        why = say("Le mandat de {name} est fini.", "The post of {name} is over.", name=name)
    else:
        holds = Tri.UNKNOWN
        why = say(
            "Aucun mandat de {name} n'y est connu.", "No post of {name} there is known.", name=name
        )
    return PartyCheck(role=party.role, actor_id=party.actor_id, holds=holds, why=why)

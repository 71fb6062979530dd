# SPDX-License-Identifier: Apache-2.0
"""What is missing on a step of the ladder, and who could mend it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from territoire_sante.cooperation._liaison import Gap, StepState
from territoire_sante.cooperation._relay import Place, Rung
from territoire_sante.cooperation._rungs import bodies_of
from territoire_sante.cooperation._words import Sentence, say
from territoire_sante.model import Actor, ActorKind, Territory

#: Above this number of inhabitants a commune must have a CCAS (CASF L123-4).
CCAS_FROM: Final = 1500

_K = ActorKind


@attrs.frozen
class _Todo:
    """What to do, and the kinds of actors who could, the best placed first."""

    fr: str
    en: str
    by: tuple[ActorKind, ...]


_RECORD: Final[Mapping[Rung, _Todo]] = {
    Rung.CLS_COORDINATOR: _Todo(
        "Renseigner la coordination du contrat local de santé.",
        "Record who coordinates the local health contract.",
        (_K.PETR, _K.EPCI, _K.ARS_DD, _K.ARS),
    ),
    Rung.MSP_COORDINATOR: _Todo(
        "Renseigner la coordination de l'équipe de soins.",
        "Record who coordinates the care team.",
        (_K.MSP, _K.ESP, _K.CENTRE_SANTE, _K.FEDERATION),
    ),
    Rung.CCAS: _Todo(
        "Renseigner un contact du CCAS.",
        "Record a contact of the social-action centre.",
        (_K.CCAS, _K.CIAS, _K.COMMUNE),
    ),
    Rung.DAC: _Todo(
        "Renseigner un contact du DAC.",
        "Record a contact of the coordination support body.",
        (_K.DAC, _K.ARS_DD, _K.ARS),
    ),
    Rung.HEALTH_REFERENT: _Todo(
        "Renseigner un contact du référent santé.",
        "Record a contact of the health referent.",
        (_K.COMMUNE, _K.EPCI),
    ),
    Rung.EPCI: _Todo(
        "Renseigner un contact de l'intercommunalité.",
        "Record a contact of the intercommunal body.",
        (_K.EPCI, _K.COMMUNE),
    ),
}
_ASK: Final[Mapping[Rung, _Todo]] = {
    Rung.CLS_COORDINATOR: _Todo(
        "Savoir si un contrat local de santé couvre la commune.",
        "Find out whether a local health contract covers the commune.",
        (_K.ARS_DD, _K.ARS, _K.EPCI),
    ),
    Rung.MSP_COORDINATOR: _Todo(
        "Recenser les équipes de soins de la commune.",
        "List the care teams of the commune.",
        (_K.FEDERATION, _K.ARS_DD, _K.ARS),
    ),
    Rung.CCAS: _Todo(
        "Savoir qui porte l'action sociale de la commune.",
        "Find out who is in charge of social action in the commune.",
        (_K.COMMUNE, _K.EPCI),
    ),
    Rung.DAC: _Todo(
        "Savoir quel DAC couvre la commune.",
        "Find out which coordination support body covers the commune.",
        (_K.ARS_DD, _K.ARS),
    ),
    Rung.HEALTH_REFERENT: _Todo(
        "Désigner un référent santé : aucun contrat local de santé n'est connu.",
        "Name a health contact: no local health contract is known.",
        (_K.COMMUNE, _K.EPCI),
    ),
    Rung.EPCI: _Todo(
        "Renseigner l'intercommunalité de la commune.",
        "Record the intercommunal body of the commune.",
        (_K.COMMUNE,),
    ),
}


def gap_of(place: Place, rung: Rung, state: StepState) -> tuple[Gap, ...]:
    """
    Return what is missing on a step in this state.

    What is known to be absent is nothing that is missing, but for the health contact: that one
    is to be named where there is no contract.
    """
    if state is StepState.INCOMPLETE:
        todo = _RECORD[rung]
    elif state is StepState.UNKNOWN or (state is StepState.ABSENT and rung is Rung.HEALTH_REFERENT):
        todo = _ASK[rung]
    else:
        return ()
    by = _able(place, rung, todo)
    return (Gap(rung=rung, what=_what(place, rung, todo), fill_by=by, who=_who(place, by, todo)),)


def _able(place: Place, rung: Rung, todo: _Todo) -> tuple[str, ...]:
    """Return the actors who could mend it, the best placed first."""
    carriers = bodies_of(place, rung) if rung is Rung.CLS_COORDINATOR else ()
    found = [one.id for one in carriers]
    covering = [one for one in place.snapshot.covering(Actor, place.commune) if place.sees(one)]
    for kind in todo.by:
        found += [one.id for one in covering if one.kind is kind]
    return tuple(dict.fromkeys(found))


def _what(place: Place, rung: Rung, todo: _Todo) -> Sentence:
    what = Sentence(fr=todo.fr, en=todo.en)
    commune = place.snapshot.find(Territory, f"commune:{place.commune}")
    inhabitants = commune.population if commune is not None else None
    if rung is Rung.CCAS and inhabitants is not None and inhabitants > CCAS_FROM:
        return say(
            "{what} Au-dessus de 1 500 habitants, un CCAS est obligatoire (CASF L123-4).",
            "{what} Above 1,500 inhabitants a CCAS is compulsory (CASF L123-4).",
            what=what,
        )
    return what


def _who(place: Place, by: tuple[str, ...], todo: _Todo) -> Sentence:
    if by:
        names = ", ".join(place.snapshot.name_of(one) for one in by[:2])
        return say("Qui peut le faire : {names}.", "Who can do it: {names}.", names=names)
    kinds = todo.by[:2]
    return say(
        "Qui peut le faire : {names} (à renseigner).",
        "Who can do it: {names} (to be recorded).",
        names=Sentence(
            fr=", ".join(kind.label_fr for kind in kinds),
            en=", ".join(kind.label_en for kind in kinds),
        ),
    )

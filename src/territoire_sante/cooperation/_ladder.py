# SPDX-License-Identifier: Apache-2.0
"""
The ladder from a commune to its relay ("tiers de liaison").

From the reports of 2025: the relays are "CLS, coordinateurs MSP, CCAS, DAC"; a health contact is to
be named "en l'absence de CLS"; one should "contacter le CLS ou la communauté de communes".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final

from territoire_sante.cooperation._gaps import gap_of
from territoire_sante.cooperation._liaison import Liaison, Need, Step, StepState
from territoire_sante.cooperation._relay import Place, Relay, Rung
from territoire_sante.cooperation._rungs import LOOKS, bodies_of, contracts, relays, said_absent
from territoire_sante.cooperation._words import Sentence, day_words, say
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import ClsStage, Visibility
from territoire_sante.snapshot import Snapshot, commune_code

#: Whom to try first for a need; the others follow in the order of the ladder.
_FIRST: Final[Mapping[Need, Rung]] = {
    Need.TERRITORY: Rung.CLS_COORDINATOR,
    Need.CARE_TEAM: Rung.MSP_COORDINATOR,
    Need.SOCIAL: Rung.CCAS,
    Need.COMPLEX_CARE: Rung.DAC,
    Need.TENSION: Rung.EPCI,
}

_NOUNS: Final[Mapping[Rung, tuple[str, str]]] = {
    Rung.CLS_COORDINATOR: ("un contrat local de santé", "a local health contract"),
    Rung.MSP_COORDINATOR: ("une équipe de soins", "a care team"),
    Rung.CCAS: ("un CCAS ou un CIAS", "a social-action centre"),
    Rung.DAC: ("un dispositif d'appui à la coordination", "a coordination support body"),
    Rung.HEALTH_REFERENT: ("un référent santé", "a health contact"),
    Rung.EPCI: ("une intercommunalité", "an intercommunal body"),
}
_POSTS: Final[Mapping[Rung, tuple[str, str]]] = {
    Rung.CLS_COORDINATOR: ("coordination", "coordinator"),
    Rung.MSP_COORDINATOR: ("coordination", "coordinator"),
}


def liaison_for(
    snapshot: Snapshot,
    commune: str,
    need: Need | str = Need.ANY,
    *,
    today: dt.date,
    audience: Visibility = Visibility.TEAM,
) -> Liaison:
    """
    Find the relay of a commune, and say why it is this one and what is missing.

    ``commune`` is an INSEE code or the id of a commune, ``need`` a :class:`Need` or its value. The
    first step of the ladder with somebody who can be reached answers. What ``audience``
    may not see does not appear, and counts as not known.

    Raises:
        InvalidValueError: ``commune`` is no commune, or ``need`` is none.
    """
    wanted = _need(need)
    place = Place(snapshot=snapshot, commune=commune_code(commune), today=today, audience=audience)
    first = _FIRST.get(wanted)
    order = sorted(Rung, key=lambda rung: rung is not first)
    steps = tuple(_step(place, rung) for rung in order)
    reached = [one for step in steps for one in step.relays if one.reachable]
    return Liaison(
        commune=place.commune,
        need=wanted,
        today=today,
        found=reached[0] if reached else None,
        others=tuple(reached[1:]),
        why=steps,
        missing=tuple(gap for step in steps for gap in step.gaps),
    )


def _need(need: Need | str) -> Need:
    for one in Need:
        if need in (one, one.value):
            return one
    raise InvalidValueError(
        f"{need!r} is no need",
        where="need",
        remedy=f"Write one of {', '.join(one.value for one in Need)}",
    )


def _step(place: Place, rung: Rung) -> Step:
    known = relays(place, rung)
    if any(one.reachable for one in known):
        best = next(one for one in known if one.reachable)
        return Step(rung=rung, state=StepState.FOUND, why=_found(place, best), relays=known)
    if known:
        why = say(
            "{name} : aucun moyen de contact n'est renseigné.",
            "{name}: no way of contact is recorded.",
            name=known[0].name,
        )
        return _stopped(place, rung, StepState.INCOMPLETE, why, known)
    state, why = _SPECIAL.get(rung, _without)(place, rung)
    return _stopped(place, rung, state, why)


def _stopped(
    place: Place, rung: Rung, state: StepState, why: Sentence, known: tuple[Relay, ...] = ()
) -> Step:
    return Step(rung=rung, state=state, why=why, relays=known, gaps=gap_of(place, rung, state))


def _found(place: Place, best: Relay) -> Sentence:
    label = Sentence(fr=best.rung.label_fr, en=best.rung.label_en)
    active = [one for one in contracts(place) if one.active_on(place.today)]
    if best.rung is Rung.CLS_COORDINATOR and active:
        return say(
            "{label} : {name}, pour « {cls} », qui couvre {commune}.",
            "{label}: {name}, for “{cls}”, which covers {commune}.",
            label=label,
            name=best.name,
            cls=active[0].name,
            commune=place.name,
        )
    return say(
        "{label} : {name}, pour {commune}.",
        "{label}: {name}, for {commune}.",
        label=label,
        name=best.name,
        commune=place.name,
    )


def _without(place: Place, rung: Rung) -> tuple[StepState, Sentence]:
    """Say of a step without anybody whether that is known to be so."""
    bodies = bodies_of(place, rung)
    if bodies and rung in _POSTS:
        return StepState.INCOMPLETE, say(
            "{body} couvre {commune}, mais sa {post} n'est pas renseignée.",
            "{body} covers {commune}, but its {post} is not recorded.",
            body=bodies[0].name,
            commune=place.name,
            post=Sentence(fr=_POSTS[rung][0], en=_POSTS[rung][1]),
        )
    noun = Sentence(fr=_NOUNS[rung][0], en=_NOUNS[rung][1])
    if said_absent(place, LOOKS[rung].institution):
        return StepState.ABSENT, say(
            "Vérifié : il n'y a pas {noun} pour {commune}.",
            "Made sure: there is no {noun} for {commune}.",
            noun=Sentence(fr=_none(noun.fr), en=noun.en.split(" ", 1)[1]),
            commune=place.name,
        )
    return StepState.UNKNOWN, say(
        "On ne sait pas s'il y a {noun} pour {commune}.",
        "It is not known whether there is {noun} for {commune}.",
        noun=noun,
        commune=place.name,
    )


def _none(noun: str) -> str:
    """
    Return a noun after a negation.

    >>> _none("un CCAS ou un CIAS"), _none("une équipe de soins"), _none("une intercommunalité")
    ('de CCAS ni de CIAS', "d'équipe de soins", "d'intercommunalité")
    """
    words = noun.replace(" ou un ", " ni de ").split(" ", 1)[1]
    return f"d'{words}" if words[0] in "aeéiouy" else f"de {words}"


def _without_cls(place: Place, rung: Rung) -> tuple[StepState, Sentence]:
    found = contracts(place)
    active = [one for one in found if one.active_on(place.today)]
    if active:
        return StepState.INCOMPLETE, say(
            "« {cls} » couvre {commune}, mais sa coordination n'est pas renseignée.",
            "“{cls}” covers {commune}, but its coordinator is not recorded.",
            cls=active[0].name,
            commune=place.name,
        )
    over = [one for one in found if one.stage in (ClsStage.ENDED, ClsStage.RENEWED)]
    over += [one for one in found if (end := one.end_on()) is not None and end < place.today]
    coming = [one for one in found if one not in over]
    if coming:
        return StepState.ABSENT, say(
            "« {cls} » n'est pas encore en vigueur ({stage}).",
            "“{cls}” is not in force yet ({stage}).",
            cls=coming[0].name,
            stage=Sentence(
                fr=coming[0].stage.label_fr.lower(), en=coming[0].stage.label_en.lower()
            ),
        )
    if over:
        return StepState.ABSENT, _over(over[0].name, over[0].end_on())
    return _without(place, rung)


def _over(name: str, end: dt.date | None) -> Sentence:
    if end is None:
        return say("« {cls} » est terminé.", "“{cls}” is over.", cls=name)
    return say(
        "« {cls} » a pris fin le {day}.", "“{cls}” ended on {day}.", cls=name, day=day_words(end)
    )


def _without_referent(place: Place, rung: Rung) -> tuple[StepState, Sentence]:
    active = [one for one in contracts(place) if one.active_on(place.today)]
    if active:
        return StepState.NOT_NEEDED, say(
            "Pas de référent santé à désigner : « {cls} » couvre {commune}.",
            "No health contact needs to be named: “{cls}” covers {commune}.",
            cls=active[0].name,
            commune=place.name,
        )
    return _without(place, rung)


def _without_epci(place: Place, rung: Rung) -> tuple[StepState, Sentence]:
    epci = place.snapshot.epci_of(place.commune)
    if epci is None:
        return _without(place, rung)
    return StepState.INCOMPLETE, say(
        "{commune} fait partie de {epci}, dont aucun contact n'est renseigné.",
        "{commune} is part of {epci}, of which no contact is recorded.",
        commune=place.name,
        epci=epci.name,
    )


_SPECIAL: Final[Mapping[Rung, Callable[[Place, Rung], tuple[StepState, Sentence]]]] = {
    Rung.CLS_COORDINATOR: _without_cls,
    Rung.HEALTH_REFERENT: _without_referent,
    Rung.EPCI: _without_epci,
}

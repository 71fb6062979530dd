# SPDX-License-Identifier: Apache-2.0
"""Rules on levers: known to the teams, ready to be asked for, and answered in time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from territoire_sante.cooperation._words import Sentence, day_words, say
from territoire_sante.cooperation.rules import _quotes as quotes
from territoire_sante.cooperation.rules._finding import Severity
from territoire_sante.cooperation.rules._ground import (
    called,
    commune_code,
    communes,
    fact,
    ground_of,
    is_absent,
    is_care_team,
    label,
    listed,
    named,
    team_of,
)
from territoire_sante.cooperation.rules._rule import Hit, Rule, View
from territoire_sante.model import (
    Actor,
    ActorKind,
    AwarenessLevel,
    Channel,
    Institution,
    Knowledge,
    Lever,
    LeverFamily,
    LeverOffer,
    LeverRequest,
    OfferState,
    Territory,
    TerritoryKind,
    Tri,
)

_F = LeverFamily
_FAMILIES: Final = (_F.COMMUNICATION, _F.LOGISTICS, _F.PREMISES, _F.MOBILITY, _F.HUMAN)
_NAMED: Final = 5


def lever_unknown(view: View, team: Actor) -> Iterator[Hit]:
    """Find teams that do not know levers which are open to them."""
    if not is_care_team(team):
        return
    awareness = view.snapshot.awareness_of(team.id)
    if not awareness:
        return  # nobody keeps here what this team knows
    unknown = [
        lever
        for lever in _around(view, team)
        if lever.id not in awareness or awareness[lever.id].level is AwarenessLevel.UNKNOWN
    ]
    if unknown:
        first = listed(called(view, one.id) for one in unknown[:_NAMED])
        more = len(unknown) > _NAMED
        yield Hit(
            subject=team,
            message=say(
                "{team} ne connaît pas {count} levier(s) qui lui sont ouverts : {first}{more}.",
                "{team} does not know {count} lever(s) that are open to it: {first}{more}.",
                team=called(view, team.id),
                count=str(len(unknown)),
                first=first,
                more="…" if more else "",
            ),
            evidence=named(one.id for one in unknown),
            territory_id=team.territory_id,
            team_id=team.id,
        )


def _around(view: View, team: Actor) -> list[Lever]:
    found = {
        one.id: one
        for code in communes(view, team)
        for one in view.snapshot.covering(Lever, code)
        if one.holder_id != team.id
    }
    return [found[one] for one in sorted(found) if _is_open(view, found[one], team)]


def _is_open(view: View, lever: Lever, team: Actor) -> bool:
    return any(
        offer.available_on(view.today) and offer.open_to(team.id, team.kind) is not Tri.NO
        for offer in view.snapshot.offers_of(lever.id)
    )


def lever_not_actionable(view: View, lever: Lever) -> Iterator[Hit]:
    """Find levers that are offered, but whose sheet does not say enough to ask for them."""
    offers = [one for one in view.snapshot.offers_of(lever.id) if one.state is OfferState.PUBLISHED]
    if not offers:
        return
    reachable = any(
        one.contact is not None or one.contact_id or one.request_url for one in offers
    ) or _has_contact(view, lever.holder_id)
    told = any(one.conditions.strip() or one.lead_time is not Knowledge.UNKNOWN for one in offers)
    lacking = [
        word
        for missing, word in (
            (not lever.holder_id, Sentence(fr="qui décide", en="who decides")),
            (not reachable, Sentence(fr="qui contacter", en="whom to contact")),
            (not told, Sentence(fr="conditions ou délai", en="conditions or lead time")),
            (not lever.coverage, Sentence(fr="territoire couvert", en="area covered")),
        )
        if missing
    ]
    if lacking:
        yield Hit(
            subject=lever,
            message=say(
                "La fiche du levier {lever} ne dit pas : {lacking}.",
                "The sheet of the lever {lever} does not say: {lacking}.",
                lever=called(view, lever.id),
                lacking=listed(lacking),
            ),
            evidence=(*fact(lever, "holder_id", "coverage"), *named(one.id for one in offers)),
            territory_id=next(iter(lever.coverage), "") or ground_of(view, lever.holder_id),
        )


def _has_contact(view: View, actor_id: str) -> bool:
    actor = view.snapshot.find(Actor, actor_id)
    return actor is not None and bool(actor.contact_points)


def lever_family_gap(view: View, holder: Actor) -> Iterator[Hit]:
    """Find authorities whose levers are listed here, but none of some families."""
    if holder.kind not in (ActorKind.COMMUNE, ActorKind.EPCI):
        return
    levers = view.snapshot.levers_of(holder.id)
    there = {family for lever in levers for family in lever.families}
    missing = [family for family in _FAMILIES if family not in there]
    if levers and missing:
        yield Hit(
            subject=holder,
            message=say(
                "Aucun levier noté de {holder} pour : {families}.",
                "No lever of {holder} is recorded for: {families}.",
                holder=called(view, holder.id),
                families=listed(label(one) for one in missing),
            ),
            evidence=named(one.id for one in levers),
            territory_id=holder.territory_id,
        )


def no_channel(view: View, territory: Territory) -> Iterator[Hit]:
    """Find communes that are known to have no channel to their inhabitants."""
    code = commune_code(territory.id)
    if territory.kind is not TerritoryKind.COMMUNE or not code:
        return
    if view.snapshot.referring(Channel, "communes", code):
        return
    if is_absent(view, view.snapshot.places_of(code), Institution.ANNOUNCEMENT_CHANNEL):
        yield Hit(
            subject=territory,
            message=say(
                "{commune} n'a aucun canal d'information aux habitants.",
                "{commune} has no channel to inform its inhabitants.",
                commune=called(view, territory.id),
            ),
            evidence=fact(territory, "absent"),
            territory_id=territory.id,
        )


def request_unanswered(view: View, request: LeverRequest) -> Iterator[Hit]:
    """Find requests whose answer is late."""
    if not request.overdue(view.today) or request.due_answer_on is None:
        return
    offer = view.snapshot.find(LeverOffer, request.offer_id)
    lever_id = request.lever_id or (offer.lever_id if offer else "")
    yield Hit(
        subject=request,
        message=say(
            "La demande de {who} ({what}) attend une réponse depuis le {day}.",
            "The request of {who} ({what}) has awaited an answer since {day}.",
            who=called(view, request.requester_id),
            what=view.name(lever_id) if lever_id else request.need or request.id,
            day=day_words(request.due_answer_on),
        ),
        evidence=(
            *fact(request, "submitted_on", "due_answer_on", "state"),
            *named([lever_id] if lever_id else []),
        ),
        territory_id=ground_of(view, request.requester_id),
        team_id=team_of(view, request.requester_id),
    )


RULES: Final = (
    Rule(
        code="TS026",
        name="lever-unknown-to-msp",
        title=Sentence(fr="Leviers mal identifiés", en="Levers that are not known"),
        severity=Severity.WARNING,
        about=(Actor,),
        check=lever_unknown,
        quote=quotes.UNKNOWN_MEANS,
        action=Sentence(
            fr="Envoyer à l'équipe la liste des leviers qu'elle ne connaît pas.",
            en="Send the team the list of the levers that it does not know.",
        ),
        unknown=Sentence(
            fr="ce que l'équipe connaît n'est suivi pour aucun levier",
            en="what the team knows is followed for no lever at all",
        ),
    ),
    Rule(
        code="TS027",
        name="lever-not-actionable",
        title=Sentence(fr="Fiche de levier incomplète", en="Lever with an incomplete sheet"),
        severity=Severity.WARNING,
        about=(Lever,),
        check=lever_not_actionable,
        quote=quotes.FEW_SEEN,
        action=Sentence(fr="Compléter la fiche.", en="Complete the sheet."),
        unknown=Sentence(fr="aucune offre n'est publiée", en="no offer is published"),
    ),
    Rule(
        code="TS028",
        name="lever-family-gap",
        title=Sentence(fr="Famille de leviers sans fiche", en="Family of levers without a sheet"),
        severity=Severity.INFO,
        about=(Actor,),
        check=lever_family_gap,
        quote=quotes.LEVERS,
        action=Sentence(
            fr="Compléter l'inventaire avec la collectivité ; le PCS liste déjà ses moyens.",
            en="Complete the inventory with the authority; its safeguard plan lists its means.",
        ),
        unknown=Sentence(
            fr="aucun levier de la collectivité n'est noté",
            en="no lever of the authority is recorded",
        ),
    ),
    Rule(
        code="TS029",
        name="no-communication-channel",
        title=Sentence(fr="Aucun canal d'information", en="No channel to inhabitants"),
        severity=Severity.INFO,
        about=(Territory,),
        check=no_channel,
        quote=quotes.CHANNELS,
        action=Sentence(
            fr="Passer par le canal de l'intercommunalité, l'affichage ou le bulletin.",
            en="Use the channel of the intercommunal body, posters or the bulletin.",
        ),
        unknown=Sentence(
            fr="l'absence de canal n'est pas vérifiée", en="nobody made sure that there is none"
        ),
    ),
    Rule(
        code="TS031",
        name="request-unanswered",
        title=Sentence(fr="Demande sans réponse", en="Request without an answer"),
        severity=Severity.WARNING,
        about=(LeverRequest,),
        check=request_unanswered,
        quote=quotes.LIAISON,
        action=Sentence(
            fr="Relancer, puis passer par le tiers de liaison.",
            en="Remind them, then go through the relay.",
        ),
        unknown=Sentence(fr="date de réponse attendue inconnue", en="no day is set for the answer"),
    ),
)

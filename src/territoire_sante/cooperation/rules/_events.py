# SPDX-License-Identifier: Apache-2.0
"""Rules on meetings: teams and officials see each other regularly, and on the ground."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from territoire_sante.cooperation._words import Sentence, duration_words, say
from territoire_sante.cooperation.rules import _quotes as quotes
from territoire_sante.cooperation.rules._finding import Severity
from territoire_sante.cooperation.rules._ground import (
    called,
    elected_roles,
    fact,
    ground_of,
    is_care_team,
    named,
    parameter,
    team_of,
)
from territoire_sante.cooperation.rules._meetings import held
from territoire_sante.cooperation.rules._rule import Hit, Rule, View
from territoire_sante.model import (
    Actor,
    Appointment,
    Duration,
    Event,
    EventKind,
    Invitation,
    LocalHealthContract,
    Role,
)

_K = EventKind
_TOGETHER: Final = (
    _K.REGULAR_MEETING,
    _K.EVENING_EXCHANGE,
    _K.FIELD_VISIT,
    _K.WORLD_CAFE,
    _K.STEERING_COMMITTEE,
)
_FOR_OFFICIALS: Final = (_K.REGULAR_MEETING, _K.EVENING_EXCHANGE, _K.FIELD_VISIT)
_RELAYS: Final = (Role.CLS_COORDINATOR, Role.HEALTH_REFERENT)


def _events_of(view: View, actor_id: str) -> list[Event]:
    ask = view.snapshot.referring
    found = {
        one.id: one
        for field in ("organiser_ids", "invitations.actor_id")
        for one in ask(Event, field, actor_id)
    }
    return list(found.values())


def no_regular_event(view: View, team: Actor) -> Iterator[Hit]:
    """Find teams whose last meeting with officials is long ago, and the next not planned."""
    if not is_care_team(team):
        return
    together = [one for one in _events_of(view, team.id) if one.kind in _TOGETHER]
    since = view.duration("within").before(view.today)
    times = [held(one, since, view.today) for one in together]
    # What is not known (None) may well have been held.
    if not times or any(one.before is not False or one.ahead is not False for one in times):
        return
    yield Hit(
        subject=team,
        message=say(
            "{team} n'a pas rencontré d'élus depuis plus de {delay}, et rien n'est prévu.",
            "{team} has not met officials for more than {delay}, and nothing is planned.",
            team=called(view, team.id),
            delay=duration_words(view.duration("within")),
        ),
        evidence=tuple(one for event in together for one in fact(event, "start")),
        territory_id=team.territory_id,
        team_id=team.id,
    )


def no_field_visit(view: View, team: Actor) -> Iterator[Hit]:
    """Find teams that keep their events here and had no official with them on the ground."""
    if not is_care_team(team):
        return
    events = _events_of(view, team.id)
    since = view.duration("within").before(view.today)
    for event in events:
        if event.kind is not EventKind.FIELD_VISIT or _officials(view, event) is False:
            continue
        time = held(event, since, view.today)
        if time.before is not False or time.ahead is not False:
            return
    if events:
        yield Hit(
            subject=team,
            message=say(
                "Aucun élu n'est venu sur le terrain chez {team} depuis plus de {delay}.",
                "No official has come to see {team} on the ground for more than {delay}.",
                team=called(view, team.id),
                delay=duration_words(view.duration("within")),
            ),
            evidence=named(one.id for one in events if one.kind is EventKind.FIELD_VISIT),
            territory_id=team.territory_id,
            team_id=team.id,
        )


def officials_not_invited(view: View, event: Event) -> Iterator[Hit]:
    """Find coming meetings with officials to which none of them, and no CLS, is invited."""
    if event.kind not in _FOR_OFFICIALS or not held(event, view.today, view.today).ahead:
        return
    if _officials(view, event) is False:
        invited = [one.actor_id or one.person_id for one in event.invitations]
        yield Hit(
            subject=event,
            message=say(
                "Ni élu ni CLS n'est invité à {event}.",
                "Neither an official nor the CLS is invited to {event}.",
                event=called(view, event.id),
            ),
            evidence=(*fact(event, "kind", "start"), *named(one for one in invited if one)),
            territory_id=ground_of(view, *event.organiser_ids),
            team_id=team_of(view, *event.organiser_ids, *invited),
        )


def _officials(view: View, event: Event) -> bool | None:
    """Say whether officials or the CLS are invited; ``None`` where an invited one is not known."""
    answers = [_is_official(view, one) for one in event.invitations]
    if any(answers):
        return True
    return None if not answers or None in answers else False


def _is_official(view: View, invitation: Invitation) -> bool | None:
    by_role = {role.value: role for role in Role}
    if invitation.role:
        role = by_role.get(invitation.role)
        # A role in words of its own may be that of an official.
        return None if role is None else role.is_elected or role in _RELAYS
    if invitation.person_id:
        posts = view.snapshot.appointments_of(invitation.person_id)
        if not posts:
            return None
        return any(_RELAYS.count(one.role) for one in posts if one.active_on(view.today)) or any(
            elected_roles(view, invitation.person_id)
        )
    entity = view.snapshot.named(invitation.actor_id)
    if isinstance(entity, Actor):
        return entity.kind.is_public_authority
    if isinstance(entity, Appointment):
        return entity.role.is_elected or entity.role in _RELAYS
    return True if isinstance(entity, LocalHealthContract) else None


RULES: Final = (
    Rule(
        code="TS022",
        name="no-regular-event",
        title=Sentence(fr="Pas de rencontre régulière", en="No regular meeting"),
        severity=Severity.WARNING,
        about=(Actor,),
        check=no_regular_event,
        quote=quotes.MEETINGS,
        action=Sentence(
            fr="Fixer une rencontre, et si possible sa périodicité.",
            en="Set a meeting, and if possible how it recurs.",
        ),
        unknown=Sentence(
            fr="aucune rencontre n'a jamais été notée, ou une date manque",
            en="no meeting was ever recorded, or a day is missing",
        ),
        parameters=(
            parameter(
                "within",
                Duration(months=6),
                "durée admise sans rencontre",
                "how long without a meeting",
            ),
        ),
    ),
    Rule(
        code="TS023",
        name="no-field-visit",
        title=Sentence(fr="Pas de visite de terrain", en="No visit on the ground"),
        severity=Severity.INFO,
        about=(Actor,),
        check=no_field_visit,
        quote=quotes.FIELD,
        action=Sentence(fr="Inviter les élus sur le terrain.", en="Invite the officials."),
        unknown=Sentence(
            fr="aucun événement de l'équipe n'est noté, ou les invités d'une visite sont inconnus",
            en="no event of the team is recorded, or the guests of a visit are not known",
        ),
        parameters=(
            parameter(
                "within",
                Duration(months=12),
                "durée admise sans visite",
                "how long without a visit",
            ),
        ),
    ),
    Rule(
        code="TS024",
        name="officials-not-invited",
        title=Sentence(fr="Élus non invités", en="Officials not invited"),
        severity=Severity.WARNING,
        about=(Event,),
        check=officials_not_invited,
        quote=quotes.MEETINGS,
        action=Sentence(fr="Compléter les invitations.", en="Complete the invitations."),
        unknown=Sentence(
            fr="les invités, ou leurs fonctions, ne sont pas renseignés",
            en="the guests, or their roles, are not recorded",
        ),
    ),
)

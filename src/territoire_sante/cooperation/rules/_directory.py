# SPDX-License-Identifier: Apache-2.0
"""Rules on the shared directory: verified in time, and without those who have left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from territoire_sante.cooperation._words import Sentence, day_words, say
from territoire_sante.cooperation.rules import _quotes as quotes
from territoire_sante.cooperation.rules._finding import Severity
from territoire_sante.cooperation.rules._ground import (
    called,
    fact,
    ground_of,
    label,
    named,
    parameter,
    team_of,
)
from territoire_sante.cooperation.rules._rule import Hit, Rule, View
from territoire_sante.model import (
    Actor,
    ActorStatus,
    Appointment,
    Duration,
    Lever,
    LeverOffer,
    LiaisonAssignment,
    OfferState,
    Visibility,
)


def directory_stale(view: View, sheet: Actor | Lever) -> Iterator[Hit]:
    """Find sheets that were verified once, longer ago than they should be."""
    verified = sheet.verified_on
    if verified is None or (isinstance(sheet, Actor) and sheet.status is ActorStatus.CLOSED):
        return
    every = sheet.review_every or view.duration("review_every")
    if view.today < every.after(verified):
        return
    actor_id = sheet.id if isinstance(sheet, Actor) else sheet.holder_id
    yield Hit(
        subject=sheet,
        message=say(
            "La fiche {name} n'a pas été vérifiée depuis le {day}.",
            "The sheet {name} has not been verified since {day}.",
            name=called(view, sheet.id),
            day=day_words(verified),
        ),
        evidence=fact(sheet, "verified_on", "review_every"),
        territory_id=ground_of(view, actor_id),
        team_id=team_of(view, actor_id),
    )


def role_ended(view: View, post: Appointment) -> Iterator[Hit]:
    """Find posts that are over, and that people are still sent to."""
    end = post.period.end
    if end is None or end > view.today:
        return
    ask = view.snapshot.referring
    shown = [
        one for one in post.contact_points if one.visibility.may_be_seen_by(Visibility.PARTNERS)
    ]
    offers = [
        one for one in ask(LeverOffer, "contact_id", post.id) if one.state is OfferState.PUBLISHED
    ]
    relays = [
        one
        for one in ask(LiaisonAssignment, "appointment_id", post.id)
        if one.active_on(view.today)
    ]
    if shown or offers or relays:
        yield Hit(
            subject=post,
            message=say(
                "Le contact « {role} » de {actor} est encore affiché, bien que la fonction soit"
                " terminée depuis le {day}.",
                "The contact “{role}” of {actor} is still shown, though the post ended on {day}.",
                role=post.title or label(post.role),
                actor=called(view, post.actor_id),
                day=day_words(end),
            ),
            evidence=(*fact(post, "period.end"), *named(one.id for one in (*offers, *relays))),
            territory_id=ground_of(view, post.actor_id),
            team_id=team_of(view, post.actor_id),
        )


RULES: Final = (
    Rule(
        code="TS032",
        name="directory-stale",
        title=Sentence(fr="Fiche à vérifier", en="Sheet to verify"),
        severity=Severity.WARNING,
        about=(Actor, Lever),
        check=directory_stale,
        quote=quotes.DIRECTORY,
        action=Sentence(
            fr="Faire vérifier la fiche par son titulaire.",
            en="Have the sheet verified by those it is about.",
        ),
        unknown=Sentence(fr="jamais vérifiée par personne", en="never verified by anybody"),
        parameters=(
            parameter(
                "review_every",
                Duration(years=1),
                "délai de vérification quand la fiche n'en dit aucun",
                "how often to verify where the sheet does not say",
            ),
        ),
    ),
    Rule(
        code="TS033",
        name="role-ended",
        title=Sentence(fr="Contact dont la fonction est terminée", en="Contact whose post is over"),
        severity=Severity.ERROR,
        about=(Appointment,),
        check=role_ended,
        quote=quotes.DIRECTORY,
        action=Sentence(
            fr="Remplacer le contact par le nouveau titulaire.",
            en="Replace the contact by who holds the post now.",
        ),
        unknown=Sentence(fr="fin de fonction inconnue", en="the end of the post is not known"),
    ),
)

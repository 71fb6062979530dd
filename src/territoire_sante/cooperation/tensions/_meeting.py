# SPDX-License-Identifier: Apache-2.0
"""The meeting that a tension calls for, as a draft for a calendar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from territoire_sante.cooperation._words import day_words
from territoire_sante.cooperation.tensions._answer import Answer
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Actor,
    ActorKind,
    Event,
    EventKind,
    EventStatus,
    Invitation,
    Visibility,
    When,
    make_id,
)
from territoire_sante.snapshot import Snapshot

_ROLES: Final = {
    "reporter": "a signalé la tension",
    "concerned": "concerné",
    "town": "commune",
    "epci": "intercommunalité",
    "relay": "relais",
}
_NARROW: Final = (Visibility.PARTNERS, Visibility.TEAM, Visibility.PRIVATE)


def crisis_meeting(
    snapshot: Snapshot, answer: Answer, *, start: When, end: When | None = None, location: str = ""
) -> Event:
    """
    Return a draft of the meeting of those whom a tension concerns, to be confirmed.

    Invited are who reported it, the actors that it names, the town hall, the
    intercommunal body and the relay, each once. It is seen by partners at
    most, and by nobody who may not see the tension. Its id follows from the tension's: a second
    draft is the same event.

    Raises:
        InvalidValueError: the tension is over.
    """
    tension = answer.tension
    if not tension.is_open:
        message = f"{tension.id} is over"
        raise InvalidValueError(message, where="state", remedy="Report a new tension if it is back")
    visibility = tension.visibility if tension.visibility in _NARROW else Visibility.PARTNERS
    invitations = tuple(_invited(snapshot, answer))
    return Event(
        id=make_id("event", tension.id.replace(":", "-", 1)),
        summary=f"Réunion : {tension.title}",
        agenda=_agenda(snapshot, answer),
        kind=EventKind.CRISIS_MEETING,
        status=EventStatus.TENTATIVE,
        start=start,
        end=end,
        location=location,
        organiser_ids=(answer.epci_id,) if answer.epci_id else (),
        invitations=invitations,
        tension_id=tension.id,
        visibility=visibility,
    )


def _invited(snapshot: Snapshot, answer: Answer) -> Iterator[Invitation]:
    tension = answer.tension
    halls = (
        one.id
        for one in snapshot.referring(Actor, "territory_id", f"commune:{answer.commune}")
        if one.kind is ActorKind.COMMUNE
    )
    wanted = [
        (tension.reporter_id, "reporter"),
        *((actor_id, "concerned") for actor_id in tension.actor_ids),
        *((actor_id, "town") for actor_id in sorted(halls)),
        (answer.epci_id, "epci"),
    ]
    seen: set[str] = set()
    for actor_id, role in wanted:
        if snapshot.find(Actor, actor_id) is not None and actor_id not in seen:
            seen.add(actor_id)
            yield Invitation(actor_id=actor_id, role=_ROLES[role])
    relay = answer.whom
    if relay is not None and (relay.person_id or relay.actor_id not in seen):
        yield Invitation(actor_id=relay.actor_id, person_id=relay.person_id, role=_ROLES["relay"])


def _agenda(snapshot: Snapshot, answer: Answer) -> str:
    tension = answer.tension
    since = f", signalée le {day_words(tension.reported_on).fr}" if tension.reported_on else ""
    place = snapshot.name_of(tension.territory_id)
    points = (
        f"1. La situation : {tension.kind.label_fr.lower()}, {place}{since}.",
        "2. Ce que chacun sait et peut faire : équipes, communes, intercommunalité.",
        "3. Les leviers à mobiliser : locaux, logement, transport, financement, information.",
        "4. Qui fait quoi, et pour quand.",
        "5. Ce que l'on dit aux habitants, et la date de la prochaine réunion.",
    )
    return "\n".join(points)

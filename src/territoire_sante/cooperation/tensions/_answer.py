# SPDX-License-Identifier: Apache-2.0
"""What to do about a tension, in which order, with whom and by when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

import attrs

from territoire_sante.cooperation._ladder import liaison_for
from territoire_sante.cooperation._liaison import Liaison, Need
from territoire_sante.cooperation._relay import Relay
from territoire_sante.cooperation._words import Sentence, day_words, say
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Actor,
    ActorKind,
    Duration,
    Event,
    LabelledEnum,
    Tension,
    TensionLevel,
    TensionState,
    Territory,
    Visibility,
)
from territoire_sante.snapshot import Snapshot

#: How long a tension may wait to be understood.
QUALIFY_WITHIN: Final = Duration(days=7)
#: How long it may wait for the intercommunal body.
EPCI_WITHIN: Final = Duration(days=15)
#: How long it may wait for a meeting.
MEET_WITHIN: Final = Duration(days=30)


class MoveKind(LabelledEnum):
    """One thing to do about a tension, in their order."""

    QUALIFY = "qualify", "Qualifier", "Qualify"
    CALL_EPCI = "call_epci", "Mobiliser l'intercommunalité", "Mobilise the intercommunal body"
    GATHER = "gather", "Réunir les acteurs", "Gather those concerned"
    SETTLE = "settle", "Résoudre et dire comment", "Settle it, and say how"


@attrs.frozen(kw_only=True)
class Move:
    """What comes next: by whom (``actor_id``), by when (``None`` if no day follows), and why."""

    kind: MoveKind
    actor_id: str = ""
    by: dt.date | None = None
    overdue: bool = False
    why: Sentence


@attrs.frozen(kw_only=True)
class Answer:
    """
    What to do about a tension: whom to call, and the moves that are left, the next one first.

    ``epci_id`` is the actor that is the intercommunal body of the place, empty if it is not stored.
    """

    tension: Tension
    commune: str
    epci_id: str
    call: Liaison
    moves: tuple[Move, ...]

    @property
    def whom(self) -> Relay | None:
        """Whom to call first."""
        return self.call.found

    def lines(self, language: str = "fr") -> list[str]:
        """Return it as lines for people to read: whom to call, then each move with its day."""
        return [*self.call.lines(language), *(_line(one).text(language) for one in self.moves)]


def answer_to(
    snapshot: Snapshot,
    tension: Tension,
    *,
    today: dt.date,
    within: Duration = EPCI_WITHIN,
    audience: Visibility = Visibility.TEAM,
) -> Answer:
    """
    Say what to do about a tension: whom to call, and what is left to do by when.

    The intercommunal body is to be mobilised ``within`` this time of the report, unless the
    tension is small. On a territory of several communes, the relay of the most
    populated one is asked.

    Raises:
        InvalidValueError: the tension names no territory that is stored, so that nobody can be
            named.
    """
    commune = commune_of(snapshot, tension)
    epci_id = epci_actor(snapshot, commune)
    moves = _moves(snapshot, tension, epci_id, within) if tension.is_open else ()
    return Answer(
        tension=tension,
        commune=commune,
        epci_id=epci_id,
        call=liaison_for(snapshot, commune, Need.TENSION, today=today, audience=audience),
        moves=tuple(
            attrs.evolve(one, overdue=one.by is not None and one.by < today) for one in moves
        ),
    )


def mobilised(snapshot: Snapshot, tension: Tension, *, on: dt.date) -> Tension:
    """
    Return the tension as brought before the intercommunal body of its territory.

    Raises:
        InvalidValueError: the territory or its intercommunal body is not stored.
        TransitionError: it is not qualified yet, or no longer open.
    """
    epci_id = epci_actor(snapshot, commune_of(snapshot, tension))
    if not epci_id:
        message = f"the intercommunal body of {tension.territory_id} is not known"
        raise InvalidValueError(
            message,
            where=tension.id,
            remedy="Import the register of intercommunal bodies, or name it: mobilise_epci(...)",
        )
    return tension.mobilise_epci(epci_id=epci_id, on=on)


def commune_of(snapshot: Snapshot, tension: Tension) -> str:
    """
    Return the code of the commune of a tension, of several the most populated one.

    Raises:
        InvalidValueError: none is known.
    """
    territory = snapshot.find(Territory, tension.territory_id)
    codes = snapshot.communes_of(territory.id) if territory is not None else ()
    if not codes:
        message = "the tension names no territory with a known commune"
        raise InvalidValueError(
            message,
            where=tension.id,
            remedy="Give it a territory_id, such as commune:48095, and store that territory",
        )
    return min(codes, key=lambda code: (-_population(snapshot, code), code))


def _population(snapshot: Snapshot, code: str) -> int:
    found = snapshot.find(Territory, f"commune:{code}")
    return (found.population or 0) if found else 0


def epci_actor(snapshot: Snapshot, commune: str) -> str:
    """Return the id of the actor that is the intercommunal body of a commune, or nothing."""
    territory = snapshot.epci_of(commune)
    if territory is None:
        return ""
    bodies = snapshot.referring(Actor, "territory_id", territory.id)
    return min((one.id for one in bodies if one.kind is ActorKind.EPCI), default="")


def _moves(snapshot: Snapshot, tension: Tension, epci_id: str, within: Duration) -> Iterator[Move]:
    def by(delay: Duration) -> dt.date | None:
        return delay.after(tension.reported_on) if tension.reported_on else None

    if tension.state is TensionState.REPORTED:
        yield Move(
            kind=MoveKind.QUALIFY,
            actor_id=tension.reporter_id,
            by=by(QUALIFY_WITHIN),
            why=say("Dire si elle est grave, et pour qui.", "Say how serious it is, for whom."),
        )
    before_epci = tension.state in (TensionState.REPORTED, TensionState.QUALIFIED)
    if before_epci and tension.level is not TensionLevel.LOW:
        yield Move(
            kind=MoveKind.CALL_EPCI,
            actor_id=epci_id,
            by=by(within),
            why=say(
                "L'intercommunalité n'est pas encore mobilisée.",
                "The intercommunal body has not been called yet.",
            ),
        )
    if not tension.event_ids and not snapshot.referring(Event, "tension_id", tension.id):
        yield Move(
            kind=MoveKind.GATHER,
            actor_id=epci_id or tension.reporter_id,
            by=by(MEET_WITHIN),
            why=say("Aucune réunion n'est prévue.", "No meeting is planned."),
        )
    yield Move(
        kind=MoveKind.SETTLE,
        actor_id=epci_id if tension.epci_id else tension.reporter_id,
        why=say("Elle est ouverte.", "It is open."),
    )


def _line(move: Move) -> Sentence:
    label = Sentence(fr=move.kind.label_fr, en=move.kind.label_en)
    if move.by is None:
        return say("{label}. {why}", "{label}. {why}", label=label, why=move.why)
    late = Sentence(fr=" (en retard)", en=" (overdue)") if move.overdue else Sentence(fr="", en="")
    return say(
        "{label} avant le {day}{late}. {why}",
        "{label} by {day}{late}. {why}",
        label=label,
        day=day_words(move.by),
        late=late,
        why=move.why,
    )

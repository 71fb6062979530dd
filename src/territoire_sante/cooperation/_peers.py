# SPDX-License-Identifier: Apache-2.0
"""Which teams have done it before: practices of peers for a need, ranked, and the visit to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from territoire_sante.cooperation._relay import Place
from territoire_sante.cooperation._score import Part, freshness
from territoire_sante.cooperation._words import Sentence, day_words, folded, say
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Actor,
    CareProject,
    LabelledEnum,
    Lever,
    MspStage,
    PeerExchange,
    Practice,
    PracticeState,
    Visibility,
    make_id,
)
from territoire_sante.snapshot import Nearness, Snapshot


class PeerCriterion(LabelledEnum):
    """What the practice of a peer is ranked by."""

    WORDS = "words", "Correspondance des mots", "Match of the words"
    STAGE = "stage", "Étape de l'équipe", "Stage of the team"
    NEARNESS = "nearness", "Proximité", "Nearness"
    SHEET = "sheet", "Fiche", "Sheet"
    FRESHNESS = "freshness", "Fraîcheur", "Freshness"


#: How much each criterion counts; together 1.
PEER_WEIGHTS: Final[Mapping[PeerCriterion, float]] = {
    PeerCriterion.WORDS: 0.35,
    PeerCriterion.STAGE: 0.25,
    PeerCriterion.NEARNESS: 0.2,
    PeerCriterion.SHEET: 0.1,
    PeerCriterion.FRESHNESS: 0.1,
}

_WAY: Final = tuple(
    one for one in MspStage if one not in (MspStage.PAUSED, MspStage.CLOSED, MspStage.MERGED)
)
# A peer one or two stages ahead remembers best; one far ahead has other cares.
_AHEAD: Final = {0: 0.6, 1: 1.0, 2: 1.0, 3: 0.8}
_FAR_AHEAD: Final = 0.6
_NOT_KNOWN: Final = 0.3
_NEARNESS: Final = {
    Nearness.COMMUNE: 1.0,
    Nearness.EPCI: 1.0,
    Nearness.AREA: 0.9,
    Nearness.DEPARTEMENT: 0.8,
    Nearness.REGION: 0.6,
    Nearness.ELSEWHERE: 0.3,
    Nearness.UNKNOWN: 0.3,
}
_STATES: Final = {
    PracticeState.PUBLISHED: 1.0,
    PracticeState.REVIEWED: 0.8,
    PracticeState.DRAFT: 0.4,
}


@attrs.frozen(kw_only=True)
class Peer:
    """
    A team that has done what another needs: its practice, and why it fits, in parts.

    ``actor`` is ``None`` where the team is not stored or may not be seen.
    """

    practice: Practice
    actor: Actor | None
    parts: tuple[Part, ...]

    @property
    def score(self) -> float:
        """The sum of the parts by their weights, from 0 to 1."""
        return round(sum(one.value * one.weight for one in self.parts), 6)

    def lines(self, language: str = "fr") -> list[str]:
        """Return it as lines for people to read: what and who, then why."""
        nobody = Sentence(fr="équipe non renseignée", en="team not known")
        who = self.actor.name if self.actor else nobody.text(language)
        reasons = " ".join(one.reason.text(language) for one in self.parts)
        return [f"{self.practice.title} — {who}", f"({self.score:.2f}) {reasons}"]


def find_peers(
    snapshot: Snapshot,
    actor_id: str,
    need: str = "",
    *,
    today: dt.date,
    audience: Visibility = Visibility.PARTNERS,
    limit: int = 10,
) -> tuple[Peer, ...]:
    """
    Find teams whose practice answers a need of the team ``actor_id``, best first.

    Each word of ``need`` that begins a word of the sheet counts, and a sheet
    with none of them is left out; without words, all sheets are ranked. Teams somewhat
    further on than the asking one come before those at its stage, and those before
    teams that are less far. Its own practices and archived ones are not shown.

    Raises:
        EntityNotFoundError: the asking team is not stored.
    """
    team = snapshot.get(Actor, actor_id)
    words = folded(need).split()
    places = tuple(one for one in (team.territory_id, *team.coverage) if one)
    communes = [code for one in places[:1] for code in snapshot.communes_of(one)]
    place = Place(
        snapshot=snapshot, commune=communes[0] if communes else "", today=today, audience=audience
    )
    stage = _stage(snapshot, actor_id)
    peers = []
    for practice in snapshot.all(Practice):
        is_own = practice.actor_id == actor_id or actor_id in practice.reused_by_ids
        if is_own or practice.state is PracticeState.ARCHIVED or not place.sees(practice):
            continue
        found = _hits(_sheet(snapshot, practice), words)
        if words and not found:
            continue
        peers.append(_peer(place, practice, stage, _words_part(found, words)))
    peers.sort(key=lambda one: (-one.score, one.practice.id))
    return tuple(peers[:limit])


def exchange_for(peer: Peer, *, guest_id: str, topic: str = "") -> PeerExchange:
    """
    Return the exchange in which the peer shows ``guest_id`` how it does it, as proposed.

    Its id follows from the practice and the guest: proposed twice, it is the same exchange.

    Raises:
        InvalidValueError: the sheet names no team that could show it.
    """
    if not peer.practice.actor_id:
        message = "the sheet names no team"
        raise InvalidValueError(
            message, where=peer.practice.id, remedy="Note whose practice it is (actor_id)"
        )
    return PeerExchange(
        id=make_id("peer_exchange", f"{peer.practice.id} / {guest_id}"),
        host_id=peer.practice.actor_id,
        guest_id=guest_id,
        topic=topic or peer.practice.title,
        practice_id=peer.practice.id,
        visibility=peer.practice.visibility,
    )


def _peer(place: Place, practice: Practice, stage: MspStage | None, words: Part) -> Peer:
    snapshot = place.snapshot
    host = snapshot.find(Actor, practice.actor_id)
    seen = host if host is not None and place.sees(host) else None
    where = [practice.territory_id, *((host.territory_id, *host.coverage) if host else ())]
    nearness = (
        snapshot.nearness(place.commune, [one for one in where if one][:1])
        if place.commune and any(where)
        else Nearness.UNKNOWN
    )
    return Peer(
        practice=practice,
        actor=seen,
        parts=(
            words,
            _stage_part(stage, _stage(snapshot, practice.actor_id)),
            _part(
                PeerCriterion.NEARNESS,
                _NEARNESS[nearness],
                say(
                    "Où : {where}.",
                    "Where: {where}.",
                    where=Sentence(fr=nearness.label_fr, en=nearness.label_en),
                ),
            ),
            _part(
                PeerCriterion.SHEET,
                _STATES[practice.state],
                say(
                    "Fiche : {state}.",
                    "Sheet: {state}.",
                    state=Sentence(
                        fr=practice.state.label_fr.lower(), en=practice.state.label_en.lower()
                    ),
                ),
            ),
            _freshness_part(practice, place.today),
        ),
    )


def _part(criterion: PeerCriterion, value: float, reason: Sentence) -> Part:
    return Part(criterion=criterion, value=value, weight=PEER_WEIGHTS[criterion], reason=reason)


def _words_part(found: Sequence[str], words: Sequence[str]) -> Part:
    if not words:
        reason = say("Sans mot recherché.", "No word was looked for.")
        return _part(PeerCriterion.WORDS, 0.5, reason)
    reason = say(
        "Mots trouvés : {count} sur {all}.",
        "Words found: {count} of {all}.",
        count=str(len(found)),
        all=str(len(words)),
    )
    return _part(PeerCriterion.WORDS, len(found) / len(words), reason)


def _stage_part(own: MspStage | None, theirs: MspStage | None) -> Part:
    if own is None or theirs is None:
        reason = say("Étape non renseignée.", "The stage is not known.")
        return _part(PeerCriterion.STAGE, _NOT_KNOWN, reason)
    ahead = _WAY.index(theirs) - _WAY.index(own)
    value = 0.0 if ahead < 0 else _AHEAD.get(ahead, _FAR_AHEAD)
    reason = say(
        "Étape de l'équipe : {stage}.",
        "Stage of the team: {stage}.",
        stage=Sentence(fr=theirs.label_fr.lower(), en=theirs.label_en.lower()),
    )
    return _part(PeerCriterion.STAGE, value, reason)


def _freshness_part(practice: Practice, today: dt.date) -> Part:
    day = max(filter(None, (practice.verified_on, practice.reviewed_on)), default=None)
    reason = (
        say("Relue le {day}.", "Reviewed on {day}.", day=day_words(day))
        if day
        else say("Jamais relue.", "Never reviewed.")
    )
    return _part(PeerCriterion.FRESHNESS, freshness(day, today), reason)


def _stage(snapshot: Snapshot, actor_id: str) -> MspStage | None:
    """Return how far a team is: the furthest of its projects that goes on."""
    projects = snapshot.referring(CareProject, "actor_id", actor_id) if actor_id else ()
    return max((one.stage for one in projects if one.stage in _WAY), key=_WAY.index, default=None)


def _sheet(snapshot: Snapshot, practice: Practice) -> Iterable[str]:
    levers = (snapshot.find(Lever, one) for one in practice.lever_ids)
    yield from (
        practice.title,
        practice.problem,
        practice.context,
        *practice.what_was_done,
        practice.results,
        practice.lessons,
        practice.conditions_of_transfer,
        *practice.skills,
    )
    for lever in levers:
        if lever is not None:
            yield from (lever.title, lever.type.label_fr, lever.type.label_en)


def _hits(texts: Iterable[str], words: Sequence[str]) -> list[str]:
    there = " " + folded("\n".join(texts))
    return [word for word in words if f" {word}" in there]

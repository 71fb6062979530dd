# SPDX-License-Identifier: Apache-2.0
"""How long what is known of persons is kept, and what is left of it afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import attrs

from territoire_sante.model import (
    Appointment,
    Duration,
    Entity,
    LabelledEnum,
    LeverRequest,
    LiaisonAssignment,
    Mobilisation,
    Person,
)
from territoire_sante.plugins import Words
from territoire_sante.snapshot import Snapshot


class DueKind(LabelledEnum):
    """What has been kept for long enough."""

    MANDATE = "mandate", "Mandat terminé", "Mandate over"
    POST = "post", "Poste quitté", "Post left"
    PERSON = "person", "Personne sans lien actuel", "Person without a current link"
    LIAISON = "liaison", "Mission de liaison terminée", "Liaison role over"
    REQUEST = "request", "Demande close", "Request closed"
    MOBILISATION = "mobilisation", "Mobilisation close", "Mobilisation closed"


_STORAGE: Final = Words(
    "Conservation limitée à ce qui est nécessaire (RGPD, art. 5.1 e)",
    "Kept no longer than necessary (GDPR, art. 5.1 e)",
)
_CONTACT: Final = Words(
    "Trois ans après le dernier contact (recommandation de la CNIL)",
    "Three years after the last contact (recommendation of the CNIL)",
)
_CLAIMS: Final = Words(
    "Prescription quadriennale des créances publiques (loi n° 68-1250 du 31 décembre 1968, art. 1)",
    "Public claims lapse after four years (act no. 68-1250 of 31 December 1968, art. 1)",
)


@attrs.frozen(kw_only=True)
class RetentionRule:
    """For how long something is kept after its end, and why."""

    keep: Duration
    ground: Words


#: What holds where nobody decided otherwise; a team writes its own into its register.
DEFAULT_RULES: Final[Mapping[DueKind, RetentionRule]] = MappingProxyType(
    {
        DueKind.MANDATE: RetentionRule(keep=Duration(months=12), ground=_STORAGE),
        DueKind.POST: RetentionRule(keep=Duration(months=12), ground=_STORAGE),
        DueKind.PERSON: RetentionRule(keep=Duration(years=3), ground=_CONTACT),
        DueKind.LIAISON: RetentionRule(keep=Duration(months=6), ground=_STORAGE),
        DueKind.REQUEST: RetentionRule(keep=Duration(years=4), ground=_CLAIMS),
        DueKind.MOBILISATION: RetentionRule(keep=Duration(years=4), ground=_CLAIMS),
    }
)


@attrs.frozen(kw_only=True)
class Due:
    """
    Something that was kept for long enough: what, of whom, since when it is due, and why.

    ``person_id`` is who it is about, empty where only words name them.
    """

    kind: DueKind
    id: str
    person_id: str = ""
    since: dt.date
    ground: Words


def retention_due(
    snapshot: Snapshot,
    today: dt.date,
    rules: Mapping[DueKind, RetentionRule] = DEFAULT_RULES,
) -> tuple[Due, ...]:
    """
    Return what was kept for long enough ``today``, in the order of the ids.

    A post counts from its end; a person from the end of their last post, or, without one, from
    the last day on which somebody verified or fetched them. What has no date is never
    due: it is told by the rules on stale records instead.
    """
    found = (
        *_posts(snapshot, rules),
        *_persons(snapshot, rules),
        *_others(snapshot, rules),
    )
    return tuple(sorted((one for one in found if one.since <= today), key=lambda one: one.id))


def _posts(snapshot: Snapshot, rules: Mapping[DueKind, RetentionRule]) -> Iterator[Due]:
    for post in snapshot.all(Appointment):
        due = due_of(post, rules)
        if due is not None and (post.person_id or post.contact_points):
            yield due


def due_of(post: Appointment, rules: Mapping[DueKind, RetentionRule]) -> Due | None:
    """Return from when on a post was kept for long enough; ``None`` while it has no end."""
    kind = DueKind.MANDATE if post.role.is_elected else DueKind.POST
    end = _after(post.period.end, rules[kind])
    if end is None:
        return None
    return Due(
        kind=kind, id=post.id, person_id=post.person_id, since=end, ground=rules[kind].ground
    )


def _persons(snapshot: Snapshot, rules: Mapping[DueKind, RetentionRule]) -> Iterator[Due]:
    for person in snapshot.all(Person):
        posts = snapshot.appointments_of(person.id)
        ends = [due_of(post, rules) for post in posts]
        rule = rules[DueKind.PERSON]
        since, ground = _after(_last_seen(person), rule), rule.ground
        if posts:
            last = max((one for one in ends if one is not None), key=_since, default=None)
            since = None if last is None or None in ends else last.since
            ground = ground if last is None else last.ground
        if since is not None and not person.opposed:
            yield Due(
                kind=DueKind.PERSON, id=person.id, person_id=person.id, since=since, ground=ground
            )


def _since(due: Due) -> dt.date:
    return due.since


def _last_seen(person: Person) -> dt.date | None:
    fetched = person.provenance.retrieved_on if person.provenance is not None else None
    days = [day for day in (person.verified_on, fetched, person.notice_sent_on) if day is not None]
    return max(days, default=None)


def _others(snapshot: Snapshot, rules: Mapping[DueKind, RetentionRule]) -> Iterator[Due]:
    made: Sequence[tuple[DueKind, Iterable[Any], Any]] = (
        (DueKind.LIAISON, snapshot.all(LiaisonAssignment), lambda one: one.period.end),
        (DueKind.REQUEST, snapshot.all(LeverRequest), lambda one: one.answered_on),
        (DueKind.MOBILISATION, snapshot.all(Mobilisation), lambda one: _day(one.end or one.start)),
    )
    for kind, entities, end_of in made:
        for one in entities:
            since = _after(end_of(one), rules[kind])
            if since is not None and emptied(one) != one:
                yield Due(kind=kind, id=one.id, since=since, ground=rules[kind].ground)


def emptied(entity: Entity) -> Entity:
    """Return what is left of a liaison role, a request or a use once its time is over."""
    if isinstance(entity, LiaisonAssignment):
        return attrs.evolve(entity, how_to_reach="")
    if isinstance(entity, LeverRequest):
        return attrs.evolve(entity, answered_by="")
    if isinstance(entity, Mobilisation):
        proofs = tuple(attrs.evolve(one, by="") for one in entity.proofs)
        return attrs.evolve(entity, proofs=proofs)
    return entity


def _day(when: dt.date | dt.datetime | None) -> dt.date | None:
    return when.date() if isinstance(when, dt.datetime) else when


def _after(end: dt.date | None, rule: RetentionRule) -> dt.date | None:
    return None if end is None else rule.keep.after(end)

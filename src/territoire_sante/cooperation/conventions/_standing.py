# SPDX-License-Identifier: Apache-2.0
"""Where a convention stands: what it still lacks for its next step, and its days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import attrs

from territoire_sante.cooperation._words import Sentence, day_words, say
from territoire_sante.model import (
    Convention,
    ConventionState,
    LabelledEnum,
    Party,
    RenewalMode,
)
from territoire_sante.snapshot import Snapshot

_S = ConventionState


class MilestoneKind(LabelledEnum):
    """What falls on a day of a convention."""

    START = "start", "Entrée en vigueur", "Comes into force"
    NOTICE = "notice", "Dernier jour du préavis", "Last day to give notice"
    END = "end", "Fin", "End"
    TACIT_RENEWAL = "tacit_renewal", "Tacite reconduction", "Tacit renewal"
    EXPRESS_RENEWAL = "express_renewal", "À reconduire, sinon fin", "To be renewed, or it ends"
    COMMITMENT = "commitment", "Engagement à tenir", "Commitment due"
    MEETING = "meeting", "Réunion prévue", "Meeting planned"


@attrs.frozen(kw_only=True)
class Milestone:
    """One day of a convention, and what it means."""

    day: dt.date
    kind: MilestoneKind
    convention: Convention
    about: Sentence

    def text(self, language: str = "fr") -> str:
        """Return it as a line for people to read."""
        label = Sentence(fr=self.kind.label_fr, en=self.kind.label_en)
        line = say(
            "{day} : {label}. {about}",
            "{day}: {label}. {about}",
            day=day_words(self.day),
            label=label,
            about=self.about,
        )
        return line.text(language)


@attrs.frozen(kw_only=True)
class Lack:
    """What a convention lacks for its next step, and whose it is (empty: everybody's)."""

    actor_id: str = ""
    what: Sentence


@attrs.frozen(kw_only=True)
class Standing:
    """
    Where a convention stands on a day.

    ``next_verb`` is the step that usually comes next (a method of
    :class:`~territoire_sante.model.Convention`), empty where none does; ``lacks`` is
    what stands in its way. ``end`` is the last day of the running term,
    ``notice_by`` the last day to refuse its tacit renewal, ``renew_by`` the last
    day to renew expressly.
    """

    convention: Convention
    next_verb: str
    lacks: tuple[Lack, ...]
    end: dt.date | None
    notice_by: dt.date | None
    renew_by: dt.date | None

    @property
    def ready(self) -> bool:
        """Whether the next step can be taken now."""
        return bool(self.next_verb) and not self.lacks


_NEXT: Final[Mapping[ConventionState, str]] = {
    _S.DRAFT: "negotiate",
    _S.NEGOTIATION: "approve",
    _S.APPROVED: "sign",
    _S.SIGNING: "activate",
    _S.SUSPENDED: "resume",
    _S.TERMINATION_NOTICE: "terminate",
}


def standing_of(snapshot: Snapshot, convention: Convention, *, today: dt.date) -> Standing:
    """
    Say where a convention stands: the next step, the evidence that it still needs, and its days.

    Past its end, the next step is ``renew`` where an express renewal is
    provided for, else ``expire``. A suspended convention keeps its written end.
    """
    end = convention.end_on(today)
    express = convention.renewal is not None and convention.renewal.mode is RenewalMode.EXPRESS
    verb = _NEXT.get(convention.state, "")
    if convention.past_end(today) and not verb:
        verb = "renew" if express else "expire"
    lacks = _LACKS.get(verb, _nothing)
    renewable = express and convention.in_force and convention.state is not _S.TERMINATION_NOTICE
    return Standing(
        convention=convention,
        next_verb=verb,
        lacks=tuple(lacks(snapshot, convention)),
        end=end,
        notice_by=convention.last_notice_day(today),
        renew_by=end if renewable else None,
    )


def _nothing(_snapshot: Snapshot, _convention: Convention) -> Iterator[Lack]:
    yield from ()


def _to_negotiate(snapshot: Snapshot, convention: Convention) -> Iterator[Lack]:
    if not convention.purpose.strip():
        yield Lack(what=say("Objet à écrire.", "The purpose is to be written."))
    if len(convention.parties) < _LEAST_PARTIES:
        yield Lack(what=say("Au moins deux parties.", "Two parties at least."))
    for role in convention.missing_roles():
        yield Lack(
            what=say(
                "Partie à trouver : {role}.",
                "A party to be found: {role}.",
                role=Sentence(fr=role.label_fr, en=role.label_en),
            )
        )
    for actor_id in convention.doubled_parties():
        yield Lack(
            actor_id=actor_id,
            what=say(
                "{name} tient deux rôles.",
                "{name} fills two roles.",
                name=snapshot.name_of(actor_id),
            ),
        )


_LEAST_PARTIES: Final = 2


def _to_approve(snapshot: Snapshot, convention: Convention) -> Iterator[Lack]:
    yield from _to_negotiate(snapshot, convention)
    for party in convention.without_deliberation():
        yield _of(snapshot, party, "Délibération de {name}.", "The deliberation of {name}.")
    if not convention.commitments:
        yield Lack(what=say("Engagements à écrire.", "The commitments are to be written."))


def _to_sign(snapshot: Snapshot, convention: Convention) -> Iterator[Lack]:
    for party in convention.parties:
        if not party.representative_id and not party.capacity.strip():
            yield _of(snapshot, party, "Qui signe pour {name} ?", "Who signs for {name}?")


def _to_activate(snapshot: Snapshot, convention: Convention) -> Iterator[Lack]:
    for party in convention.unsigned_by():
        yield _of(snapshot, party, "Signature de {name}.", "The signature of {name}.")


def _of(snapshot: Snapshot, party: Party, fr: str, en: str) -> Lack:
    return Lack(actor_id=party.actor_id, what=say(fr, en, name=snapshot.name_of(party.actor_id)))


_LACKS: Final[Mapping[str, Callable[[Snapshot, Convention], Iterator[Lack]]]] = {
    "negotiate": _to_negotiate,
    "approve": _to_approve,
    "sign": _to_sign,
    "activate": _to_activate,
}


def milestones(
    snapshot: Snapshot, *, start: dt.date, end: dt.date, today: dt.date
) -> tuple[Milestone, ...]:
    """
    Return the days from ``start`` to ``end``, both included, of all conventions, earliest first.

    Ends, tacit and express renewals and last days to give notice are those of conventions in
    force, as known ``today``; a convention that is over or was given up has none.
    """
    found = [
        milestone
        for convention in snapshot.all(Convention)
        for milestone in _days(snapshot, convention, today)
        if start <= milestone.day <= end
    ]
    return tuple(
        sorted(found, key=lambda one: (one.day, one.convention.id, one.kind.value, one.about.fr))
    )


def _days(snapshot: Snapshot, convention: Convention, today: dt.date) -> Iterator[Milestone]:
    begins = convention.state in (_S.APPROVED, _S.SIGNING)
    if begins and convention.starts_on is not None:
        yield _milestone(convention, convention.starts_on, MilestoneKind.START)
    if not convention.in_force and convention.state is not _S.SUSPENDED:
        return
    yield from _ends(standing_of(snapshot, convention, today=today))
    for promise in convention.commitments:
        if promise.due is not None and promise.is_open:
            yield Milestone(
                day=promise.due,
                kind=MilestoneKind.COMMITMENT,
                convention=convention,
                about=say(
                    "{name} : {text}",
                    "{name}: {text}",
                    name=snapshot.name_of(promise.party_id),
                    text=promise.text,
                ),
            )
    for body in convention.governance:
        if body.next_on is not None:
            yield _milestone(convention, body.next_on, MilestoneKind.MEETING)


def _ends(standing: Standing) -> Iterator[Milestone]:
    if standing.end is not None:
        kind = MilestoneKind.END
        if standing.notice_by is not None:
            kind = MilestoneKind.TACIT_RENEWAL
        elif standing.renew_by is not None:
            kind = MilestoneKind.EXPRESS_RENEWAL
        yield _milestone(standing.convention, standing.end, kind)
    if standing.notice_by is not None:
        yield _milestone(standing.convention, standing.notice_by, MilestoneKind.NOTICE)


def _milestone(convention: Convention, day: dt.date, kind: MilestoneKind) -> Milestone:
    title = Sentence(fr=f"{convention.title}.", en=f"{convention.title}.")
    return Milestone(day=day, kind=kind, convention=convention, about=title)

# SPDX-License-Identifier: Apache-2.0
"""What became of the promises of a convention: asked for, used, proven, late."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

import attrs

from territoire_sante.cooperation._words import Sentence, day_words, say
from territoire_sante.model import (
    Commitment,
    CommitmentStatus,
    Convention,
    LabelledEnum,
    LeverRequest,
    Mobilisation,
    MobilisationState,
    Quantity,
    RequestState,
)
from territoire_sante.snapshot import Snapshot

_DONE: Final = frozenset({MobilisationState.DONE, MobilisationState.PROVEN})
_NO: Final = frozenset({RequestState.DECLINED, RequestState.EXPIRED})


class Progress(LabelledEnum):
    """How far a promise is, from what is stored about it."""

    KEPT = "kept", "Tenu", "Kept"
    UNDER_WAY = "under_way", "En cours", "Under way"
    NOT_BEGUN = "not_begun", "Rien d'enregistré", "Nothing recorded"
    REFUSED = "refused", "Refusé", "Refused"
    LATE = "late", "En retard", "Late"
    OVER = "over", "Clos", "Closed"


@attrs.frozen(kw_only=True)
class Followed:
    """
    A promise and what shows that it is kept.

    ``used`` is the sum of what was used of its lever, in the unit of the
    promise; ``requests`` and ``uses`` are all that is stored under the convention for the lever.
    ``suggested`` is a status for a person to confirm, where what is stored says more
    than the promise itself.
    """

    commitment: Commitment
    progress: Progress
    used: Quantity | None
    requests: tuple[LeverRequest, ...]
    uses: tuple[Mobilisation, ...]
    suggested: CommitmentStatus | None
    why: Sentence


def follow_promises(
    snapshot: Snapshot, convention: Convention, *, today: dt.date
) -> tuple[Followed, ...]:
    """
    Say for each promise of a convention how far it is.

    A promise that names a lever is followed by the requests and uses of that
    lever which name the convention, or whose beneficiary is another party to it.
    Used quantities count where they have the unit of the promise. A promise
    without a lever is followed by its own status and day.
    """
    parties = {party.actor_id for party in convention.parties}
    return tuple(
        _followed(snapshot, convention, parties - {promise.party_id}, promise, today)
        for promise in convention.commitments
    )


def _followed(
    snapshot: Snapshot,
    convention: Convention,
    others: set[str],
    promise: Commitment,
    today: dt.date,
) -> Followed:
    requests: tuple[LeverRequest, ...] = ()
    uses: tuple[Mobilisation, ...] = ()
    if promise.lever_id:
        requests = tuple(
            one
            for one in snapshot.referring(LeverRequest, "lever_id", promise.lever_id)
            if one.convention_id == convention.id
            or (not one.convention_id and one.requester_id in others)
        )
        uses = tuple(
            one
            for one in snapshot.referring(Mobilisation, "lever_id", promise.lever_id)
            if one.convention_id == convention.id
            or (not one.convention_id and one.beneficiary_id in others)
        )
    done = [one for one in uses if one.state in _DONE]
    used = _sum(promise, done)
    progress = _progress(promise, requests, uses, used, today)
    return Followed(
        commitment=promise,
        progress=progress,
        used=used,
        requests=requests,
        uses=uses,
        suggested=_suggestion(promise, progress),
        why=_why(promise, progress, len(done), used),
    )


def _sum(promise: Commitment, done: list[Mobilisation]) -> Quantity | None:
    wanted = promise.quantity
    counts = [
        one.quantity.value
        for one in done
        if wanted is not None and one.quantity is not None and one.quantity.unit is wanted.unit
    ]
    if wanted is None or not counts:
        return None
    return attrs.evolve(wanted, value=sum(counts, Decimal(0)))


def _progress(
    promise: Commitment,
    requests: tuple[LeverRequest, ...],
    uses: tuple[Mobilisation, ...],
    used: Quantity | None,
    today: dt.date,
) -> Progress:
    wanted = promise.quantity
    enough = wanted is None or (used is not None and used.value >= wanted.value)
    if promise.status is CommitmentStatus.KEPT or not promise.is_open:
        return Progress.KEPT if promise.status is CommitmentStatus.KEPT else Progress.OVER
    if enough and any(one.state in _DONE for one in uses):
        return Progress.KEPT
    if promise.due is not None and promise.due < today:
        return Progress.LATE
    if uses or promise.status is CommitmentStatus.IN_PROGRESS:
        return Progress.UNDER_WAY
    if not requests:
        return Progress.NOT_BEGUN
    refused = all(one.state in _NO for one in requests)
    return Progress.REFUSED if refused else Progress.UNDER_WAY


def _suggestion(promise: Commitment, progress: Progress) -> CommitmentStatus | None:
    found = {
        Progress.KEPT: CommitmentStatus.KEPT,
        Progress.UNDER_WAY: CommitmentStatus.IN_PROGRESS,
    }.get(progress)
    return found if found is not promise.status else None


def _why(promise: Commitment, progress: Progress, count: int, used: Quantity | None) -> Sentence:
    label = Sentence(fr=progress.label_fr, en=progress.label_en)
    if progress is Progress.LATE and promise.due is not None:
        return say(
            "{label} : attendu le {day}.",
            "{label}: due on {day}.",
            label=label,
            day=day_words(promise.due),
        )
    if used is not None and promise.quantity is not None:
        return say(
            "{label} : {used} sur {wanted}.",
            "{label}: {used} of {wanted}.",
            label=label,
            used=f"{used.value.normalize():f}",
            wanted=f"{promise.quantity.value.normalize():f}",
        )
    if count:
        return say(
            "{label} : utilisé {count} fois.",
            "{label}: used {count} times.",
            label=label,
            count=str(count),
        )
    return say("{label}.", "{label}.", label=label)

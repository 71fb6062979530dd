# SPDX-License-Identifier: Apache-2.0
"""Promises are followed by what is stored of their levers."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.cooperation.conventions import Progress, follow_promises
from territoire_sante.model import (
    Commitment,
    CommitmentStatus,
    Convention,
    ConventionKind,
    LeverRequest,
    Mobilisation,
    MobilisationState,
    Party,
    PartyRole,
    Quantity,
    RequestState,
    Unit,
)

PROMISE = Commitment(
    party_id="actor:mairie",
    text="Prêter dix barnums.",
    lever_id="lever:barnum",
    quantity=Quantity(value=10),
    due=dt.date(2026, 12, 31),
)
CONVENTION = Convention(
    id="convention:1",
    kind=ConventionKind.BILATERAL_PARTNERSHIP,
    title="Convention",
    parties=(
        Party(actor_id="actor:mairie", role=PartyRole.COLLECTIVITE),
        Party(actor_id="actor:msp", role=PartyRole.MSP),
    ),
    commitments=(PROMISE,),
)
ASKED = LeverRequest(
    id="lever_request:1",
    requester_id="actor:msp",
    lever_id="lever:barnum",
    state=RequestState.SUBMITTED,
)
USED = Mobilisation(
    id="mobilisation:1",
    lever_id="lever:barnum",
    beneficiary_id="actor:msp",
    quantity=Quantity(value=4),
    state=MobilisationState.DONE,
)
REST = attrs.evolve(USED, id="mobilisation:2", quantity=Quantity(value=6))


def followed(picture, today, *entities, **change):
    """Return what became of the one promise, changed so."""
    promise = attrs.evolve(PROMISE, **change)
    convention = attrs.evolve(CONVENTION, commitments=(promise,))
    (found,) = follow_promises(picture(*entities), convention, today=today)
    return found


@pytest.mark.parametrize(
    ("entities", "change", "progress"),
    [
        pytest.param((), {}, Progress.NOT_BEGUN, id="nothing"),
        pytest.param((ASKED,), {}, Progress.UNDER_WAY, id="asked"),
        pytest.param(
            (attrs.evolve(ASKED, state=RequestState.DECLINED),), {}, Progress.REFUSED, id="declined"
        ),
        pytest.param((USED,), {}, Progress.UNDER_WAY, id="part"),
        pytest.param((USED, REST), {}, Progress.KEPT, id="all"),
        pytest.param((USED,), {"quantity": None}, Progress.KEPT, id="no amount"),
        pytest.param((USED,), {"due": dt.date(2026, 11, 19)}, Progress.LATE, id="late"),
        pytest.param((), {"due": dt.date(2026, 11, 20)}, Progress.NOT_BEGUN, id="last day"),
        pytest.param((), {"status": CommitmentStatus.KEPT}, Progress.KEPT, id="said to be kept"),
        pytest.param((), {"status": CommitmentStatus.RELEASED}, Progress.OVER, id="released"),
        pytest.param(
            (attrs.evolve(USED, state=MobilisationState.CANCELLED),),
            {"quantity": None},
            Progress.UNDER_WAY,
            id="cancelled",
        ),
    ],
)
def test_how_far_a_promise_is(picture, today, entities, change, progress):
    """Requests, uses, amounts and days say how far a promise is."""
    assert followed(picture, today, *entities, **change).progress is progress


def test_amounts_are_added_up(picture, today):
    """What was used is added up, in the unit of the promise only."""
    seats = attrs.evolve(REST, quantity=Quantity(value=50, unit=Unit.SEATS))
    found = followed(picture, today, USED, seats)

    assert found.used == Quantity(value=4)
    assert found.why.fr == "En cours : 4 sur 10."
    assert followed(picture, today, USED, REST).why.en == "Kept: 10 of 10."


@pytest.mark.parametrize(
    "stranger",
    [
        attrs.evolve(USED, beneficiary_id="actor:other"),
        attrs.evolve(USED, beneficiary_id="actor:mairie"),
        attrs.evolve(USED, convention_id="convention:2"),
        attrs.evolve(USED, lever_id="lever:autre"),
    ],
    ids=["stranger", "promiser", "other convention", "other lever"],
)
def test_what_belongs_to_others_does_not_count(picture, today, stranger):
    """Uses by strangers, by the one who promised, or under another convention keep no promise."""
    found = followed(picture, today, stranger, quantity=None)

    assert (found.progress, found.uses) == (Progress.NOT_BEGUN, ())


def test_what_names_the_convention_counts(picture, today):
    """A use that names the convention counts whoever benefits."""
    used = attrs.evolve(USED, beneficiary_id="", convention_id="convention:1")

    assert followed(picture, today, used, quantity=None).uses == (used,)


@pytest.mark.parametrize(
    ("entities", "status", "suggested"),
    [
        ((USED, REST), CommitmentStatus.OPEN, CommitmentStatus.KEPT),
        ((USED,), CommitmentStatus.OPEN, CommitmentStatus.IN_PROGRESS),
        ((USED,), CommitmentStatus.IN_PROGRESS, None),
        ((), CommitmentStatus.OPEN, None),
    ],
    ids=["kept", "begun", "known", "nothing"],
)
def test_a_status_is_suggested(picture, today, entities, status, suggested):
    """A status is suggested where what is stored says more than the promise."""
    assert followed(picture, today, *entities, status=status).suggested is suggested


def test_a_promise_without_a_lever_is_followed_by_its_day(picture, today):
    """Without a lever, status and day are all there is."""
    found = followed(picture, today, USED, lever_id="", due=dt.date(2026, 11, 1))

    assert (found.progress, found.uses) == (Progress.LATE, ())
    assert found.why.fr == "En retard : attendu le 1er novembre 2026."

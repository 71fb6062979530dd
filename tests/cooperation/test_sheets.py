# SPDX-License-Identifier: Apache-2.0
"""How complete sheets are, and what teams do not know of them."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.cooperation import digest_for, sheet_quality, teams_aware_of
from territoire_sante.errors import EntityNotFoundError
from territoire_sante.model import (
    Actor,
    ActorKind,
    AwarenessLevel,
    ContactPoint,
    ContactPointKind,
    Cost,
    Knowledge,
    Lever,
    LeverAwareness,
    LeverOffer,
    LeverType,
    OfferState,
    Quantity,
    RequestMode,
    Tri,
)

TODAY = dt.date(2026, 11, 20)
HOLDER = Actor(id="actor:mairie", kind=ActorKind.COMMUNE, name="Mairie")
TEAM = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP", coverage=("epci:nord",))
LEVER = Lever(
    id="lever:a",
    type=LeverType.TENT,
    title="Tente",
    description="Une tente pliante de trois mètres sur trois.",
    holder_id=HOLDER.id,
    coverage=("commune:48002",),
    verified_on=TODAY,
)
OFFER = LeverOffer(
    id="lever_offer:a",
    lever_id=LEVER.id,
    capacity=Quantity("3"),
    lead_time=Knowledge.ABSENT,
    cost=Cost(),
    insurance_required=Tri.NO,
    convention_required=Tri.NO,
    contact=ContactPoint(kind=ContactPointKind.EMAIL, value="prets@example.org"),
    request_modes=(RequestMode.EMAIL,),
    state=OfferState.PUBLISHED,
)


def test_a_whole_sheet_is_worth_one(picture):
    """A sheet that says all there is to say has full marks and nothing left to do."""
    quality = sheet_quality(picture(HOLDER, LEVER, OFFER), LEVER, today=TODAY)
    assert (quality.score, quality.todos()) == (1.0, ())


@pytest.mark.parametrize(
    ("code", "lever", "offer"),
    [
        ("holder", {"holder_id": ""}, {}),
        ("coverage", {"coverage": ()}, {}),
        ("description", {"description": "Une tente."}, {}),
        ("freshness", {"verified_on": None}, {}),
        ("freshness", {"verified_on": TODAY + dt.timedelta(days=1)}, {}),
        ("contact", {}, {"contact": None}),
        ("way", {}, {"request_modes": ()}),
        ("lead_time", {}, {"lead_time": Knowledge.UNKNOWN}),
        ("cost", {}, {"cost": None}),
        ("capacity", {}, {"capacity": None}),
        ("requirements", {}, {"insurance_required": Tri.UNKNOWN}),
        ("opening_hours", {}, {"request_modes": (RequestMode.VISIT,)}),
    ],
)
def test_what_is_missing_costs_its_mark_alone(picture, code, lever, offer):
    """Each thing left out lowers the mark of its criterion, and that one only."""
    sheet = attrs.evolve(LEVER, **lever)
    quality = sheet_quality(
        picture(HOLDER, sheet, attrs.evolve(OFFER, **offer)), sheet, today=TODAY
    )

    low = [mark.code for mark in quality.marks if mark.value is not None and mark.value < 1]
    assert low == [code]
    assert quality.score < 1
    assert len(quality.todos()) == 1


def test_a_digest_names_what_is_not_known(picture):
    """A lever that is offered where the team works and that it has not seen is news to it."""
    digest = digest_for(picture(HOLDER, TEAM, LEVER, OFFER), TEAM.id, today=TODAY)

    assert [one.lever.id for one in digest.news] == ["lever:a"]
    assert digest.lines() == [
        "MSP : moyens à découvrir (1).",
        "- Tente (Mairie) : Demander à : prets@example.org (par courriel). Sans délai.",
    ]
    assert "means to discover" in digest.lines("en")[0]


@pytest.mark.parametrize(
    "change",
    [
        {"lever": {"coverage": ("epci:sud",)}},
        {"lever": {"coverage": ()}},
        {"lever": {"holder_id": TEAM.id}},
        {"offer": {"state": OfferState.DRAFT}},
        {"offer": {"audience_kinds": (ActorKind.SCHOOL,)}},
        {"level": AwarenessLevel.SEEN},
        {"level": AwarenessLevel.USED},
    ],
    ids=["elsewhere", "anywhere", "its own", "not offered", "for others", "seen", "used"],
)
def test_a_digest_leaves_out_what_is_no_news(picture, change):
    """What is elsewhere, the team's own, not offered, for others, or known is no news."""
    known = LeverAwareness(
        id="lever_awareness:a",
        lever_id=LEVER.id,
        actor_id=TEAM.id,
        level=change.get("level", AwarenessLevel.UNKNOWN),
    )
    snapshot = picture(
        HOLDER,
        TEAM,
        attrs.evolve(LEVER, **change.get("lever", {})),
        attrs.evolve(OFFER, **change.get("offer", {})),
        known,
    )
    digest = digest_for(snapshot, TEAM.id, today=TODAY)

    assert digest.news == ()
    assert digest.lines() == ["MSP : rien de nouveau."]


def test_a_level_noted_as_unknown_is_unknown(picture):
    """A note that a team does not know a lever leaves it in the digest."""
    note = LeverAwareness(id="lever_awareness:a", lever_id=LEVER.id, actor_id=TEAM.id)
    digest = digest_for(picture(HOLDER, TEAM, LEVER, OFFER, note), TEAM.id, today=TODAY)
    assert len(digest.news) == 1


def test_who_knows_a_lever(picture):
    """Those who know a lever at least so well are named."""
    notes = [
        LeverAwareness(
            id=f"lever_awareness:{level.value}",
            lever_id=LEVER.id,
            actor_id=f"actor:{level.value}",
            level=level,
        )
        for level in AwarenessLevel
    ]
    snapshot = picture(*notes)
    assert teams_aware_of(snapshot, LEVER.id) == ("actor:seen", "actor:understood", "actor:used")
    assert teams_aware_of(snapshot, LEVER.id, AwarenessLevel.USED) == ("actor:used",)


def test_an_unknown_team_is_an_error(picture):
    """A digest for nobody is refused."""
    with pytest.raises(EntityNotFoundError):
        digest_for(picture(), "actor:none", today=TODAY)

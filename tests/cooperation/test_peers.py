# SPDX-License-Identifier: Apache-2.0
"""Peers who have done it before: the right ones first, and never oneself."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.cooperation import PEER_WEIGHTS, exchange_for, find_peers
from territoire_sante.errors import EntityNotFoundError, InvalidValueError
from territoire_sante.model import (
    Actor,
    ActorKind,
    CareProject,
    ExchangeState,
    MspStage,
    Practice,
    PracticeState,
    ProjectKind,
    Visibility,
)


def team(name, territory="commune:48001"):
    """Return a care team."""
    return Actor(id=f"actor:{name}", kind=ActorKind.MSP, name=name, territory_id=territory)


def project(name, stage):
    """Return the project of a team at this stage."""
    return CareProject(
        id=f"care_project:{name}",
        kind=ProjectKind.MSP,
        name=name,
        actor_id=f"actor:{name}",
        stage=stage,
    )


def sheet(name, host, **more):
    """Return the sheet of a practice."""
    fields = {"title": "Accueillir des internes", "state": PracticeState.PUBLISHED, **more}
    return Practice(id=f"practice:{name}", actor_id=f"actor:{host}", **fields)


def ids(peers):
    """Return the practices that were found."""
    return [peer.practice.id.removeprefix("practice:") for peer in peers]


def test_the_weights_add_up():
    """A score is between 0 and 1."""
    assert round(sum(PEER_WEIGHTS.values()), 9) == 1


@pytest.mark.parametrize(
    ("stage", "wanted"),
    [
        (MspStage.EMERGENCE, ["intent", "consolidation", "emergence"]),
        (MspStage.OPERATING, ["consolidation", "emergence", "intent"]),
    ],
    ids=["beginning", "further on"],
)
def test_teams_somewhat_further_on_come_first(picture, today, stage, wanted):
    """Who is one or two stages ahead comes before who is far ahead, at the same stage or behind."""
    hosts = [MspStage.EMERGENCE, MspStage.INTENT, MspStage.CONSOLIDATION]
    entities = [
        one
        for host in hosts
        for one in (team(host.value), project(host.value, host), sheet(host.value, host.value))
    ]
    there = picture(team("we"), project("we", stage), *entities)
    found = find_peers(there, "actor:we", today=today)
    if stage is MspStage.EMERGENCE:
        # Far ahead and level are worth the same; the id decides.
        assert ids(found)[0] == wanted[0]
        assert found[1].score == found[2].score
    else:
        assert ids(found) == wanted


def test_words(picture, today):
    """Sheets that say more of the words come first, those with none of them are left out."""
    there = picture(
        team("we"),
        team("they"),
        sheet("both", "they", problem="Trouver un logement"),
        sheet("one", "they"),
        sheet("none", "they", title="Tenir un agenda"),
    )
    found = find_peers(there, "actor:we", "interne logement", today=today)

    assert ids(found) == ["both", "one"]
    assert "1 of 2" in found[1].lines("en")[1]


def test_near_teams_come_first(picture, today):
    """Of two that fit alike, the one of the same département comes first."""
    there = picture(
        team("we"), team("far", ""), team("near"), sheet("a", "far"), sheet("b", "near")
    )

    assert ids(find_peers(there, "actor:we", today=today)) == ["b", "a"]


@pytest.mark.parametrize(
    "practice",
    [
        pytest.param(sheet("own", "we"), id="own"),
        pytest.param(sheet("known", "they", reused_by_ids=("actor:we",)), id="taken up"),
        pytest.param(sheet("old", "they", state=PracticeState.ARCHIVED), id="archived"),
        pytest.param(sheet("hidden", "they", visibility=Visibility.TEAM), id="for their team"),
    ],
)
def test_what_is_not_shown(picture, today, practice):
    """A team is not shown what it does itself, what is archived, or what is not for partners."""
    there = picture(team("we"), team("they"), practice)

    assert find_peers(there, "actor:we", today=today) == ()


def test_a_review_makes_a_sheet_fresh(picture, today):
    """A sheet that was reviewed of late comes before one that never was."""
    there = picture(
        team("we"),
        team("they"),
        sheet("a", "they"),
        sheet("b", "they", reviewed_on=today - dt.timedelta(days=30)),
    )
    found = find_peers(there, "actor:we", today=today)

    assert ids(found) == ["b", "a"]
    assert "21 octobre 2026" in found[0].lines()[1]


def test_a_host_who_may_not_be_seen_is_not_named(picture, today):
    """The sheet is shown to partners, its team is not where it is not for them."""
    host = attrs.evolve(team("they"), visibility=Visibility.TEAM)
    (found,) = find_peers(picture(team("we"), host, sheet("a", "they")), "actor:we", today=today)

    assert found.actor is None
    assert found.lines()[0] == "Accueillir des internes — équipe non renseignée"


def test_the_exchange(picture, today):
    """An exchange is proposed between the two teams, the same one each time."""
    (peer,) = find_peers(
        picture(team("we"), team("they"), sheet("a", "they")), "actor:we", today=today
    )
    exchange = exchange_for(peer, guest_id="actor:we")

    assert (exchange.host_id, exchange.guest_id) == ("actor:they", "actor:we")
    assert exchange.state is ExchangeState.PROPOSED
    assert exchange == exchange_for(peer, guest_id="actor:we")


def test_nobody_to_visit(picture, today):
    """A sheet without a team leads to no exchange."""
    (peer,) = find_peers(
        picture(team("we"), attrs.evolve(sheet("a", "x"), actor_id="")), "actor:we", today=today
    )
    with pytest.raises(InvalidValueError, match="no team"):
        exchange_for(peer, guest_id="actor:we")


def test_an_unknown_team(picture, today):
    """A team that is not stored is an error, not an empty answer."""
    with pytest.raises(EntityNotFoundError):
        find_peers(picture(), "actor:we", today=today)

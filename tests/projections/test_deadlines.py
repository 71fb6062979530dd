# SPDX-License-Identifier: Apache-2.0
"""Deadlines as a calendar: which there are, when, under which identity, and for whom."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.errors import ConfigError, UnsupportedError
from territoire_sante.formats import icalendar
from territoire_sante.model import (
    Action,
    Actor,
    ActorKind,
    AidKind,
    AidTerms,
    ClsStage,
    Commitment,
    CommitmentStatus,
    Contact,
    Convention,
    ConventionKind,
    ConventionState,
    Duration,
    Event,
    GovernanceBody,
    GovernanceKind,
    LeverRequest,
    LocalHealthContract,
    Party,
    PartyRole,
    Renewal,
    RenewalMode,
    RequestState,
    SafeguardKind,
    SafeguardPlan,
    SafeguardState,
    Territory,
    TerritoryKind,
    Tri,
    Visibility,
)
from territoire_sante.projections import ONE_WAY, PROJECTIONS, projection_for

TODAY = dt.date(2027, 3, 1)

CONVENTION = Convention(
    id="convention:1",
    kind=ConventionKind.TRIPARTITE_PARTNERSHIP,
    title="Coordination des soins",
    parties=(Party(actor_id="actor:msp", role=PartyRole.MSP),),
    starts_on=dt.date(2025, 1, 1),
    duration=Duration(years=3),
    state=ConventionState.ACTIVE,
)
TACIT = Renewal(mode=RenewalMode.TACIT, opt_out_notice=Duration(months=3))
PLAN = SafeguardPlan(
    id="safeguard_plan:1",
    territory_id="commune:48095",
    adopted_on=dt.date(2024, 5, 2),
    state=SafeguardState.ADOPTED,
)
COMMUNE = Territory(id="commune:48095", kind=TerritoryKind.COMMUNE, name="Exempleville")


def deadlines(*entities, shelf, audience=Visibility.PARTNERS, today=TODAY):
    """Return the deadlines that an audience sees, by key."""
    projection = projection_for(Event, name="deadlines", audience=audience, today=today)
    return {one.key: one for one in projection.project(shelf(*entities))}


def days(*entities, **options):
    """Return the days of the deadlines by key."""
    return {key: one.view.start for key, one in deadlines(*entities, **options).items()}


def test_the_end_of_a_convention(shelf):
    """The last day in force is an all-day event with the title and the parties that may be seen."""
    msp = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP d'Exempleville")
    found = deadlines(CONVENTION, msp, shelf=shelf)
    view = found["convention:1#end"].view

    assert (view.start, view.end) == (dt.date(2027, 12, 31), dt.date(2028, 1, 1))
    assert view.summary == "Fin de convention : Coordination des soins"
    assert "Concerne : MSP d'Exempleville" in view.description
    assert found["convention:1#end"].revision_of == ((Convention, "convention:1"), (Actor, msp.id))


def test_the_last_day_for_notice(shelf):
    """A tacit renewal adds the last day to refuse it, in the term that runs today."""
    renewed = attrs.evolve(CONVENTION, renewal=TACIT)

    assert days(renewed, shelf=shelf) == {
        "convention:1#end": dt.date(2027, 12, 31),
        "convention:1#notice": dt.date(2027, 9, 30),
    }
    later = days(renewed, shelf=shelf, today=dt.date(2028, 1, 1))
    assert later["convention:1#end"] == dt.date(2030, 12, 31)


def test_a_convention_under_notice_ends_with_it(shelf):
    """Notice that was given moves the end, and there is nothing left to refuse."""
    given = attrs.evolve(CONVENTION, renewal=TACIT).give_notice(by="actor:msp", on=TODAY)
    ending = attrs.evolve(
        given, termination=attrs.evolve(given.termination, effective_on=dt.date(2027, 6, 1))
    )

    assert days(ending, shelf=shelf) == {"convention:1#end": dt.date(2027, 5, 31)}


@pytest.mark.parametrize(
    "state",
    [ConventionState.DRAFT, ConventionState.SIGNING, ConventionState.EXPIRED],
)
def test_what_is_not_in_force_has_no_deadlines(shelf, state):
    """A convention before or after its life is in nobody's calendar."""
    assert days(attrs.evolve(CONVENTION, state=state), shelf=shelf) == {}


def test_meetings_of_a_convention(shelf):
    """A planned meeting that is no event yet is shown, and by when an unplanned one is due."""
    steering = GovernanceBody(kind=GovernanceKind.STEERING, met_on=(dt.date(2026, 6, 1),))
    technical = GovernanceBody(kind=GovernanceKind.TECHNICAL, next_on=dt.date(2027, 4, 1))
    known = attrs.evolve(technical, event_ids=("event:1",))
    held = attrs.evolve(CONVENTION, governance=(steering, technical, known))
    found = days(held, shelf=shelf)
    del found["convention:1#end"]

    assert found == {
        "convention:1#meet-by-1": dt.date(2027, 6, 1),
        "convention:1#meeting-2": dt.date(2027, 4, 1),
    }


def test_commitments_keep_their_identity(shelf):
    """An open commitment is shown on its day, under one key whatever the order and the day."""
    first, second = (
        Commitment(party_id="actor:msp", text=text, due=dt.date(2027, 5, 1))
        for text in ("Recruter", "Prêter la salle")
    )
    kept = attrs.evolve(first, text="Former", status=CommitmentStatus.KEPT)
    before = days(attrs.evolve(CONVENTION, commitments=(first, second, kept)), shelf=shelf)
    moved = attrs.evolve(first, due=dt.date(2027, 9, 9))
    after = days(attrs.evolve(CONVENTION, commitments=(second, moved)), shelf=shelf)

    assert len(before) == 3
    assert before.keys() == after.keys()
    assert sorted(after.values())[:2] == [dt.date(2027, 5, 1), dt.date(2027, 9, 9)]


def test_the_commitment_of_an_aided_professional(shelf):
    """The end of the years of practice that an aid asks for is told with its articles."""
    aid = AidTerms(kind=AidKind.HOUSING, commitment=Duration(years=3))
    view = deadlines(attrs.evolve(CONVENTION, aid=aid), shelf=shelf)["convention:1#aid"].view

    assert view.start == dt.date(2027, 12, 31)
    assert "CGCT, art. L1511-8" in view.description


def test_the_end_of_a_local_health_contract(shelf):
    """A contract under way has its last day; one that is over has none."""
    contract = LocalHealthContract(
        id="cls:1",
        name="CLS du Haut-Exemple",
        signed_on=dt.date(2023, 7, 1),
        duration=Duration(years=5),
        stage=ClsStage.RUNNING,
    )

    assert days(contract, shelf=shelf) == {"cls:1#end": dt.date(2028, 6, 30)}
    assert days(attrs.evolve(contract, stage=ClsStage.ENDED), shelf=shelf) == {}


def test_the_dates_of_a_safeguard_plan(shelf):
    """An adopted plan is to be revised and exercised within five years, with the article."""
    found = deadlines(PLAN, COMMUNE, shelf=shelf)
    revision = found["safeguard_plan:1#revision"].view

    assert {one.view.start for one in found.values()} == {dt.date(2029, 5, 2)}
    assert len(found) == 2
    assert revision.summary == "PCS à réviser (Exempleville)"
    assert "CSI, art. R731-7" in revision.description


def test_a_compulsory_plan_is_to_be_adopted(shelf):
    """A plan known to be compulsory and missing is due two years after the notification."""
    missing = SafeguardPlan(
        id="safeguard_plan:2",
        mandatory=Tri.YES,
        notified_on=dt.date(2026, 2, 1),
        state=SafeguardState.IN_PREPARATION,
    )

    assert days(missing, shelf=shelf) == {"safeguard_plan:2#adoption": dt.date(2028, 2, 1)}
    assert days(attrs.evolve(missing, mandatory=Tri.UNKNOWN), shelf=shelf) == {}


def test_a_compulsory_intercommunal_plan_has_the_day_of_the_law(shelf):
    """A compulsory PICS that is missing was due on the day that the act of 2021 set."""
    missing = SafeguardPlan(
        id="safeguard_plan:3",
        kind=SafeguardKind.PICS,
        mandatory=Tri.YES,
        state=SafeguardState.NONE,
    )
    notified = attrs.evolve(missing, notified_on=dt.date(2026, 2, 1))

    assert days(missing, shelf=shelf) == {"safeguard_plan:3#adoption": dt.date(2026, 11, 26)}
    assert days(notified, shelf=shelf) == {"safeguard_plan:3#adoption": dt.date(2028, 2, 1)}


def test_answers_and_actions(shelf):
    """A request that waits and an action to do have their day; what is done has none."""
    request = LeverRequest(
        id="lever_request:1",
        requester_id="actor:msp",
        purpose="Barnum",
        due_answer_on=dt.date(2027, 3, 9),
        state=RequestState.SUBMITTED,
    )
    action = Action(id="action:1", title="Écrire au maire", due=dt.date(2027, 3, 8))
    done = attrs.evolve(action, id="action:2").begin().finish(on=TODAY)

    assert days(request, action, done, shelf=shelf) == {
        "lever_request:1#answer": dt.date(2027, 3, 9),
        "action:1#due": dt.date(2027, 3, 8),
    }


def test_only_what_the_audience_may_see(shelf):
    """A hidden entity has no deadline, and a hidden party or territory is not named."""
    hidden = attrs.evolve(CONVENTION, visibility=Visibility.TEAM)
    msp = Actor(
        id="actor:msp", kind=ActorKind.MSP, name="Équipe discrète", visibility=Visibility.PRIVATE
    )
    secret = attrs.evolve(COMMUNE, visibility=Visibility.PRIVATE)

    assert deadlines(hidden, shelf=shelf) == {}
    texts = [repr(one) for one in deadlines(CONVENTION, PLAN, msp, secret, shelf=shelf).values()]
    assert len(texts) == 3
    assert not any("discrète" in text or "Exempleville" in text for text in texts)


def test_one_deadline_is_the_same_as_in_the_whole(shelf):
    """Asked for alone, each deadline is what the whole calendar shows; a stale key is nothing."""
    held = shelf(attrs.evolve(CONVENTION, renewal=TACIT), PLAN, COMMUNE)
    projection = projection_for(Event, name="deadlines", audience=Visibility.PARTNERS, today=TODAY)
    whole = list(projection.project(held))

    assert [projection.project_one(held, one.key) for one in whole] == whole
    assert len({one.view.uid for one in whole}) == len(whole) == 4
    for stale in ("convention:1#aid", "convention:9#end", "event:1", "convention:1"):
        assert projection.project_one(held, stale) is None


def test_a_calendar_can_say_them(shelf):
    """What a calendar document carries of a deadline is all of it."""
    for one in deadlines(CONVENTION, PLAN, COMMUNE, shelf=shelf).values():
        back = icalendar.EVENT.get(icalendar.EVENT.put(one.view))
        assert attrs.evolve(back, visibility=one.view.visibility) == one.view


def test_nothing_comes_back(shelf):
    """Edits of the other side are refused, and a deletion there deletes nothing here."""
    held = shelf(CONVENTION)
    for name in sorted(ONE_WAY):
        view = {"event": Event, "contact": Contact}[PROJECTIONS[name]]
        projection = projection_for(view, name=name, audience=Visibility.TEAM, today=TODAY)
        with pytest.raises(UnsupportedError):
            projection.absorb(held, None, "convention:1#end", frozenset({"summary"}))
        assert projection.remove(held, "convention:1#end").delete == ()


def test_a_term_beyond_the_calendar_hides_nothing_else(shelf):
    """A duration that leaves the calendar costs only its own entity its deadlines."""
    endless = attrs.evolve(CONVENTION, id="convention:2", duration=Duration(years=99_999))

    assert days(endless, PLAN, shelf=shelf).keys() == {
        "safeguard_plan:1#revision",
        "safeguard_plan:1#exercise",
    }


def test_a_projection_of_another_view_is_refused():
    """Deadlines are no contacts: the error names what there is."""
    with pytest.raises(ConfigError, match="contacts, groups"):
        projection_for(Contact, name="deadlines", audience=Visibility.TEAM, today=TODAY)

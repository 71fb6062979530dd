# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import InvalidValueError, TransitionError
from territoire_sante.model import (
    Amendment,
    Commitment,
    CommitmentStatus,
    Convention,
    ConventionKind,
    ConventionState,
    DeliberationRef,
    Duration,
    GovernanceBody,
    GovernanceKind,
    Party,
    PartyRole,
    Period,
    Renewal,
    RenewalMode,
    Signature,
    Termination,
    Tri,
)

START = dt.date(2026, 1, 1)
END = dt.date(2026, 12, 31)
YEAR = Duration(years=1)
VOTE = DeliberationRef(number="2026-12", on=dt.date(2025, 12, 1))
PARTIES = (
    Party(actor_id="actor:msp", role=PartyRole.MSP, capacity="Gérante"),
    Party(actor_id="actor:pays", role=PartyRole.CLS, capacity="Présidente"),
    Party(
        actor_id="mairie:48095",
        role=PartyRole.COLLECTIVITE,
        representative_id="person:maire",
        capacity="Maire",
        empowered_by=VOTE,
    ),
)


def convention(**fields) -> Convention:
    """Return a tripartite convention with these fields."""
    given = {
        "id": "convention:1",
        "kind": ConventionKind.TRIPARTITE_PARTNERSHIP,
        "title": "Ensemble pour la santé",
        "parties": PARTIES,
        "starts_on": START,
        "duration": YEAR,
    }
    return Convention(**(given | fields))


def signature(party: str, day: int = 1) -> Signature:
    """Return the signature of a party in December 2025."""
    return Signature(party_id=party, signed_on=dt.date(2025, 12, day))


def test_from_draft_to_force():
    """A convention is negotiated, approved, signed by each party, and then in force."""
    draft = convention(starts_on=None)
    ready = draft.negotiate().approve()
    for day, party in enumerate(PARTIES, start=1):
        assert ready.effective_on() is None
        ready = ready.sign(signature(party.actor_id, day))
    active = ready.activate()
    assert active.in_force
    assert active.starts_on == dt.date(2025, 12, 3)
    assert active.end_on(START) == dt.date(2026, 12, 2)
    assert draft.state is ConventionState.DRAFT


def test_an_authority_needs_its_deliberation():
    """Approval is refused while a public party has no deliberation, and it is named."""
    bare = attrs.evolve(PARTIES[2], empowered_by=None)
    negotiated = convention(parties=(PARTIES[0], PARTIES[1], bare)).negotiate()
    assert negotiated.without_deliberation() == (bare,)
    with pytest.raises(TransitionError, match="mairie:48095") as caught:
        negotiated.approve()
    assert caught.value.allowed == ("abandon",)


def test_who_needs_a_deliberation():
    """A collectivité needs one, a team does not, and for a CLS it depends on who carries it."""
    needs = [party.deliberation_needed for party in PARTIES]
    assert needs == [Tri.NO, Tri.UNKNOWN, Tri.YES]
    told = attrs.evolve(PARTIES[1], deliberation_needed=Tri.YES)
    assert convention(parties=(told,)).without_deliberation() == (told,)


def test_it_is_not_in_force_before_all_have_signed():
    """Activation is refused while a signature is missing, and the party is named."""
    signing = convention(state=ConventionState.APPROVED).sign(signature("actor:msp"))
    assert [party.actor_id for party in signing.unsigned_by()] == ["actor:pays", "mairie:48095"]
    with pytest.raises(TransitionError, match="actor:pays, mairie:48095"):
        signing.activate()


@pytest.mark.parametrize("party", ["actor:other", "actor:msp"])
def test_only_parties_sign_and_only_once(party):
    """A signature of somebody else, or a second one, is refused with who is still to sign."""
    signing = convention(state=ConventionState.APPROVED).sign(signature("actor:msp"))
    with pytest.raises(InvalidValueError) as caught:
        signing.sign(signature(party, 2))
    assert "actor:pays, mairie:48095" in caught.value.remedy


@pytest.mark.parametrize(
    ("parties", "missing", "doubled"),
    [
        (PARTIES, (), ()),
        (PARTIES[:2], (PartyRole.COLLECTIVITE,), ()),
        ((), (PartyRole.MSP, PartyRole.CLS, PartyRole.COLLECTIVITE), ()),
        (
            (PARTIES[0], PARTIES[2], Party(actor_id="mairie:48095", role=PartyRole.CLS)),
            (),
            ("mairie:48095",),
        ),
        ((*PARTIES, Party(actor_id="mairie:48095", role=PartyRole.OTHER)), (), ()),
    ],
)
def test_a_tripartite_convention_has_three_parties(parties, missing, doubled):
    """The three roles must be there, and no actor may fill two of them."""
    made = convention(parties=parties)
    assert made.missing_roles() == missing
    assert made.doubled_parties() == doubled
    charter = attrs.evolve(made, kind=ConventionKind.CHARTER)
    assert (charter.missing_roles(), charter.doubled_parties()) == ((), ())


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({}, END),
        ({"duration": None}, None),
        ({"ends_on": dt.date(2026, 6, 30)}, dt.date(2026, 6, 30)),
        ({"starts_on": None}, None),
        ({"starts_on": dt.date(2028, 2, 29)}, dt.date(2029, 2, 27)),
    ],
)
def test_the_last_day(fields, end):
    """The stated last day wins; else it follows from start and duration; else it is not known."""
    assert convention(**fields, state=ConventionState.ACTIVE).end_on(START) == end


@pytest.mark.parametrize(
    ("today", "soon", "past"),
    [
        (dt.date(2026, 9, 29), False, False),
        (dt.date(2026, 9, 30), True, False),
        (END, True, False),
        (dt.date(2027, 1, 1), False, True),
    ],
)
def test_expiring_soon_and_past(today, soon, past):
    """It expires soon within the time asked for, last day included, and is past its end after."""
    active = convention(state=ConventionState.ACTIVE)
    within = Duration(months=3, days=1)
    assert active.expiring_soon(today, within) is soon
    assert active.past_end(today) is past
    expired = active.expire()
    assert not expired.expiring_soon(today, within)
    assert not expired.past_end(today)


TACIT = Renewal(mode=RenewalMode.TACIT, max_count=2, opt_out_notice=Duration(months=3))


@pytest.mark.parametrize(
    ("today", "end", "notice"),
    [
        (dt.date(2026, 5, 1), END, dt.date(2026, 9, 30)),
        (END, END, dt.date(2026, 9, 30)),
        (dt.date(2027, 1, 1), dt.date(2027, 12, 31), dt.date(2027, 9, 30)),
        (dt.date(2028, 1, 1), dt.date(2028, 12, 31), None),
        (dt.date(2031, 1, 1), dt.date(2028, 12, 31), None),
    ],
)
def test_tacit_renewals_are_counted(today, end, notice):
    """Renewals that nobody noted move the end on, as often as allowed; the last needs no notice."""
    active = convention(state=ConventionState.ACTIVE, renewal=TACIT)
    assert active.end_on(today) == end
    assert active.last_notice_day(today) == notice


def test_the_window_to_opt_out():
    """The window is open from the lead given to the last day of notice, that day included."""
    active = convention(state=ConventionState.ACTIVE, renewal=TACIT)
    lead = Duration(months=1)
    open_on = [
        day
        for day in (dt.date(2026, 8, 29), dt.date(2026, 8, 30), dt.date(2026, 9, 30), END)
        if active.opt_out_window_open(day, lead)
    ]
    assert open_on == [dt.date(2026, 8, 30), dt.date(2026, 9, 30)]


@pytest.mark.parametrize(
    "fields",
    [
        {"renewal": None},
        {"renewal": Renewal(mode=RenewalMode.EXPRESS, opt_out_notice=YEAR)},
        {"renewal": Renewal(mode=RenewalMode.TACIT)},
        {"renewal": TACIT, "state": ConventionState.SUSPENDED},
        {"renewal": TACIT, "duration": None},
        {"renewal": attrs.evolve(TACIT, max_count=0)},
    ],
)
def test_no_notice_day_where_nothing_renews_itself(fields):
    """Without a tacit renewal to come, a notice and a known end there is no last day for it."""
    active = convention(**({"state": ConventionState.ACTIVE} | fields))
    assert active.last_notice_day(START) is None
    assert not active.opt_out_window_open(START, YEAR)


def test_the_general_notice_stands_in():
    """Where no opt-out notice is written, the general notice period counts."""
    active = convention(
        state=ConventionState.ACTIVE,
        renewal=Renewal(mode=RenewalMode.TACIT),
        termination=Termination(notice_period=Duration(months=6)),
    )
    assert active.last_notice_day(START) == dt.date(2026, 6, 30)


def test_renewing_starts_the_next_term():
    """A renewal keeps the id, notes the past term, and runs from the day after it."""
    active = convention(state=ConventionState.ACTIVE)
    second = active.renew()
    assert (second.id, second.term_no, second.state) == (active.id, 2, ConventionState.RENEWED)
    assert (second.starts_on, second.ends_on) == (dt.date(2027, 1, 1), dt.date(2027, 12, 31))
    assert second.past_terms == (Period(start=START, end=dt.date(2027, 1, 1)),)
    third = second.renew(ends_on=dt.date(2030, 6, 30))
    assert (third.term_no, third.ends_on) == (3, dt.date(2030, 6, 30))
    back = third.suspend(on=START).resume()
    assert back.state is ConventionState.RENEWED


def test_renewing_needs_an_end():
    """The next term begins after a known day and has a known length or last day."""
    endless = convention(state=ConventionState.ACTIVE, duration=None)
    with pytest.raises(InvalidValueError, match="running term"):
        endless.renew(ends_on=END)
    once = endless.amend(Amendment(number=1, on=START), ends_on=END)
    with pytest.raises(InvalidValueError, match="next term"):
        once.renew()
    assert once.renew(ends_on=dt.date(2027, 6, 30)).starts_on == dt.date(2027, 1, 1)


@given(
    st.dates(dt.date(2000, 1, 1), dt.date(2040, 12, 31)),
    st.integers(1, 60),
    st.integers(1, 5),
)
@settings(max_examples=60)
def test_terms_follow_without_a_gap(start, months, count):
    """Noted renewals and those that nobody noted lead to the same last day, without gaps."""
    length = Duration(months=months)
    first = convention(
        state=ConventionState.ACTIVE,
        starts_on=start,
        duration=length,
        renewal=Renewal(mode=RenewalMode.TACIT),
    )
    noted = first
    for _ in range(count):
        noted = noted.renew()
    last = noted.end_on(start)
    assert last is not None
    assert first.end_on(last) == last
    days = [noted.past_terms[0].start, *(term.end for term in noted.past_terms)]
    assert days[-1] == noted.starts_on
    assert sorted(days) == days


def test_notice_and_termination():
    """Notice sets the end by its period; termination states the first day without it."""
    active = convention(
        state=ConventionState.ACTIVE,
        termination=Termination(notice_period=Duration(months=2), grounds="intérêt général"),
    )
    given_on = dt.date(2026, 3, 31)
    noticed = active.give_notice(by="actor:msp", on=given_on)
    assert noticed.in_force
    assert noticed.end_on(given_on) == dt.date(2026, 5, 30)
    ended = noticed.terminate(on=dt.date(2026, 5, 31))
    assert ended.termination == Termination(
        notice_period=Duration(months=2),
        grounds="intérêt général",
        noticed_on=given_on,
        by_party_id="actor:msp",
        effective_on=dt.date(2026, 5, 31),
    )
    assert ended.replace(by="convention:2").replaced_by_id == "convention:2"


def test_notice_without_a_period_leaves_the_written_end():
    """Where no notice period is written, the end of the term stands until termination."""
    noticed = convention(state=ConventionState.ACTIVE).give_notice(by="actor:msp", on=START)
    assert noticed.end_on(START) == END


def test_amendments_note_what_they_change():
    """An amendment changes the fields given and notes their names."""
    active = convention(state=ConventionState.ACTIVE)
    amended = active.amend(Amendment(number=1, on=START), purpose="Étendu", themes=("mobilité",))
    assert amended.purpose == "Étendu"
    assert amended.amendments[0].changed_fields == ("purpose", "themes")


@pytest.mark.parametrize("field", ["state", "signatures", "id", "term_no"])
def test_amendments_do_not_bypass_verbs(field):
    """What a verb decides cannot be changed by an amendment."""
    active = convention(state=ConventionState.ACTIVE)
    with pytest.raises(InvalidValueError, match=field):
        active.amend(Amendment(number=1, on=START), **{field: ()})


def test_overdue_meetings():
    """A steering body is late after its interval, unless it met or a meeting is planned."""
    body = GovernanceBody(kind=GovernanceKind.STEERING, min_meetings_per_year=2)
    active = convention(state=ConventionState.ACTIVE, governance=(body,), duration=None)
    assert not active.overdue_meeting(dt.date(2026, 7, 1))
    assert active.overdue_meeting(dt.date(2026, 7, 2))
    for better in (
        attrs.evolve(body, met_on=(dt.date(2026, 3, 1), dt.date(2026, 2, 1))),
        attrs.evolve(body, next_on=dt.date(2026, 7, 2)),
        attrs.evolve(body, kind=GovernanceKind.TECHNICAL),
    ):
        assert not attrs.evolve(active, governance=(better,)).overdue_meeting(dt.date(2026, 7, 2))
    assert not attrs.evolve(active, state=ConventionState.DRAFT).overdue_meeting(END)
    assert not body.overdue(END)


def test_commitments():
    """Parties without a promise and promises past their day are named."""
    late = Commitment(party_id="actor:msp", text="Deux soirées", due=dt.date(2026, 6, 1))
    kept = attrs.evolve(late, status=CommitmentStatus.KEPT)
    made = convention(commitments=(late, kept))
    assert [party.actor_id for party in made.uncommitted_parties()] == [
        "actor:pays",
        "mairie:48095",
    ]
    assert made.overdue_commitments(dt.date(2026, 6, 2)) == (late,)
    assert made.overdue_commitments(dt.date(2026, 6, 1)) == ()


def test_the_end_is_not_before_the_start():
    """A last day before the first is refused, the last day being named."""
    with pytest.raises(InvalidValueError) as caught:
        convention(ends_on=dt.date(2025, 12, 31))
    assert caught.value.where == "ends_on"

# SPDX-License-Identifier: Apache-2.0
"""Where a convention stands: its next step and what it lacks, its days, its parties."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.cooperation.conventions import (
    MilestoneKind,
    check_parties,
    milestones,
    standing_of,
)
from territoire_sante.errors import TransitionError
from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    ClsStage,
    Commitment,
    Convention,
    ConventionKind,
    ConventionState,
    DeliberationRef,
    Duration,
    GovernanceBody,
    GovernanceKind,
    LocalHealthContract,
    Party,
    PartyRole,
    Period,
    Person,
    PersonName,
    Renewal,
    RenewalMode,
    Role,
    Signature,
    Tri,
)

TEAM = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP", territory_id="commune:48001")
CARRIER = Actor(id="actor:pays", kind=ActorKind.PETR, name="Pays")
HALL = Actor(id="actor:mairie", kind=ActorKind.COMMUNE, name="Mairie", territory_id="commune:48001")
CLS = LocalHealthContract(
    id="cls:a",
    name="CLS Nord",
    territory_id="epci:nord",
    carrier_id="actor:pays",
    starts_on=dt.date(2025, 1, 1),
    ends_on=dt.date(2029, 12, 31),
    stage=ClsStage.RUNNING,
)
DRAFT = Convention(
    id="convention:1",
    kind=ConventionKind.TRIPARTITE_PARTNERSHIP,
    title="Convention",
    purpose="Coopérer.",
    territory_id="epci:nord",
    parties=(
        Party(actor_id="actor:msp", role=PartyRole.MSP, capacity="Présidente"),
        Party(actor_id="actor:pays", role=PartyRole.CLS, capacity="Président"),
        Party(
            actor_id="actor:mairie",
            role=PartyRole.COLLECTIVITE,
            capacity="Maire",
            empowered_by=DeliberationRef(number="7"),
        ),
    ),
    commitments=(Commitment(party_id="actor:mairie", text="Prêter la salle."),),
    duration=Duration(years=1),
)
BOUND = attrs.evolve(
    DRAFT,
    state=ConventionState.ACTIVE,
    starts_on=dt.date(2026, 1, 1),
    ends_on=dt.date(2026, 12, 31),
)
TACIT = Renewal(mode=RenewalMode.TACIT, opt_out_notice=Duration(months=3))
EXPRESS = Renewal(mode=RenewalMode.EXPRESS)
YEAR = {"start": dt.date(2026, 1, 1), "end": dt.date(2026, 12, 31)}


@pytest.fixture
def there(picture):
    """Return a snapshot of the three parties and the CLS."""
    return picture(TEAM, CARRIER, HALL, CLS)


def said(standing):
    """Return what a convention lacks, in French."""
    return [lack.what.fr for lack in standing.lacks]


def without(convention, role):
    """Return it without the party in this role."""
    parties = tuple(one for one in convention.parties if one.role is not role)
    return attrs.evolve(convention, parties=parties)


@pytest.mark.parametrize(
    ("convention", "verb", "lacks"),
    [
        pytest.param(DRAFT, "negotiate", [], id="draft"),
        pytest.param(
            attrs.evolve(without(DRAFT, PartyRole.CLS), purpose=" "),
            "negotiate",
            ["Objet à écrire.", "Partie à trouver : Contrat local de santé."],
            id="draft without",
        ),
        pytest.param(DRAFT.negotiate(), "approve", [], id="negotiation"),
        pytest.param(
            attrs.evolve(
                DRAFT.negotiate(),
                commitments=(),
                parties=tuple(attrs.evolve(one, empowered_by=None) for one in DRAFT.parties),
            ),
            "approve",
            ["Délibération de Mairie.", "Engagements à écrire."],
            id="negotiation without",
        ),
        pytest.param(DRAFT.negotiate().approve(), "sign", [], id="approved"),
        pytest.param(
            attrs.evolve(
                DRAFT.negotiate().approve(),
                parties=(attrs.evolve(DRAFT.parties[0], capacity=""), *DRAFT.parties[1:]),
            ),
            "sign",
            ["Qui signe pour MSP ?"],
            id="approved without",
        ),
        pytest.param(
            DRAFT.negotiate()
            .approve()
            .sign(Signature(party_id="actor:msp", signed_on=dt.date(2026, 11, 1))),
            "activate",
            ["Signature de Pays.", "Signature de Mairie."],
            id="signing",
        ),
        pytest.param(BOUND, "", [], id="in force"),
        pytest.param(BOUND.suspend(on=dt.date(2026, 6, 1)), "resume", [], id="suspended"),
        pytest.param(
            BOUND.give_notice(by="actor:msp", on=dt.date(2026, 11, 1)), "terminate", [], id="notice"
        ),
        pytest.param(DRAFT.abandon(), "", [], id="abandoned"),
    ],
)
def test_the_next_step(there, today, convention, verb, lacks):
    """Each state has its next step, and what is missing for it is named with whose it is."""
    standing = standing_of(there, convention, today=today)

    assert (standing.next_verb, said(standing)) == (verb, lacks)
    assert standing.ready is (bool(verb) and not lacks)


def test_ready_means_that_the_step_succeeds(there, today):
    """Where nothing is lacking the step can be taken; where a deliberation is, it cannot."""
    ready = DRAFT.negotiate()
    waiting = attrs.evolve(
        ready, parties=tuple(attrs.evolve(one, empowered_by=None) for one in ready.parties)
    )

    assert standing_of(there, ready, today=today).ready
    assert ready.approve().state is ConventionState.APPROVED
    assert not standing_of(there, waiting, today=today).ready
    with pytest.raises(TransitionError):
        waiting.approve()


@pytest.mark.parametrize(
    ("renewal", "day", "verb"),
    [
        (None, dt.date(2026, 12, 31), ""),
        (None, dt.date(2027, 1, 1), "expire"),
        (EXPRESS, dt.date(2027, 1, 1), "renew"),
        (TACIT, dt.date(2027, 1, 1), ""),
    ],
    ids=["last day", "past", "express", "tacit"],
)
def test_the_step_after_the_end(there, renewal, day, verb):
    """Past its last day a convention expires, is renewed expressly, or goes on by itself."""
    standing = standing_of(there, attrs.evolve(BOUND, renewal=renewal), today=day)

    assert standing.next_verb == verb


@pytest.mark.parametrize(
    ("renewal", "wanted"),
    [
        (None, [("2026-12-31", "end")]),
        (EXPRESS, [("2026-12-31", "express_renewal")]),
        (TACIT, [("2026-09-30", "notice"), ("2026-12-31", "tacit_renewal")]),
    ],
    ids=["none", "express", "tacit"],
)
def test_the_days_of_a_year(picture, renewal, wanted):
    """A year shows when a convention ends, is renewed, and can last be refused."""
    there = picture(attrs.evolve(BOUND, renewal=renewal))
    found = milestones(there, **YEAR, today=dt.date(2026, 1, 15))

    assert [(one.day.isoformat(), one.kind.value) for one in found] == wanted


def test_promises_meetings_and_beginnings_have_their_day(picture, today):
    """Days of promises and meetings are those of conventions in force, a start that of others."""
    promise = Commitment(party_id="actor:msp", text="Tenir un stand.", due=dt.date(2026, 12, 1))
    body = GovernanceBody(kind=GovernanceKind.STEERING, next_on=dt.date(2026, 12, 2))
    bound = attrs.evolve(
        BOUND, ends_on=None, duration=None, commitments=(promise,), governance=(body,)
    )
    soon = attrs.evolve(
        DRAFT.negotiate().approve(), id="convention:2", starts_on=dt.date(2026, 12, 3)
    )
    idle = attrs.evolve(soon, id="convention:3", state=ConventionState.DRAFT)
    found = milestones(picture(TEAM, bound, soon, idle), **YEAR, today=today)

    assert [one.kind for one in found] == [
        MilestoneKind.COMMITMENT,
        MilestoneKind.MEETING,
        MilestoneKind.START,
    ]
    assert found[0].text() == "1er décembre 2026 : Engagement à tenir. MSP : Tenir un stand."
    assert found[0].text("en").startswith("1 December 2026: Commitment due.")


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-12-31", "2026-12-31", 1),
        ("2026-12-30", "2026-12-30", 0),
        ("2027-01-01", "2027-12-31", 0),
    ],
    ids=["the day", "before", "after"],
)
def test_the_bounds_of_a_search(picture, today, start, end, count):
    """Both days of the search are included."""
    there = picture(BOUND)
    found = milestones(
        there, start=dt.date.fromisoformat(start), end=dt.date.fromisoformat(end), today=today
    )

    assert len(found) == count


def turned_out(checks):
    """Return role, actor and outcome of each check."""
    return [
        (one.role.value, one.actor_id.removeprefix("actor:"), one.holds.value) for one in checks
    ]


def test_three_sound_parties(there, today):
    """A team, the carrier of the CLS and a town hall of the area are what their roles say."""
    assert turned_out(check_parties(there, DRAFT, today=today)) == [
        ("msp", "msp", "yes"),
        ("cls", "pays", "yes"),
        ("collectivite", "mairie", "yes"),
    ]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        pytest.param({"kind": ActorKind.ASSOCIATION}, ("msp", "msp", "no"), id="no team"),
        pytest.param({"kind": ActorKind.SISA}, ("msp", "msp", "yes"), id="company of a team"),
    ],
)
def test_the_team(picture, today, change, wanted):
    """The party of the team is a care team, or its company."""
    there = picture(attrs.evolve(TEAM, **change), CARRIER, HALL, CLS)

    assert turned_out(check_parties(there, DRAFT, today=today))[0] == wanted


@pytest.mark.parametrize(
    ("carrier", "contract", "outcome"),
    [
        pytest.param(CARRIER, CLS, "yes", id="carries it"),
        pytest.param(CARRIER, attrs.evolve(CLS, carrier_id="actor:x"), "unknown", id="another"),
        pytest.param(CARRIER, attrs.evolve(CLS, territory_id="epci:sud"), "no", id="elsewhere"),
        pytest.param(
            CARRIER, attrs.evolve(CLS, ends_on=dt.date(2026, 11, 1)), "unknown", id="over"
        ),
        pytest.param(
            attrs.evolve(CARRIER, kind=ActorKind.ARS),
            attrs.evolve(CLS, carrier_id="actor:x"),
            "yes",
            id="ARS",
        ),
    ],
)
def test_the_party_of_the_cls(picture, today, carrier, contract, outcome):
    """A CLS is no legal person: the body that carries it here speaks for it, or the ARS."""
    there = picture(TEAM, carrier, HALL, contract)

    assert turned_out(check_parties(there, DRAFT, today=today))[1] == ("cls", "pays", outcome)


@pytest.mark.parametrize(
    ("hall", "outcome"),
    [
        pytest.param(HALL, "yes", id="here"),
        pytest.param(attrs.evolve(HALL, territory_id="commune:48003"), "no", id="elsewhere"),
        pytest.param(attrs.evolve(HALL, territory_id=""), "unknown", id="nowhere"),
        pytest.param(attrs.evolve(HALL, kind=ActorKind.ASSOCIATION), "no", id="association"),
    ],
)
def test_the_authority(picture, today, hall, outcome):
    """The authority is a public one whose territory the convention touches."""
    there = picture(TEAM, CARRIER, hall, CLS)

    assert turned_out(check_parties(there, DRAFT, today=today))[2][2] == outcome


def test_a_party_that_is_not_stored_is_not_known(picture, today):
    """Of an actor that is not stored nothing is said but that."""
    found = check_parties(picture(), DRAFT, today=today)

    assert {one.holds for one in found} == {Tri.UNKNOWN}


def test_missing_and_doubled_roles(there, today):
    """A role that nobody fills, and one actor in two roles, are told."""
    parties = (
        Party(actor_id="actor:msp", role=PartyRole.MSP),
        Party(actor_id="actor:pays", role=PartyRole.CLS),
        Party(actor_id="actor:pays", role=PartyRole.COLLECTIVITE),
    )
    doubled = check_parties(there, attrs.evolve(DRAFT, parties=parties), today=today)
    missing = check_parties(there, without(DRAFT, PartyRole.MSP), today=today)

    assert turned_out(doubled)[:2] == [("cls", "pays", "no"), ("collectivite", "pays", "no")]
    assert turned_out(missing)[0] == ("msp", "", "no")


@pytest.mark.parametrize(
    ("period", "outcome"),
    [
        (Period(), "yes"),
        (Period(end=dt.date(2026, 11, 21)), "yes"),
        (Period(end=dt.date(2026, 11, 20)), "no"),
        (None, "unknown"),
    ],
    ids=["in office", "last day", "over", "no post"],
)
def test_who_speaks_for_a_party(picture, today, period, outcome):
    """Whoever speaks for a party holds a post there on that day, or it is told."""
    speaker = Person(id="person:1", name=PersonName(family="Exemple", given="Odile"))
    parties = (
        *DRAFT.parties[:2],
        attrs.evolve(DRAFT.parties[2], representative_id="person:1"),
    )
    posts = (
        []
        if period is None
        else [
            Appointment(
                id="appointment:1",
                person_id="person:1",
                actor_id="actor:mairie",
                role=Role.MAYOR,
                period=period,
            )
        ]
    )
    there = picture(TEAM, CARRIER, HALL, CLS, speaker, *posts)
    found = check_parties(there, attrs.evolve(DRAFT, parties=parties), today=today)

    assert found[-1].holds.value == outcome


def test_other_conventions_have_no_such_parties(there, today):
    """A loan of premises has no three roles to look at."""
    loan = attrs.evolve(DRAFT, kind=ConventionKind.PREMISES_LOAN)

    assert check_parties(there, loan, today=today) == ()

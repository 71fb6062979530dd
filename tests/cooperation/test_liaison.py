# SPDX-License-Identifier: Apache-2.0
"""The ladder to a relay: each step answers, is known to be missing, or is not known."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.cooperation import Need, Rung, StepState, liaison_for
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Actor,
    ActorKind,
    ActorStatus,
    Appointment,
    ClsStage,
    ContactPoint,
    ContactPointKind,
    Institution,
    LiaisonAssignment,
    LiaisonKind,
    LocalHealthContract,
    Period,
    Person,
    PersonName,
    Role,
    Territory,
    TerritoryKind,
    Visibility,
)

HERE = "48001"
PHONE = ContactPoint(kind=ContactPointKind.PHONE, value="04 65 71 00 01")


def actor(local, kind, *, reachable=True, **more):
    """Return an actor that covers the EPCI."""
    fields = {
        "coverage": ("epci:nord",),
        "contact_points": (PHONE,) if reachable else (),
        **more,
    }
    return Actor(id=f"actor:{local}", kind=kind, name=local, **fields)


def post(local, actor_id, role, **more):
    """Return a post."""
    return Appointment(id=f"appointment:{local}", actor_id=f"actor:{actor_id}", role=role, **more)


CONTRACT = LocalHealthContract(
    id="cls:a",
    name="CLS Nord",
    territory_id="epci:nord",
    carrier_id="actor:pays",
    coordinator_ids=("appointment:cls",),
    starts_on=dt.date(2025, 1, 1),
    ends_on=dt.date(2029, 12, 31),
    stage=ClsStage.RUNNING,
)
CLS = (CONTRACT, actor("pays", ActorKind.PETR), post("cls", "pays", Role.CLS_COORDINATOR))
MSP = (actor("msp", ActorKind.MSP), post("msp", "msp", Role.MSP_COORDINATOR))
CCAS = (actor("ccas", ActorKind.CCAS),)
DAC = (actor("dac", ActorKind.DAC),)
EPCI = (actor("epci", ActorKind.EPCI),)
REFERENT = (actor("mairie", ActorKind.COMMUNE), post("ref", "mairie", Role.HEALTH_REFERENT))
LADDER = (
    (Rung.CLS_COORDINATOR, CLS),
    (Rung.MSP_COORDINATOR, MSP),
    (Rung.CCAS, CCAS),
    (Rung.DAC, DAC),
    (Rung.HEALTH_REFERENT, REFERENT),
    (Rung.EPCI, EPCI),
)
INSTITUTIONS = {
    Rung.CLS_COORDINATOR: Institution.CLS,
    Rung.MSP_COORDINATOR: Institution.CARE_TEAM,
    Rung.CCAS: Institution.CCAS,
    Rung.DAC: Institution.DAC,
    Rung.HEALTH_REFERENT: Institution.HEALTH_REFERENT,
}
RUNGS = pytest.mark.parametrize(
    ("rung", "entities"), LADDER, ids=[rung.value for rung, _ in LADDER]
)


@RUNGS
def test_a_step_answers(picture, today, rung, entities):
    """Who is recorded and reachable on a step is found there, with a reason that names them."""
    told = liaison_for(picture(*entities), HERE, today=today)

    assert told.found is not None
    assert told.found.rung is rung
    assert told.step(rung).state is StepState.FOUND
    assert told.found.name in told.step(rung).message()
    assert told.found.contact_points == (PHONE,)


@pytest.mark.parametrize("start", range(len(LADDER)))
def test_the_first_step_that_answers_is_taken(picture, today, start):
    """Of the steps that answer, the first of the ladder is found, the others are named behind."""
    recorded = [entity for _, some in LADDER[start:] for entity in some]
    told = liaison_for(picture(*recorded), HERE, today=today)

    assert told.found is not None
    assert told.found.rung is LADDER[start][0]
    assert [step.rung for step in told.why] == [rung for rung, _ in LADDER]
    assert {one.rung for one in told.others} >= {rung for rung, _ in LADDER[start + 1 :]}


@RUNGS
def test_a_step_of_elsewhere_is_silent(picture, today, rung, entities):
    """What covers another EPCI answers nothing here: the step is not known."""
    moved = [
        attrs.evolve(one, coverage=("epci:sud",))
        if isinstance(one, Actor)
        else attrs.evolve(one, territory_id="epci:sud")
        if isinstance(one, LocalHealthContract)
        else one
        for one in entities
    ]
    told = liaison_for(picture(*moved), HERE, today=today)

    assert told.found is None
    wanted = StepState.INCOMPLETE if rung is Rung.EPCI else StepState.UNKNOWN
    assert told.step(rung).state is wanted


@pytest.mark.parametrize("rung", INSTITUTIONS, ids=lambda rung: rung.value)
def test_known_absent_differs_from_unknown(picture, today, ground, rung):
    """Nothing recorded is unknown and asks to find out; a statement makes it known to be absent."""
    unknown = liaison_for(picture(), HERE, today=today)
    epci = next(one for one in ground if one.id == "epci:nord")
    stated = picture(attrs.evolve(epci, absent=(INSTITUTIONS[rung],)))
    absent = liaison_for(stated, HERE, today=today)

    assert unknown.step(rung).state is StepState.UNKNOWN
    assert [gap.rung for gap in unknown.step(rung).gaps] == [rung]
    assert absent.step(rung).state is StepState.ABSENT
    assert bool(absent.step(rung).gaps) is (rung is Rung.HEALTH_REFERENT)
    assert unknown.step(rung).why != absent.step(rung).why


@RUNGS
def test_nobody_reachable_is_incomplete(picture, today, rung, entities):
    """Who is recorded without any way to reach them is not found; recording one is what misses."""
    mute = [
        attrs.evolve(one, contact_points=()) if isinstance(one, Actor) else one for one in entities
    ]
    told = liaison_for(picture(*mute), HERE, today=today)

    assert told.found is None
    assert told.step(rung).state is StepState.INCOMPLETE
    assert told.step(rung).relays
    (gap,) = told.step(rung).gaps
    assert gap.fill_by
    assert gap in told.missing


@pytest.mark.parametrize("case", ["cls", "msp"])
def test_a_body_without_a_coordinator_is_incomplete(picture, today, case):
    """A contract or team without a coordinator names the body that could say who it is."""
    told = liaison_for(picture(*(CLS if case == "cls" else MSP)[:-1]), HERE, today=today)
    step = told.step(Rung.CLS_COORDINATOR if case == "cls" else Rung.MSP_COORDINATOR)

    assert step.state is StepState.INCOMPLETE
    assert step.gaps[0].fill_by[0] == ("actor:pays" if case == "cls" else "actor:msp")
    assert "coordination" in step.message()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ends_on": dt.date(2026, 11, 19)}, "19 novembre 2026"),
        ({"stage": ClsStage.ENDED, "ends_on": None}, "terminé"),
        ({"stage": ClsStage.DRAFTING}, "rédaction"),
    ],
    ids=["past", "ended", "drafting"],
)
def test_a_contract_not_in_force_is_no_relay(picture, today, changes, words):
    """A contract that is over or not begun is told of, and a health contact is to be named."""
    contract = attrs.evolve(CONTRACT, coordinator_ids=(), **changes)
    told = liaison_for(picture(contract), HERE, today=today)

    assert told.step(Rung.CLS_COORDINATOR).state is StepState.ABSENT
    assert words in told.step(Rung.CLS_COORDINATOR).message()
    assert told.step(Rung.HEALTH_REFERENT).gaps


@pytest.mark.parametrize("end", [dt.date(2026, 11, 20), dt.date(2026, 11, 21)])
def test_the_last_day_of_a_contract_counts(picture, today, end):
    """On its last day a contract is still in force."""
    told = liaison_for(picture(attrs.evolve(CONTRACT, ends_on=end), *CLS[1:]), HERE, today=today)

    assert told.step(Rung.CLS_COORDINATOR).state is StepState.FOUND


def test_no_health_contact_is_needed_under_a_contract(picture, today):
    """Where a contract is in force nobody has to be named; one who is named can still be asked."""
    under = liaison_for(picture(*CLS), HERE, today=today).step(Rung.HEALTH_REFERENT)
    both = liaison_for(picture(*CLS, *REFERENT), HERE, today=today)

    assert (under.state, under.gaps) == (StepState.NOT_NEEDED, ())
    assert both.step(Rung.HEALTH_REFERENT).state is StepState.FOUND
    assert both.found is not None
    assert both.found.rung is Rung.CLS_COORDINATOR


@pytest.mark.parametrize(
    ("need", "rung"),
    [
        (Need.ANY, Rung.CLS_COORDINATOR),
        (Need.TERRITORY, Rung.CLS_COORDINATOR),
        ("care_team", Rung.MSP_COORDINATOR),
        (Need.SOCIAL, Rung.CCAS),
        (Need.COMPLEX_CARE, Rung.DAC),
        (Need.TENSION, Rung.EPCI),
    ],
)
def test_the_need_says_whom_to_try_first(picture, today, need, rung):
    """With everybody there, the need decides; the other steps keep their order behind."""
    everybody = [entity for _, some in LADDER for entity in some]
    told = liaison_for(picture(*everybody), HERE, need, today=today)

    assert told.found is not None
    assert told.found.rung is rung
    rest = [step.rung for step in told.why if step.rung is not rung]
    assert rest == [one for one, _ in LADDER if one is not rung]


NAMED = LiaisonAssignment(
    id="liaison:a",
    kind=LiaisonKind.MSP_COORDINATOR,
    appointment_id="appointment:msp",
    territory_id="commune:48001",
    purpose="Relayer les besoins",
    how_to_reach="Le mardi au 04 65 71 00 09",
)


def test_a_named_relay_comes_first_and_says_how(picture, today):
    """A relay that was named comes before other posts of its step, with its public sentence."""
    other = post("other", "msp", Role.MSP_COORDINATOR)
    told = liaison_for(picture(*MSP, other, NAMED), HERE, today=today)

    assert told.found is not None
    assert (told.found.liaison_id, told.found.how) == ("liaison:a", NAMED.how_to_reach)
    assert [one.appointment_id for one in told.others] == ["appointment:other"]


@pytest.mark.parametrize(
    "change",
    [
        {"liaison": {"period": Period(end=dt.date(2026, 11, 20))}},
        {"liaison": {"kind": LiaisonKind.OTHER}},
        {"post": {"period": Period(end=dt.date(2026, 11, 20))}},
        {"post": {"period": Period(start=dt.date(2026, 11, 21))}},
        {"post": {"visibility": Visibility.PRIVATE}},
    ],
    ids=["assignment over", "another kind", "post over", "post to come", "hidden"],
)
def test_an_assignment_that_does_not_hold_is_no_relay(picture, today, change):
    """An assignment or post that is over, to come, hidden, or of another kind answers nothing."""
    coordinator = attrs.evolve(MSP[1], role=Role.OTHER, **change.get("post", {}))
    named = attrs.evolve(NAMED, **change.get("liaison", {}))
    told = liaison_for(picture(MSP[0], coordinator, named), HERE, today=today)

    assert told.found is None
    assert told.step(Rung.MSP_COORDINATOR).state is StepState.INCOMPLETE


def test_who_objected_is_not_shown(picture, today):
    """Neither name nor post nor direct line of somebody who objected appears."""
    person = Person(id="person:a", name=PersonName(family="Témoin"), opposed=True)
    line = attrs.evolve(PHONE, value="04 65 71 00 66")
    coordinator = attrs.evolve(MSP[1], person_id=person.id, contact_points=(line,))
    told = liaison_for(picture(MSP[0], coordinator, person, NAMED), HERE, today=today)

    assert "Témoin" not in repr(told)
    assert line.value not in repr(told)


def test_an_audience_sees_what_it_may(picture, today):
    """For the public, partners' lines and partners' records are as if they were not known."""
    private = attrs.evolve(PHONE, visibility=Visibility.PARTNERS)
    dac = actor("dac", ActorKind.DAC, contact_points=(private,), visibility=Visibility.PUBLIC)
    shown = picture(dac, *CCAS)
    public = liaison_for(shown, HERE, today=today, audience=Visibility.PUBLIC)

    assert public.found is None
    assert public.step(Rung.DAC).state is StepState.INCOMPLETE
    assert public.step(Rung.CCAS).state is StepState.UNKNOWN
    assert liaison_for(shown, HERE, today=today).found is not None


def test_a_closed_body_is_no_relay(picture, today):
    """A body that closed answers nothing."""
    closed = attrs.evolve(DAC[0], status=ActorStatus.CLOSED)
    assert liaison_for(picture(closed), HERE, today=today).found is None


def test_the_vice_president_for_health_comes_before_the_president(picture, today):
    """Of an EPCI, who is in charge of health is asked first; other vice-presidents are not."""
    posts = (
        post("waste", "epci", Role.EPCI_VICE_PRESIDENT, delegation="Déchets"),
        post("president", "epci", Role.EPCI_PRESIDENT),
        post("health", "epci", Role.EPCI_VICE_PRESIDENT, delegation="Santé, mobilités"),
    )
    told = liaison_for(picture(*EPCI, *posts), HERE, today=today)

    assert told.found is not None
    assert told.found.appointment_id == "appointment:health"
    assert [one.appointment_id for one in told.others] == ["appointment:president", ""]


@pytest.mark.parametrize(("inhabitants", "told"), [(1500, False), (1501, True), (None, False)])
def test_the_law_on_the_ccas_is_quoted_above_its_threshold(picture, today, inhabitants, told):
    """Above 1,500 inhabitants a commune must have a CCAS, so that one is only not recorded."""
    commune = Territory(
        id="commune:48001",
        kind=TerritoryKind.COMMUNE,
        name="Ici",
        communes=(HERE,),
        population=inhabitants,
    )
    (gap,) = liaison_for(picture(commune), HERE, today=today).step(Rung.CCAS).gaps

    assert ("L123-4" in gap.what.fr) is told
    assert ("L123-4" in gap.what.en) is told


def test_both_languages_say_it_all(picture, today):
    """Each step and gap has a sentence in French and in English, with nothing left unfilled."""
    for snapshot in (picture(), picture(*CLS, *MSP, *EPCI)):
        told = liaison_for(snapshot, HERE, today=today)
        french, english = told.lines("fr"), told.lines("en")
        assert len(french) == len(english) == 1 + 6 + len(told.missing)
        assert all(fr != en for fr, en in zip(french, english, strict=True))
        assert "{" not in "".join(french + english)


@pytest.mark.parametrize("commune", ["epci:nord", "48", ""])
def test_what_is_no_commune_is_refused(picture, today, commune):
    """Anything but a commune is an error that says how to write one."""
    with pytest.raises(InvalidValueError):
        liaison_for(picture(), commune, today=today)


def test_what_is_no_need_is_refused(picture, today):
    """An unknown need is an error that lists those there are."""
    with pytest.raises(InvalidValueError, match="complex_care"):
        liaison_for(picture(), HERE, "barnum", today=today)

# SPDX-License-Identifier: Apache-2.0
"""Every transition of every machine, allowed or not, through the real methods."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import attrs
import pytest

from territoire_sante.errors import TransitionError
from territoire_sante.model import (
    MACHINES,
    Action,
    Amendment,
    Announcement,
    Building,
    CareProject,
    Convention,
    ConventionKind,
    DocumentShare,
    HealthProject,
    LeverOffer,
    LeverRequest,
    Lifecycle,
    LocalHealthContract,
    Mobilisation,
    Party,
    PartyRole,
    PeerExchange,
    Practice,
    ProjectKind,
    ProofKind,
    SafeguardPlan,
    Signature,
    Statement,
    StatementKind,
    SupportKind,
    SupportRequest,
    Tension,
    TensionKind,
    TensionLevel,
    UsageProof,
)

DAY = dt.date(2026, 11, 20)
PARTIES = (
    Party(actor_id="actor:msp", role=PartyRole.MSP),
    Party(actor_id="actor:ars", role=PartyRole.ARS),
)

SAMPLES: dict[type, Any] = {
    Announcement: Announcement(id="announcement:1"),
    LeverOffer: LeverOffer(id="lever_offer:1", lever_id="lever:1"),
    LeverRequest: LeverRequest(id="lever_request:1", requester_id="actor:msp"),
    Mobilisation: Mobilisation(id="mobilisation:1"),
    Convention: Convention(
        id="convention:1",
        kind=ConventionKind.OTHER,
        title="Essai",
        parties=PARTIES,
        ends_on=DAY,
    ),
    CareProject: CareProject(id="care_project:1", kind=ProjectKind.MSP, name="Essai"),
    HealthProject: HealthProject(),
    Building: Building(),
    LocalHealthContract: LocalHealthContract(id="cls:1", name="Essai"),
    SafeguardPlan: SafeguardPlan(id="safeguard_plan:1"),
    DocumentShare: DocumentShare(
        id="document_share:1", document_id="document:1", to_id="actor:msp"
    ),
    Tension: Tension(id="tension:1", kind=TensionKind.PREMISES, title="Essai"),
    Statement: Statement(id="statement:1", kind=StatementKind.IDEA, text="Essai"),
    Action: Action(id="action:1", title="Essai"),
    Practice: Practice(id="practice:1", title="Essai"),
    PeerExchange: PeerExchange(id="peer_exchange:1", host_id="actor:a", guest_id="actor:b"),
    SupportRequest: SupportRequest(
        id="support_request:1", kind=SupportKind.CREATION, requester_id="actor:msp"
    ),
}

ON = {"on": DAY}
BY_ON = {"by": "actor:x", "on": DAY}
# What each verb is given: positional arguments, then named ones; nothing for those not listed.
ARGUMENTS: dict[tuple[type, str], tuple[tuple[Any, ...], dict[str, Any]]] = {
    (Announcement, "approve"): ((), BY_ON),
    (LeverRequest, "submit"): ((), ON),
    (LeverRequest, "accept"): ((), BY_ON),
    (LeverRequest, "decline"): ((), BY_ON | {"reason": "salle prise"}),
    (Mobilisation, "prove"): ((UsageProof(kind=ProofKind.PHOTO, ref="document:2"),), {}),
    (Convention, "sign"): ((Signature(party_id="actor:ars", signed_on=DAY),), {}),
    (Convention, "suspend"): ((), ON),
    (Convention, "renew"): ((), {"ends_on": dt.date(2027, 11, 20)}),
    (Convention, "amend"): ((Amendment(number=1, on=DAY),), {"purpose": "autre"}),
    (Convention, "give_notice"): ((), BY_ON),
    (Convention, "terminate"): ((), ON),
    (Convention, "replace"): ((), {"by": "convention:2"}),
    (CareProject, "merge"): ((), {"into": "care_project:2"} | ON),
    (HealthProject, "submit"): ((), ON),
    (HealthProject, "validate"): ((), ON),
    (Building, "begin_works"): ((), ON),
    (Building, "deliver"): ((), ON),
    (LocalHealthContract, "renew"): ((), {"by": "cls:2"} | ON),
    (SafeguardPlan, "adopt"): ((), ON),
    (SafeguardPlan, "finish_revision"): ((), ON),
    (SafeguardPlan, "supersede"): ((), {"by": "safeguard_plan:2"}),
    (DocumentShare, "send"): ((), ON),
    (DocumentShare, "receive"): ((), ON),
    (DocumentShare, "refuse"): ((), ON | {"reason": "secret"}),
    (Tension, "qualify"): ((), {"level": TensionLevel.HIGH}),
    (Tension, "mobilise_epci"): ((), ON | {"epci_id": "siren:200069268"}),
    (Tension, "resolve"): ((), ON | {"outcome": "local trouvé"}),
    (Tension, "close"): ((), ON | {"reason": "sans objet"}),
    (Action, "finish"): ((), ON),
    (Practice, "review"): ((), BY_ON),
    (PeerExchange, "plan"): ((), ON),
    (SupportRequest, "accept"): ((), ON),
    (SupportRequest, "decline"): ((), ON | {"reason": "hors territoire"}),
    (SupportRequest, "finish"): ((), ON),
    (SupportRequest, "cancel"): ((), ON),
}
DATED_EACH_TIME = (CareProject, LocalHealthContract)

CASES = [
    pytest.param(life, state, verb, id=f"{life.owner.__name__}-{state.name}-{verb}")
    for life in MACHINES
    for state in life.machine.states
    for verb in life.machine.table
]


def in_state(life: Lifecycle, state: Any, verb: str) -> Any:
    """Return a sample in this state, with what the guards of the verb ask for."""
    sample = attrs.evolve(SAMPLES[life.owner], **{life.field: state})
    if life.owner is Convention and verb == "activate":
        signed = tuple(Signature(party_id=p.actor_id, signed_on=DAY) for p in PARTIES)
        return attrs.evolve(sample, signatures=signed)
    return sample


def call(life: Lifecycle, thing: Any, verb: str) -> Any:
    """Call the verb on the thing, as a user would."""
    default = ((), ON if life.owner in DATED_EACH_TIME else {})
    positional, named = ARGUMENTS.get((life.owner, verb), default)
    return getattr(thing, verb)(*positional, **named)


@pytest.mark.parametrize(("life", "state", "verb"), CASES)
def test_each_verb_does_what_the_table_says(life, state, verb):
    """From each state a verb leads where the table says, or is refused with what is allowed."""
    thing = in_state(life, state, verb)
    target = life.machine.table[verb].get(state)
    if target is not None:
        assert getattr(call(life, thing, verb), life.field) is target
        return
    with pytest.raises(TransitionError) as caught:
        call(life, thing, verb)
    error = caught.value
    assert (error.state, error.wish) == (state.name, verb)
    assert error.allowed == life.machine.allowed(state)
    assert all(name in error.remedy for name in error.allowed)
    assert error.where == getattr(thing, "id", "")


@pytest.mark.parametrize("life", MACHINES, ids=lambda life: life.owner.__name__)
def test_new_things_begin_at_the_beginning(life):
    """What is made without a state is in the initial one, and all states can be reached."""
    assert getattr(SAMPLES[life.owner], life.field) is life.machine.initial
    reached, waiting = {life.machine.initial}, [life.machine.initial]
    while waiting:
        state = waiting.pop()
        for steps in life.machine.table.values():
            if state in steps and steps[state] not in reached:
                reached.add(steps[state])
                waiting.append(steps[state])
    assert reached == set(life.machine.states)


WAYS = {
    Announcement: "DRAFT APPROVED SCHEDULED PUBLISHED EXPIRED",
    LeverOffer: "DRAFT PUBLISHED PAUSED PUBLISHED WITHDRAWN",
    LeverRequest: "DRAFT SUBMITTED ACKNOWLEDGED ACCEPTED",
    Mobilisation: "PLANNED CONFIRMED IN_PROGRESS DONE PROVEN",
    Convention: "DRAFT NEGOTIATION APPROVED SIGNING ACTIVE SUSPENDED ACTIVE RENEWED "
    "TERMINATION_NOTICE TERMINATED REPLACED",
    CareProject: "EMERGENCE INTENT HEALTH_PROJECT SUBMITTED VALIDATED STRUCTURED OPERATING "
    "CONSOLIDATION",
    HealthProject: "NONE DRAFT SUBMITTED TO_REVISE SUBMITTED VALIDATED TO_REVISE",
    Building: "NONE IDEA STUDY PROGRAMMING FUNDED WORKS DELIVERED",
    LocalHealthContract: "FRAMING DIAGNOSIS DRAFTING SIGNED RUNNING EVALUATION RENEWED",
    SafeguardPlan: "UNKNOWN NONE IN_PREPARATION ADOPTED UNDER_REVISION SUPERSEDED",
    DocumentShare: "REQUESTED SENT RECEIVED",
    Tension: "REPORTED QUALIFIED EPCI_MOBILISED IN_RESOLUTION RESOLVED",
    Statement: "RAISED SHORTLISTED ADOPTED DONE",
    Action: "TODO DOING DONE",
    Practice: "DRAFT REVIEWED PUBLISHED ARCHIVED",
    PeerExchange: "PROPOSED PLANNED HELD",
    SupportRequest: "REQUESTED ACCEPTED IN_PROGRESS DONE",
}


@pytest.mark.parametrize("life", MACHINES, ids=lambda life: life.owner.__name__)
def test_the_main_way_of_the_domain_is_open(life):
    """The succession of states that the domain describes can be walked, one verb each."""
    way = [life.machine.states[name] for name in WAYS[life.owner].split()]
    assert way[0] is life.machine.initial
    for state, following in itertools.pairwise(way):
        verbs = [v for v in life.machine.table if life.machine.table[v].get(state) is following]
        assert len(verbs) == 1
        thing = in_state(life, state, verbs[0])
        assert getattr(call(life, thing, verbs[0]), life.field) is following


@pytest.mark.parametrize(
    ("owner", "state", "verb"),
    [
        (Announcement, "DRAFT", "publish"),
        (LeverRequest, "DRAFT", "accept"),
        (LeverRequest, "DECLINED", "accept"),
        (Mobilisation, "PLANNED", "prove"),
        (Mobilisation, "IN_PROGRESS", "cancel"),
        (Convention, "DRAFT", "sign"),
        (Convention, "ACTIVE", "sign"),
        (Convention, "ACTIVE", "terminate"),
        (Convention, "ACTIVE", "abandon"),
        (Convention, "ABANDONED", "negotiate"),
        (CareProject, "HEALTH_PROJECT", "validate"),
        (CareProject, "CLOSED", "resume"),
        (Building, "WORKS", "give_up"),
        (LocalHealthContract, "DRAFTING", "run"),
        (DocumentShare, "REFUSED", "send"),
        (Tension, "REPORTED", "mobilise_epci"),
        (Statement, "RAISED", "finish"),
        (Practice, "DRAFT", "publish"),
    ],
)
def test_short_cuts_are_closed(owner, state, verb):
    """What the domain forbids by name is not in the table by accident."""
    machine = next(life.machine for life in MACHINES if life.owner is owner)
    assert verb in machine.table
    assert machine.states[state] not in machine.table[verb]


def test_every_machine_is_in_the_table():
    """No class has a state machine that the table of life-cycles does not know."""
    assert set(SAMPLES) == {life.owner for life in MACHINES}
    assert len({life.machine.name for life in MACHINES}) == len(MACHINES)


def test_an_unknown_verb_is_refused():
    """A machine that is asked for a verb it does not have says what it has."""
    machine = MACHINES[0].machine
    with pytest.raises(TransitionError, match="cannot fly"):
        machine.step(machine.initial, "fly")

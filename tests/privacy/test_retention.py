# SPDX-License-Identifier: Apache-2.0
"""How long persons are known, and what is left of them."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    ContactPoint,
    ContactPointKind,
    Duration,
    Event,
    LeverRequest,
    LiaisonAssignment,
    LiaisonKind,
    Mobilisation,
    Period,
    Person,
    PersonName,
    ProofKind,
    Role,
    UsageProof,
    Workshop,
    WorkshopTable,
)
from territoire_sante.privacy import DEFAULT_RULES, DueKind, RetentionRule, anonymise, retention_due
from territoire_sante.store import Store

END = dt.date(2026, 3, 20)
DUE = dt.date(2027, 3, 20)
TOWN = Actor(id="actor:mende", kind=ActorKind.COMMUNE, name="Mairie de Mende")
ADA = Person(id="person:ada", name=PersonName(given="Canari", family="Lune"))
MAYOR = Appointment(
    id="appointment:ada",
    person_id=ADA.id,
    actor_id=TOWN.id,
    role=Role.MAYOR,
    period=Period(start=dt.date(2020, 5, 1), end=END),
    contact_points=(ContactPoint(kind=ContactPointKind.EMAIL, value="canari@example.org"),),
)


def due(store, today, **rules):
    """Return what is due, as (kind, id)."""
    changed = {DueKind(kind): rule for kind, rule in rules.items()}
    found = retention_due(store.snapshot(), today, {**DEFAULT_RULES, **changed})
    return [(one.kind.value, one.id) for one in found]


def test_a_mandate_is_due_a_year_after_its_end_not_a_day_before(store):
    """The day is that of the rule, with its ground; another rule gives another day."""
    store.put(TOWN, ADA, MAYOR)
    assert due(store, DUE - dt.timedelta(days=1)) == []
    assert due(store, DUE) == [("mandate", MAYOR.id), ("person", ADA.id)]
    (first, _) = retention_due(store.snapshot(), DUE)
    assert (first.since, first.person_id) == (DUE, ADA.id)
    assert first.ground.fr
    assert first.ground.en
    later = RetentionRule(keep=Duration(years=6), ground=first.ground)
    assert due(store, DUE, mandate=later) == []


def test_who_still_holds_a_post_is_not_due(store):
    """Only the post that is over is; the person stays with the other one."""
    other = attrs.evolve(
        MAYOR, id="appointment:now", role=Role.EPCI_PRESIDENT, period=Period(start=END)
    )
    store.put(TOWN, ADA, MAYOR, other)
    assert due(store, DUE) == [("mandate", MAYOR.id)]
    done = anonymise(store, retention_due(store.snapshot(), DUE))
    assert (done.changed, done.gone) == ((MAYOR.id,), ())
    assert store.get(Person, ADA.id) == ADA
    assert store.get(Appointment, MAYOR.id).person_id == ""
    assert store.get(Appointment, other.id) == other


@pytest.mark.parametrize("days", [0, 3 * 365 - 1])
def test_somebody_without_a_post_is_due_three_years_after_the_last_sign(store, days):
    """Verified or fetched long ago, and no post at all; without any date never."""
    seen = dt.date(2023, 1, 10)
    store.put(
        attrs.evolve(ADA, verified_on=seen),
        Person(id="person:undated", name=PersonName(family="Soleil")),
    )
    assert due(store, seen + dt.timedelta(days=days)) == []
    assert due(store, dt.date(2026, 1, 10)) == [("person", ADA.id)]


def test_what_names_persons_in_words_is_emptied_after_its_time(store):
    """How a liaison was reached, who answered, who proved: the rest of the sheet stays."""
    store.put(
        LiaisonAssignment(
            id="liaison:1", kind=LiaisonKind.OTHER, period=Period(end=END), how_to_reach="Canari"
        ),
        LeverRequest(
            id="lever_request:1", requester_id="actor:msp", answered_on=END, answered_by="Canari"
        ),
        Mobilisation(
            id="mobilisation:1",
            end=END,
            proofs=(UsageProof(kind=ProofKind.REPORT, ref="note.pdf", by="Canari"),),
        ),
    )
    assert due(store, dt.date(2026, 9, 19)) == []
    assert due(store, dt.date(2026, 9, 20)) == [("liaison", "liaison:1")]
    found = retention_due(store.snapshot(), dt.date(2030, 3, 20))
    assert [one.kind.value for one in found] == ["request", "liaison", "mobilisation"]
    anonymise(store, found)
    assert store.get(Mobilisation, "mobilisation:1").proofs[0].ref == "note.pdf"
    assert store.search("canari") == []
    assert due(store, dt.date(2040, 1, 1)) == []


@pytest.fixture
def past(tmp_path):
    """Give a store in a file with a mayor whose time is over, named here and there."""
    with Store.open(f"sqlite:///{tmp_path / 'past.db'}") as opened:
        opened.put(
            TOWN,
            ADA,
            MAYOR,
            Workshop(
                id="workshop:1",
                title="Atelier",
                tables=(WorkshopTable(number=1, theme="Alliances", host_id=ADA.id),),
            ),
            Event(id="event:1", summary="Avec Canari Lune"),
        )
        opened.put(attrs.evolve(ADA, notice_batch="lettre"))
        yield opened


def test_a_neutral_former_mayor_takes_the_place(past, tmp_path):
    """The post keeps role and dates, sheets name a former holder, and nothing tells who it was."""
    done = anonymise(past, retention_due(past.snapshot(), DUE))
    assert done.gone == (ADA.id,)
    assert set(done.changed) == {MAYOR.id, "workshop:1", "event:1"}
    post = past.get(Appointment, MAYOR.id)
    assert (post.role, post.period, post.actor_id) == (Role.MAYOR, MAYOR.period, TOWN.id)
    assert past.find(Person, ADA.id) is None
    (table,) = past.get(Workshop, "workshop:1").tables
    host = past.get(Person, table.host_id)
    assert host.display_name == "Ancien titulaire (Maire, Mairie de Mende)"
    assert past.get(Event, "event:1").summary == "Avec […]"
    past.close()
    said = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert b"anari" not in said


def test_doing_it_again_changes_nothing(past):
    """What was done is not due any more, and the same list again does nothing."""
    found = retention_due(past.snapshot(), DUE)
    anonymise(past, found)
    before = past.last_revision()
    assert retention_due(past.snapshot(), DUE) == ()
    again = anonymise(past, found)
    assert (again.changed, again.gone) == ((), ())
    assert set(again.skipped) == {one.id for one in found}
    assert past.last_revision() == before


def test_who_got_a_new_post_in_between_stays(past):
    """A list that is a day old does not take out who was elected again since."""
    found = retention_due(past.snapshot(), DUE)
    past.put(attrs.evolve(MAYOR, id="appointment:again", period=Period(start=DUE)))
    done = anonymise(past, found)
    assert done.gone == ()
    assert done.skipped == (ADA.id,)
    assert past.get(Person, ADA.id).name == ADA.name

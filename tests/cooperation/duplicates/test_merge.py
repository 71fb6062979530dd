# SPDX-License-Identifier: Apache-2.0
"""Merging: what stays, what is lost, who names whom afterwards, and undoing all of it."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante import Store
from territoire_sante.cooperation import (
    find_duplicates,
    merge,
    merged_ids,
    not_duplicates,
    plan_merge,
    undo_merge,
)
from territoire_sante.cooperation.duplicates._choices import united
from territoire_sante.errors import (
    EntityNotFoundError,
    InvalidValueError,
    PlanOutdatedError,
)
from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    Competence,
    ContactPoint,
    ContactPointKind,
    Distinction,
    Entity,
    LiaisonAssignment,
    LiaisonKind,
    Merge,
    Person,
    PersonName,
    Provenance,
    Role,
    Visibility,
)
from territoire_sante.serialization import KINDS, to_plain
from territoire_sante.testing import strategies as drawn

NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)
MAIL = ContactPointKind.EMAIL


def dump(store):
    """Return everything that is stored, as plain data."""
    return [to_plain(one) for cls in KINDS.values() for one in store.all(cls)]


def _mail(value, **more):
    return ContactPoint(kind=MAIL, value=value, **more)


@pytest.fixture
def store():
    """Return a store with two records of one person, and what names them."""
    with Store.open("memory:") as opened:
        opened.put(
            Person(
                id="person:a",
                name=PersonName(family="Exemple", given="Odile"),
                contact_points=(_mail("o@example.org"),),
            ),
            Person(
                id="person:b",
                name=PersonName(family="EXEMPLE"),
                contact_points=(_mail("O@example.org"), _mail("odile@example.org")),
                visibility=Visibility.TEAM,
                notice_sent_on=dt.date(2026, 5, 1),
            ),
            Actor(id="actor:m", kind=ActorKind.MSP, name="MSP"),
            Appointment(
                id="appointment:1", person_id="person:b", actor_id="actor:m", role=Role.STAFF
            ),
            Appointment(
                id="appointment:2", person_id="person:a", actor_id="actor:m", role=Role.MEMBER
            ),
        )
        yield opened


def test_the_plan_says_what_stays_and_why(store):
    """Values come field by field, each with its reason; planning changes nothing."""
    before = store.last_revision()
    plan = plan_merge(store, "person:a", "person:b", links=["carnet"])
    chosen = {one.field: one for one in plan.choices}

    assert store.last_revision() == before
    assert plan.result == attrs.evolve(
        plan.kept,
        visibility=Visibility.TEAM,
        contact_points=(_mail("o@example.org"), _mail("odile@example.org")),
        notice_sent_on=dt.date(2026, 5, 1),
    )
    assert chosen["name"].lost == PersonName(family="EXEMPLE")
    assert chosen["name"].reason.en == "More complete."
    assert chosen["visibility"].reason.fr == "Le moins visible des deux."
    assert [(one.id, one.fields) for one in plan.repointed] == [("appointment:1", ("person_id",))]
    assert plan.links == ("carnet",)


@pytest.mark.parametrize(
    ("kept_on", "dropped_on", "stays", "reason"),
    [
        (None, dt.date(2026, 1, 1), "dropped", "Verified, the other one not."),
        (dt.date(2026, 1, 1), None, "kept", "Verified, the other one not."),
        (dt.date(2026, 1, 1), dt.date(2026, 2, 1), "dropped", "Verified more recently."),
        (dt.date(2026, 2, 1), dt.date(2026, 1, 1), "kept", "Verified more recently."),
        (None, None, "kept", "Nothing decides: the kept record."),
    ],
)
def test_verified_beats_imported(kept_on, dropped_on, stays, reason):
    """What was verified, or verified last, stays; the date of the whole is the older one."""
    with Store.open("memory:") as opened:
        opened.put(
            Actor(id="actor:a", kind=ActorKind.MSP, name="kept", verified_on=kept_on),
            Actor(id="actor:b", kind=ActorKind.MSP, name="dropped", verified_on=dropped_on),
        )
        plan = plan_merge(opened, "actor:a", "actor:b")
    (name,) = (one for one in plan.choices if one.field == "name")

    assert (name.value, name.reason.en) == (stays, reason)
    assert plan.result.verified_on == min(filter(None, (kept_on, dropped_on)), default=None)


def test_one_contact_point_is_one():
    """Of one number noted twice the narrower visibility and the newer check stay."""
    day = dt.date(2026, 3, 1)
    phone = ContactPointKind.PHONE
    kept = ContactPoint(kind=phone, value="04 66 00 00 00", visibility=Visibility.PUBLIC)
    same = ContactPoint(
        kind=phone,
        value="+33466000000",
        visibility=Visibility.TEAM,
        verified_on=day,
        label="Accueil",
    )
    other = ContactPoint(kind=phone, value="04 66 00 00 01")

    assert united((kept,), (other, same)) == (
        attrs.evolve(kept, visibility=Visibility.TEAM, verified_on=day, label="Accueil"),
        other,
    )


def test_what_is_its_own_is_not_taken_over():
    """The kept record keeps its card and its source; a lone source is better than none."""
    source = Provenance(source="FINESS")
    with Store.open("memory:") as opened:
        opened.put(
            Actor(id="actor:a", kind=ActorKind.MSP, name="A"),
            Actor(id="actor:b", kind=ActorKind.MSP, name="A", uid="card-b", provenance=source),
            Actor(id="actor:c", kind=ActorKind.MSP, name="A", uid="card-c"),
        )
        first = plan_merge(opened, "actor:a", "actor:b").result
        second = plan_merge(opened, "actor:c", "actor:b").result
    assert (first.uid, first.provenance) == ("", source)
    assert second.uid == "card-c"


def test_what_two_records_contradict_is_not_known():
    """Of a competence that one record has and the other lacks, the merged one says nothing."""
    has = Actor(
        id="actor:a",
        kind=ActorKind.EPCI,
        name="CC",
        competences=(Competence.MOBILITY, Competence.HOUSING),
    )
    without = Actor(
        id="actor:b",
        kind=ActorKind.EPCI,
        name="CC",
        competences=(Competence.CHILDCARE,),
        lacks=(Competence.MOBILITY,),
    )
    with Store.open("memory:") as opened:
        opened.put(has, without)
        plan = plan_merge(opened, has.id, without.id)

    assert plan.result.competences == (Competence.HOUSING, Competence.CHILDCARE)
    assert plan.result.lacks == ()
    lost = {one.field: one.lost for one in plan.choices if one.lost}
    assert lost == {"competences": (Competence.MOBILITY,), "lacks": (Competence.MOBILITY,)}


def test_people_may_choose(store):
    """A chosen value stays, whatever the others are; another field is refused."""
    plan = plan_merge(store, "person:a", "person:b", choose={"name": PersonName(family="Modèle")})
    assert plan.result.name == PersonName(family="Modèle")
    with pytest.raises(InvalidValueError, match="no field 'colour'"):
        plan_merge(store, "person:a", "person:b", choose={"colour": "red"})


def test_an_objection_holds_for_both():
    """If one of both objected, the other's addresses are gone, too."""
    name = PersonName(family="E")
    with Store.open("memory:") as opened:
        opened.put(
            Person(
                id="person:a", name=PersonName(family="E"), contact_points=(_mail("e@example.org"),)
            ),
            Person(id="person:b", name=name, opposed=True),
        )
        result = plan_merge(opened, "person:a", "person:b").result
    assert (result.opposed, result.contact_points) == (True, ())


def test_merging_leaves_nothing_behind(store):
    """One is left, all that named the other names it, and the old id is known as its alias."""
    record = merge(store, plan_merge(store, "person:a", "person:b", reason="même RPPS"), now=NOW)

    assert store.find(Person, "person:b") is None
    assert [one.id for one in store.referring(Entity, "person:b")] == [record.id]
    assert {one.person_id for one in store.all(Appointment)} == {"person:a"}
    assert merged_ids(store) == {"person:b": "person:a"}
    assert (record.at, record.reason) == (NOW, "même RPPS")
    assert store.history(Person, "person:b")[0].entity.name.family == "EXEMPLE"
    assert find_duplicates(store.snapshot()).pairs == ()


def test_ids_of_other_systems_stay(store):
    """An id that a source or a calendar gave is not taken for ours, even if it looks so."""
    foreign = Actor(
        id="actor:f",
        kind=ActorKind.OTHER,
        name="F",
        uid="person:b",
        provenance=Provenance(source="CRM", source_id="person:b"),
    )
    store.put(foreign)
    plan = plan_merge(store, "person:a", "person:b")
    merge(store, plan, now=NOW)

    assert [one.id for one in plan.repointed] == ["appointment:1"]
    assert store.get(Actor, "actor:f") == foreign


def test_undoing_is_the_identity(store):
    """Merging and undoing leaves the store as it was, and it can be merged again."""
    before = dump(store)
    record = merge(store, plan_merge(store, "person:a", "person:b"), now=NOW)
    assert dump(store) != before
    undone = undo_merge(store, record.id)

    assert dump(store) == before
    assert (undone.kept, set(undone.restored)) == (
        (),
        {"person:a", "person:b", "appointment:1"},
    )
    assert merge(store, plan_merge(store, "person:b", "person:a"), now=NOW).kept_id == "person:b"


def test_undoing_overwrites_nothing(store):
    """What was changed since the merge stays and is told; all else goes back."""
    record = merge(store, plan_merge(store, "person:a", "person:b"), now=NOW)
    merged = store.get(Person, "person:a")
    store.put(attrs.evolve(merged, contact_points=(_mail("new@example.org"),), uid="x"))
    store.put(attrs.evolve(store.get(Appointment, "appointment:1"), person_id="person:c"))
    store.put(attrs.evolve(store.get(Appointment, "appointment:2"), title="Vice-présidente"))
    undone = undo_merge(store, record.id)

    assert {(one.id, one.field) for one in undone.kept} == {
        ("person:a", "contact_points"),
        ("appointment:1", "person_id"),
    }
    back = store.get(Person, "person:a")
    assert back.contact_points == (_mail("new@example.org"),)
    assert (back.visibility, back.uid) == (Visibility.PARTNERS, "x")
    assert store.get(Appointment, "appointment:1").person_id == "person:c"
    assert store.get(Appointment, "appointment:2").title == "Vice-présidente"
    assert store.find(Person, "person:b") is not None


def test_what_was_deleted_since_stays_deleted(store):
    """A record that was deleted since the merge does not come back; that is told."""
    record = merge(store, plan_merge(store, "person:a", "person:b"), now=NOW)
    store.delete(Appointment, "appointment:1")
    undone = undo_merge(store, record.id)

    assert [(one.id, one.field) for one in undone.kept] == [("appointment:1", "")]
    assert store.find(Appointment, "appointment:1") is None


def test_merges_are_undone_in_turn(store):
    """A merge into a record that went into a third is undone after the later one."""
    store.put(Person(id="person:c", name=PersonName(family="Exemple", given="O.")))
    before = dump(store)
    first = merge(store, plan_merge(store, "person:a", "person:b"), now=NOW)
    second = merge(store, plan_merge(store, "person:c", "person:a"), now=NOW)

    assert merged_ids(store) == {"person:a": "person:c", "person:b": "person:c"}
    with pytest.raises(InvalidValueError, match="merged into person:c since") as caught:
        undo_merge(store, first.id)
    assert second.id in str(caught.value)
    undo_merge(store, second.id)
    undo_merge(store, first.id)
    assert dump(store) == before


def test_a_plan_that_is_out_of_date_is_refused(store):
    """If one of both was changed since the plan, nothing is written."""
    plan = plan_merge(store, "person:a", "person:b")
    store.put(attrs.evolve(plan.dropped, uid="x"))
    before = dump(store)
    with pytest.raises(PlanOutdatedError, match="changed since"):
        merge(store, plan, now=NOW)
    assert dump(store) == before


def test_a_verdict_stands_against_a_merge(store):
    """Two that were declared not to be one are not merged, whether planned before or after."""
    plan = plan_merge(store, "person:a", "person:b")
    verdict = not_duplicates(store, "person:b", "person:a", on=NOW.date(), reason="sœurs")
    for attempt in (
        lambda: merge(store, plan, now=NOW),
        lambda: plan_merge(store, "person:a", "person:b"),
    ):
        with pytest.raises(InvalidValueError, match="sœurs") as caught:
            attempt()
        assert verdict.id in str(caught.value)


def test_a_verdict_follows_its_record(store):
    """That C is not B holds for A once B has gone into A."""
    store.put(Person(id="person:c", name=PersonName(family="Exemple")))
    not_duplicates(store, "person:c", "person:b", on=NOW.date())
    merge(store, plan_merge(store, "person:a", "person:b"), now=NOW)
    (verdict,) = store.all(Distinction)

    assert {verdict.first_id, verdict.second_id} == {"person:a", "person:c"}
    with pytest.raises(InvalidValueError):
        plan_merge(store, "person:a", "person:c")


@pytest.mark.parametrize(
    ("keep", "drop"),
    [("person:a", "person:a"), ("person:a", "actor:m"), ("event:1", "event:2")],
)
def test_what_cannot_be_merged(store, keep, drop):
    """One record, two classes, and classes without duplicates are refused."""
    with pytest.raises(InvalidValueError, match="not two records"):
        plan_merge(store, keep, drop)


def test_who_is_gone_is_told_where_they_went(store):
    """Planning with an id that was merged says into what."""
    merge(store, plan_merge(store, "person:a", "person:b"), now=NOW)
    store.put(Person(id="person:c", name=PersonName(family="E")))
    with pytest.raises(EntityNotFoundError, match="merged into person:a"):
        plan_merge(store, "person:c", "person:b")


def test_an_erased_person_does_not_come_back(store):
    """Once the dropped record was erased, the merge cannot be undone, and nothing is written."""
    record = merge(store, plan_merge(store, "person:a", "person:b"), now=NOW)
    store.forget(Person, "person:b")
    before = dump(store)
    with pytest.raises(InvalidValueError, match="erased"):
        undo_merge(store, record.id)
    assert dump(store) == before
    assert "EXEMPLE" not in str([to_plain(one) for one in store.all(Merge)])


def test_a_merge_of_another_store_keeps_its_alias(store):
    """A merge that came as JSON tells what became of an id, and is not undone there."""
    record = merge(store, plan_merge(store, "person:a", "person:b"), now=NOW)
    with Store.open("memory:") as other:
        other.put(*store.all(Person), record)
        assert merged_ids(other) == {"person:b": "person:a"}
        with pytest.raises(InvalidValueError, match="not made in this store"):
            undo_merge(other, record.id)


def test_a_record_is_not_its_own_parent():
    """If one names the other, the result names neither itself nor what is gone."""
    with Store.open("memory:") as opened:
        opened.put(
            Actor(id="actor:a", kind=ActorKind.MSP, name="A", parent_id="actor:b"),
            Actor(id="actor:b", kind=ActorKind.MSP, name="B", parent_id="actor:a"),
            LiaisonAssignment(
                id="liaison:1", kind=LiaisonKind.DAC, serves_ids=("actor:a", "actor:b")
            ),
        )
        merge(opened, plan_merge(opened, "actor:a", "actor:b"), now=NOW)
        assert opened.get(Actor, "actor:a").parent_id == ""
        assert opened.get(LiaisonAssignment, "liaison:1").serves_ids == ("actor:a",)


NAMING = [one for one in KINDS if one not in ("merge", "opposition")]


@pytest.mark.parametrize("kind", NAMING)
@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_no_reference_dangles(kind, data):
    """Of every kind, what named the dropped record names the kept one, until it is undone."""
    one = _naming(data.draw(drawn.entities(kind)))
    pair = [Person(id=f"person:{each}", name=PersonName(family="E")) for each in ("keep", "drop")]
    with Store.open("memory:") as opened:
        opened.put(one, *pair)
        before = dump(opened)
        refs = {found.id for found in opened.referring(Entity, "person:drop")}
        if kind == "distinction":
            with pytest.raises(InvalidValueError, match="not to be the same"):
                plan_merge(opened, "person:keep", "person:drop")
            return
        record = merge(opened, plan_merge(opened, "person:keep", "person:drop"), now=NOW)

        assert {found.id for found in opened.referring(Entity, "person:drop")} == {record.id}
        assert refs <= {found.id for found in opened.referring(Entity, "person:keep")}
        undo_merge(opened, record.id)
        assert dump(opened) == before


def test_most_kinds_name_others():
    """The law above is not empty: nearly all kinds have a field that names another entity."""
    names = {kind for kind in NAMING if any("_id" in f.name for f in attrs.fields(KINDS[kind]))}
    assert len(names) > 20


def _naming(value):
    """Return a record in which whatever may name one names the record that goes."""
    if isinstance(value, tuple):
        return tuple(_naming(one) for one in value)
    if not attrs.has(type(value)) or isinstance(value, Provenance):
        return value
    changes = {}
    for field in attrs.fields(type(value)):
        old = getattr(value, field.name)
        if field.name in ("source_id", "ban_id", "recurrence_id") or field.name == "id":
            continue
        if field.name.endswith("_id"):
            changes[field.name] = "person:keep" if field.name == "second_id" else "person:drop"
        elif field.name.endswith("_ids"):
            changes[field.name] = ("person:drop", "person:other")
        elif (new := _naming(old)) != old:
            changes[field.name] = new
    return attrs.evolve(value, **changes)

# SPDX-License-Identifier: Apache-2.0
"""Registers into a store: twice changes nothing, and what a person verified stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante import Store
from territoire_sante.cooperation import merge, plan_merge
from territoire_sante.errors import Problem
from territoire_sante.model import (
    Actor,
    ActorKind,
    ActorStatus,
    Appointment,
    ContactPoint,
    ContactPointKind,
    Identifier,
    OppositionEntry,
    OppositionKind,
    OppositionList,
    Period,
    Person,
    PersonName,
    Provenance,
    Role,
    Territory,
    TerritoryKind,
    Visibility,
)
from territoire_sante_opendata import import_registry, read_communes

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def store() -> Iterator[Store]:
    """Return an empty store in memory."""
    with Store.open("memory:") as opened:
        yield opened


def msp(source="FINESS", **changed) -> Actor:
    """Return a health centre as a register tells of it."""
    told = {
        "id": "finess:480000018",
        "kind": ActorKind.MSP,
        "name": "MSP des Causses",
        "identifiers": (Identifier(scheme="finess", value="480000018"),),
        "provenance": Provenance(source=source, retrieved_on=TODAY),
        **changed,
    }
    return Actor(**told)


def test_twice_changes_nothing(store, text):
    """A second import of the same register on a later day makes no revision."""
    lines = ("code,nom,population", "48034,La Canourgue,2095", "48055,Cultures,197", "x,y,z")
    first = import_registry(store, read_communes(text(*lines), retrieved_on=TODAY), today=TODAY)
    assert first.added == ("commune:48034", "commune:48055")
    assert len(first.problems) == 1
    before = store.last_revision()
    later = TODAY + dt.timedelta(days=90)
    again = import_registry(store, read_communes(text(*lines), retrieved_on=later), today=later)
    assert again.is_empty
    assert (again.unchanged, store.last_revision()) == (2, before)


def test_a_change_is_shown_by_field(store, text):
    """What the register changed is written, and shown with the value before and after."""
    for population in (2095, 2100):
        source = text("code,nom,population", f"48034,La Canourgue,{population}")
        diff = import_registry(store, read_communes(source, retrieved_on=TODAY), today=TODAY)
    (change,) = diff.changed
    assert [(one.field, one.before, one.after) for one in change.fields] == [
        ("population", 2095, 2100)
    ]
    assert store.get(Territory, "commune:48034").population == 2100
    assert "population: 2095 -> 2100" in "\n".join(diff.lines())


def test_what_a_person_verified_stays(store):
    """A verified record is not touched; what the register says is listed, until it is accepted."""
    mine = attrs.evolve(msp(), name="La bonne MSP", verified_on=dt.date(2026, 10, 1))
    store.put(mine)
    diff = import_registry(store, [msp(name="MSP TEXTE")], today=TODAY)
    assert diff.is_empty
    assert [(one.field, one.after) for one in diff.kept_because_verified[0].fields] == [
        ("name", "MSP TEXTE")
    ]
    assert store.get(Actor, mine.id) == mine
    taken = import_registry(store, [msp(name="MSP TEXTE")], today=TODAY, accept=[mine.id])
    assert len(taken.changed) == 1
    stored = store.get(Actor, mine.id)
    assert (stored.name, stored.verified_on) == ("MSP TEXTE", TODAY)
    assert import_registry(store, [msp(name="MSP TEXTE")], today=TODAY).unchanged == 1


def test_another_source_only_fills(store):
    """A second register fills what is empty, and what it would change is told and not done."""
    import_registry(store, [msp()], today=TODAY)
    number = Identifier(scheme="siret", value="73282932000074")
    other = msp("data.inclusion", name="Autre nom", opening_hours="Mo 09:00-12:00")
    other = attrs.evolve(other, identifiers=(number,))
    diff = import_registry(store, [other], today=TODAY)
    stored = store.get(Actor, other.id)
    assert (stored.name, stored.opening_hours) == ("MSP des Causses", "Mo 09:00-12:00")
    assert [one.scheme for one in stored.identifiers] == ["finess", "siret"]
    assert stored.provenance.source == "FINESS"
    assert [one.field for one in diff.kept_from_other_source[0].fields] == ["name"]
    for one in (msp(), other):
        assert import_registry(store, [one], today=TODAY).is_empty


def test_what_people_add_stays(store):
    """Visibility, tags and hours that people added survive, and who is open again is so."""
    import_registry(store, [msp(status=ActorStatus.CLOSED)], today=TODAY)
    stored = store.get(Actor, "finess:480000018")
    store.put(attrs.evolve(stored, visibility=Visibility.TEAM, opening_hours="24/7"))
    import_registry(store, [msp(visibility=Visibility.PUBLIC)], today=TODAY)
    now = store.get(Actor, "finess:480000018")
    assert (now.visibility, now.opening_hours) == (Visibility.TEAM, "24/7")
    assert now.status is ActorStatus.ACTIVE


def test_verified_numbers_and_added_tags_stay(store):
    """A number that a person verified stays, one that was made private stays so, and so do tags."""
    phone, mail = ContactPointKind.PHONE, ContactPointKind.EMAIL
    told = msp(tags=("a",)).with_contact_point(phone, "0465710001")
    import_registry(store, [told], today=TODAY)
    stored = store.get(Actor, told.id).with_contact_point(mail, "accueil@msp.example.org")
    line, own = stored.contact_points
    changed = (
        attrs.evolve(line, visibility=Visibility.TEAM),
        attrs.evolve(own, verified_on=TODAY),
    )
    mine = attrs.evolve(stored, contact_points=changed, tags=("a", "pilote"))
    store.put(mine)
    assert import_registry(store, [told], today=TODAY).is_empty
    other = msp(tags=("b",)).with_contact_point(phone, "0465710002")
    import_registry(store, [other], today=TODAY)
    now = store.get(Actor, told.id)
    assert [one.value for one in now.contact_points] == ["0465710002", "accueil@msp.example.org"]
    assert set(now.tags) == {"a", "b", "pilote"}


def test_two_records_of_one_id(store):
    """The first of two records of one id counts, and one that says otherwise is told."""
    twice = [msp(), msp(), msp(name="Autre")]
    for _ in range(2):
        diff = import_registry(store, twice, today=TODAY)
        assert [problem.path for problem in diff.problems] == ["finess:480000018"]
    assert diff.is_empty


def test_opposed_persons_and_numbers(store):
    """Nothing of a person who objected is taken, and no contact point on the list."""
    person = Person(id="person:1", name=PersonName(family="Élan"), opposed=True)
    store.put(person)
    told = attrs.evolve(person, opposed=False, name=PersonName(family="AUTRE"))
    assert import_registry(store, [told], today=TODAY).kept_because_opposed == ("person:1",)
    assert store.get(Person, "person:1") == person
    key = b"k" * 32
    mail = "direction@msp.example.org"
    entry = OppositionEntry.of(mail, OppositionKind.EMAIL, key=key, since=TODAY)
    listed = OppositionList.of([entry], key=key)
    import_registry(
        store,
        [msp().with_contact_point(ContactPointKind.EMAIL, mail)],
        today=TODAY,
        oppositions=listed,
    )
    assert store.get(Actor, "finess:480000018").contact_points == ()
    point = ContactPoint(kind=ContactPointKind.EMAIL, value=mail)
    again = Person(id="person:2", name=PersonName(family="Élan"), contact_points=(point,))
    diff = import_registry(store, [again], today=TODAY, oppositions=listed)
    assert (diff.kept_because_opposed, diff.added) == (("person:2",), ())
    assert store.find(Person, "person:2") is None


def test_ended_and_anonymised_mandates_stay_so(store):
    """A register that goes on listing a mandate neither revives it nor names its person again."""
    mandate = Appointment(
        id="appointment:1",
        person_id="person:1",
        actor_id="mairie:48034",
        role=Role.MAYOR,
        period=Period(start=dt.date(2020, 5, 24)),
        provenance=Provenance(source="Répertoire national des élus"),
    )
    ended = mandate.end(on=dt.date(2026, 3, 22))
    for kept in (ended, ended.anonymise()):
        store.put(kept)
        assert import_registry(store, [mandate], today=TODAY).is_empty
        assert store.get(Appointment, mandate.id) == kept
    store.put(ended)
    again = attrs.evolve(mandate, period=Period(start=dt.date(2026, 3, 28)))
    assert len(import_registry(store, [again], today=TODAY).changed) == 1
    assert store.get(Appointment, mandate.id).period == again.period


def test_a_dry_run_writes_nothing(store):
    """A dry run gives the same difference and leaves the store as it was."""
    told = [msp(), Problem("line 2", "bad")]
    wouldbe = import_registry(store, told, today=TODAY, dry_run=True)
    assert store.last_revision() == 0
    assert import_registry(store, told, today=TODAY) == wouldbe


_WORDS = st.sampled_from(["", "a", "b"])
_RECORDS = st.builds(
    lambda number, source, name, hours, scheme: msp(
        source,
        id=f"finess:48000000{number}",
        name=name or "x",
        opening_hours=hours,
        identifiers=(Identifier(scheme=scheme, value=name),),
    ),
    st.integers(1, 3),
    st.sampled_from(["FINESS", "data.inclusion"]),
    _WORDS,
    _WORDS,
    st.sampled_from(["siret", "finess"]),
)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.lists(_RECORDS, max_size=6), st.booleans()), max_size=4))
def test_any_import_repeated_changes_nothing(imports):
    """After any imports from two sources, repeating the last one writes nothing."""
    with Store.open("memory:") as store:
        for records, _ in imports:
            import_registry(store, records, today=TODAY)
            again = import_registry(store, records, today=TODAY)
            assert again.is_empty


def test_all_communes_twice(cog, store):
    """All communes of France, read and imported twice, change nothing the second time."""
    path = cog / "communes.csv"
    first = import_registry(store, read_communes(path, retrieved_on=TODAY), today=TODAY)
    assert len(first.added) > 34_000
    assert all(one.startswith("commune:") for one in first.added)
    again = import_registry(store, read_communes(path, retrieved_on=TODAY), today=TODAY)
    assert again.is_empty
    assert again.unchanged == len(first.added)
    assert store.get(Territory, "commune:2A004").kind is TerritoryKind.COMMUNE


def _merged_store(store, *, source="service-public"):
    """Put a centre of FINESS and one of another register, merge the latter into the former."""
    other = msp(
        source,
        id="actor:autre",
        name="Maison de santé des Causses",
        identifiers=(Identifier(scheme="siret", value="73282932000074"),),
        tags=("msp",),
    ).with_contact_point(ContactPointKind.PHONE, "04 66 00 00 01")
    first = msp().with_contact_point(ContactPointKind.PHONE, "04 66 00 00 00")
    import_registry(store, [first, other], today=TODAY)
    merge(store, plan_merge(store, first.id, other.id))
    return first, other


@pytest.mark.parametrize("source", ["service-public", "FINESS"])
def test_a_merged_record_comes_back_as_the_one_it_went_into(store, source):
    """Both registers can be read again: one record stays, with all that the merge had joined."""
    first, other = _merged_store(store, source=source)
    before = store.get(Actor, first.id)
    diff = import_registry(store, [first, other, first, other], today=TODAY)

    assert diff.is_empty
    assert [one.id for one in store.all(Actor)] == [first.id]
    assert store.get(Actor, first.id) == before
    assert {one.scheme for one in before.identifiers} == {"finess", "siret"}
    assert {one.value[-2:] for one in before.contact_points} == {"00", "01"}


def test_a_merged_record_still_fills_what_is_empty(store):
    """What a register newly says of a merged record goes to the kept one, where it is empty."""
    first, other = _merged_store(store)
    told = attrs.evolve(other, description="Ouvert le samedi", name="Autre nom")
    again = attrs.evolve(first, opening_hours="Mo-Fr 08:00-18:00")
    import_registry(store, [told, again], today=TODAY)
    found = store.get(Actor, first.id)

    assert (found.description, found.name) == ("Ouvert le samedi", first.name)
    assert found.opening_hours == "Mo-Fr 08:00-18:00"
    assert import_registry(store, [told, again], today=TODAY).is_empty


def test_who_names_a_merged_record_means_the_kept_one(store):
    """A new mandate at a merged actor is one at the actor that it went into."""
    first, other = _merged_store(store)
    mandate = Appointment(id="appointment:1", actor_id=other.id, role=Role.PRESIDENT)
    import_registry(store, [mandate], today=TODAY)

    assert store.get(Appointment, mandate.id).actor_id == first.id
    assert import_registry(store, [mandate], today=TODAY).is_empty

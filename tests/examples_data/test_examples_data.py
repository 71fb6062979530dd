# SPDX-License-Identifier: Apache-2.0
"""The example territory: readable, consistent, true where it is real, invented elsewhere."""

from __future__ import annotations

import collections
import csv
import datetime as dt
import re
from pathlib import Path

import attrs
import pytest

from territoire_sante import Store
from territoire_sante.cooperation.rules import RULES, check
from territoire_sante.cooperation.workshops import read_report
from territoire_sante.errors import Problem
from territoire_sante.model import (
    Actor,
    Announcement,
    AnnouncementState,
    Channel,
    CommuneCode,
    Contact,
    ContactPoint,
    ContactPointKind,
    Entity,
    Event,
    Lever,
    LeverOffer,
    Person,
    Siren,
    Statement,
    StatementKind,
    Territory,
    TerritoryKind,
    Visibility,
    Workshop,
    fit,
)
from territoire_sante.projections import projection_for
from territoire_sante.serialization import read_entities, write_entities

ROOT = Path(__file__).parents[2]
DATA = ROOT / "examples" / "data"
COG = ROOT.parent / "shared" / "data" / "cog"
FILES = ("territory.json", "cooperation.jsonl", "workshop.json")

# Arcep's ranges for works of fiction, those used here.
FICTITIOUS = re.compile(r"04 65 71 \d\d \d\d|06 39 98 \d\d \d\d")


class Shelf:
    """The entities of the files, as projections read them."""

    def __init__(self, entities):
        self.entities = {entity.id: entity for entity in entities}

    def find(self, cls, id_):
        """Return the entity, or ``None``."""
        found = self.entities.get(id_)
        return found if isinstance(found, cls) else None

    def all(self, cls):
        """Yield the entities of a class."""
        return (entity for entity in self.entities.values() if type(entity) is cls)


@pytest.fixture(scope="module")
def entities():
    """Return everything in the three files."""
    return [entity for name in FILES for entity in read_entities(DATA / name)]


@pytest.fixture(scope="module")
def shelf(entities):
    """Return the same, to be looked up."""
    return Shelf(entities)


def walk(value, name=""):
    """Yield (name of the field, value) of everything in an entity, however deep."""
    if attrs.has(type(value)):
        yield name, value
        for field in attrs.fields(type(value)):
            yield from walk(getattr(value, field.name), field.name)
    elif isinstance(value, tuple):
        for member in value:
            yield from walk(member, name)
    else:
        yield name, value


@pytest.mark.parametrize("name", FILES)
def test_every_file_reads_without_a_problem(name):
    """Each file holds entities only, none twice."""
    read = list(read_entities(DATA / name))
    assert [entry for entry in read if isinstance(entry, Problem)] == []
    assert all(isinstance(entry, Entity) for entry in read)
    assert len({entity.id for entity in read}) == len(read) > 0


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_in_the_form_that_is_written(name, tmp_path):
    """Writing what was read gives the same bytes, so that changes show as small differences."""
    again = tmp_path / name
    write_entities(read_entities(DATA / name), again, lines=name.endswith("l"))
    assert again.read_bytes() == (DATA / name).read_bytes()


def test_every_reference_leads_somewhere(entities):
    """Each id that an entity names is the id of an entity of the files."""
    known = {entity.id for entity in entities}
    assert len(known) == len(entities)
    foreign = {"source_id", "ban_id", "recurrence_id"}
    dangling = {
        (entity.id, name, value)
        for entity in entities
        for name, value in walk(entity)
        if name.endswith(("_id", "_ids")) or name == "coverage"
        if name not in foreign and value and value not in known
    }
    assert dangling == set()


def test_every_commune_code_is_one_of_the_territory(entities, shelf):
    """INSEE codes of audiences, channels and stops are those of the 15 communes."""
    members = set(shelf.find(Territory, "epci:200069268").communes)
    assert members == {
        territory.code
        for territory in shelf.all(Territory)
        if territory.kind is TerritoryKind.COMMUNE
    }
    named = {
        value
        for entity in entities
        for name, value in walk(entity)
        if name in ("communes", "commune", "citycode", "audience") and isinstance(value, str)
    }
    assert named - {""} <= members
    assert len(members) == 15


def test_official_numbers_are_well_formed(shelf):
    """INSEE codes and SIREN numbers pass their checks."""
    numbers = collections.Counter()
    for actor in shelf.all(Actor):
        for identifier in actor.identifiers:
            {"siren": Siren, "insee": CommuneCode}[identifier.scheme](identifier.value)
            numbers[identifier.scheme] += 1
    assert numbers == {"siren": 16, "insee": 15}


@pytest.mark.skipif(not COG.is_dir(), reason="the shared data (../shared/data/cog) is absent")
def test_the_territory_is_as_the_registers_say(shelf):
    """Names, codes, SIREN numbers and populations are those of the registers."""
    with (COG / "communes.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["epci_siren"] == "200069268"]
    assert len(rows) == 15
    for row in rows:
        commune = shelf.find(Territory, f"commune:{row['code_insee']}")
        actor = shelf.find(Actor, f"mairie:{row['code_insee']}")
        assert (commune.name, str(commune.population)) == (row["nom"], row["population_municipale"])
        assert commune.parent_ids == ("epci:200069268", "departement:48", "region:76")
        assert actor.identifier("siren") == row["siren"]
        assert row["code_region"] == "76"


def test_nobody_can_be_reached_by_mistake(entities):
    """Every telephone number is fictitious, every address on the web is under example.org."""
    points = [
        value for entity in entities for _, value in walk(entity) if isinstance(value, ContactPoint)
    ]
    assert len(points) > 30
    for point in points:
        if point.kind in (ContactPointKind.PHONE, ContactPointKind.MOBILE):
            assert FICTITIOUS.fullmatch(point.value)
        else:
            assert re.search(r"[@./]example\.org(/|$)", point.value)


def test_it_shows_what_the_library_is_for(shelf):
    """There are levers of all the families of the seed, with offers, and events of each sort."""
    families = {lever.family.value for lever in shelf.all(Lever)}
    assert families >= {"communication", "logistics", "premises", "mobility", "human", "knowledge"}
    assert {offer.lever_id for offer in shelf.all(LeverOffer)} <= {
        lever.id for lever in shelf.all(Lever)
    }
    assert 8 <= len(list(shelf.all(Lever))) <= 12
    events = list(shelf.all(Event))
    assert any(event.rrule and event.occurrences for event in events)
    assert any(event.all_day for event in events)
    assert {event.start.year for event in events} == {2027}


def test_one_title_does_not_fit_its_channel(shelf):
    """Of the approved announcements exactly one is refused by the channel of 50, at 60."""
    channel = shelf.find(Channel, "channel:panneaupocket-48034")
    approved = [
        announcement
        for announcement in shelf.all(Announcement)
        if announcement.state is AnnouncementState.APPROVED
    ]
    refused = [one for one in approved if not fit(one, channel.limits).fits]
    assert [len(one.title) for one in refused] == [60]
    assert fit(refused[0], channel.limits).proposal is not None
    assert len(approved) == 3


def test_the_workshop_has_its_two_tables(shelf):
    """Each table has observations, ideas, conditions and key ideas, in the order of the report."""
    (workshop,) = shelf.all(Workshop)
    counts = collections.Counter(
        (statement.table, statement.kind) for statement in shelf.all(Statement)
    )
    assert [table.number for table in workshop.tables] == [1, 2]
    assert {table: [counts[table, kind] for kind in StatementKind] for table in (1, 2)} == {
        1: [4, 5, 5, 4],
        2: [3, 5, 3, 4],
    }
    directory = shelf.find(Statement, "statement:msp-elus-2-repertoire")
    assert directory.group == ""


def test_nothing_private_is_shown_to_the_public(shelf):
    """Public cards show no mobile number, no private address and nobody who objected."""
    projection = projection_for(Contact, audience=Visibility.PUBLIC, today=dt.date(2027, 1, 15))
    cards = [projected.view for projected in projection.project(shelf)]
    names = {card.formatted_name for card in cards}
    assert {"Inès Maquette", "Léa Spécimen", "MSP des Quatre Chemins (exemple)"} <= names
    opposed = [person for person in shelf.all(Person) if person.opposed]
    assert [person.display_name for person in opposed] == ["Guy Témoin"]
    assert not names & {person.display_name for person in opposed}
    assert not [r for card in cards for r in card.telephones if "cell" in r.types]


def test_the_report_of_the_workshop_is_the_workshop(entities):
    """Reading the text of the world café gives the tables and statements of workshop.json."""
    stored = next(one for one in entities if isinstance(one, Workshop))
    text = (DATA / "reports" / "msp-elus.txt").read_text(encoding="utf-8")
    report = read_report(text, id=stored.id, visibility=stored.visibility)
    said = [one for one in entities if isinstance(one, Statement)]

    assert attrs.evolve(report.workshop, territory_id=stored.territory_id) == stored
    assert [(one.table, one.kind, one.group, one.text) for one in report.statements] == [
        (one.table, one.kind, one.group, one.text) for one in said
    ]


def test_a_check_quotes_both_reports(entities):
    """Findings about the example territory rest on sentences of the workshop and of the plenary."""
    with Store.open("memory:") as store:
        store.put(*entities)
        findings = list(check(store.snapshot(), today=dt.date(2027, 2, 1)))
    sources = {finding.quote.source for finding in findings if finding.quote}

    assert sources == {rule.quote.source for rule in RULES if rule.quote and rule.quote.line}

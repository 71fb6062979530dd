# SPDX-License-Identifier: Apache-2.0
"""Pictures without a database, and the rules of each format: published ones, and our own words."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import json
import re
import uuid
import zipfile
from pathlib import Path

import attrs
import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from territoire_sante.exports import EXPORTERS
from territoire_sante.model import Entity, Visibility
from territoire_sante.privacy import Disclosed
from territoire_sante.serialization import read_entities
from territoire_sante.snapshot import Snapshot

TODAY = dt.date(2026, 11, 22)
ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT.parent / "shared" / "schemas"


class Picture:
    """Entities as a source of a snapshot, the last one of an id."""

    def __init__(self, entities):
        by_id = {(type(one), one.id): one for one in entities}
        self.entities = sorted(by_id.values(), key=lambda one: one.id)

    def reading(self):
        """Give itself."""
        return contextlib.nullcontext(self)

    def all(self, cls):
        """Yield the entities of a class."""
        return (one for one in self.entities if type(one) is cls)

    def last_revision(self):
        """Return a revision."""
        return 1


@attrs.frozen
class Done:
    """What an exporter wrote and what it said."""

    data: bytes
    said: object

    @property
    def json(self):
        """The whole as JSON."""
        return json.loads(self.data)

    @property
    def text(self):
        """The whole as text."""
        return self.data.decode()

    def files(self):
        """Return the files of an archive by their names."""
        with zipfile.ZipFile(io.BytesIO(self.data)) as opened:
            return {name: opened.read(name) for name in opened.namelist()}

    def table(self, name=None, separator=","):
        """Return the rows of a table, of the archive if it is in one."""
        data = self.data if name is None else self.files()[name]
        text = io.StringIO(data.decode("utf-8-sig"), newline="")
        return list(csv.DictReader(text, delimiter=separator))

    def codes(self):
        """Return what was left out, by reason."""
        return {one.code: one.ids for one in self.said.left_out}


def pictured(entities, audience=Visibility.PUBLIC):
    """Return entities as what was disclosed."""
    return Disclosed(audience=audience, snapshot=Snapshot.of(Picture(entities)))


def written(name, disclosed, *, today=TODAY, lang="fr"):
    """Return what an exporter writes."""
    out = io.BytesIO()
    said = EXPORTERS[name].write(disclosed, out, today=today, lang=lang)
    return Done(out.getvalue(), said)


@pytest.fixture(scope="session")
def today():
    """Return the day of the export."""
    return TODAY


@pytest.fixture(scope="session")
def export():
    """Return what exports entities under the name of a format."""

    def done(name, *entities, **options):
        return written(name, pictured(entities), **options)

    return done


@pytest.fixture(scope="session")
def write():
    """Return what writes something disclosed under the name of a format."""
    return written


@pytest.fixture(scope="session")
def picture():
    """Return what makes entities something disclosed."""
    return pictured


@pytest.fixture(scope="session")
def territory():
    """Return the entities of the example territory."""
    folder = ROOT / "examples" / "data"
    found = [
        one
        for name in ("territory.json", "cooperation.jsonl")
        for one in read_entities(folder / name)
    ]
    assert all(isinstance(one, Entity) for one in found)
    return found


# Published schemas.


@pytest.fixture(scope="session")
def published():
    """Return what validates a value by a published schema; skips where they are absent."""
    if not SCHEMAS.is_dir():
        pytest.skip("the shared schemas are not beside this repository")
    return _validator


@pytest.fixture(scope="session")
def maybe_published():
    """Return what validates by a published schema, or nothing where they are absent."""
    return _validator if SCHEMAS.is_dir() else lambda _folder, _name: lambda _value: None


_VALIDATORS = {}


def _validator(folder, name):
    """Return what raises for a value that a published schema does not allow."""
    if (folder, name) not in _VALIDATORS:
        schemas = {
            path.name: json.loads(path.read_text(encoding="utf-8"))
            for path in (SCHEMAS / folder).glob("*.json")
            if path.name != "openapi.json"
        }
        resources = [
            (key, Resource.from_contents(one, default_specification=DRAFT202012))
            for key, one in schemas.items()
        ]
        _VALIDATORS[folder, name] = (
            jsonschema.Draft202012Validator(
                schemas[name],
                registry=Registry().with_resources(resources),
                format_checker=jsonschema.FormatChecker(),
            ),
            schemas,
        )
    validator, schemas = _VALIDATORS[folder, name]

    def check(value):
        """Raise for a value that is not allowed."""
        validator.validate(value)
        if folder == "hsds":
            _no_strangers(value, schemas[name], schemas)

    check.schema = schemas[name]
    return check


def _no_strangers(value, schema, schemas):
    """Raise for a field that a schema of HSDS does not know; they allow any."""
    unknown = set(value) - set(schema["properties"]) - {"capacities"}
    assert unknown == set()
    for field, inner in value.items():
        about = schema["properties"].get(field, {})
        ref = about.get("$ref") or about.get("items", {}).get("$ref")
        if ref:
            for one in inner if isinstance(inner, list) else [inner]:
                _no_strangers(one, schemas[ref], schemas)


# The same rules in our own words, for machines without the published schemas.

URI = re.compile(r"https?://[\x21-\x7e]+")


def hsds_rules(document):
    """Raise for what HSDS does not allow."""
    known = {one["id"] for one in document["organizations"]}
    terms = {one["id"] for one in document["taxonomy_terms"]}
    for node in _walk(document):
        _hsds_values(node)
    for one in document["organizations"]:
        assert {"id", "name", "description"} <= set(one)
        assert one.get("parent_organization_id", one["id"]) in known
        for place in one.get("locations", ()):
            _hsds_location(place)
    for one in document["services"]:
        assert one["organization_id"] in known
        assert {each["taxonomy_term_id"] for each in one["attributes"]} <= terms
        _hsds_service(one)


def _hsds_values(node):
    for name, value in node.items():
        if name == "id" or name.endswith("_id"):
            assert str(uuid.UUID(value)) == value
        if name in ("url", "website", "uri", "schedule_link"):
            assert URI.fullmatch(value)
        if name == "email":
            assert "@" in value
        if name in ("latitude", "longitude", "amount", "maximum", "available"):
            assert isinstance(value, int | float)


def _hsds_service(one):
    assert {"id", "name", "status", "organization_id"} <= set(one)
    assert one["status"] in ("active", "inactive", "defunct", "temporarily closed")
    for schedule in one.get("schedules", ()):
        assert schedule.get("freq", "WEEKLY") in ("WEEKLY", "MONTHLY")
        assert schedule.get("wkst", "MO") in ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    for stop in one.get("service_at_locations", ()):
        _hsds_location(stop["location"])
        assert stop["location_id"] == stop["location"]["id"]
    for capacity in one.get("capacities", ()):
        assert {"id", "unit", "available", "updated"} <= set(capacity)
        assert {"id", "name"} <= set(capacity["unit"])
        assert dt.datetime.fromisoformat(capacity["updated"]).tzinfo is dt.UTC


def _hsds_location(place):
    assert {"id", "location_type"} <= set(place)
    assert place["location_type"] == "physical"
    for address in place.get("addresses", ()):
        needed = {"id", "address_1", "city", "state_province", "postal_code", "country"}
        assert needed | {"address_type"} <= set(address)


def _walk(value):
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)


ZONE = re.compile(r"france|\d{9}|\d[0-9AB]\d{3}|\d[0-9AB]|97\d|98\d")


def inclusion_rules(structures, services):
    """Raise for what data.inclusion does not allow."""
    known = {one["id"] for one in structures}
    for one in (*structures, *services):
        assert one["id"].startswith(f"{one['source']}--")
        assert 3 <= len(one["nom"]) <= 150
        assert not one["nom"].endswith(".")
        assert dt.date.fromisoformat(one["date_maj"]) <= TODAY
        assert 5 <= len(one["description"] or "12345") <= 10_000
        assert re.fullmatch(r"\d{14}", one.get("siret") or "0" * 14)
        assert re.fullmatch(r"\d{5}", one.get("code_postal") or "0" * 5)
        assert re.fullmatch(r"\w{5}", one.get("code_insee") or "0" * 5)
        for name in ("site_web", "lien_mobilisation"):
            assert URI.fullmatch(one.get(name) or "https://a")
            assert len(one.get(name) or "") <= 2083
    assert len({one["id"] for one in (*structures, *services)}) == len(structures) + len(services)
    for one in services:
        assert one["structure_id"] in known
        assert one["description"]
        assert one.get("frais") in (None, "gratuit", "payant")
        for name in ("thematiques", "modes_mobilisation", "mobilisable_par", "zone_eligibilite"):
            words = one[name]
            assert words is None or (words and len(set(words)) == len(words))
        assert all(ZONE.fullmatch(zone) for zone in one["zone_eligibilite"] or ())
        assert one.get("contact_nom_prenom") is None


SUBVENTION = {
    "nomAttribuant": r".+",
    "idAttribuant": r"\d{14}",
    "dateConvention": r"\d{4}-\d\d-\d\d",
    "referenceDecision": r".*",
    "nomBeneficiaire": r".+",
    "idBeneficiaire": r"(\d{14})?",
    "rnaBeneficiaire": r"(W\d{9})?",
    "objet": r".{1,256}",
    "montant": r"\d+(\.\d+)?",
    "nature": r"(aide en numéraire|aide en nature)|aide en numéraire;aide en nature",
    "conditionsVersement": r".{1,256}",
    "datesPeriodeVersement": r"\d{4}-\d\d-\d\d(/\d{4}-\d\d-\d\d)?",
    "idRAE": r".{0,5}",
    "notificationUE": r"oui|non",
    "pourcentageSubvention": r"0\.\d*[1-9]\d*|1\.00",
    "dispositifAide": r".*",
}


def subvention_rules(rows):
    """Raise for what the table schema scdl/subventions 2.1.1 does not allow."""
    for row in rows:
        assert list(row) == list(SUBVENTION)
        for name, pattern in SUBVENTION.items():
            assert re.fullmatch(pattern, row[name]), (name, row[name])
        dt.date.fromisoformat(row["dateConvention"])
        days = [dt.date.fromisoformat(one) for one in row["datesPeriodeVersement"].split("/")]
        assert days == sorted(days)
        assert float(row["montant"]) > 0


STATUSES = {
    f"https://schema.org/{one}" for one in ("EventScheduled", "EventCancelled", "EventRescheduled")
}


def schema_org_rules(document):
    """Raise for what search engines require of an event and miss."""
    assert document["@context"] == "https://schema.org"
    nodes = document["@graph"]
    ids = [one["@id"] for one in nodes]
    assert len(set(ids)) == len(ids)
    for one in nodes:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:\S+", one["@id"])
        if one["@type"] not in ("Event", "EventSeries"):
            continue
        assert one["name"].strip()
        dt.datetime.fromisoformat(one["startDate"])
        dt.datetime.fromisoformat(one.get("endDate", "2026-01-01"))
        assert one["location"]["@type"] == "Place"
        assert one["location"]["address"].strip()
        assert one.get("eventStatus") in {None, *STATUSES}
        assert ("previousStartDate" in one) == (
            one.get("eventStatus") == "https://schema.org/EventRescheduled"
        )
        if "superEvent" in one:
            assert one["superEvent"]["@id"] in ids


@pytest.fixture(scope="session")
def rules():
    """Return the rules of each format in our own words."""
    return {
        "hsds": hsds_rules,
        "data-inclusion": inclusion_rules,
        "scdl-subventions": subvention_rules,
        "schema-org": schema_org_rules,
    }

# SPDX-License-Identifier: Apache-2.0
"""HSDS: documents and tables that the published schemas allow, and that say what is known."""

from __future__ import annotations

import datetime as dt
import json
import zoneinfo

import attrs
import pytest

from territoire_sante.model import (
    Actor,
    ActorKind,
    ActorStatus,
    Address,
    ContactPoint,
    ContactPointKind,
    Cost,
    CostKind,
    Duration,
    Geo,
    Identifier,
    Known,
    Lever,
    LeverOffer,
    LeverType,
    Money,
    OfferState,
    Period,
    Provenance,
    Quantity,
    RequestMode,
    Stop,
    Territory,
    TerritoryKind,
    Unit,
)

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
MAIRIE = Actor(
    id="mairie:97411",
    kind=ActorKind.COMMUNE,
    name="Mairie de Saint-Denis",
    identifiers=(Identifier(scheme="siret", value="73282932000074"),),
    addresses=(
        Address(
            street="2 rue de Paris",
            postcode="97400",
            city="Saint-Denis",
            citycode="97411",
            geo=Geo(latitude=-20.88, longitude=55.45),
        ),
    ),
    opening_hours="Mo-Th 08:00-12:00,13:00-16:00; Sa-Su 09:00-11:00",
)
LEVER = Lever(
    id="lever:1",
    type=LeverType.MEDICOBUS,
    title="Médicobus",
    holder_id=MAIRIE.id,
    coverage=("commune:97411", "departement:974", "territory:libre", "territory:inconnu"),
    stops=(
        Stop(
            place="Place du marché",
            commune="97411",
            start=dt.datetime(2027, 3, 3, 9, tzinfo=PARIS),
            end=dt.datetime(2027, 3, 3, 12, 30, tzinfo=PARIS),
            rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=WE",
        ),
    ),
)
OFFER = LeverOffer(
    id="lever_offer:1",
    lever_id=LEVER.id,
    capacity=Quantity("8", Unit.PLACES),
    availability="FREQ=MONTHLY;BYDAY=1SA;UNTIL=20271231T000000Z",
    lead_time=Known(Duration(days=15)),
    cost=Cost(kind=CostKind.AMOUNT, amount=Money("12.50"), per="jour"),
    conditions="Retour le lundi.",
    required_documents=("Attestation d'assurance",),
    request_modes=(RequestMode.EMAIL,),
    request_url="https://mairie.example.org/prêts",
    valid=Period(end=dt.date(2028, 1, 1)),
    state=OfferState.PUBLISHED,
)
AREA = Territory(
    id="territory:libre", kind=TerritoryKind.CUSTOM, name="Bassin", communes=("2A004", "97411")
)
ALL = (MAIRIE, LEVER, OFFER, AREA)
MAY_BE_EMPTY = {"previous_value", "replacement_value"}
KINDS = {
    "organizations": "organization",
    "services": "service",
    "taxonomies": "taxonomy",
    "taxonomy_terms": "taxonomy_term",
}


@pytest.mark.parametrize("name", ["hsds", "hsds-3.1"])
def test_the_published_schemas_allow_it(name, territory, picture, write, published):
    """Every object of the example territory is valid by its schema, and has no field of its own."""
    document = write(name, picture(territory), lang="en").json

    for key, kind in KINDS.items():
        check = published("hsds", f"{kind}.json")
        assert document[key]
        for value in document[key]:
            check(value)


@pytest.mark.parametrize("name", ["hsds", "hsds-3.1"])
def test_the_rules_hold(name, territory, picture, write, rules):
    """The example territory keeps the rules in our own words."""
    rules["hsds"](write(name, picture(territory)).json)


def test_the_document_says_which_version_it_is(export):
    """The head of a document is that of an answer of the interface of HSDS."""
    for name, version in (("hsds", "3.0"), ("hsds-3.1", "3.1")):
        document = export(name).json
        assert document["version"] == version
        assert f"/{version}/" in document["openapi_url"]


def test_an_organisation(export):
    """Coordinates, the département overseas, numbers and weekly hours are in their fields."""
    (one,) = export("hsds", MAIRIE).json["organizations"]
    (place,) = one["locations"]

    assert one["description"] == "Commune"
    assert (place["longitude"], place["latitude"]) == (55.45, -20.88)
    assert place["addresses"][0]["state_province"] == "974"
    assert place["addresses"][0]["country"] == "FR"
    assert one["organization_identifiers"][0]["identifier"] == "73282932000074"
    hours = [(each["byday"], each["opens_at"], each["closes_at"]) for each in place["schedules"]]
    assert hours == [
        ("MO,TU,WE,TH", "08:00", "12:00"),
        ("MO,TU,WE,TH", "13:00", "16:00"),
        ("SA,SU", "09:00", "11:00"),
    ]


def test_an_address_that_is_not_whole(export):
    """Without town or postcode there is no address, which is said; the position stays."""
    half = attrs.evolve(MAIRIE.addresses[0], postcode="")
    done = export("hsds", attrs.evolve(MAIRIE, addresses=(half,), opening_hours=""))
    (place,) = done.json["organizations"][0]["locations"]

    assert "addresses" not in place
    assert place["longitude"] == 55.45
    assert done.codes() == {"address_incomplete": (MAIRIE.id,)}


def test_a_service(export):
    """A lever says how to ask, what it costs, where it is and when, each in its field."""
    (one,) = export("hsds", *ALL).json["services"]
    (option,) = one["cost_options"]
    (stop,) = one["service_at_locations"]

    assert one["status"] == "active"
    assert one["application_process"] == (
        "Demander par courriel. Demander 15 jours avant. Retour le lundi. "
        "Pièces à fournir : Attestation d'assurance. Valable jusqu'au 31 décembre 2027."
    )
    assert one["url"] == "https://mairie.example.org/pr%C3%AAts"
    assert (option["amount"], option["currency"], option["valid_to"]) == (12.5, "EUR", "2027-12-31")
    assert option["amount_description"] == "12,50 € par jour"
    assert [each.get("extent") for each in one["service_areas"]] == [
        "commune 97411",
        "departement 974",
        "commune 2A004, commune 97411",
        None,
    ]
    assert one["service_areas"][0]["uri"] == "http://id.insee.fr/geo/commune/97411"
    (times,) = one["schedules"]
    assert (times["freq"], times["byday"], times["until"]) == ("MONTHLY", "1SA", "2027-12-31")
    (times,) = stop["schedules"]
    assert (times["freq"], times["interval"], times["dtstart"]) == ("WEEKLY", 2, "2027-03-03")
    assert (times["opens_at"], times["closes_at"]) == ("09:00", "12:30")
    assert times["notes"] == "Europe/Paris"


@pytest.mark.parametrize(
    "rrule",
    ["FREQ=YEARLY", "FREQ=WEEKLY;BYSETPOS=1;BYDAY=MO", "FREQ=WEEKLY;INTERVAL=x", "tous les jours"],
)
def test_a_rule_without_fields_is_in_words(rrule, export):
    """A rule that HSDS cannot say is there as text, whole, and no half of it as fields."""
    offer = attrs.evolve(OFFER, availability=rrule)
    (one,) = export("hsds", MAIRIE, attrs.evolve(LEVER, stops=()), offer).json["services"]
    (times,) = one["schedules"]

    assert times["description"] == rrule
    assert set(times) == {"id", "description"}


@pytest.mark.parametrize(
    ("state", "status"),
    [("published", "active"), ("paused", "temporarily closed"), ("withdrawn", "defunct")],
)
def test_the_status_follows_from_the_offers(state, status, export):
    """A service is active, closed for a time or defunct as its offers are."""
    offer = attrs.evolve(OFFER, state=OfferState(state))

    assert export("hsds", MAIRIE, LEVER, offer).json["services"][0]["status"] == status
    assert export("hsds", MAIRIE, LEVER).json["services"][0]["status"] == "inactive"


def test_a_holder_that_is_closed_for_a_time(export):
    """The services of an organisation that is closed for a time are, too."""
    closed = attrs.evolve(MAIRIE, status=ActorStatus.SUSPENDED)
    (one,) = export("hsds", closed, LEVER, OFFER).json["services"]

    assert one["status"] == "temporarily closed"


def test_capacities_are_of_3_1(export, today):
    """HSDS 3.1 says what an offer holds, nothing free while it is paused; 3.0 says it cannot."""
    done = export("hsds", *ALL)
    (one,) = export("hsds-3.1", *ALL).json["services"]
    paused = attrs.evolve(OFFER, state=OfferState.PAUSED)
    (closed,) = export("hsds-3.1", MAIRIE, LEVER, paused).json["services"]

    assert "capacities" not in done.json["services"][0]
    assert done.codes() == {"capacity_has_no_field": (LEVER.id,)}
    (most,) = one["capacities"]
    assert (most["available"], most["maximum"]) == (8, 8)
    assert most["unit"]["identifier"] == "places"
    assert most["updated"] == f"{today}T00:00:00Z"
    assert closed["capacities"][0]["available"] == 0


def test_a_lever_without_its_holder(export):
    """A service needs an organisation: a lever without one is left out, and that is said."""
    done = export("hsds", LEVER)

    assert done.json["services"] == []
    assert done.codes() == {"no_holder": (LEVER.id,)}


def test_where_it_comes_from(export):
    """Source, licence and date of an import are told, as open licences ask."""
    source = Provenance(source="FINESS", licence="etalab-2.0", source_date=dt.date(2026, 9, 1))
    (one,) = export("hsds", attrs.evolve(MAIRIE, provenance=source)).json["organizations"]
    (note,) = one["metadata"]

    assert (note["updated_by"], note["last_action_date"]) == ("FINESS", "2026-09-01")
    assert note["replacement_value"] == "etalab-2.0"


def test_ids_stay(export):
    """Ids are for ever the same, and do not depend on what else is exported."""
    (one,) = export("hsds", *ALL).json["organizations"]
    (alone,) = export("hsds-3.1", MAIRIE, lang="en").json["organizations"]

    assert one["id"] == alone["id"] == "891eefe4-6405-501c-97f1-1ed6d91374db"


def test_tables_hold_the_same(territory, picture, write):
    """Every object of the document is one row, and every link names a row that is there."""
    disclosed = picture([*territory, *ALL])
    document, tables = write("hsds", disclosed), write("hsds-tables", disclosed)
    rows = {name: tables.table(name) for name in tables.files() if name.endswith(".csv")}
    ids = {row["id"]: name for name, table in rows.items() for row in table}
    homes = {"parent_organization_id": "organizations.csv", "parent_id": "taxonomy_terms.csv"}

    assert {row["id"] for row in rows["services.csv"]} == {
        one["id"] for one in document.json["services"]
    }
    assert len(ids) == sum(map(len, rows.values()))
    assert ids.keys() == set(_ids(document.json))
    for table in rows.values():
        for row in table:
            for name, value in row.items():
                if name.endswith("_id") and value:
                    assert ids[value] == homes.get(name, ids[value])
    assert tables.said == document.said


def _ids(value):
    if isinstance(value, dict):
        if "id" in value:
            yield value["id"]
        for inner in value.values():
            yield from _ids(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _ids(inner)


def test_tables_have_what_the_schemas_know_and_need(territory, picture, write, published):
    """The columns of each table are fields of its schema, all that tables require among them."""
    done = write("hsds-tables", picture(territory))
    files = done.files()
    package = json.loads(files["datapackage.json"])

    assert {one["path"] for one in package["resources"]} == set(files) - {"datapackage.json"}
    for one in package["resources"]:
        schema = published("hsds", f"{one['name']}.json").schema
        columns = [field["name"] for field in one["schema"]["fields"]]
        assert schema["path"] == one["path"]
        assert set(columns) <= set(schema["properties"])
        needed = {*schema["required"], *schema.get("tabular_required", ())}
        for row in done.table(one["path"]):
            assert list(row) == columns
            assert [name for name in needed - MAY_BE_EMPTY if not row[name]] == []


def test_tables_hold_no_formula(export):
    """A formula has an apostrophe ahead; telephone numbers and codes stay as they are."""
    phone = ContactPoint(kind=ContactPointKind.PHONE, value="+33 4 66 00 00 00")
    done = export("hsds-tables", attrs.evolve(MAIRIE, name="=1+1", contact_points=(phone,)))

    assert done.table("organizations.csv")[0]["name"] == "'=1+1"
    assert done.table("phones.csv")[0]["number"] == phone.value
    assert done.table("addresses.csv")[0]["postal_code"] == "97400"

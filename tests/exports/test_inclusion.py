# SPDX-License-Identifier: Apache-2.0
"""data.inclusion: structures and services that the published schema allows."""

from __future__ import annotations

import datetime as dt
import json

import attrs
import pytest

from territoire_sante.formats import inclusion
from territoire_sante.model import (
    Actor,
    ActorKind,
    Address,
    Appointment,
    ContactPoint,
    ContactPointKind,
    Cost,
    CostKind,
    Geo,
    Identifier,
    Lever,
    LeverOffer,
    LeverType,
    OfferState,
    Period,
    Provenance,
    RequestMode,
    Role,
    Territory,
    TerritoryKind,
)

CCAS = Actor(
    id="actor:ccas",
    kind=ActorKind.CCAS,
    name="CCAS de Porto-Vecchio",
    identifiers=(Identifier(scheme="siret", value="732 829 320 00074"),),
    addresses=(
        Address(
            postcode="20137",
            city="Porto-Vecchio",
            citycode="2A247",
            geo=Geo(latitude=41.59, longitude=9.28),
        ),
    ),
    contact_points=(
        ContactPoint(kind=ContactPointKind.URL, value="https://ccas.example.org/été?a=1"),
        ContactPoint(kind=ContactPointKind.EMAIL, value="ccas@example.org"),
    ),
    tags=("reseau:ccas-cias", "reseau:un-autre"),
)
LEVER = Lever(
    id="lever:navette",
    type=LeverType.SHUTTLE,
    title="Navette du marché",
    holder_id=CCAS.id,
    coverage=("commune:2A247", "departement:2A", "epci:200069268", "region:94", "territory:rien"),
    tags=("zone:france", "theme--inconnu"),
    verified_on=dt.date(2026, 5, 4),
)
OFFER = LeverOffer(
    id="lever_offer:navette",
    lever_id=LEVER.id,
    audience_kinds=(ActorKind.MSP,),
    cost=Cost(kind=CostKind.QUOTE, per="au kilomètre"),
    conditions="Réserver la veille.",
    request_modes=(RequestMode.LETTER, RequestMode.PHONE, RequestMode.PHONE),
    request_url="https://ccas.example.org/navette",
    state=OfferState.PUBLISHED,
)
REGION = [
    Territory(id="region:94", kind=TerritoryKind.REGION, name="Corse"),
    *(
        Territory(
            id=f"departement:{code}",
            kind=TerritoryKind.DEPARTEMENT,
            name=code,
            parent_ids=("region:94",),
        )
        for code in ("2A", "2B")
    ),
]


def records(done):
    """Return the structures and the services of an export."""
    files = done.files()
    assert list(files) == ["services.json", "structures.json"]
    return json.loads(files["structures.json"]), json.loads(files["services.json"])


def test_the_published_schema_allows_it(territory, picture, write, published):
    """The records of the example territory are valid by the schema and its lists of codes."""
    structures, services = records(write("data-inclusion", picture(territory)))

    assert len(structures) == 23
    assert len(services) == 10
    for kind, found in (("structure", structures), ("service", services)):
        check = published("data-inclusion", f"{kind}.json")
        for one in found:
            check(one)
            assert set(one) <= set(check.schema["properties"])


def test_the_words_are_those_of_the_schema(published):
    """Every theme, network, mode and cost that is written here is in the lists of the schema."""
    lists = published("data-inclusion", "service.json").schema["$defs"]
    networks = published("data-inclusion", "structure.json").schema["$defs"]["ReseauPorteur"]

    assert set(inclusion.THEMES.values()) | set(inclusion.LEVERS) <= set(
        lists["Thematique"]["enum"]
    )
    assert set(inclusion.MODES) == set(lists["ModeMobilisation"]["enum"])
    assert set(inclusion.COSTS) == set(lists["Frais"]["enum"])
    assert set(inclusion.NETWORKS.values()) | set(inclusion.KINDS) <= set(networks["enum"])


def test_what_is_read_is_what_is_written():
    """A theme or network stands for what is written with it."""
    for theme, lever in inclusion.LEVERS.items():
        assert inclusion.THEMES[lever] == theme
    for network, kind in inclusion.KINDS.items():
        assert inclusion.NETWORKS[kind] == network


def test_a_structure(export, rules):
    """Corsican codes, coordinates and the site as a URI are as the schema wants them."""
    done = export("data-inclusion", CCAS)
    structures, services = records(done)
    rules["data-inclusion"](structures, services)
    (one,) = structures

    assert one["id"] == "territoire-sante--actor:ccas"
    assert (one["code_insee"], one["code_postal"]) == ("2A247", "20137")
    assert (one["longitude"], one["latitude"]) == (9.28, 41.59)
    assert one["siret"] == "73282932000074"
    assert one["site_web"] == "https://ccas.example.org/%C3%A9t%C3%A9?a=1"
    assert one["reseaux_porteurs"] == ["ccas-cias"]
    assert one["date_maj"] == "2026-11-22"
    assert done.codes() == {"code_not_in_schema": (CCAS.id,), "dated_today": (CCAS.id,)}


def test_a_service(export, rules, maybe_published):
    """A lever under an open offer says where, for whom, at what cost and how to ask."""
    done = export("data-inclusion", CCAS, LEVER, OFFER, *REGION)
    structures, services = records(done)
    rules["data-inclusion"](structures, services)
    (one,) = services
    maybe_published("data-inclusion", "service.json")(one)

    assert one["structure_id"] == structures[0]["id"]
    assert one["description"] == "Navette : Navette du marché"
    assert one["thematiques"] == ["mobilite--mobilite-douce-partagee-collective"]
    assert (one["frais"], one["frais_precisions"]) == ("payant", "au kilomètre")
    assert one["zone_eligibilite"] == ["2A247", "2A", "200069268", "2B", "france"]
    assert one["modes_mobilisation"] == ["telephoner"]
    assert one["mobilisation_precisions"] == "Demander par courrier."
    assert one["mobilisable_par"] == ["professionnels"]
    assert one["conditions_acces"] == "Réserver la veille."
    assert one["date_maj"] == "2026-05-04"
    assert one["courriel"] == "ccas@example.org"
    assert done.codes()["area_without_code"] == ("territory:rien",)
    assert LEVER.id in done.codes()["code_not_in_schema"]


def test_no_zone_is_not_everywhere(export):
    """A lever whose coverage is not known has no zone."""
    _, (one,) = records(
        export("data-inclusion", CCAS, attrs.evolve(LEVER, coverage=(), tags=()), OFFER)
    )

    assert one["zone_eligibilite"] is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": "Na"}, "name_not_valid"),
        ({"title": "N" * 151}, "name_not_valid"),
        ({"title": "Navette."}, "name_not_valid"),
        ({"description": "x" * 10_001}, "text_too_long"),
        ({"holder_id": "actor:absent"}, "no_holder"),
    ],
)
def test_what_the_schema_refuses_is_left_out_whole(change, code, export):
    """A lever that cannot be valid is left out, never cut, and the reason is said."""
    done = export("data-inclusion", CCAS, attrs.evolve(LEVER, **change), OFFER)

    assert records(done)[1] == []
    assert done.codes()[code] == (LEVER.id,)


@pytest.mark.parametrize(
    "change", [{"title": "Nav"}, {"title": "N" * 150}, {"description": "x" * 10_000}]
)
def test_what_is_just_valid_goes_out(change, export, rules):
    """The longest and the shortest that the schema allows go out."""
    done = export("data-inclusion", CCAS, attrs.evolve(LEVER, **change), OFFER)
    rules["data-inclusion"](*records(done))

    assert len(records(done)[1]) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"state": OfferState.DRAFT},
        {"state": OfferState.PAUSED},
        {"valid": Period(end=dt.date(2026, 11, 22))},
        {"valid": Period(start=dt.date(2026, 11, 23))},
    ],
)
def test_only_open_offers_are_services(change, export):
    """A lever that cannot be asked for today is no service."""
    done = export("data-inclusion", CCAS, LEVER, attrs.evolve(OFFER, **change))

    assert records(done)[1] == []
    assert done.codes()["no_open_offer"] == (LEVER.id,)


def test_each_offer_is_a_service(export, rules):
    """Of two offers, the first is the service of the lever, the other has a number of its own."""
    other = attrs.evolve(OFFER, id="lever_offer:second", conditions="Le soir.")
    structures, services = records(export("data-inclusion", CCAS, LEVER, OFFER, other))
    rules["data-inclusion"](structures, services)

    assert [one["id"] for one in services] == [
        "territoire-sante--lever:navette",
        "territoire-sante--lever_offer:second",
    ]


def test_nobody_is_named(export, today):
    """Even where a post is asked, nobody is named; once it is over, the body is asked."""
    post = Appointment(
        id="appointment:1",
        actor_id=CCAS.id,
        person_id="person:1",
        role=Role.DIRECTOR,
        contact_points=(ContactPoint(kind=ContactPointKind.PHONE, value="04 95 00 00 00"),),
    )
    offer = attrs.evolve(OFFER, contact_id=post.id)
    _, (one,) = records(export("data-inclusion", CCAS, LEVER, offer, post))

    assert one["telephone"] == "04 95 00 00 00"
    assert "contact_nom_prenom" not in one
    over = attrs.evolve(post, period=Period(end=today))
    _, (late,) = records(export("data-inclusion", CCAS, LEVER, offer, over))
    assert (late["telephone"], late["courriel"]) == (None, "ccas@example.org")


def test_the_last_known_day_is_written(export):
    """The day of the last change is what is known, never one to come."""
    day = dt.date
    for verified, dated, retrieved, expected in (
        (day(2026, 5, 1), day(2026, 6, 1), day(2026, 7, 1), "2026-06-01"),
        (None, None, day(2026, 7, 1), "2026-07-01"),
        (day(2027, 1, 1), None, None, "2026-11-22"),
    ):
        source = Provenance(source="x", source_date=dated, retrieved_on=retrieved)
        actor = attrs.evolve(CCAS, verified_on=verified, provenance=source)
        assert records(export("data-inclusion", actor))[0][0]["date_maj"] == expected


def test_a_bad_link_is_left_out(export):
    """An address that is too long for the schema is left out, and that is said."""
    offer = attrs.evolve(OFFER, request_url="https://example.org/" + "a" * 2100)
    done = export("data-inclusion", CCAS, LEVER, offer)

    assert records(done)[1][0]["lien_mobilisation"] is None
    assert done.codes()["field_not_valid"] == (LEVER.id,)

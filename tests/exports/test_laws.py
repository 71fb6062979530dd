# SPDX-License-Identifier: Apache-2.0
"""Whatever a territory holds, every format takes it: without an error, valid, always the same."""

from __future__ import annotations

import datetime as dt
import json

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante.exports import EXPORTERS
from territoire_sante.model import (
    Actor,
    ActorStatus,
    AidKind,
    AidTerms,
    Appointment,
    Convention,
    ConventionKind,
    ConventionState,
    Event,
    Identifier,
    Lever,
    LeverOffer,
    LiaisonAssignment,
    Money,
    OfferState,
    Party,
    PartyRole,
    Person,
    Territory,
    TerritoryKind,
)
from territoire_sante.testing.strategies import values

PLACES = [
    "commune:48095",
    "commune:2A004",
    "commune:97411",
    "commune:~",
    "departement:2B",
    "epci:200069268",
    "epci:nord",
    "region:76",
    "territory:libre",
]
GROUND = [
    Territory(id="departement:48", kind=TerritoryKind.DEPARTEMENT, name="48"),
    Territory(
        id="epci:200069268", kind=TerritoryKind.EPCI, name="CC_du *Nord*", communes=("48095",)
    ),
    Territory(id="territory:libre", kind=TerritoryKind.CUSTOM, name="<libre>", communes=("2A004",)),
]
SIRET = (Identifier(scheme="siret", value="73282932000074"),)
GRANT = {
    "kind": ConventionKind.SUBSIDY,
    "state": ConventionState.ACTIVE,
    "starts_on": dt.date(2026, 1, 1),
    "ends_on": dt.date(2026, 12, 31),
    "signatures": (),
    "resources": (),
    "aid": AidTerms(kind=AidKind.INVESTMENT, amount=Money("23000.01")),
}
SETTINGS = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@st.composite
def pictures(draw):
    """Return the entities of a territory that name one another, and some that are not there."""
    spots = st.lists(st.sampled_from(PLACES), max_size=3, unique=True).map(tuple)
    place = st.sampled_from(["", *PLACES])
    actors = [
        attrs.evolve(
            one,
            territory_id=draw(place),
            coverage=draw(spots),
            status=draw(st.sampled_from([ActorStatus.ACTIVE, *ActorStatus])),
            identifiers=draw(st.sampled_from([SIRET, one.identifiers])),
        )
        for one in draw(st.lists(values(Actor), min_size=2, max_size=4))
    ]
    ids = st.sampled_from([*(one.id for one in actors), "actor:absent"])
    people = draw(st.lists(values(Person), max_size=2))
    who = st.sampled_from([*(one.id for one in people), "person:absent"])
    posts = [
        attrs.evolve(one, actor_id=draw(ids), person_id=draw(who))
        for one in draw(st.lists(values(Appointment), max_size=3))
    ]
    asked = st.sampled_from([*(one.id for one in posts), *(one.id for one in actors), ""])
    levers = [
        attrs.evolve(one, holder_id=draw(ids), coverage=draw(spots))
        for one in draw(st.lists(values(Lever), min_size=1, max_size=3))
    ]
    offers = [
        attrs.evolve(
            one,
            lever_id=draw(st.sampled_from([one.id for one in levers])),
            contact_id=draw(asked),
            state=draw(st.sampled_from([OfferState.PUBLISHED, *OfferState])),
        )
        for one in draw(st.lists(values(LeverOffer), max_size=3))
    ]
    liaisons = [
        attrs.evolve(one, territory_id=draw(place), actor_id=draw(ids))
        for one in draw(st.lists(values(LiaisonAssignment), max_size=2))
    ]
    events = [
        attrs.evolve(one, organiser_ids=(draw(ids),))
        for one in draw(st.lists(values(Event), max_size=2))
    ]
    roles = st.sampled_from(PartyRole)
    conventions = [
        attrs.evolve(
            one,
            parties=tuple(Party(actor_id=draw(ids), role=draw(roles)) for _ in "ab"),
            **draw(st.sampled_from([{}, GRANT])),
        )
        for one in draw(st.lists(values(Convention), max_size=2))
    ]
    found = [*actors, *people, *posts, *levers, *offers, *liaisons, *events, *conventions]
    return [*GROUND, *{(type(one), one.id): one for one in found}.values()]


@pytest.mark.parametrize("name", EXPORTERS)
def test_the_same_territory_gives_the_same_bytes(name, territory, picture, write):
    """An export depends on nothing but what is disclosed, the day and the language."""
    there, back = picture(territory), picture(list(reversed(territory)))
    for lang in ("fr", "en"):
        once, again = write(name, there, lang=lang), write(name, back, lang=lang)
        assert once == again
        assert once.data


@SETTINGS
@given(entities=pictures())
def test_any_territory_is_valid_in_every_format(entities, rules, maybe_published, picture, write):
    """Made-up territories export without an error, and what comes out keeps the rules."""
    disclosed = picture(entities)
    done = {name: write(name, disclosed) for name in EXPORTERS}
    english = {name: write(name, disclosed, lang="en") for name in EXPORTERS}

    for name in ("hsds", "hsds-3.1"):
        for one in (done[name].json, english[name].json):
            rules["hsds"](one)
            for kind in ("organization", "service"):
                check = maybe_published("hsds", f"{kind}.json")
                for value in one[f"{kind}s"]:
                    check(value)
    files = {key: json.loads(data) for key, data in done["data-inclusion"].files().items()}
    rules["data-inclusion"](files["structures.json"], files["services.json"])
    for kind in ("structure", "service"):
        check = maybe_published("data-inclusion", f"{kind}.json")
        for value in files[f"{kind}s.json"]:
            check(value)
    rules["scdl-subventions"](done["scdl-subventions"].table())
    rules["schema-org"](done["schema-org"].json)
    for one in (*done.values(), *english.values()):
        assert all(each.ids and each.text("fr") and each.text("en") for each in one.said.left_out)


@SETTINGS
@given(entities=pictures())
def test_any_territory_gives_the_same_bytes_twice(entities, picture, write):
    """Made-up territories export to the same bytes, whatever the order in which they came."""
    for name in EXPORTERS:
        assert write(name, picture(entities)) == write(name, picture(list(reversed(entities))))

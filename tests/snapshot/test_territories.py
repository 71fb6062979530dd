# SPDX-License-Identifier: Apache-2.0
"""Which territory lies in which, asked from above and from below."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante import Store
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import Actor, ActorKind, Lever, LeverType, Territory, TerritoryKind
from territoire_sante.snapshot import Nearness, commune_code

CODES = ("48001", "48002", "12001", "2A004")
IDS = (
    *(f"commune:{code}" for code in CODES),
    "epci:a",
    "epci:b",
    "territory:c",
    "departement:48",
    "departement:12",
    "region:76",
)
KIND_OF = {
    "commune": TerritoryKind.COMMUNE,
    "epci": TerritoryKind.EPCI,
    "territory": TerritoryKind.CUSTOM,
    "departement": TerritoryKind.DEPARTEMENT,
    "region": TerritoryKind.REGION,
}


@st.composite
def maps(draw):
    """Draw any territories, also such as contradict each other or go in circles."""
    return [
        Territory(
            id=one,
            kind=KIND_OF[one.partition(":")[0]],
            name=one,
            communes=tuple(draw(st.sets(st.sampled_from(CODES), max_size=3))),
            parent_ids=tuple(draw(st.sets(st.sampled_from(IDS), max_size=3))),
        )
        for one in draw(st.sets(st.sampled_from(IDS), min_size=1))
    ]


@settings(max_examples=80, deadline=None)
@given(maps())
def test_up_and_down_agree(territories):
    """A stored commune is among those of a territory exactly if that is among its places."""
    with Store.open("memory:") as store:
        store.put(*territories)
        snapshot = store.snapshot()
    stored = [one.id.removeprefix("commune:") for one in territories if "commune:" in one.id]

    for code in stored:
        places = snapshot.places_of(code)
        assert places[0] == f"commune:{code}"
        assert {one for one in IDS if code in snapshot.communes_of(one)} <= set(places)
        assert all(code in snapshot.communes_of(place) for place in places)


def test_places_of_a_commune(store):
    """Its EPCI, the areas it is in, its département and region, nearest first."""
    assert store.snapshot().places_of("48002") == (
        "commune:48002",
        "epci:nord",
        "territory:cls",
        "territory:pays",
        "departement:48",
        "region:76",
    )


def test_an_epci_over_a_border_moves_nobody(store):
    """A commune is in its own département, not in the others that its EPCI reaches into."""
    snapshot = store.snapshot()
    assert "departement:48" not in snapshot.places_of("12001")
    assert snapshot.communes_of("departement:12") == ("12001",)
    assert snapshot.communes_of("region:76") == ("12001", "48001", "48002", "48003")


def test_a_commune_that_is_not_stored(store):
    """What is not stored is known by its code, and by the lists that it stands in."""
    snapshot = store.snapshot()
    assert snapshot.places_of("48999") == ("commune:48999", "departement:48", "region:76")
    assert snapshot.epci_of("48999") is None
    assert snapshot.communes_of("commune:48999") == ("48999",)
    assert snapshot.communes_of("epci:unknown") == ()


def test_the_code_gives_way_to_what_is_said(store):
    """A commune that changed its département keeps its code and is where its record says."""
    moved = store.get(Territory, "commune:48001")
    store.put(attrs.evolve(moved, parent_ids=("departement:12",)))
    snapshot = store.snapshot()

    assert "departement:48" not in snapshot.places_of("48001")
    assert "48001" not in snapshot.communes_of("departement:48")
    assert "48001" in snapshot.communes_of("departement:12")


@pytest.mark.parametrize(
    ("ids", "nearness"),
    [
        (["commune:48002"], "COMMUNE"),
        (["commune:48001"], "EPCI"),
        (["epci:nord"], "EPCI"),
        (["territory:cls"], "AREA"),
        (["commune:48003"], "AREA"),
        (["commune:48999"], "DEPARTEMENT"),
        (["epci:sud"], "DEPARTEMENT"),
        (["commune:12001"], "REGION"),
        (["commune:2A004"], "ELSEWHERE"),
        (["commune:2A004", "commune:48001"], "EPCI"),
        (["commune:none"], "ELSEWHERE"),
        ([], "UNKNOWN"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else value,
)
def test_nearness(store, ids, nearness):
    """The smallest level that is shared counts; nothing named is unknown, not far."""
    assert store.snapshot().nearness("48002", ids) is Nearness[nearness]


def test_covering(store):
    """What covers a commune comes by its nearest coverage; what names no place does not come."""
    wide = Lever(id="lever:a", type=LeverType.TENT, title="Région", coverage=("region:76",))
    near = Lever(id="lever:b", type=LeverType.TENT, title="Ici", coverage=("commune:48002",))
    both = attrs.evolve(near, id="lever:c", coverage=("region:76", "epci:nord"))
    store.put(wide, near, both, attrs.evolve(near, id="lever:d", coverage=()))
    found = store.snapshot().covering(Lever, "48002")

    assert [one.id for one in found] == ["lever:b", "lever:c", "lever:a"]


def test_an_actor_without_coverage_covers_where_it_sits(store):
    """Where an actor sits counts only as long as nobody said what it serves."""
    here = Actor(
        id="actor:a", kind=ActorKind.MSP, name="MSP", territory_id="commune:48002", coverage=()
    )
    store.put(here, attrs.evolve(here, id="actor:b", coverage=("commune:48001",)))
    snapshot = store.snapshot()

    assert [one.id for one in snapshot.teams_of("48002")] == ["actor:a"]
    assert [one.id for one in snapshot.teams_of("48001")] == ["actor:b"]


@pytest.mark.parametrize("text", ["epci:200069268", "20004", "", "commune:"])
def test_what_is_no_commune_is_refused(text):
    """Anything but an INSEE code or the id of a commune is refused with a remedy."""
    with pytest.raises(InvalidValueError) as caught:
        commune_code(text)
    assert caught.value.remedy

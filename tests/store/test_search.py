# SPDX-License-Identifier: Apache-2.0
"""Search: accents and case do not matter, no text can break it, near things come first."""

from __future__ import annotations

import csv
from pathlib import Path

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Actor,
    ActorKind,
    Address,
    Announcement,
    ContactPointKind,
    Entity,
    Event,
    Lever,
    LeverType,
    OppositionEntry,
    OppositionKind,
    Territory,
    TerritoryKind,
)
from territoire_sante.store import Store
from territoire_sante.store._search import REGIONS
from territoire_sante.store._texts import may_name_places, places_of
from territoire_sante.store._transaction import prepared
from territoire_sante.testing.strategies import entities, texts

COG = Path(__file__).parents[3] / "shared" / "data" / "cog"


def found(store: Store, text: str, **options: object) -> list[str]:
    """Return the ids of what is found, best first."""
    return [hit.entity.id for hit in store.search(text, **options)]  # type: ignore[arg-type] # options as they come


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("Méditerranée", "mediterranee"),
        ("Mediterranee", "MÉDITERRANÉE"),
        ("L’accès aux soins", "l'acces"),
        ("accès aux soins", "l'accès"),
        ("Saint-Étienne-du-Valdonnez", "saint etienne"),
        ("Saint Étienne", "Saint-Etienne"),
        ("Le chœur des aînés", "choeur"),
        ("Le coeur de ville", "cœur"),
        ("Prêt de barnums", "barnum prêt"),
        ("Aujourd'hui", "aujourd'hui"),
        ("Médicobus", "médico"),
    ],
)
def test_words_are_found_however_they_are_written(store: Store, stored: str, asked: str) -> None:
    """Accents, case, apostrophes, hyphens, ligatures, order and endings do not matter."""
    store.put(Event(id="event:1", summary=stored), Event(id="event:2", summary="Autre chose"))

    assert found(store, asked) == ["event:1"]


def test_all_words_must_be_there(store: Store) -> None:
    """Two words find what has both, wherever each is."""
    store.put(
        Event(id="event:1", summary="Rencontre", description="à Mende"),
        Event(id="event:2", summary="Rencontre", description="à Florac"),
    )

    assert found(store, "rencontre mende") == ["event:1"]
    assert found(store, "rencontre alès") == []


def test_titles_weigh_more(store: Store) -> None:
    """What has the word in its name comes before what only speaks of it."""
    store.put(
        Announcement(id="announcement:1", title="Réunion", body="On parlera du barnum"),
        Announcement(id="announcement:2", title="Barnum", body="Réunion"),
    )

    assert found(store, "barnum") == ["announcement:2", "announcement:1"]


def test_texts_of_parts_and_labels_are_found(store: Store) -> None:
    """Addresses, contact points and the French labels of enumerations are searched too."""
    actor = Actor(
        id="actor:1",
        kind=ActorKind.MSP,
        name="Les Causses",
        addresses=(Address(street="Rue du Lavoir", city="Mende", citycode="48095"),),
    ).with_contact_point(ContactPointKind.EMAIL, "causses@msp.example.org")
    store.put(actor)

    for text in ("lavoir", "maison de santé", "causses@msp.example.org"):
        assert found(store, text) == ["actor:1"], text
    assert found(store, "48095") == []


def test_the_opposition_list_is_not_searched(store: Store) -> None:
    """Entries of the opposition list are no search results."""
    key = b"0123456789abcdef"
    store.put(OppositionEntry(id="opposition:1", hash=key.hex() * 2, kind=OppositionKind.EMAIL))

    assert found(store, OppositionKind.EMAIL.label_fr) == []


def test_the_index_follows_changes(store: Store) -> None:
    """What was changed or deleted is found by its present words only."""
    one = Event(id="event:1", summary="Barnum")
    store.put(one)
    store.put(attrs.evolve(one, summary="Tente"))
    assert (found(store, "barnum"), found(store, "tente")) == ([], ["event:1"])

    store.delete(Event, "event:1")
    assert found(store, "tente") == []


def test_hits_carry_the_entity_its_score_and_the_place(store: Store) -> None:
    """A hit shows where the words are, and scores fall."""
    store.put(
        Event(id="event:1", summary="Barnum", description="Le barnum est rendu"),
        Event(id="event:2", description=f"{'Voici un long texte. ' * 20} Le barnum\nest là"),
    )

    first, second = store.search("barnum")

    assert first.entity.id == "event:1"
    assert first.score >= second.score
    assert "Le barnum est là" in second.excerpt
    assert len(second.excerpt) < 150


def test_kinds_and_limit_narrow_the_search(store: Store) -> None:
    """Only the classes asked for are found, and no more than ``limit``."""
    store.put(
        Event(id="event:1", summary="Barnum"),
        Event(id="event:2", summary="Barnum"),
        Announcement(id="announcement:1", title="Barnum"),
    )

    assert found(store, "barnum", kinds=[Announcement]) == ["announcement:1"]
    assert found(store, "barnum", kinds=[]) == []
    assert found(store, "barnum", kinds=[Event], limit=1) == ["event:1"]


@pytest.fixture(scope="module", name="shared")
def _shared() -> object:
    with Store.open("memory:") as store:
        store.put(Event(id="event:1", summary="Réunion à Mende NEAR AND OR NOT"))
        yield store


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        *((text, 0) for text in ("", " ", "'", '"', "*", "(", "-", "{", "\0", "a^b", "title: x")),
        *(
            (text, 1)
            for text in ("NEAR(", "AND", "OR NOT", "Mende OR", 'Mende"', "-Mende*", "(and")
        ),
    ],
)
def test_operators_are_only_words(shared: Store, text: str, hits: int) -> None:
    """What the query language of the database would understand is searched as text."""
    assert len(shared.search(text)) == hits


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=40) | texts())
def test_no_text_breaks_the_search(shared: Store, text: str) -> None:
    """Any text at all gives an answer, never an error."""
    assert len(shared.search(text, near="48095")) <= 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(entity=entities("actor", "announcement", "lever", "territory"))
def test_everything_is_found_by_its_title(entity: Entity) -> None:
    """Whatever has a name is found by the words of that name."""
    title = getattr(entity, "name", None) or getattr(entity, "title", "")
    words = [word for word in title.split() if word.isascii() and word.isalnum()]
    with Store.open("memory:") as store:
        store.put(entity)
        for word in words:
            if len(word) > 1:
                assert entity.id in found(store, word)


def lever(number: int, *coverage: str) -> Lever:
    """Return a lever that covers these territories."""
    return Lever(
        id=f"lever:{number}", type=next(iter(LeverType)), title="Barnum", coverage=coverage
    )


def test_near_things_come_first(store: Store) -> None:
    """The commune, then its EPCI, département and region, then the rest, then the unplaced."""
    store.put(
        Territory(
            id="commune:48095", kind=TerritoryKind.COMMUNE, name="Mende", communes=("48095",)
        ),
        Territory(
            id="epci:200069268", kind=TerritoryKind.EPCI, name="CC", communes=("48095", "48009")
        ),
        Territory(
            id="territory:bassin", kind=TerritoryKind.CATCHMENT, name="B", communes=("48095",)
        ),
        lever(0),
        lever(1, "commune:75056"),
        lever(2, "commune:34172", "commune:30007"),
        lever(3, "region:76"),
        lever(4, "commune:48061"),
        lever(5, "departement:48"),
        lever(6, "commune:48009"),
        lever(7, "epci:200069268"),
        lever(8, "territory:bassin"),
        lever(9, "commune:75056", "commune:48095"),
        Announcement(id="announcement:1", title="Barnum", audience=("48095",)),
        Actor(
            id="actor:1",
            kind=ActorKind.MSP,
            name="Barnum",
            addresses=(Address(citycode="48095"),),
        ),
    )

    order = found(store, "barnum", near="48095")

    assert set(order[:3]) == {"lever:9", "announcement:1", "actor:1"}
    assert set(order[3:6]) == {"lever:6", "lever:7", "lever:8"}
    assert set(order[6:8]) == {"lever:4", "lever:5"}
    assert set(order[8:10]) == {"lever:2", "lever:3"}
    assert set(order[10:]) == {"lever:0", "lever:1"}


@pytest.mark.parametrize("near", ["Mende", "4809", "48095 "])
def test_near_is_an_insee_code(store: Store, near: str) -> None:
    """A name in the place of the code is refused with an example; spaces do not matter."""
    store.put(Event(id="event:1", summary="Barnum"))
    if near.strip() == "48095":
        assert found(store, "barnum", near=near) == ["event:1"]
    else:
        with pytest.raises(InvalidValueError, match="INSEE code of a commune"):
            store.search("barnum", near=near)


def test_regions_are_those_of_the_official_list() -> None:
    """The table of départements and regions is INSEE's."""
    path = COG / "departements.csv"
    if not path.exists():
        pytest.skip("the shared reference data is not beside this checkout")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    official = {(row["code"], row["code_region"]) for row in rows}
    assert {(d, region) for region, all_ in REGIONS.items() for d in all_.split()} == official


def test_without_a_place_the_words_alone_decide(store: Store) -> None:
    """Asked for no place, what names one is not put ahead of what fits the words better."""
    tent = Lever(id="lever:1", type=LeverType.TENT, title="Tente")
    store.put(
        attrs.evolve(tent, title="Barnum"),
        attrs.evolve(
            tent,
            id="lever:2",
            description="Tente, abri ou barnum selon le temps qu'il fait ce jour-là",
            coverage=("epci:200069268", "region:76"),
        ),
    )
    assert found(store, "barnum") == ["lever:1", "lever:2"]
    assert found(store, "barnum", near="48034") == ["lever:2", "lever:1"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(entities())
def test_places_are_hinted_at_by_the_json(entity: Entity) -> None:
    """Of no entity that names a place the JSON says that it names none."""
    assert may_name_places(prepared(entity).text) or not places_of(entity)


def test_every_kind_of_territory_is_a_place() -> None:
    """Whatever the id of a territory begins with, an entity that covers it names a place."""
    for kind in Territory.ID_KINDS:
        tent = Lever(id="lever:1", type=LeverType.TENT, title="Tente", coverage=(f"{kind}:48095",))
        assert may_name_places(prepared(tent).text)
        assert len(places_of(tent)) == 1

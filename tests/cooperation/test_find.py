# SPDX-License-Identifier: Apache-2.0
"""Finding levers by an index: the same as reading all sheets and ranking all that say it."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante import Store
from territoire_sante.cooperation import _index, find_levers
from territoire_sante.cooperation._sheet import says, sheet_texts
from territoire_sante.cooperation._words import folded
from territoire_sante.model import (
    Actor,
    ActorKind,
    ContactPoint,
    ContactPointKind,
    Duration,
    Knowledge,
    Known,
    Lever,
    LeverOffer,
    LeverType,
    OfferState,
    Period,
    RequestMode,
    Stop,
    Territory,
    TerritoryKind,
    Visibility,
)

TODAY = dt.date(2026, 11, 20)
PLACES = (
    "commune:48001",
    "commune:48002",
    "commune:12001",
    "epci:nord",
    "epci:sud",
    "departement:48",
    "region:76",
    "region:11",
    "territory:unknown",
)
NUMBERS = st.integers(0, 5)
SEEN = st.sampled_from(Visibility)
MAIL = ContactPoint(kind=ContactPointKind.EMAIL, value="prets@example.org")
POINTS = st.lists(SEEN.map(lambda one: attrs.evolve(MAIL, visibility=one)), max_size=1).map(tuple)
TEXTS = ("", "Barnum", "Prêt d'un barnum", "Tente de marché", "Salle, barnum et tente")
WORDS = ("barnum", "tente", "sal", "b", "de marche", "prêt barnum", "nulle", "mobili", "2 tente")
DAYS = (None, *(TODAY - dt.timedelta(days=one) for one in (-3, 10, 200, 400, 410, 900)))
PLACED = st.lists(st.sampled_from(PLACES), max_size=2, unique=True).map(tuple)

HOLDERS = st.builds(
    Actor,
    id=NUMBERS.map("actor:{}".format),
    kind=st.just(ActorKind.COMMUNE),
    name=st.just("Mairie"),
    territory_id=st.sampled_from(["", *PLACES]),
    coverage=PLACED,
    contact_points=POINTS,
    visibility=SEEN,
)
LEVERS = st.builds(
    Lever,
    id=NUMBERS.map("lever:{}".format),
    type=st.sampled_from([LeverType.TENT, LeverType.STORAGE]),
    title=st.sampled_from(TEXTS),
    description=st.sampled_from(TEXTS),
    tags=st.lists(st.sampled_from(TEXTS), max_size=1).map(tuple),
    holder_id=NUMBERS.map("actor:{}".format),
    coverage=PLACED,
    stops=st.lists(st.just(Stop(place="Place", commune="48002")), max_size=1).map(tuple),
    verified_on=st.sampled_from(DAYS),
    visibility=SEEN,
)
OFFERS = st.builds(
    LeverOffer,
    id=NUMBERS.map("lever_offer:{}".format),
    lever_id=NUMBERS.map("lever:{}".format),
    title=st.sampled_from(TEXTS),
    conditions=st.sampled_from(TEXTS),
    audience_kinds=st.sampled_from([(), (ActorKind.MSP,), (ActorKind.CPTS,)]),
    lead_time=st.sampled_from([Knowledge.UNKNOWN, Knowledge.ABSENT, Known(Duration(days=15))]),
    contact=st.one_of(st.none(), SEEN.map(lambda one: attrs.evolve(MAIL, visibility=one))),
    contact_id=st.sampled_from(["", "actor:1"]),
    request_modes=st.sampled_from([(), (RequestMode.EMAIL,)]),
    request_url=st.sampled_from(["", "https://example.org/"]),
    valid=st.sampled_from([Period(), Period(end=TODAY)]),
    state=st.sampled_from(OfferState),
    visibility=SEEN,
)
MOVES = st.builds(
    Territory,
    id=st.sampled_from(["epci:nord", "epci:sud"]),
    kind=st.just(TerritoryKind.EPCI),
    name=st.sampled_from(["Nord", "Sud"]),
    communes=st.sampled_from([("48001",), ("48001", "48002"), ("12001", "48002")]),
    parent_ids=st.sampled_from([(), ("departement:48",)]),
)
THINGS = st.one_of(LEVERS, OFFERS, HOLDERS, LEVERS, OFFERS, MOVES)
QUESTIONS = st.fixed_dictionaries(
    {
        "text": st.sampled_from(WORDS),
        "near": st.sampled_from(["48001", "48002", "12001", "97411"]),
        "today": st.sampled_from([TODAY, TODAY + dt.timedelta(days=30)]),
        "asker_id": st.sampled_from(["", "actor:0"]),
        "use_on": st.sampled_from([None, TODAY + dt.timedelta(days=5)]),
        "audience": SEEN,
        "limit": st.integers(0, 4),
    }
)


@attrs.frozen
class Hit:
    """One lever that says the words."""

    entity: Lever


@attrs.frozen
class Reader:
    """Looks words up by reading all the sheets that an audience may see."""

    snapshot: object
    audience: Visibility

    def search(self, text, **_):
        """Return all that say the words, wherever they are."""
        return [
            Hit(one)
            for one in self.snapshot.all(Lever)
            if says(sheet_texts(one, self.offers(one)), folded(text).split())
        ]

    def offers(self, lever):
        """Return the offers that are in the sheet."""
        return [
            one
            for one in self.snapshot.offers_of(lever.id)
            if one.state is not OfferState.WITHDRAWN
            and one.visibility.may_be_seen_by(self.audience)
        ]


@pytest.mark.parametrize("few", [0, 2, 4000])
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    start=st.lists(THINGS, max_size=20),
    rounds=st.lists(st.tuples(st.lists(THINGS, max_size=4), NUMBERS), max_size=3),
    questions=st.lists(QUESTIONS, min_size=1, max_size=4),
)
def test_the_index_finds_what_reading_all_finds(few, start, rounds, questions):
    """Whoever asks for whatever, also after changes, gets the first of all, in the same order."""
    with Store.open("memory:") as store, pytest.MonkeyPatch.context() as patch:
        # Of few levers an index puts all in order; it is to walk from place to place as well.
        patch.setattr(_index, "_FEW", few)
        store.put(
            Territory(id="region:76", kind=TerritoryKind.REGION, name="Occitanie"),
            Territory(
                id="departement:48",
                kind=TerritoryKind.DEPARTEMENT,
                name="Lozère",
                parent_ids=("region:76",),
            ),
        )
        store.put(*start)
        snapshot = store.snapshot()
        for changes, gone in [([], -1), *rounds]:
            store.put(*changes)
            if store.find(Lever, f"lever:{gone}"):
                store.delete(Lever, f"lever:{gone}")
            snapshot = snapshot.refresh(store)
            for question in questions:
                read = Reader(snapshot, question["audience"])
                asked = find_levers(snapshot, **question)
                assert asked == find_levers(snapshot, **question, search=read)


def test_the_index_is_kept_and_follows():
    """It is made once, follows a few changes, and is made anew after many or a new map."""
    lever = Lever(id="lever:1", type=LeverType.TENT, title="Barnum")
    with Store.open("memory:") as store:
        store.put(lever)
        first = store.snapshot()
        index = first.derived(_index.LeverIndex)
        assert first.derived(_index.LeverIndex) is index
        store.put(Actor(id="actor:1", kind=ActorKind.CCAS, name="CCAS"))
        second = first.refresh(store)
        assert second.derived(_index.LeverIndex) is index
        store.put(attrs.evolve(lever, title="Tente"))
        third = second.refresh(store)
        assert third.derived(_index.LeverIndex)._base is index._base
        assert [one.lever.title for one in find_levers(third, "tente", near="48001", today=TODAY)]
        store.put(*(attrs.evolve(lever, id=f"lever:{n}") for n in range(100)))
        fourth = third.refresh(store)
        assert fourth.derived(_index.LeverIndex)._base is not index._base
        store.put(Territory(id="epci:1", kind=TerritoryKind.EPCI, name="EPCI", communes=("48001",)))
        fifth = fourth.refresh(store)
        assert fifth.derived(_index.LeverIndex) is not fourth.derived(_index.LeverIndex)

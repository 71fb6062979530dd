# SPDX-License-Identifier: Apache-2.0
"""Checks that are brought up to date: the same findings as those of a full check."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante import Store
from territoire_sante.cooperation import Sentence
from territoire_sante.cooperation.rules import (
    RULES,
    Hit,
    Mute,
    Rule,
    RuleBook,
    Severity,
    check,
    check_all,
    recheck,
)
from territoire_sante.model import (
    Actor,
    ActorKind,
    Convention,
    ConventionKind,
    ConventionState,
    Institution,
    Lever,
    LeverOffer,
    LeverType,
    OfferState,
    Party,
    PartyRole,
    Territory,
    TerritoryKind,
)
from territoire_sante.snapshot._references import CLASSES, reference_paths
from territoire_sante.testing.strategies import entities

BOOK = RuleBook(own=RULES)
KINDS = sorted({cls.KIND for rule in RULES for cls in rule.about} | {"territory", "person"})
TODAY = dt.date(2026, 11, 20)
LETTERS = "ab"
PLACES = ("commune:48001", "commune:48002", "epci:nord", "departement:48", "territory:cls")
TEAM = Actor(id="actor:a", kind=ActorKind.MSP, name="MSP", territory_id="commune:48001")
TRIPARTITE = Convention(
    id="convention:a",
    kind=ConventionKind.TRIPARTITE_PARTNERSHIP,
    title="Convention",
    parties=(
        Party(actor_id="actor:a", role=PartyRole.MSP),
        Party(actor_id="actor:b", role=PartyRole.COLLECTIVITE),
    ),
    state=ConventionState.ACTIVE,
    ends_on=dt.date(2026, 12, 1),
)


@st.composite
def things(draw):
    """Draw an entity of few ids that names others of few ids, so that they know each other."""
    one = draw(entities(draw(st.sampled_from(KINDS))))
    if isinstance(one, Territory):
        id_ = draw(st.sampled_from(PLACES))
        code = id_.partition(":")[2] if id_.startswith("commune:") else ""
        kind = TerritoryKind.COMMUNE if code else TerritoryKind.EPCI
        own = (code,) if code else draw(st.sampled_from([(), ("48001",), ("48001", "48002")]))
        return attrs.evolve(
            one,
            id=id_,
            kind=kind,
            code=code,
            communes=own,
            parent_ids=draw(st.sampled_from([(), ("epci:nord",), ("departement:48",)])),
            absent=draw(st.sampled_from([(), (Institution.CLS,)])),
        )
    named = {
        name: _names(draw, name)
        for name in reference_paths(type(one))
        if name.endswith(("_id", "_ids")) and "." not in name
    }
    if "coverage" in reference_paths(type(one)):
        named["coverage"] = (draw(st.sampled_from(PLACES)),)
    return attrs.evolve(one, id=f"{one.KIND}:{draw(st.sampled_from(LETTERS))}", **named)


def _names(draw, field):
    kind = field.removesuffix("_id").removesuffix("_ids")
    known = {"territory": PLACES, "parent": PLACES}.get(kind)
    kinds = {*CLASSES, "actor"} & {kind} or {"actor", "convention", "document", "care_project"}
    ids = known or [f"{one}:{letter}" for one in sorted(kinds) for letter in LETTERS]
    if field.endswith("_ids"):
        return tuple(draw(st.lists(st.sampled_from(ids), max_size=2, unique=True)))
    return draw(st.sampled_from(["", *ids]))


def following(previous, store, today=TODAY):
    """Return the check brought up to date with the store."""
    changes = store.changes(previous.snapshot.revision)
    return recheck(previous, previous.snapshot.refresh(store), changes, today=today)


def full(store, today=TODAY):
    """Return what a full check finds."""
    return list(check(store.snapshot(), today=today, book=BOOK))


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(things(), max_size=12),
    st.lists(st.lists(st.one_of(things(), st.integers(0, 2)), max_size=3), max_size=4),
)
def test_it_finds_what_a_full_check_finds(start, rounds):
    """After any changes the findings are those of a full check, in its order; news is their sum."""
    with Store.open("memory:") as store:
        store.put(TEAM, TRIPARTITE, *start)
        checked = check_all(store.snapshot(), today=TODAY, book=BOOK)
        assert list(checked.findings()) == full(store)
        for steps in rounds:
            before = [one for one in checked.findings() if one.code != "TS000"]
            for step in steps:
                if not isinstance(step, int):
                    store.put(step)
                elif gone := [one.id for one in store.all(Actor)][step : step + 1]:
                    store.delete(Actor, *gone)
            checked = following(checked, store)

            assert list(checked.findings()) == full(store)
            for one in checked.settled:
                before.remove(one)
            now = [one for one in checked.findings() if one.code != "TS000"]
            assert sorted(map(repr, [*before, *checked.appeared])) == sorted(map(repr, now))


def test_only_what_is_touched_is_asked_again(ground):
    """A change of a lever asks about it alone; one of its team, about what names that."""
    with Store.open("memory:") as store:
        levers = [Lever(id=f"lever:{n}", type=LeverType.TENT, title="Barnum") for n in range(20)]
        offers = [
            LeverOffer(id=f"lever_offer:{n}", lever_id=f"lever:{n}", state=OfferState.PUBLISHED)
            for n in range(20)
        ]
        store.put(*ground, TEAM, TRIPARTITE, *levers, *offers)
        first = check_all(store.snapshot(), today=TODAY, book=BOOK)
        assert first.asked > 40
        store.put(attrs.evolve(levers[3], title="Tente"))
        second = following(first, store)
        assert second.asked <= 2
        store.put(attrs.evolve(TRIPARTITE, state=ConventionState.TERMINATED))
        third = following(second, store)
        assert {one.code for one in third.settled} == {"TS016", "TS019"}
        assert third.asked <= 4
        assert following(third, store).asked == 0


def test_on_another_day_everything_is_asked():
    """Delays pass without any change: another day is another check."""
    with Store.open("memory:") as store:
        store.put(TEAM, TRIPARTITE)
        first = check_all(store.snapshot(), today=TODAY, book=BOOK)
        later = TODAY + dt.timedelta(days=90)
        second = following(first, store, today=later)
        assert list(second.findings()) == full(store, later)
        assert list(second.findings()) != list(first.findings())
        assert second.asked == first.asked


def test_a_store_that_went_back_is_asked_as_a_whole():
    """Of an older copy of the store nothing is taken from what was found later."""
    with Store.open("memory:") as store, Store.open("memory:") as backup:
        store.put(TEAM, TRIPARTITE)
        first = check_all(store.snapshot(), today=TODAY, book=BOOK)
        assert list(first.findings())
        assert list(following(first, backup).findings()) == []


def _fails(view, actor):
    if view.snapshot.count(Lever) > 1:
        raise ValueError(actor.id)
    if view.snapshot.count(Lever):
        yield Hit(subject=actor, message=Sentence(fr="Un levier", en="A lever"))


OTHERS = Rule(
    code="XY001",
    name="levers",
    title=Sentence(fr="Leviers", en="Levers"),
    severity=Severity.INFO,
    about=(Actor,),
    check=_fails,
    action=Sentence(fr="Rien", en="Nothing"),
    unknown=Sentence(fr="rien", en="nothing"),
)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_rules_of_others_need_declare_nothing(count):
    """A rule that looks at all levers is asked again for each, and its faults are told."""
    book = RuleBook(own=(OTHERS,))
    with Store.open("memory:") as store:
        store.put(TEAM, attrs.evolve(TEAM, id="actor:b"))
        checked = check_all(store.snapshot(), today=TODAY, book=book)
        for number in range(count):
            store.put(Lever(id=f"lever:{number}", type=LeverType.TENT, title="Barnum"))
            checked = following(checked, store)
            assert checked.asked == 2
        assert list(checked.findings()) == list(check(store.snapshot(), today=TODAY, book=book))
        assert [one.code for one in checked.findings()] == [[], ["XY001"] * 2, ["TS000"]][count]


def test_muted_findings_are_not_shown():
    """What is muted stays out of the list, and comes back without its mute."""
    with Store.open("memory:") as store:
        store.put(TEAM, TRIPARTITE)
        checked = check_all(store.snapshot(), today=TODAY, only=["TS016"], book=BOOK)
    mute = Mute(code="TS016", reason="En cours", until=TODAY)
    assert [one.code for one in checked.findings()] == ["TS016"]
    assert list(checked.findings(mutes=[mute])) == []

# SPDX-License-Identifier: Apache-2.0
"""Who can help a commune: what is found, in which order, and how one asks."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante import Store
from territoire_sante.cooperation import WEIGHTS, Criterion, find_levers
from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
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
    Role,
    Stop,
    Territory,
    TerritoryKind,
    Tri,
    Visibility,
)

HERE = "48001"
TODAY = dt.date(2026, 11, 20)
MAIL = ContactPoint(
    kind=ContactPointKind.EMAIL, value="prets@example.org", visibility=Visibility.PUBLIC
)
HOLDER = Actor(
    id="actor:mairie",
    kind=ActorKind.COMMUNE,
    name="Mairie",
    territory_id="commune:48001",
    visibility=Visibility.PUBLIC,
)
LEVER = Lever(
    id="lever:a",
    type=LeverType.TENT,
    title="Tente pliante",
    description="Trois mètres",
    holder_id=HOLDER.id,
    coverage=("epci:nord",),
    verified_on=dt.date(2026, 10, 1),
    visibility=Visibility.PUBLIC,
)
OFFER = LeverOffer(
    id="lever_offer:a",
    lever_id=LEVER.id,
    lead_time=Known(Duration(days=15)),
    contact=MAIL,
    request_modes=(RequestMode.EMAIL,),
    state=OfferState.PUBLISHED,
    visibility=Visibility.PUBLIC,
)

# From the nearest to the farthest place of a holder, seen from 48001.
NEAR = ("commune:48001", "commune:48002", "epci:sud", "departement:12", "region:11")
FRESH = (dt.date(2026, 11, 1), dt.date(2025, 12, 1), dt.date(2025, 3, 1), None)
COVERAGE = (("epci:nord",), (), ("epci:sud",))


def country():
    """Return two EPCI of Lozère and a département beside it in the same region."""
    kinds = TerritoryKind

    def territory(id_, kind, communes=(), parents=()):
        return Territory(id=id_, kind=kind, name=id_, communes=communes, parent_ids=parents)

    return [
        territory("region:76", kinds.REGION),
        territory("departement:48", kinds.DEPARTEMENT, parents=("region:76",)),
        territory("departement:12", kinds.DEPARTEMENT, parents=("region:76",)),
        territory("epci:nord", kinds.EPCI, ("48001", "48002"), ("departement:48",)),
        territory("epci:sud", kinds.EPCI, ("48003",), ("departement:48",)),
    ]


def offered(number, near, fresh, coverage, offer):
    """Return a lever with a holder and an offer of its own."""
    holder = attrs.evolve(HOLDER, id=f"actor:{number}", territory_id=near)
    lever = attrs.evolve(
        LEVER,
        id=f"lever:{number}",
        holder_id=holder.id,
        verified_on=fresh,
        coverage=coverage,
    )
    return holder, lever, attrs.evolve(offer, id=f"lever_offer:{number}", lever_id=lever.id)


OFFERS = (
    OFFER,
    attrs.evolve(OFFER, request_modes=()),
    attrs.evolve(OFFER, request_modes=(), lead_time=Knowledge.UNKNOWN),
    attrs.evolve(OFFER, request_modes=(), lead_time=Knowledge.UNKNOWN, contact=None),
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_better_in_one_is_never_ranked_lower(data):
    """Of two levers alike but for one criterion, the better one comes first."""
    choices = [NEAR, FRESH, COVERAGE, OFFERS]
    one = [data.draw(st.integers(0, len(some) - 1)) for some in choices]
    which = data.draw(st.integers(0, 3))
    worse = list(one)
    worse[which] = data.draw(st.integers(one[which], len(choices[which]) - 1))
    # The worse has the smaller id, so that ties alone would put it first.
    made = [
        *offered("1", *(some[at] for some, at in zip(choices, worse, strict=True))),
        *offered("2", *(some[at] for some, at in zip(choices, one, strict=True))),
    ]
    with Store.open("memory:") as store:
        store.put(*country(), *made)
        first, second = find_levers(store.snapshot(), "tente", near=HERE, today=TODAY)

    assert (first.lever.id == "lever:2") or (first.score == second.score)
    if worse == one:
        assert first.score == second.score
    elif which in (0, 1, 2):
        assert first.lever.id == "lever:2"
        assert first.score > second.score


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*(st.sampled_from(x) for x in (NEAR, FRESH, COVERAGE, OFFERS)))))
def test_scores_add_up(made):
    """Each score is the weighted sum of its parts, between 0 and 1, and the list goes down."""
    with Store.open("memory:") as store:
        entities = [one for n, some in enumerate(made) for one in offered(f"{n:03}", *some)]
        store.put(*country(), *entities)
        snapshot = store.snapshot()
    found = find_levers(snapshot, "tente", near=HERE, today=TODAY, limit=100)

    assert len(found) == len(made)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for one in found:
        assert 0 <= one.score <= 1
        whole = sum(part.value * part.weight for part in one.parts)
        assert one.score == pytest.approx(whole, abs=1e-6)
        assert [part.weight for part in one.parts] == [WEIGHTS[p.criterion] for p in one.parts]
    assert find_levers(snapshot, "tente", near=HERE, today=TODAY, limit=3) == found[:3]


def test_weights_are_a_whole():
    """The weights of all criteria add up to one."""
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert set(WEIGHTS) == set(Criterion)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tente", True),
        ("TENT", True),
        ("barnum", True),
        ("metres", True),
        ("logist", True),
        ("tente metres", True),
        ("tente salle", False),
        ("ente", False),
        ("", True),
    ],
)
def test_words(picture, text, found):
    """All words are looked for in title, type, family and description, by their beginning."""
    matches = find_levers(picture(LEVER, HOLDER, OFFER), text, near=HERE, today=TODAY)
    assert bool(matches) is found


def test_title_counts_more_than_text(picture):
    """What has the word in its title comes before what only mentions it."""
    other = attrs.evolve(
        LEVER, id="lever:0", type=LeverType.STORAGE, title="Garage", description="Pour une tente"
    )
    offer = attrs.evolve(OFFER, id="lever_offer:0", lever_id="lever:0")
    found = find_levers(
        picture(LEVER, HOLDER, OFFER, other, offer), "tente", near=HERE, today=TODAY
    )

    assert [one.lever.id for one in found] == ["lever:a", "lever:0"]


def test_a_store_searches_the_same(picture, ground):
    """With the search of a store, what is found for whole words is what reading all finds."""
    others = [
        attrs.evolve(LEVER, id=f"lever:{n}", title=title)
        for n, title in enumerate(["Salle des fêtes", "Tente de marché", "Prêt de tentes"])
    ]
    with Store.open("memory:") as store:
        store.put(*ground, LEVER, HOLDER, OFFER, *others)
        snapshot = store.snapshot()
        for text in ("tente", "fetes", "marché", "nothing"):
            searched = find_levers(snapshot, text, near=HERE, today=TODAY, search=store)
            assert searched == find_levers(snapshot, text, near=HERE, today=TODAY)


def test_how_to_ask_and_by_when(picture):
    """It says whom to ask, how, and the last day for the day of use."""
    snapshot = picture(LEVER, HOLDER, OFFER)
    (match,) = find_levers(snapshot, "tente", near=HERE, today=TODAY, use_on=dt.date(2026, 12, 24))

    assert match.asking.contact_points == (MAIL,)
    assert match.asking.ask_by == dt.date(2026, 12, 9)
    assert not match.asking.too_late
    assert "prets@example.org (par courriel). Au plus tard le 9 décembre 2026." in match.lines()[1]
    assert "By 9 December 2026 at the latest." in match.lines("en")[1]


def test_the_point_that_suits_the_way_is_told(picture):
    """Who is asked by e-mail is told with the e-mail address, not with a telephone before it."""
    phone = ContactPoint(kind=ContactPointKind.PHONE, value="04 65 71 00 01")
    holder = attrs.evolve(HOLDER, contact_points=(phone, MAIL))
    offer = attrs.evolve(OFFER, contact=None)
    (match,) = find_levers(picture(LEVER, holder, offer), "tente", near=HERE, today=TODAY)

    assert match.lines()[1].startswith("Demander à : Mairie, prets@example.org (par courriel).")


@pytest.mark.parametrize(("use_on", "late"), [(4, True), (5, False)])
def test_too_late_to_ask(picture, use_on, late):
    """The last day to ask is still in time; a day later it is said, and counts against it."""
    snapshot = picture(LEVER, HOLDER, OFFER)
    use = dt.date(2026, 12, use_on)
    (match,) = find_levers(snapshot, "tente", near=HERE, today=TODAY, use_on=use)

    assert match.asking.too_late is late
    assert ("Trop tard" in match.lines()[1]) is late
    assert (_part(match, Criterion.ACTIONABILITY).value < 1) is late


@pytest.mark.parametrize(
    ("lead_time", "words"),
    [
        (Known(Duration(months=1)), "Délai : 1 mois avant."),
        (Knowledge.ABSENT, "Sans délai."),
        (Knowledge.UNKNOWN, "Délai non renseigné."),
    ],
    ids=["known", "absent", "unknown"],
)
def test_no_lead_time_differs_from_an_unknown_one(picture, lead_time, words):
    """That one may ask at any time is known; that nobody noted a lead time is not."""
    offer = attrs.evolve(OFFER, lead_time=lead_time)
    (match,) = find_levers(picture(LEVER, HOLDER, offer), "tente", near=HERE, today=TODAY)

    assert words in match.lines()[1]
    assert match.asking.lead_time_is_known is (lead_time is not Knowledge.UNKNOWN)


def test_who_asks_matters(picture):
    """An offer for others cannot be asked for; of two offers, the one that can be is shown."""
    team = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP")
    closed = attrs.evolve(OFFER, audience_kinds=(ActorKind.SCHOOL,))
    fitting = attrs.evolve(OFFER, id="lever_offer:b", audience_kinds=(ActorKind.MSP,))
    alone = picture(LEVER, HOLDER, closed, team)
    both = picture(LEVER, HOLDER, closed, fitting, team)
    (refused,) = find_levers(alone, "tente", near=HERE, today=TODAY, asker_id=team.id)
    (found,) = find_levers(both, "tente", near=HERE, today=TODAY, asker_id=team.id)

    assert _part(refused, Criterion.ACTIONABILITY).value == 0
    assert found.offer == fitting
    assert found.asking.open_to is Tri.YES


@pytest.mark.parametrize(
    "change",
    [
        {"state": OfferState.DRAFT},
        {"state": OfferState.PAUSED},
        {"valid": Period(end=TODAY)},
        {"valid": Period(start=TODAY + dt.timedelta(days=1))},
    ],
    ids=["draft", "paused", "over", "to come"],
)
def test_an_offer_that_is_not_open_counts_less(picture, change):
    """A lever whose offer is not open today is shown, and says what is missing."""
    (match,) = find_levers(
        picture(LEVER, HOLDER, attrs.evolve(OFFER, **change)), "tente", near=HERE, today=TODAY
    )
    assert "offre ouverte" in _part(match, Criterion.ACTIONABILITY).reason.fr


def test_the_holder_is_asked_where_the_offer_names_nobody(picture):
    """Without a contact in the offer, the holder's own points are given, and that they are."""
    holder = attrs.evolve(HOLDER, contact_points=(MAIL,))
    (match,) = find_levers(
        picture(LEVER, holder, attrs.evolve(OFFER, contact=None)), "tente", near=HERE, today=TODAY
    )
    assert (match.asking.by_holder, match.asking.contact_points) == (True, (MAIL,))


def test_a_contact_who_left_is_not_given(picture):
    """The line of a post that ended is not given any more."""
    post = Appointment(
        id="appointment:a",
        actor_id=HOLDER.id,
        role=Role.STAFF,
        contact_points=(MAIL,),
        period=Period(end=TODAY),
    )
    offer = attrs.evolve(OFFER, contact=None, contact_id=post.id)
    (match,) = find_levers(picture(LEVER, HOLDER, offer, post), "tente", near=HERE, today=TODAY)

    assert not match.asking.whom_is_known


def test_an_audience_sees_what_it_may(picture):
    """What is for partners is neither found nor told to the public."""
    hidden = attrs.evolve(LEVER, id="lever:b", visibility=Visibility.PARTNERS)
    offer = attrs.evolve(OFFER, contact=attrs.evolve(MAIL, visibility=Visibility.PARTNERS))
    found = find_levers(
        picture(LEVER, HOLDER, offer, hidden),
        "tente",
        near=HERE,
        today=TODAY,
        audience=Visibility.PUBLIC,
    )

    assert [one.lever.id for one in found] == ["lever:a"]
    assert MAIL.value not in repr(found[0].asking)


def test_a_mobile_service_is_where_it_stops(picture):
    """What comes by is near where it stops, wherever its holder is."""
    far = attrs.evolve(HOLDER, territory_id="commune:48003")
    tour = attrs.evolve(LEVER, stops=(Stop(place="Place", commune=HERE),))
    (match,) = find_levers(picture(tour, far, OFFER), "tente", near=HERE, today=TODAY)

    assert match.nearness.name == "COMMUNE"


def _part(match, criterion):
    return next(one for one in match.parts if one.criterion is criterion)

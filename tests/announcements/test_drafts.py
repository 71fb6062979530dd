# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.announcements import announcement_for, lint
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    ActorKind,
    AnnouncementCategory,
    AnnouncementState,
    CalendarUser,
    ChannelLimits,
    Classification,
    ContactPoint,
    ContactPointKind,
    Cost,
    CostKind,
    Duration,
    Event,
    EventKind,
    EventStatus,
    Known,
    Lever,
    LeverOffer,
    LeverType,
    Money,
    OfferState,
    Period,
    Quantity,
    RequestMode,
    Severity,
    Tri,
    Unit,
    Visibility,
    fit,
    length,
)

PARIS = ZoneInfo("Europe/Paris")
TODAY = dt.date(2026, 11, 1)
DESK = ContactPoint(
    kind=ContactPointKind.PHONE,
    value="04 66 00 00 00",
    label="accueil",
    visibility=Visibility.PUBLIC,
    rank=2,
)
EVENT = Event(
    id="event:1",
    summary="Dépistage gratuit du diabète",
    description="Sans rendez-vous, ouvert à tous.",
    location="Maison de santé,\n1 place de l'Exemple, Saint-Exemple",
    url="https://example.org/depistage",
    start=dt.datetime(2026, 11, 14, 18, tzinfo=PARIS),
    end=dt.datetime(2026, 11, 14, 20, tzinfo=PARIS),
    kind=EventKind.PUBLIC_PREVENTION,
    visibility=Visibility.PUBLIC,
)
LEVER = Lever(
    id="lever:1",
    type=LeverType.TENT,
    title="Barnum de la commune",
    description="Barnum de 6 m sur 3 m, monté par deux agents.",
    visibility=Visibility.PUBLIC,
)
OFFER = LeverOffer(
    id="lever_offer:1",
    lever_id="lever:1",
    title="Prêt du barnum",
    audience_kinds=(ActorKind.MSP,),
    capacity=Quantity("40", Unit.SEATS),
    lead_time=Known(Duration(days=15)),
    min_duration=Duration(hours=4),
    max_duration=Duration(days=3),
    cost=Cost(kind=CostKind.FREE),
    conditions="à rendre propre",
    required_documents=("attestation d'assurance",),
    insurance_required=Tri.YES,
    convention_required=Tri.YES,
    contact=DESK,
    request_modes=(RequestMode.EMAIL, RequestMode.PHONE),
    request_url="https://example.org/demande",
    valid=Period(start=dt.date(2026, 1, 1), end=dt.date(2027, 1, 1)),
    visibility=Visibility.PUBLIC,
    state=OfferState.PUBLISHED,
)


def test_an_event_becomes_a_draft_in_good_french():
    """Title, date, place, description and contact are told in this order, in full words."""
    draft = announcement_for(EVENT, today=TODAY, audience=["48095"], contacts=[DESK])

    assert draft.title == "Dépistage gratuit du diabète, samedi 14 novembre"
    assert draft.body.replace("\u00a0", " ").splitlines() == [
        "Samedi 14 novembre 2026 de 18 h à 20 h.",
        "Lieu : Maison de santé, 1 place de l'Exemple, Saint-Exemple.",
        "",
        "Sans rendez-vous, ouvert à tous.",
        "",
        "Renseignements : accueil, 04 66 00 00 00.",
    ]
    assert draft.body_short.replace("\u00a0", " ").splitlines() == [
        "Samedi 14 novembre 2026 de 18 h à 20 h.",
        "Lieu : Maison de santé, 1 place de l'Exemple, Saint-Exemple.",
        "Renseignements : accueil, 04 66 00 00 00.",
    ]


def test_a_draft_carries_what_channels_ask_for():
    """Dates of publication and event, place, audience, category, source and link are filled in."""
    draft = announcement_for(EVENT, today=TODAY, audience=["48095"], contacts=[DESK])

    assert draft.state is AnnouncementState.DRAFT
    assert (draft.publish_from, draft.publish_until) == (TODAY, dt.date(2026, 11, 14))
    assert (draft.event_start, draft.event_end) == (EVENT.start, EVENT.end)
    assert (draft.event_id, draft.audience) == ("event:1", ("48095",))
    assert draft.place == "Maison de santé, 1 place de l'Exemple, Saint-Exemple"
    assert (draft.category, draft.severity) == (AnnouncementCategory.PREVENTION, Severity.EVENT)
    assert (draft.url, draft.contact) == ("https://example.org/depistage", DESK)
    assert draft.provenance is not None
    assert draft.provenance.source_id == "event:1"


def test_a_draft_gives_the_linter_nothing_to_say_but_that_it_is_one():
    """The words that are made here follow the rules that are asked of people."""
    event = announcement_for(EVENT, today=TODAY, audience=["48095"], contacts=[DESK])
    offer = announcement_for(OFFER, today=TODAY, lever=LEVER, audience=["48095"])

    for draft in (event, offer):
        assert [one.code for one in lint(draft, today=TODAY)] == ["AN026"]
        assert fit(draft, ChannelLimits(title_max=50)).fits


_LONG = "Grande journée de dépistage du diabète et du cholestérol"


@pytest.mark.parametrize(
    ("summary", "kind", "short"),
    [
        ("Dépistage du diabète", EventKind.OTHER, ""),
        ("Dépistage du diabète à la maison médicale", EventKind.OTHER, "{}, 14/11"),
        ("Dépistage du diabète, salle du foyer", EventKind.OTHER, "{}, sam. 14 nov."),
        ("Dépistage du diabète à la nouvelle maison de soins", EventKind.OTHER, "{}"),
        (_LONG, EventKind.OTHER, ""),
        (_LONG, EventKind.PUBLIC_PREVENTION, "Action de prévention, samedi 14 novembre"),
    ],
)
def test_short_titles_are_made_of_other_words_or_left_to_a_person(summary, kind, short):
    """The date is said shorter, then left out, then the kind stands in; nothing is ever cut."""
    draft = announcement_for(attrs.evolve(EVENT, summary=summary, kind=kind), today=TODAY)

    assert draft.title == f"{summary}, samedi 14 novembre"
    assert draft.title_short == short.format(summary)


@settings(max_examples=100)
@given(
    summary=st.text("abé 🩺\u00a0", max_size=80),
    kind=st.sampled_from(EventKind),
    status=st.none() | st.sampled_from(EventStatus),
    room=st.integers(5, 70),
)
def test_a_short_title_has_room_or_is_empty(summary, kind, status, room):
    """Whatever the event is called, its words stand whole in the titles that have room."""
    event = attrs.evolve(EVENT, summary=summary, kind=kind, status=status)

    draft = announcement_for(event, today=TODAY, title_max=room)

    assert length(draft.title_short) <= room
    words = " ".join(summary.split())
    assert words in draft.title
    label = "" if kind is EventKind.OTHER else kind.label_fr
    if draft.title_short:
        assert words in draft.title_short or label in draft.title_short
        if status is EventStatus.CANCELLED:
            assert draft.title_short.startswith("Annulation")


def test_a_cancelled_event_says_so_first():
    """The title and the first line tell of the cancellation."""
    draft = announcement_for(attrs.evolve(EVENT, status=EventStatus.CANCELLED), today=TODAY)

    assert draft.title == "Annulation\u00a0: Dépistage gratuit du diabète, samedi 14 novembre"
    assert draft.body.splitlines()[0] == "Ce rendez-vous n'aura pas lieu."


def test_a_tentative_event_is_to_be_confirmed():
    """A date that is not sure is told as such."""
    draft = announcement_for(attrs.evolve(EVENT, status=EventStatus.TENTATIVE), today=TODAY)

    assert "Date à confirmer." in draft.body.splitlines()


@pytest.mark.parametrize("visibility", [Visibility.PARTNERS, Visibility.TEAM])
def test_free_texts_of_others_stay_inside(visibility):
    """Of an event that is not public only its name, time and place are told."""
    event = attrs.evolve(EVENT, visibility=visibility)
    offer = attrs.evolve(OFFER, visibility=visibility)

    draft = announcement_for(event, today=TODAY)
    told = announcement_for(offer, today=TODAY, lever=attrs.evolve(LEVER, visibility=visibility))

    assert "rendez-vous" not in draft.body
    assert draft.url == ""
    assert "propre" not in told.body
    assert "agents" not in told.body


@pytest.mark.parametrize("visibility", [Visibility.PARTNERS, Visibility.TEAM, Visibility.PRIVATE])
def test_only_public_contacts_are_shown(visibility):
    """A contact that is not public is neither written nor carried; the best public one is."""
    hidden = attrs.evolve(DESK, value="06 12 34 56 78", visibility=visibility, rank=1)
    later = attrs.evolve(DESK, value="04 66 11 11 11", rank=0)

    draft = announcement_for(EVENT, today=TODAY, contacts=[hidden, later, DESK])
    alone = announcement_for(EVENT, today=TODAY, contacts=[hidden])
    offer = announcement_for(attrs.evolve(OFFER, contact=hidden), today=TODAY)

    assert draft.contact == DESK
    for one in (draft, alone, offer):
        assert "06 12" not in one.body + one.body_short
    assert alone.contact is offer.contact is None
    assert "Renseignements" not in alone.body


def test_attendees_and_organisers_are_never_told():
    """Who is invited is nobody's business but theirs."""
    user = CalendarUser(address="mailto:camille.exemple@example.org", name="Camille Exemple")
    draft = announcement_for(
        attrs.evolve(EVENT, organizer=user, attendees=(user,)), today=TODAY, contacts=[DESK]
    )

    assert "xemple@" not in str(draft)
    assert "Camille" not in str(draft)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"visibility": Visibility.PRIVATE}, "private"),
        ({"classification": Classification.CONFIDENTIAL}, "private"),
        ({"classification": Classification.PRIVATE}, "private"),
        ({"start": dt.date(2026, 10, 30), "end": dt.date(2026, 11, 1)}, "over on 2026-10-31"),
    ],
)
def test_private_and_past_events_are_not_announced(changes, message):
    """The refusal names the event and what to do."""
    with pytest.raises(InvalidValueError, match=message) as caught:
        announcement_for(attrs.evolve(EVENT, **changes), today=TODAY)
    assert caught.value.where == "event:1"
    assert caught.value.remedy


def test_an_event_without_a_date_is_shown_for_some_days():
    """Without a last day the publication ends after the days asked for."""
    undated = attrs.evolve(EVENT, start=None, end=None)

    assert announcement_for(undated, today=TODAY, days=7).publish_until == dt.date(2026, 11, 7)
    assert announcement_for(undated, today=TODAY, days=10**7).publish_until == dt.date.max
    assert announcement_for(undated, today=TODAY).title == EVENT.summary


def test_two_drafts_of_one_subject_are_the_same_announcement():
    """The id follows from the subject, so that nothing is announced twice."""
    event = announcement_for(EVENT, today=TODAY)

    assert announcement_for(EVENT, today=TODAY + dt.timedelta(days=1)).id == event.id
    assert event.id == "announcement:event-1"
    assert announcement_for(OFFER, today=TODAY).id == "announcement:lever_offer-1"


def test_an_offer_says_what_it_is_and_how_to_ask():
    """Conditions, capacity, cost, length of use, validity and the way to ask are all told."""
    draft = announcement_for(OFFER, today=TODAY, lever=LEVER, holder="Commune de Saint-Exemple")

    assert draft.title == "Prêt du barnum"
    assert draft.body.replace("\u00a0", " ").splitlines() == [
        "Barnum de 6 m sur 3 m, monté par deux agents.",
        "Conditions : À rendre propre.",
        "",
        "Proposé par : Commune de Saint-Exemple.",
        "Pour : Maison de santé pluriprofessionnelle.",
        "Capacité : 40 places assises.",
        "Gratuit.",
        "Durée : de 4 heures à 3 jours.",
        "Disponible jusqu'au jeudi 31 décembre 2026.",
        "Une convention est à signer.",
        "Une attestation d'assurance est demandée.",
        "",
        "Pour le demander : par courriel ou par téléphone.",
        "Contact : accueil, 04 66 00 00 00.",
        "Formulaire : https://example.org/demande",
        "À demander au moins 15 jours à l'avance.",
        "À fournir : attestation d'assurance.",
    ]
    assert draft.state is AnnouncementState.DRAFT
    assert (draft.publish_from, draft.publish_until) == (TODAY, dt.date(2026, 11, 30))


@pytest.mark.parametrize("year", [2020, 2026])
def test_a_series_has_a_rhythm_and_no_date(year):
    """A weekly event, begun or not, is told by its rhythm, and nothing is found wrong with it."""
    weekly = attrs.evolve(
        EVENT,
        start=EVENT.start.replace(year=year),
        end=EVENT.end.replace(year=year),
        rrule="FREQ=WEEKLY;BYDAY=SA",
    )

    draft = announcement_for(weekly, today=TODAY, audience=["48095"], contacts=[DESK])

    assert draft.title == EVENT.summary
    assert draft.body.startswith("Chaque samedi, de 18\u00a0h à 20\u00a0h.")
    assert draft.event_start is draft.event_end is None
    assert draft.publish_until == dt.date(2026, 11, 30)
    assert [one.code for one in lint(draft, today=TODAY)] == ["AN026"]


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (Cost(kind=CostKind.QUOTE), "Sur devis."),
        (Cost(kind=CostKind.AMOUNT, amount=Money("50")), "Coût : 50 €."),
        (
            Cost(kind=CostKind.AMOUNT, amount=Money("1250.50"), per="par jour"),
            "Coût : 1 250,50 € par jour.",
        ),
    ],
)
def test_costs_are_told_in_euros(cost, words):
    """An amount is written the French way, with what it is for."""
    draft = announcement_for(attrs.evolve(OFFER, cost=cost), today=TODAY)

    assert words in draft.body.replace("\u00a0", " ").splitlines()


def test_a_long_title_of_an_offer_gives_way_to_the_levers():
    """The lever's own title stands in, then its type; without a lever a person is asked."""
    long = attrs.evolve(OFFER, title="Prêt du barnum de la commune aux équipes de soins primaires")
    unnamed = attrs.evolve(LEVER, title="Barnum de réception du syndicat des quinze communes")

    titles = [
        announcement_for(long, today=TODAY, lever=lever).title_short
        for lever in (LEVER, unnamed, None)
    ]

    assert titles == ["Barnum de la commune", "Barnum", ""]


@pytest.mark.parametrize(
    ("changes", "lever", "message"),
    [
        ({"visibility": Visibility.PRIVATE}, LEVER, "private"),
        ({"state": OfferState.PAUSED}, LEVER, "PAUSED"),
        ({"state": OfferState.WITHDRAWN}, LEVER, "WITHDRAWN"),
        ({"valid": Period(end=TODAY)}, LEVER, "over"),
        ({}, attrs.evolve(LEVER, id="lever:2"), "not of lever:2"),
        ({}, attrs.evolve(LEVER, visibility=Visibility.PRIVATE), "private"),
    ],
)
def test_offers_that_nobody_can_have_are_not_announced(changes, lever, message):
    """Private, paused, withdrawn and expired offers are refused, and the wrong lever."""
    with pytest.raises(InvalidValueError, match=message):
        announcement_for(attrs.evolve(OFFER, **changes), today=TODAY, lever=lever)


def test_the_publication_of_an_offer_ends_with_it():
    """An offer that ends in ten days is shown for ten days."""
    ending = attrs.evolve(OFFER, valid=Period(end=dt.date(2026, 11, 11)))

    assert announcement_for(ending, today=TODAY).publish_until == dt.date(2026, 11, 10)

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoire_sante.announcements import announcement_for
from territoire_sante.model import Event, LeverOffer, Quantity, Unit

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")
TODAY = dt.date(2026, 11, 1)


def _at(day: int, hour: int, minute: int = 0, zone: dt.tzinfo | None = PARIS) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=zone)


def _words(start, end=None, **fields) -> str:
    event = Event(id="event:1", summary="Marche", start=start, end=end, **fields)
    body = announcement_for(event, today=TODAY).body
    return body.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (_at(14, 18), _at(14, 20), "Samedi 14 novembre 2026 de 18 h à 20 h."),
        (_at(14, 9, 5), _at(14, 12, 30), "Samedi 14 novembre 2026 de 9 h 05 à 12 h 30."),
        (_at(14, 18), None, "Samedi 14 novembre 2026 à 18 h."),
        (_at(14, 18), _at(14, 18), "Samedi 14 novembre 2026 à 18 h."),
        (_at(14, 18), _at(14, 17), "Samedi 14 novembre 2026 à 18 h."),
        (_at(14, 18), _at(15, 0), "Samedi 14 novembre 2026 de 18 h à minuit."),
        (
            _at(14, 18),
            _at(15, 2),
            "Du samedi 14 novembre 2026 à 18 h au dimanche 15 novembre 2026 à 2 h.",
        ),
        (
            _at(14, 17, zone=dt.UTC),
            _at(14, 19, zone=dt.UTC),
            "Samedi 14 novembre 2026 de 18 h à 20 h.",
        ),
        (_at(14, 18, zone=REUNION), None, "Samedi 14 novembre 2026 à 18 h."),
        (_at(14, 18, zone=None), None, "Samedi 14 novembre 2026 à 18 h."),
        (dt.date(2026, 12, 1), None, "Mardi 1er décembre 2026."),
        (dt.date(2026, 12, 1), dt.date(2026, 12, 2), "Mardi 1er décembre 2026."),
        (dt.date(2026, 11, 14), dt.date(2026, 11, 17), "Du samedi 14 au lundi 16 novembre 2026."),
        (
            dt.date(2026, 11, 28),
            dt.date(2026, 12, 2),
            "Du samedi 28 novembre au mardi 1er décembre 2026.",
        ),
        (
            dt.date(2026, 12, 31),
            dt.date(2027, 1, 2),
            "Du jeudi 31 décembre 2026 au vendredi 1er janvier 2027.",
        ),
    ],
)
def test_dates_are_said_as_people_say_them(start, end, words):
    """Days, hours and their ends are in words, on the clock of the place."""
    assert _words(start, end) == words


def test_the_clock_of_another_place_can_be_asked_for():
    """With a zone the times are those of that place."""
    event = Event(id="event:1", summary="Marche", start=_at(14, 18))

    body = announcement_for(event, today=TODAY, zone=REUNION).body

    assert body == "Samedi 14 novembre 2026 à 21\u00a0h."


@pytest.mark.parametrize(
    ("rrule", "words"),
    [
        ("FREQ=DAILY", "Tous les jours, à 18 h."),
        ("FREQ=WEEKLY", "Chaque samedi, à 18 h."),
        ("FREQ=WEEKLY;BYDAY=TU,TH", "Chaque mardi et jeudi, à 18 h."),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=MO", "Un samedi sur deux, à 18 h."),
        ("FREQ=MONTHLY;BYDAY=-1FR", "Le dernier vendredi du mois, à 18 h."),
        (
            "FREQ=WEEKLY;UNTIL=20261219T170000Z",
            "Chaque samedi, jusqu'au samedi 19 décembre 2026, à 18 h.",
        ),
        ("FREQ=WEEKLY;INTERVAL=3", "Plusieurs dates."),
        ("FREQ=WEEKLY;COUNT=4", "Plusieurs dates."),
        ("FREQ=YEARLY", "Plusieurs dates."),
        ("FREQ=WEEKLY;BYDAY=XX", "Plusieurs dates."),
        ("FREQ=MONTHLY;BYDAY=5MO", "Plusieurs dates."),
        ("FREQ=WEEKLY;UNTIL=bientôt", "Plusieurs dates."),
    ],
)
def test_recurrences_are_said_only_where_the_words_are_exact(rrule, words):
    """The common rules are in words, of any other it is only said that there are several dates."""
    told = _words(_at(14, 18), rrule=rrule).splitlines()

    assert told == [words, "Première date : samedi 14 novembre 2026 à 18 h."]


def test_a_first_date_in_the_past_is_not_told():
    """Of a series that began long ago only the rhythm is of use."""
    assert _words(_at(14, 18).replace(year=2020), rrule="FREQ=WEEKLY;BYDAY=SA") == (
        "Chaque samedi, à 18 h."
    )


WHENS = st.dates() | st.datetimes(timezones=st.none() | st.sampled_from([PARIS, REUNION, dt.UTC]))


@given(start=WHENS, end=st.none() | WHENS, zone=st.sampled_from([None, PARIS, REUNION]))
def test_any_time_can_be_said(start, end, zone):
    """No pair of days or times, whatever their zones, keeps a draft from being made."""
    if isinstance(end, dt.datetime) is not isinstance(start, dt.datetime):
        end = None
    event = Event(id="event:1", summary="Marche", start=start, end=end)

    draft = announcement_for(event, today=dt.date.min, zone=zone)

    assert draft.title.startswith("Marche, ")
    assert draft.body.endswith(".")


@pytest.mark.parametrize(
    ("value", "words"),
    [("120", "120"), ("8.50", "8,5"), ("12500", "12\u00a0500"), ("0", "0"), ("1E+3", "1\u00a0000")],
)
def test_numbers_are_written_the_french_way(value, words):
    """A comma, no useless zeros, thousands apart by a no-break space."""
    offer = LeverOffer(id="lever_offer:1", lever_id="lever:1", capacity=Quantity(value, Unit.BEDS))

    assert announcement_for(offer, today=TODAY).body == f"Capacité\u00a0: {words} lits."

# SPDX-License-Identifier: Apache-2.0
"""What is said in words is said exactly, in both languages, or not at all."""

from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante.exports._often import often
from territoire_sante.exports._words import period_text, quantity_text, when_text
from territoire_sante.model import Period, Quantity, Unit


@pytest.mark.parametrize(
    ("rrule", "fr", "en"),
    [
        ("FREQ=DAILY", "tous les jours", "every day"),
        ("FREQ=WEEKLY;BYDAY=MO", "chaque lundi", "every Monday"),
        (
            "FREQ=WEEKLY;BYDAY=MO,WE,FR",
            "chaque lundi, mercredi et vendredi",
            "every Monday, Wednesday and Friday",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
            "mardi, une semaine sur deux",
            "Tuesday, every other week",
        ),
        (
            "FREQ=MONTHLY;BYDAY=-1SA",
            "le dernier samedi du mois",
            "on the last Saturday of the month",
        ),
    ],
)
def test_common_rules_in_words(rrule, fr, en):
    """The rules that people use have words."""
    assert (often(rrule, "fr"), often(rrule, "en")) == (fr, en)


@pytest.mark.parametrize(
    "rrule",
    [
        "",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=MO;COUNT=3",
        "FREQ=MONTHLY;BYDAY=5MO",
        "FREQ=MONTHLY;BYDAY=1XX",
        "FREQ=DAILY;UNTIL=never",
        "chaque lundi",
    ],
)
def test_other_rules_stay_as_they_are(rrule):
    """Where words would not be exact, the rule stands as it is written."""
    assert often(rrule, "fr") == often(rrule, "en") == rrule


def test_days_times_and_amounts():
    """The last day of a period is named, not the day after; units have their words."""
    year = Period(start=dt.date(2026, 1, 1), end=dt.date(2027, 1, 1))

    assert period_text(year, "fr") == "du 1er janvier 2026 au 31 décembre 2026"
    assert period_text(Period(), "en") == ""
    assert when_text(dt.datetime(2026, 12, 3, 9, 5), "en") == "3 December 2026, 09:05"  # noqa: DTZ001 - a clock
    assert quantity_text(Quantity("2", Unit.OTHER, "remorques"), "fr") == "2 remorques"
    assert quantity_text(Quantity("80", Unit.SEATS, "assises"), "en") == "80 seats (assises)"

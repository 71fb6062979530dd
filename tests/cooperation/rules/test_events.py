# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    Event,
    EventKind,
    EventStatus,
    Invitation,
    Period,
    Role,
)

TODAY = dt.date(2026, 11, 20)
TEAM = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP", territory_id="commune:48001")
TOWN = Actor(id="actor:ville", kind=ActorKind.COMMUNE, name="Ville")
PHARMACY = Actor(id="actor:pharmacie", kind=ActorKind.PHARMACY, name="Pharmacie")
MEETING = Event(
    id="event:1",
    summary="Rencontre",
    kind=EventKind.REGULAR_MEETING,
    organiser_ids=("actor:msp",),
)


def meeting(start, **changes):
    """Return the meeting on this day, with these changes."""
    return attrs.evolve(MEETING, start=start, **changes)


@pytest.mark.parametrize(
    ("events", "count"),
    [
        pytest.param([meeting(dt.date(2026, 5, 19))], 1, id="a day too long ago"),
        pytest.param([meeting(dt.date(2026, 5, 20))], 0, id="six months ago"),
        pytest.param([meeting(TODAY)], 0, id="today"),
        pytest.param(
            [meeting(dt.date(2026, 9, 1), status=EventStatus.CANCELLED)], 1, id="called off"
        ),
        pytest.param([meeting(dt.date(2025, 1, 6), rrule="FREQ=MONTHLY")], 0, id="monthly"),
        pytest.param(
            [meeting(dt.date(2025, 1, 6), rrule="FREQ=MONTHLY;UNTIL=20260401")],
            1,
            id="monthly, over",
        ),
        pytest.param([meeting(dt.date(2025, 1, 6), rrule="nonsense")], 0, id="rule unreadable"),
        pytest.param([meeting(dt.date(2026, 9, 1), kind=EventKind.TRAINING)], 0, id="only others"),
        pytest.param([meeting(None)], 0, id="day unknown"),
        pytest.param([], 0, id="nothing known"),
    ],
)
def test_no_regular_event(ask, events, count):
    """TS022 fires six months after the last meeting that is noted, if none is planned."""
    assert len(ask("TS022", TEAM, *events)) == count


def test_a_meeting_at_night(ask):
    """TS022 counts meetings with hours and zones as those without."""
    evening = dt.datetime(2026, 12, 1, 20, tzinfo=dt.UTC)

    assert not ask("TS022", TEAM, meeting(evening, end=evening + dt.timedelta(hours=2)))
    assert not ask("TS022", TEAM, meeting(evening.replace(year=2025), rrule="FREQ=WEEKLY"))


def guests(*invited):
    """Return invitations of these actors."""
    return tuple(Invitation(actor_id=one) for one in invited)


def visit(start, *invited, **changes):
    """Return a visit on this day with these guests."""
    return meeting(start, kind=EventKind.FIELD_VISIT, invitations=guests(*invited), **changes)


@pytest.mark.parametrize(
    ("event", "count"),
    [
        pytest.param(meeting(TODAY), 1, id="other events only"),
        pytest.param(visit(dt.date(2025, 11, 19), "actor:ville"), 1, id="a day too long ago"),
        pytest.param(visit(dt.date(2025, 11, 20), "actor:ville"), 0, id="a year ago"),
        pytest.param(visit(dt.date(2026, 12, 1), "actor:ville"), 0, id="planned"),
        pytest.param(visit(dt.date(2026, 9, 1), "actor:pharmacie"), 1, id="no official"),
        pytest.param(visit(dt.date(2026, 9, 1)), 0, id="guests unknown"),
        pytest.param(visit(None, "actor:ville"), 0, id="day unknown"),
        pytest.param(None, 0, id="nothing known"),
    ],
)
def test_no_field_visit(ask, event, count):
    """TS023 fires a year after the last visit that officials came to, or may have come to."""
    events = [] if event is None else [event]

    assert len(ask("TS023", TEAM, TOWN, PHARMACY, *events)) == count


MAYOR = Appointment(
    id="appointment:1", person_id="person:1", actor_id="actor:ville", role=Role.MAYOR
)


@pytest.mark.parametrize(
    ("invitations", "count"),
    [
        pytest.param(guests("actor:pharmacie"), 1, id="neither"),
        pytest.param(guests("actor:pharmacie", "actor:ville"), 0, id="the commune"),
        pytest.param((Invitation(person_id="person:1"),), 0, id="the mayor"),
        pytest.param((Invitation(person_id="person:2"),), 0, id="person unknown"),
        pytest.param(guests("actor:nobody"), 0, id="actor unknown"),
        pytest.param((Invitation(actor_id="actor:x", role="mayor"),), 0, id="as mayor"),
        pytest.param((Invitation(actor_id="actor:x", role="secretary"),), 1, id="as secretary"),
        pytest.param((Invitation(actor_id="actor:x", role="édile"),), 0, id="role unknown"),
        pytest.param((), 0, id="guests unknown"),
    ],
)
def test_officials_not_invited(ask, invitations, count):
    """TS024 fires for a coming meeting whose guests are all known, and none an official or CLS."""
    event = meeting(TODAY, invitations=invitations)

    assert len(ask("TS024", TEAM, TOWN, PHARMACY, MAYOR, event)) == count


def test_invitations_of_the_past_and_of_former_mayors(ask):
    """TS024 looks at meetings from today on, and at mandates of today."""
    alone = guests("actor:pharmacie")
    former = attrs.evolve(MAYOR, period=Period(end=TODAY))
    person = (Invitation(person_id="person:1"),)

    assert not ask("TS024", PHARMACY, meeting(dt.date(2026, 11, 19), invitations=alone))
    assert len(ask("TS024", former, meeting(TODAY, invitations=person))) == 1
    assert not ask("TS024", PHARMACY, meeting(TODAY, kind=EventKind.TRAINING, invitations=alone))

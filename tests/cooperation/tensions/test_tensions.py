# SPDX-License-Identifier: Apache-2.0
"""A tension: whom to call, what is left to do by when, and the drafts that go out."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.announcements import RemarkLevel, lint
from territoire_sante.cooperation.tensions import (
    MoveKind,
    answer_to,
    crisis_meeting,
    mobilised,
    tension_notice,
)
from territoire_sante.errors import InvalidValueError, TransitionError
from territoire_sante.model import (
    Actor,
    ActorKind,
    AnnouncementState,
    ContactPoint,
    ContactPointKind,
    Duration,
    Event,
    EventStatus,
    Tension,
    TensionKind,
    TensionLevel,
    Visibility,
)

PHONE = ContactPoint(
    kind=ContactPointKind.PHONE, value="04 65 71 00 01", visibility=Visibility.PUBLIC
)
EPCI = Actor(
    id="actor:cc-nord",
    kind=ActorKind.EPCI,
    name="Communauté de communes Nord",
    territory_id="epci:nord",
    contact_points=(PHONE,),
)
TEAM = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP", territory_id="commune:48002")
HALL = Actor(id="actor:mairie", kind=ActorKind.COMMUNE, name="Mairie", territory_id="commune:48002")
REPORTED = Tension(
    id="tension:depart",
    kind=TensionKind.GP_DEPARTURE,
    title="Départ du Dr Exemple",
    description="Le Dr Exemple part fâché.",
    territory_id="commune:48002",
    reporter_id="actor:msp",
    actor_ids=("actor:msp",),
    reported_on=dt.date(2026, 11, 1),
)
QUALIFIED = REPORTED.qualify(level=TensionLevel.HIGH)


@pytest.fixture
def place(picture):
    """Return a snapshot with the intercommunal body, a team and a town hall."""
    return picture(EPCI, TEAM, HALL, REPORTED)


def kinds(answer):
    """Return the moves of an answer."""
    return [move.kind for move in answer.moves]


def test_the_epci_is_called_first(place, today):
    """Of a commune in tension, the relay to call is the intercommunal body, as the report says."""
    answer = answer_to(place, REPORTED, today=today)

    assert answer.whom is not None
    assert (answer.whom.actor_id, answer.epci_id) == ("actor:cc-nord", "actor:cc-nord")


@pytest.mark.parametrize(
    ("tension", "wanted"),
    [
        pytest.param(REPORTED, ["qualify", "call_epci", "gather", "settle"], id="reported"),
        pytest.param(QUALIFIED, ["call_epci", "gather", "settle"], id="qualified"),
        pytest.param(REPORTED.qualify(level=TensionLevel.LOW), ["gather", "settle"], id="small"),
        pytest.param(
            QUALIFIED.mobilise_epci(epci_id=EPCI.id, on=dt.date(2026, 11, 5)),
            ["gather", "settle"],
            id="mobilised",
        ),
        pytest.param(
            attrs.evolve(QUALIFIED, event_ids=("event:1",)), ["call_epci", "settle"], id="met"
        ),
        pytest.param(QUALIFIED.close(on=dt.date(2026, 11, 5), reason="Resté"), [], id="closed"),
    ],
)
def test_what_is_left_to_do(place, today, tension, wanted):
    """The moves that are left follow from the state, the level and the meetings of a tension."""
    assert [kind.value for kind in kinds(answer_to(place, tension, today=today))] == wanted


def test_a_meeting_that_is_stored_counts(picture, today):
    """A meeting that names the tension is found, although the tension does not name it."""
    meeting = Event(id="event:reunion", tension_id=REPORTED.id)
    there = picture(EPCI, REPORTED, meeting)

    assert MoveKind.GATHER not in kinds(answer_to(there, REPORTED, today=today))


@pytest.mark.parametrize(("day", "late"), [(16, False), (17, True)], ids=["last day", "after"])
def test_the_epci_is_called_in_time(place, day, late):
    """Fifteen days after the report the call is due, and overdue on the day after."""
    answer = answer_to(place, QUALIFIED, today=dt.date(2026, 11, day))
    call = answer.moves[0]

    assert (call.by, call.overdue) == (dt.date(2026, 11, 16), late)


def test_another_delay(place, today):
    """How long the intercommunal body may be waited for can be given."""
    call = answer_to(place, QUALIFIED, today=today, within=Duration(days=1)).moves[0]

    assert call.by == dt.date(2026, 11, 2)


def test_without_a_day_nothing_is_late(place, today):
    """Where nobody noted the day of the report, no day is made up."""
    answer = answer_to(place, attrs.evolve(QUALIFIED, reported_on=None), today=today)

    assert {(move.by, move.overdue) for move in answer.moves} == {(None, False)}


def test_the_most_populated_commune_stands_for_its_territory(place, today):
    """A tension of an intercommunal body is asked about in its most populated commune."""
    answer = answer_to(place, attrs.evolve(REPORTED, territory_id="epci:nord"), today=today)

    assert answer.commune == "48001"


@pytest.mark.parametrize("territory", ["", "commune:99999"], ids=["none", "unknown"])
def test_without_a_place_nobody_can_be_named(place, today, territory):
    """A tension without a known territory is refused with what to do about it."""
    with pytest.raises(InvalidValueError, match="commune") as refused:
        answer_to(place, attrs.evolve(REPORTED, territory_id=territory), today=today)

    assert refused.value.remedy


def test_mobilising(place):
    """The intercommunal body of the place is found and noted with its day, once qualified."""
    day = dt.date(2026, 11, 8)
    found = mobilised(place, QUALIFIED, on=day)

    assert (found.epci_id, found.epci_mobilised_on) == ("actor:cc-nord", day)
    with pytest.raises(TransitionError):
        mobilised(place, REPORTED, on=day)


def test_mobilising_a_body_that_is_not_stored(picture):
    """Without the actor of the intercommunal body, nothing is made up."""
    with pytest.raises(InvalidValueError, match="intercommunal body"):
        mobilised(picture(TEAM), QUALIFIED, on=dt.date(2026, 11, 8))


def test_the_lines_of_an_answer(place, today):
    """An answer reads as sentences in both languages, with the call first."""
    answer = answer_to(place, QUALIFIED, today=today)

    assert "Communauté de communes Nord" in answer.lines("fr")[0]
    assert "avant le 16 novembre 2026 (en retard)" in "\n".join(answer.lines("fr"))
    assert "by 16 November 2026 (overdue)" in "\n".join(answer.lines("en"))


def test_the_meeting(place, today):
    """The draft invites each one once, is to be confirmed, and is linked to the tension."""
    answer = answer_to(place, QUALIFIED, today=today)
    meeting = crisis_meeting(place, answer, start=dt.datetime(2026, 12, 1, 18, tzinfo=dt.UTC))

    assert meeting.status is EventStatus.TENTATIVE
    assert meeting.tension_id == QUALIFIED.id
    assert [one.actor_id for one in meeting.invitations] == [
        "actor:msp",
        "actor:mairie",
        "actor:cc-nord",
    ]
    assert meeting == crisis_meeting(place, answer, start=meeting.start)


@pytest.mark.parametrize(
    ("visibility", "wanted"),
    [
        (Visibility.PUBLIC, Visibility.PARTNERS),
        (Visibility.PARTNERS, Visibility.PARTNERS),
        (Visibility.TEAM, Visibility.TEAM),
        (Visibility.PRIVATE, Visibility.PRIVATE),
    ],
)
def test_who_sees_the_meeting(place, today, visibility, wanted):
    """A meeting is never seen by more people than its tension, nor by the public."""
    answer = answer_to(place, attrs.evolve(QUALIFIED, visibility=visibility), today=today)

    assert crisis_meeting(place, answer, start=dt.date(2026, 12, 1)).visibility is wanted


def test_no_meeting_about_what_is_over(place, today):
    """A tension that is over calls for no meeting."""
    over = QUALIFIED.close(on=today, reason="Resté")
    with pytest.raises(InvalidValueError, match="over"):
        crisis_meeting(place, answer_to(place, over, today=today), start=today)


@pytest.mark.parametrize("kind", [one for one in TensionKind if one.value != "relationship"])
def test_the_notice(place, today, kind):
    """Each kind has a notice that fits a panel, names nobody, and that the linter lets pass."""
    tension = attrs.evolve(QUALIFIED, kind=kind)
    notice = tension_notice(place, tension, today=today, contact=PHONE)
    shown = f"{notice.title} {notice.body} {notice.body_short}"

    assert notice.state is AnnouncementState.DRAFT
    assert notice.audience == ("48002",)
    assert len(notice.title) <= 50
    assert "Exemple" not in shown
    assert PHONE.value in notice.body
    assert [one for one in lint(notice, today=today) if one.severity is RemarkLevel.ERROR] == []


@pytest.mark.parametrize(
    "change",
    [
        {"kind": TensionKind.RELATIONSHIP},
        {"visibility": Visibility.PRIVATE},
        {"territory_id": ""},
        {"state": QUALIFIED.close(on=dt.date(2026, 11, 5), reason="Resté").state},
    ],
    ids=["people", "private", "nowhere", "over"],
)
def test_what_is_no_matter_for_a_notice(place, today, change):
    """What is between people, private, over or nowhere is not drafted for the public."""
    with pytest.raises(InvalidValueError, match="no notice"):
        tension_notice(place, attrs.evolve(QUALIFIED, **change), today=today)


def test_a_contact_that_is_not_public_is_refused(place, today):
    """A contact for partners is not put on a notice board."""
    contact = attrs.evolve(PHONE, visibility=Visibility.PARTNERS)
    with pytest.raises(InvalidValueError, match="contact"):
        tension_notice(place, QUALIFIED, today=today, contact=contact)

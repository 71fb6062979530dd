# SPDX-License-Identifier: Apache-2.0
"""Entities and views survive plain data, and bad data is refused with all its faults."""

from __future__ import annotations

import datetime as dt
import json
import zoneinfo
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante import model
from territoire_sante.errors import DecodingError, InvalidValueError
from territoire_sante.model import (
    ABSENT,
    Contact,
    Duration,
    Entity,
    Event,
    Known,
)
from territoire_sante.serialization import (
    KINDS,
    SCHEMA_VERSION,
    from_plain,
    from_stored,
    to_plain,
    view_from_plain,
    view_to_plain,
)
from territoire_sante.serialization._converter import converter, examiner
from territoire_sante.testing.strategies import entities, moments, values

MODEST = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def problems(data: object) -> list[str]:
    """Return the problems that ``data`` is refused with, as texts."""
    with pytest.raises(DecodingError) as caught:
        from_plain(data)
    return [str(problem) for problem in caught.value.problems]


def event(**fields: object) -> dict[str, object]:
    """Return the plain data of an event with these fields."""
    return {"entity": "event", "schema": 1, "id": "event:1", **fields}


def test_every_exported_entity_class_has_a_kind_of_its_own() -> None:
    """KINDS holds every concrete entity class of the model, each under its own name."""
    exported = [getattr(model, name) for name in model.__all__]
    concrete = {
        thing
        for thing in exported
        if isinstance(thing, type) and issubclass(thing, Entity) and thing is not Entity
    }

    assert set(KINDS.values()) == concrete
    assert all(KINDS[cls.KIND] is cls for cls in concrete)


@pytest.mark.parametrize("kind", KINDS)
@MODEST
@given(data=st.data())
def test_every_kind_round_trips_through_json(kind: str, data: st.DataObject) -> None:
    """An entity of any kind is the same after JSON, and so is its text after a second time."""
    entity = data.draw(entities(kind))
    text = json.dumps(to_plain(entity), ensure_ascii=False)

    back = from_plain(json.loads(text))

    assert back == entity
    assert from_stored(json.loads(text)) == entity
    assert json.dumps(to_plain(back), ensure_ascii=False) == text


def spoilt(data: object, draw: Callable[[st.SearchStrategy[Any]], Any]) -> object:
    """Return plain data with one place in it that holds something else, or is gone."""
    if data and isinstance(data, (dict, list)) and draw(st.booleans()):
        places = sorted(data) if isinstance(data, dict) else list(range(len(data)))
        place = draw(st.sampled_from(places))
        copy: Any = data.copy()
        copy[place] = spoilt(data[place], draw)
        return copy
    odd = [None, 0, -1, 1.5, True, "", "x", [], ["x"], {}, {"x": 1}, "absent", "2026-03-29"]
    return draw(st.sampled_from(odd))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strict", [True, False])
@MODEST
@given(data=st.data())
def test_reading_and_examining_agree(*, kind: str, strict: bool, data: st.DataObject) -> None:
    """What is read fast is what the slow look at everything reads, also of spoilt data."""
    plain = to_plain(data.draw(entities(kind)))
    fields: Any = {name: plain[name] for name in plain.keys() - {"entity", "schema"}}
    fields = spoilt(fields, data.draw)
    found = []
    for reader in (converter(strict=strict), examiner(strict=strict)):
        try:
            found.append(reader.structure(fields, KINDS[kind]))
        except Exception:  # noqa: BLE001 - whatever it is, the slow look says it well
            found.append(None)
    assert found[0] == found[1]


@pytest.mark.parametrize("view", [model.Event, model.Contact, model.Announcement])
@MODEST
@given(data=st.data())
def test_a_view_survives_the_fields_it_is_cut_to(view: type, data: st.DataObject) -> None:
    """A view comes back with the fields that were kept, and with defaults for the others."""
    whole = data.draw(values(view))
    names = [field.name for field in attrs.fields(view)]
    kept = data.draw(st.sets(st.sampled_from(names))) | {"uid"}

    plain = json.loads(json.dumps(view_to_plain(whole, kept)))
    back = view_from_plain(view, plain)

    assert list(plain) == [name for name in names if name in kept]
    assert all(getattr(back, name) == getattr(whole, name) for name in kept)
    assert view_to_plain(back, kept) == plain


def test_a_view_without_id_gets_the_one_of_its_uid() -> None:
    """The id of a view that came from outside follows from its UID, every time the same."""
    once = view_from_plain(Event, {"uid": "a1@example.org", "summary": "Réunion"})

    assert once == view_from_plain(Event, {"uid": "a1@example.org", "summary": "Réunion"})
    assert once.id == "event:a1@example.org"
    assert view_from_plain(Contact, {"uid": "x"}) == Contact(uid="x")


def test_a_view_field_that_does_not_exist_is_refused() -> None:
    """Asking a view for a field it does not have is an error, not an omission."""
    with pytest.raises(KeyError, match="sumary"):
        view_to_plain(Contact(), {"sumary"})


def test_defaults_are_left_out() -> None:
    """Plain data holds the kind, the version and what differs from the defaults."""
    plain = to_plain(Event(id="event:1", summary="Réunion"))

    assert plain == {
        "entity": "event",
        "schema": SCHEMA_VERSION,
        "id": "event:1",
        "summary": "Réunion",
    }


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (dt.date(2026, 3, 29), "2026-03-29"),
        (dt.datetime(2026, 3, 29, 18), "2026-03-29T18:00:00"),  # noqa: DTZ001 - floating
        (dt.datetime(2026, 3, 29, 18, tzinfo=dt.UTC), "2026-03-29T18:00:00Z"),
        (dt.datetime(2026, 3, 29, 18, tzinfo=zoneinfo.ZoneInfo("UTC")), "2026-03-29T18:00:00Z"),
        (
            dt.datetime(2026, 3, 29, 18, tzinfo=zoneinfo.ZoneInfo("Europe/Paris")),
            "2026-03-29T18:00:00+02:00[Europe/Paris]",
        ),
        (
            dt.datetime(2026, 3, 29, 18, tzinfo=dt.timezone(dt.timedelta(hours=4))),
            "2026-03-29T18:00:00+04:00",
        ),
    ],
)
def test_days_and_moments_have_one_text_each(moment: dt.date, text: str) -> None:
    """A day, a floating, a UTC, a zoned and an offset time are told apart in the text."""
    end = {"end": None, "start": moment}
    plain = to_plain(Event(id="event:1", **end))  # type: ignore[arg-type] # a union of fields
    back = from_plain(plain)

    assert plain["start"] == text
    assert isinstance(back, Event)
    assert back.start == moment
    assert type(back.start) is type(moment)


@MODEST
@given(moment=moments())
def test_a_moment_keeps_its_side_of_the_clock_change(moment: dt.datetime) -> None:
    """The hour that exists twice in October comes back with the offset it had."""
    back = from_plain(to_plain(Event(id="event:1", start=moment)))

    assert isinstance(back, Event)
    assert isinstance(back.start, dt.datetime)
    assert back.start.utcoffset() == moment.utcoffset()
    assert back.start.replace(tzinfo=None) == moment.replace(tzinfo=None)


@pytest.mark.parametrize("fold", [0, 1])
@pytest.mark.parametrize("month", [3, 10])
def test_the_hours_of_clock_changes_come_back(month: int, fold: int) -> None:
    """Half past two is there twice in October and not at all in March; each keeps its offset."""
    day = 29 if month == 3 else 25
    moment = dt.datetime(
        2026, month, day, 2, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Paris"), fold=fold
    )
    back = from_plain(to_plain(Event(id="event:1", start=moment)))

    assert isinstance(back, Event)
    assert isinstance(back.start, dt.datetime)
    assert (back.start, back.start.utcoffset()) == (moment, moment.utcoffset())


def test_utc_with_a_zone_is_an_instant_shown_there() -> None:
    """``Z`` before a zone means that instant, on the clock of the zone (RFC 9557, 3.4)."""
    back = from_plain(event(start="2026-07-01T16:00:00Z[Europe/Paris]"))

    assert to_plain(back)["start"] == "2026-07-01T18:00:00+02:00[Europe/Paris]"


def test_stored_times_keep_their_clock_when_a_zone_gets_new_rules() -> None:
    """An offset that the zone does not have is refused in a file and tolerated in the store."""
    data = event(start="2026-07-01T18:00:00+01:00[Europe/Paris]")

    assert to_plain(from_stored(data))["start"] == "2026-07-01T18:00:00+02:00[Europe/Paris]"
    (problem,) = problems(data)
    assert problem.startswith("$.start: 2026-07-01T18:00:00+01:00[Europe/Paris] has an offset")
    assert "Write 2026-07-01T18:00:00+02:00[Europe/Paris]" in problem


def test_all_problems_are_told_at_once() -> None:
    """Every fault of a bad entity is reported in one go, each with its path."""
    found = problems(
        event(
            id="evnt:1",
            sumary="Réunion",
            description=4,
            geo={"latitude": 100, "longitude": "x"},
            status="CONFIRMD",
            exdates=["2026-02-30", 5, "demain"],
            attendees="abc",
            occurrences=[{"recurence_id": "2026-01-01"}, []],
        )
    )

    paths = [problem.partition(": ")[0] for problem in found]
    assert sorted(paths) == sorted(
        [
            "$.id",
            "$.sumary",
            "$.description",
            "$.geo.latitude",
            "$.geo.longitude",
            "$.status",
            "$.exdates[0]",
            "$.exdates[1]",
            "$.exdates[2]",
            "$.attendees",
            "$.occurrences[0].recurrence_id",
            "$.occurrences[0].recurence_id",
            "$.occurrences[1]",
        ]
    )
    assert "$.sumary: unknown field, did you mean 'summary'?" in found
    assert any(problem.endswith("did you mean 'CONFIRMED'?") for problem in found)
    assert "$.attendees: expected a list, got text" in found


def test_a_check_of_the_whole_names_its_field() -> None:
    """A rule between two fields is reported at the field that breaks it."""
    (problem,) = problems(event(start="2026-02-01", end="2026-02-01T00:00:00"))

    assert problem.startswith("$.end: start and end must both be days or both be times")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (None, "$: expected an object, got null"),
        ([], "$: expected an object, got a list"),
        ({"entity": "evnt"}, "$.entity: 'evnt' is not a kind of entity, did you mean 'event'?"),
        ({"entity": ["event"]}, "$.entity: ['event'] is not a kind of entity"),
        (event(schema=99), "$.schema: made by a newer version: schema 99, this one reads 1"),
        (event(schema="1"), "$.schema: expected 1, got '1'"),
        ({"entity": "event"}, "$.id: required field missing"),
        (event(summary="\ud83d"), "$.summary: half a character: a lone UTF-16 surrogate"),
        (event(summary=True), "$.summary: expected text, got true or false"),
        (event(start="2026-03-29T24:61:00"), "$.start: there is no moment 2026-03-29T24:61:00"),
        (event(start="29/03/2026"), "$.start: '29/03/2026' is not a day"),
        (event(start="2026-03-29T18h"), "$.start: '2026-03-29T18h' is not a day and time"),
        (
            event(start="2026-03-29T18:00:00+02:00[Europe/Pari]"),
            "$.start: the time zone 'Europe/Pari' is not known",
        ),
        (
            event(geo={"latitude": float("nan"), "longitude": 1}),
            "$.geo.latitude: expected a number, got nan",
        ),
    ],
)
def test_bad_data_is_named(data: object, problem: str) -> None:
    """Each kind of bad data has its own sentence."""
    assert problems(data)[0].startswith(problem)


def test_the_error_says_which_file() -> None:
    """``where`` comes first in the message."""
    with pytest.raises(DecodingError, match=r"^import\.json: not an entity"):
        from_plain(5, where="import.json")


def test_three_states_are_told_apart() -> None:
    """Known, known to be absent and unknown are three different texts."""

    @attrs.frozen
    class Answer:
        site: Known[dt.date] | model.Knowledge = model.UNKNOWN

    plain = converter(strict=True)
    for answer, data in [
        (Answer(Known(dt.date(2026, 1, 1))), {"site": {"known": "2026-01-01"}}),
        (Answer(ABSENT), {"site": "absent"}),
        (Answer(), {}),
    ]:
        assert plain.unstructure(answer) == data
        assert plain.structure(data, Answer) == answer


@given(duration=values(Duration))
def test_durations_are_one_text(duration: Duration) -> None:
    """A duration is written as ISO 8601 and read back equal."""
    assert Duration.parse(str(duration)) == duration


def test_a_duration_that_is_none_is_refused_by_its_own_check() -> None:
    """A text value reports what its class says."""
    with pytest.raises(InvalidValueError, match="not a duration"):
        Duration.parse("demain")
    data = {"entity": "actor", "id": "actor:1", "kind": "msp", "name": "M", "review_every": "6M"}

    assert problems(data)[0].startswith("$.review_every: '6M' is not a duration")

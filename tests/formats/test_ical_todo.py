# SPDX-License-Identifier: Apache-2.0
"""The task lens: its laws, and what task lists of several programs hold."""

import datetime as dt
import zoneinfo

import attrs
import icalendar as peer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoire_sante.errors import FormatError, InvalidValueError, UnsupportedError
from territoire_sante.formats import Document, Lens, contentline
from territoire_sante.formats.icalendar import EVENT, TODO
from territoire_sante.model import Classification, Task, TaskStatus
from territoire_sante.serialization import view_from_plain, view_to_plain

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
NOW = dt.datetime(2026, 11, 21, 20, tzinfo=dt.UTC)
STAMPS = {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE"}
NAMES = {
    "summary": "SUMMARY", "description": "DESCRIPTION", "location": "LOCATION", "url": "URL",
    "categories": "CATEGORIES", "status": "STATUS", "classification": "CLASS",
    "priority": "PRIORITY", "completed": "COMPLETED", "percent_complete": "PERCENT-COMPLETE",
    "rrule": "RRULE",
}  # fmt: skip

noise = st.sampled_from([
    "X-COLOUR:blue", "x-lower;x-p=1:c", "RELATED-TO:other", "COMMENT:a\\, b", "nonsense", "",
    "X-LONG:" + "é" * 40 + "\r\n " + "é" * 20, "X-APPLE-SORT-ORDER:7", "CREATED:20260101T000000Z",
])  # fmt: skip
owned = st.sampled_from([
    "SUMMARY;LANGUAGE=fr:Relancer", "DESCRIPTION:a\\nb", "STATUS:IN-PROCESS", "PRIORITY:5",
    "PERCENT-COMPLETE:40", "COMPLETED:20260301T100000Z", "CATEGORIES:a,b", "CLASS:PRIVATE",
    "URL:https://example.org/a", "SEQUENCE:3", "RRULE:FREQ=WEEKLY", "STATUS:ODD", "PRIORITY:high",
    "COMPLETED:20260301", "PERCENT-COMPLETE:140",
])  # fmt: skip
spans = st.sampled_from([
    "DTSTART;TZID=Europe/Paris:20260329T180000\r\nDUE;X-P=1;TZID=Europe/Paris:20260330T180000",
    "DTSTART;VALUE=DATE:20260329\r\nDURATION:P2D", "DUE;VALUE=DATE:20260331", "X-NO:dates",
    "DTSTART:20260329T160000Z\r\nDURATION:PT2H",
    "DTSTART:20260329T180000\r\nDUE;VALUE=DATE:20260331",
])  # fmt: skip


def ics(*lines):
    """Return a calendar of one task with these lines and a reminder."""
    body = "".join(line + "\r\n" for line in lines)
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT30M\r\nEND:VALARM\r\n"
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\n{body}{alarm}END:VTODO\r\n"
    return Document((text + "END:VCALENDAR\r\n").encode(), "text/calendar")


@st.composite
def documents(draw):
    """Draw a task with unknown properties, parameters, folds and a reminder."""
    lines = ["UID:a@example.org", draw(spans), *draw(st.lists(noise | owned, max_size=8))]
    return ics(*draw(st.permutations(lines)))


texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t\x85"), max_size=60
)
moments = st.builds(
    lambda naive, zone: naive.replace(microsecond=0, tzinfo=zone, fold=0),
    st.datetimes(dt.datetime(1990, 1, 2), dt.datetime(2049, 1, 1)),  # noqa: DTZ001 - zone follows
    st.sampled_from([None, dt.UTC, PARIS, zoneinfo.ZoneInfo("Indian/Reunion")]),
)
whens = moments | st.dates(dt.date(1990, 1, 2), dt.date(2049, 1, 1))
tasks = st.builds(
    Task,
    uid=st.just("a@example.org"),
    summary=texts,
    description=texts,
    location=texts,
    url=st.sampled_from(["", "https://example.org/?a=1,2;b=\\"]),
    categories=st.lists(st.text("abcé", min_size=1, max_size=8), max_size=3).map(tuple),
    status=st.none() | st.sampled_from(TaskStatus),
    classification=st.none() | st.sampled_from(Classification),
    priority=st.integers(0, 9),
    start=st.none() | whens,
    due=st.none() | whens,
    # Said in UTC: a time of a repeated hour never equals one of another zone (PEP 495).
    completed=st.none()
    | moments.filter(lambda moment: moment.tzinfo is not None).map(
        lambda moment: moment.astimezone(dt.UTC)
    ),
    percent_complete=st.none() | st.integers(0, 100),
    rrule=st.sampled_from(["", "FREQ=WEEKLY;COUNT=4"]),
)


def other_lines(data, *names):
    """Return the raw lines whose property is not one of ``names``, zones left out."""
    return [
        line.raw
        for component in contentline.parse(data).walk()
        if component.name in ("VCALENDAR", "VTODO", "VALARM")
        for line in component.lines
        if line.name not in names
    ]


@given(documents())
def test_put_of_get_is_identity(document):
    """Writing back what was read changes no byte."""
    assert TODO.put(TODO.get(document), document).data == document.data
    assert TODO.put(TODO.get(document), document, now=NOW).data == document.data


@given(tasks, documents())
def test_get_of_put_is_the_view(task, document):
    """What was written into somebody's document is read back, and writing it again is idle."""
    written = TODO.put(task, document, now=NOW)

    assert TODO.get(written) == task
    assert TODO.put(task, written, now=NOW) is written


@given(tasks)
def test_new_documents(task):
    """A new document holds the view, is without problems, and is read by icalendar too."""
    written = TODO.put(task, now=NOW)

    assert TODO.get(written) == task
    assert not contentline.parse(written.data).problems
    assert peer.Calendar.from_ical(written.data).todos


@given(tasks, documents(), st.sampled_from(sorted(NAMES)))
def test_one_field_touches_its_lines_alone(task, document, field):
    """Changing one field leaves every line of every other property as it was."""
    old = TODO.get(document)
    written = TODO.put(attrs.evolve(old, **{field: getattr(task, field)}), document, now=NOW)

    left = {NAMES[field], *STAMPS}
    assert other_lines(written.data, *left) == other_lines(document.data, *left)


@given(tasks)
def test_plain_data(task):
    """A task survives as plain data, as a view of the sync must."""
    assert view_from_plain(Task, view_to_plain(task, TODO.fields)) == task


def test_protocol_and_view():
    """The lens is a lens for all fields of a task."""
    assert isinstance(TODO, Lens)
    assert TODO.view is Task
    assert TODO.fields == {field.name for field in attrs.fields(Task)}


def test_duration_stays_a_duration():
    """A due time given by DURATION is moved by changing the duration."""
    document = ics("UID:a", "DTSTART:20260329T160000Z", "DURATION:PT2H")
    later = dt.datetime(2026, 3, 29, 20, tzinfo=dt.UTC)

    written = TODO.put(attrs.evolve(TODO.get(document), due=later), document)

    assert b"DURATION:PT4H\r\n" in written.data
    assert b"DUE" not in written.data


def test_duration_gives_way_to_what_it_cannot_say():
    """A due day for a task with a start time needs DUE in the place of DURATION."""
    document = ics("UID:a", "DTSTART:20260329T160000Z", "DURATION:PT2H")

    written = TODO.put(attrs.evolve(TODO.get(document), due=dt.date(2026, 4, 1)), document)

    assert b"DUE;VALUE=DATE:20260401\r\n" in written.data
    assert b"DURATION" not in written.data


def test_completed_is_said_in_utc():
    """COMPLETED is in UTC, whatever zone was given and whatever the start is in."""
    document = ics("UID:a", "DTSTART;TZID=Europe/Paris:20260329T160000")
    done = attrs.evolve(TODO.get(document), completed=dt.datetime(2026, 4, 1, 12, tzinfo=PARIS))

    assert b"COMPLETED:20260401T100000Z\r\n" in TODO.put(done, document).data


def test_status_raises_sequence():
    """Completing a task is significant; changing its text is not (RFC 5545, 3.8.7.4)."""
    document = ics("UID:a", "SEQUENCE:3")
    old = TODO.get(document)

    done = TODO.put(attrs.evolve(old, status=TaskStatus.COMPLETED), document, now=NOW)
    said = TODO.put(attrs.evolve(old, summary="x"), document, now=NOW)

    assert b"SEQUENCE:4\r\n" in done.data
    assert b"SEQUENCE:3\r\n" in said.data


def test_other_components_are_refused():
    """Events are no tasks and tasks are no events; the error says which is there."""
    event = Document(b"BEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\n", "text/calendar")

    with pytest.raises(UnsupportedError, match="VEVENT is not read as a task"):
        TODO.get(event)
    with pytest.raises(UnsupportedError, match="VTODO is not read as an event"):
        EVENT.get(ics("UID:a"))
    with pytest.raises(FormatError, match="no VTODO"):
        TODO.get(Document(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "text/calendar"))


def test_bad_dates_name_their_line():
    """A due date that is none is an error with its line."""
    with pytest.raises(FormatError) as caught:
        TODO.get(ics("UID:a", "DUE:tomorrow"))
    assert (caught.value.line, caught.value.where) == (5, "DUE")


def test_a_new_task_needs_a_uid():
    """A task without uid cannot become a document, for it could never be found again."""
    with pytest.raises(FormatError, match="UID"):
        TODO.put(Task(summary="x"))


@pytest.mark.parametrize(
    "fields",
    [{"priority": 10}, {"percent_complete": 101}, {"completed": dt.datetime(2026, 1, 1)}],  # noqa: DTZ001 - the point
    ids=["priority", "percent", "naive"],
)
def test_impossible_tasks(fields):
    """A task refuses what no document could say."""
    with pytest.raises(InvalidValueError):
        Task(**fields)


def test_real_files(ics_files):
    """Every task of the corpus is read or refused with a reason, and written back as it was."""
    read = 0
    for path in ics_files:
        try:
            document = Document(path.read_bytes(), "text/calendar")
            task = TODO.get(document)
        except FormatError:
            continue
        read += 1
        assert TODO.put(task, document, now=NOW).data == document.data
    assert read >= 20

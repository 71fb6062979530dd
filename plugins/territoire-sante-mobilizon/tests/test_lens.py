# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document
from territoire_sante.model import Announcement, Attachment, make_id
from territoire_sante_mobilizon import MobilizonLens

LENS = MobilizonLens()
PARIS = ZoneInfo("Europe/Paris")
NOTICE = Announcement(
    id="announcement:urn:example:1",
    uid="urn:example:1",
    title="Dépistage gratuit",
    body="Samedi, 9 h - 12 h\nMaison de santé <entrée B>",
    event_start=dt.datetime(2026, 11, 14, 9, tzinfo=PARIS),
    event_end=dt.datetime(2026, 11, 14, 12, tzinfo=PARIS),
    place="Maison de santé, Exempleville",
    url="https://example.org/depistage",
)

TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from("\n\t <>&\"'\u00a0é🩺"), max_size=40)
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1))
TIMES = st.datetimes(
    dt.datetime(2020, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    dt.datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([PARIS, ZoneInfo("Indian/Reunion"), dt.UTC]),
    allow_imaginary=False,
).map(lambda moment: moment.replace(microsecond=0))

FILES = st.builds(
    Attachment,
    url=st.sampled_from(["https://example.org/a.pdf", "https://example.org/b.png"]),
    size=st.integers(0, 10**8),
    alt=TEXTS,
)


@st.composite
def views(draw) -> Announcement:
    """Draw an announcement of what an event can carry."""
    uid = draw(TEXTS.filter(bool))
    return Announcement(
        id=make_id("announcement", uid),
        uid=uid,
        title=draw(TEXTS),
        body=draw(TEXTS),
        place=draw(TEXTS),
        url=draw(st.sampled_from(["", "https://example.org/a", "https://example.org/b"])),
        event_start=draw(DAYS | TIMES),
        event_end=draw(st.none() | DAYS | TIMES),
        attachments=tuple(draw(st.lists(FILES, max_size=2))),
    )


def _instants(view: Announcement) -> Announcement:
    """Return a view with its times in UTC: those of a repeated hour equal none of another zone."""
    times = {"event_start": view.event_start, "event_end": view.event_end}
    return attrs.evolve(
        view,
        **{
            name: when.astimezone(dt.UTC) if isinstance(when, dt.datetime) else when
            for name, when in times.items()
        },
    )


@given(view=views())
def test_what_is_put_is_got(view):
    """An event tells every field of the lens, exactly as it was given."""
    assume("\r" not in view.body)
    assert _instants(LENS.get(LENS.put(view))) == _instants(view)


@given(before=views(), after=views())
def test_what_is_put_over_another_is_got(before, after):
    """An event written over tells the new announcement."""
    assume("\r" not in before.body + after.body)
    assert _instants(LENS.get(LENS.put(after, LENS.put(before)))) == _instants(after)


@given(view=views())
def test_putting_back_what_was_got_changes_nothing(view):
    """An unchanged announcement leaves the document as it is."""
    document = LENS.put(view)
    assert LENS.put(LENS.get(document), document) is document


def test_an_event_is_the_json_of_the_schema():
    """Title, description, instants, zone, place, link and reference have the schema's names."""
    assert json.loads(LENS.put(NOTICE).data) == {
        "title": "Dépistage gratuit",
        "description": ("<p>Samedi, 9 h - 12 h<br />\nMaison de santé &lt;entrée B&gt;</p>"),
        "onlineAddress": "https://example.org/depistage",
        "physicalAddress": {"description": "Maison de santé, Exempleville"},
        "beginsOn": "2026-11-14T08:00:00Z",
        "endsOn": "2026-11-14T11:00:00Z",
        "options": {"timezone": "Europe/Paris", "showStartTime": True, "showEndTime": True},
        "metadata": [
            {
                "key": "territoire-sante:uid",
                "title": "Référence",
                "value": "urn:example:1",
                "type": "STRING",
            }
        ],
    }


def test_days_are_whole_days_in_their_zone():
    """A day begins at midnight and ends at 23:59, on the days of the clock change too."""
    view = attrs.evolve(NOTICE, event_start=dt.date(2026, 3, 29), event_end=dt.date(2026, 3, 30))
    event = json.loads(LENS.put(view).data)

    assert (event["beginsOn"], event["endsOn"]) == ("2026-03-28T23:00:00Z", "2026-03-29T21:59:00Z")
    assert (event["options"]["showStartTime"], event["options"]["showEndTime"]) == (False, False)


def test_what_people_added_on_the_site_stays():
    """A change of ours keeps every member that is not of the changed field."""
    event = json.loads(LENS.put(NOTICE).data)
    event["metadata"].insert(0, {"key": "mz:a", "title": "b", "value": "c", "type": "STRING"})
    event["physicalAddress"]["street"] = "1 place de la Mairie"
    event |= {"category": "HEALTH", "options": {**event["options"], "commentModeration": "CLOSED"}}
    before = Document(json.dumps(event).encode(), "application/json")

    after = json.loads(LENS.put(attrs.evolve(NOTICE, title="Reporté"), before).data)

    assert after == {**event, "title": "Reporté"}


@pytest.mark.parametrize("start", [
    dt.datetime(2026, 11, 14, 9),  # noqa: DTZ001 - it is meant to float
    dt.datetime(2026, 3, 29, 2, 30, tzinfo=PARIS),
    dt.datetime(2026, 11, 14, 9, 0, 0, 5, tzinfo=PARIS),
])  # fmt: skip
def test_a_time_that_no_clock_shows_is_refused(start):
    """Floating times, times of the lost hour and fractions of a second cannot be said."""
    with pytest.raises(FormatError, match="event_start"):
        LENS.put(attrs.evolve(NOTICE, event_start=start, event_end=None))


@pytest.mark.parametrize(
    "data",
    [b"junk", b"[]", b"{}", b'{"metadata": 1}', b"\xff", b"[" * 100_000],
)
def test_what_is_no_event_is_refused(data):
    """Junk is refused with a reason."""
    with pytest.raises(FormatError):
        LENS.get(Document(data, "application/json"))


@given(event=st.dictionaries(
    st.sampled_from(["uuid", "title", "description", "beginsOn", "options", "metadata",
                     "physicalAddress", "onlineAddress"]),
    st.none() | st.integers() | st.text(max_size=5) | st.lists(st.none(), max_size=2)
    | st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
))  # fmt: skip
def test_any_object_is_read_or_refused(event):
    """Members of other kinds than expected never crash."""
    document = Document(json.dumps(event).encode(), "application/json")
    try:
        view = LENS.get(document)
    except FormatError:
        return
    assert LENS.put(view, document) is document

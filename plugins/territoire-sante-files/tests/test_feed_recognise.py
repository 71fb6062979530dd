# SPDX-License-Identifier: Apache-2.0
"""A store that reads a feed: new UIDs are no new events, and what is past is not deleted."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from territoire_sante import Link, Store, sync
from territoire_sante.errors import MassDeletionError
from territoire_sante.formats import icalendar
from territoire_sante.http import Fetched, Validators
from territoire_sante.model import Event
from territoire_sante.plugins import Catalog, Ref, Stored
from territoire_sante.sync import Direction
from territoire_sante_files import ICS_FEED
from territoire_sante_files._feed import Feed
from territoire_sante_files._open_feed import EVENTS, opened_feed
from territoire_sante_files._window import still_history

NOW = dt.datetime(2026, 5, 10, 12, tzinfo=dt.UTC)

_fresh = itertools.count()


def appointment(day, title, *extra, uid=None, hour=9):
    """Return a VEVENT like those of services that make a new UID and DTSTAMP at each download."""
    number = next(_fresh)
    lines = (
        "BEGIN:VEVENT",
        f"UID:{uid or f'{number}@generated.example.org'}",
        f"DTSTAMP:20260501T{number % 24:02}0000Z",
        f"DTSTART:202605{day:02}T{hour:02}0000Z",
        f"DTEND:202605{day:02}T{hour:02}3000Z",
        f"SUMMARY:{title}",
        *extra,
        "END:VEVENT",
    )
    return "".join(f"{line}\r\n" for line in lines).encode()


@attrs.define
class Subscriber:
    """A store that reads one feed."""

    store: Store
    web: object
    now: dt.datetime = NOW

    def sync(self, **config):
        """Sync once and return the report."""
        self.now += dt.timedelta(hours=1)
        spec = attrs.evolve(ICS_FEED, open=lambda c: opened_feed(c, EVENTS, now=lambda: self.now))
        catalog = Catalog()
        catalog.register(spec)
        link = Link(
            name="feed", connector="ics-feed", view="event", direction=Direction.PULL,
            config={"url": self.web.url, **config},
        )  # fmt: skip
        plan = sync.plan(self.store, link, catalog=catalog, now=self.now)
        return sync.apply(self.store, plan, catalog=catalog, now=self.now)

    @property
    def titles(self):
        """The titles in the store, by id."""
        return {event.id: event.summary for event in self.store.all(Event)}


@pytest.fixture
def subscriber(web):
    """Give a store that reads the feed of the web server."""
    with Store.open("memory:") as store:
        yield Subscriber(store, web)


def test_new_uids_are_no_change(web, subscriber):
    """A feed whose UIDs and DTSTAMPs are new at each download changes nothing here."""
    for _ in range(3):
        web.serve(*(appointment(day, f"Consultation {day}") for day in range(11, 20)))
        report = subscriber.sync()
        assert len(subscriber.titles) == 9

    assert (report.local_writes, report.entries) == (0, ())


def test_a_full_comparison_recognises_too(web, subscriber):
    """After a day, everything is compared again without cursor, and still nothing is new."""
    web.serve(*(appointment(day, f"Consultation {day}") for day in range(11, 20)))
    subscriber.sync()
    before = subscriber.titles
    subscriber.now += dt.timedelta(days=1)
    web.serve(*(appointment(day, f"Consultation {day}") for day in (*range(12, 20), 11)))
    report = subscriber.sync()

    assert (report.local_writes, subscriber.titles) == (0, before)


def test_a_quiet_run_is_one_request(web, subscriber):
    """A feed that its server calls unchanged costs one conditional request, run after run."""
    web.serve(*(appointment(day, f"Consultation {day}") for day in range(11, 20)), etag='"1"')
    subscriber.sync()
    before = len(web.seen)
    report = subscriber.sync()

    assert len(web.seen) == before + 1
    assert web.seen[-1]["if-none-match"] == '"1"'
    assert (report.local_writes, report.entries, len(subscriber.titles)) == (0, (), 9)


def test_an_edit_made_here_stays(web, subscriber):
    """What was changed here of an event stays, until the feed changes the same field."""
    web.serve(appointment(11, "Réunion MSP"), appointment(12, "Permanence"))
    subscriber.sync()
    (meeting,) = (one for one in subscriber.store.all(Event) if "MSP" in one.summary)
    subscriber.store.put(attrs.evolve(meeting, summary="Réunion MSP (à nous)", agenda="1. Bilan"))
    web.serve(appointment(11, "Réunion MSP", "LOCATION:Mairie"), appointment(12, "Permanence"))
    subscriber.sync()
    changed = subscriber.store.get(Event, meeting.id)

    assert (changed.summary, changed.location) == ("Réunion MSP (à nous)", "Mairie")
    assert changed.agenda == "1. Bilan"


def test_an_edited_title_is_one_update(web, subscriber):
    """A new title at the same start is an edit of the event, not a deletion and a new one."""
    web.serve(appointment(11, "Réunion MSP"), appointment(12, "Permanence"))
    subscriber.sync()
    before = subscriber.titles
    web.serve(appointment(11, "Réunion MSP (reportée)"), appointment(12, "Permanence"))
    report = subscriber.sync()

    assert subscriber.titles.keys() == before.keys()
    assert sorted(subscriber.titles.values()) == ["Permanence", "Réunion MSP (reportée)"]
    assert [entry.action.value for entry in report.entries] == ["update_local"]


def test_another_appointment_at_that_hour_is_another_one(web, subscriber):
    """A different title at the same start is another event."""
    web.serve(appointment(11, "Vaccination"), appointment(12, "Permanence"))
    subscriber.sync()
    before = subscriber.titles
    web.serve(appointment(11, "Réunion de crise"), appointment(12, "Permanence"))
    subscriber.sync()

    assert len(subscriber.titles) == 2
    assert subscriber.titles.keys() != before.keys()


def test_a_stable_uid_goes_before_all(web, subscriber):
    """With a UID that stays, everything else of an event may change."""
    web.serve(appointment(11, "Réunion", uid="a"), appointment(12, "Permanence", uid="b"))
    subscriber.sync()
    web.serve(appointment(12, "Permanence", uid="a"), appointment(11, "Réunion", uid="b"))
    subscriber.sync()

    assert subscriber.titles == {"event:a": "Permanence", "event:b": "Réunion"}


def test_what_was_deleted_is_deleted(web, subscriber):
    """A future event that is gone from the feed is deleted here."""
    web.serve(*(appointment(day, f"Consultation {day}") for day in range(11, 20)))
    subscriber.sync()
    web.serve(*(appointment(day, f"Consultation {day}") for day in range(12, 20)))
    subscriber.sync()

    assert "Consultation 11" not in subscriber.titles.values()
    assert len(subscriber.titles) == 8


def test_an_emptied_feed_asks(web, subscriber):
    """A feed without any event deletes nothing without a confirmation."""
    web.serve(*(appointment(day, f"Consultation {day}") for day in range(11, 20)))
    subscriber.sync()
    web.serve(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")
    with pytest.raises(MassDeletionError):
        subscriber.sync()

    assert len(subscriber.titles) == 9


def test_what_a_moving_window_drops_is_history(web, subscriber):
    """Past events that the feed no longer shows stay here, run after run."""
    web.serve(*(appointment(day, f"Consultation {day}") for day in range(5, 15)))
    subscriber.sync()
    for first in (8, 10, 10):
        web.serve(*(appointment(day, f"Consultation {day}") for day in range(first, 15)))
        report = subscriber.sync()
        assert report.local_writes == 0

    assert len(subscriber.titles) == 10


def test_a_hole_in_the_past_is_a_deletion(web, subscriber):
    """A past event that is gone while older ones are left was deleted."""
    web.serve(*(appointment(day, f"Consultation {day}") for day in range(5, 15)))
    subscriber.sync()
    web.serve(*(appointment(day, f"Consultation {day}") for day in range(5, 15) if day != 7))
    subscriber.sync()

    assert "Consultation 7" not in subscriber.titles.values()
    assert len(subscriber.titles) == 9


def test_history_is_kept_only_if_wanted(web, subscriber):
    """With ``keep_past = false`` the store shows what the feed shows."""
    web.serve(*(appointment(day, f"Consultation {day}") for day in range(5, 15)))
    subscriber.sync(keep_past=False)
    web.serve(*(appointment(day, f"Consultation {day}") for day in range(6, 15)))
    subscriber.sync(keep_past=False)

    assert len(subscriber.titles) == 9


@pytest.mark.parametrize(
    ("rule", "kept"),
    [("RRULE:FREQ=DAILY;COUNT=3", 6), ("RRULE:FREQ=DAILY", 5), ("RRULE:FREQ=DAILY;COUNT=9", 5)],
)
def test_a_series_is_over_with_its_last_instance(web, subscriber, rule, kept):
    """A series that vanished is history once no instance is to come."""
    series = appointment(5, "Permanence", rule, uid="s")
    others = [appointment(day, f"Consultation {day}", uid=f"{day}") for day in range(11, 16)]
    web.serve(series, *others)
    subscriber.sync()
    web.serve(*others)
    subscriber.sync()

    assert len(subscriber.titles) == kept


def test_a_renewed_address_is_the_same_feed(web, subscriber):
    """Events are recognised although the address of the feed has changed, as a token does."""
    web.serve(*(appointment(day, f"Consultation {day}") for day in range(11, 20)))
    subscriber.sync()
    before = subscriber.titles
    web.serve(*(appointment(day, f"Consultation {day}") for day in range(11, 20)))
    report = subscriber.sync(url=f"{web.url}?token=new")

    assert (report.local_writes, subscriber.titles) == (0, before)


spans = st.lists(
    st.tuples(st.integers(-60 * 24, 60 * 24), st.integers(1, 72), st.booleans()),
    min_size=1,
    max_size=15,
)


def held(number, begin, hours, *, all_day):
    """Return an event that begins so many hours from now, as a link remembers it."""
    start = NOW + dt.timedelta(hours=begin)
    end = start + dt.timedelta(hours=hours)
    if all_day:
        start, end = start.date(), start.date() + dt.timedelta(days=1 + hours // 24)
    event = Event(id="event:x", uid=f"{number}", summary="x", start=start, end=end)
    return Stored(Ref(f"{number}", '"1"'), icalendar.EVENT.put(event))


def hours_ahead(stored):
    """Return how many hours from now an event ends, in Paris if it has days."""
    end = icalendar.EVENT.get(stored.document).end
    if not isinstance(end, dt.datetime):
        end = dt.datetime.combine(end, dt.time(), ZoneInfo("Europe/Paris"))
    return (end - NOW) / dt.timedelta(hours=1)


@settings(max_examples=60, deadline=None)
@given(spans, st.integers(-60 * 24, 0))
def test_whatever_a_window_leaves_behind_is_history(found, edge):
    """Wherever a window is cut in the past, all that is left behind is kept."""
    events = [held(n, begin, hours, all_day=days) for n, (begin, hours, days) in enumerate(found)]
    gone = [one for one in events if hours_ahead(one) < edge]
    left = [one.document for one in events if one not in gone]

    assert still_history(gone, left, now=NOW) == gone


@settings(max_examples=60, deadline=None)
@given(spans, st.data())
def test_what_is_to_come_is_never_history(found, data):
    """An event that is still to come, or to end, and vanished was deleted."""
    events = [held(n, begin, hours, all_day=days) for n, (begin, hours, days) in enumerate(found)]
    gone = data.draw(st.sampled_from(events))
    left = [one.document for one in events if one is not gone]
    # Days are taken for over where they are over first.
    assume(hours_ahead(gone) > 14)

    assert still_history([gone], left, now=NOW) == []


@attrs.frozen
class Fixed:
    """A source that holds some bytes."""

    data: bytes
    where: str = "https://example.org/agenda.ics"

    def get(self, _known=None):
        """Return them."""
        return Fetched(
            status=200,
            not_modified=False,
            body=self.data,
            validators=Validators(),
            url=self.where,
            content_type="text/calendar",
        )


def taken(data, known=()):
    """Return what a feed of these bytes holds, as it is read."""
    feed = Feed(source=Fixed(data), kind=EVENTS, seed="x", keep_past=False, now=lambda: NOW)
    feed.recognise(known)
    return list(feed.read([ref.href for ref in feed.list()]))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 28), st.sampled_from(["A", "B", "Réunion"])), max_size=12),
    st.randoms(use_true_random=False),
)
def test_generated_again_it_is_the_same(found, rnd):
    """Whatever events a feed has, twins too: generated again in another order, none is new."""

    def generated(events):
        parts = (appointment(day, title) for day, title in events)
        return b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + b"".join(parts) + b"END:VCALENDAR\r\n"

    first = taken(generated(found))
    again = taken(generated(rnd.sample(found, len(found))), first)

    assert {answer.ref for answer in again} == {answer.ref for answer in first}
    titles = {a.ref.href: icalendar.EVENT.get(a.document).summary for a in again}
    assert titles == {a.ref.href: icalendar.EVENT.get(a.document).summary for a in first}


def test_of_a_crowd_nobody_is_recognised():
    """Of very many edited events with one start, nothing tells who became whom, and it is quick."""
    rnd = random.Random(1)  # noqa: S311 - titles of a test
    old, new = (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
        + b"".join(appointment(4, f"Titre {kind} {rnd.random()}") for _ in range(300))
        + b"END:VCALENDAR\r\n"
        for kind in "ab"
    )
    before = taken(old)
    after = taken(new, before)

    assert {a.ref.href for a in before}.isdisjoint(a.ref.href for a in after)


def test_what_the_link_let_go_is_recognised():
    """An item that the link follows no more is known by its content, too: it does not come back."""
    (item,) = taken(b"BEGIN:VCALENDAR\r\n" + appointment(4, "A") + b"END:VCALENDAR\r\n")
    let_go = Stored(Ref(item.ref.href), item.document)
    (again,) = taken(b"BEGIN:VCALENDAR\r\n" + appointment(4, "A") + b"END:VCALENDAR\r\n", [let_go])

    assert again.ref.href == item.ref.href

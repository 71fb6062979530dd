# SPDX-License-Identifier: Apache-2.0
"""Events: what a calendar sees of them, and what comes back."""

from __future__ import annotations

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Announcement,
    CalendarUser,
    Event,
    EventKind,
    EventStatus,
    Geo,
    Invitation,
    Occurrence,
    OppositionEntry,
    Provenance,
    Visibility,
)
from territoire_sante.projections import projection_for
from territoire_sante.projections._events import FIELDS, PEOPLE

TODAY = dt.date(2027, 3, 1)
PARIS = ZoneInfo("Europe/Paris")
ALL = frozenset((*FIELDS, *PEOPLE))

words = st.text(alphabet="abcé ,;:\n", max_size=8)
labels = st.one_of(st.sampled_from([kind.label_fr for kind in EventKind]), words)
times = st.integers(0, 20_000).map(
    lambda h: dt.datetime(2027, 1, 1, tzinfo=PARIS) + dt.timedelta(hours=h)
)
visibilities = st.sampled_from(Visibility)

calendar_fields = {
    "uid": st.sampled_from(["", "1@example.org", "urn:uuid:2", "a b"]),
    "summary": words,
    "description": words,
    "location": words,
    "geo": st.none() | st.just(Geo(latitude=44.5, longitude=3.25)),
    "categories": st.lists(labels, max_size=4).map(tuple),
    "status": st.none() | st.sampled_from(EventStatus),
    "start": st.none() | times,
    "end": st.none() | times,
    "rrule": st.sampled_from(["", "FREQ=MONTHLY;BYDAY=2TU"]),
    "exdates": st.lists(times, max_size=2).map(tuple),
    "occurrences": st.lists(times.map(lambda t: Occurrence(recurrence_id=t)), max_size=2).map(
        tuple
    ),
    "organizer": st.none() | st.just(CalendarUser(address="mailto:msp@example.org")),
}

views = st.builds(Event, id=st.just("event:view"), **calendar_fields)
entities = st.builds(
    Event,
    id=st.sampled_from(["event:1", "event:2"]),
    kind=st.sampled_from(EventKind),
    visibility=visibilities,
    minutes_id=st.sampled_from(["", "document:1"]),
    **calendar_fields,
)


def events(audience, **options):
    """Return the projection under test."""
    return projection_for(Event, audience=audience, today=TODAY, **options)


@settings(max_examples=60, deadline=None)
@given(
    entity=entities, view=views, changed=st.sets(st.sampled_from(sorted(ALL))), people=st.booleans()
)
def test_what_is_absorbed_is_shown(shelf, entity, view, changed, people):
    """After absorbing, the changed fields that are carried are shown as they came."""
    projection = events(Visibility.PRIVATE, people=people)
    store = shelf(entity)
    absorbed = projection.absorb(store, view, entity.id, frozenset(changed))
    shown = projection.project_one(store.put(*absorbed.entities), absorbed.key).view
    for name in changed - absorbed.not_carried:
        assert repr(getattr(shown, name)) == repr(getattr(view, name)), name
    unchanged = ALL - changed
    before = projection.project_one(shelf(entity), entity.id).view
    assert all(getattr(shown, name) == getattr(before, name) for name in unchanged)
    assert absorbed.not_carried <= {"uid", *(() if people else PEOPLE)}


@settings(max_examples=60, deadline=None)
@given(view=views.filter(lambda view: view.uid), audience=visibilities)
def test_new_views_become_events_for_their_audience(shelf, view, audience):
    """A view with an unknown UID becomes an event that this audience sees, and no wider one."""
    projection = events(audience, provenance=Provenance(source="agenda"), people=True)
    absorbed = projection.absorb(shelf(), view, None, ALL)
    (entity,) = absorbed.entities
    assert entity.id == absorbed.key
    assert entity.visibility is audience
    assert entity.provenance == Provenance(source="agenda")
    carried = ALL - set(PEOPLE) if audience is Visibility.PUBLIC else ALL
    assert absorbed.not_carried <= ALL - carried
    shown = projection.project_one(shelf(entity), entity.id).view
    assert all(getattr(shown, name) == getattr(view, name) for name in carried)
    wider = [level for level in Visibility if level.rank < audience.rank]
    assert not [v for level in wider for v in events(level).project(shelf(entity))]


@settings(max_examples=60, deadline=None)
@given(entity=entities, people=st.booleans())
def test_absorbing_an_unchanged_view_changes_nothing(shelf, entity, people):
    """A view that comes back as it left writes nothing, whatever is said to have changed."""
    projection = events(Visibility.PRIVATE, people=people)
    store = shelf(entity)
    view = projection.project_one(store, entity.id).view
    absorbed = projection.absorb(store, view, entity.id, ALL)
    assert absorbed.entities == ()
    assert absorbed.not_carried == frozenset()


@settings(max_examples=60, deadline=None)
@given(held=st.lists(entities, max_size=2), audience=visibilities)
def test_hidden_events_are_absent(shelf, held, audience):
    """Only events that the audience may see are shown, whole and one by one alike."""
    store = shelf(*held)
    projection = events(audience)
    whole = {projected.key: projected for projected in projection.project(store)}
    for entity in store.all(Event):
        visible = entity.visibility.rank <= audience.rank
        assert (entity.id in whole) == visible
        assert projection.project_one(store, entity.id) == whole.get(entity.id)


@settings(max_examples=60, deadline=None)
@given(entity=entities)
def test_every_view_has_a_stable_uid(shelf, entity):
    """A view has a UID: the event's own, or always the same one derived from its id."""
    first, second = (
        events(level).project_one(shelf(attrs.evolve(entity, summary=text)), entity.id).view.uid
        for level, text in ((Visibility.PRIVATE, "a"), (Visibility.PRIVATE, "b"))
    )
    assert first == second
    assert first == (entity.uid or str(uuid.UUID(first)))


def test_the_rest_of_the_event_never_leaves(shelf):
    """What the cooperation knows beside the calendar is not in the view, and survives an edit."""
    entity = Event(
        id="event:1",
        summary="Soirée",
        agenda="Le projet de santé",
        minutes_id="document:1",
        invitations=(Invitation(person_id="person:1"),),
        provenance=Provenance(source="mairie"),
    )
    projection = events(Visibility.PARTNERS)
    view = projection.project_one(shelf(entity), "event:1").view
    assert (view.agenda, view.minutes_id, view.invitations, view.provenance) == ("", "", (), None)
    moved = attrs.evolve(view, location="Salle des fêtes")
    (after,) = projection.absorb(shelf(entity), moved, "event:1", frozenset({"location"})).entities
    assert after == attrs.evolve(entity, location="Salle des fêtes")


@pytest.mark.parametrize(
    ("categories", "kind", "stored"),
    [
        (("Visite de terrain", "Élus"), EventKind.FIELD_VISIT, ("Élus",)),
        (("Élus", "Visite de terrain"), EventKind.FIELD_VISIT, ("Élus", "Visite de terrain")),
        (("Formation", "Visite de terrain"), EventKind.TRAINING, ("Visite de terrain",)),
        (("Autre",), EventKind.OTHER, ("Autre",)),
        ((), EventKind.OTHER, ()),
    ],
)
def test_the_kind_follows_a_known_label(shelf, categories, kind, stored):
    """A kind's label among the categories sets the kind; in first place it is not kept twice."""
    view = Event(id="event:1", uid="1", categories=categories)
    (entity,) = events(Visibility.PARTNERS).absorb(shelf(), view, None, ALL).entities
    assert (entity.kind, entity.categories) == (kind, stored)


def test_a_kept_label_keeps_the_kind(shelf):
    """With several known labels, the kind that the event has already stays."""
    entity = Event(id="event:1", kind=EventKind.TRAINING)
    view = attrs.evolve(entity, categories=("Inauguration", "Formation"))
    (after,) = (
        events(Visibility.PARTNERS)
        .absorb(shelf(entity), view, "event:1", frozenset({"categories"}))
        .entities
    )
    assert after.kind is EventKind.TRAINING


def test_another_zone_is_another_time(shelf):
    """The same instant in another zone is taken over: the next summer time differs."""
    entity = Event(id="event:1", start=dt.datetime(2027, 1, 5, 18, tzinfo=PARIS))
    view = attrs.evolve(entity, start=dt.datetime(2027, 1, 5, 17, tzinfo=dt.UTC))
    absorbed = events(Visibility.PARTNERS).absorb(
        shelf(entity), view, "event:1", frozenset({"start"})
    )
    assert [after.start.tzinfo for after in absorbed.entities] == [dt.UTC]


def test_people_are_shown_only_if_asked(shelf):
    """Organiser and attendees stay out, and are kept, unless the link asks for them."""
    people = {
        "organizer": CalendarUser(address="mailto:msp@example.org"),
        "attendees": (CalendarUser(address="mailto:mairie@example.org"),),
    }
    entity = Event(id="event:1", **people)
    view = events(Visibility.PARTNERS).project_one(shelf(entity), "event:1").view
    assert (view.organizer, view.attendees) == (None, ())
    asked = events(Visibility.PARTNERS, people=True).project_one(shelf(entity), "event:1").view
    assert (asked.organizer, asked.attendees) == (people["organizer"], people["attendees"])
    foreign = attrs.evolve(view, attendees=(CalendarUser(address="mailto:x@example.org"),))
    absorbed = events(Visibility.PARTNERS).absorb(
        shelf(entity), foreign, "event:1", frozenset({"attendees"})
    )
    assert (absorbed.entities, absorbed.not_carried) == ((), {"attendees"})


def test_a_hidden_event_is_not_overwritten(shelf):
    """A foreign event with the UID of a hidden one is refused, and the hidden one stays."""
    hidden = Event(id="event:1", uid="1", summary="Réservé", visibility=Visibility.PRIVATE)
    view = Event(id="event:1", uid="1", summary="Autre")
    with pytest.raises(InvalidValueError, match="not shown to the audience") as caught:
        events(Visibility.PARTNERS).absorb(shelf(hidden), view, None, ALL)
    assert caught.value.where == "event:1"
    assert "Réservé" not in str(caught.value)


def test_a_view_without_uid_is_refused(shelf):
    """A new view without a UID could not be recognised again, so it is refused."""
    with pytest.raises(InvalidValueError, match="no UID"):
        events(Visibility.PARTNERS).absorb(shelf(), Event(id="event:1"), None, ALL)


def test_an_event_deleted_here_comes_back_under_its_id(shelf):
    """A key without an entity gives a new entity under that key."""
    view = Event(id="event:1", uid="1", summary="Soirée")
    absorbed = events(Visibility.TEAM).absorb(shelf(), view, "event:lost", ALL)
    assert [entity.id for entity in absorbed.entities] == ["event:lost"]


def test_removal_spares_what_others_refer_to(shelf):
    """A deleted item is deleted here too, unless another entity refers to it."""
    event = Event(id="event:1")
    removal = events(Visibility.PARTNERS).remove(shelf(event), "event:1")
    assert removal.delete == ((Event, "event:1"),)
    notice = Announcement(id="announcement:1", event_id="event:1")
    store = shelf(event, notice)
    projection = events(Visibility.PARTNERS)
    kept = projection.remove(store, "event:1")
    assert (kept.delete, kept.kept_because) == ((), "announcement:1 refers to it")
    store.put(attrs.evolve(notice, event_id=""))
    assert projection.remove(store, "event:1").delete == ((Event, "event:1"),)
    store.put(notice)
    list(projection.project(store))
    assert projection.remove(store, "event:1").delete == ()


def test_the_public_is_never_shown_people(shelf):
    """Their addresses are direct lines: a public calendar has none, also with ``people``."""
    ada = CalendarUser(address="mailto:ada@example.org", name="Ada")
    event = Event(
        id="event:1", visibility=Visibility.PUBLIC, organizer=ada, attendees=(ada,), uid="1"
    )
    (public,) = events(Visibility.PUBLIC, people=True).project(shelf(event))
    assert (public.view.organizer, public.view.attendees) == (None, ())
    (partners,) = events(Visibility.PARTNERS, people=True).project(shelf(event))
    assert (partners.view.organizer, partners.view.attendees) == (ada, (ada,))


def test_who_objected_is_in_no_event_and_stays_noted_here(shelf):
    """An address that is opposed is not shown, and an edit of the others does not remove it."""
    ada = CalendarUser(address="mailto:ada@example.org")
    bob = CalendarUser(address="MAILTO:bob@example.org")
    eve = CalendarUser(address="mailto:eve@example.org")
    event = Event(id="event:1", organizer=bob, attendees=(bob, ada), uid="1")
    projection = events(
        Visibility.TEAM, people=True, opposed=lambda _kind, value: value == "bob@example.org"
    )
    store = shelf(event)
    view = projection.project_one(store, event.id).view
    assert (view.organizer, view.attendees) == (None, (ada,))
    assert projection.affected(store, OppositionEntry, "opposition:1") is None
    edited = attrs.evolve(view, attendees=(ada, eve), organizer=eve)
    absorbed = projection.absorb(store, edited, event.id, frozenset(PEOPLE))
    (after,) = absorbed.entities
    assert (after.organizer, after.attendees) == (bob, (ada, eve, bob))
    assert absorbed.not_carried == {"organizer"}

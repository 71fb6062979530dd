# SPDX-License-Identifier: Apache-2.0
"""Announcements: which of them a channel is given, and what comes back."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import ConfigError, InvalidValueError
from territoire_sante.model import (
    Actor,
    Announcement,
    AnnouncementState,
    ContactPoint,
    ContactPointKind,
    Severity,
    Visibility,
)
from territoire_sante.projections import projection_for
from territoire_sante.projections._announcements import FIELDS

TODAY = dt.date(2027, 3, 1)
ALL = frozenset(FIELDS)
SHOWN = {AnnouncementState.APPROVED, AnnouncementState.SCHEDULED, AnnouncementState.PUBLISHED}

words = st.text(alphabet="abcé ", max_size=8)
days = st.none() | st.dates(dt.date(2027, 1, 1), dt.date(2027, 12, 31))
communes = st.lists(st.sampled_from(["48034", "48017", "48094"]), unique=True, max_size=2).map(
    tuple
)
points = st.builds(
    ContactPoint,
    kind=st.just(ContactPointKind.PHONE),
    value=st.sampled_from(["04 65 71 00 01", "04 65 71 00 02"]),
    visibility=st.sampled_from(Visibility),
)
shown_fields = {
    "uid": st.sampled_from(["", "urn:uuid:1", "2@example.org"]),
    "title": words,
    "body": words,
    "severity": st.sampled_from(Severity),
    "audience": communes,
    "publish_from": st.none() | st.just(dt.date(2027, 1, 1)),
    "publish_until": days,
}
views = st.builds(Announcement, id=st.just("announcement:view"), **shown_fields)
entities = st.builds(
    Announcement,
    id=st.just("announcement:1"),
    state=st.sampled_from(AnnouncementState),
    visibility=st.sampled_from(Visibility),
    channel_ids=st.sampled_from([(), ("channel:1",), ("channel:1", "channel:2")]),
    contact=st.none() | points,
    author_id=st.just("person:1"),
    **shown_fields,
)


def announcements(audience=Visibility.PARTNERS, **options):
    """Return the projection under test."""
    return projection_for(Announcement, audience=audience, today=TODAY, **options)


@settings(max_examples=80, deadline=None)
@given(entity=entities, audience=st.sampled_from(Visibility))
def test_only_released_public_announcements_are_shown(shelf, entity, audience):
    """An announcement is shown if it is PUBLIC and released, whoever asks; never its author."""
    projected = list(announcements(audience).project(shelf(entity)))
    released = entity.visibility is Visibility.PUBLIC and entity.state in SHOWN
    assert [one.key for one in projected] == ([entity.id] if released else [])
    for one in projected:
        assert one.view.uid
        assert one.view.author_id == ""
        assert one == announcements(audience).project_one(shelf(entity), entity.id)
        if one.view.contact is not None:
            assert entity.contact.visibility is Visibility.PUBLIC


@settings(max_examples=80, deadline=None)
@given(entity=entities, channel=st.sampled_from(["", "channel:1", "channel:2"]), places=communes)
def test_filters_keep_what_is_meant_for_a_channel(shelf, entity, channel, places):
    """With filters, an announcement needs the channel and a commune in common."""
    entity = attrs.evolve(entity, visibility=Visibility.PUBLIC, state=AnnouncementState.PUBLISHED)
    kept = list(announcements(channel=channel, communes=places).project(shelf(entity)))
    for_channel = not channel or channel in entity.channel_ids
    for_places = not places or bool(set(places) & set(entity.audience))
    assert bool(kept) == (for_channel and for_places)


@settings(max_examples=80, deadline=None)
@given(entity=entities, view=views, changed=st.sets(st.sampled_from(sorted(ALL))))
def test_what_is_absorbed_is_shown(shelf, entity, view, changed):
    """After absorbing, the changed fields that are carried are shown as they came."""
    entity = attrs.evolve(entity, visibility=Visibility.PUBLIC, state=AnnouncementState.PUBLISHED)
    changed = changed - {"publish_from", "publish_until"}
    store = shelf(entity)
    absorbed = announcements().absorb(store, view, entity.id, frozenset(changed))
    store.put(*absorbed.entities)
    shown = announcements().project_one(store, entity.id).view
    for name in changed - absorbed.not_carried:
        assert getattr(shown, name) == getattr(view, name)
    assert absorbed.not_carried <= {"uid", "contact"}
    after = store.get(Announcement, entity.id)
    assert (after.author_id, after.channel_ids, after.state) == (
        entity.author_id,
        entity.channel_ids,
        entity.state,
    )
    if entity.contact is not None and entity.contact.visibility is not Visibility.PUBLIC:
        assert after.contact == entity.contact


@settings(max_examples=40, deadline=None)
@given(entity=entities)
def test_absorbing_an_unchanged_view_changes_nothing(shelf, entity):
    """A view that comes back as it left writes nothing."""
    entity = attrs.evolve(entity, visibility=Visibility.PUBLIC, state=AnnouncementState.PUBLISHED)
    view = announcements().project_one(shelf(entity), entity.id).view
    absorbed = announcements().absorb(shelf(entity), view, entity.id, ALL)
    assert (absorbed.entities, absorbed.not_carried) == ((), frozenset())


@settings(max_examples=40, deadline=None)
@given(view=views.filter(lambda view: view.uid), places=communes)
def test_a_foreign_announcement_is_one_that_is_published(shelf, view, places):
    """What is seen on a channel becomes a published announcement of that channel."""
    projection = announcements(channel="channel:1", communes=places)
    absorbed = projection.absorb(shelf(), view, None, ALL)
    (entity,) = absorbed.entities
    assert entity.state is AnnouncementState.PUBLISHED
    assert entity.channel_ids == ("channel:1",)
    shown = projection.project_one(shelf(entity), entity.id).view
    assert all(getattr(shown, n) == getattr(view, n) for n in ALL - absorbed.not_carried)
    assert absorbed.not_carried <= {"audience"}


@pytest.mark.parametrize(
    ("since", "until", "current"),
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (dt.date(2027, 3, 2), None, False),
        (None, dt.date(2027, 2, 28), False),
    ],
)
def test_days_are_kept_for_channels_that_hold_none(shelf, since, until, current):
    """With ``current_only`` an announcement is shown within its days, the last included."""
    entity = Announcement(
        id="announcement:1",
        state=AnnouncementState.PUBLISHED,
        publish_from=since,
        publish_until=until,
    )
    assert bool(list(announcements(current_only=True).project(shelf(entity)))) is current
    assert len(list(announcements().project(shelf(entity)))) == 1


def test_opposed_contacts_are_left_out(shelf):
    """The phone of somebody who objected is neither shown nor taken back."""
    point = ContactPoint(
        kind=ContactPointKind.PHONE, value="04 65 71 00 01", visibility=Visibility.PUBLIC
    )
    entity = Announcement(id="announcement:1", state=AnnouncementState.PUBLISHED, contact=point)
    projection = announcements(opposed=lambda _kind, value: value == point.value)
    view = projection.project_one(shelf(entity), entity.id).view
    assert view.contact is None
    bare = attrs.evolve(entity, contact=None)
    absorbed = projection.absorb(
        shelf(bare), attrs.evolve(view, contact=point), entity.id, frozenset({"contact"})
    )
    assert (absorbed.entities, absorbed.not_carried) == ((), {"contact"})


def test_a_hidden_announcement_is_not_overwritten(shelf):
    """A foreign announcement with the UID of one that is not PUBLIC is refused."""
    hidden = Announcement(id="announcement:1", uid="1", visibility=Visibility.TEAM)
    with pytest.raises(InvalidValueError, match="not shown to the audience"):
        announcements().absorb(shelf(hidden), attrs.evolve(hidden, title="x"), None, ALL)


def test_an_announcement_deleted_there_is_deleted_here(shelf):
    """A deletion on the other side deletes the announcement that nothing refers to."""
    entity = Announcement(id="announcement:1", state=AnnouncementState.PUBLISHED)
    removal = announcements().remove(shelf(entity), entity.id)
    assert list(shelf(entity).apply(removal).all(Announcement)) == []


def test_only_three_classes_are_views():
    """Asking for the projection of another class names the three that there are."""
    with pytest.raises(ConfigError, match="Announcement, Contact, Event"):
        projection_for(Actor, audience=Visibility.TEAM, today=TODAY)

# SPDX-License-Identifier: Apache-2.0
"""Announcements as JSON objects: the laws of lenses, and objects that are none."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings

from territoire_sante.errors import FormatError
from territoire_sante.formats import AnnouncementJson, Document
from territoire_sante.model import (
    Announcement,
    Attachment,
    ContactPoint,
    ContactPointKind,
    Severity,
    Visibility,
)
from territoire_sante.testing import strategies

LENS = AnnouncementJson(lambda view: {"shout": view.title.upper()})
PUBLIC = ContactPoint(
    kind=ContactPointKind.PHONE,
    value="04 66 00 00 00",
    label="Accueil",
    rank=2,
    visibility=Visibility.PUBLIC,
    verified_on=dt.date(2026, 11, 1),
)
FULL = Announcement(
    id="announcement:1",
    uid="1",
    title="Été",
    severity=Severity.ALERT,
    language="",
    audience=("48095",),
    publish_from=dt.date(2026, 11, 1),
    publish_until=dt.datetime(2026, 11, 14, 18, tzinfo=ZoneInfo("Europe/Paris")),
    event_start=dt.datetime(2026, 11, 14, 9),  # noqa: DTZ001 - a time without zone, as people say it
    attachments=(Attachment(url="https://example.org/a.pdf", size=3, alt="Affiche"),),
    contact=PUBLIC,
)


def seen(view):
    """Return what the lens carries, with the zones of times."""
    held = {name: getattr(view, name) for name in LENS.fields}
    return {name: (value, str(getattr(value, "tzinfo", ""))) for name, value in held.items()}


@settings(max_examples=80)
@given(view=strategies.entities("announcement"))
def test_what_is_written_is_read(view):
    """Every field comes back, and putting back what was read changes no byte."""
    public = attrs.evolve(view, uid=view.uid or "1", contact=view.contact and PUBLIC)
    document = LENS.put(public)
    back = LENS.get(document)

    assert seen(back) == seen(public)
    assert LENS.put(back, document).data == document.data


def test_members_of_others_stay():
    """A change writes its member and what is derived; whatever is nobody's stays as it was."""
    data = json.dumps({"x": {"y": [1]}, "uid": "1", "title": "Un", "shout": "UN"}).encode()
    before = Document(data, "application/json")
    after = LENS.put(attrs.evolve(LENS.get(before), title="Deux"), before)

    assert json.loads(after.data) == {"x": {"y": [1]}, "uid": "1", "title": "Deux", "shout": "DEUX"}
    assert seen(LENS.get(LENS.put(FULL))) == seen(FULL)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("", "not JSON"),
        ("[]", "not a JSON object"),
        ("[" * 100_000, "not JSON"),
        ("{}", "without uid"),
        ('{"uid": 1}', "without uid"),
        ('{"uid": "1", "title": 2}', "title"),
        ('{"uid": "1", "severity": "red"}', "red"),
        ('{"uid": "1", "publish_from": "soon"}', "publish_from"),
        ('{"uid": "1", "publish_from": "2026-11-14T09:00"}', "time zone"),
        ('{"uid": "1", "audience": [1]}', "audience"),
        ('{"uid": "1", "audience": 1}', "not of its form"),
        ('{"uid": "1", "attachments": [{"colour": "red"}]}', "colour"),
        ('{"uid": "1", "contact": {"kind": "phone"}}', "value"),
        ('{"uid": "1", "contact": "me"}', "not of its form"),
    ],
)
def test_what_is_no_announcement_is_refused(data, told):
    """Each object of another form is refused with the member that is at fault."""
    with pytest.raises(FormatError, match=told):
        LENS.get(Document(data.encode(), "application/json"))


def test_what_cannot_be_published_is_refused():
    """A contact that is not public, and half of a pair of code units, are not written."""
    hidden = attrs.evolve(PUBLIC, visibility=Visibility.TEAM)
    for fields in ({"contact": hidden}, {"title": "\ud83d"}):
        with pytest.raises(FormatError):
            LENS.put(attrs.evolve(FULL, **fields))

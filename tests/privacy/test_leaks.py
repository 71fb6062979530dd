# SPDX-License-Identifier: Apache-2.0
"""No canary reaches an audience that may not see it: sheets, views, documents, reports, drafts."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from territoire_sante.announcements import announcement_for
from territoire_sante.cooperation import digest_for, find_levers, liaison_for, rules
from territoire_sante.errors import TerritoireSanteError
from territoire_sante.formats import panel
from territoire_sante.model import Actor, Announcement, Event, LeverOffer, Visibility
from territoire_sante.plugins import Capability, Catalog, Secret
from territoire_sante.privacy import _rewrite, disclose
from territoire_sante.privacy._levels import ENTITIES, PARTS, level_of
from territoire_sante.projections import PROJECTIONS, projection_for
from territoire_sante.serialization import to_plain

PUBLIC, PARTNERS, TEAM, PRIVATE = Visibility
OUTSIDE = [PUBLIC, PARTNERS]
COMMUNE = "48095"
TODAY = dt.date(2026, 11, 22)
NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
CATALOG = Catalog.installed()
SECRET = Secret("made-up-secret-of-a-test")
SITE = "https://example.org/"

# Every connector that writes has options here; a new one is missing until somebody adds it.
OPTIONS = {
    "caldav": {"url": SITE},
    "carddav": {"url": SITE},
    "cap": {"path": Path("alerts"), "sender": "example.org"},
    "copy": {},
    "feed": {"path": Path("feed.xml"), "title": "Annonces"},
    "ics": {"path": Path("agenda")},
    "vcf": {"path": Path("book")},
    "panel": {"path": Path("panel"), "size": "20x40", "pages": 9},
    "mastodon": {"token": SECRET, "base_url": SITE},
    "mobilizon": {"base_url": SITE, "email": "a@example.org", "password": SECRET},
    "openagenda": {"agenda": 1, "secret": SECRET, "location": 1},
    "panneaupocket": {"token": SECRET},
}
WRITING = [name for name in CATALOG.names() if Capability.WRITE in CATALOG.get(name).capabilities]
SHOWN = [
    (connector, projection)
    for connector in WRITING
    for projection, view in PROJECTIONS.items()
    if CATALOG.get(connector).view is view
]


def documents(store, connector, projection, audience):
    """Return all that a connector is given to write, and what it says where it refuses."""
    spec = CATALOG.get(connector)
    lens = spec.lens_for(spec.config(**OPTIONS[connector]))
    shows = projection_for(spec.view, name=projection, audience=audience, today=TODAY, people=True)
    said = []
    for projected in shows.project(store):
        said.append(repr(projected.view).encode())
        try:
            said.append(lens.put(projected.view, now=NOW).to_bytes())
        except TerritoireSanteError as error:
            said.append(str(error).encode())
    return b"\n".join(said)


def test_every_connector_that_writes_is_looked_at():
    """A connector that is installed and writes is among those that these tests try."""
    assert WRITING
    assert set(WRITING) == set(OPTIONS)


@pytest.mark.parametrize("audience", OUTSIDE)
@pytest.mark.parametrize(("connector", "projection"), SHOWN)
def test_no_view_and_no_document_holds_what_is_hidden(
    full, aviary, connector, projection, audience
):
    """What each projection shows through the lens of each connector is for its audience."""
    shown = documents(full, connector, projection, audience)
    assert aviary.leaks(shown, audience) == []


@pytest.mark.parametrize(("connector", "projection"), SHOWN)
def test_each_document_would_show_a_canary(full, aviary, connector, projection):
    """Canaries do reach the documents, so that the tests above can fail."""
    shown = documents(full, connector, projection, PRIVATE)
    assert aviary.seen(shown)
    if projection in ("events", "contacts", "deadlines", "bookings"):
        assert aviary.leaks(shown, PUBLIC)


def plain(disclosed):
    """Return everything of a snapshot as plain data."""
    snapshot = disclosed.snapshot
    found = [to_plain(one) for cls in snapshot.classes for one in snapshot.all(cls)]
    return json.dumps(found, ensure_ascii=False, default=str)


def reports(disclosed):
    """Return what the rules find, in every form."""
    snapshot = disclosed.snapshot
    found = list(rules.check(snapshot, today=TODAY))
    for language in ("fr", "en"):
        groups = rules.grouped(found, by="commune", name=snapshot.name_of, language=language)
        yield rules.to_markdown(groups, language=language)
        yield rules.to_html(groups, language=language)
        sarif = rules.to_sarif(found, rules.RULES, language=language, version="1")
        yield json.dumps(sarif, ensure_ascii=False)
    yield json.dumps([rules.to_plain(one) for one in found], ensure_ascii=False)


def answers(disclosed):
    """Return what the cooperation answers."""
    snapshot = disclosed.snapshot
    yield repr(find_levers(snapshot, "canari", near=COMMUNE, today=TODAY, audience=PRIVATE))
    yield repr(liaison_for(snapshot, COMMUNE, today=TODAY, audience=PRIVATE))
    for actor in snapshot.all(Actor):
        yield repr(digest_for(snapshot, actor.id, today=TODAY, audience=PRIVATE))


def drafts(disclosed):
    """Return the notices that are drafted from what is disclosed, as every channel says them."""
    snapshot = disclosed.snapshot
    for subject in (*snapshot.all(Event), *snapshot.all(LeverOffer)):
        try:
            draft = announcement_for(subject, today=TODAY)
        except TerritoireSanteError as error:
            yield str(error)
            continue
        yield from notice(draft)
    for one in snapshot.all(Announcement):
        yield from notice(one)


def notice(announcement):
    """Return a notice as every connector writes it, and as a panel reads it out."""
    yield repr(announcement)
    yield repr(panel.layout(announcement, panel.PanelProfile.sized("20x40", pages_max=9)))
    for name in WRITING:
        spec = CATALOG.get(name)
        if spec.view is Announcement:
            try:
                lens = spec.lens_for(spec.config(**OPTIONS[name]))
                yield lens.put(announcement, now=NOW).to_bytes().decode("utf-8", "replace")
            except TerritoireSanteError as error:
                yield str(error)


MADE = {
    "plain data": lambda disclosed: [plain(disclosed)],
    "reports of rules": reports,
    "answers": answers,
    "drafts": drafts,
}


@pytest.mark.parametrize("audience", OUTSIDE)
@pytest.mark.parametrize("what", MADE)
def test_nothing_made_of_what_is_disclosed_holds_what_is_hidden(full, aviary, what, audience):
    """Whatever is made of a disclosed snapshot is for its audience."""
    disclosed = disclose(full.snapshot(), audience)
    shown = "\n".join(MADE[what](disclosed))
    assert aviary.leaks(shown, audience) == []


@pytest.mark.parametrize("what", MADE)
def test_what_is_made_of_everything_would_show_a_canary(full, aviary, what):
    """The same made for oneself shows what public and partners must not see."""
    disclosed = disclose(full.snapshot(), PRIVATE)
    shown = "\n".join(MADE[what](disclosed))
    assert aviary.leaks(shown, PARTNERS)


def test_for_oneself_all_is_there(full, aviary):
    """At PRIVATE nothing is emptied: every canary is in the plain data."""
    shown = plain(disclose(full.snapshot(), PRIVATE))
    assert len(aviary.seen(shown)) == len(aviary.canaries)


def restricted():
    """Yield each field that the table keeps from somebody, and that holds a canary."""
    for cls in (*ENTITIES, *PARTS):
        row = (ENTITIES | PARTS)[cls]
        yield from ((cls, name) for name, level in row.items() if level is not PUBLIC)


@pytest.mark.parametrize(
    ("cls", "name"), [*restricted()], ids=[f"{cls.__name__}.{name}" for cls, name in restricted()]
)
def test_the_leak_test_misses_no_row_of_the_table(full, aviary, monkeypatch, cls, name):
    """Each row that is widened lets a canary out, and it is found."""
    before = [*Visibility][level_of(cls, name).rank - 1]
    real = level_of

    def widened(owner, field):
        return before if (owner, field) == (cls, name) else real(owner, field)

    monkeypatch.setattr(_rewrite, "level_of", widened)
    _rewrite._fields_of.cache_clear()
    try:
        shown = plain(disclose(full.snapshot(), before))
    finally:
        _rewrite._fields_of.cache_clear()
    found = {one.mark for one in aviary.leaks(shown, before)}
    could = {
        one.mark
        for one in aviary.hidden_from(before)
        if one.level_without((cls, name)).may_be_seen_by(before)
    }
    # Not every sheet is there: some need another one that is hidden.
    assert found <= could
    assert bool(found) == bool(could)


def test_most_rows_are_told_by_a_canary(aviary):
    """What holds a text or an amount holds a canary: only days, flags and references are left."""
    told = {
        step
        for one in aviary.canaries
        for step in restricted()
        if one.level_without(step).rank < one.level.rank
    }
    assert len(told) > 30
    assert (Actor, "description") not in told

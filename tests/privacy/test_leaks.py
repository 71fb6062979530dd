# SPDX-License-Identifier: Apache-2.0
"""No canary reaches an audience that may not see it: sheets, views, documents, reports, drafts."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import attrs
import pytest

from territoire_sante.announcements import announcement_for
from territoire_sante.cooperation import digest_for, find_levers, liaison_for, rules
from territoire_sante.errors import TerritoireSanteError
from territoire_sante.exports import EXPORTERS
from territoire_sante.formats import panel
from territoire_sante.model import (
    Actor,
    ActorKind,
    Announcement,
    AnnouncementState,
    Appointment,
    CalendarUser,
    ContactPoint,
    ContactPointKind,
    Event,
    Lever,
    LeverOffer,
    LeverRequest,
    LeverType,
    LiaisonAssignment,
    LiaisonKind,
    Mobilisation,
    OfferState,
    OppositionEntry,
    OppositionKind,
    OppositionList,
    Person,
    PersonName,
    Practice,
    PracticeState,
    Role,
    Visibility,
)
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
    if CATALOG.get(connector).view.__name__.lower() == view
]


def documents(store, connector, projection, audience, **options):
    """Return all that a connector is given to write, and what it says where it refuses."""
    spec = CATALOG.get(connector)
    lens = spec.lens_for(spec.config(**OPTIONS[connector]))
    shows = projection_for(
        spec.view, name=projection, audience=audience, today=TODAY, people=True, **options
    )
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
    assert {connector for connector, _ in SHOWN} == set(WRITING)
    assert {projection for _, projection in SHOWN} == set(PROJECTIONS)


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


@pytest.mark.parametrize("audience", OUTSIDE)
def test_answers_in_words_name_what_their_audience_sees(full, aviary, audience):
    """Asked of everything for an audience, the sentences hold nothing that is hidden from it."""
    snapshot = full.snapshot()
    asked = {"today": TODAY, "audience": audience}
    said = list(liaison_for(snapshot, COMMUNE, **asked).lines())
    for match in find_levers(snapshot, "canari", near=COMMUNE, **asked):
        said += match.lines()
    for team in snapshot.all(Actor):
        if team.visibility.may_be_seen_by(audience):
            said += digest_for(snapshot, team.id, **asked).lines()
    assert aviary.seen("\n".join(said))
    assert aviary.leaks("\n".join(said), audience) == []


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
    laid = panel.layout(announcement, panel.PanelProfile.sized("20x40", pages_max=9))
    yield repr(laid)
    # What a picture says of itself; its signs are those of the page.
    yield from (panel.picture(page).decode("latin-1") for page in laid.pages[:1])
    for name in WRITING:
        spec = CATALOG.get(name)
        if spec.view is Announcement:
            try:
                lens = spec.lens_for(spec.config(**OPTIONS[name]))
                yield lens.put(announcement, now=NOW).to_bytes().decode("utf-8", "replace")
            except TerritoireSanteError as error:
                yield str(error)


def export(name):
    """Return a function that exports what is disclosed in both languages."""

    def made(disclosed):
        for language in ("fr", "en"):
            out = io.BytesIO()
            done = EXPORTERS[name].write(disclosed, out, today=TODAY, lang=language)
            packed = out.getvalue()
            yield packed.decode("utf-8", "replace")
            yield repr(done.lines(language))
            if zipfile.is_zipfile(out):
                with zipfile.ZipFile(out) as archive:
                    yield from (
                        archive.read(one).decode("utf-8", "replace") for one in archive.namelist()
                    )

    return made


MADE = {
    **{f"export {name}": export(name) for name in EXPORTERS},
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
    steps = {*restricted()}
    told = {
        step
        for one in aviary.canaries
        for step, _ in one.path
        if step in steps and one.level_without(step).rank < one.level.rank
    }
    assert len(told) > 30
    assert (Actor, "description") not in told


KEY = b"a key of more than sixteen bytes"
NAMES = ("canaridupont", "canaridurand")
MAIL = "canari.dupont@example.org"
PHONE = "04 65 71 12 34"


def opposed_people():
    """Return persons who objected, in every place that can name them: by a flag, by the list."""
    reach = (
        ContactPoint(kind=ContactPointKind.EMAIL, value=MAIL, visibility=PUBLIC),
        ContactPoint(kind=ContactPointKind.PHONE, value=PHONE, visibility=PUBLIC),
    )
    seen = {"visibility": PUBLIC}
    yield Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP", coverage=(COMMUNE,), **seen)
    for number, name in enumerate(NAMES):
        person = Person(
            id=f"person:{number}",
            name=PersonName(given="Ada", family=name),
            contact_points=reach if number else (),
            opposed=not number,
            **seen,
        )
        post = Appointment(
            id=f"appointment:{number}",
            person_id=person.id,
            actor_id="actor:msp",
            role=Role.MSP_COORDINATOR,
            contact_points=reach if number else (),
            **seen,
        )
        yield from (person, post)
        yield LiaisonAssignment(
            id=f"liaison:{number}",
            kind=LiaisonKind.MSP_COORDINATOR,
            appointment_id=post.id,
            serves_ids=("actor:msp",),
            purpose="Relier",
            how_to_reach=f"Appeler Ada {name}",
            **seen,
        )
    yield Lever(
        id="lever:1",
        type=LeverType.TENT,
        title="Barnum",
        holder_id="actor:msp",
        coverage=(COMMUNE,),
        **seen,
    )
    yield LeverOffer(
        id="lever_offer:1",
        lever_id="lever:1",
        contact=reach[0],
        contact_id="appointment:1",
        state=OfferState.PUBLISHED,
        **seen,
    )
    yield LeverRequest(
        id="lever_request:1", requester_id="actor:msp", offer_id="lever_offer:1", **seen
    )
    soon = TODAY + dt.timedelta(days=3)
    yield Mobilisation(
        id="mobilisation:1", lever_id="lever:1", request_id="lever_request:1", start=soon, **seen
    )
    yield Event(
        id="event:1",
        summary="Rencontre",
        start=soon,
        organizer=CalendarUser(address=f"mailto:{MAIL.upper()}"),
        attendees=(CalendarUser(address=f"mailto:{MAIL}", name=f"Ada {NAMES[1]}"),),
        organiser_ids=("person:0", "person:1"),
        **seen,
    )
    yield Announcement(
        id="announcement:1",
        title="Forum",
        body="Entrée libre",
        contact=reach[0],
        state=AnnouncementState.PUBLISHED,
        audience=(COMMUNE,),
        publish_from=TODAY,
        publish_until=soon,
    )


def words_of_opposed():
    """Return sheets that name them in free words, which only what is disclosed is cleaned of."""
    yield Event(
        id="event:2",
        visibility=PUBLIC,
        summary=f"Dîner avec Ada {NAMES[0]}",
        description=f"Écrire à {MAIL} ou appeler le +33 4 65 71 12 34, Ada\n{NAMES[1].upper()}",
        start=TODAY + dt.timedelta(days=3),
    )
    yield Practice(
        id="practice:1",
        visibility=PUBLIC,
        title=f"Selon {NAMES[1]} Ada",
        state=PracticeState.PUBLISHED,
    )


def told_of(shown):
    """Return which of the names and addresses stand in what is shown."""
    raw = shown if isinstance(shown, bytes) else shown.encode()
    flat = raw.replace(b"\r\n ", b"").decode("utf-8", "replace").casefold()
    digits = "".join(filter(str.isdigit, flat))
    found = {word for word in (*NAMES, MAIL) if word in flat}
    return found | {PHONE for _ in [1] if "465711234" in digits}


def opposition_list():
    """Return the list with their e-mail and number."""
    return OppositionList.of(
        [
            OppositionEntry.of(MAIL, OppositionKind.EMAIL, key=KEY, since=TODAY),
            OppositionEntry.of(PHONE, OppositionKind.PHONE, key=KEY, since=TODAY),
        ],
        key=KEY,
    )


@pytest.mark.parametrize("audience", Visibility)
@pytest.mark.parametrize(("connector", "projection"), SHOWN)
def test_no_view_tells_of_who_objected(store, connector, projection, audience):
    """Neither names nor addresses are in any view or document, for whomever it is."""
    store.put(*opposed_people())
    listed = opposition_list()

    def opposed(kind, value):
        return listed.opposes(ContactPoint(kind=kind, value=value))

    shown = documents(store, connector, projection, audience, opposed=opposed)
    assert told_of(shown) == set()


@pytest.mark.parametrize("audience", Visibility)
@pytest.mark.parametrize("what", MADE)
def test_nothing_disclosed_tells_of_who_objected(store, what, audience):
    """Not even where a free text names them."""
    store.put(*opposed_people(), *words_of_opposed())
    disclosed = disclose(store.snapshot(), audience, opposition=opposition_list())
    assert told_of("\n".join(MADE[what](disclosed))) == set()


def test_who_did_not_object_is_told_of(store):
    """The same persons show in views and exports as long as they have nothing against it."""
    willing = [
        attrs.evolve(one, opposed=False) if isinstance(one, Person) else one
        for one in opposed_people()
    ]
    store.put(*willing, *words_of_opposed())
    disclosed = disclose(store.snapshot(), PUBLIC)
    everybody = {*NAMES, MAIL, PHONE}
    assert told_of(plain(disclosed)) == everybody
    assert told_of(documents(store, "carddav", "contacts", PUBLIC)) == everybody
    assert told_of(documents(store, "caldav", "events", PARTNERS)) >= {MAIL}
    assert told_of(documents(store, "caldav", "bookings", PARTNERS)) >= {MAIL}
    assert told_of(documents(store, "feed", "announcements", PUBLIC)) == {MAIL}

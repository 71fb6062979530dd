# SPDX-License-Identifier: Apache-2.0
"""What an audience sees of a snapshot."""

from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Actor,
    ActorKind,
    Announcement,
    AnnouncementState,
    Appointment,
    CalendarUser,
    ContactPoint,
    ContactPointKind,
    Convention,
    ConventionKind,
    Event,
    Identifier,
    Invitation,
    Lever,
    LeverOffer,
    LeverType,
    LiaisonAssignment,
    LiaisonKind,
    OppositionEntry,
    OppositionKind,
    OppositionList,
    Person,
    PersonName,
    Role,
    Signature,
    SignatureMethod,
    Tension,
    TensionKind,
    Territory,
    TerritoryKind,
    Visibility,
)
from territoire_sante.privacy import disclose

KEY = b"sixteen bytes or more"
PUBLIC, PARTNERS, TEAM, PRIVATE = Visibility
EMAIL = ContactPoint(kind=ContactPointKind.EMAIL, value="ada.lune@example.org", visibility=PUBLIC)
ADA = Person(
    id="person:ada",
    visibility=PUBLIC,
    name=PersonName(given="Ada", family="Lune"),
    contact_points=(EMAIL,),
)
MSP = Actor(id="actor:msp", visibility=PUBLIC, kind=ActorKind.MSP, name="MSP des Rives")


def post(**more):
    """Return Ada's post at the MSP."""
    values = {"person_id": ADA.id, "actor_id": MSP.id, "role": Role.MANAGER, "visibility": PUBLIC}
    return Appointment(id="appointment:ada", **(values | more))


def opposition(*values):
    """Return a list with these e-mails."""
    day = dt.date(2026, 1, 1)
    return OppositionList.of(
        [OppositionEntry.of(one, OppositionKind.EMAIL, key=KEY, since=day) for one in values],
        key=KEY,
    )


def shown(store, audience, **options):
    """Return what an audience sees of a store, by id."""
    snapshot = disclose(store.snapshot(), audience, **options).snapshot
    return {one.id: one for cls in snapshot.classes for one in snapshot.all(cls)}


@pytest.mark.parametrize("audience", Visibility)
@pytest.mark.parametrize("visibility", Visibility)
def test_a_sheet_is_seen_by_whom_it_is_for(store, audience, visibility):
    """A sheet is there exactly if its visibility allows."""
    store.put(Actor(id="actor:1", kind=ActorKind.MSP, name="MSP", visibility=visibility))
    assert ("actor:1" in shown(store, audience)) == visibility.may_be_seen_by(audience)


def test_a_narrower_field_is_empty_and_the_rest_is_as_it_was(store):
    """Public sees the name of a person, not their RPPS, their notice or their mobile."""
    mobile = ContactPoint(kind=ContactPointKind.MOBILE, value="06 39 98 00 01")
    ada = Person(
        id="person:1",
        visibility=PUBLIC,
        name=ADA.name,
        identifiers=(Identifier(scheme="rpps", value="10000000000"),),
        contact_points=(mobile, EMAIL),
        notice_sent_on=dt.date(2026, 1, 1),
    )
    store.put(ada)
    seen = shown(store, PUBLIC)["person:1"]
    assert (seen.name, seen.contact_points) == (ada.name, (EMAIL,))
    assert (seen.identifiers, seen.notice_sent_on) == ((), None)
    assert shown(store, TEAM)["person:1"].identifiers == ada.identifiers
    assert shown(store, PRIVATE)["person:1"] == ada


def test_a_field_that_must_hold_something_says_its_kind(store):
    """The title of a tension is a free text; partners read which kind it is."""
    tension = Tension(id="tension:1", kind=TensionKind.CLOSURE, title="Ada s'en va")
    store.put(tension)
    assert shown(store, PARTNERS)["tension:1"].title == TensionKind.CLOSURE.label_fr
    assert shown(store, TEAM)["tension:1"] == tension


def test_nothing_names_what_is_left_out(store):
    """References to a hidden sheet are gone; what needs one goes with it."""
    store.put(
        MSP,
        Lever(id="lever:1", visibility=TEAM, type=LeverType.TENT, title="Barnum"),
        LeverOffer(id="lever_offer:1", visibility=PUBLIC, lever_id="lever:1"),
        Person(id="person:1", visibility=TEAM, name=ADA.name),
        post(person_id="person:1"),
        Event(
            id="event:1",
            visibility=PUBLIC,
            organiser_ids=("actor:msp", "person:1"),
            tension_id="tension:none",
        ),
    )
    seen = shown(store, PARTNERS)
    assert seen.keys() == {"actor:msp", "appointment:ada", "event:1"}
    assert seen["appointment:ada"].person_id == ""
    assert seen["event:1"].organiser_ids == ("actor:msp",)


def test_a_draft_is_the_work_of_the_team(store):
    """An announcement that nobody approved is not public, whatever its visibility."""
    draft = Announcement(id="announcement:1", title="À relire")
    store.put(draft)
    assert shown(store, PARTNERS) == {}
    assert shown(store, TEAM) == {draft.id: draft}
    store.put(Announcement(id="announcement:1", state=AnnouncementState.PUBLISHED))
    assert shown(store, PUBLIC).keys() == {draft.id}


def everything_of_ada():
    """Return sheets that name Ada in every way."""
    return (
        MSP,
        ADA,
        post(),
        LiaisonAssignment(
            id="liaison:1",
            visibility=PUBLIC,
            kind=LiaisonKind.OTHER,
            appointment_id="appointment:ada",
            actor_id=MSP.id,
        ),
        Event(
            id="event:1",
            visibility=PUBLIC,
            summary="Rencontre avec Ada  LUNE, ada.lune@example.org",
            organizer=CalendarUser(address="mailto:ada.lune@example.org"),
            attendees=(CalendarUser(address="mailto:x@example.org", name="Ada Lune"),),
            invitations=(Invitation(person_id=ADA.id), Invitation(actor_id=MSP.id)),
        ),
        Announcement(
            id="announcement:1", contact=EMAIL, state=AnnouncementState.PUBLISHED, title="Forum"
        ),
        Convention(
            id="convention:1",
            visibility=PUBLIC,
            kind=ConventionKind.CHARTER,
            title="Charte",
            signatures=(
                Signature(
                    party_id=MSP.id,
                    signed_on=dt.date(2026, 1, 1),
                    signed_by_id=ADA.id,
                    function="Gérante",
                    method=SignatureMethod.HANDWRITTEN,
                ),
            ),
        ),
    )


def texts(value):
    """Return every text in a value, however deep."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for member in value for text in texts(member)]
    fields = getattr(value, "__attrs_attrs__", ())
    return [text for field in fields for text in texts(getattr(value, field.name))]


def traces(seen):
    """Return the texts that tell of Ada."""
    found = [text for entity in seen.values() for text in texts(entity)]
    return [text for text in found if "lune" in text.casefold() or "ada" in text.casefold()]


@pytest.mark.parametrize("audience", Visibility)
def test_who_objected_is_nowhere_for_nobody(store, audience):
    """Person, post, liaison role, organiser, signatory, contact: no audience sees them."""
    store.put(*everything_of_ada())
    assert traces(shown(store, PRIVATE))
    store.put(store.get(Person, ADA.id).oppose())
    assert "Ada" not in repr(shown(store, audience, opposition=opposition(EMAIL.value)))
    assert traces(shown(store, audience, opposition=opposition(EMAIL.value))) == []


@pytest.mark.parametrize("audience", Visibility)
def test_who_is_only_known_by_the_list_is_nowhere_either(store, audience):
    """Somebody who came back with a register is recognised by one address on the list."""
    store.put(*everything_of_ada())
    assert traces(shown(store, audience, opposition=opposition("Ada.Lune@example.org"))) == []
    assert traces(shown(store, PUBLIC, opposition=opposition("other@example.org")))


def test_a_signature_stays_without_the_name(store):
    """A convention keeps its parties, dates and functions when a signatory objected."""
    store.put(*everything_of_ada())
    seen = shown(store, PARTNERS, opposition=opposition(EMAIL.value))["convention:1"]
    assert [(one.function, one.signed_by_id) for one in seen.signatures] == [("Gérante", "")]


def test_the_switchboard_of_an_organisation_is_not_an_address_of_who_objected(store):
    """A post that is reached at the organisation's number does not silence the organisation."""
    number = ContactPoint(kind=ContactPointKind.PHONE, value="04 66 00 00 00", visibility=PUBLIC)
    msp = Actor(
        id=MSP.id, visibility=PUBLIC, kind=MSP.kind, name=MSP.name, contact_points=(number,)
    )
    store.put(msp, ADA.oppose(), post(contact_points=(number,)))
    assert shown(store, PUBLIC) == {msp.id: msp}


def test_the_opposition_list_is_for_nobody_else(store):
    """However wide an entry was made, only PRIVATE sees it."""
    entry = OppositionEntry(
        id="opposition:1", visibility=PUBLIC, hash="0" * 64, kind=OppositionKind.EMAIL
    )
    store.put(entry)
    assert shown(store, TEAM) == {}
    assert shown(store, PRIVATE) == {entry.id: entry}


def test_an_unchanged_sheet_is_the_same_object(store):
    """Nothing is copied that does not change, so that a country costs little."""
    store.put(Territory(id="commune:48095", kind=TerritoryKind.COMMUNE, name="Mende"))
    snapshot = store.snapshot()
    (before,) = snapshot.all(Territory)
    (after,) = disclose(snapshot, PUBLIC).snapshot.all(Territory)
    assert after is before


def test_it_cannot_be_refreshed_from_the_store(store):
    """The store holds what is hidden: what is shown is chosen anew each time."""
    disclosed = disclose(store.snapshot(), PUBLIC)
    store.put(Person(id="person:1", visibility=PRIVATE, name=ADA.name))
    with pytest.raises(InvalidValueError, match="not read from a store"):
        disclosed.snapshot.refresh(store)

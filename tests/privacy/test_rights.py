# SPDX-License-Identifier: Apache-2.0
"""The rights of persons: to object, to be erased, to read what is held."""

from __future__ import annotations

import datetime as dt
import functools
import json

import pytest

from territoire_sante import sync
from territoire_sante.errors import EntityNotFoundError
from territoire_sante.formats import vcard
from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    CalendarUser,
    ContactPoint,
    ContactPointKind,
    Convention,
    ConventionKind,
    Distinction,
    Entity,
    Event,
    Invitation,
    LiaisonAssignment,
    LiaisonKind,
    Merge,
    OppositionEntry,
    OppositionKind,
    OppositionList,
    Party,
    PartyRole,
    PeerExchange,
    Period,
    Person,
    PersonName,
    ProcessingBasis,
    Provenance,
    Role,
    Signature,
    Visibility,
)
from territoire_sante.plugins import Catalog
from territoire_sante.privacy import disclose, erase, oppose, subject_access
from territoire_sante.store import Store
from territoire_sante.testing import MemoryServer, memory_connector

KEY = b"a key of more than sixteen bytes"
TODAY = dt.date(2026, 11, 22)
NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
EMAIL = ContactPoint(kind=ContactPointKind.EMAIL, value="canari.lune@example.org")
MOBILE = ContactPoint(kind=ContactPointKind.MOBILE, value="06 39 98 12 34")
SWITCHBOARD = ContactPoint(kind=ContactPointKind.PHONE, value="04 66 00 00 00")
MSP = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP des Rives", contact_points=(SWITCHBOARD,))
ADA = Person(
    id="person:ada",
    name=PersonName(given="Canari", family="Lune"),
    contact_points=(EMAIL, MOBILE),
    provenance=Provenance(
        source="RNE", retrieved_on=TODAY, basis=ProcessingBasis.LEGITIMATE_INTEREST
    ),
)
POST = Appointment(
    id="appointment:ada",
    person_id=ADA.id,
    actor_id=MSP.id,
    role=Role.MANAGER,
    contact_points=(SWITCHBOARD, EMAIL),
)
CONVENTION = Convention(
    id="convention:1",
    kind=ConventionKind.CHARTER,
    title="Charte",
    parties=(
        Party(actor_id=MSP.id, role=PartyRole.MSP, representative_id=ADA.id, capacity="cogérante"),
    ),
    signatures=(Signature(party_id=MSP.id, signed_on=TODAY, signed_by_id=ADA.id),),
)
EVENT = Event(
    id="event:1",
    summary="Rencontre avec Lune  CANARI",
    description="Écrire à canari.lune@example.org",
    attendees=(CalendarUser(address="mailto:Canari.Lune@example.org"),),
    invitations=(Invitation(person_id=ADA.id, role="Gérante"), Invitation(actor_id=MSP.id)),
    organiser_ids=(ADA.id,),
)
LIAISON = LiaisonAssignment(
    id="liaison:1",
    kind=LiaisonKind.OTHER,
    appointment_id=POST.id,
    how_to_reach="Appeler Canari Lune au 06 39 98 12 34",
)
MUST = PeerExchange(id="peer_exchange:1", host_id=ADA.id, guest_id=MSP.id)
ALL = (MSP, ADA, POST, CONVENTION, EVENT, LIAISON, MUST)


def said(path):
    """Return every byte of a database and of what lies beside it."""
    return b"".join(one.read_bytes() for one in path.parent.iterdir()).decode("latin-1").casefold()


@pytest.fixture
def path(tmp_path):
    """Return where the store lies."""
    return tmp_path / "territoire.db"


@pytest.fixture
def known(path):
    """Give a store that knows her, with a history."""
    with Store.open(f"sqlite:///{path}") as opened:
        opened.put(*ALL)
        opened.put(Event(id="event:gone", summary="Dîner de Canari Lune"))
        opened.delete(Event, "event:gone")
        opened.put(Actor(id=MSP.id, kind=MSP.kind, name="MSP", description="Voir Canari Lune"))
        opened.put(MSP)
        yield opened


def test_erasing_leaves_no_byte_of_her(known, path):
    """Neither entities nor versions, search or free pages of the file hold name or address."""
    assert "canari" in said(path)
    erase(known, ADA.id, today=TODAY, key=KEY)
    known.close()
    left = said(path)
    assert "canari" not in left
    assert "39 98 12 34" not in left


def test_erasing_leaves_the_rest_consistent(known):
    """The convention keeps who signed for what, posts stay, what must name somebody does."""
    report = erase(known, ADA.id, today=TODAY)
    (signature,) = known.get(Convention, "convention:1").signatures
    assert (signature.signed_by_id, signature.function) == ("", "cogérante")
    assert signature.signed_on == TODAY
    post = known.get(Appointment, POST.id)
    assert (post.person_id, post.role, post.actor_id) == ("", Role.MANAGER, MSP.id)
    assert post.contact_points == ()
    event = known.get(Event, "event:1")
    assert event.summary == "Rencontre avec […]"
    assert event.attendees == ()
    assert event.invitations == (Invitation(actor_id=MSP.id),)
    assert event.organiser_ids == ()
    nobody = known.get(Person, known.get(PeerExchange, MUST.id).host_id)
    assert nobody.display_name == "Personne effacée"
    assert known.get(Actor, MSP.id) == MSP
    assert {"convention:1", "event:1", "event:gone", "actor:msp"} <= set(report.changed)
    assert known.search("canari") == []
    ids = {one.id for cls in known.snapshot().classes for one in known.all(cls)}
    assert [one for one in known.referring(Entity, ADA.id) if one.id != ADA.id] == []
    assert nobody.id in ids


def test_the_report_says_what_stays_and_why_in_both_languages(known):
    """Signature, post and the nameless id are told with their ground, and nobody is named."""
    report = erase(known, ADA.id, today=TODAY, key=KEY)
    *_, barred = [one.id for one in report.kept]
    assert [one.id for one in report.kept] == ["convention:1", POST.id, ADA.id, barred]
    assert barred == f"person:{ADA.card_uid}"
    assert all(one.why.fr and one.why.en for one in report.kept)
    assert "anari" not in repr(report)
    assert "une" not in repr([one.id for one in report.kept])


def test_erasing_takes_what_she_was_before_with_her(known, path):
    """Names and addresses of earlier versions, and of duplicates that went into her, go too."""
    maiden = Person(id=ADA.id, name=PersonName(given="Canari", family="Soleil"))
    twin = Person(id="person:twin", name=PersonName(given="C.", family="Canarilune"))
    known.put(maiden, twin, Event(id="event:old", summary="Exposé de Canari Soleil"))
    known.put(ADA)
    known.delete(Person, twin.id)
    known.put(Merge(id="merge:1", kept_id=ADA.id, dropped_id=twin.id))
    told = subject_access(known, ADA.id, today=TODAY).data["earlier_versions"]
    assert {one["entity"]["id"] for one in told} == {ADA.id, twin.id}
    report = erase(known, ADA.id, today=TODAY)
    assert known.get(Event, "event:old").summary == "Exposé de […]"
    assert {"event:old", twin.id} <= set(report.changed)
    assert known.get(Merge, "merge:1").kept_id == ADA.id
    known.close()
    assert "canari" not in said(path)


def test_erasing_twice_changes_nothing(known):
    """The second time nobody is known any more."""
    assert erase(known, ADA.id, today=TODAY, key=KEY).known
    before = known.last_revision()
    assert not erase(known, ADA.id, today=TODAY, key=KEY).known
    assert not erase(known, "person:nobody", today=TODAY).known
    assert known.last_revision() == before


def test_who_was_erased_does_not_come_back(known):
    """The nameless id is opposed, and her addresses are recognised under another id."""
    erase(known, ADA.id, today=TODAY, key=KEY)
    barred = known.get(Person, ADA.id)
    assert barred.opposed
    assert barred.display_name == ""
    known.put(Person(id="person:again", name=ADA.name, contact_points=(EMAIL,)))
    entries = OppositionList.of(known.all(OppositionEntry), key=KEY)
    shown = disclose(known.snapshot(), Visibility.PRIVATE, opposition=entries).snapshot
    assert shown.find(Person, "person:again") is None
    assert not entries.opposes(SWITCHBOARD)


def test_without_keeping_out_nothing_is_left(known):
    """If she wants so, even the id is gone."""
    known.put(Merge(id="merge:1", kept_id=ADA.id, dropped_id="person:twin"))
    known.put(Distinction(id="distinction:1", first_id=ADA.id, second_id="person:other"))
    erase(known, ADA.id, today=TODAY, keep_out=False)
    assert known.find(Person, ADA.id) is None
    assert [*known.all(Merge), *known.all(Distinction)] == []


def test_a_name_that_somebody_else_has_stays_in_texts(known):
    """What is said of whom cannot be told then: it is listed for a person to look at."""
    known.put(Person(id="person:other", name=ADA.name))
    report = erase(known, ADA.id, today=TODAY)
    assert known.get(Person, "person:other").name == ADA.name
    event = known.get(Event, "event:1")
    assert event.summary == EVENT.summary
    assert event.description == "Écrire à […]"
    assert "event:1" in report.to_check


@pytest.mark.parametrize("way", ["erase", "oppose"])
def test_links_take_her_down_and_keep_no_copy(known, path, way):
    """After the next run her card is gone there, and no copy of it is kept here."""
    server = MemoryServer()
    catalog = Catalog(())
    catalog.register(memory_connector(server, lens=vcard.CONTACT))
    link = sync.Link(name="book", connector="memory", view="contact", audience=Visibility.TEAM)

    def run():
        plan = sync.plan(known, link, catalog=catalog, now=NOW, opposition_key=KEY)
        sync.apply(
            known, plan, catalog=catalog, now=NOW, opposition_key=KEY, confirm=plan.fingerprint
        )

    run()
    traces = sync.sent(known, [ADA.id])
    assert [(one["link"], one["id"]) for one in traces] == [("book", ADA.id)]
    if way == "erase":
        erase(known, ADA.id, today=TODAY, key=KEY)
    else:
        oppose(known, ADA.id, today=TODAY, key=KEY)
    run()
    assert sync.conflicts.deleted(known) == ()
    assert sync.sent(known, [ADA.id]) == ()
    known.close()
    assert ("canari.lune" in said(path)) == (way == "oppose")


def test_objecting_empties_addresses_and_hashes_them(known):
    """The person stays known as opposed; the list holds her own addresses, by hash only."""
    done = oppose(known, ADA.id, today=TODAY, key=KEY)
    person = known.get(Person, ADA.id)
    assert (person.opposed, person.contact_points) == (True, ())
    assert known.get(Appointment, POST.id).contact_points == (SWITCHBOARD,)
    entries = OppositionList.of(known.all(OppositionEntry), key=KEY)
    assert entries.opposes(EMAIL)
    assert entries.opposes(MOBILE)
    assert not entries.opposes(SWITCHBOARD)
    assert done.recorded
    assert {one.kind for one in done.entries} == {*OppositionKind}
    assert [version.entity for version in known.history(Person, ADA.id)][:-1] == [None, None]
    oppose(known, ADA.id, today=TODAY + dt.timedelta(days=9), key=KEY)
    assert {one.since for one in known.all(OppositionEntry)} == {TODAY}


def test_objecting_without_a_key_says_that_nothing_was_hashed(known):
    """Without the key of the list she is marked, and the report says what is missing."""
    done = oppose(known, ADA.id, today=TODAY)
    assert (done.recorded, done.entries) == (False, ())
    assert known.get(Person, ADA.id).opposed
    assert list(known.all(OppositionEntry)) == []


def test_access_tells_everything(known, tmp_path):
    """Sheet, posts, liaison, what names her and where, source, basis, versions, recipients."""
    known.put(
        Appointment(
            id="appointment:old",
            person_id=ADA.id,
            actor_id=MSP.id,
            role=Role.MAYOR,
            period=Period(start=dt.date(2020, 1, 1), end=dt.date(2026, 3, 1)),
        )
    )
    access = subject_access(known, ADA.id, today=TODAY, sent=functools.partial(sync.sent, known))
    data = access.data
    assert data["person"]["contact_points"][0]["value"] == EMAIL.value
    assert {one["id"] for one in data["posts"]} == {POST.id, "appointment:old"}
    assert [one["id"] for one in data["liaison_roles"]] == [LIAISON.id]
    fields = {one["id"]: set(one["fields"]) for one in data["named_in"]}
    assert fields["event:1"] == {
        "summary",
        "description",
        "attendees",
        "invitations",
        "organiser_ids",
    }
    assert fields["convention:1"] == {"parties", "signatures"}
    assert fields[MUST.id] == {"host_id"}
    assert data["sources"][0]["basis"] == "legitimate_interest"
    assert [one["until"] for one in data["kept_until"]] == ["2027-03-01"]
    assert (data["sent_to"], data["opposed"]) == ([], False)
    assert json.loads(access.to_json()) == data
    assert "anari" not in repr(access)
    written = access.write(tmp_path / "demande")
    assert [one.name for one in written] == ["donnees.json", "donnees.fr.md", "donnees.en.md"]


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", ("Vos données personnelles", "CNIL")), ("en", ("Your personal data", "CNIL"))],
)
def test_access_can_be_read(known, language, words):
    """The text names her addresses and her rights, and what others wrote is no markup."""
    known.put(Person(id=ADA.id, name=PersonName(given="Canari", family="[Lune](https://x)")))
    text = subject_access(known, ADA.id, today=TODAY).to_markdown(language)
    assert words[0] in text
    assert "\\[Lune\\](" in text
    assert MOBILE.value in text


def test_access_asks_for_the_links_of_a_store_in_memory(store):
    """What tells where things were sent reads the same store, one after the other."""
    store.put(*ALL)
    sent = functools.partial(sync.sent, store)
    assert subject_access(store, ADA.id, today=TODAY, sent=sent).data["sent_to"] == []


def test_access_to_nobody_is_an_error(store):
    """An unknown id is told as such."""
    with pytest.raises(EntityNotFoundError):
        subject_access(store, "person:nobody", today=TODAY)
    with pytest.raises(EntityNotFoundError):
        oppose(store, "person:nobody", today=TODAY)

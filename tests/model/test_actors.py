# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    Competence,
    ContactPoint,
    ContactPointKind,
    Duration,
    Identifier,
    Label,
    LiaisonAssignment,
    LiaisonKind,
    Period,
    Person,
    PersonName,
    Provenance,
    Role,
    Territory,
    TerritoryKind,
    Tri,
    VerificationStatus,
    Visibility,
    organisation_point,
)

MSP = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP de la Colagne")
POST = Appointment(
    id="appointment:1",
    person_id="person:1",
    actor_id="mairie:48095",
    role=Role.MAYOR,
    period=Period(start=dt.date(2020, 5, 25), end=dt.date(2026, 3, 22)),
)


@pytest.mark.parametrize(
    ("kind", "value", "organisation", "person"),
    [
        (ContactPointKind.PHONE, "04 66 00 00 00", Visibility.PUBLIC, Visibility.PARTNERS),
        (ContactPointKind.EMAIL, "msp@example.org", Visibility.PUBLIC, Visibility.PARTNERS),
        (ContactPointKind.URL, "https://example.org", Visibility.PUBLIC, Visibility.PARTNERS),
        (ContactPointKind.MOBILE, "06 00 00 00 00", Visibility.PRIVATE, Visibility.PRIVATE),
    ],
)
def test_default_visibility_of_contact_points(kind, value, organisation, person):
    """An organisation's line is public, a person's for partners, a mobile always private."""
    assert organisation_point(kind, value).visibility is organisation
    assert ContactPoint(kind=kind, value=value).visibility is person
    added = MSP.with_contact_point(kind, value, label="accueil")
    assert added.contact_points[0].visibility is organisation
    assert MSP.contact_points == ()


@pytest.mark.parametrize(
    ("day", "status"),
    [
        (dt.date(2026, 6, 30), VerificationStatus.VERIFIED),
        (dt.date(2026, 7, 1), VerificationStatus.TO_CHECK),
        (dt.date(2026, 12, 31), VerificationStatus.TO_CHECK),
        (dt.date(2027, 1, 1), VerificationStatus.STALE),
    ],
)
def test_trust_fades_with_time(day, status):
    """A record is to be checked after one review period and stale after two."""
    actor = attrs.evolve(MSP, review_every=Duration(months=6)).verify(on=dt.date(2026, 1, 1))
    assert actor.verification(day) is status


def test_trust_without_dates():
    """A record never confirmed is of unknown trust; without a review period it stays verified."""
    assert MSP.verification(dt.date(2026, 1, 1)) is VerificationStatus.UNKNOWN
    confirmed = MSP.verify(on=dt.date(2000, 1, 1))
    assert confirmed.verification(dt.date(2026, 1, 1)) is VerificationStatus.VERIFIED


def test_identifiers_and_labels_have_periods():
    """An identifier or a label counts only in its period."""
    past = Period(end=dt.date(2025, 1, 1))
    actor = attrs.evolve(
        MSP,
        identifiers=(
            Identifier(scheme="finess", value="540002698", period=past),
            Identifier(scheme="finess", value="580008803"),
        ),
        labels=(Label(name="France Santé", period=Period(start=dt.date(2026, 2, 1))),),
    )
    assert actor.identifier("finess") == "540002698"
    assert actor.identifier("finess", today=dt.date(2025, 1, 1)) == "580008803"
    assert actor.identifier("siret") == ""
    assert actor.holds_label("France Santé", dt.date(2026, 2, 1))
    assert not actor.holds_label("France Santé", dt.date(2026, 1, 31))


def test_kinds_know_what_they_are():
    """Care teams and authorities are told apart."""
    assert [kind.name for kind in ActorKind if kind.is_care_team] == [
        "MSP",
        "ESP",
        "CENTRE_SANTE",
        "CPTS",
    ]
    assert ActorKind.EPCI.is_public_authority
    assert not any(kind.is_care_team and kind.is_public_authority for kind in ActorKind)
    assert Role.MAYOR.is_elected
    assert not Role.MSP_COORDINATOR.is_elected


def test_an_ended_appointment_stays():
    """The role is held up to the day before its end, and the record is kept."""
    assert POST.active_on(dt.date(2026, 3, 21))
    assert not POST.active_on(dt.date(2026, 3, 22))
    earlier = POST.end(on=dt.date(2024, 1, 1))
    assert not earlier.active_on(dt.date(2024, 1, 1))
    assert earlier.person_id == "person:1"
    with pytest.raises(InvalidValueError, match="before the start"):
        POST.end(on=dt.date(2019, 1, 1))


def test_anonymising_keeps_role_and_dates():
    """An anonymised appointment loses the person and nothing else."""
    mail = ContactPoint(kind=ContactPointKind.EMAIL, value="maire@example.org")
    source = Provenance(source="RNE", source_id="ligne 12")
    full = attrs.evolve(POST, contact_points=(mail,), uid="carte", provenance=source)
    bare = full.anonymise()
    assert (bare.role, bare.period, bare.actor_id) == (POST.role, POST.period, POST.actor_id)
    assert (bare.person_id, bare.uid, bare.contact_points, bare.provenance) == ("", "", (), None)


def test_a_person_can_be_told_and_can_oppose():
    """The notice is noted with its day; opposition removes every way to reach the person."""
    name = PersonName(prefix="Dr", given="Aïcha", family="Essai")
    mail = ContactPoint(kind=ContactPointKind.EMAIL, value="a.essai@example.org")
    person = Person(id="person:1", name=name, contact_points=(mail,))
    assert person.display_name == "Dr Aïcha Essai"
    told = person.notify(on=dt.date(2026, 4, 1), batch="2026-04")
    assert (told.notice_sent_on, told.notice_batch) == (dt.date(2026, 4, 1), "2026-04")
    opposed = told.oppose()
    assert opposed.opposed
    assert opposed.contact_points == ()


@pytest.mark.parametrize("missing", [(), ("actor_id",), ("purpose",), ("how_to_reach",)])
def test_a_liaison_says_who_for_what_and_how(missing):
    """A liaison is legible only with an actor or post, a purpose and a way to reach it."""
    card = {"actor_id": "actor:ccas", "purpose": "Accès aux droits", "how_to_reach": "Au CCAS"}
    fields = {name: text for name, text in card.items() if name not in missing}
    liaison = LiaisonAssignment(id="liaison:1", kind=LiaisonKind.CCAS, **fields)
    assert liaison.is_legible is (not missing)
    ended = liaison.end(on=dt.date(2026, 1, 1))
    assert liaison.active_on(dt.date(2026, 1, 1))
    assert not ended.active_on(dt.date(2026, 1, 1))


def test_territories_are_sets_of_communes():
    """Two territories overlap where they share a commune."""
    west = Territory(
        id="epci:200069268", kind=TerritoryKind.EPCI, name="Ouest", communes=("48095", "48092")
    )
    east = Territory(id="territory:est", kind=TerritoryKind.CUSTOM, name="Est", communes=("48092",))
    assert west.contains("48095")
    assert not east.contains("48095")
    assert west.overlaps(east)
    assert not east.overlaps(attrs.evolve(west, communes=("48095",)))
    assert west.visibility is Visibility.PUBLIC
    with pytest.raises(InvalidValueError, match="range"):
        attrs.evolve(west, population=-1)


def test_competences_are_known_or_not():
    """A competence is there, known to be missing, or not known, and never two of these."""
    town = attrs.evolve(MSP, competences=(Competence.HOUSING,), lacks=(Competence.MOBILITY,))
    asked = (Competence.HOUSING, Competence.MOBILITY, Competence.CHILDCARE)

    assert [town.has_competence(one) for one in asked] == [Tri.YES, Tri.NO, Tri.UNKNOWN]
    with pytest.raises(InvalidValueError) as refused:
        attrs.evolve(town, lacks=(Competence.HOUSING,))
    assert refused.value.where == "lacks"

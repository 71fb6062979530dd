# SPDX-License-Identifier: Apache-2.0
"""The rule on what public sheets tell."""

from __future__ import annotations

import attrs
import pytest

from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    ContactPoint,
    ContactPointKind,
    Event,
    Lever,
    LeverOffer,
    LeverType,
    Person,
    PersonName,
    Role,
    Visibility,
)

TOWN = Actor(id="actor:ville", kind=ActorKind.COMMUNE, name="Ville", territory_id="commune:48001")
POINTS = (
    ContactPoint(kind=ContactPointKind.EMAIL, value="Odile.Exemple@example.org"),
    ContactPoint(kind=ContactPointKind.MOBILE, value="+33 6 39 98 00 01"),
)
ODILE = Person(
    id="person:1",
    name=PersonName(given="Odile", family="Exemple-Modèle"),
    contact_points=tuple(attrs.evolve(one, visibility=Visibility.TEAM) for one in POINTS),
)
POST = Appointment(
    id="appointment:1", person_id="person:1", actor_id="actor:ville", role=Role.MAYOR
)
TENT = Lever(
    id="lever:tent",
    type=LeverType.TENT,
    title="Barnum",
    holder_id="actor:ville",
    visibility=Visibility.PUBLIC,
)
OFFER = LeverOffer(id="lever_offer:1", lever_id="lever:tent", visibility=Visibility.PUBLIC)
EVENT = Event(
    id="event:1",
    summary="Rencontre",
    organiser_ids=("actor:ville",),
    visibility=Visibility.PUBLIC,
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("Écrire à odile.exemple@example.org.", 1, id="address"),
        pytest.param("Appeler le 06 39 98 00 01", 1, id="number"),
        pytest.param("Appeler le +33(0)639980001.", 1, id="number otherwise"),
        pytest.param("Appeler le 06 39 98 00 02", 0, id="another number"),
        pytest.param("Écrire à mairie@example.org", 0, id="unknown address"),
        pytest.param("Madame Odile Exemple-Modèle", 0, id="who did not object"),
        pytest.param("", 0, id="nothing"),
    ],
)
@pytest.mark.parametrize(
    "sheet",
    [TENT, EVENT, attrs.evolve(TOWN, visibility=Visibility.PUBLIC), OFFER],
    ids=lambda one: one.KIND,
)
def test_contacts_that_are_not_public(ask, sheet, text, count):
    """TS039 finds the contacts of people at its actor in the texts of a public sheet."""
    field = "conditions" if sheet is OFFER else "description"
    found = ask("TS039", *{one.id: one for one in (TOWN, TENT, ODILE, POST)}.values(),
                attrs.evolve(sheet, **{field: text}))  # fmt: skip
    assert len(found) == count
    for one in found:
        assert one.subject_id == sheet.id
        assert "639980001" not in repr(one).replace(" ", "")
        assert "odile.exemple@" not in repr(one).casefold()
        assert "person:1" in [fact.id for fact in one.evidence]


@pytest.mark.parametrize(
    ("entities", "count"),
    [
        pytest.param([TOWN, ODILE, POST], 1, id="at the threshold: public"),
        pytest.param([TOWN, POST], 0, id="who holds the post is not known"),
        pytest.param([TOWN, ODILE], 0, id="what the person does is not known"),
        pytest.param([ODILE, POST], 0, id="the holder is not known"),
        pytest.param(
            [TOWN, ODILE, attrs.evolve(POST, contact_points=(attrs.evolve(
                POINTS[1], visibility=Visibility.PUBLIC),))], 0, id="shown elsewhere"
        ),
    ],
)  # fmt: skip
def test_what_is_known_decides(ask, entities, count):
    """TS039 is silent where the number is nobody's, or is public with the post."""
    told = attrs.evolve(TENT, description="Tél. 06.39.98.00.01")
    assert len(ask("TS039", *entities, told)) == count
    partners = attrs.evolve(told, visibility=Visibility.PARTNERS)
    assert ask("TS039", *entities, partners) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Demander à Mme Odile EXEMPLE MODELE", 1),
        ("Demander à Exemple-Modèle Odile.", 1),
        ("Demander à Mme Exemple", 0),
        ("Demander à la mairie", 0),
    ],
)
def test_who_objected_is_not_named(ask, text, count):
    """TS039 finds the full name of somebody who objected, however it is written."""
    gone = attrs.evolve(ODILE, opposed=True)
    found = ask("TS039", TOWN, gone, POST, attrs.evolve(TENT, description=text))
    assert len(found) == count
    for one in found:
        assert "Odile" not in one.message.fr

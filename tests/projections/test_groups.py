# SPDX-License-Identifier: Apache-2.0
"""Groups of cards: by role, by territory, and nobody in them who is not in the address book."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.formats import vcard
from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    Contact,
    ContactKind,
    Period,
    Person,
    PersonName,
    Role,
    Territory,
    TerritoryKind,
    Visibility,
)
from territoire_sante.projections import projection_for

TODAY = dt.date(2027, 3, 1)

PLACE = Territory(id="commune:48095", kind=TerritoryKind.COMMUNE, name="Exempleville")
MAIRIE = Actor(
    id="actor:mairie", kind=ActorKind.COMMUNE, name="Mairie", territory_id="commune:48095"
)
PEOPLE = [
    Person(id=f"person:{n}", name=PersonName(given="Inès", family=f"Maquette {n}")) for n in (1, 2)
]
POSTS = [
    Appointment(id=f"appointment:{n}", person_id=f"person:{n}", actor_id=MAIRIE.id, role=role)
    for n, role in ((1, Role.MAYOR), (2, Role.OTHER))
]
ALL = (PLACE, MAIRIE, *PEOPLE, *POSTS)


def groups(*entities, shelf):
    """Return the names of the groups with the numbers of their members."""
    return {one.view.formatted_name: len(one.view.members) for one in found(*entities, shelf=shelf)}


def found(*entities, shelf):
    """Return the groups."""
    return list(_projection().project(shelf(*entities)))


def _projection():
    return projection_for(Contact, name="groups", audience=Visibility.PARTNERS, today=TODAY)


def test_a_group_for_each_role_and_territory(shelf):
    """Whoever holds a role is in its group, and all who work for a territory in that one's."""
    assert groups(*ALL, shelf=shelf) == {"Maire": 1, "Exempleville": 2}


def test_members_are_the_cards_of_the_address_book(shelf):
    """A member is named by the UID that its card has in the address book."""
    book = projection_for(Contact, audience=Visibility.PARTNERS, today=TODAY)
    cards = {one.view.uid for one in book.project(shelf(*ALL)) if one.key.startswith("person:")}
    members = [set(one.view.members) for one in found(*ALL, shelf=shelf)]

    assert cards in members


@pytest.mark.parametrize(
    "change", [{"opposed": True}, {"visibility": Visibility.PRIVATE}], ids=["objected", "hidden"]
)
def test_who_is_not_in_the_address_book_is_in_no_group(shelf, change):
    """Whoever objected or may not be seen is no member, and an empty group is not shown."""
    rest = [attrs.evolve(PEOPLE[0], **change), PEOPLE[1]]

    assert groups(PLACE, MAIRIE, *rest, *POSTS, shelf=shelf) == {"Exempleville": 1}


def test_only_posts_of_today_count(shelf):
    """A post that ended is no reason to be in a group."""
    ended = attrs.evolve(POSTS[0], period=Period(end=dt.date(2027, 1, 1)))

    assert groups(PLACE, MAIRIE, *PEOPLE, ended, shelf=shelf) == {}


@pytest.mark.parametrize(
    ("lens", "lines"),
    [
        (vcard.CONTACT, (b"X-ADDRESSBOOKSERVER-KIND:group", b"X-ADDRESSBOOKSERVER-MEMBER:urn:")),
        (vcard.CONTACT_4, (b"KIND:group", b"MEMBER:urn:uuid:")),
    ],
)
def test_both_dialects_can_say_them(shelf, lens, lines):
    """A group is a group card in vCard 4.0, and in 3.0 in the words of Apple."""
    for one in found(*ALL, shelf=shelf):
        document = lens.put(one.view)
        assert all(line in document.data for line in lines)
        back = lens.get(document)
        assert (back.kind, back.members) == (ContactKind.GROUP, one.view.members)


def test_one_group_is_the_same_as_in_the_whole(shelf):
    """Asked for alone, each group is what the whole shows."""
    held, shown = shelf(*ALL), _projection()
    whole = list(shown.project(held))

    assert [shown.project_one(held, one.key) for one in whole] == whole
    assert shown.project_one(held, "role:nobody") is None

# SPDX-License-Identifier: Apache-2.0
"""What becomes of the cards of two records that were merged here."""

from __future__ import annotations

import pytest

from territoire_sante.cooperation import merge, plan_merge, undo_merge
from territoire_sante.model import Contact, ContactPoint, ContactPointKind, Person, PersonName
from territoire_sante.sync import links_knowing
from territoire_sante.testing import PlainLens

NAMES = ("a", "b", "c")


@pytest.fixture
def book(make_world):
    """Return a shared address book in step, with two records of one person and another one."""
    world = make_world(lens=PlainLens(Contact))
    for name in NAMES:
        mail = ContactPoint(kind=ContactPointKind.EMAIL, value=f"{name}@example.org")
        family = "Exemple" if name != "c" else "Modèle"
        world.store.put(
            Person(
                id=f"person:{name}",
                name=PersonName(family=family, given="Odile"),
                contact_points=(mail,),
            )
        )
    world.sync()
    return world


def _cards(world):
    return sorted(one.data.decode() for one in world.server.documents.values())


def test_the_links_that_know_a_record_are_named(book):
    """Who plans a merge is told which links have a card of the record that goes."""
    links = links_knowing(book.store, ["person:b"])
    assert links == (book.link.name,)
    assert plan_merge(book.store, "person:a", "person:b", links=links).links == links
    assert links_knowing(book.store, ["person:x"]) == ()


def test_the_dropped_card_goes_and_comes_back(book):
    """The next run deletes the dropped card and shows the merged one; undoing brings it back."""
    before = _cards(book)
    record = merge(book.store, plan_merge(book.store, "person:a", "person:b"))
    book.sync()
    merged = _cards(book)

    assert (len(before), len(merged)) == (3, 2)
    assert any("a@example.org" in one and "b@example.org" in one for one in merged)
    undo_merge(book.store, record.id)
    book.sync()
    assert _cards(book) == before

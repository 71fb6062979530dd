# SPDX-License-Identifier: Apache-2.0
"""Erasing on the command line: what links and conflicts still hold is told, or dropped."""

from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante.model import Event, Person, PersonName, Visibility
from territoire_sante.store import Store
from territoire_sante.testing.dav import FaultServer

LINK = (
    '[[link]]\nname = "{name}"\nconnector = "{connector}"\nview = "{view}"\naudience = "team"\n'
    'config = {{ url = "{url}" }}\n'
)
WHEN = dt.datetime(2027, 1, 1, 9, tzinfo=dt.UTC)


@pytest.fixture
def linked(territory, configure):
    """Give a store whose person is on two links, and named in an event that is in conflict."""
    with Store.open(f"sqlite:///{territory}/territoire.db") as store, FaultServer() as server:
        name = PersonName(given="Canari", family="Lune")
        store.put(
            Person(id="person:ada", visibility=Visibility.TEAM, name=name),
            Event(id="event:1", visibility=Visibility.TEAM, summary="Canari Lune", start=WHEN),
        )
        for link, connector, view in (
            ("gone", "carddav", "contact"),
            ("agenda", "caldav", "event"),
            ("book", "carddav", "contact"),
        ):
            make = server.calendar if view == "event" else server.address_book
            url = server.url_of(make(link))
            configure(LINK.format(name=link, connector=connector, view=view, url=url))
        yield store, server


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("verb", ["erase", "object"])
def test_what_still_holds_copies_is_told(linked, run, territory, verb, language):
    """Links that run are named, those that were taken out forget, conflicts wait to be decided."""
    store, server = linked
    assert run("sync").code == 0
    (agenda,) = (one for one in server.collections.values() if "agenda" in one.path)
    (name,) = agenda
    agenda.put(name, agenda.data(name).replace(b"SUMMARY:", b"LOCATION:X\r\nSUMMARY:"))
    store.put(
        Event(
            id="event:1",
            visibility=Visibility.TEAM,
            summary="Canari Lune",
            start=WHEN,
            location="Y",
        )
    )
    assert run("sync", "agenda").code == 1
    file = territory / "territoire.toml"
    first, _, *others = file.read_text().split("[[link]]")
    file.write_text("[[link]]".join([first, *others]))
    ran = run("privacy", verb, "person:ada", "--yes", language=language)
    words = {
        "en": ("until it is decided: {}", "no more (nothing was deleted there): gone"),
        "fr": (
            "soit tranché : {}",
            "ne sont plus configurés (rien n'a été supprimé là-bas) : gone",
        ),
    }[language]
    told = "agenda, book" if verb == "erase" else "book"
    assert words[0].format(told) in ran.out
    assert words[1] in ran.out
    again = run("privacy", "object", "person:ada", "--yes", "--json")
    assert again.json["copies"] == {"links": ["book"], "dropped": []}


def test_who_is_on_no_link_is_erased_without_a_word_on_links(run, territory):
    """Where no link ever ran, nothing is told of links."""
    with Store.open(f"sqlite:///{territory}/territoire.db") as store:
        store.put(Person(id="person:ada", name=PersonName(given="Canari", family="Lune")))
    ran = run("privacy", "erase", "person:ada", "--yes")
    assert "link" not in ran.out.replace("--", "")

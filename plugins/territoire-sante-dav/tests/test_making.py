# SPDX-License-Identifier: Apache-2.0
"""Collections that are made: only when asked for, and looked at afterwards."""

from __future__ import annotations

import pytest

from territoire_sante.errors import AuthError, ConfigError, ProtocolError
from territoire_sante.testing.dav import FaultServer
from territoire_sante_dav import (
    DavConfig,
    create_addressbook,
    create_calendar,
    open_addressbook,
    open_calendar,
)


@pytest.fixture
def empty():
    """Give a server without collections."""
    with FaultServer() as server:
        yield server


def test_made_by_a_function(place):
    """The functions make a collection, return its address, and leave one that is there alone."""
    make = create_calendar if place.kind.name == "caldav" else create_addressbook
    url = place.url.rstrip("/") + "-made"
    first = make(place.config(url=url, title="Équipe"))
    with place.open(url=url) as transport:
        ref = transport.create("i", place.kind.item("u"))

    assert first == make(place.config(url=url)) == url + "/"
    with place.open(url=url) as transport:
        assert list(transport.list()) == [ref]


@pytest.mark.parametrize("kind", ["calendar", "address book"])
def test_made_in_a_home(empty, kind):
    """Below a home, the collection gets the name that is asked for, and is found by it later."""
    make, opening = (
        (create_calendar, open_calendar)
        if kind == "calendar"
        else (create_addressbook, open_addressbook)
    )
    config = DavConfig(url=empty.url, collection="equipe")

    assert make(config) == f"{empty.url}dav/equipe/"
    assert make(config) == f"{empty.url}dav/equipe/"
    with opening(config) as transport:
        assert transport.url == f"{empty.url}dav/equipe/"


def test_a_home_gets_no_strange_names(empty):
    """A name that some server would stumble over is refused before anything is sent."""
    with pytest.raises(ConfigError, match="is no name for a new collection"):
        create_calendar(DavConfig(url=empty.url, collection="réunions/équipe"))

    assert "MKCALENDAR" not in empty.methods()


@pytest.mark.parametrize("status", [400, 405, 501])
def test_where_mkcalendar_is_not_known(empty, status, reply):
    """A server that knows no MKCALENDAR is asked by extended MKCOL."""
    empty.on("MKCALENDAR", reply(status))
    url = create_calendar(DavConfig(url=f"{empty.url}dav/agenda/", title="R&D"))
    with open_calendar(DavConfig(url=url)) as transport:
        told = {fact.key: fact for fact in transport.diagnose()}

    assert told["title"].found.fr == "R&D"
    assert [m for m in empty.methods() if m.startswith("MK")] == ["MKCALENDAR", "MKCOL"]


def test_a_lost_answer_is_settled_by_looking(empty, reply):
    """A 500 for a calendar that was made all the same is no error."""

    def made_and_failed(asked):
        empty.truth(asked)
        return reply(500)

    empty.on("MKCALENDAR", made_and_failed)

    assert create_calendar(DavConfig(url=f"{empty.url}dav/a/")) == f"{empty.url}dav/a/"


def test_what_was_made_is_looked_at(faulty, reply):
    """A calendar that turns out to be a plain folder is an error, whatever was answered."""
    folder = faulty.found("/dav/new/", "<D:resourcetype><D:collection/></D:resourcetype>")
    made = []
    faulty.on("MKCALENDAR", lambda _: made.append(1) or reply(201))
    faulty.on(
        "PROPFIND",
        lambda _: faulty.multistatus(folder) if made else reply(404),
        where="/dav/new/",
    )
    with pytest.raises(ProtocolError, match="what was made is no calendar"):
        create_calendar(DavConfig(url=f"{faulty.origin}/dav/new/"))


@pytest.mark.parametrize(
    ("status", "error", "advice"),
    [
        (403, AuthError, "made for this account"),
        (409, ProtocolError, "folder above it"),
        (507, ProtocolError, "server's own means"),
    ],
)
def test_what_cannot_be_made(empty, reply, status, error, advice):
    """Each refusal says what was answered and what to do."""
    for method in ("MKCALENDAR", "MKCOL"):
        empty.on(method, reply(status))
    with pytest.raises(error, match=f"MKCALENDAR was answered by {status}") as caught:
        create_calendar(DavConfig(url=f"{empty.url}dav/a/"))

    assert advice in caught.value.remedy

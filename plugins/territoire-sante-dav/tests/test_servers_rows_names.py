# SPDX-License-Identifier: Apache-2.0
"""What real servers do with names and addresses: rows of the reference, each by its number."""

from __future__ import annotations

import pytest

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConnectorError,
    ProtocolError,
)
from territoire_sante.testing.dav import Faults, Reply

# --- 13: names -------------------------------------------------------------------------------

ODD = ["a@b", "tilde~", "(par)", "co:lon", "eq=x", "quo'te", "sta*r", "à é", "plus+", "per%cent"]
ODDER = ["pct%41", "pct%2541", "hash#", "ques?t", "back\\slash", "semi;colon", "am&p", "l<t"]


@pytest.mark.parametrize("form", ["escaped", "lower", "much", "relative", "absolute", "other-host"])
def test_row_13_hrefs_are_spelled_anew(linked, event, form):
    """However a server spells names, each item is one item, is read, edited and removed."""
    world = linked(uid_conflict="accept")
    names = [f"{name}.ics" for name in ODD + ODDER]
    for n, name in enumerate(names):
        world.far.put(name, event(f"u{n}", f"E{n}").data)
    world.sync()
    world.server.faults |= Faults(hrefs=form)
    everything = world.here
    world.sync()
    quiet = world.sync_next_day()

    assert quiet.is_quiet
    assert world.here == everything == world.there
    for known in tuple(world.store.all(type(world.get("E0")))):
        world.put(known.id.partition(":")[2], location="Salle")
    world.sync()
    assert set(world.far) == set(names)
    assert all(world.view(name).location == "Salle" for name in names)


def test_row_13_names_that_are_not_escaped(linked, event):
    """Names that the changes tell bare, which cannot be told from escaped ones, lose nothing."""
    world = linked(sync_hrefs="bare")
    names = [f"{name}.ics" for name in ODD + ODDER]
    for n, name in enumerate(names):
        world.far.put(name, event(f"u{n}", f"E{n}").data)
    world.far.put("pctA.ics", event("other", "Autre").data)
    world.sync()
    for n in range(len(names)):
        world.edit(f"E{n}", f"SUMMARY:E{n}", f"SUMMARY:F{n}")
        world.sync()
        assert world.here == world.there, names[n]
    for name in names:
        world.far.remove(name)
        world.sync()
        assert world.here == world.there, name

    assert world.here == ["Autre"]


def test_row_13_names_of_ours_are_plain(linked):
    """Names that we give have letters, digits, ``-_.`` only, and never more than 180."""
    world = linked(name_characters=":,'*?()[]\\ %#", max_name=180)
    for uid in ("a/b", "é" * 300, "x" * 300, "a b:c*?", "%41", "..", "-"):
        world.put(f"n{len(uid)}-{hash(uid)}", summary="E", uid=uid)
    world.sync()

    assert len(world.there) == 7
    assert all(len(name) <= 180 and not name.startswith(".") for name in world.far)


# --- 14, 15, 16: where things are ------------------------------------------------------------


def test_row_14_missing_inside_a_207(linked, event):
    """A 207 with a 404 inside means that nothing is there."""
    world = linked(missing_207=True, ignores={"create", "delete"}, config={"careful": True})
    with world.open() as transport:
        ref = transport.create("a", event("u"))
        transport.delete(ref)

    assert not world.far.items


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "500 Oops"])
def test_row_14_the_collection_inside_a_207(linked, event, status):
    """A 207 that says the collection itself is missing, forbidden or broken deletes nothing."""
    world = linked()
    world.fill()
    body = (
        '<D:multistatus xmlns:D="DAV:"><D:response><D:href>/dav/agenda/</D:href>'
        f"<D:status>HTTP/1.1 {status}</D:status></D:response></D:multistatus>"
    )
    world.server.on("PROPFIND", Reply(207, body.encode()))
    with pytest.raises(ConnectorError) as caught:
        world.sync()

    assert len(world.here) == 8
    kinds = {"4": (CollectionGoneError, AuthError), "5": (ProtocolError,)}
    assert isinstance(caught.value, kinds[status[0]])


def test_row_14_a_write_is_not_redirected(linked):
    """A PUT that is sent elsewhere writes nothing, neither here nor there."""
    world = linked()
    other = world.server.calendar("other")
    world.put("a", summary="A")
    world.server.on("PUT", Reply(301, b"", {"Location": world.server.url_of(other) + "a.ics"}))
    world.sync()

    assert not world.far.items
    assert not other.items
    world.server.recover()
    world.sync()
    assert world.there == ["A"]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("absolute", [True, False])
def test_row_15_redirects_keep_method_and_body(linked, event, status, absolute):
    """Discovery follows any redirect on the same server with the same method and body."""
    world = linked()
    root = world.server.url
    world.server.on("PROPFIND", lambda asked: Reply(405) if asked.path == "/" else None)
    target = "/dav/principal/"
    location = root.rstrip("/") + target if absolute else target
    world.server.on("PROPFIND", Reply(status, b"", {"Location": location}), where="well-known")
    with world.open(url=root) as transport:
        assert transport.url == world.server.url_of(world.far)
    followed = [asked for asked in world.server.log if asked.path == target]

    assert followed
    assert {(asked.method, asked.report) for asked in followed} == {("PROPFIND", "propfind")}


def test_row_16_more_than_calendars(linked, event):
    """Of all that a home lists, only the calendar is taken for one."""
    world = linked(extras=("/dav/personal.ics", "/dav/personal.xml", "/dav/inbox/"))
    world.server.address_book("contacts")
    box = world.server.calendar("outbox")
    box.properties["D:resourcetype"] = "<D:collection/><C:schedule-outbox/>"
    box = world.server.calendar("proxy")
    box.properties["D:resourcetype"] = "<D:principal/><S:calendar-proxy-read/>"
    with world.open(url=f"{world.server.url}dav/") as transport:
        assert transport.url == world.server.url_of(world.far)

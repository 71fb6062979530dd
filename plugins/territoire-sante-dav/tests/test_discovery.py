# SPDX-License-Identifier: Apache-2.0
"""From any address to the collection, and never to another one than was meant."""

from __future__ import annotations

import pytest

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConfigError,
    OtherHostError,
    ProtocolError,
)

PRINCIPAL = "<D:current-user-principal><D:href>/dav/me/</D:href></D:current-user-principal>"
HOME = "<C:calendar-home-set><D:href>/dav/</D:href></C:calendar-home-set>"
FOLDER = "<D:resourcetype><D:collection/></D:resourcetype>"
CALENDAR = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"


@pytest.fixture
def estate(faulty):
    """Give the server a root, a principal and a home around its calendar, as a table of paths."""
    places = {
        "/": PRINCIPAL,
        "/dav/me/": HOME,
        "/dav/": FOLDER,
        "/.well-known/caldav": PRINCIPAL,
    }
    inside = ["/dav/cal/"]

    def answer(asked):
        if asked.path not in places:
            return None
        content = faulty.found(asked.path, places[asked.path])
        if asked.headers["Depth"] == "1" and asked.path == "/dav/":
            for path in inside:
                content += faulty.found(path, CALENDAR + f"<D:displayname>T{path}</D:displayname>")
            content += faulty.found("/dav/inbox/", FOLDER)
        return faulty.multistatus(content)

    faulty.on("PROPFIND", answer)
    faulty.places, faulty.inside = places, inside
    return faulty


def at(server, path):
    """Return an address on the server."""
    return server.url.removesuffix("/dav/cal/") + path


@pytest.mark.parametrize("path", ["", "/", "/dav/me/", "/dav/", "/dav/cal", "/dav/cal/"])
def test_ways_to_the_collection(estate, path):
    """Root, principal, home and the collection itself, slash or not, all lead to it."""
    with estate.open(url=at(estate, path)) as transport:
        assert transport.url == at(estate, "/dav/cal/")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("absolute", [False, True])
def test_well_known(estate, reply, status, absolute):
    """Where the root answers nothing, the well-known address is asked and its redirect followed."""
    location = at(estate, "/dav/me/") if absolute else "/dav/me/"
    estate.on("PROPFIND", lambda asked: reply(405) if asked.path == "/" else None)
    estate.on("PROPFIND", reply(status, b"", {"Location": location}), where="well-known")
    with estate.open(url=at(estate, "/")) as transport:
        assert transport.url == at(estate, "/dav/cal/")


@pytest.mark.parametrize("status", [404, 410])
def test_another_collection_is_never_taken(estate, status, reply):
    """An address where nothing is, is not replaced by the only calendar that can be found."""
    estate.on("PROPFIND", reply(status), where="/dav/old/")
    with pytest.raises(CollectionGoneError), estate.open(url=at(estate, "/dav/old/")):
        pass


def test_refused(estate, reply):
    """An address that must not be seen is an AuthError."""
    estate.on("PROPFIND", reply(403), where="/dav/theirs/")
    with pytest.raises(AuthError), estate.open(url=at(estate, "/dav/theirs/")):
        pass


def test_several(estate):
    """Several calendars are all named in the error; title or last segment chooses one."""
    estate.inside.append("/dav/two/")
    with (
        pytest.raises(ConfigError, match="more than one") as caught,
        estate.open(url=at(estate, "/dav/")),
    ):
        pass
    assert [problem.path for problem in caught.value.problems] == [
        at(estate, "/dav/cal/"),
        at(estate, "/dav/two/"),
    ]
    for choice in ("cal", "T/dav/cal/"):
        with estate.open(url=at(estate, "/dav/"), collection=choice) as transport:
            assert transport.url == at(estate, "/dav/cal/")


def test_none(estate):
    """A home without calendars is a configuration error."""
    estate.inside.clear()
    with pytest.raises(ConfigError, match="no calendar"), estate.open(url=at(estate, "/dav/")):
        pass


def test_a_home_elsewhere(estate):
    """A home on another server is refused and never asked, let alone with credentials."""
    estate.places["/dav/me/"] = HOME.replace("/dav/", "http://192.0.2.1/dav/")
    with (
        pytest.raises(OtherHostError, match=r"another host, 192\.0\.2\.1"),
        estate.open(url=at(estate, "/dav/me/")),
    ):
        pass


def test_no_dav(faulty, reply):
    """A plain web server is named as what it is."""
    for answer in (reply(200, b"<html>hello</html>"), reply(405), reply(501)):
        faulty.on("PROPFIND", answer)
        with pytest.raises(ProtocolError), faulty.open():
            pass


def test_a_second_name(faulty, event):
    """A collection that the server knows by another name is used under that name."""
    faulty.put("a.ics", event("a"))

    def alias(asked):
        if asked.path != "/dav/me/agenda/":
            return None
        return faulty.multistatus(faulty.collection())

    faulty.on("PROPFIND", alias)
    with faulty.open(url=at(faulty, "/dav/me/agenda/")) as transport:
        ref = transport.create("b", event("b"))

        assert transport.url == faulty.url
        assert ref in list(transport.list())


def test_a_hidden_prefix(faulty):
    """A proxy that hides a part of the path is named before anything is taken for deleted."""

    def prefixed(asked):
        if asked.path.startswith("/app/"):
            return faulty.multistatus(faulty.collection())
        return type(faulty.multistatus(""))(404)

    faulty.on("PROPFIND", prefixed)
    with (
        pytest.raises(ProtocolError, match="reverse proxy"),
        faulty.open(url=at(faulty, "/app/dav/cal/")),
    ):
        pass


def test_a_creation_that_fails(faulty, reply):
    """A collection that cannot be made is an error that names the answer."""
    faulty.on("PROPFIND", reply(404))
    for status, error in ((403, AuthError), (405, ProtocolError), (507, ProtocolError)):
        faulty.on("MKCALENDAR", reply(status))
        with (
            pytest.raises(error, match=f"MKCALENDAR was answered by {status}"),
            faulty.open(create=True),
        ):
            pass


def test_nothing_is_made_unasked(faulty, reply):
    """Without the option, a missing collection is never made."""
    faulty.on("PROPFIND", reply(404))
    with pytest.raises(CollectionGoneError), faulty.open():
        pass

    assert set(faulty.methods()) == {"PROPFIND"}


HOMES = (
    "<C:calendar-home-set><D:href>/dav/closed/</D:href><D:href>/dav/</D:href>"
    "<D:href>/dav/team/</D:href></C:calendar-home-set>"
)


def test_several_homes(estate, reply):
    """Of several homes each is looked into; one that must not be seen hides none of the others."""
    estate.places["/dav/me/"] = HOMES
    estate.on("PROPFIND", reply(403), where="/dav/closed/")
    team = estate.found("/dav/team/plan/", CALENDAR) + estate.found("/dav/cal/", CALENDAR)
    estate.on("PROPFIND", estate.multistatus(team), where="/dav/team/")
    with (
        pytest.raises(ConfigError, match="more than one") as caught,
        estate.open(url=at(estate, "/dav/me/")),
    ):
        pass

    found = [problem.path for problem in caught.value.problems]
    assert found == [at(estate, "/dav/cal/"), at(estate, "/dav/team/plan/")]


def test_a_home_that_cannot_be_seen_is_told_if_nothing_fits(estate, reply):
    """If what is wanted was not found, the home that must not be seen is the error."""
    estate.places["/dav/me/"] = HOMES
    estate.on("PROPFIND", reply(403), where="/dav/closed/")
    with (
        pytest.raises(ProtocolError, match="403"),
        estate.open(url=at(estate, "/dav/me/"), collection="plan"),
    ):
        pass


SPECIAL = {
    "inbox": "<D:collection/><C:schedule-inbox/>",
    "inbox that says calendar": "<D:collection/><C:schedule-inbox/><C:calendar/>",
    "outbox": "<D:collection/><C:schedule-outbox/>",
    "proxy": "<D:collection/><S:calendar-proxy-read/>",
    "notifications": "<D:collection/><S:notification/>",
    "principal": "<D:collection/><D:principal/>",
    "folder": "<D:collection/>",
    "pseudo-file": "",
}


@pytest.mark.parametrize("name", SPECIAL)
def test_what_is_no_calendar(estate, name):
    """Inboxes, proxies, principals and files beside a calendar are not taken for one."""
    listing = estate.found("/dav/", FOLDER) + estate.found("/dav/cal/", CALENDAR)
    listing += estate.found("/dav/x/", f"<D:resourcetype>{SPECIAL[name]}</D:resourcetype>")
    estate.on(
        "PROPFIND",
        lambda a: estate.multistatus(listing) if a.headers["Depth"] == "1" else None,
        where="/dav/",
    )
    with estate.open(url=at(estate, "/dav/")) as transport:
        assert transport.url == at(estate, "/dav/cal/")


def test_a_calendar_that_is_an_outbox_too(estate):
    """SOGo's calendars, which are outboxes as well, are calendars."""
    both = "<D:resourcetype><D:collection/><C:calendar/><C:schedule-outbox/></D:resourcetype>"
    listing = estate.found("/dav/", FOLDER) + estate.found("/dav/cal/", both)
    estate.on(
        "PROPFIND",
        lambda a: estate.multistatus(listing) if a.headers["Depth"] == "1" else None,
        where="/dav/",
    )
    with estate.open(url=at(estate, "/dav/")) as transport:
        assert transport.url == at(estate, "/dav/cal/")


def test_calendars_for_tasks_are_passed_over(estate):
    """A calendar that takes tasks only is not what a link of events looks for."""
    tasks = CALENDAR + (
        "<C:supported-calendar-component-set><C:comp name='VTODO'/>"
        "</C:supported-calendar-component-set>"
    )
    listing = estate.found("/dav/", FOLDER) + estate.found("/dav/cal/", CALENDAR)
    listing += estate.found("/dav/tasks/", tasks)
    estate.on(
        "PROPFIND",
        lambda a: estate.multistatus(listing) if a.headers["Depth"] == "1" else None,
        where="/dav/",
    )
    with estate.open(url=at(estate, "/dav/")) as transport:
        assert transport.url == at(estate, "/dav/cal/")


def test_a_principal_that_knows_no_home(estate):
    """Where the principal told by the address leads nowhere, the well-known address is asked."""
    estate.places["/nowhere/"] = "<D:displayname>nobody</D:displayname>"
    estate.places["/"] = PRINCIPAL.replace("/dav/me/", "/nowhere/")
    with estate.open(url=at(estate, "/")) as transport:
        assert transport.url == at(estate, "/dav/cal/")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_does_not_know_its_scheme(estate, scheme):
    """Addresses without our port, as a server behind a proxy tells them, stay on our server."""
    estate.places["/"] = PRINCIPAL.replace("/dav/me/", f"{scheme}://127.0.0.1/dav/me/")
    with estate.open(url=at(estate, "/")) as transport:
        assert transport.url == at(estate, "/dav/cal/")


@pytest.mark.parametrize(
    ("status", "error"),
    [("404 Not Found", CollectionGoneError), ("403 Forbidden", AuthError)],
    ids=["missing", "forbidden"],
)
def test_a_207_does_not_mean_there(estate, status, error):
    """A 207 that says inside that nothing is there, or that it must not be seen, is believed."""
    answer = estate.multistatus(estate.gone("/dav/theirs/", status))
    estate.on("PROPFIND", answer, where="/dav/theirs/")
    with pytest.raises(error), estate.open(url=at(estate, "/dav/theirs/")):
        pass


@pytest.mark.parametrize("place", ["/SOGo/dav/", "/remote.php/dav/", "/dav.php/", "/caldav.php/"])
def test_a_server_without_a_well_known_address(estate, reply, place):
    """From a root that answers nothing, the places where servers usually are, are looked at."""
    estate.places[place] = PRINCIPAL
    del estate.places["/"], estate.places["/.well-known/caldav"]
    estate.on("PROPFIND", lambda asked: reply(405) if asked.path == "/" else None)
    estate.on("PROPFIND", lambda a: reply(500) if a.path == "/SOGo/dav/" != place else None)
    with estate.open(url=at(estate, "/")) as transport:
        assert transport.url == at(estate, "/dav/cal/")


def test_nothing_is_guessed_from_an_address_that_was_given(estate, reply):
    """The usual places are looked at from the root only: an address that was named is meant."""
    estate.places["/nuage/"] = "<D:displayname>nothing</D:displayname>"
    del estate.places["/.well-known/caldav"]
    with (
        pytest.raises(ConfigError, match="no calendar found"),
        estate.open(url=at(estate, "/nuage/")),
    ):
        pass

    assert "/SOGo/dav/" not in {asked.path for asked in estate.asked}

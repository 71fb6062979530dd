# SPDX-License-Identifier: Apache-2.0
"""Reading feeds: conditions, redirects to anywhere, and what an answer is taken for."""

from __future__ import annotations

import gzip

import pytest

from territoire_sante.errors import AuthError, ProtocolError, RetryableError
from territoire_sante.http import AddressPolicy, HttpClient, Validators, basic

LOOPBACK = AddressPolicy(allow=["127.0.0.0/8"])


def test_the_second_time_costs_nothing(server, client):
    """What an answer was tagged with is told the next time, and "not modified" comes back."""

    def script(handler):
        if handler.headers.get("If-None-Match") == '"1"':
            handler.answer(304, Content_Encoding="gzip", ETag='"1"')
        else:
            handler.answer(200, b"items", ETag='"1"', Content_Type="Text/Calendar; charset=utf-8")

    server.on("/dav/feed.ics", script)

    first = client.fetch("feed.ics")
    second = client.fetch("feed.ics", known=first.validators)

    assert (first.status, first.body, first.not_modified, first.ok) == (200, b"items", False, True)
    assert (first.content_type, first.media_type) == (
        "Text/Calendar; charset=utf-8",
        "text/calendar",
    )
    assert (second.status, second.body, second.not_modified, second.ok) == (304, b"", True, True)
    assert second.validators == first.validators


def test_a_date_serves_where_no_tag_is(server, client):
    """Last-Modified is sent back as it came, whatever it looks like."""
    server.on("/dav/", lambda h: h.answer(200, b"x", Last_Modified="Sun, 29 Mar 2026 01:02:03"))

    found = client.fetch()
    client.fetch(known=found.validators)

    assert server.seen[1].headers["If-Modified-Since"] == "Sun, 29 Mar 2026 01:02:03"
    assert "If-None-Match" not in server.seen[1].headers


def test_a_new_tag_replaces_the_old(server, client):
    """A 304 may bring newer validators; those it leaves out are kept."""
    server.on("/dav/", lambda h: h.answer(304, ETag='W/"2"'))

    found = client.fetch(known=Validators('W/"1"', "Sun, 29 Mar 2026 01:02:03 GMT"))

    assert found.validators.etag == 'W/"2"'
    assert found.validators.last_modified == "Sun, 29 Mar 2026 01:02:03 GMT"


def test_unasked_not_modified_is_a_lie(server, client):
    """A 304 to somebody who remembers nothing, or nothing of that address, is an error."""
    server.on("/dav/", lambda h: h.answer(304))

    for known in (None, Validators(), Validators('"1"', url="http://elsewhere.example.org/")):
        with pytest.raises(ProtocolError, match="was not asked so"):
            client.fetch(known=known)


def test_tags_stay_with_the_address_that_gave_them(server, client):
    """After a redirect only the address that gave the tag is told of it."""
    server.on("/dav/", lambda h: h.answer(301, Location="/there"))
    server.on("/there", lambda h: h.answer(200, b"x", ETag='"9"'))

    found = client.fetch()
    client.fetch(known=found.validators)

    assert found.url == found.validators.url == server.url + "/there"
    assert [seen.headers.get("If-None-Match") for seen in server.seen] == [None, None, None, '"9"']


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_feed_may_move_to_another_server(server, other_server, status):
    """A redirect is followed to any server the policy lets through, without credentials."""
    server.on("/a", lambda h: h.answer(status, Location=f"{other_server.url}/b?key=1#top"))
    other_server.on("/b", lambda h: h.answer(200, b"there"))
    auth = basic("u", "p", origins=[server.url])

    with HttpClient(server.url, auth=auth, addresses=LOOPBACK) as client:
        found = client.fetch("/a", headers={"Accept": "text/calendar"})

    assert (found.body, found.url) == (b"there", f"{other_server.url}/b?key=1")
    assert server.seen[0].headers["Authorization"].startswith("Basic ")
    assert other_server.seen[0].headers["Accept"] == "text/calendar"
    assert not {"Authorization", "Cookie", "Referer"} & set(other_server.seen[0].headers)


def test_only_fetch_leaves_its_origin(server, other_server):
    """Another verb is not led to another server, whatever the policy says."""
    server.on("/", lambda h: h.answer(302, Location=other_server.url + "/"))

    with HttpClient(server.url, addresses=LOOPBACK) as client:
        for method in ("GET", "PROPFIND"):
            with pytest.raises(ProtocolError, match="another server"):
                client.request(method)
    assert other_server.seen == []


def test_five_hops_and_no_more(server, client):
    """Five redirects are followed, a sixth is an error."""
    for hop in range(6):
        server.on(f"/{hop}", lambda h, hop=hop: h.answer(302, Location=f"/{hop + 1}"))
    server.on("/6", lambda h: h.answer(200, b"end"))

    assert client.fetch("/1").body == b"end"
    with pytest.raises(ProtocolError, match="more than 5"):
        client.fetch("/0")


@pytest.mark.parametrize(
    "location",
    [
        "http://[",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://u:pw@127.0.0.1/",
        "http://127.0.0.1:x/",
        "https:///",
        "data:,1",
    ],
)
def test_odd_locations(server, client, location):
    """A redirect to what is no web address, or holds a password, is the server's error."""
    server.on("/dav/", lambda h: h.answer(302, Location=location))

    with pytest.raises(ProtocolError, match="no web address") as caught:
        client.fetch()

    assert "pw" not in str(caught.value)


def test_the_body_of_a_redirect_is_not_read(server, client):
    """However large a redirect is, and however packed, only a little of it is taken."""
    sent = []

    def flood(handler):
        handler.raw(b"HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Encoding: gzip\r\n\r\n")
        for _ in range(2000):
            handler.raw(b"\0" * 65536)
            sent.append(65536)

    server.on("/dav/", flood)
    server.on("/end", lambda h: h.answer(200, b"end"))

    assert client.fetch().body == b"end"
    assert client.request("PROPFIND").body == b"end"
    assert sum(sent) < 60_000_000


def test_a_location_in_raw_letters(server, client):
    """A Location with letters that were not encoded leads to the address that was meant."""
    server.on("/dav/", lambda h: h.answer(302, Location="/santé".encode().decode("latin-1")))
    server.on("/sant%C3%A9", lambda h: h.answer(200, b"ok"))

    assert client.fetch().body == b"ok"


def test_what_is_no_feed_is_told(server, client):
    """Refusals, absence and web pages come back as what they are; failures are errors."""
    server.on("/dav/gone", lambda h: h.answer(410))
    server.on("/dav/page", lambda h: h.answer(200, b"\n<html><form>", Content_Type="text/calendar"))
    server.on("/dav/shut", lambda h: h.answer(401))
    server.on("/dav/broken", lambda h: h.answer(502))

    assert (client.fetch("gone").status, client.fetch("gone").ok) == (410, False)
    assert client.fetch("page").looks_like_html
    with pytest.raises(AuthError):
        client.fetch("shut")
    with pytest.raises(RetryableError):
        client.fetch("broken")


def test_private_addresses_are_not_printed(server, client):
    """What is printed of a result shows neither the key in the address nor the body."""
    server.on("/dav/", lambda h: h.answer(200, b"SECRET", ETag='"1"'))

    assert "SECRET" not in repr(client.fetch("?key=SECRET"))


def test_members_of_gzip(server, client):
    """A body packed as several gzip members is read whole."""
    packed = gzip.compress(b"one ") + gzip.compress(b"two")
    server.on("/dav/", lambda h: h.answer(200, packed, Content_Encoding="gzip"))

    assert client.fetch().body == b"one two"

# SPDX-License-Identifier: Apache-2.0
"""Listings of servers that leave out, refuse, rename and lie."""

from __future__ import annotations

import pytest

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ProtocolError,
    RetryableError,
)
from territoire_sante.plugins import Ref

PAGE = b"<!DOCTYPE html><html><title>Log in</title></html>"
DOCTYPE = (
    b'<?xml version="1.0"?><!DOCTYPE D:multistatus [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    b'<D:multistatus xmlns:D="DAV:">&b;</D:multistatus>'
)


def test_an_empty_collection_is_empty(faulty):
    """A collection that shows itself and nothing else has no items."""
    with faulty.open() as transport:
        assert list(transport.list()) == []


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, b"", CollectionGoneError),
        (410, b"", CollectionGoneError),
        (401, b"", AuthError),
        (403, b"", AuthError),
        (200, PAGE, ProtocolError),
        (207, PAGE, ProtocolError),
        (207, b"", ProtocolError),
        (207, DOCTYPE, ProtocolError),
        (207, b'<D:multistatus xmlns:D="DAV:"/>', ProtocolError),
        (207, b'<D:other xmlns:D="DAV:"/>', ProtocolError),
        (204, b"", ProtocolError),
        (405, b"", ProtocolError),
        (507, b"", ProtocolError),
        (500, b"", RetryableError),
        (502, b"", RetryableError),
    ],
)
def test_answers_that_are_no_listing(faulty, reply, status, body, error):
    """Whatever comes instead of a listing is an error, never an empty listing."""
    with faulty.open() as transport:
        faulty.on("PROPFIND", reply(status, body))

        with pytest.raises(error):
            list(transport.list())
        with pytest.raises(error):
            transport.changes(None)
        with pytest.raises(error):
            transport.changes("ctag:c0")
    with pytest.raises(error), faulty.open():
        pass


def test_a_cut_listing(faulty, event):
    """A listing cut off anywhere is an error."""
    for number in range(3):
        faulty.put(f"{number}.ics", event(str(number)))
    with faulty.open() as transport:
        whole = faulty.xml(faulty.collection() + "".join(map(faulty.member, faulty.items)))
        for end in range(0, len(whole), 97):
            faulty.rules.clear()
            faulty.on("PROPFIND", type(faulty.multistatus(""))(207, whole[:end]))
            with pytest.raises(ProtocolError):
                list(transport.list())


@pytest.mark.parametrize("status", ["507 Insufficient Storage", "403 Forbidden", "404 Not Found"])
def test_the_collection_has_a_problem(faulty, event, status):
    """A 207 in which the collection itself has an error is no listing."""
    href = faulty.put("a.ics", event("a"))
    with faulty.open() as transport:
        content = faulty.gone(faulty.home, status) + faulty.member(href)
        faulty.on("PROPFIND", faulty.multistatus(content))

        with pytest.raises((ProtocolError, AuthError, CollectionGoneError)):
            list(transport.list())


def test_the_collection_became_something_else(faulty):
    """A collection that is no calendar any more is an error."""
    with faulty.open() as transport:
        faulty.properties["D:resourcetype"] = "<D:collection/>"

        with pytest.raises(ProtocolError, match="no calendar"):
            list(transport.list())


def test_members_without_a_readable_version(faulty, event):
    """An item whose properties are refused or missing is listed all the same, without ETag."""
    etag = "<D:getetag/>"
    content = [
        faulty.collection(),
        faulty.found("/dav/cal/refused.ics", etag, "403 Forbidden"),
        faulty.found("/dav/cal/empty.ics", etag),
        faulty.found("/dav/cal/nothing.ics", ""),
        faulty.found("/dav/cal/odd.ics", etag, "rubbish"),
        faulty.gone("/dav/cal/whole.ics", "403 Forbidden"),
        faulty.gone("/dav/cal/failed.ics", "500 Error"),
    ]
    with faulty.open() as transport:
        faulty.on("PROPFIND", faulty.multistatus("".join(content)))
        names = ["refused", "empty", "nothing", "odd", "whole", "failed"]

        assert list(transport.list()) == [Ref(f"/dav/cal/{name}.ics") for name in names]


def test_what_is_no_item(faulty, event):
    """Collections inside, and items said to be gone, are not listed."""
    folder = faulty.found("/dav/cal/sub", "<D:resourcetype><D:collection/></D:resourcetype>")
    slashed = faulty.found("/dav/cal/other/", "<D:getetag>x</D:getetag>")
    gone = faulty.gone("/dav/cal/old.ics")
    href = faulty.put("a.ics", event("a"))
    with faulty.open() as transport:
        content = faulty.collection() + folder + slashed + gone + faulty.member(href)
        faulty.on("PROPFIND", faulty.multistatus(content))

        assert list(transport.list()) == [Ref(href, '"1"')]


def test_one_item_twice(faulty):
    """An item listed twice is one item; if the versions differ, none of them is believed."""
    content = [
        faulty.collection(),
        faulty.found("/dav/cal/a.ics", '<D:getetag>"1"</D:getetag>'),
        faulty.found("/dav/cal/%61.ics", '<D:getetag>"1"</D:getetag>'),
        faulty.found("/dav/cal/b.ics", '<D:getetag>"1"</D:getetag>'),
        faulty.found("/dav/cal/b.ics", '<D:getetag>"2"</D:getetag>'),
    ]
    with faulty.open() as transport:
        faulty.on("PROPFIND", faulty.multistatus("".join(content)))

        assert list(transport.list()) == [Ref("/dav/cal/a.ics", '"1"'), Ref("/dav/cal/b.ics")]


@pytest.mark.parametrize(
    "href",
    [
        "/dav/cal/a%40b.ics",
        "/dav/cal/a@b.ics",
        "a@b.ics",
        "./a%40b.ics",
        "/dav/c%61l/%61@b.ics",
        "http://inside.example.org:5232/dav/cal/a@b.ics",
        "  /dav/cal/a@b.ics\n",
    ],
)
def test_spellings_of_one_name(faulty, href):
    """However a server spells a name, the item has one href."""
    with faulty.open() as transport:
        listed = faulty.found(href, '<D:getetag>"1"</D:getetag>')
        faulty.on("PROPFIND", faulty.multistatus(faulty.collection() + listed))

        assert list(transport.list()) == [Ref("/dav/cal/a@b.ics", '"1"')]


def test_names_that_look_like_addresses(faulty):
    """A name with a colon, question mark or hash is a name; it is asked for escaped."""
    with faulty.open() as transport:
        listed = "".join(
            faulty.found(href, '<D:getetag>"1"</D:getetag>')
            for href in ("co:lon.ics", "/dav/cal/why?.ics", "/dav/cal/no#1.ics")
        )
        faulty.on("PROPFIND", faulty.multistatus(faulty.collection() + listed))
        hrefs = [ref.href for ref in transport.list()]
        faulty.methods()
        list(transport.read(hrefs))
        (report, *_) = faulty.asked

    assert hrefs == ["/dav/cal/co:lon.ics", "/dav/cal/why%3F.ics", "/dav/cal/no%231.ics"]
    assert report.hrefs() == hrefs


def test_resources_of_other_servers(faulty):
    """A listing that names a resource of another server is refused."""
    with faulty.open() as transport:
        foreign = faulty.found("http://192.0.2.1/secret.ics", '<D:getetag>"1"</D:getetag>')
        faulty.on("PROPFIND", faulty.multistatus(faulty.collection() + foreign))

        with pytest.raises(ProtocolError, match="another server"):
            list(transport.list())


def test_control_characters_in_a_listing(faulty):
    """A listing with characters that XML forbids is read; the damaged name is known to be so."""
    with faulty.open() as transport:
        good = faulty.found("/dav/cal/good.ics", '<D:getetag>"1"</D:getetag>')
        bad = faulty.found("/dav/cal/b\x07d.ics", '<D:getetag>"2"</D:getetag>')
        faulty.on("PROPFIND", faulty.multistatus(faulty.collection() + good + bad))
        refs = list(transport.list())
        faulty.methods()
        (answer,) = transport.read([refs[1].href])

    assert refs[0] == Ref("/dav/cal/good.ics", '"1"')
    assert "damaged" in answer.reason
    assert faulty.methods() == []

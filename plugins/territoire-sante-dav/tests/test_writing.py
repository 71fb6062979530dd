# SPDX-License-Identifier: Apache-2.0
"""Writes to servers that ignore conditions, rename, lose answers and refuse in many ways."""

from __future__ import annotations

import pytest

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConflictError,
    ItemNotFoundError,
    ItemRefusedError,
    OutcomeUnknownError,
    ProtocolError,
    RetryableError,
)
from territoire_sante.formats import Document
from territoire_sante.plugins import Ref
from territoire_sante.testing.dav import Faults
from territoire_sante_dav import DavConfig, open_calendar

PAGE = b"<html><title>Log in</title></html>"
NAME = "/dav/cal/a.ics"


@pytest.fixture
def stored(faulty, event):
    """Store one item as somebody else would, and give its ref."""
    return Ref(faulty.put("a.ics", event("u", "old")), '"1"')


# --- conditions ------------------------------------------------------------------------------


def test_every_write_has_a_condition(faulty, event):
    """Creating, replacing and deleting take one request each, on condition of the version."""
    with faulty.open() as transport:
        faulty.asked.clear()
        ref = transport.create("a", event("u"))
        ref = transport.replace(ref, event("u", "new"))
        transport.delete(ref)

    create, replace, delete = faulty.asked
    assert create.headers["If-None-Match"] == "*"
    assert create.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert replace.headers["If-Match"] == '"1"'
    assert delete.headers["If-Match"] == '"2"'


@pytest.mark.parametrize("etag", ["weak", "missing"])
def test_weak_and_missing_etags(faulty, event, etag):
    """Without a strong ETag an item is compared before it is written: the right version passes."""
    faulty.faults = Faults(etags=etag)
    href = faulty.put("a.ics", event("u", "old"))
    with faulty.open() as transport:
        (read,) = transport.read([href])
        transport.replace(read.ref, event("u", "new"))
        (read,) = transport.read([href])
        assert read.document == event("u", "new")
        transport.delete(read.ref)

    assert faulty.items == {}


@pytest.mark.parametrize("etag", ["weak", "missing"])
def test_stale_weak_and_missing_etags(faulty, event, etag):
    """Without a strong ETag, a version that changed meanwhile is neither replaced nor deleted."""
    faulty.faults = Faults(etags=etag)
    href = faulty.put("a.ics", event("u", "old"))
    with faulty.open() as transport:
        (read,) = transport.read([href])
        faulty.put("a.ics", event("u", "theirs"))

        with pytest.raises(ConflictError):
            transport.replace(read.ref, event("u", "ours"))
        with pytest.raises(ConflictError):
            transport.delete(read.ref)
        faulty.remove(href)
        with pytest.raises(ItemNotFoundError):
            transport.replace(read.ref, event("u", "ours"))
        with pytest.raises(ItemNotFoundError):
            transport.delete(read.ref)
    assert faulty.items == {}


def test_a_stronger_etag_appears(faulty, event):
    """A weak ETag that the server gives strong when asked again makes the server check it."""
    href = faulty.put("a.ics", event("u", "old"))
    with faulty.open() as transport:
        faulty.asked.clear()
        transport.replace(Ref(href, 'W/"1"'), event("u", "new"))

    assert [(asked.method, asked.headers["If-Match"]) for asked in faulty.asked] == [
        ("GET", None),
        ("PUT", '"1"'),
    ]


def test_no_version_no_write(faulty, stored, event):
    """An item of which no version is known is never written."""
    with faulty.open() as transport:
        faulty.methods()
        with pytest.raises(ConflictError):
            transport.replace(Ref(stored.href), event("u", "new"))
        with pytest.raises(ConflictError):
            transport.delete(Ref(stored.href))

    assert faulty.methods() == []


def test_ignored_conditions(faulty, stored, event):
    """On a server that ignores conditions, looking first saves what is there."""
    faulty.faults = Faults(ignores={"create", "replace", "replace-missing", "delete"})
    with faulty.open(careful=True) as transport:
        with pytest.raises(ConflictError):
            transport.create("a", event("other"))
        faulty.put("a.ics", event("u", "theirs"))
        with pytest.raises(ConflictError):
            transport.delete(stored)
        faulty.remove(stored.href)
        with pytest.raises(ItemNotFoundError):
            transport.replace(stored, event("u", "ours"))
        with pytest.raises(ItemNotFoundError):
            transport.delete(stored)
        ref = transport.create("a", event("new"))
        transport.delete(ref)

    assert faulty.items == {}


def test_sogo_is_recognised(faulty):
    """A server with SOGo's addresses is looked at first without being told."""
    faulty.agenda = faulty.calendar("/SOGo/dav/msp/Calendar/personal/")
    with faulty.open() as transport:
        told = {fact.key: fact for fact in transport.diagnose()}
    assert told["server"].found.en == "SOGo"
    assert told["preconditions"].value == "ignored"


def test_overwriting_is_noticed(faulty, stored, event):
    """A server that answers a creation as if it overwrote is looked at first from then on."""
    faulty.faults = Faults(ignores={"create", "replace", "replace-missing", "delete"})
    with faulty.open() as transport:
        transport.create("a", event("x"))

        with pytest.raises(ConflictError):
            transport.create("a", event("y"))


# --- where it went ---------------------------------------------------------------------------


def test_no_etag_in_the_answer(faulty, event, reply):
    """A version that the answer doesn't tell, or tells as weak, is asked for."""
    for headers in ({}, {"ETag": 'W/"x"'}):

        def silent(asked, headers=headers):
            faulty.truth(asked)
            return reply(201, b"", headers)

        faulty.on("PUT", silent)
        with faulty.open() as transport:
            ref = transport.create(f"n{len(headers)}", event(f"u{len(headers)}"))
            assert list(transport.list())[-1] == ref


def test_looking_fails_after_the_write(faulty, event, reply):
    """A write that was acknowledged stays one if its version cannot be asked for."""

    def silent(asked):
        faulty.truth(asked)
        faulty.on("PROPFIND", reply(500))
        return reply(201)

    faulty.on("PUT", silent)
    with faulty.open() as transport:
        assert transport.create("a", event("u")) == Ref(NAME, None)


@pytest.mark.parametrize("location", ["/dav/cal/their%20name.ics", "their%20name.ics"])
def test_renamed_by_location(faulty, event, reply, location):
    """An item that the server renames is known by the new name."""

    def renamed(asked):
        faulty.put("their%20name.ics", Document(asked.body, "text/calendar"))
        return reply(201, b"", {"Location": location})

    faulty.on("PUT", renamed)
    with faulty.open() as transport:
        ref = transport.create("a", event("u"))

        assert ref == Ref("/dav/cal/their%20name.ics", '"1"')
        assert list(transport.list()) == [ref]


@pytest.mark.parametrize("location", ["//192.0.2.1/a.ics", "http://192.0.2.1/a.ics", "/dav/cal/"])
def test_locations_elsewhere(faulty, event, reply, location):
    """A Location on another server, or of no item, is not followed."""

    def odd(asked):
        faulty.truth(asked)
        return reply(201, b"", {"Location": location, "ETag": '"1"'})

    faulty.on("PUT", odd)
    with faulty.open() as transport:
        assert transport.create("a", event("u")) == Ref(NAME, '"1"')


def test_renamed_without_a_word(faulty, event, reply):
    """An item stored under a name of the server's own is found by its UID."""

    def renamed(asked):
        faulty.put("own.ics", Document(asked.body, "text/calendar"))
        return reply(201)

    faulty.put("other.ics", event("other"))
    faulty.on("PUT", renamed)
    # As on some servers, the filter is ignored.
    faulty.on_report(
        "calendar-query",
        lambda _: faulty.multistatus("".join(faulty.member(h, data=True) for h in faulty.items)),
    )
    with faulty.open() as transport:
        assert transport.create("a", event("u")) == Ref("/dav/cal/own.ics", '"2"')


# --- refusals --------------------------------------------------------------------------------

VALID = '<C:valid-calendar-data xmlns:C="urn:ietf:params:xml:ns:caldav"/>'
UID = "<C:no-uid-conflict><D:href>/dav/cal/other.ics</D:href></C:no-uid-conflict>"


@pytest.mark.parametrize("status", [403, 409, 412])
@pytest.mark.parametrize(
    "condition", [VALID, UID, "<C:max-resource-size/>", "<D:quota-not-exceeded/>"]
)
def test_named_preconditions(faulty, stored, event, status, condition):
    """A refusal that names a precondition about the item concerns the item, whatever its status."""
    faulty.on("PUT", faulty.error(status, condition))
    with faulty.open() as transport:
        for write in (
            lambda: transport.create("b", event("v")),
            lambda: transport.replace(stored, event("u", "new")),
        ):
            with pytest.raises(ItemRefusedError) as caught:
                write()
            if condition is UID:
                assert "UID is already taken by /dav/cal/other.ics" in str(caught.value)
            else:
                assert condition.split("/>")[0].split(":")[1].split(" ")[0] in str(caught.value)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 413, 415, 501, 507])
def test_bare_refusals(faulty, stored, event, reply, status):
    """A refusal without a reason, with the item unchanged and the collection there, concerns it."""
    faulty.on("PUT", reply(status))
    with faulty.open() as transport:
        with pytest.raises(ItemRefusedError) as caught:
            transport.create("b", event("v"))
        assert caught.value.href == "/dav/cal/b.ics"
        with pytest.raises(ItemRefusedError):
            transport.replace(stored, event("u", "new"))


def test_deleting_what_is_gone(faulty, stored, reply):
    """Deleting what is gone says so, even where the server answers that the condition failed."""
    faulty.remove(stored.href)
    faulty.on("DELETE", reply(412))
    with faulty.open() as transport, pytest.raises(ItemNotFoundError):
        transport.delete(stored)


def test_deleted_in_part(faulty, stored):
    """A 207 to a deletion, with the item still there, is a refusal."""
    faulty.on("DELETE", faulty.multistatus(faulty.gone(stored.href, "423 Locked")))
    with faulty.open() as transport, pytest.raises(ItemRefusedError):
        transport.delete(stored)


def test_locked(faulty, stored, event, reply):
    """A locked item may be written later."""
    faulty.on("PUT", reply(423))
    with faulty.open() as transport, pytest.raises(RetryableError):
        transport.replace(stored, event("u", "new"))


@pytest.mark.parametrize("told", ["precondition", "privileges"])
def test_read_only(faulty, stored, event, reply, told):
    """A collection that may only be read is named as such, and the link can stop."""
    if told == "precondition":
        refusal = faulty.error(403, "<D:need-privileges/>")
    else:
        refusal = reply(403)
        faulty.properties["D:current-user-privilege-set"] = "<D:privilege><D:read/></D:privilege>"
    faulty.on("PUT", refusal)
    faulty.on("DELETE", refusal)
    with faulty.open() as transport:
        for write in (
            lambda: transport.create("b", event("v")),
            lambda: transport.replace(stored, event("u", "new")),
            lambda: transport.delete(stored),
        ):
            with pytest.raises(AuthError, match="may not write"):
                write()


def test_the_collection_is_gone(faulty, stored, event, reply):
    """A write into a collection that is gone tells that, not that the item is."""
    with faulty.open() as transport:
        for method in ("PUT", "DELETE", "PROPFIND"):
            faulty.on(method, reply(404))

        for write in (
            lambda: transport.create("b", event("v")),
            lambda: transport.replace(stored, event("u", "new")),
            lambda: transport.delete(stored),
        ):
            with pytest.raises(CollectionGoneError):
                write()


@pytest.mark.parametrize("status", [None, 500, 502, 503])
def test_unknown_outcomes(faulty, stored, event, reply, status):
    """A lost or failed answer leaves it open whether the write happened, as it may have."""

    def stores_and_fails(asked):
        faulty.truth(asked)
        return reply(status)

    faulty.on("PUT", stores_and_fails)
    faulty.on("DELETE", stores_and_fails)
    with faulty.open() as transport:
        with pytest.raises(OutcomeUnknownError):
            transport.create("b", event("v"))
        with pytest.raises(OutcomeUnknownError):
            transport.replace(stored, event("u", "new"))
        with pytest.raises(OutcomeUnknownError):
            transport.delete(Ref(stored.href, '"3"'))
    assert list(faulty.items) == ["/dav/cal/b.ics"]


def test_a_page_for_an_answer(faulty, stored, event, reply):
    """A web page in answer to a write proves nothing."""
    for method in ("PUT", "DELETE"):
        faulty.on(method, reply(200, PAGE))
    with faulty.open() as transport:
        with pytest.raises(OutcomeUnknownError):
            transport.create("b", event("v"))
        with pytest.raises(OutcomeUnknownError):
            transport.delete(stored)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirected_writes(faulty, stored, event, reply, status):
    """A redirected write is an error and writes nothing anywhere."""
    for method in ("PUT", "DELETE"):
        faulty.on(method, reply(status, b"", {"Location": "/dav/cal/elsewhere.ics"}))
    with faulty.open() as transport:
        with pytest.raises(ProtocolError, match="redirected"):
            transport.create("b", event("v"))
        with pytest.raises(ProtocolError, match="redirected"):
            transport.delete(stored)

    assert list(faulty.items) == [stored.href]


def test_throttled(faulty, event, reply):
    """A throttled write tells when to try again."""
    faulty.on("PUT", reply(429, b"", {"Retry-After": "120"}))
    with faulty.open() as transport, pytest.raises(RetryableError) as caught:
        transport.create("b", event("v"))

    assert caught.value.retry_after == 120


# --- who asks --------------------------------------------------------------------------------


class Doorman:
    """Counts, and puts a token on every request."""

    def __init__(self):
        self.count = 0

    def __call__(self, request):
        """Sign one request."""
        self.count += 1
        request.headers["Authorization"] = f"Bearer {self.count}"
        return request


def test_a_hosts_own_authenticator(faulty, event):
    """A host program may sign the requests itself, with a new token each time."""
    with open_calendar(DavConfig(url=faulty.url), auth=Doorman()) as transport:
        transport.create("a", event("u"))

    assert faulty.asked[-1].headers["Authorization"] == "Bearer 2"

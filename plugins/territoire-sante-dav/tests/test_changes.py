# SPDX-License-Identifier: Apache-2.0
"""Deltas of servers that page, forget, break and have none."""

from __future__ import annotations

import pytest

from territoire_sante.plugins import Batch, Ref

SYNC = "sync-collection"


@pytest.fixture
def three(faulty, event):
    """Store three items and give their refs."""
    return tuple(Ref(faulty.put(f"{n}.ics", event(f"u{n}")), f'"{n + 1}"') for n in range(3))


def everything(three, cursor="sync:3"):
    """Return the batch that stands for a refused cursor."""
    return Batch(changed=three, cursor=cursor, reset=True)


def test_paging(faulty, three):
    """Pages are followed until the last; the server is never asked to make them."""
    pages = {
        "1": faulty.member(three[1].href)
        + faulty.gone(faulty.home, "507 Insufficient Storage")
        + "<D:sync-token>2</D:sync-token>",
        "2": faulty.gone(three[0].href)
        + faulty.member(three[2].href)
        + "<D:sync-token>3</D:sync-token>",
    }

    def paged(asked):
        assert b"limit" not in asked.body
        token = asked.body.partition(b"sync-token>")[2][:1].decode()
        return faulty.multistatus(pages[token])

    faulty.on_report(SYNC, paged)
    with faulty.open() as transport:
        batch = transport.changes("sync:1")

    assert batch == Batch(changed=three[1:], removed=(three[0].href,), cursor="sync:3")


def test_endless_paging(faulty, three):
    """Pages that do not advance end in a full listing."""
    more = faulty.gone(faulty.home, "507 Insufficient Storage")
    faulty.on_report(SYNC, faulty.multistatus(more + "<D:sync-token>1</D:sync-token>"))
    with faulty.open() as transport:
        assert transport.changes("sync:1") == everything(three)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 412, 500, 501, 507])
def test_tokens_refused_in_every_way(faulty, three, reply, status):
    """Whatever status a refused token gets, with its reason or without, all is listed."""
    for refusal in (faulty.error(status, "<D:valid-sync-token/>"), reply(status)):
        faulty.on_report(SYNC, refusal)
        with faulty.open() as transport:
            assert transport.changes("sync:1") == everything(three)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<D:sync-token/>",
        "<D:response><D:status>HTTP/1.1 404 X</D:status></D:response>",
        "<D:response><D:href>http://192.0.2.1/a</D:href></D:response><D:sync-token>4</D:sync-token>",
    ],
)
def test_deltas_that_make_no_sense(faulty, three, content):
    """A delta without a token, or about nothing, or about another server ends in a listing."""
    faulty.on_report(SYNC, faulty.multistatus(content))
    with faulty.open() as transport:
        assert transport.changes("sync:1") == everything(three)


@pytest.mark.parametrize(
    "body", [b"", b"<D:multistatus xmlns:D='DAV:'>", b"<html>", b"<!DOCTYPE a><a/>"]
)
def test_broken_deltas(faulty, three, reply, body):
    """A delta that is cut off or no XML ends in a listing."""
    faulty.on_report(SYNC, reply(207, body))
    with faulty.open() as transport:
        assert transport.changes("sync:1") == everything(three)


def test_an_emoji_in_a_name(faulty, reply):
    """A name written as a pair of surrogates, which is no XML, is read as what it means."""
    body = faulty.xml(
        "<D:response><D:href>/dav/cal/&#xD83D;&#xDE00;.ics</D:href><D:propstat><D:prop>"
        '<D:getetag>"1"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>'
        "</D:response><D:sync-token>9</D:sync-token>"
    )
    faulty.on_report(SYNC, reply(207, body))
    with faulty.open() as transport:
        batch = transport.changes("sync:0")

    assert batch.changed == (Ref("/dav/cal/%F0%9F%98%80.ics", '"1"'),)


def test_a_damaged_name(faulty, three, reply):
    """A name that cannot be restored makes the delta useless, and all is listed."""
    body = faulty.xml(
        "<D:response><D:href>/dav/cal/a&#x7;.ics</D:href><D:status>HTTP/1.1 404 X</D:status>"
        "</D:response><D:sync-token>9</D:sync-token>"
    )
    faulty.on_report(SYNC, reply(207, body))
    with faulty.open() as transport:
        assert transport.changes("sync:0") == everything(three)


def test_members_with_problems(faulty):
    """In a delta, only 404 and 410 mean removed; any other problem means changed."""
    content = "".join(
        faulty.gone(f"/dav/cal/{status}.ics", f"{status} X") for status in (403, 404, 410, 418, 500)
    )
    content += faulty.gone("/dav/cal/sub/") + "<D:sync-token>9</D:sync-token>"
    faulty.on_report(SYNC, faulty.multistatus(content))
    with faulty.open() as transport:
        batch = transport.changes("sync:0")

    assert batch.removed == ("/dav/cal/404.ics", "/dav/cal/410.ics")
    assert batch.changed == tuple(Ref(f"/dav/cal/{status}.ics") for status in (403, 418, 500))


def test_removed_and_made_again(faulty, event):
    """An item removed and made again in between is changed, not removed."""
    content = faulty.gone("/dav/cal/a.ics") + faulty.found(
        "/dav/cal/a.ics", '<D:getetag>"7"</D:getetag>'
    )
    faulty.on_report(SYNC, faulty.multistatus(content + "<D:sync-token>9</D:sync-token>"))
    with faulty.open() as transport:
        batch = transport.changes("sync:0")

    assert (batch.changed, batch.removed) == ((Ref("/dav/cal/a.ics", '"7"'),), ())


def test_ctag(faulty, three, event):
    """Without sync-collection the collection's tag tells whether to list."""
    del faulty.properties["D:sync-token"], faulty.properties["D:supported-report-set"]
    with faulty.open() as transport:
        first = transport.changes(None)
        faulty.methods()
        quiet = transport.changes(first.cursor)
        requests = faulty.methods()
        faulty.put("new.ics", event("new"))
        changed = transport.changes(quiet.cursor)

    assert first == Batch(changed=three, cursor="ctag:c3")
    assert quiet == Batch(cursor="ctag:c3")
    assert requests == ["PROPFIND"]
    assert changed == Batch(
        changed=(*three, Ref("/dav/cal/new.ics", '"4"')), cursor="ctag:c4", reset=True
    )


def test_what_is_not_needed_is_not_asked_for(faulty, three):
    """Nothing that a server goes through all items for is asked for without need."""
    with faulty.open() as transport:
        first = transport.changes(None)
        listing = [asked.body for asked in faulty.asked]
        transport.changes(first.cursor)

    opening, state, _ = listing
    assert b"sync-token" not in opening
    assert b"getctag" not in opening
    assert b"sync-token" in state
    assert b"getctag" not in state
    assert [asked.method for asked in faulty.asked] == ["PROPFIND"] * 3 + ["REPORT"]


def test_the_report_is_offered_and_no_token(faulty, three):
    """A server that offers the report and shows no token is asked for its tag, too."""
    del faulty.properties["D:sync-token"]
    with faulty.open() as transport:
        assert transport.changes(None) == Batch(changed=three, cursor="ctag:c3")


def test_neither_token_nor_ctag(faulty, three):
    """Without any help all is listed each time, and no cursor is given."""
    for name in ("D:sync-token", "D:supported-report-set", "S:getctag"):
        del faulty.properties[name]
    with faulty.open() as transport:
        assert transport.changes(None) == Batch(changed=three)
        assert transport.changes("ctag:c3") == Batch(changed=three, reset=True)


def test_a_token_without_the_report(faulty, three):
    """A server that has tokens but does not offer the report is not asked for it."""
    faulty.properties["D:supported-report-set"] = (
        "<D:supported-report><D:report><C:calendar-multiget/></D:report></D:supported-report>"
    )
    with faulty.open() as transport:
        assert transport.changes(None).cursor == "ctag:c3"


def test_changes_while_listing(faulty, three, event):
    """A change made while the listing runs is told again by the next delta."""

    def meanwhile(asked):
        if asked.headers["Depth"] != "1":
            return None
        answer = faulty.truth(asked)
        if "late.ics" not in "".join(faulty.items):
            faulty.put("late.ics", event("late"))
        return answer

    faulty.on("PROPFIND", meanwhile)
    with faulty.open() as transport:
        first = transport.changes(None)
        second = transport.changes(first.cursor)

    assert first.changed == three
    assert second.changed == (Ref("/dav/cal/late.ics", '"4"'),)


def test_our_own_writes_are_not_news(faulty, event):
    """A cursor asked for after a write is newer than the write."""
    with faulty.open() as transport:
        transport.create("a", event("u"))
        first = transport.changes(None)

        assert transport.changes(first.cursor).changed == ()

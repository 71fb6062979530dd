# SPDX-License-Identifier: Apache-2.0
"""Feeds over HTTP: what is asked, what is refused, and who is recognised as whom."""

from __future__ import annotations

import pytest

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConfigError,
    ProtocolError,
    RetryableError,
)
from territoire_sante.formats import icalendar, vcard
from territoire_sante.plugins import Stored, open_transport, structure_config
from territoire_sante_files import ICS_FEED, VCF_FEED, FeedConfig


def read(spec, config):
    """Return what a feed holds, by UID."""
    with open_transport(spec, config) as feed:
        answers = list(feed.read([ref.href for ref in feed.list()]))
    lens = spec.lens_for(config)
    return {lens.get(answer.document).uid: answer for answer in answers}


# What is asked of the server.


def test_a_second_look_is_conditional(web, calendar):
    """The validators of the last answer are sent, and 304 means that nothing changed."""
    web.serve(calendar(uid="a"), etag='"1"', modified="Fri, 01 May 2026 10:00:00 GMT")
    with open_transport(ICS_FEED, web.config()) as feed:
        first = feed.changes(None)
    with open_transport(ICS_FEED, web.config()) as feed:
        second = feed.changes(first.cursor)

    asked = web.seen[-1]
    assert [ref.href for ref in first.changed] == ["a"]
    assert (asked["if-none-match"], asked["if-modified-since"]) == (
        '"1"',
        "Fri, 01 May 2026 10:00:00 GMT",
    )
    assert (second.changed, second.removed, second.reset) == ((), (), False)
    assert (second.complete, second.cursor) == (True, first.cursor)


def test_the_same_bytes_are_no_change(web, calendar):
    """A server without validators costs a download, but no change is seen."""
    web.serve(calendar(uid="a"))
    with open_transport(ICS_FEED, web.config()) as feed:
        first = feed.changes(None)
        second = feed.changes(first.cursor)

    assert (second.changed, second.reset) == ((), False)


def test_a_304_nobody_asked_for_is_refused(web):
    """304 as an answer to an unconditional request is never an empty feed."""
    web.answer = (304, b"", {})
    with (
        open_transport(ICS_FEED, web.config()) as feed,
        pytest.raises(ProtocolError, match="nothing changed"),
    ):
        feed.changes(None)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b"<!DOCTYPE html><html><body>Sign in</body></html>", ProtocolError),
        (200, b"", ProtocolError),
        (200, b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", ProtocolError),
        (200, b"BEGIN:VCARD\r\nFN:x\r\nEND:VCARD\r\n", ProtocolError),
        (204, b"", ProtocolError),
        (206, b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", ProtocolError),
        (401, b"", AuthError),
        (403, b"", AuthError),
        (404, b"", CollectionGoneError),
        (410, b"", CollectionGoneError),
        (500, b"", RetryableError),
    ],
)
def test_nothing_else_is_taken_for_a_feed(web, status, body, error):
    """A login page, a cut file, another format or an error status never reads as 'all deleted'."""
    web.answer = (status, body, {})
    with open_transport(ICS_FEED, web.config()) as feed, pytest.raises(error):
        list(feed.list())


def test_a_feed_beyond_the_cap_is_refused(web, calendar):
    """No more than ``max_bytes`` is read."""
    web.serve(calendar(uid="a") + b" " * 5000)
    config = web.config(max_bytes=2000)
    with open_transport(ICS_FEED, config) as feed, pytest.raises(ProtocolError, match="larger"):
        list(feed.list())


def test_webcal_is_asked_by_https():
    """``webcal://``, which calendar programs write, means https."""
    assert FeedConfig(url="webcal://example.org/a.ics").web_url == "https://example.org/a.ics"
    assert FeedConfig(url="http://example.org/a.ics").web_url == "http://example.org/a.ics"


@pytest.mark.parametrize(
    "options",
    [
        {"url": "ftp://example.org/a.ics"},
        {"url": "agenda.ics"},
        {"url": "https://me:secret@example.org/a.ics"},
        {"url": "https://example.org/", "username": "me"},
        {"url": "https://example.org/", "max_bytes": 0},
    ],
)
def test_what_cannot_be_asked_is_refused(options):
    """An address without scheme or with credentials, or half an account, is a ConfigError."""
    with pytest.raises(ConfigError):
        structure_config(ICS_FEED, options)


def test_credentials_are_sent(web, calendar):
    """A feed behind Basic authentication gets user name and password."""
    web.serve(calendar(uid="a"))
    config = structure_config(ICS_FEED, {"url": web.url, "username": "me", "password": "x"})
    with open_transport(ICS_FEED, config) as feed:
        assert len(list(feed.list())) == 1
    assert web.seen[-1]["authorization"].startswith("Basic ")


def test_a_redirect_into_the_own_network_is_refused(web, other_web, calendar):
    """Where the server redirects to is held to the address policy, unless a network is allowed."""
    other_web.serve(calendar(uid="a"))
    web.redirect = other_web.url
    with open_transport(ICS_FEED, web.config()) as feed, pytest.raises(ProtocolError):
        list(feed.list())
    with open_transport(ICS_FEED, web.config(networks=("127.0.0.0/8",))) as feed:
        assert len(list(feed.list())) == 1


def test_a_network_that_is_none_is_refused(web):
    """A wrong network is a ConfigError when the feed is opened."""
    with (
        pytest.raises(ConfigError, match="network"),
        open_transport(ICS_FEED, web.config(networks=("intranet",))),
    ):
        pass


def test_the_address_does_not_show(web):
    """A private address is in no representation, and in no error about what came from it."""
    web.answer = (200, b"<html>Sign in</html>", {})
    with open_transport(ICS_FEED, web.config()) as feed, pytest.raises(ProtocolError) as caught:
        list(feed.list())

    assert all("agenda.ics" not in text for text in (repr(web.config()), str(caught.value)))


def test_a_cursor_of_another_version_starts_anew(web, calendar):
    """A cursor that this version did not write is answered by everything, with ``reset``."""
    web.serve(calendar(uid="a"), etag='"1"')
    for cursor in ("", "no such cursor", "[]", '{"v":0}', '{"v":1,"unknown":""}'):
        with open_transport(ICS_FEED, web.config()) as feed:
            batch = feed.changes(cursor)
        assert (batch.reset, [ref.href for ref in batch.changed]) == (True, ["a"])


def test_it_says_what_it_found(web, event_lines):
    """The doctor is told how many items there are, and how changes are noticed."""
    web.serve(event_lines("UID:a", "SUMMARY:A"), event_lines("SUMMARY:B"), etag='"1"')
    with open_transport(ICS_FEED, web.config()) as feed:
        facts = {fact.key: fact for fact in feed.diagnose()}

    assert {key: fact.value for key, fact in facts.items()} == {
        "items": "2",
        "validators": "ETag",
        "without_uid": "1",
    }
    assert facts["without_uid"].handling.fr == "reconnus à leur contenu"


# Items.


def test_events_that_share_a_uid_are_told_apart(web, event_lines):
    """Several events under one UID are known by what they say; one that comes twice is one."""
    events = [event_lines("UID:all", f"SUMMARY:{title}") for title in ("A", "B", "B", "C")]
    web.serve(*events)
    before = read(ICS_FEED, web.config())
    web.serve(*reversed(events))
    after = read(ICS_FEED, web.config())

    titles = {uid: icalendar.EVENT.get(one.document).summary for uid, one in before.items()}
    assert sorted(titles.values()) == ["A", "B", "C"]
    assert after.keys() == before.keys()
    assert "all" not in before


def test_very_many_under_one_uid_take_no_longer(web, event_lines):
    """A feed of thousands of events under one UID is read in the time of its length."""
    web.serve(*(event_lines("UID:all", f"SUMMARY:{number}") for number in range(3000)))
    with open_transport(ICS_FEED, web.config()) as feed:
        assert len(list(feed.list())) == 3000


def test_cards_that_share_a_uid_are_told_apart(web):
    """Two cards under one UID are two cards."""
    cards = "".join(
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c\r\nFN:{name}\r\nEND:VCARD\r\n" for name in "AB"
    )
    web.answer = (200, cards.encode(), {})

    assert len(read(VCF_FEED, web.config())) == 2


def test_one_broken_item_is_set_aside(web, event_lines):
    """An item that is two series at once is set aside with its line; the rest is read."""
    web.serve(
        event_lines("UID:a", "SUMMARY:One"),
        event_lines("UID:b", "SUMMARY:Two", "RRULE:FREQ=DAILY"),
        event_lines("UID:b", "SUMMARY:Three", "RRULE:FREQ=WEEKLY"),
        event_lines("UID:b", "SUMMARY:Four", "RECURRENCE-ID;VALUE=DATE:20260511"),
    )
    with open_transport(ICS_FEED, web.config()) as feed:
        answers = {a.ref.href: a for a in feed.read([ref.href for ref in feed.list()])}

    assert isinstance(answers["a"], Stored)
    assert "line" in answers["b"].reason


def test_an_item_without_uid_gets_one(web, event_lines):
    """An event without UID has one here, the same at each download."""
    web.serve(event_lines("SUMMARY:Permanence"))
    (first,) = read(ICS_FEED, web.config())
    web.serve(event_lines("SUMMARY:Permanence", "DTSTAMP:20260505T000000Z"))
    (second,) = read(ICS_FEED, web.config())

    assert first == second


def test_twins_without_uid_are_two(web, event_lines):
    """Two identical events without UID stay two."""
    web.serve(event_lines("SUMMARY:Permanence"), event_lines("SUMMARY:Permanence"))

    assert len(read(ICS_FEED, web.config())) == 2


def test_only_the_uid_line_is_touched(web, event_lines):
    """What is served of an item is its lines as they came, but for the UID."""
    lines = event_lines("SUMMARY:Permanence", "X-ODD;A=1:kept  as it is")
    web.serve(lines)
    (answer,) = read(ICS_FEED, web.config()).values()

    uid = icalendar.EVENT.get(answer.document).uid
    assert answer.document.data.count(b"UID:") == 1
    assert lines in answer.document.data.replace(f"UID:{uid}\r\n".encode(), b"")


def test_cards_are_read(web):
    """An address book is read from an address too."""
    web.answer = (200, b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c\r\nFN:Mairie\r\nEND:VCARD\r\n", {})
    answers = read(VCF_FEED, web.config())

    assert vcard.CONTACT.get(answers["c"].document).formatted_name == "Mairie"

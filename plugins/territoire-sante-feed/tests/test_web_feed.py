# SPDX-License-Identifier: Apache-2.0
"""Feeds over HTTP: what is asked, what is refused, what is recognised, what is gone."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.errors import (
    CollectionGoneError,
    ConfigError,
    ConnectorError,
    ProtocolError,
    RetryableError,
)
from territoire_sante.formats.feed import AnyLens, FeedFormat, read
from territoire_sante.plugins import open_transport, structure_config
from territoire_sante.testing.feed import Fault, FeedServer
from territoire_sante_feed import WEB_FEED, WebFeedConfig

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
LENS = AnyLens()
FORMATS = pytest.mark.parametrize("format_", FeedFormat, ids=lambda one: one.value)


def _opened(web, **options):
    return open_transport(WEB_FEED, WebFeedConfig(url=web.url, **options))


# What is asked of the server.


@pytest.mark.parametrize(("etag", "modified"), [(True, True), (True, False), (False, True)])
def test_a_second_look_is_conditional(published, etag, modified):
    """The validators of the last answer are sent, and 304 is neither empty nor a change."""
    with FeedServer(published([1]), etag=etag, last_modified=modified) as web:
        with _opened(web) as feed:
            first = feed.changes(None)
        with _opened(web) as feed:
            second = feed.changes(first.cursor)

    asked = web.asked[-1]
    assert asked.status == 304
    assert ("if-none-match" in asked.headers, "if-modified-since" in asked.headers) == (
        etag,
        modified,
    )
    assert [ref.href for ref in first.changed] == ["urn:example:1"]
    assert (second.changed, second.removed, second.reset, second.cursor) == (
        (),
        (),
        False,
        first.cursor,
    )


def test_the_same_bytes_are_no_change(published):
    """A server without validators costs a download, but no change is seen."""
    with FeedServer(published([1]), etag=False, last_modified=False) as web, _opened(web) as feed:
        first = feed.changes(None)
        second = feed.changes(first.cursor)

    assert [one.status for one in web.asked] == [200, 200]
    assert (second.changed, second.reset) == ((), False)


def test_a_change_is_a_new_listing(web, published):
    """Of a feed only the whole is known: a change gives all of it, with ``reset``."""
    web.publish(published([1]))
    with _opened(web) as feed:
        first = feed.changes(None)
    web.publish(published([1, 2]))
    with _opened(web) as feed:
        second = feed.changes(first.cursor)

    assert [ref.href for ref in second.changed] == ["urn:example:2", "urn:example:1"]
    assert second.reset
    assert first.changed[0] in second.changed


@pytest.mark.parametrize("cursor", ["", "no such cursor", "[]", '{"v":0}', '{"v":1,"odd":""}'])
def test_a_cursor_of_another_version_starts_anew(web, published, cursor):
    """A cursor that this version did not write is answered by everything, with ``reset``."""
    web.publish(published([1]))
    with _opened(web) as feed:
        batch = feed.changes(cursor)

    assert (batch.reset, len(batch.changed)) == (True, 1)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.HTML, ProtocolError),
        (Fault.ERROR, RetryableError),
        (Fault.BUSY, RetryableError),
        (Fault.CUT, ConnectorError),
        (Fault.SLOW, ConnectorError),
        (Fault.GONE, CollectionGoneError),
    ],
)
def test_a_fault_is_no_feed(web, published, fault, error):
    """A login page, an error, a cut or late answer never reads as a feed, not as an empty one."""
    web.publish(published([1, 2]))
    web.always(fault)
    with _opened(web, timeout=0.3, deadline=1.0) as feed, pytest.raises(error):
        list(feed.list())


def test_a_busy_server_names_its_time(web, published):
    """The time that a busy server asks for is kept for the next attempt."""
    web.publish(published([1]))
    web.always(Fault.BUSY)
    with _opened(web) as feed, pytest.raises(RetryableError) as caught:
        list(feed.list())

    assert caught.value.retry_after == 3600


def test_a_packed_feed_is_read(web, published, look):
    """A server that packs its answer although nobody asked for it is understood."""
    web.publish(published([1, 2]))
    web.always(Fault.GZIP)

    assert look().keys() == {"urn:example:1", "urn:example:2"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html/>",
        b'{"a": 1}',
        b"<rss><channel><item><title>A</title>",
        b"<rss><channel><item><title>A &nbsp;</title></item>",
        b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"/>',
    ],
)
def test_nothing_else_is_taken_for_a_feed(web, body):
    """A cut file, another format or nothing at all is refused as a whole."""
    web.publish(body)
    with _opened(web) as feed, pytest.raises(ProtocolError):
        list(feed.list())


def test_a_feed_called_a_page_is_still_a_feed(web, published, look):
    """Many servers call their feeds text/html: what they send counts."""
    web.media_type = "text/html"
    web.publish(published([1]))

    assert look().keys() == {"urn:example:1"}


def test_a_feed_beyond_the_cap_is_refused(web, published):
    """No more than ``max_bytes`` is read."""
    web.publish(published(range(1, 9)))
    with _opened(web, max_bytes=2000) as feed, pytest.raises(ProtocolError, match="larger"):
        list(feed.list())


@pytest.mark.parametrize(
    "options",
    [
        {"url": "ftp://example.org/a"},
        {"url": "annonces.atom"},
        {"url": "https://me:secret@example.org/a"},
        {"url": "https://example.org/", "username": "me"},
        {"url": "https://example.org/", "max_bytes": 0},
        {"url": "https://example.org/", "timezone": "Europe/Atlantide"},
    ],
)
def test_what_cannot_be_asked_is_refused(options):
    """An address without scheme or with credentials, or half an account, is a ConfigError."""
    with pytest.raises(ConfigError):
        structure_config(WEB_FEED, options)


def test_credentials_are_sent(web, published):
    """A feed behind Basic authentication gets user name and password."""
    web.publish(published([1]))
    config = structure_config(WEB_FEED, {"url": web.url, "username": "me", "password": "x"})
    with open_transport(WEB_FEED, config) as feed:
        assert len(list(feed.list())) == 1

    assert web.asked[-1].headers["authorization"].startswith("Basic ")


def test_the_address_does_not_show(web):
    """A private address is in no representation, and in no error about what came from it."""
    web.always(Fault.HTML)
    with _opened(web) as feed, pytest.raises(ProtocolError) as caught:
        list(feed.list())

    assert all("flux" not in text for text in (repr(WebFeedConfig(url=web.url)), str(caught.value)))


def test_it_says_what_it_found(web, published):
    """The doctor is told the format, how many announcements there are, and how changes show."""
    data = read(published([1, 2], FeedFormat.RSS))
    web.publish(data.remove("urn:example:1", now=NOW, tombstone=True))
    with _opened(web) as feed:
        facts = {fact.key: fact.value for fact in feed.diagnose()}

    assert facts == {
        "format": "rss",
        "items": "1",
        "removed": "1",
        "validators": "ETag Last-Modified",
    }


# Who is who.


@FORMATS
def test_everything_written_is_read_over_the_web(web, published, look, format_):
    """What one installation publishes, another reads in full."""
    end = dt.datetime(2026, 5, 1, 18, tzinfo=dt.UTC)
    web.publish(published([1], format_, publish_until=end, place="Salle des fêtes"))

    view = LENS.get(look()["urn:example:1"].document)

    assert (view.title, view.place, view.publish_until) == ("Avis 1", "Salle des fêtes", end)
    assert view.url == "https://example.org/1"


@FORMATS
def test_new_identifiers_are_recognised(web, published, look, format_):
    """A feed that renames its entries at each download has the same entries each time."""
    web.publish(published([1, 2, 3], format_))
    before = look()
    web.always(Fault.NEW_IDS)

    after = look(before.values())

    assert {uid: one.ref for uid, one in after.items()} == {
        uid: one.ref for uid, one in before.items()
    }
    assert after.keys() == {f"urn:example:{number}" for number in (1, 2, 3)}


def test_a_corrected_entry_with_a_new_identifier_goes_by_its_link(web, published, look):
    """Title and identifier changed, the page is the same: it is the same announcement."""
    web.publish(published([1, 2]))
    before = look()
    web.publish(published([1, 2]).replace(b"Avis 1", b"Avis corrig\xc3\xa9"))
    web.always(Fault.NEW_IDS)

    after = look(before.values())

    assert after.keys() == before.keys()
    assert LENS.get(after["urn:example:1"].document).title == "Avis corrigé"
    assert after["urn:example:1"].ref.etag != before["urn:example:1"].ref.etag
    assert after["urn:example:2"].ref == before["urn:example:2"].ref


def test_entries_of_one_page_go_by_what_they_say(web, published, look):
    """Where every entry has the address of the home page, the link tells nothing."""
    web.publish(published([1, 2, 3], url="https://example.org/"))
    before = look()
    web.always(Fault.NEW_IDS)

    assert look(before.values()).keys() == before.keys()


@pytest.mark.parametrize("url", ["https://example.org/", "https://example.org/actualites", ""])
def test_a_new_entry_does_not_take_an_old_ones_place(web, published, look, url):
    """One entry goes and another comes, with the same address or the same words: two entries."""
    web.publish(published([1, 2], url=url, title="Permanence", body="Samedi"))
    before = look()
    web.publish(published([2, 3], url=url, title="Permanence", body="Samedi"))

    after = look(before.values())

    assert after.keys() == {f"urn:example:{number}" for number in (1, 2, 3)}
    assert after["urn:example:1"] == before["urn:example:1"]


def test_one_identifier_for_all_is_none(web, published, look):
    """Entries that share an identifier are known by what they say, in whatever order they come."""
    data = published([1, 2, 3])
    web.publish(
        data.replace(b"urn:example:2", b"urn:example:1").replace(b"example:3", b"example:1")
    )
    before = look()
    other = published([3, 1, 2])
    other = other.replace(b"urn:example:2", b"urn:example:1").replace(b"example:3", b"example:1")
    web.publish(other)
    after = look(before.values())

    assert len(before) == 3
    assert {uid: one.ref for uid, one in after.items()} == {
        uid: one.ref for uid, one in before.items()
    }


def test_links_lead_somewhere(web, look):
    """Relative links are made full: by the base that the feed tells, else by its address."""
    web.publish(
        b"<rss><channel><item><guid>a</guid><link>/avis/1</link></item>"
        b'<item xml:base="https://example.org/x/"><guid>b</guid><link>2</link>'
        b'<enclosure url="../affiche.pdf" type="application/pdf" length="1"/></item>'
        b"</channel></rss>"
    )
    found = {uid: LENS.get(one.document) for uid, one in look().items()}

    assert found["a"].url == web.url.replace("/flux", "/avis/1")
    assert found["b"].url == "https://example.org/x/2"
    assert found["b"].attachments[0].url == "https://example.org/affiche.pdf"


@pytest.mark.parametrize(
    "data",
    [
        b"<rss><channel><language>oc</language><item><guid>a</guid></item></channel></rss>",
        b'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="oc"><entry><id>a</id></entry></feed>',
        b'{"version": "https://jsonfeed.org/version/1", "language": "oc", "items": [{"id": "a"}]}',
    ],
    ids=["rss", "atom", "json"],
)
def test_an_entry_has_the_language_of_its_feed(web, look, data):
    """An entry that names no language has that of the feed."""
    web.publish(data)

    assert LENS.get(look()["a"].document).language == "oc"


@FORMATS
def test_an_entry_keeps_its_own_language(web, published, look, format_):
    """A notice in French that we wrote in a feed that calls itself otherwise is in French."""
    data = published([1], format_)
    for told in (b'xml:lang="%s"', b"<language>%s</language>", b'"language": "%s",\n  "authors"'):
        data = data.replace(told % b"fr", told % b"oc")
    web.publish(data)

    assert read(data).language == "oc"
    assert LENS.get(look()["urn:example:1"].document).language == "fr"


# What is gone.


@FORMATS
def test_what_only_vanished_is_kept(web, published, look, format_):
    """The newest entries push the oldest out of a feed: those were not taken back."""
    web.publish(published([1, 2, 3], format_))
    before = look()
    web.publish(published([3, 4, 5], format_))

    after = look(before.values())

    assert after.keys() == {f"urn:example:{number}" for number in range(1, 6)}
    assert after["urn:example:1"] == before["urn:example:1"]
    assert look(before.values(), keep_vanished=False).keys() == {
        f"urn:example:{number}" for number in range(3, 6)
    }


def test_an_empty_feed_took_nothing_back(web, published, look):
    """A feed without entries says nothing about those that it had."""
    web.publish(published([1, 2, 3]))
    before = look()
    web.publish(published([]))

    assert look(before.values()).keys() == before.keys()


@FORMATS
def test_a_tombstone_takes_back(web, published, look, format_):
    """An entry that the feed says it took back is gone, however old it is."""
    data = published([1, 2, 3], format_)
    web.publish(data)
    before = look()
    web.publish(read(data).remove("urn:example:1", now=NOW, tombstone=True))

    assert look(before.values()).keys() == {"urn:example:2", "urn:example:3"}


@pytest.mark.parametrize("gone", [2, 3])
def test_a_gap_takes_back(web, published, look, gone):
    """An entry that is gone although older ones are still shown was taken back."""
    web.publish(published([0, 1, 2, 3]))
    before = look()
    web.publish(published([number for number in range(4) if number != gone]))

    assert f"urn:example:{gone}" not in look(before.values())
    assert len(look(before.values())) == 3


@pytest.mark.parametrize(("until", "kept"), [(2026, True), (2099, False)])
def test_what_was_over_was_not_taken_back(web, published, look, until, kept):
    """A site that clears away what is over did not withdraw it."""
    end = dt.date(until, 4, 1)
    web.publish(published([0, 1, 2, 3], publish_until=end))
    before = look()
    web.publish(published([0, 1, 3], publish_until=end))

    assert ("urn:example:2" in look(before.values())) is kept


def test_one_pinned_entry_covers_nothing(web, published, look):
    """A single old entry that stays on top does not make the feed reach back to it."""
    web.publish(published([0, 5, 6]))
    before = look()
    web.publish(published([0, 6, 7]))

    assert "urn:example:5" in look(before.values())


def test_what_is_not_followed_any_more_stays_away(web, published, look):
    """An item that the link gave up is not listed again because it vanished."""
    web.publish(published([1, 2, 3]))
    before = look()
    web.publish(published([2, 3, 4]))
    given_up = [attrs.evolve(one, ref=attrs.evolve(one.ref, etag=None)) for one in before.values()]

    assert "urn:example:1" not in look(given_up)

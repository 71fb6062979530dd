# SPDX-License-Identifier: Apache-2.0
"""What a feed says it took back, and entries of whatever format."""

from __future__ import annotations

import datetime as dt
import json
import xml.etree.ElementTree as ET

import attrs
import pytest

from territoire_sante.errors import FormatError, InvalidValueError
from territoire_sante.formats import Document
from territoire_sante.formats.feed import (
    AnyLens,
    FeedFormat,
    Head,
    Removed,
    new_feed,
    read,
    told_at,
)
from territoire_sante.model import Announcement

NOW = dt.datetime(2026, 3, 29, 12, 30, tzinfo=dt.UTC)
FORMATS = pytest.mark.parametrize("format_", FeedFormat, ids=lambda one: one.value)


def _notice(number: int = 1) -> Announcement:
    uid = f"urn:example:{number}"
    day = dt.date(2026, 3, 1)
    return Announcement(id=f"announcement:{uid}", uid=uid, title=f"Avis {number}", publish_from=day)


@pytest.fixture
def published():
    """Give a function that makes a feed of so many announcements."""

    def make(format_: FeedFormat, count: int = 2) -> bytes:
        data = new_feed(format_, Head(title="Annonces"), now=NOW)
        for number in range(1, count + 1):
            data = read(data).insert(format_.lens().put(_notice(number), now=NOW), now=NOW)
        return data

    return make


@FORMATS
def test_an_entry_taken_back_is_named(format_, published):
    """A tombstone says which entry is gone and since when; the other entries keep their bytes."""
    before = read(published(format_))

    after = read(before.remove("urn:example:1", now=NOW, tombstone=True))

    assert after.removed == (Removed("urn:example:1", NOW),)
    assert after.entries == (attrs.evolve(before.entries[0], line=after.entries[0].line),)


@FORMATS
def test_without_a_tombstone_nothing_is_said(format_, published):
    """An entry that only goes leaves no word, and a tombstone without a time is refused."""
    before = read(published(format_))

    assert read(before.remove("urn:example:1", now=NOW)).removed == ()
    with pytest.raises(InvalidValueError, match="time"):
        before.remove("urn:example:1", tombstone=True)


@FORMATS
@pytest.mark.parametrize("count", [1, 2])
def test_what_is_published_again_is_not_gone(format_, count, published):
    """An entry that comes back loses its tombstone, in an empty feed too."""
    before = read(published(format_, count))
    gone = read(before.remove("urn:example:1", now=NOW, tombstone=True))

    again = read(gone.insert(format_.lens().put(_notice(), now=NOW), now=NOW))

    assert again.removed == ()
    assert again.entries[0].id == "urn:example:1"
    assert len(again.entries) == count


@FORMATS
def test_the_oldest_words_go_first(format_, published):
    """Of many entries taken back the last hundred stay named."""
    data = published(format_, 105)
    for number in range(1, 106):
        later = NOW + dt.timedelta(minutes=number)
        data = read(data).remove(f"urn:example:{number}", now=later, tombstone=True)

    feed = read(data)

    assert feed.entries == ()
    assert {one.id for one in feed.removed} == {f"urn:example:{n}" for n in range(6, 106)}


def test_an_atom_tombstone_follows_the_rfc(published):
    """RFC 6721, 3: namespace, an IRI in ``ref``, a time in ``when``, a child of the feed."""
    data = read(published(FeedFormat.ATOM)).remove("urn:example:1", now=NOW, tombstone=True)

    root = ET.fromstring(data)  # noqa: S314 - our own bytes

    (told,) = root.findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    assert told.attrib == {"ref": "urn:example:1", "when": "2026-03-29T12:30:00Z"}


def test_tombstones_of_json_feeds_are_in_the_extension(published):
    """JSON Feed has no word for it: our own object lists what was taken back."""
    data = read(published(FeedFormat.JSON)).remove("urn:example:1", now=NOW, tombstone=True)

    assert json.loads(data)["_territoire_sante"] == {
        "deleted": [{"id": "urn:example:1", "when": "2026-03-29T12:30:00Z"}]
    }


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            (
                b'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:x='
                b'"http://purl.org/atompub/tombstones/1.0"><x:deleted-entry ref="a" when="hier"/>'
                b'<x:deleted-entry when="2026-03-29T12:30:00Z"/></feed>'
            ),
            (Removed("a"),),
        ),
        (
            (
                b'{"version": "https://jsonfeed.org/version/1.1", "items": [], "_territoire_sante":'
                b'{"deleted": [3, {"id": 4}, {"id": "a", "when": "2026-03-29T12:30:00"}]}}'
            ),
            (Removed("a"),),
        ),
        (
            (
                b'{"version": "https://jsonfeed.org/version/1.1", "items": [],'
                b'"_territoire_sante": {"deleted": "a"}}'
            ),
            (),
        ),
    ],
)
def test_odd_tombstones_are_passed_over(data, expected):
    """A tombstone without identifier says nothing; without a readable time, it still names one."""
    assert read(data).removed == expected


@FORMATS
def test_one_lens_reads_every_format(format_):
    """The lens for any format reads and edits an entry as the lens of its format does."""
    own, lens = format_.lens(), AnyLens()
    document = own.put(_notice(), now=NOW)
    edited = attrs.evolve(_notice(), title="Reporté")

    assert lens.get(document) == own.get(document)
    assert lens.put(edited, document, now=NOW) == own.put(edited, document, now=NOW)
    assert lens.put(_notice(), now=NOW) == FeedFormat.ATOM.lens().put(_notice(), now=NOW)


def test_one_lens_refuses_what_is_no_entry():
    """A document of another kind is refused, by its media type."""
    with pytest.raises(FormatError, match="text/calendar"):
        AnyLens().get(Document(b"", "text/calendar"))


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("rss", b"<item><pubDate>Sun, 01 Mar 2026 10:00:00 +0100</pubDate></item>", 9),
        (
            "rss",
            (
                b'<item xmlns:d="http://purl.org/dc/elements/1.1/"><d:date>2026-03-01T09:00:00'
                b"</d:date></item>"
            ),
            9,
        ),
        (
            "atom",
            (
                b'<entry xmlns="http://www.w3.org/2005/Atom"><updated>2026-03-01T08:00:00Z</updated>'
                b"</entry>"
            ),
            8,
        ),
        ("json", b'{"date_published": "", "date_modified": "2026-03-01T07:00:00Z"}', 7),
        ("json", b'{"date_published": 3}', None),
        ("rss", b"<item/>", None),
    ],
)
def test_entries_say_when_they_were_told(kind, data, expected):
    """The date of publication counts, else that of the last change; without zone it is UTC."""
    told = told_at(Document(data, FeedFormat(kind).lens().media_type))

    wanted = None if expected is None else dt.datetime(2026, 3, 1, expected, tzinfo=dt.UTC)
    assert told == wanted


def test_links_are_relative_to_what_the_feed_says():
    """The bases of feed, channel and entry add up (XML Base 3)."""
    feed = read(
        b'<rss xml:base="https://example.org/a/"><channel xml:base="b/"><item><guid>1</guid></item>'
        b'<item xml:base="/c/"><guid>2</guid></item></channel></rss>'
    )

    assert [entry.base for entry in feed.entries] == [
        "https://example.org/a/b/",
        "https://example.org/c/",
    ]

# SPDX-License-Identifier: Apache-2.0
"""What we write is what others read: feedparser for XML, a reader of its own for JSON Feed."""

from __future__ import annotations

import datetime as dt
import json
from io import BytesIO

import attrs
import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.formats.feed import FeedFormat, Head, entry_id, new_feed, read, text_from_html
from territoire_sante.model import Announcement, Attachment, make_id, shown_from

NOW = dt.datetime(2026, 3, 29, 12, 30, tzinfo=dt.UTC)
HEAD = Head(
    title="Santé & prévention",
    site_url="https://www.example.org/",
    self_url="https://www.example.org/annonces",
)
XML_FORMATS = pytest.mark.parametrize(
    "format_", [FeedFormat.ATOM, FeedFormat.RSS], ids=["atom", "rss"]
)


def _is_kept(text: str) -> bool:
    """
    Say whether feedparser leaves a text alone.

    It mends what looks like UTF-8 that was read as Latin-1: "à" before two no-break spaces
    becomes one Samaritan letter.
    """
    try:
        return text.isascii() or text.encode("latin-1").decode() == text
    except UnicodeError:
        return True


# Readers cut blanks at both ends of a text, and may take a title of RSS for HTML.
WORDS = st.text(
    st.characters(codec="utf-8", categories=("L", "N"), max_codepoint=0x2FFF)
    | st.sampled_from("’«»œ€é🩺\u00a0\u202f,;:!?()-"),
    min_size=1,
    max_size=12,
).map(lambda word: f"x{word}y")
TITLES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join).filter(_is_kept)
BODIES = (
    st.lists(
        (TITLES | st.sampled_from(["5 < 6", "a & b", "&nbsp;", "<b>gras</b>", '"cité"'])),
        min_size=1,
        max_size=4,
    )
    .map("\n".join)
    .filter(_is_kept)
)
WHENS = (
    st.none()
    | st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1))
    | st.datetimes(
        dt.datetime(1990, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
        dt.datetime(2100, 1, 1),  # noqa: DTZ001 - likewise
        timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=-4))]),
    )
)
FILES = st.builds(
    Attachment,
    url=st.sampled_from(["https://example.org/a.pdf", "https://example.org/a?b=1&c=2"]),
    media_type=st.sampled_from(["application/pdf", "image/png"]),
    size=st.integers(1, 10**9),
    alt=st.just("") | TITLES,
)


@st.composite
def views(draw) -> Announcement:
    """Draw an announcement with the texts that people write."""
    uid = draw(st.uuids().map(str) | st.sampled_from(["barnum", "urn:example:1"]))
    return Announcement(
        id=make_id("announcement", uid),
        uid=uid,
        title=draw(TITLES),
        body=draw(BODIES),
        url=draw(st.sampled_from(["https://example.org/1?a=1&b=2", "https://example.org/é"])),
        publish_from=draw(WHENS),
        attachments=tuple(draw(st.lists(FILES, max_size=3))),
    )


FEEDS = st.lists(views(), min_size=1, max_size=3, unique_by=lambda one: one.uid)


def _written(format_: FeedFormat, drawn: list[Announcement]) -> bytes:
    data = new_feed(format_, HEAD, now=NOW)
    for view in reversed(drawn):
        data = read(data).insert(format_.lens().put(view, now=NOW), now=NOW)
    return data


@XML_FORMATS
@settings(max_examples=60, deadline=None)
@given(drawn=FEEDS)
def test_feedparser_reads_what_was_written(format_, drawn):
    """Identifier, title, text, page, instant and attachments are those of the announcement."""
    found = feedparser.parse(BytesIO(_written(format_, drawn)))

    assert not found.bozo
    assert (found.feed.title, found.feed.link) == (HEAD.title, HEAD.site_url)
    assert [one["href"] for one in found.feed.links if one["rel"] == "self"] == [HEAD.self_url]
    assert len(found.entries) == len(drawn)
    for entry, view in zip(found.entries, drawn, strict=True):
        assert entry.id == entry_id(view.uid)
        assert entry.title == view.title
        assert entry.link == view.url
        told = entry.content[0].value if format_ is FeedFormat.ATOM else entry.summary
        assert text_from_html(told) == view.body
        assert _instant(entry) == _second(view)
        assert [
            Attachment(
                url=one.href, media_type=one.type, size=int(one.length), alt=one.get("title", "")
            )
            for one in entry.enclosures
        ] == list(_as_told(format_, view))


def _as_told(format_, view):
    """RSS has no words for an enclosure; ours are in our own namespace."""
    for number, one in enumerate(view.attachments):
        silent = format_ is FeedFormat.RSS and number == 0
        yield attrs.evolve(one, alt="") if silent else one


def _instant(entry):
    told = dict(entry.items()).get("published_parsed")
    return None if told is None else dt.datetime(*told[:6], tzinfo=dt.UTC)


def _second(view):
    begins = shown_from(view)
    return None if begins is None else begins.astimezone(dt.UTC).replace(microsecond=0)


@XML_FORMATS
def test_a_bare_identifier_is_not_made_a_link(format_):
    """Readers resolve a guid that may be a link against the feed's address; ours is none."""
    view = Announcement(id="announcement:a", uid="a", title="A", url="https://example.org/1")
    headers = {"content-location": "https://www.example.org/annonces"}

    found = feedparser.parse(BytesIO(_written(format_, [view])), response_headers=headers)

    assert found.entries[0].id == entry_id("a")
    assert found.entries[0].link == "https://example.org/1"


@settings(max_examples=60, deadline=None)
@given(drawn=FEEDS)
def test_any_json_reader_reads_what_was_written(drawn):
    """The members that version 1.1 names hold what the announcement says."""
    feed = json.loads(_written(FeedFormat.JSON, drawn))

    assert (feed["title"], feed["home_page_url"], feed["feed_url"]) == (
        HEAD.title,
        HEAD.site_url,
        HEAD.self_url,
    )
    for item, view in zip(feed["items"], drawn, strict=True):
        assert item["id"] == entry_id(view.uid)
        assert (item["title"], item["content_text"], item["url"]) == (
            view.title,
            view.body,
            view.url,
        )
        begins = item.get("date_published")
        assert (begins and dt.datetime.fromisoformat(begins)) == _second(view)
        assert [
            Attachment(
                url=one["url"],
                media_type=one["mime_type"],
                size=one["size_in_bytes"],
                alt=one.get("title", ""),
            )
            for one in item.get("attachments", ())
        ] == list(view.attachments)

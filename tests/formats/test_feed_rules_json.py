# SPDX-License-Identifier: Apache-2.0
"""What we write keeps the rules of JSON Feed 1.1, heading by heading."""

from __future__ import annotations

import datetime as dt
import json
import re

import attrs
import pytest

from territoire_sante.formats.feed import FeedFormat, Head, new_feed, read
from territoire_sante.model import Announcement, AnnouncementCategory, Attachment, make_id

NOW = dt.datetime(2026, 3, 29, 12, 30, tzinfo=dt.UTC)
HEADS = (
    Head(title="Annonces"),
    Head(
        title='Santé & "prévention"',
        description="Les annonces",
        site_url="https://www.example.org/",
        self_url="https://www.example.org/annonces.json",
        author="Maison de santé",
    ),
)
FULL = Announcement(
    id="announcement:barnum",
    uid="barnum",
    title="Dépistage",
    body='Samedi\n"Salle B" \\ 👩🏽‍⚕️',
    category=AnnouncementCategory.CRISIS,
    publish_from=dt.datetime(2026, 3, 29, 18, 30, 15, 250, tzinfo=dt.UTC),
    place="Salle des fêtes",
    url="https://www.example.org/1",
    attachments=(
        Attachment(url="https://www.example.org/a.pdf", media_type="application/pdf", size=12),
        Attachment(url="https://www.example.org/b", alt="Affiche"),
    ),
)
BARE = Announcement(id="announcement:a", uid="a", language="")
_ADDRESS = re.compile(r"https?://\S+")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def _written() -> list[bytes]:
    feeds = []
    lens = FeedFormat.JSON.lens()
    for head in HEADS:
        data = new_feed(FeedFormat.JSON, head, now=NOW)
        feeds.append(data)
        for uid in ("old", "gone"):
            data = read(data).insert(
                lens.put(attrs.evolve(FULL, uid=uid, id=make_id("announcement", uid)), now=NOW)
            )
        data = read(data).insert(lens.put(BARE, now=NOW))
        gone = read(data).entries[1]
        data = read(data).remove(gone.id, now=NOW, tombstone=True)
        entry = read(data).entries[0]
        edited = lens.put(attrs.evolve(BARE, title="Corrigé"), entry.document, now=NOW)
        feeds.append(read(data).replace(entry.id, edited, now=NOW))
    return feeds


FEEDS = _written()
PARSED = [json.loads(data) for data in FEEDS]
ITEMS = [item for feed in PARSED for item in feed["items"]]


def test_structure():
    """Structure: UTF-8 without byte order mark, one object."""
    assert all(data.decode().startswith("{") for data in FEEDS)


def test_top_level():
    """Top-level: version, title and items are there; all members are those defined, or ours."""
    known = {"version", "title", "home_page_url", "feed_url", "description", "language"}
    known |= {"authors", "items", "_territoire_sante"}
    for feed in PARSED:
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        assert isinstance(feed["title"], str)
        assert feed["title"]
        assert isinstance(feed["items"], list)
        assert feed.keys() <= known
        for name in ("home_page_url", "feed_url"):
            assert _ADDRESS.fullmatch(feed.get(name, "https://example.org"))


def test_authors():
    """Authors: a list of objects with a name; the author of version 1 is not used."""
    for feed in PARSED:
        assert all(one["name"] for one in feed["authors"])
        assert feed["authors"]
    assert not any("author" in one for one in (*PARSED, *ITEMS))


def test_items():
    """Items: a text or HTML is there, and all members are those defined, or ours."""
    known = {"id", "url", "title", "content_text", "date_published", "date_modified", "tags"}
    known |= {"language", "attachments", "_territoire_sante"}
    assert len(ITEMS) == 4
    for item in ITEMS:
        assert isinstance(item["content_text"], str)
        assert item.keys() <= known
        assert all(isinstance(one, str) and one for one in item["tags"])
        assert _ADDRESS.fullmatch(item.get("url", "https://example.org"))


def test_languages():
    """Items, language: a tag of RFC 5646, or nothing at all."""
    assert {item.get("language") for item in ITEMS} == {"fr", None}
    told = FeedFormat.JSON.lens().put(attrs.evolve(FULL, language="oc"))
    assert json.loads(told.data)["language"] == "oc"


def test_ids():
    """Items, id: a text, unique in the feed, the same for ever."""
    for feed in PARSED:
        names = [item["id"] for item in feed["items"]]
        assert all(isinstance(name, str) and name for name in names)
        assert len(set(names)) == len(names)
    assert [item["id"] for item in PARSED[1]["items"]] == [
        item["id"] for item in PARSED[3]["items"]
    ]


@pytest.mark.parametrize("name", ["date_published", "date_modified"])
def test_dates(name):
    """Items, dates: RFC 3339."""
    told = [item[name] for item in ITEMS if name in item]
    assert told
    assert all(_RFC3339.fullmatch(text) for text in told)


def test_attachments():
    """Attachments: address and media type are there; the size, if known, is a number."""
    told = [one for item in ITEMS for one in item.get("attachments", ())]
    assert told
    for one in told:
        assert _ADDRESS.fullmatch(one["url"])
        assert re.fullmatch(r"[\w.+-]+/[\w.+-]+", one["mime_type"])
        assert isinstance(one.get("size_in_bytes", 0), int)


def test_extensions():
    """Extensions: an object whose name begins with an underscore and a letter."""
    for one in (*PARSED, *ITEMS):
        for name in one:
            assert not name.startswith("_") or re.fullmatch(r"_[A-Za-z]\w*", name)
        assert isinstance(one.get("_territoire_sante", {}), dict)


def test_suggestions():
    """Suggestions for publishers: the media type is application/feed+json."""
    assert FeedFormat.JSON.media_type == "application/feed+json"

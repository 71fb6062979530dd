# SPDX-License-Identifier: Apache-2.0
import datetime as dt
import json
import pathlib
import xml.etree.ElementTree as ET

import attrs
import pytest

from territoire_sante.errors import (
    FormatError,
)
from territoire_sante.formats import Document
from territoire_sante.formats.feed import (
    ATOM,
    JSON_FEED,
    RSS,
    FeedFormat,
    Head,
    entry_id,
    new_feed,
    read,
)
from territoire_sante.model import (
    Announcement,
    Attachment,
    ContactPoint,
    ContactPointKind,
    Severity,
)

NOW = dt.datetime(2026, 3, 29, 12, 30, tzinfo=dt.UTC)
HEAD = Head(
    title="Santé & prévention",
    description="Les annonces de la maison de santé",
    site_url="https://www.example.org/",
    self_url="https://www.example.org/annonces",
)
NOTICE = Announcement(
    id="announcement:barnum",
    uid="0b54dfb8-7dc0-4d6a-a4b0-40db53b6a3e2",
    title="Dépistage gratuit",
    body="Samedi, 9 h - 12 h\nMaison de santé <entrée B>",
    publish_from=dt.date(2026, 11, 2),
    publish_until=dt.date(2026, 11, 14),
    severity=Severity.EVENT,
    url="https://www.example.org/depistage",
    audience=("48095",),
    attachments=(
        Attachment(
            url="https://www.example.org/affiche.pdf",
            media_type="application/pdf",
            size=1200,
            alt="Affiche",
        ),
    ),
)
FORMATS = pytest.mark.parametrize("format_", FeedFormat, ids=lambda one: one.value)
CORPUS = pathlib.Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "feeds"


def _feed(format_: FeedFormat, *views: Announcement) -> bytes:
    data = new_feed(format_, HEAD, now=NOW)
    for view in views:
        data = read(data).insert(format_.lens().put(view, now=NOW), now=NOW)
    return data


def test_a_new_atom_feed_follows_the_rfc():
    """Feed and entry hold what RFC 4287 asks for (4.1.1, 4.1.2), read with another parser."""
    names = {"a": "http://www.w3.org/2005/Atom"}

    feed = ET.fromstring(_feed(FeedFormat.ATOM, NOTICE))  # noqa: S314 - our own bytes

    assert feed.findtext("a:title", "", names) == HEAD.title
    assert feed.findtext("a:id", "", names) == HEAD.self_url
    assert feed.findtext("a:updated", "", names) == "2026-03-29T12:30:00Z"
    assert feed.findtext("a:author/a:name", "", names) == HEAD.title
    links = {link.get("rel"): link.get("href") for link in feed.findall("a:link", names)}
    assert links == {"self": HEAD.self_url, "alternate": HEAD.site_url}
    entry = feed.find("a:entry", names)
    assert entry is not None
    assert entry.findtext("a:id", "", names) == f"urn:uuid:{NOTICE.uid}"
    assert entry.findtext("a:updated", "", names) == "2026-03-29T12:30:00Z"
    assert entry.findtext("a:published", "", names) == "2026-11-02T00:00:00+01:00"
    assert [dict(link.attrib) for link in entry.findall("a:link", names)] == [
        {"rel": "alternate", "href": NOTICE.url},
        {
            "rel": "enclosure",
            "href": "https://www.example.org/affiche.pdf",
            "type": "application/pdf",
            "length": "1200",
            "title": "Affiche",
        },
    ]
    content = entry.find("a:content", names)
    assert content is not None
    assert content.get("type") == "html"
    assert content.text == ("Samedi, 9 h - 12 h<br />\nMaison de santé &lt;entrée B&gt;")


def test_a_new_rss_feed_follows_the_specification():
    """Channel and item hold what RSS 2.0 asks for; guid is no link, pubDate is RFC 822."""
    rss = ET.fromstring(_feed(FeedFormat.RSS, NOTICE))  # noqa: S314 - our own bytes

    assert rss.get("version") == "2.0"
    channel = rss.find("channel")
    assert channel is not None
    assert [channel.findtext(name) for name in ("title", "link", "description")] == [
        HEAD.title,
        HEAD.site_url,
        HEAD.description,
    ]
    assert channel.findtext("lastBuildDate") == "Sun, 29 Mar 2026 12:30:00 +0000"
    own = channel.find("{http://www.w3.org/2005/Atom}link")
    assert own is not None
    assert (own.get("rel"), own.get("href")) == ("self", HEAD.self_url)
    item = channel.find("item")
    assert item is not None
    guid, enclosure = item.find("guid"), item.find("enclosure")
    assert guid is not None
    assert enclosure is not None
    assert (guid.get("isPermaLink"), guid.text) == ("false", f"urn:uuid:{NOTICE.uid}")
    assert item.findtext("pubDate") == "Mon, 02 Nov 2026 00:00:00 +0100"
    assert {key: enclosure.get(key) for key in ("url", "length", "type")} == {
        "url": "https://www.example.org/affiche.pdf",
        "length": "1200",
        "type": "application/pdf",
    }


def test_a_new_json_feed_follows_version_1_1():
    """Head and item hold what JSON Feed 1.1 asks for, and our extension beside it."""
    feed = json.loads(_feed(FeedFormat.JSON, NOTICE))

    (item,) = feed.pop("items")
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": HEAD.title,
        "description": HEAD.description,
        "home_page_url": HEAD.site_url,
        "feed_url": HEAD.self_url,
        "language": "fr",
        "authors": [{"name": HEAD.title}],
    }
    own = item.pop("_territoire_sante")
    assert own == {
        "uid": NOTICE.uid,
        "publish_until": "2026-11-14",
        "category": "health",
        "severity": "event",
        "audience": ["48095"],
    }
    assert item == {
        "id": f"urn:uuid:{NOTICE.uid}",
        "title": NOTICE.title,
        "language": "fr",
        "date_published": "2026-11-02T00:00:00+01:00",
        "url": NOTICE.url,
        "tags": ["Santé"],
        "content_text": NOTICE.body,
        "attachments": [
            {
                "url": "https://www.example.org/affiche.pdf",
                "mime_type": "application/pdf",
                "size_in_bytes": 1200,
                "title": "Affiche",
            }
        ],
        "date_modified": "2026-03-29T12:30:00Z",
    }


def test_days_begin_where_the_lens_is_told():
    """The zone of a lens sets the offset of the day of publication, and nothing else."""
    document = FeedFormat.ATOM.lens(zone="America/Guadeloupe").put(NOTICE)

    assert b"<published>2026-11-02T00:00:00-04:00</published>" in document.data
    assert ATOM.get(document) == attrs.evolve(NOTICE, id=f"announcement:{NOTICE.uid}")


def test_an_edit_without_a_time_leaves_the_times_alone():
    """Only a put that is told the time changes ``updated``."""
    before = ATOM.put(NOTICE, now=NOW)
    view = attrs.evolve(NOTICE, title="Dépistage reporté")

    assert b"2026-03-29T12:30:00Z" in ATOM.put(view, before).data
    later = ATOM.put(view, before, now=NOW + dt.timedelta(days=1))
    assert b"<updated>2026-03-30T12:30:00Z</updated>" in later.data


def test_an_announcement_without_uid_goes_by_its_id():
    """The local part of the id stands in for an empty uid."""
    document = RSS.put(attrs.evolve(NOTICE, uid=""))

    assert RSS.get(document).uid == "barnum"


@pytest.mark.parametrize(
    ("uid", "identifier"),
    [
        ("urn:example:1", "urn:example:1"),
        ("https://example.org/1", "https://example.org/1"),
        ("tag:example.org,2026:1", "tag:example.org,2026:1"),
        (NOTICE.uid, f"urn:uuid:{NOTICE.uid}"),
    ],
)
def test_identifiers_that_can_be_are_kept(uid, identifier):
    """An IRI stays itself, a UUID becomes a URN."""
    assert entry_id(uid) == identifier


def test_other_identifiers_are_derived_for_ever():
    """Any other UID gives one URN, the same on every run, and different from any other."""
    assert entry_id("barnum 1").startswith("urn:uuid:")
    assert entry_id("barnum 1") == entry_id("barnum 1") != entry_id("barnum 2")


@FORMATS
def test_a_contact_that_is_not_public_is_refused(format_):
    """A feed is public: a phone number that is not must not get into it."""
    contact = ContactPoint(kind=ContactPointKind.MOBILE, value="+33 6 00 00 00 00")

    with pytest.raises(FormatError, match="contact") as caught:
        format_.lens().put(attrs.evolve(NOTICE, contact=contact))

    assert "6 00" not in str(caught.value)


@pytest.mark.parametrize("lens", [ATOM, RSS], ids=["atom", "rss"])
@pytest.mark.parametrize("bad", ["\x0b", "\x00", "\ud800", "\ufffe"])
def test_what_xml_cannot_hold_is_refused(lens, bad):
    """A control character or half a surrogate pair names its field and its code point."""
    with pytest.raises(FormatError, match=rf"body: the character U\+{ord(bad):04X}"):
        lens.put(attrs.evolve(NOTICE, body=f"a{bad}b"))


def test_json_refuses_half_a_pair_only():
    """JSON holds control characters; half a surrogate pair is no text."""
    assert JSON_FEED.get(JSON_FEED.put(attrs.evolve(NOTICE, body="a\x0bb"))).body == "a\x0bb"
    with pytest.raises(FormatError, match="half of a pair"):
        JSON_FEED.put(attrs.evolve(NOTICE, body="\ud800"))


@FORMATS
def test_a_negative_size_is_refused(format_):
    """An attachment cannot have fewer than no bytes."""
    bad = Attachment(url="https://example.org/a", size=-1)

    with pytest.raises(FormatError, match="-1 bytes"):
        format_.lens().put(attrs.evolve(NOTICE, attachments=(bad,)))


@pytest.mark.parametrize("lens", [ATOM, RSS, JSON_FEED], ids=["atom", "rss", "json"])
@pytest.mark.parametrize("data", [b"", b"<a/>", b"[]", b"{} {}", b"\xff", b"<entry", b"3"])
def test_a_document_of_another_kind_is_refused(lens, data):
    """A lens reads one entry of its own format, anything else is a FormatError."""
    with pytest.raises(FormatError):
        lens.get(Document(data, lens.media_type))

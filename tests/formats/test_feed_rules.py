# SPDX-License-Identifier: Apache-2.0
"""
What we write keeps the rules of RFC 4287, RFC 6721 and RSS 2.0, section by section.

Each rule is a function of its own, so that a broken one is named by its section. JSON Feed has a
file of its own.
"""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from email.utils import parsedate_to_datetime

import attrs
import pytest

from territoire_sante.formats.feed import FeedFormat, Head, new_feed, read
from territoire_sante.model import (
    Announcement,
    AnnouncementCategory,
    Attachment,
    ContactPoint,
    ContactPointKind,
    Severity,
    Visibility,
    make_id,
)

NOW = dt.datetime(2026, 3, 29, 12, 30, tzinfo=dt.UTC)
ATOM = "{http://www.w3.org/2005/Atom}"
GONE = "{http://purl.org/atompub/tombstones/1.0}"
HEADS = (
    Head(title="Annonces"),
    Head(
        title="Santé & <prévention>",
        description="Les annonces",
        site_url="https://www.example.org/?a=1&b=2",
        self_url="https://www.example.org/annonces",
        author="Maison de santé",
        language="",
    ),
)
FULL = Announcement(
    id="announcement:barnum",
    uid="barnum",
    title="Dépistage & <conseils>",
    body="Samedi, 9 h\n  « Salle B »\n\n]]> &amp; 👩🏽‍⚕️",
    title_short="Dépistage",
    category=AnnouncementCategory.CRISIS,
    severity=Severity.ALERT,
    audience=("48095", "2A004"),
    publish_from=dt.datetime(
        2026, 3, 29, 18, 30, 15, 250, tzinfo=dt.timezone(dt.timedelta(hours=-4))
    ),
    publish_until=dt.date(2026, 11, 14),
    event_start=dt.datetime(2026, 11, 14, 9, tzinfo=dt.UTC),
    place="Salle des fêtes",
    url="https://www.example.org/1?a=1&b=2",
    attachments=(
        Attachment(url="https://www.example.org/a.pdf", media_type="application/pdf", size=12),
        Attachment(url="https://www.example.org/b", alt='Une "affiche"'),
    ),
    contact=ContactPoint(
        kind=ContactPointKind.PHONE, value="+33 4 66 00 00 00", visibility=Visibility.PUBLIC
    ),
)
BARE = Announcement(id="announcement:a", uid="a")
OLD = attrs.evolve(
    FULL, uid="old", id=make_id("announcement", "old"), publish_from=dt.date(1900, 1, 1)
)
LANGUAGELESS = attrs.evolve(BARE, uid="b", id="announcement:b", language="", title="B", body="b")


def _written(format_: FeedFormat) -> list[ET.Element]:
    feeds = []
    for head in HEADS:
        data = new_feed(format_, head, now=NOW)
        feeds.append(data)
        for view in (BARE, FULL, OLD, LANGUAGELESS, attrs.evolve(FULL, uid="gone")):
            data = read(data).insert(format_.lens().put(view, now=NOW), now=NOW)
        gone = read(data).entries[0]
        data = read(data).remove(gone.id, now=NOW, tombstone=True)
        entry = read(data).entries[-1]
        edited = format_.lens().put(attrs.evolve(BARE, title="Corrigé"), entry.document, now=NOW)
        feeds.append(read(data).replace(entry.id, edited, now=NOW))
    return [ET.fromstring(data) for data in feeds]  # noqa: S314 - our own bytes


FEEDS = {format_: _written(format_) for format_ in (FeedFormat.ATOM, FeedFormat.RSS)}

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_MEDIA = re.compile(r"[\w.+-]+/[\w.+-]+")


def _count(node, *names):
    return [len(node.findall(ATOM + name)) for name in names]


def _alternates(node):
    links = [
        one for one in node.findall(f"{ATOM}link") if one.get("rel", "alternate") == "alternate"
    ]
    return [(one.get("type"), one.get("hreflang")) for one in links]


def text_constructs(node):
    """RFC 4287, 3.1.1: the type is text, html or xhtml; html has no child elements."""
    for name in ("title", "subtitle", "summary", "rights"):
        for one in node.findall(ATOM + name):
            assert one.get("type", "text") in {"text", "html"}
            assert len(one) == 0


def person_constructs(node):
    """RFC 4287, 3.2: a person has one name, with text."""
    for one in node.findall(f"{ATOM}author"):
        assert _count(one, "name") == [1]
        assert one.findtext(f"{ATOM}name")


def date_constructs(node):
    """RFC 4287, 3.3: RFC 3339 with upper-case T and Z."""
    for name in ("updated", "published"):
        assert all(_RFC3339.fullmatch(one.text) for one in node.findall(ATOM + name))


def identifiers(node):
    """RFC 4287, 4.2.6: an absolute IRI, without blanks around it."""
    assert _IRI.fullmatch(node.findtext(f"{ATOM}id"))


def updated(node):
    """RFC 4287, 4.2.15: when it changed last, once."""
    assert _count(node, "updated") == [1]


def links(node):
    """RFC 4287, 4.2.7: href is there; rel, type and length are what they may be."""
    for one in node.findall(f"{ATOM}link"):
        assert _IRI.fullmatch(one.get("href"))
        assert one.get("rel") in {"alternate", "self", "enclosure"}
        assert _MEDIA.fullmatch(one.get("type", "a/b"))
        assert one.get("length", "0").isdigit()


def alternates(node):
    """RFC 4287, 4.1.1 and 4.1.2: not two alternates of one type and language."""
    assert len(set(_alternates(node))) == len(_alternates(node))


def categories(node):
    """RFC 4287, 4.2.2: a term is required, the scheme is an IRI."""
    for one in node.findall(f"{ATOM}category"):
        assert one.get("term")
        assert _IRI.fullmatch(one.get("scheme"))


def known_elements(node):
    """RFC 4287, 6.3: what the Atom namespace does not define is in a namespace of its own."""
    known = {"id", "title", "updated", "author", "link", "subtitle", "entry"}
    known |= {"published", "category", "content", "summary"}
    assert all(
        one.tag.removeprefix(ATOM) in known if one.tag.startswith(ATOM) else "}" in one.tag
        for one in node
    )


@pytest.mark.parametrize(
    "rule",
    [
        text_constructs,
        person_constructs,
        date_constructs,
        identifiers,
        updated,
        links,
        alternates,
        categories,
        known_elements,
    ],
)
def test_an_atom_element_keeps_a_rule(rule):
    """Each feed and each entry keeps the rule."""
    for feed in FEEDS[FeedFormat.ATOM]:
        assert feed.tag == f"{ATOM}feed"
        for node in (feed, *feed.findall(f"{ATOM}entry")):
            rule(node)


def test_rfc_4287_4_1_1():
    """A feed has one id, title and updated, at most one of others, an author for its entries."""
    for feed in FEEDS[FeedFormat.ATOM]:
        assert _count(feed, "id", "title", "updated") == [1, 1, 1]
        assert max(_count(feed, "generator", "icon", "logo", "rights", "subtitle")) <= 1
        assert _count(feed, "author") == [1]


def test_rfc_4287_4_1_1_self():
    """A feed that knows its address has one link to itself."""
    for feed, knows in zip(FEEDS[FeedFormat.ATOM], (0, 0, 1, 1), strict=True):
        selves = [one for one in feed.findall(f"{ATOM}link") if one.get("rel") == "self"]
        assert len(selves) == knows


def test_rfc_4287_4_1_2():
    """An entry has one id, title and updated, a content or a page, and at most one of others."""
    for feed in FEEDS[FeedFormat.ATOM]:
        for entry in feed.findall(f"{ATOM}entry"):
            assert _count(entry, "id", "title", "updated") == [1, 1, 1]
            assert max(_count(entry, "content", "published", "rights", "source", "summary")) <= 1
            assert _count(entry, "content") == [1] or _alternates(entry)


def test_rfc_4287_4_1_1_same_ids():
    """Entries of one feed have different identifiers."""
    for feed in FEEDS[FeedFormat.ATOM]:
        names = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
        assert len(set(names)) == len(names)


def test_rfc_4287_4_1_3():
    """HTML content is escaped text, with neither a source nor child elements."""
    for feed in FEEDS[FeedFormat.ATOM]:
        for content in feed.iter(f"{ATOM}content"):
            assert (content.get("type"), content.get("src"), len(content)) == ("html", None, 0)


def test_rfc_6721_3():
    """A tombstone has an IRI and a time, is a child of the feed, and told once."""
    told = [one for feed in FEEDS[FeedFormat.ATOM] for one in feed.iter(f"{GONE}deleted-entry")]
    assert len(told) == 2
    for one in told:
        assert _IRI.fullmatch(one.get("ref"))
        assert _RFC3339.fullmatch(one.get("when"))
    for feed in FEEDS[FeedFormat.ATOM]:
        assert len(list(feed.iter(f"{GONE}deleted-entry"))) == len(
            feed.findall(f"{GONE}deleted-entry")
        )


# RSS 2.0, named by the headings of the specification, and the RSS Advisory Board's profile.


def _channels():
    return [feed.find("channel") for feed in FEEDS[FeedFormat.RSS]]


def _items():
    return [item for channel in _channels() for item in channel.findall("item")]


def test_rss_what_is_rss():
    """The root is rss of version 2.0 with one channel."""
    for feed in FEEDS[FeedFormat.RSS]:
        assert (feed.tag, feed.get("version"), len(feed)) == ("rss", "2.0", 1)


def test_rss_required_channel_elements():
    """A channel has one title, link and description, each with text; the link is an address."""
    for channel in _channels():
        for name in ("title", "link", "description"):
            (one,) = channel.findall(name)
            assert one.text
        assert _IRI.fullmatch(channel.findtext("link"))


def test_rss_optional_channel_elements():
    """Others are there once at most, dates as RFC 822 with a year of four digits."""
    for channel in _channels():
        assert [one.text for one in channel.findall("language")] in (["fr"], [])
        (built,) = channel.findall("lastBuildDate")
        _check_rfc822(built.text)


def test_rss_elements_of_item():
    """All are known, once at most but for categories, and there is a title or a description."""
    once = {"title", "link", "description", "guid", "pubDate", "enclosure"}
    for item in _items():
        names = [one.tag for one in item if not one.tag.startswith("{")]
        assert set(names) <= once | {"category"}
        assert all(names.count(name) <= 1 for name in once)
        assert {"title", "description"} & set(names)


def test_rss_enclosure():
    """An enclosure has an http address, a length in bytes and a media type."""
    found = [one for item in _items() for one in item.findall("enclosure")]
    assert found
    for one in found:
        assert one.get("url").startswith(("http://", "https://"))
        assert one.get("length").isdigit()
        assert _MEDIA.fullmatch(one.get("type"))


def test_rss_guid():
    """Each item has its own, which says that it is no link."""
    for channel in _channels():
        guids = channel.findall("item/guid")
        assert len({one.text for one in guids}) == len(guids) == len(channel.findall("item"))
        assert all(one.get("isPermaLink") == "false" for one in guids)


def test_rss_pub_date():
    """It is RFC 822, with a numeric offset."""
    dates = [item.findtext("pubDate") for item in _items() if item.find("pubDate") is not None]
    assert dates
    for text in dates:
        _check_rfc822(text)


def test_rss_category():
    """Its domain names the list that it is from."""
    for item in _items():
        assert all(_IRI.fullmatch(one.get("domain")) for one in item.findall("category"))


def test_rss_extending():
    """What RSS does not define is in a namespace, and has no attribute without one in RSS's own."""
    own = {"guid": {"isPermaLink"}, "category": {"domain"}, "enclosure": {"url", "length", "type"}}
    for item in _items():
        for one in item:
            bare = {name for name in one.attrib if not name.startswith("{")}
            assert one.tag.startswith("{") or bare <= own.get(one.tag, set())


def test_rss_profile_atom_link():
    """Profile, atom:link: a channel that knows its address links to itself with a media type."""
    for channel, knows in zip(_channels(), (0, 0, 1, 1), strict=True):
        selves = channel.findall(f"{ATOM}link")
        assert [(one.get("rel"), one.get("type")) for one in selves] == [
            ("self", "application/rss+xml")
        ] * knows


def test_rss_profile_enclosure():
    """Profile, enclosure: one for an item at most; further attachments are Atom links."""
    more = [one for item in _items() for one in item.findall(f"{ATOM}link")]
    assert more
    assert all(one.get("rel") == "enclosure" and _IRI.fullmatch(one.get("href")) for one in more)


def test_rss_profile_description():
    """Profile, description: HTML as escaped text, without elements."""
    for item in _items():
        description = item.find("description")
        assert len(description) == 0
        assert "\n  «" not in (description.text or "")


def _check_rfc822(text):
    assert re.fullmatch(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", text)
    assert parsedate_to_datetime(text).utcoffset() is not None

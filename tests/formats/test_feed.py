# SPDX-License-Identifier: Apache-2.0
import datetime as dt
import json
import pathlib
import xml.etree.ElementTree as ET

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import (
    FormatError,
    InvalidValueError,
    LimitExceededError,
    UnsupportedError,
)
from territoire_sante.formats import Document
from territoire_sante.formats.feed import (
    ATOM,
    JSON_FEED,
    RSS,
    Feed,
    FeedFormat,
    Head,
    Limits,
    entry_id,
    html_from_text,
    new_feed,
    read,
    text_from_html,
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


XML_HEAD = b'<?xml version="1.0"?>\n'


@pytest.mark.parametrize(
    ("data", "error", "line"),
    [
        (XML_HEAD + b'<!DOCTYPE rss [<!ENTITY a "b">]>\n<rss/>', UnsupportedError, 2),
        (XML_HEAD + b"<!DOCTYPE rss>\n<rss><channel/></rss>", UnsupportedError, 2),
        (b"\n<html/>", FormatError, 2),
        (b"<rss>\n<channel>\n</rss>", FormatError, 3),
        (b"<rss>\n\n&nbsp;</rss>", FormatError, 3),
        (b"<rss><channel>\n\x0b</channel></rss>", FormatError, 2),
        (b"<rss>\n\xe9</rss>", FormatError, 2),
        (b'<?xml version="1.0" encoding="utf-7"?><rss/>', UnsupportedError, 1),
        (b'<?xml version="1.0" encoding="zip"?><rss/>', UnsupportedError, 1),
        (b"<rss/>", FormatError, 1),
        (b'<feed xmlns="http://purl.org/atom/ns#"/>', UnsupportedError, 1),
        (b'{"version": "1"}', FormatError, 1),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', FormatError, 1),
        (b'{"version":\n\n nul}', FormatError, 3),
        (b'{"a": NaN}', FormatError, 1),
        (b'{"a": 1,\n}', FormatError, 2),
        (b'{"a": 1}\n{}', FormatError, 2),
        (b'{"a": "\n"}', FormatError, 1),
        (b'{"a":\n"\xff"}', FormatError, 2),
        (b'{"version": "https://jsonfeed.org/version/1.1",\n"items": [3]}', FormatError, 2),
        (b"", FormatError, 1),
    ],
)
def test_a_broken_feed_names_its_line(data, error, line):
    """What is no feed, or not read, is refused with its class and its line."""
    with pytest.raises(error) as caught:
        read(data)

    assert caught.value.line == line


@pytest.mark.parametrize(
    "data",
    [
        b"<rss>" + b"<a>" * 100,
        b'{"a": ' + b"[" * 100,
        b"<rss>" + b" " * 11_000_000,
        b'{"a": "' + b"b" * 11_000_000,
    ],
    ids=["deep XML", "deep JSON", "large XML", "large JSON"],
)
def test_a_feed_beyond_the_limits_is_refused(data):
    """Size and depth are bounded before anything is built."""
    with pytest.raises(LimitExceededError):
        read(data)


@FORMATS
def test_a_feed_with_too_many_entries_is_refused(format_):
    """The number of entries is bounded too."""
    data = _feed(format_, NOTICE, attrs.evolve(NOTICE, uid="urn:example:2"))

    assert len(read(data, limits=Limits(entries_max=2)).entries) == 2
    with pytest.raises(LimitExceededError, match="2 entries"):
        read(data, limits=Limits(entries_max=1))


def test_unclosed_texts_take_linear_time():
    """A text of a million escaped quotes without an end is refused at once."""
    with pytest.raises(FormatError):
        read(b'{"' + b'\\"' * 1_000_000)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_other_encodings_stay_what_they_are(encoding):
    """A feed in another encoding is edited in it; what it lacks becomes a reference."""
    text = (
        f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>\n<rss version="2.0">'
        "<channel><title>Été</title>\n<item><guid>a</guid><title>Déjà</title></item>\n"
        "<item><guid>b</guid></item></channel></rss>"
    )
    data = text.encode(encoding)
    feed = read(data)
    entry = feed.entries[0]
    view = RSS.get(entry.document)

    changed = feed.replace("a", RSS.put(attrs.evolve(view, title="Noël 🩺"), entry.document))

    assert feed.title == "Été"
    assert view.title == "Déjà"
    assert changed.decode(encoding).replace("&#129658;", "🩺") == text.replace("Déjà", "Noël 🩺")
    assert RSS.get(read(changed).entries[0].document).title == "Noël 🩺"


def test_bytes_that_decode_in_two_ways_are_refused():
    """An encoding that would not give the same bytes back is not edited."""
    data = b'<?xml version="1.0" encoding="gb18030"?><rss>\x84\x31\xa4\x37</rss>'

    with pytest.raises(FormatError):
        read(data)


def test_entries_without_identifier_are_kept_and_reported():
    """An entry without id goes by its link or a hash; a repeated id gets a number."""
    feed = read(
        b"<rss><channel>\n<item><title>A</title></item>\n"
        b"<item><link>https://example.org/b</link></item>\n"
        b"<item><guid>c</guid></item>\n<item><guid>c</guid></item></channel></rss>"
    )

    names = [entry.id for entry in feed.entries]

    assert names[0].startswith("sha256:")
    assert names[1:] == ["https://example.org/b", "c", "c#2"]
    assert [str(problem) for problem in feed.problems] == [
        "line 2: an entry without identifier",
        "line 3: an entry without identifier",
        "line 5: the id c is there twice",
    ]


def test_an_entry_without_identifier_gets_one_when_it_is_changed():
    """Once written, an entry is named for good, by what it went by before."""
    feed = read(b"<rss><channel><item><link>https://example.org/b</link></item></channel></rss>")
    (entry,) = feed.entries
    view = RSS.get(entry.document)

    changed = RSS.put(attrs.evolve(view, url="https://example.org/c"), entry.document)

    assert RSS.get(changed).uid == "https://example.org/b"
    assert b'<guid isPermaLink="false">https://example.org/b</guid>' in changed.data


def test_an_end_before_the_beginning_is_left_out():
    """Days that contradict each other lose the end, and it does not come back."""
    document = ATOM.put(NOTICE)
    odd = Document(document.data.replace(b"2026-11-14", b"2026-01-01"), document.media_type)
    view = ATOM.get(odd)

    earlier = attrs.evolve(view, publish_from=dt.date(2025, 1, 1))

    assert view.publish_until is None
    assert ATOM.get(ATOM.put(earlier, odd)) == earlier


@FORMATS
def test_changes_to_what_is_not_there_are_refused(format_):
    """Replacing or removing an entry that the feed does not have names the id."""
    feed = read(_feed(format_, NOTICE))
    document = feed.entries[0].document

    with pytest.raises(InvalidValueError, match="absent"):
        feed.remove("absent")
    with pytest.raises(InvalidValueError, match="absent"):
        feed.replace("absent", document)
    assert feed.find("absent") is None
    assert feed.find(f"urn:uuid:{NOTICE.uid}") is feed.entries[0]


@pytest.mark.parametrize("format_", [FeedFormat.ATOM, FeedFormat.RSS], ids=["atom", "rss"])
def test_an_entry_of_another_format_is_refused(format_):
    """A feed takes entries of its own format only."""
    other = RSS if format_ is FeedFormat.ATOM else ATOM

    with pytest.raises(FormatError, match="cannot be put"):
        read(new_feed(format_, HEAD)).insert(other.put(NOTICE))


@pytest.mark.parametrize(
    "empty",
    [
        b'<feed xmlns="http://www.w3.org/2005/Atom"/>',
        b'<feed xmlns="http://www.w3.org/2005/Atom"></feed>',
        b'<a:feed xmlns:a="http://www.w3.org/2005/Atom">\n  <a:title>T</a:title>\n</a:feed>',
    ],
)
def test_any_empty_feed_takes_an_entry(empty):
    """Self-closed, bare or prefixed: the entry goes in, and out again."""
    document = ATOM.put(NOTICE)

    feed = read(read(empty).insert(document, now=NOW))

    (entry,) = feed.entries
    assert ATOM.get(entry.document) == ATOM.get(document)
    assert read(feed.remove(entry.id)).entries == ()


def test_an_empty_entry_takes_every_field():
    """A self-closed item gets an end tag with its first field."""
    document = Document(b"<item/>", RSS.media_type)

    changed = RSS.put(NOTICE, document)

    assert RSS.get(changed) == RSS.get(RSS.put(NOTICE))


def test_an_entry_keeps_its_own_declarations():
    """A namespace that an entry declares although the feed does stays declared in it."""
    own = b'<item xmlns:x="urn:x"><guid>a</guid><x:y/></item>'
    data = b'<rss xmlns:x="urn:x"><channel>' + own + b"</channel></rss>"
    feed = read(data)

    assert feed.entries[0].document.data == own
    assert feed.replace("a", feed.entries[0].document) == data


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Un</p>\n<p>Deux</p>", "Un\nDeux"),
        ("Un<br>Deux<br/><br />Trois", "Un\nDeux\n\nTrois"),
        ("<ul><li>a</li><li>b</li></ul>fin", "a\nb\nfin"),
        ("  a \n <b> b</b>c ", "a bc"),
        ("<script>x</script>a<style>y</style>", "a"),
        ("l&rsquo;&eacute;t&eacute; &amp; &#8364; &nope; &#x1F600;", "l’été & € &nope; 😀"),
        ("5 < 6 & 7 > 3", "5 < 6 & 7 > 3"),
        ("<p>a", "a"),
        ("<!-- rien -->", ""),
        ("a<!-- > b", "a"),
        ("a<script/>b<SCRIPT>c < d</Script >e", "abe"),
        ("a <b", "a <b"),
        ("a&nbspb&#13", "a\u00a0b\r"),
    ],
)
def test_html_is_read_as_a_person_would(html, text):
    """Blocks and breaks end lines, blanks collapse, references and mark-up are resolved."""
    assert text_from_html(html) == text


@pytest.mark.parametrize("opened", ["<", "<a ", "<!--", '<a b="', "</", "&a", "<script>", "<p>"])
def test_what_is_never_closed_takes_linear_time(opened):
    """A hundred thousand opened tags are read at once, not in minutes."""
    assert len(text_from_html(opened * 100_000)) <= 100_000 * len(opened)


def test_repeated_identifiers_take_linear_time():
    """A feed whose entries all have one identifier is read at once."""
    item = b"<item><guid>a</guid></item>"

    feed = read(b"<rss><channel>" + item * 5_000 + b"</channel></rss>")

    assert [feed.entries[0].id, feed.entries[-1].id] == ["a", "a#5000"]


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60))
def test_text_survives_html(text):
    """Text turned into HTML and back is the same, blanks and signs included."""
    assert text_from_html(html_from_text(text)) == text


@settings(max_examples=200, deadline=None)
@given(
    noise=st.binary(max_size=200), place=st.integers(0, 2_000), format_=st.sampled_from(FeedFormat)
)
def test_noise_is_read_or_refused(noise, place, format_):
    """Random bytes put into a feed give a feed or a FormatError, never anything else."""
    whole = _feed(format_, NOTICE)
    data = whole[:place] + noise + whole[place + len(noise) // 2 :]

    feed = _read_or_refused(data)
    for entry in feed.entries if feed else ():
        view = format_.lens().get(entry.document)
        assert format_.lens().put(view, entry.document) == entry.document
        assert feed.replace(entry.id, entry.document) == data


def _read_or_refused(data: bytes) -> Feed | None:
    try:
        return read(data)
    except FormatError:
        return None


def test_the_corpus_is_read_or_refused():
    """Every real feed is refused with a reason, or read and given back byte for byte."""
    if not CORPUS.is_dir():
        pytest.skip("the shared corpus of real files is absent")
    entries = 0
    for path in sorted(CORPUS.iterdir()):
        data = path.read_bytes()
        feed = _read_or_refused(data)
        if feed is None:
            continue
        lens = feed.format.lens()
        for entry in feed.entries:
            view = lens.get(entry.document)
            assert lens.put(view, entry.document) == entry.document
            assert feed.replace(entry.id, entry.document) == data
            changed = attrs.evolve(
                view, title="Autre titre", body="a\nb", url="https://example.org/"
            )
            document = lens.put(changed, entry.document, now=NOW)
            if not view.uid.startswith("sha256:"):
                assert lens.get(document) == changed
            entries += 1
    assert entries > 1_000

# SPDX-License-Identifier: Apache-2.0
import datetime as dt
import pathlib

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
    RSS,
    Feed,
    FeedFormat,
    Head,
    Limits,
    html_from_text,
    new_feed,
    read,
    text_from_html,
)
from territoire_sante.model import (
    Announcement,
    Attachment,
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

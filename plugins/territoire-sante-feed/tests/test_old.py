# SPDX-License-Identifier: Apache-2.0
"""Feeds of old kinds are read through feedparser, or refused."""

from __future__ import annotations

import datetime as dt
import pathlib
import random
import time

import pytest

from territoire_sante.errors import ProtocolError
from territoire_sante.formats.feed import AnyLens, read
from territoire_sante.http import Fetched, Validators
from territoire_sante.model import AnnouncementCategory, Attachment
from territoire_sante_feed import _old, _web

CORPUS = pathlib.Path(__file__).resolve().parents[3].parent / "shared" / "corpus" / "feeds"
URL = "https://example.org/flux/annonces"
LENS = AnyLens()

RSS_1 = b"""<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://example.org/"><title>Mairie</title></channel>
<item rdf:about="https://example.org/1"><title>Vaccination</title><link>/1</link>
<description>&lt;p&gt;Samedi&lt;br&gt;Salle B&lt;/p&gt;</description>
<dc:date>2026-03-28T23:30:00Z</dc:date><dc:subject>Health</dc:subject></item>
</rdf:RDF>"""
ATOM_03 = b"""<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="en">
<title>Town</title><entry><title>Flu</title><id>tag:example.org,2026:1</id>
<link rel="alternate" type="text/html" href="https://example.org/1"/>
<issued>2026-03-28T10:00:00Z</issued><content type="text/html" mode="escaped">&lt;b&gt;Now&lt;/b&gt;
</content></entry></feed>"""
DOCTYPE = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x "y">]>
<rss version="2.0"><channel><title>A</title><item><guid isPermaLink="false">a</guid>
<title>L&rsquo;&eacute;t&eacute;</title>
<enclosure url="a.pdf" type="application/pdf" length="12"/></item></channel></rss>"""


def _fetched(data: bytes, content_type: str = "application/xml") -> Fetched:
    return Fetched(
        status=200,
        not_modified=False,
        body=data,
        validators=Validators(),
        url=URL,
        content_type=content_type,
    )


def _contents(data: bytes) -> _web.Contents:
    return _web.contents_of(
        _fetched(data), where="https://example.org/…", zone="Europe/Paris", max_bytes=10**7
    )


def _only(data: bytes):
    (entry,) = _contents(data).entries
    return LENS.get(entry.document)


def test_rss_1_0_is_read():
    """RDF items become announcements, with their day in the zone of their people."""
    view = _only(RSS_1)

    assert (view.uid, view.title, view.body) == (
        "https://example.org/1",
        "Vaccination",
        "Samedi\nSalle B",
    )
    assert view.url == "https://example.org/1"
    assert view.publish_from == dt.date(2026, 3, 29)
    assert view.category is AnnouncementCategory.HEALTH


def test_atom_0_3_is_read():
    """The draft of 2003 is read, language included."""
    view = _only(ATOM_03)

    assert (view.title, view.body, view.language) == ("Flu", "Now", "en")
    assert (view.uid, view.url) == ("tag:example.org,2026:1", "https://example.org/1")
    assert view.category is AnnouncementCategory.OTHER


def test_entities_and_a_doctype_are_read():
    """Signs written as entities of HTML are read, behind a DOCTYPE too."""
    view = _only(DOCTYPE)

    assert view.title == "L’été"
    assert view.attachments == (Attachment(url="a.pdf", media_type="application/pdf", size=12),)


@pytest.mark.parametrize(
    "data",
    [
        RSS_1[:-12],
        RSS_1[:400],
        DOCTYPE.replace(b"</rss>", b""),
        b"<a/>",
        b"",
        b"not a feed </rss>",
        b"<rss>" + b" " * _old.BYTES_MAX + b"&nbsp;</rss>",
    ],
)
def test_half_a_feed_is_refused(data):
    """A feed of an old kind without its end, beyond the cap, or none at all, is no feed."""
    with pytest.raises(ProtocolError, match="Nothing was concluded"):
        _contents(data)


def test_bombs_are_refused_or_read_at_once():
    """Entities that grow and files that they name are not followed."""
    grown = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<!DOCTYPE rss [<!ENTITY a0 "ha">{grown}<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    item = "<rss><channel><item><guid>1</guid><title>&a8;&f;</title></item></channel></rss>"
    started = time.monotonic()

    found = _old.read_old((bomb + item).encode(), url=URL, zone="Europe/Paris")

    assert time.monotonic() - started < 2
    assert found is None or len(LENS.get(found.entries[0].document).title) < 100


@pytest.mark.parametrize("noise", [b"<", b"&", b"<a ", b"<!--", b"&amp;", b"<![CDATA["])
def test_noise_takes_no_long_time(noise):
    """A hundred kilobytes of openings are read or refused within seconds."""
    started = time.monotonic()

    _old.read_old(
        b'<rss version="2.0"><channel><item>' + noise * (100_000 // len(noise)) + b"</item></rss>",
        url=URL,
        zone="Europe/Paris",
    )

    assert time.monotonic() - started < 5


@pytest.mark.parametrize("format_", ["rss", "atom", "rdf"])
def test_noise_is_read_or_refused(format_):
    """Feeds with odd bytes thrown in, drawn anew from one seed, give entries or a ProtocolError."""
    source = {"rss": DOCTYPE, "atom": ATOM_03, "rdf": RSS_1}[format_]
    drawn = random.Random(5)  # noqa: S311 - noise, no secret
    noise = [b"&x;", b"<", b"&#xD800;", b"<![CDATA[", b"\xff", b"\x00", b"http://[", b'"', b"99"]
    for _ in range(150):
        data = bytearray(source)
        for _ in range(drawn.randint(1, 4)):
            place = drawn.randrange(len(data) + 1)
            data[place : place + drawn.randint(0, 8)] = drawn.choice(noise)
        try:
            entries = _contents(bytes(data)).entries
        except ProtocolError:
            continue
        assert all(LENS.get(entry.document).uid for entry in entries)


def test_every_real_feed_is_read_or_refused():
    """Each file of the corpus is read, or refused with a reason, within five seconds."""
    if not CORPUS.is_dir():
        pytest.skip("the shared corpus of real files is absent")
    read_ones, refused = 0, []
    for path in sorted(CORPUS.iterdir()):
        started = time.monotonic()
        try:
            contents = _contents(path.read_bytes())
        except ProtocolError as error:
            refused.append(str(error))
        else:
            read_ones += 1
            for entry in contents.entries:
                view = LENS.get(entry.document)
                assert LENS.put(view, entry.document) == entry.document
        assert time.monotonic() - started < 5, path.name
    assert all("Nothing was concluded" in one for one in refused)
    assert read_ones > len(refused) * 8


def test_our_own_reader_comes_first():
    """A feed that we can read is never given to feedparser: it would lose our extension."""
    data = b"<rss><channel><item><guid>1</guid></item></channel></rss>"

    assert _contents(data).entries == read(data).entries

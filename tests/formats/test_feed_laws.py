# SPDX-License-Identifier: Apache-2.0
import datetime as dt
import json
import re
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document, Lens
from territoire_sante.formats.feed import (
    ATOM,
    JSON_FEED,
    RSS,
    Entry,
    FeedFormat,
    Head,
    new_feed,
    read,
)
from territoire_sante.model import (
    Announcement,
    AnnouncementCategory,
    Attachment,
    CapCertainty,
    CapSeverity,
    CapUrgency,
    ContactPoint,
    ContactPointKind,
    Severity,
    Visibility,
    ends_before,
    make_id,
)
from territoire_sante.testing.strategies import entities

NOW = dt.datetime(2026, 3, 29, 12, 30, tzinfo=dt.UTC)
LENSES = pytest.mark.parametrize("lens", [ATOM, RSS, JSON_FEED], ids=["atom", "rss", "json"])
FORMATS = pytest.mark.parametrize("format_", FeedFormat, ids=lambda one: one.value)

# What XML can hold: the rest is refused, which other tests show.
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cn", "Co", "Cc"))
    | st.sampled_from(" \t\n\r&<>\"'\u00a0\u202f\u0085’«»œé🩺"),
    max_size=40,
)
ZONES = st.sampled_from(
    [
        None,
        dt.UTC,
        ZoneInfo("Europe/Paris"),
        ZoneInfo("America/Guadeloupe"),
        ZoneInfo("UTC"),
        dt.timezone(dt.timedelta(hours=-4, minutes=-30)),
    ]
)
DAYS = st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1))
MOMENTS = st.builds(
    dt.datetime.combine,
    DAYS | st.sampled_from([dt.date(2026, 3, 29), dt.date(2026, 10, 25)]),
    st.times(),
    ZONES,
)
AWARE = MOMENTS.filter(lambda one: one.utcoffset() is not None)
PUBLICATIONS = st.tuples(st.none() | DAYS | AWARE, st.none() | DAYS | AWARE).filter(
    lambda pair: None in pair or not ends_before(*pair)
)
ATTACHMENTS = st.builds(
    Attachment,
    url=st.sampled_from(["https://example.org/a.pdf", "https://example.org/a?b=1&c=é"]) | TEXTS,
    media_type=st.sampled_from(["", "application/pdf", "application/octet-stream"]),
    size=st.integers(0, 10**9),
    alt=TEXTS,
)
CONTACTS = st.builds(
    ContactPoint,
    kind=st.just(ContactPointKind.PHONE),
    value=st.sampled_from(["+33 4 66 00 00 00", "0466000000"]),
    label=TEXTS,
    visibility=st.just(Visibility.PUBLIC),
    rank=st.integers(1, 3),
    verified_on=st.none() | DAYS,
    card_types=st.lists(st.sampled_from(["work", "X-cellule d'urgence", ""]), max_size=2).map(
        tuple
    ),
)
UIDS = TEXTS.filter(bool) | st.uuids().map(str) | st.uuids().map(lambda one: one.urn)


@st.composite
def views(draw) -> Announcement:
    """Draw an announcement that a feed can carry whole."""
    uid = draw(UIDS)
    publish_from, publish_until = draw(PUBLICATIONS)
    return Announcement(
        id=make_id("announcement", uid),
        uid=uid,
        title=draw(TEXTS),
        body=draw(TEXTS),
        title_short=draw(TEXTS),
        body_short=draw(TEXTS),
        category=draw(st.sampled_from(AnnouncementCategory)),
        severity=draw(st.sampled_from(Severity)),
        cap_urgency=draw(st.sampled_from(CapUrgency)),
        cap_severity=draw(st.sampled_from(CapSeverity)),
        cap_certainty=draw(st.sampled_from(CapCertainty)),
        place=draw(TEXTS),
        language=draw(st.sampled_from(["fr", "en", "oc", ""])),
        audience=tuple(draw(st.lists(st.sampled_from(["48095", "2A004", "97105"]), max_size=3))),
        publish_from=publish_from,
        publish_until=publish_until,
        event_start=draw(st.none() | DAYS | MOMENTS),
        event_end=draw(st.none() | DAYS | MOMENTS),
        url=draw(st.sampled_from(["", "https://example.org/?a=1&b=2"]) | TEXTS),
        attachments=tuple(draw(st.lists(ATTACHMENTS, max_size=3))),
        contact=draw(st.none() | CONTACTS),
    )


FOREIGN = {
    "atom": b"""<a:entry xmlns:a="http://www.w3.org/2005/Atom" xml:lang="en"
   xmlns:dc='http://purl.org/dc/elements/1.1/'  a:odd="&lt;kept&gt;" >
 <!-- a note -->
 <a:id>tag:example.org,2026:7</a:id>
 <a:title type="html">Flu &amp;amp; <![CDATA[<b>you</b>]]></a:title>
 <dc:creator>Town hall</dc:creator>
 <a:link hreflang="en" href='https://example.org/7' title="x"/>
 <a:link rel="enclosure" href="https://example.org/7.mp3" type="audio/mpeg" length="12"/>
 <a:category term="flu"/><a:category term="prevention"/>
 <a:summary>Short</a:summary>
 <a:published>2026-02-30T00:00:00Z</a:published>
 <a:content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One</p><p>Two</p>
 </div></a:content>
</a:entry>""",
    "rss": """<item xmlns:content="http://purl.org/rss/1.0/modules/content/">
\t<title><![CDATA[Permanence : l'été]]></title>
\t<link>https://example.org/7</link>
\t<guid>https://example.org/7</guid>
\t<pubDate>demain</pubDate>
\t<category>Sport</category><category>Santé</category>
\t<description>Un extrait</description>
\t<content:encoded><![CDATA[<p>Tout le <b>texte</b><br>ici</p>]]></content:encoded>
\t<enclosure url="https://example.org/a.jpg" type="image/jpeg" length="?"/>
\t<comments>https://example.org/7#c</comments>
</item>""".encode(),
    "json": b"""{"_other" : [1, 2,{}],
    "id": 7, "title": "Flu \\ud83e\\ude7a \\ud800", "content_html" : "<p>One<p>Two",
    "date_published": "2026-02-30T00:00:00Z", "tags": ["flu", 3, "Prevention"],
    "attachments": [{"url": "https://example.org/7.mp3", "mime_type": "audio/mpeg"}, 4],
    "_territoire_sante": {"other": null}, "authors": [{"name": "Town hall"}]
}""",
}


def _foreign(lens: Lens[Announcement]) -> Document:
    data = FOREIGN[{ATOM.media_type: "atom", RSS.media_type: "rss"}.get(lens.media_type, "json")]
    return Document(data, lens.media_type)


@LENSES
@settings(max_examples=120, deadline=None)
@given(view=views())
def test_what_is_put_is_got(lens, view):
    """A new entry tells every field of the announcement it was made from."""
    assert lens.get(lens.put(view)) == view


@LENSES
@settings(max_examples=60, deadline=None)
@given(view=entities("announcement"))
def test_any_announcement_is_carried_or_refused(lens, view):
    """Whatever the model can hold, a feed tells it whole, or says which field it cannot tell."""
    refused, document = _put_or_refused(lens, view)
    if refused is not None:
        assert refused.where or refused.line
        return
    got = lens.get(document)
    wanted = attrs.evolve(view, uid=view.uid or view.id.partition(":")[2])
    assert [getattr(got, name) for name in lens.fields] == [
        getattr(wanted, name) for name in lens.fields
    ]


def _put_or_refused(lens, view):
    try:
        return None, lens.put(view)
    except FormatError as refused:
        return refused, None


@LENSES
def test_a_time_of_publication_is_an_instant(lens):
    """Every reader is told the second, we the zone too; what others change alone counts."""
    begins = dt.datetime(2026, 5, 1, 18, 30, tzinfo=ZoneInfo("Europe/Paris"))
    view = Announcement(
        id="announcement:a", uid="urn:example:a", publish_from=begins, publish_until=begins
    )
    document = lens.put(view)

    moved = document.data
    for told in (b"18:30:00+02:00<", b'18:30:00+02:00"', b"18:30:00 +0200"):
        moved = moved.replace(told, told.replace(b"18:30", b"09:00"))
    day = lens.get(Document(moved, document.media_type)).publish_from

    assert lens.get(document).publish_from.tzinfo == ZoneInfo("Europe/Paris")
    assert moved != document.data
    assert (type(day), day) == (dt.date, dt.date(2026, 5, 1))


@LENSES
@settings(max_examples=120, deadline=None)
@given(before=views(), after=views())
def test_what_is_put_over_another_is_got(lens, before, after):
    """An entry written over takes every field of the new announcement, time zones included."""
    document = lens.put(after, lens.put(before), now=NOW)

    got = lens.get(document)

    assert got == after
    assert [str(one.tzinfo) for one in _moments(got)] == [
        str(one.tzinfo) for one in _moments(after)
    ]


def _moments(view: Announcement) -> list[dt.datetime]:
    whens = (view.publish_from, view.publish_until, view.event_start, view.event_end)
    return [one for one in whens if isinstance(one, dt.datetime)]


@LENSES
@settings(max_examples=60, deadline=None)
@given(view=views())
def test_putting_back_what_was_got_changes_nothing(lens, view):
    """An unchanged announcement leaves the entry as it is, even if the time is told."""
    document = lens.put(view)

    assert lens.put(lens.get(document), document, now=NOW) == document
    assert lens.put(view, document, now=NOW) is document


@LENSES
def test_a_foreign_entry_comes_back_unchanged(lens):
    """Somebody else's entry, odd as it is written, survives get and put byte for byte."""
    document = _foreign(lens)

    assert lens.put(lens.get(document), document, now=NOW).data == document.data


@LENSES
@settings(max_examples=60, deadline=None)
@given(view=views())
def test_a_foreign_entry_takes_every_field(lens, view):
    """What is put over somebody else's entry is got from it."""
    assert lens.get(lens.put(view, _foreign(lens), now=NOW)) == view


def test_foreign_entries_are_read():
    """Mark-up, CDATA, summaries, bad dates and numbers for ids are read as a person would."""
    atom, rss, item = (lens.get(_foreign(lens)) for lens in (ATOM, RSS, JSON_FEED))

    assert (atom.uid, atom.title, atom.body) == ("tag:example.org,2026:7", "Flu & you", "One\nTwo")
    assert (atom.language, atom.url) == ("en", "https://example.org/7")
    assert (rss.title, rss.body) == ("Permanence : l'été", "Tout le texte\nici")
    assert (item.uid, item.title, item.body) == ("7", "Flu 🩺 \ufffd", "One\nTwo")
    assert atom.category is item.category is AnnouncementCategory.PREVENTION
    assert rss.category is AnnouncementCategory.HEALTH
    assert atom.publish_from is rss.publish_from is item.publish_from is None
    assert [len(one.attachments) for one in (atom, rss, item)] == [1, 1, 1]


OWNED = {
    "title": r"title",
    "body": r"content|summary|description|encoded|content_text|content_html",
    "url": r"link|url",
    "severity": r"severity|_territoire_sante",
    "publish_from": r"published|pubDate|date_published",
    "category": r"category|tags|_territoire_sante",
    "attachments": r"enclosure|attachments",
    "audience": r"commune|_territoire_sante|audience",
    "contact": r"contact|_territoire_sante",
    "event_start": r"event_start|_territoire_sante",
    "publish_until": r"publish_until|_territoire_sante",
    "place": r"place|_territoire_sante",
    "cap_urgency": r"cap_urgency|_territoire_sante",
}
CHANGES = {
    "title": "Un autre titre",
    "body": "Un autre\ntexte",
    "url": "https://example.org/autre",
    "severity": Severity.ALERT,
    "publish_from": dt.date(2026, 5, 1),
    "category": AnnouncementCategory.CRISIS,
    "attachments": (),
    "audience": ("48095", "48096"),
    "contact": ContactPoint(
        kind=ContactPointKind.PHONE, value="0466000000", visibility=Visibility.PUBLIC
    ),
    "event_start": dt.datetime(2026, 5, 1, 18, tzinfo=ZoneInfo("Europe/Paris")),
    "publish_until": dt.datetime(2026, 5, 1, 18, tzinfo=ZoneInfo("Europe/Paris")),
    "place": "Salle des fêtes",
    "cap_urgency": CapUrgency.FUTURE,
}


@LENSES
@pytest.mark.parametrize("field", OWNED)
def test_a_change_touches_its_own_markup_only(lens, field):
    """Outside the elements or members of the changed field, every byte is where it was."""
    document = _foreign(lens)
    view = attrs.evolve(lens.get(document), **{field: CHANGES[field]})

    changed = lens.put(view, document)

    assert lens.get(changed) == view
    assert _without(OWNED[field], changed.data) == _without(OWNED[field], document.data)


def _without(names: str, data: bytes) -> str:
    """Cut the elements or members called ``names``, the blanks before them, and JSON's commas."""
    text = data.decode()
    if text.startswith("{"):
        return _without_members(names, text)
    # A link that is an enclosure belongs to the attachments, any other to the url.
    if "enclosure" in names:
        text = re.sub(r'\s*<a:link rel="enclosure"[^>]*>', "", text)
    element = rf"\s*<((?:\w+:)?(?:{names}))\b[^>]*?(?:/>|>.*?</\1>)"
    return re.sub(element, "", text, flags=re.DOTALL)


def _without_members(names: str, text: str) -> str:
    """Cut the members, each with the comma before it, reading JSON anew with the stdlib."""
    while member := re.search(rf',?\s*"(?:{names})"\s*:\s*', text):
        _, end = json.JSONDecoder().raw_decode(text, member.end())
        text = text[: member.start()] + text[end:]
    return text


@FORMATS
@settings(max_examples=25, deadline=None)
@given(drawn=st.lists(views(), min_size=1, max_size=4, unique_by=lambda one: one.uid))
def test_entries_come_back_from_a_feed_as_they_were_put(format_, drawn):
    """An entry read from a feed has the very bytes that were inserted, newest first."""
    lens = format_.lens()
    documents = [lens.put(view, now=NOW) for view in drawn]
    data = new_feed(format_, Head(title="Santé au village"))
    for document in documents:
        data = read(data).insert(document)

    feed = read(data)

    assert [entry.document for entry in feed.entries] == documents[::-1]
    assert [lens.get(entry.document) for entry in feed.entries] == drawn[::-1]
    assert feed.problems == ()
    for entry in feed.entries:
        data = read(data).remove(entry.id)
    assert read(data).entries == ()


@FORMATS
@settings(max_examples=25, deadline=None)
@given(
    drawn=st.lists(views(), min_size=2, max_size=4, unique_by=lambda one: one.uid), data=st.data()
)
def test_replacing_an_entry_leaves_the_others_alone(format_, drawn, data):
    """After one entry is replaced, all bytes before and after it are those of before."""
    lens = format_.lens()
    whole = new_feed(format_, Head(title="Santé au village"))
    for view in drawn:
        whole = read(whole).insert(lens.put(view))
    feed = read(whole)
    chosen: Entry = data.draw(st.sampled_from(feed.entries))
    edited = lens.put(attrs.evolve(lens.get(chosen.document), title="Autre"), chosen.document)

    changed = feed.replace(chosen.id, edited)

    others = [entry.document for entry in feed.entries if entry is not chosen]
    assert [one.document for one in read(changed).entries if one.id != chosen.id] == others
    assert feed.replace(chosen.id, chosen.document) == whole
    assert read(changed).replace(chosen.id, chosen.document) == whole

# SPDX-License-Identifier: Apache-2.0
"""The news of a station, with the traps of its feed."""

from __future__ import annotations

import datetime as dt
import time

import attrs
import pytest

from territoire_sante.errors import (
    CollectionGoneError,
    FormatError,
    OtherHostError,
    ProtocolError,
    RetryableError,
    UnreachableError,
    UnsupportedError,
)
from territoire_sante.formats import Document
from territoire_sante.http import ANY_ADDRESS, HttpClient
from territoire_sante.model import Attachment
from territoire_sante.plugins import open_transport
from territoire_sante.testing.illiwap import IlliwapServer
from territoire_sante_illiwap import ILLIWAP, NEWS, IlliwapConfig
from territoire_sante_illiwap._source import Source

PARIS_NOON = dt.datetime(2026, 11, 10, 12, tzinfo=dt.timezone(dt.timedelta(hours=1)))


@pytest.fixture
def news(station):
    """Give a function that opens the station anew and calls a function with it."""

    def opened(work):
        config = IlliwapConfig(station="48000", origin=station.origin)
        with open_transport(ILLIWAP, config) as transport:
            return work(transport)

    return opened


def views(transport):
    """Return what is listed and read, by href."""
    answers = transport.read([ref.href for ref in transport.list()])
    return {one.ref.href: NEWS.get(one.document) for one in answers}


def stored(transport):
    """Return all items as a link would remember them."""
    return list(transport.read([ref.href for ref in transport.list()]))


def test_a_piece_of_news_is_an_announcement(station, news):
    """Title, text, day and link come from the feed; the picture from the text's HTML."""
    text = (
        '<p><IMG class="x" src="/uploads/a.jpg?w=1&amp;h=2" alt="Affiche &quot;Marche&quot;">'
        "Samedi&nbsp;: 9&nbsp;h<br>Entrée libre</p>"
    )
    station.post("a", "Marche & santé", text, published=PARIS_NOON)

    (view,) = news(views).values()

    assert (view.title, view.uid) == ("Marche & santé", "a")
    assert view.body == "Samedi\u00a0: 9\u00a0h\nEntrée libre"
    assert view.url == f"{station.origin}/fr/public/48000/actu/a"
    assert view.attachments == (
        Attachment(url="https://station.illiwap.com/uploads/a.jpg?w=1&h=2", alt='Affiche "Marche"'),
    )
    days = (view.publish_from, view.publish_from + dt.timedelta())
    assert f"{days[0]:%Y-%m-%d}" == "2026-11-10"


@pytest.mark.parametrize("date", [None, "", "mardi 10 novembre 2026", "Tue, 99 Nov 2026 00:00:00"])
def test_an_item_without_a_date_that_can_be_read_is_kept(station, news, date):
    """A date that is missing or unreadable leaves the first day empty, and the item stays."""
    station.post("a", "Marche", "<p>Samedi</p>", date=date)

    assert [(one.title, one.publish_from) for one in news(views).values()] == [("Marche", None)]


def test_vanished_is_not_withdrawn():
    """A feed holds the latest items; those that the link knows are listed as they were read."""
    with IlliwapServer(station="48000", latest=2) as station:
        config = IlliwapConfig(station="48000", origin=station.origin)
        station.post("a", "Un", "<p>un</p>")
        station.post("b", "Deux", "<p>deux</p>")
        with open_transport(ILLIWAP, config) as first:
            known = stored(first)
            cursor = first.changes(None).cursor
        station.post("c", "Trois", "<p>trois</p>")
        unfollowed = attrs.evolve(known[0], ref=attrs.evolve(known[0].ref, href="z", etag=None))

        with open_transport(ILLIWAP, config) as later:
            later.recognise([*known, unfollowed])
            batch = later.changes(cursor)
            titles = {href: one.title for href, one in views(later).items()}

    assert titles == {"a": "Un", "b": "Deux", "c": "Trois"}
    assert (batch.reset, batch.removed, len(batch.changed)) == (True, (), 3)


def test_what_is_edited_is_read_anew(station, news):
    """An edit changes the version tag, and what the feed says now counts."""
    station.post("a", "Un", "<p>un</p>")
    known = news(stored)
    station.post("a", "Reporté", "<p>un</p>")

    def again(transport):
        transport.recognise(known)
        return list(transport.list()), views(transport)

    refs, after = news(again)
    assert after["a"].title == "Reporté"
    assert [ref.href for ref in refs] == ["a"]
    assert refs[0].etag != known[0].ref.etag


@pytest.mark.parametrize("validators", [True, False])
def test_nothing_new_is_nothing_changed(validators):
    """By ETag or by content, the second reading has no change; with an ETag it has no body."""
    with IlliwapServer(station="48000", validators=validators) as station:
        config = IlliwapConfig(station="48000", origin=station.origin)
        station.post("a", "Un", "<p>un</p>")
        with open_transport(ILLIWAP, config) as first:
            cursor = first.changes(None).cursor
        with open_transport(ILLIWAP, config) as second:
            quiet = second.changes(cursor)
            assert len(list(second.list())) == 1

    assert (quiet.changed, quiet.removed, quiet.reset) == ((), (), False)
    assert station.requests[1].status == (304 if validators else 200)


@pytest.mark.parametrize("cursor", ["junk", "[]", '{"v": 1, "odd": 1}', '{"v": 0}'])
def test_an_unknown_cursor_starts_anew(station, news, cursor):
    """A cursor of another version is answered in full."""
    station.post("a", "Un", "<p>un</p>")
    batch = news(lambda one: one.changes(cursor))

    assert (batch.reset, len(batch.changed)) == (True, 1)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 404}, CollectionGoneError),
        ({"status": 410}, CollectionGoneError),
        ({"status": 403, "body": "non"}, ProtocolError),
        ({"status": 500}, RetryableError),
        ({"body": "<!DOCTYPE html><h1>Maintenance</h1>"}, ProtocolError),
        ({"body": "<rss><channel>", "content_type": "text/xml"}, ProtocolError),
        ({"body": "", "content_type": "text/xml"}, ProtocolError),
        (
            {"body": '<feed xmlns="http://www.w3.org/2005/Atom"/>', "content_type": "text/xml"},
            ProtocolError,
        ),
        ({"body": "a" * (4 * 2**20 + 1), "content_type": "text/xml"}, ProtocolError),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_failed_reading_concludes_nothing_and_is_not_kept(station, news, fault, expected):
    """Each failure raises; the next good reading, with the cursor of before, finds no change."""
    station.post("a", "Un", "<p>un</p>")
    cursor = news(lambda one: one.changes(None)).cursor
    station.fail(**fault, times=3)

    def faulty(transport):
        with pytest.raises(expected):
            transport.changes(cursor)
        with pytest.raises(expected):
            list(transport.list())
        with pytest.raises(expected):
            list(transport.read(["a"]))
        return transport.changes(cursor)

    assert news(faulty).changed == ()
    assert [one.title for one in news(views).values()] == ["Un"]


def test_another_server_is_not_believed(station, news):
    """A redirect to a look-alike, here one on another port, gives nothing."""
    with IlliwapServer(station="48000") as other:
        other.post("a", "Faux", "<p>faux</p>")
        station.fail(302, location=f"{other.origin}/rss/48000")

        with pytest.raises((OtherHostError, ProtocolError)):
            news(views)


def test_a_redirect_that_may_be_followed_gives_nothing_either(station):
    """Even where the network would allow it, what another server answers is not taken."""
    with IlliwapServer(station="48000") as other:
        other.post("a", "Faux", "<p>faux</p>")
        station.fail(302, location=f"{other.origin}/rss/48000")
        address = f"{station.origin}/rss/48000"
        with HttpClient(station.origin, addresses=ANY_ADDRESS) as client:
            source = Source(client, lambda: address, "application/rss+xml")
            with pytest.raises(OtherHostError) as caught:
                source.get()

    assert (caught.value.host, caught.value.where) == ("127.0.0.1", address)
    assert len(other.requests) == 1


def test_not_modified_without_having_asked_is_refused(station, news):
    """304 to a first reading is no empty feed."""
    station.fail(304)
    with pytest.raises(ProtocolError):
        news(views)


def test_a_station_that_does_not_answer_is_unreachable(station):
    """When nobody listens any more, it can be tried again later."""
    with IlliwapServer(station="48000") as stopped:
        config = IlliwapConfig(station="48000", origin=stopped.origin)
    with pytest.raises(UnreachableError), open_transport(ILLIWAP, config) as transport:
        list(transport.list())


def test_doctor_shows_whose_station_it_is(station, news):
    """The name is that of the feed itself."""
    station.post("a", "Un", "<p>un</p>")
    facts = {fact.key: fact for fact in news(lambda one: one.diagnose())}

    assert (facts["station"].value, facts["station"].good) == ("Exempleville", True)
    assert facts["items"].value == "1"


def test_nothing_is_written(station, news):
    """Putting back what was read gives the same document; a change is refused."""
    station.post("a", "Un", "<p>un</p>")
    (item,) = news(stored)
    view = NEWS.get(item.document)

    assert NEWS.put(view, item.document) is item.document
    with pytest.raises(UnsupportedError):
        NEWS.put(attrs.evolve(view, title="Autre"), item.document)
    with pytest.raises(UnsupportedError):
        NEWS.put(view)


@pytest.mark.parametrize(
    "text",
    [
        "<img>",
        "<img src=''>",
        '<img src="data:image/png;base64,AA">',
        '<img src="javascript:alert(1)">',
        '<img src="http://[/">',
        '<img src="/a.jpg"',
        "<imgs src=/a.jpg>",
    ],
)
def test_odd_pictures_are_left_out(station, news, text):
    """What is no picture at an address of the web is no attachment."""
    station.post("a", "Un", text)
    assert [one.attachments for one in news(views).values()] == [()]


def test_at_most_five_pictures_and_no_time_for_hostile_ones(station, news):
    """More pictures are left out, and a text of unclosed ones is read at once."""
    station.post("a", "Un", '<img src="/a.jpg">' * 9 + "<img " * 200_000)
    began = time.monotonic()
    (view,) = news(views).values()

    assert len(view.attachments) == 5
    assert time.monotonic() - began < 15


def test_an_enclosure_goes_first():
    """Should items have enclosures one day, those are the attachments."""
    item = (
        b"<item><title>a</title><guid>a</guid>"
        b'<enclosure url="https://example.org/a.png" length="1" type="image/png"/>'
        b"<description>&lt;img src='/b.png'&gt;</description></item>"
    )
    view = NEWS.get(Document(item, "application/rss+xml"))
    assert [one.url for one in view.attachments] == ["https://example.org/a.png"]


@pytest.mark.parametrize("data", [b"junk", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><item/>'])
def test_junk_is_no_item(data):
    """A document that is none is a FormatError."""
    with pytest.raises(FormatError):
        NEWS.get(Document(data, "application/rss+xml"))

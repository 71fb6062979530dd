# SPDX-License-Identifier: Apache-2.0
"""The stand-in for a station of Illiwap."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from xml.etree import ElementTree as ET

import pytest

from territoire_sante.testing.illiwap import IlliwapServer


def ask(server, path, **headers):
    """Return status, headers and body of one request."""
    request = urllib.request.Request(server.origin + path, headers=headers)  # noqa: S310 - of this machine
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - likewise
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read().decode()


@pytest.fixture
def server():
    """Give a running stand-in."""
    with IlliwapServer(station="48000", latest=2) as running:
        yield running


def test_the_feed_has_the_traps_of_the_real_one(server):
    """Items have no enclosure, dates may be missing, and the latest ones are there only."""
    server.post("a", "Un", "un")
    server.post("b", "Deux <&>", '<img src="/a.jpg">]]>', date="hier")
    server.post("c", "Trois", "trois")

    status, headers, body = ask(server, "/rss/48000")
    items = ET.fromstring(body).findall("channel/item")  # noqa: S314 - our own text

    assert (status, headers["Cache-Control"]) == (200, "max-age=3600")
    assert [one.findtext("title") for one in items] == ["Trois", "Deux <&>"]
    assert [one.findtext("description") for one in items] == ["trois", '<img src="/a.jpg">]]>']
    assert [one.findtext("pubDate") for one in items] == [None, "hier"]
    assert [(one.title, one.html) for one in server.shown()][1] == (
        "Deux <&>",
        '<img src="/a.jpg">]]>',
    )
    server.take_down("c")
    assert [one.title for one in server.shown()] == ["Deux <&>", "Un"]


@pytest.mark.parametrize("query", ["", "?start=2026-11-10", "?end=2026-11-10", "?start=a&end=b"])
def test_the_agenda_wants_both_ends(server, query):
    """Without both days the answer is 400."""
    assert ask(server, f"/fr/public/48000/agenda/list{query}")[0] == 400


def test_the_agenda_is_in_no_order(server):
    """Items come as they were typed in, last first, those without a start among them."""
    items = [
        {"title": "B", "start": "2026-11-12T09:00:00+01:00"},
        {"title": "C", "start": "2026-11-20T09:00:00+01:00"},
        {"title": "A", "start": "2026-11-11T09:00:00+01:00"},
        {"title": "?"},
        {"title": "!", "start": "odd"},
    ]
    for item in items:
        server.add_event(item)
    body = ask(server, "/fr/public/48000/agenda/list?start=2026-11-10&end=2026-11-15")[2]

    assert [one["title"] for one in json.loads(body)] == ["!", "?", "A", "B"]
    server.clear_events()
    assert (
        json.loads(ask(server, "/fr/public/48000/agenda/list?start=2026-11-10&end=2026-11-15")[2])
        == []
    )


def test_addresses_of_events_stand_in_the_list(server):
    """Homonyms get a number behind their name; pages have ten."""
    for title in ["Loto", "Loto", "Œuvre d'été", "Loto", *"abcdefgh"]:
        server.add_event({"title": title})
    first = ask(server, "/fr/public/48000/evenements/?page=1")[2]
    second = ask(server, "/fr/public/48000/evenements/?page=2")[2]

    slugs = [line.split('"')[1].rpartition("/")[2] for line in first.splitlines() if "<a " in line]
    assert slugs[:4] == ["loto", "loto-1", "uvre-d-ete", "loto-2"]
    assert (len(slugs), second.count("<a ")) == (10, 2)


def test_what_is_known_is_not_sent_again(server):
    """An ETag is answered by 304, until something changes; a server may also have none."""
    tag = ask(server, "/rss/48000")[1]["ETag"]
    again = ask(server, "/rss/48000", **{"If-None-Match": tag})
    server.post("a", "Un", "un")

    assert (again[0], again[2]) == (304, "")
    assert ask(server, "/rss/48000", **{"If-None-Match": tag})[0] == 200
    assert [one.status for one in server.requests] == [200, 304, 200]
    with IlliwapServer(station="48000", validators=False) as plain:
        assert "ETag" not in ask(plain, "/rss/48000")[1]


def test_faults_are_given_in_order(server):
    """A failure and a delay hold for as many requests as they are set to."""
    server.fail(503, body="non", times=2)
    server.delay(0.3)
    began = time.monotonic()

    assert [ask(server, "/rss/48000")[0] for _ in range(3)] == [503, 503, 200]
    assert 0.3 <= time.monotonic() - began < 3


def test_another_station_is_not_there(server):
    """Other stations and routes are 404, and the address is known while it runs only."""
    assert ask(server, "/rss/48001")[0] == 404
    assert ask(server, "/fr/public/48000/actu")[0] == 404
    with pytest.raises(RuntimeError, match="with block"):
        _ = IlliwapServer(station="48000").origin

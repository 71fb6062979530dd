# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import http.client
import json
from html.parser import HTMLParser

import pytest

from territoire_sante.testing.panneaupocket import PanneauPocketServer

TOKEN = "jeton-inventé"
SIGN = {
    "id": "depistage",
    "title": "Dépistage gratuit",
    "content": "<p>Samedi<br />Salle des fêtes</p>",
    "type": "info",
    "startAt": "2026-11-02",
    "endAt": "2026-11-14",
    "documents": ["https://example.org/affiche.pdf"],
}


@pytest.fixture
def server():
    """Give a running stand-in, for which it is always 10 November 2026."""
    with PanneauPocketServer(token=TOKEN, today=lambda: dt.date(2026, 11, 10)) as running:
        yield running


def _ask(server, method, path, value=None, *, token=TOKEN):
    """Ask with nothing but the standard library; return status, headers and body."""
    connection = http.client.HTTPConnection(server.origin.removeprefix("http://"), timeout=10)
    headers = {"Authorization": f"Bearer {token}".encode()}
    body = None if value is None else json.dumps(value)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        data = answer.read()
    finally:
        connection.close()
    return answer.status, dict(answer.headers), data


def _without(key):
    return {name: value for name, value in SIGN.items() if name != key}


def test_a_sign_is_created_then_updated(server):
    """POST answers 201 and PUT 204 without a body, and the sign is kept as it was sent."""
    assert _ask(server, "POST", "/public-api/signs", SIGN)[0] == 201
    assert server.signs == {"depistage": SIGN}

    changed = {**_without("id"), "title": "Dépistage reporté"}
    status, _, body = _ask(server, "PUT", "/public-api/signs/depistage", changed)

    assert (status, body) == (204, b"")
    assert server.signs == {"depistage": {**SIGN, "title": "Dépistage reporté"}}


def test_the_count_of_followers_is_told(server):
    """The route that connectors use as a check answers 200."""
    status, _, body = _ask(server, "GET", "/public-api/entities/favorities/count")

    assert (status, json.loads(body)) == (200, {"count": 128})


@pytest.mark.parametrize("path", ["/public-api/signs", "/public-api/entities/favorities/count"])
def test_another_token_is_refused(server, path):
    """Without the token nothing is answered but 401, and nothing is written."""
    assert _ask(server, "POST", path, SIGN, token="un autre")[0] == 401
    assert server.signs == {}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/public-api/signs"),
        ("GET", "/public-api/signs/depistage"),
        ("DELETE", "/public-api/signs/depistage"),
        ("PUT", "/public-api/signs/unknown"),
        ("PUT", "/public-api/signs/"),
        ("GET", "/elsewhere"),
        ("POST", "/ville/1234567"),
    ],
)
def test_what_is_not_documented_is_not_there(server, method, path):
    """There is no call to list, read or delete, and an unknown sign is 404."""
    _ask(server, "POST", "/public-api/signs", SIGN)

    assert _ask(server, method, path, _without("id"))[0] == 404
    assert server.signs == {"depistage": SIGN}


@pytest.mark.parametrize(
    "change",
    [
        {"title": "t" * 51},
        {"title": "🩺" * 26},
        {"title": "", "content": "", "documents": []},
        {"title": 3},
        {"startAt": None},
        {"startAt": "14/11/2026"},
        {"startAt": "2026-02-30"},
        {"endAt": "2026-11-14T10:00:00"},
        {"type": "event"},
        {"type": None},
        {"content": "<p>Un</p><p>Deux</p>"},
        {"content": "<p>a<br /><br /><br />b</p>"},
        {"content": "<ul><li>a</li></ul>"},
        {"documents": [f"https://example.org/{n}.png" for n in range(6)]},
        {"documents": ["https://example.org/a.webp"]},
        {"documents": ["file:///etc/a.png"]},
        {"documents": "https://example.org/a.png"},
        {"id": ""},
    ],
    ids=lambda change: str(change)[:40],
)
def test_invalid_data_is_refused_with_a_message(server, change):
    """Each documented limit is 422 with the field in the message, and nothing is written."""
    status, _, body = _ask(server, "POST", "/public-api/signs", {**SIGN, **change})

    assert status == 422
    assert next(iter(change)) in json.loads(body)["message"]
    assert server.signs == {}


def test_what_is_allowed_is_accepted(server):
    """Fifty characters, two breaks, inline tags, five documents and no end are fine."""
    sign = {
        **_without("endAt"),
        "title": "é" * 50,
        "content": "<p>a<br /><br />b <strong>c</strong></p>",
        "type": "alert",
        "documents": [f"https://example.org/{n}.JPG?x=1" for n in range(5)],
    }

    assert _ask(server, "POST", "/public-api/signs", sign)[0] == 201


@pytest.mark.parametrize("body", [[1], "text", None])
def test_what_is_no_object_is_refused(server, body):
    """A body that is no JSON object is invalid data."""
    assert _ask(server, "POST", "/public-api/signs", body)[0] == 422


def test_an_id_is_given_once(server):
    """A second POST with one id is 422, which is how a client learns that it must PUT."""
    _ask(server, "POST", "/public-api/signs", SIGN)

    status, _, body = _ask(server, "POST", "/public-api/signs", {**SIGN, "title": "Autre"})

    assert status == 422
    assert "id" in json.loads(body)["message"]
    assert server.signs["depistage"]["title"] == SIGN["title"]


def test_the_rate_is_told_and_held():
    """Each answer counts down; beyond the limit 429 says how long to wait, in its own header."""
    times = [0.0]
    path = "/public-api/entities/favorities/count"
    with PanneauPocketServer(token=TOKEN, rate_limit=2, clock=lambda: times[0]) as server:
        answers = [_ask(server, "GET", path) for _ in range(3)]
        times[0] = 61.0
        later = _ask(server, "GET", path)

    assert [status for status, _, _ in answers] == [200, 200, 429]
    assert [headers["X-RateLimit-Limit"] for _, headers, _ in answers] == ["2"] * 3
    assert [headers["X-RateLimit-Remaining"] for _, headers, _ in answers] == ["1", "0", "0"]
    assert answers[2][1]["X-RateLimit-Retry-After"] == "60"
    assert "Retry-After" not in answers[2][1]
    assert later[0] == 200


def test_failures_can_be_ordered(server):
    """The knob makes the next answers fail, and nothing is written meanwhile."""
    server.fail(429, retry_after=7)
    server.fail(500, times=2)

    answers = [_ask(server, "POST", "/public-api/signs", SIGN) for _ in range(4)]

    assert [status for status, _, _ in answers] == [429, 500, 500, 201]
    assert answers[0][1]["X-RateLimit-Retry-After"] == "7"


def test_answers_can_be_lost(server):
    """A lost answer is a line that breaks after the sign was taken."""
    server.lose_answers()

    with pytest.raises(http.client.RemoteDisconnected):
        _ask(server, "POST", "/public-api/signs", SIGN)

    assert server.signs == {"depistage": SIGN}
    assert _ask(server, "PUT", "/public-api/signs/depistage", _without("id"))[0] == 204


def test_requests_are_told_without_the_token(server):
    """The list of requests has method, path, status and body, and no credentials."""
    _ask(server, "POST", "/public-api/signs", SIGN)

    (request,) = server.requests

    assert (request.method, request.path, request.status) == ("POST", "/public-api/signs", 201)
    assert request.body == SIGN
    assert TOKEN not in repr(request)


def test_signs_outlive_the_server(tmp_path):
    """With a state file, the next run knows the signs of the one before, and their stamps."""
    state = tmp_path / "panneaupocket.json"
    with PanneauPocketServer(token=TOKEN, state=state) as server:
        _ask(server, "POST", "/public-api/signs", SIGN)
        server.cancel("depistage")

    with PanneauPocketServer(token=TOKEN, state=state, today=lambda: dt.date(2026, 11, 3)) as again:
        assert again.signs == {"depistage": SIGN}
        assert b"sign-cancel-status" in _ask(again, "GET", "/ville/1234567")[2]
        again.archive("depistage")
        assert again.signs == {}


def test_the_address_is_known_while_it_runs_only(server):
    """Outside of its block, the server has no address to give."""
    assert server.api_url == f"{server.origin}/public-api"
    with pytest.raises(RuntimeError, match="with block"):
        _ = PanneauPocketServer(token=TOKEN).origin


class _Page(HTMLParser):
    """Collects what readers of the real page look for."""

    def __init__(self):
        super().__init__()
        self.items, self.links, self.shares = [], [], []
        self.texts = {}
        self._open = ""

    def handle_starttag(self, _tag, attrs):
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        if "sign-carousel--item" in classes:
            self.items.append(given["data-id"])
        if given.get("title") == "Suivant":
            self.links.append(given["href"])
        if "data-facebook-share-share-url-value" in given:
            self.shares.append(given["data-facebook-share-share-url-value"])
        self._open = next((one for one in classes if one in {"title", "date", "content"}), "")

    def handle_data(self, data):
        if self._open:
            self.texts.setdefault(self._open, []).append(data)
            self._open = ""


def test_the_page_has_the_documented_structure(server):
    """Notices on air are shown, alerts first, with share links that are not their data-id."""
    others = [
        {**SIGN, "id": "alerte", "title": "Eau <coupée>", "type": "alert", "endAt": None},
        {**SIGN, "id": "passé", "endAt": "2026-11-09"},
        {**SIGN, "id": "futur", "startAt": "2026-11-11"},
    ]
    for sign in (SIGN, *others):
        assert _ask(server, "POST", "/public-api/signs", sign)[0] == 201

    status, headers, body = _ask(server, "GET", "/ville/1234567-exempleville-48000")

    page = _Page()
    page.feed(body.decode())
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page.texts["title"] == ["Eau <coupée>", "Dépistage gratuit"]
    assert page.texts["date"] == ["Le 02/11/2026"] * 2
    assert len(page.items) == len(set(page.items)) == 2
    public = [share.rpartition("?panneau=")[2] for share in page.shares]
    assert not set(public) & set(page.items)
    assert [link.rpartition("?panneau=")[2] for link in page.links] == public[::-1]
    assert b'<a target="_blank" href="https://example.org/affiche.pdf">PDF</a>' in body


def test_an_empty_page_is_a_page(server):
    """Without notices there is a page without items."""
    assert b"sign-carousel--item" not in _ask(server, "GET", "/ville/1234567")[2]

# SPDX-License-Identifier: Apache-2.0
"""The stand-in for PanneauPocket can be made to fail in each way that the real one might."""

from __future__ import annotations

import datetime as dt
import json
import time
import urllib.error
import urllib.request

import pytest

from territoire_sante.testing.panneaupocket import PanneauPocketServer

SIGN = {
    "id": "depistage",
    "title": "Dépistage",
    "content": "<p>Samedi &amp; dimanche<br />9 h</p>",
    "type": "info",
    "startAt": "2026-11-02",
    "documents": ["https://example.org/affiche.pdf"],
}


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


def ask(server, method, path, value=None):
    """Return status, headers and body of one request, without following redirects."""
    request = urllib.request.Request(  # noqa: S310 - an address of this machine
        server.origin + path,
        data=None if value is None else json.dumps(value).encode(),
        method=method,
        headers={"Authorization": "Bearer jeton"},
    )
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=10) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read().decode()


@pytest.fixture
def server():
    """Give a running stand-in."""
    with PanneauPocketServer(token="jeton", today=lambda: dt.date(2026, 11, 10)) as running:
        yield running


def test_a_reader_sees_plain_text(server):
    """What is shown is told without mark-up: title, text, label, files, number, stamp."""
    ask(server, "POST", "/public-api/signs", SIGN)
    server.cancel("depistage")
    server.put_up("eau", title="Eau coupée", type="alert")

    alert, notice = server.shown()

    assert (alert.title, alert.alert, alert.text) == ("Eau coupée", True, "")
    assert (notice.title, notice.text) == ("Dépistage", "Samedi & dimanche\n9 h")
    assert (notice.date, notice.files, notice.cancelled) == ("Le 02/11/2026", 1, True)
    assert f"?panneau={notice.number}" in ask(server, "GET", "/ville/1234567")[2]


def test_a_failure_may_come_after_storing(server):
    """With ``stored``, the answer is a failure and the sign is there."""
    server.fail(500, stored=True)
    assert ask(server, "POST", "/public-api/signs", SIGN)[0] == 500
    assert dict(server.signs) == {"depistage": SIGN}


def test_a_failure_may_be_a_web_page(server):
    """With ``html``, a proxy seems to answer."""
    server.fail(200, html=True)
    status, headers, body = ask(server, "POST", "/public-api/signs", SIGN)

    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "Maintenance" in body
    assert dict(server.signs) == {}


def test_an_answer_may_be_late(server):
    """A delay holds for the given number of requests."""
    server.delay(0.3)
    began = time.monotonic()
    ask(server, "GET", "/ville/1234567")
    first = time.monotonic() - began
    ask(server, "GET", "/ville/1234567")

    assert first >= 0.3
    assert time.monotonic() - began - first < 0.3


def test_the_page_may_fail_or_lead_elsewhere(server):
    """Status, body and redirect of the page are free; then it is as before."""
    server.fail_page(302, location="/ville/2")
    server.fail_page(503, body="<html>")

    assert ask(server, "GET", "/ville/1234567")[1]["Location"] == "/ville/2"
    assert ask(server, "GET", "/ville/1234567")[0] == 503
    assert ask(server, "GET", "/ville/1234567")[0] == 200


def test_the_page_may_be_behind(server):
    """A page that is held does not show what is published, until it is released."""
    server.hold_page()
    ask(server, "POST", "/public-api/signs", SIGN)

    assert "Dépistage" not in ask(server, "GET", "/ville/1234567")[2]
    server.release_page()
    assert "Dépistage" in ask(server, "GET", "/ville/1234567")[2]


def test_notices_may_lack_their_address_to_share(server):
    """The first notices of the page can be made nameless."""
    server.put_up("a", title="Un")
    server.put_up("b", title="Deux", event=True)
    server.hide_shares(1)
    body = ask(server, "GET", "/ville/1234567")[2]

    assert body.count("data-facebook-share-share-url-value") == 1
    assert body.count("sign-preview--event") == 1
    assert "_event" not in json.dumps({key: dict(one) for key, one in server.signs.items()})


@pytest.mark.parametrize("renumbers", [False, True])
def test_numbers_may_change_with_an_edit(renumbers):
    """Whether the public number outlives an edit is not known, so both can be had."""
    with PanneauPocketServer(
        token="jeton", renumbers=renumbers, today=lambda: dt.date(2026, 11, 10)
    ) as server:
        ask(server, "POST", "/public-api/signs", SIGN)
        (before,) = server.shown()
        ask(server, "PUT", "/public-api/signs/depistage", {**SIGN, "title": "Autre"})
        (after,) = server.shown()

    assert (before.number != after.number) is renumbers


def test_entities_are_listed_by_departement():
    """The list needs no token; another département, another method or route is empty or 404."""
    school = {"name": "École", "postCode": "48000", "id": 2}
    with PanneauPocketServer(token="autre", neighbours=[school]) as server:
        listed = json.loads(ask(server, "GET", "/public-api/city/FR-48")[2])
        assert [one["name"] for one in listed] == ["Exempleville", "École"]
        assert json.loads(ask(server, "GET", "/public-api/city")[2]) == listed
        assert json.loads(ask(server, "GET", "/public-api/city/FR-05")[2]) == []
        assert ask(server, "GET", "/public-api/city/48")[0] == 404
        assert ask(server, "POST", "/public-api/city/FR-48", {})[0] == 404

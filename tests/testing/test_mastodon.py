# SPDX-License-Identifier: Apache-2.0
"""The stand-in for Mastodon keeps the documented codes, limits and traps."""

from __future__ import annotations

import datetime as dt

import pytest
import requests

from territoire_sante.testing.mastodon import MastodonServer

TOKEN = "jeton-invente"


@pytest.fixture
def server():
    """Give a running stand-in."""
    with MastodonServer(token=TOKEN) as running:
        yield running


def ask(server, method, route, *, token=TOKEN, **options):
    """Send a request; return the answer."""
    headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
    return requests.request(
        method, f"{server.origin}/api/{route}", headers=headers, timeout=5, **options
    )


def post(server, text, **options):
    """Send a status; return the answer."""
    return ask(server, "POST", "v1/statuses", json={"status": text}, **options)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("x" * 500, 200),
        ("x" * 501, 422),
        ("é" * 500, 200),
        ("🩺" * 250, 200),
        ("🩺" * 251, 422),
        ("e\u0301" * 250, 200),
        ("e\u0301" * 251, 422),
        ("x" * 476 + " https://example.org/" + "a" * 300, 200),
        ("x" * 477 + " https://example.org/", 422),
        ("  \n ", 422),
    ],
)
def test_it_counts_for_itself(server, text, status):
    """500 characters are taken and 501 are not, by the stricter count; an address counts as 23."""
    assert post(server, text).status_code == status


def test_a_key_makes_one_status_for_an_hour():
    """Within an hour a key gives back the first status, even for another text."""
    now = [dt.datetime(2026, 11, 14, 9, tzinfo=dt.UTC)]
    with MastodonServer(token=TOKEN, clock=lambda: now[0]) as server:
        headers = {"Idempotency-Key": "k"}
        first = post(server, "un", headers=headers).json()
        second = post(server, "deux", headers=headers).json()
        now[0] += dt.timedelta(hours=1)
        third = post(server, "trois", headers=headers).json()

    assert first["id"] == second["id"] != third["id"]
    assert second["content"] == "<p>un</p>"


def test_readers_see_what_is_left_of_a_text(server):
    """Blanks around a text go, empty lines become one, a mention loses its server."""
    post(server, "  Un\n\n\n\n@mairie@example.org <b> https://example.org/" + "a" * 40 + " ")

    (seen,) = server.shown()
    assert seen.text == "Un\n\n@mairie <b> https://example.org/" + "a" * 40
    assert ask(server, "GET", f"v1/statuses/{seen.id}").json()["content"].count("invisible") == 2


def test_an_edit_without_files_takes_them_away(server):
    """An edit that does not name the files of a status leaves it without them."""
    files = {"file": ("a.png", b"png", "image/png")}
    told = ask(server, "POST", "v2/media", files=files, data={"description": "Œuf"}).json()
    status = ask(server, "POST", "v1/statuses", json={"status": "Un", "media_ids": [told["id"]]})
    assert server.shown()[0].pictures[0].alt == "Œuf"

    ask(server, "PUT", f"v1/statuses/{status.json()['id']}", json={"status": "Deux"})

    assert server.shown()[0].pictures == ()


def test_the_rate_is_counted_and_told_as_a_time():
    """Beyond so many requests 429 comes, with the time of its end and not a number of seconds."""
    now = dt.datetime(2026, 11, 14, 9, tzinfo=dt.UTC)
    with MastodonServer(token=TOKEN, rate_limit=2, clock=lambda: now) as server:
        codes = [post(server, f"n {n}").status_code for n in range(3)]
        answer = post(server, "encore")

    assert codes == [200, 200, 429]
    assert answer.headers["X-RateLimit-Reset"] == "2026-11-14T09:05:00.000Z"


@pytest.mark.parametrize(
    ("token", "route", "status"),
    [("faux", "v1/accounts/verify_credentials", 401), (TOKEN, "v1/nothing", 404)],
)
def test_codes_are_those_of_the_documentation(server, token, route, status):
    """An unknown token and an unknown route have their own codes, with a JSON error."""
    answer = ask(server, "GET", route, token=token)

    assert (answer.status_code, "error" in answer.json()) == (status, True)


def test_statuses_outlive_the_server(tmp_path):
    """With a state file the statuses are there in the next run, under other ids than new ones."""
    state = tmp_path / "mastodon.json"
    with MastodonServer(token=TOKEN, state=state) as server:
        post(server, "Un")
    with MastodonServer(token=TOKEN, state=state) as server:
        post(server, "Deux")
        seen = server.shown()

    assert [one.text for one in seen] == ["Deux", "Un"]
    assert len({one.id for one in seen}) == 2

# SPDX-License-Identifier: Apache-2.0
"""What is told of each request: enough to count and to find faults, nothing that is a secret."""

from __future__ import annotations

import logging

import attrs
import pytest
import requests

from territoire_sante.errors import OutcomeUnknownError, RetryableError, UnreachableError
from territoire_sante.http import Exchange, HttpClient, basic, bearer, digest
from territoire_sante.http._exchange import path_shape


@pytest.fixture
def told():
    """Give a list to collect exchanges in."""
    return []


def test_every_request_is_told(server, other_server, told):
    """Each hop, retry and answer to a challenge is an exchange of its own, in order."""

    def door(handler):
        if "Authorization" in handler.headers:
            handler.answer(307, Location="/there")
        else:
            handler.answer(401, b"who?", WWW_Authenticate='Digest realm="r", nonce="n"')

    server.on("/", door)
    server.on("/there", lambda h: h.answer(503, Retry_After="1"), lambda h: h.answer(200, b"ok"))
    client = HttpClient(
        server.url,
        auth=digest("u", "p", origins=[server.url]),
        sleep=lambda _: None,
        on_exchange=told.append,
    )

    with client:
        client.request("PROPFIND", "/?key=SECRET", body=b"<x/>")

    paths = [exchange.url.removeprefix(server.url) for exchange in told]
    assert [exchange.status for exchange in told] == [401, 307, 503, 307, 200]
    assert paths == ["/", "/", "/there", "/", "/there"]
    assert {exchange.method for exchange in told} == {"PROPFIND"}
    assert all(0 <= exchange.seconds < 5 for exchange in told)
    assert len(told) == len(server.seen)


def test_bytes_are_those_on_the_wire(server, told):
    """Sent and received bytes are counted with their headers, packed as they came."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    server.on("/a", lambda h: h.raw(answer))

    with HttpClient(server.url, on_exchange=told.append) as client:
        client.request("PUT", "/a", body=b"x" * 200_000)

    (exchange,) = told
    head = server.seen[0].headers
    sent = len("PUT /a HTTP/1.1\r\n\r\n") + sum(len(k) + len(v) + 4 for k, v in head.items())
    assert (exchange.sent, exchange.received) == (sent + 200_000, len(answer))


def test_failures_are_told(server, told):
    """A request that got no answer, or half of one, is told as well."""
    server.on("/cut", lambda h: h.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"))
    server.on("/none", lambda h: h.raw(b""))

    with HttpClient(server.url, on_exchange=told.append) as client:
        with pytest.raises(RetryableError):
            client.request("GET", "/cut")
        with pytest.raises(OutcomeUnknownError):
            client.request("PUT", "/none", body=b"data")
    with (
        HttpClient("http://127.0.0.1:1/", on_exchange=told.append) as client,
        pytest.raises(UnreachableError),
    ):
        client.request("PUT", body=b"data")

    assert [exchange.status for exchange in told] == [200, None, None]
    assert told[1].sent > 0
    assert (told[1].received, told[2].sent, told[2].received) == (0, 0, 0)


def test_a_session_of_the_host_s_own_counts_bodies(server, told):
    """Where the connections are the host's, the bytes told are those of the bodies."""
    server.on("/", lambda h: h.answer(200, b"hello"))

    with (
        requests.Session() as session,
        HttpClient(server.url, session=session, on_exchange=told.append) as client,
    ):
        client.request("PUT", body=b"abc")

    assert (told[0].sent, told[0].received) == (3, 5)


def test_a_hook_that_fails_harms_nobody(server, caplog):
    """What the hook raises is logged by its class; the answer is returned."""
    server.on("/", lambda h: h.answer(201))

    def hook(_):
        raise KeyError("SECRET")

    with HttpClient(server.url, on_exchange=hook) as client:
        assert client.request("PUT", body=b"x").status == 201

    assert [record.getMessage() for record in caplog.records] == ["on_exchange raised KeyError"]


def test_an_exchange_is_frozen():
    """What is told cannot be changed by who is told it."""
    exchange = Exchange(method="GET", url="", status=200, sent=1, received=1, seconds=0.1)

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        exchange.status = 500


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/", "/"),
        ("", ""),
        ("/SOGo/dav/alice/Calendar/personal/", "/SOGo/dav/alice/Calendar/personal/"),
        ("/remote.php/dav/calendars/u-1/x/", "/remote.php/dav/calendars/*/x/"),
        ("/calendar/ical/private-0a1b2c/basic.ics", "/calendar/ical/*/basic.ics"),
        ("/8d1f6c3e-aaaa-bbbb.ics", "/*.ics"),
        ("/abcdefghijklmnopqrstuvwxyz/feed", "/*/feed"),
        ("/sant%C3%A9/é.vcf", "/*/*.vcf"),
        ("/%2e%2e/a.b.c/.hidden", "/*/*/*"),
    ],
)
def test_shapes_of_paths(path, shape):
    """What may be an id, a token or a name becomes a star; plain short words stay."""
    assert path_shape(f"https://a.example.org{path}?q=1#f") == shape


def test_logs_are_structured_and_hold_no_secret(server, caplog):
    """A record holds method, origin, shape of the path, status, seconds and bytes; no more."""
    caplog.set_level(logging.DEBUG, logger="territoire_sante")
    server.on("/private-S3CRET/a.ics", lambda h: h.answer(200, b"BODY", X_Secret="HEADER"))
    auths = [
        basic("user", "WORD", origins=[server.url]),
        bearer("T0KEN", origins=[server.url]),
    ]

    for auth in auths:
        with HttpClient(server.url, auth=auth) as client:
            client.request("PUT", "/private-S3CRET/a.ics?key=QUERY#FRAG", body=b"SENT")

    records = [record for record in caplog.records if record.name == "territoire_sante.http"]
    assert len(records) == 2
    fields = {"method", "origin", "path", "status", "sent", "received", "seconds"}
    values = {name: records[0].__dict__[name] for name in fields}
    assert (values["method"], values["origin"], values["path"], values["status"]) == (
        "PUT",
        server.url,
        "/*/a.ics",
        200,
    )
    everything = " ".join(str(record.__dict__) for record in records) + caplog.text
    for secret in ("S3CRET", "QUERY", "FRAG", "BODY", "SENT", "HEADER", "WORD", "dXNl", "T0KEN"):
        assert secret not in everything

# SPDX-License-Identifier: Apache-2.0
"""The HTTP client is bounded: in time, in size, in what it remembers and what it logs."""

from __future__ import annotations

import datetime as dt
import gzip
import time

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from territoire_sante.errors import (
    ConfigError,
    OutcomeUnknownError,
    ProtocolError,
    RetryableError,
    UnreachableError,
)
from territoire_sante.http import (
    HttpClient,
    encode_json,
    origin_of,
    redacted,
)
from territoire_sante.http._retry import retry_after

READS = ("GET", "PROPFIND", "REPORT")
WRITES = ("PUT", "POST", "DELETE")


# --- time ------------------------------------------------------------------------------------


def drip_body(handler):
    """Send the body one byte at a time."""
    handler.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while not handler.server.stop.wait(0.05):
        handler.raw(b"x")


def drip_headers(handler):
    """Send the headers one byte at a time."""
    handler.raw(b"HTTP/1.1 200 OK\r\nX-A: ")
    while not handler.server.stop.wait(0.05):
        handler.raw(b"x")


def silence(handler):
    """Never answer."""
    handler.server.stop.wait(5)


@pytest.mark.parametrize("script", [drip_body, drip_headers, silence])
def test_total_deadline(server, script):
    """A server that sends a byte now and then, or nothing, is left at the deadline."""
    server.on("/", script)
    client = HttpClient(server.url, read_timeout=5, deadline=0.4)

    for method, error in (("GET", RetryableError), ("PUT", OutcomeUnknownError)):
        started = time.monotonic()
        with pytest.raises(error):
            client.request(method, body=b"x")
        assert time.monotonic() - started < 2


def test_read_timeout(server):
    """The time-out of one read ends a silence well before the deadline."""
    server.on("/", silence)

    with pytest.raises(UnreachableError, match="time allowed"):
        HttpClient(server.url, read_timeout=0.2, deadline=60).request("GET")


@pytest.mark.parametrize("status", [429, 503])
def test_short_waits_are_waited(server, client, sleeper, status):
    """A read asked to wait a little waits that long, or a bit longer, and then succeeds."""
    server.on(
        "/dav/",
        lambda h: h.answer(status, Retry_After="3"),
        lambda h: h.answer(status),
        lambda h: h.answer(200, b"done"),
    )

    assert client.request("REPORT").body == b"done"
    assert sleeper.naps == [3.75, 2.0]


def test_long_waits_are_told(server, client, sleeper):
    """A wait longer than allowed is not waited but told, clamped to two hours."""
    server.on("/dav/", lambda h: h.answer(503, Retry_After="86400"))

    with pytest.raises(RetryableError) as caught:
        client.request("GET")

    assert (caught.value.retry_after, sleeper.naps) == (7200.0, [])


def test_waiting_ends(server, client, sleeper):
    """A server that is always busy is asked four times."""
    server.on("/dav/", lambda h: h.answer(429))

    with pytest.raises(RetryableError):
        client.request("GET")

    assert (len(server.seen), sleeper.naps) == (4, [1.0, 2.0, 4.0])


def test_busy_writes(server, client, sleeper):
    """A throttled write is not repeated; a 503 without a time leaves its outcome unknown."""
    server.on("/dav/429", lambda h: h.answer(429))
    server.on("/dav/503", lambda h: h.answer(503, Retry_After="5"))
    server.on("/dav/gone", lambda h: h.answer(503))

    with pytest.raises(RetryableError):
        client.request("PUT", "429")
    with pytest.raises(RetryableError) as caught:
        client.request("PUT", "503")
    with pytest.raises(OutcomeUnknownError):
        client.request("PUT", "gone")

    assert (caught.value.retry_after, sleeper.naps, len(server.seen)) == (5.0, [], 3)


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({"Retry_After": "Sun, 29 Mar 2026 12:00:07 GMT"}, 8.75),
        ({"Retry_After": "Sun, 29 Mar 2026 11:00:00 GMT"}, 1.25),
        ({"Retry_After": "0"}, 1.25),
        ({"Retry_After": "Sun, 29 Mar 2026 12:00:08 -0000"}, 10.0),
        ({"X_Reset": "9"}, 11.25),
        ({"X_Reset": "1774785605"}, 6.25),
        ({"Retry_After": "3", "X_Reset": "9"}, 3.75),
        ({"X_Reset": "soon"}, 1.0),
        ({"X_Other": "9"}, 1.0),
    ],
)
def test_headers_that_ask_for_time(server, sleeper, headers, asked):
    """Seconds, dates and the headers of a vendor are understood; what names no time is not."""
    server.on("/", lambda h: h.answer(429, **headers), lambda h: h.answer(200))
    noon = dt.datetime(2026, 3, 29, 12, tzinfo=dt.UTC)
    client = HttpClient(
        server.url, wait_headers=["X-Reset"], sleep=sleeper, now=lambda: noon, jitter=lambda: 1.0
    )

    with client:
        client.request("GET")

    assert sleeper.naps == [asked]


def test_backoff_has_full_jitter(server, sleeper):
    """Without a time told, the wait is anything up to 1, 2 and 4 seconds."""
    server.on("/", lambda h: h.answer(503))
    draws = iter([0.5, 0.0, 0.25])

    with pytest.raises(RetryableError):
        HttpClient(server.url, sleep=sleeper, jitter=lambda: next(draws)).request("GET")

    assert sleeper.naps == [0.5, 0.0, 1.0]


def test_jitter_only_adds(server, sleeper):
    """The jitter never makes a wait shorter than what the server asked for."""
    server.on("/", lambda h: h.answer(503, Retry_After="8"), lambda h: h.answer(200))

    HttpClient(server.url, sleep=sleeper, jitter=lambda: 1.0).request("GET")

    assert sleeper.naps == [10.0]


@given(st.text(max_size=40) | st.integers().map(str))
def test_retry_after_is_clamped(value):
    """Whatever a Retry-After header holds, the wait is unknown or between 1 s and 2 h."""
    wait = retry_after(value, dt.datetime(2026, 3, 29, tzinfo=dt.UTC))

    assert wait is None or 1.0 <= wait <= 7200.0


# --- size ------------------------------------------------------------------------------------


def test_caps_on_size(server):
    """A body beyond the cap is refused, plain or compressed; one at the cap passes."""
    server.on("/plain", lambda h: h.answer(200, b"x" * 1001))
    bomb = gzip.compress(b"\0" * 50_000_000)
    server.on("/bomb", lambda h: h.answer(200, bomb, Content_Encoding="gzip"))
    exact = gzip.compress(b"y" * 1000)
    server.on("/exact", lambda h: h.answer(200, exact, Content_Encoding="gzip"))
    client = HttpClient(server.url, max_bytes=1000)

    for path in ("/plain", "/bomb"):
        with pytest.raises(ProtocolError, match="larger than 1000"):
            client.request("GET", path)

    assert client.request("GET", "/exact").body == b"y" * 1000


def test_unknown_encoding(server, client):
    """An encoding nobody asked for and nobody knows is refused."""
    server.on("/dav/", lambda h: h.answer(200, b"?", Content_Encoding="br"))

    with pytest.raises(ProtocolError, match="encoded"):
        client.request("GET")


# --- the rest --------------------------------------------------------------------------------


def test_injected_session(server):
    """A session of the host's own is used, and left open."""
    server.on("/", lambda h: h.answer(200))
    with requests.Session() as session:
        session.headers["X-Host"] = "portal"
        with HttpClient(server.url, session=session) as client:
            client.request("GET")

        session.get(server.url, timeout=5)

    assert [seen.headers["X-Host"] for seen in server.seen] == ["portal", "portal"]


def test_proxies_are_not_asked_for_loopback(server, monkeypatch):
    """A proxy named by the environment is used for other hosts, not for this machine."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    server.on("/", lambda h: h.answer(200))

    assert HttpClient(server.url).request("GET").status == 200
    with pytest.raises(UnreachableError, match="the proxy does not answer"):
        HttpClient("http://server.example.org/").request("PUT")


def test_trusted_certificates_of_the_environment(secure_server, certificate, monkeypatch):
    """Where no file is given, the certificates are those that requests is told of elsewhere."""
    secure_server.on("/", lambda h: h.answer(200))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))

    with HttpClient(secure_server.url) as client:
        assert client.request("GET").status == 200


def test_no_cookie_is_kept(server, client):
    """A cookie set by the server is not sent back."""
    server.on("/dav/", lambda h: h.answer(200, Set_Cookie="id=1; Path=/"))

    client.request("GET")
    client.request("GET")

    assert "Cookie" not in server.seen[1].headers


def test_json(server, client):
    """JSON goes out in UTF-8 and comes back; a web page or rubbish is a ProtocolError."""
    server.on("/dav/echo", lambda h: h.answer(200, server.seen[-1].body))
    server.on("/dav/page", lambda h: h.answer(200, b"\xef\xbb\xbf<!DOCTYPE html><p>log in"))
    server.on("/dav/typed", lambda h: h.answer(200, b"hi", Content_Type="text/html; charset=x"))
    server.on("/dav/broken", lambda h: h.answer(200, b'{"secret": '))
    server.on("/dav/deep", lambda h: h.answer(200, b"[" * 200_000))

    assert client.send_json("POST", "echo", {"a": "é"}).json() == {"a": "é"}
    assert server.seen[0].body == encode_json({"a": "é"}) == '{"a":"é"}'.encode()
    assert server.seen[0].headers["Content-Type"] == "application/json"
    for path in ("page", "typed", "broken", "deep"):
        with pytest.raises(ProtocolError) as caught:
            client.send_json("GET", path).json()
        assert "secret" not in str(caught.value)


@given(st.text(max_size=60))
def test_addresses_are_redacted_or_refused(text):
    """Any text as an address is either an origin or a ConfigError, and can be redacted."""
    try:
        scheme, host, port = origin_of(text)
    except ConfigError:
        return
    finally:
        shown = redacted(text)
    assert scheme in {"http", "https"}
    assert host
    assert 0 <= port < 65536
    assert "?" not in shown


def test_tls(secure_server, certificate):
    """Behind TLS all is the same once the certificate is trusted, and never before."""
    secure_server.on("/", lambda h: h.answer(200, b"safe"))
    secure_server.on("/drip", drip_body)

    with pytest.raises(UnreachableError, match="certificate is not trusted"):
        HttpClient(secure_server.url).request("PUT")
    assert secure_server.seen == []

    with HttpClient(secure_server.url, ca_file=str(certificate), deadline=0.5) as client:
        assert client.request("GET").body == b"safe"
        with pytest.raises(RetryableError, match="too long"):
            client.request("GET", "/drip")

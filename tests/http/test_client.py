# SPDX-License-Identifier: Apache-2.0
"""The client against a server that lies, stalls, redirects and floods."""

from __future__ import annotations

import gzip
import socket
import zlib

import pytest

from territoire_sante.errors import (
    AuthError,
    ConfigError,
    OutcomeUnknownError,
    ProtocolError,
    RetryableError,
    UnreachableError,
)
from territoire_sante.http import (
    HttpClient,
    basic,
    digest,
)

READS = ("GET", "PROPFIND", "REPORT")
WRITES = ("PUT", "POST", "DELETE")


def test_plain_exchange(server, client):
    """A request reaches the path relative to the base address, and its answer comes whole."""
    server.on("/dav/a", lambda h: h.answer(200, b"hello", ETag='"1"'))

    answer = client.request("PROPFIND", "a", headers={"Depth": "1"}, body=b"<x/>")

    assert (answer.status, answer.body, answer.headers["etag"]) == (200, b"hello", '"1"')
    assert answer.url == server.url + "/dav/a"
    (seen,) = server.seen
    assert (seen.method, seen.body, seen.headers["Depth"]) == ("PROPFIND", b"<x/>", "1")
    assert seen.headers["Accept-Encoding"] == "identity"
    assert seen.headers["User-Agent"] == "territoire-sante"


def test_statuses_that_are_answers(server, client):
    """Statuses with a meaning for the caller are returned, not raised."""
    for status in (201, 204, 207, 304, 403, 404, 409, 412, 423, 501, 507):
        server.on(f"/dav/{status}", lambda h, status=status: h.answer(status))

        assert client.request("PUT", str(status), body=b"x").status == status


# --- credentials -----------------------------------------------------------------------------


def test_basic_is_utf8(server):
    """Basic credentials with accents are sent as UTF-8."""
    server.on("/", lambda h: h.answer(200))

    HttpClient(server.url, auth=basic("hélène", "mot de passe €", origins=[server.url])).request(
        "GET"
    )

    sent = server.seen[0].headers["Authorization"].removeprefix("Basic ")
    assert zlib.crc32(sent.encode()) == zlib.crc32(b"aMOpbMOobmU6bW90IGRlIHBhc3NlIOKCrA==")


def test_digest_answers_the_challenge(server):
    """Digest sends the request again with the body and the response to the challenge."""

    def script(handler):
        if "Authorization" in handler.headers:
            handler.answer(201)
        else:
            # Longer than what is drained: the connection is dropped instead of read out.
            handler.answer(401, b"x" * 300_000, WWW_Authenticate='Digest realm="r", nonce="n"')

    server.on("/a", script)

    answer = HttpClient(server.url, auth=digest("u", "p", origins=[server.url])).request(
        "PUT", "/a", body=b"data"
    )

    assert answer.status == 201
    assert [seen.body for seen in server.seen] == [b"data", b"data"]
    assert 'username="u"' in server.seen[1].headers["Authorization"]


def test_wrong_credentials(server, client):
    """401 is an AuthError, for reads and writes."""
    server.on("/dav/", lambda h: h.answer(401, b"no"))

    for method in READS + WRITES:
        with pytest.raises(AuthError, match="user name"):
            client.request(method)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "//example.org/",
        "https://",
        "http://u:pw@example.org/",
        "http://[",
        "http://a:b/",
    ],
)
def test_addresses_that_cannot_be_configured(url):
    """An address without scheme or host, or with credentials in it, is a configuration error."""
    with pytest.raises(ConfigError) as caught:
        HttpClient(url)

    assert "pw" not in str(caught.value)


# --- redirects -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_reads_follow_redirects_unchanged(server, client, status):
    """A redirected PROPFIND keeps method and body, and tells the final address."""
    server.on("/dav/old", lambda h: h.answer(status, b"moved", Location="/new/"))
    server.on("/new/", lambda h: h.answer(207, h.command.encode()))

    answer = client.request("PROPFIND", "old", body=b"<p/>")

    assert (answer.body, answer.url) == (b"PROPFIND", server.url + "/new/")
    assert server.seen[1].body == b"<p/>"


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("status", [301, 302, 307])
def test_writes_are_never_redirected(server, client, method, status):
    """A redirected write is an error, and nothing is sent to the new place."""
    server.on("/dav/a", lambda h: h.answer(status, Location="/new"))

    with pytest.raises(ProtocolError, match="redirected"):
        client.request(method, "a", body=b"data")

    assert [seen.path for seen in server.seen] == ["/dav/a"]


def test_redirect_loop(server, client):
    """Redirects end after five hops."""
    server.on("/dav/", lambda h: h.answer(302, Location="/dav/"))

    with pytest.raises(ProtocolError, match="more than 5"):
        client.request("GET")

    assert len(server.seen) == 6


def test_secrets_stay_with_their_origin(server, other_server):
    """Another origin is refused; when allowed, it gets no credentials."""
    server.on("/", lambda h: h.answer(302, Location=other_server.url + "/x?token=1"))
    other_server.on("/x", lambda h: h.answer(200))
    auth = basic("u", "p", origins=[server.url])

    with pytest.raises(ProtocolError, match="another server") as caught:
        HttpClient(server.url, auth=auth).request("GET")
    assert other_server.seen == []
    assert "token" not in str(caught.value)

    HttpClient(server.url, auth=auth, allowed_origins=[other_server.url]).request("GET")
    assert "Authorization" in server.seen[-1].headers
    assert "Authorization" not in other_server.seen[0].headers


def test_foreign_address(server, client):
    """A caller cannot be tricked into asking another server by an absolute reference."""
    for url in ("http://192.0.2.1/", "//192.0.2.1/a", "https://127.0.0.1/"):
        with pytest.raises(ProtocolError, match="another server"):
            client.request("GET", url)


def test_no_way_back_from_https(secure_server, certificate, server):
    """A redirect from https to http is refused, even to an origin that is allowed."""
    secure_server.on("/", lambda h: h.answer(301, Location=server.url))
    client = HttpClient(secure_server.url, ca_file=str(certificate), allowed_origins=[server.url])

    with pytest.raises(ProtocolError, match="from https to http"):
        client.request("GET")


# --- what is not there -----------------------------------------------------------------------


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.mark.parametrize("method", READS + WRITES)
def test_nobody_listens(method):
    """A refused connection is unreachable for any method: nothing was sent."""
    with pytest.raises(UnreachableError, match="could not be sent") as caught:
        HttpClient(f"http://127.0.0.1:{free_port()}/a?key=secret").request(method, body=b"x")

    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def hang_up(handler):
    """Close the connection instead of answering."""
    handler.raw(b"")


def cut_short(handler):
    """Send less than announced."""
    handler.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


def cut_chunk(handler):
    """End in the middle of a chunk."""
    handler.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\nhalf")


def not_http(handler):
    """Speak another protocol."""
    handler.raw(b"220 mail.example.org ESMTP\r\n")


def interim(handler):
    """Send 102 before the answer."""
    handler.raw(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def failure(handler):
    """Fail, with a page about it."""
    handler.answer(500, b"<html>Traceback</html>")


def bad_gzip(handler):
    """Send what is no gzip as gzip."""
    handler.answer(200, b"\x1f\x8b\x08 and so on", Content_Encoding="gzip")


def half_gzip(handler):
    """Leave out the end of the gzip stream."""
    handler.answer(200, gzip.compress(b"x" * 999)[:-9], Content_Encoding="gzip")


@pytest.mark.parametrize(
    "script",
    [hang_up, cut_short, cut_chunk, not_http, interim, failure, bad_gzip, half_gzip],
)
def test_lost_answers(server, client, script):
    """A read whose answer is lost may be retried; the outcome of a write is then unknown."""
    server.on("/dav/a", script)

    for method in READS:
        with pytest.raises(RetryableError):
            client.request(method, "a")
    for method in WRITES:
        with pytest.raises(OutcomeUnknownError, match="Read the item"):
            client.request(method, "a", body=b"data")


def test_interim_answers_do_not_shift(server, client):
    """After a 102 the connection is dropped: the next request gets its own answer."""
    server.on("/dav/slow", interim)
    server.on("/dav/next", lambda h: h.answer(200, b"next"))

    with pytest.raises(RetryableError, match="interim"):
        client.request("GET", "slow")

    assert client.request("GET", "next").body == b"next"


def test_kept_connection_closed_meanwhile(server, client):
    """A read on a connection that the server closed in between is sent again once."""
    server.on("/dav/", lambda h: h.answer(200, b"1"), hang_up, lambda h: h.answer(200, b"2"))

    assert [client.request("GET").body for _ in range(2)] == [b"1", b"2"]


def test_status_asked_for_is_returned(server, client):
    """A 500 that the caller can make sense of is returned to it."""
    server.on("/dav/", failure)

    assert client.request("REPORT", returned={500}).status == 500

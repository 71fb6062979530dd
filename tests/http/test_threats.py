# SPDX-License-Identifier: Apache-2.0
"""What was seen in the field, each case by name: what other clients fell for must not work here."""

from __future__ import annotations

import contextlib
import gzip
import pathlib
import socket
import threading
import time
import tracemalloc
import zlib

import pytest
import requests

from territoire_sante.errors import (
    AuthError,
    ConfigError,
    OtherHostError,
    OutcomeUnknownError,
    ProtocolError,
    RetryableError,
    UnreachableError,
)
from territoire_sante.http import AddressPolicy, HttpClient, Validators, basic, bearer

WRITES = ("PUT", "DELETE", "POST", "MKCALENDAR", "PROPPATCH")
READS = ("GET", "PROPFIND", "REPORT", "OPTIONS")
MIB = 1024 * 1024


# --- size ------------------------------------------------------------------------------------


def peak_of(call):
    """Return the most memory that ``call`` held at a time, in bytes."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


BOMBS = {
    "plain": (b"\0" * (40 * MIB), None),
    "gzip": (gzip.compress(b"\0" * (200 * MIB)), "gzip"),
    "deflate": (zlib.compress(b"\0" * (200 * MIB)), "deflate"),
    "members": (gzip.compress(b"\0" * MIB) * 100, "gzip"),
    "nothing": (gzip.compress(b"") * 200_000, "gzip"),
    "twice": (gzip.compress(gzip.compress(b"\0" * (200 * MIB))), "gzip, gzip"),
    "brotli": (b"\x1b\x00\x00\x00\x00" * 1000, "br"),
    "zstd": (b"\x28\xb5\x2f\xfd" * 1000, "zstd"),
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("status", [200, 302, 401, 404, 503])
def test_a_bomb_takes_no_more_memory_than_its_cap(server, name, status):
    """Whatever the packing and the status, at most the cap and some pieces are held."""
    body, encoding = BOMBS[name]
    told = {"Content_Encoding": encoding} if encoding else {}
    # The server's own memory is not counted: it sends what exists already.
    server.on("/", lambda h: h.answer(status, body, Location="/end", **told))
    server.on("/end", lambda h: h.answer(404))
    client = HttpClient(server.url, max_bytes=MIB, sleep=lambda _: None)

    def call():
        try:
            client.request("GET")
        except (ProtocolError, AuthError, RetryableError):
            return
        assert status == 302

    with client:
        client.request("GET", "/end")
        assert peak_of(call) < 4 * MIB


def _answer_gzip(packed, handler):
    handler.answer(200, packed, Content_Encoding="gzip")


def test_a_body_of_exactly_the_cap_passes(server):
    """The cap is on decoded bytes: as many as it says are let through, one more is not."""
    noise = bytes(range(256)) * 4096
    for extra in (0, 1):
        packed = gzip.compress(noise + b"x" * extra, compresslevel=0)
        server.on(
            f"/{extra}", lambda h, packed=packed: h.answer(200, packed, Content_Encoding="gzip")
        )

    with HttpClient(server.url, max_bytes=len(noise)) as client:
        assert client.request("GET", "/0").body == noise
        with pytest.raises(ProtocolError, match="larger than"):
            client.request("GET", "/1")


@pytest.mark.parametrize(
    "head",
    [
        b"".join(b"X-%d: 1\r\n" % number for number in range(100_000)),
        b"X-Long: " + b"x" * 1_000_000 + b"\r\n",
    ],
    ids=["many", "long"],
)
def test_endless_headers(server, client, head):
    """Headers without end are an error, not memory."""
    server.on("/dav/", lambda h: h.raw(b"HTTP/1.1 200 OK\r\n" + head))

    with pytest.raises(UnreachableError):
        client.request("GET")


# --- credentials -----------------------------------------------------------------------------


def test_no_secret_for_the_wrong_host(server, other_server):
    """Neither a redirect, nor an address in an answer, nor a challenge gets a secret elsewhere."""
    server.on("/", lambda h: h.answer(302, Location=other_server.url + "/x"))
    other_server.on("/x", lambda h: h.answer(401, WWW_Authenticate='Basic realm="dav"'))
    client = HttpClient(
        server.url,
        auth=basic("u", "p", origins=[server.url]),
        addresses=AddressPolicy(allow=["127.0.0.0/8"]),
    )

    with client:
        with pytest.raises(OtherHostError):
            client.request("PROPFIND")
        with pytest.raises(OtherHostError):
            client.request("GET", other_server.url + "/x")
        for ask in (client.fetch, lambda: client.fetch(other_server.url + "/x")):
            with pytest.raises(AuthError):
                ask()

    assert len(other_server.seen) == 2
    assert not any("Authorization" in seen.headers for seen in other_server.seen)


@pytest.mark.parametrize(
    "name", ["Authorization", "authorization", "Cookie", "Proxy-Authorization"]
)
def test_credentials_are_not_taken_as_a_header(server, client, name):
    """A raw header would go wherever a redirect leads: credentials have to be given as such."""
    for ask in (client.fetch, lambda headers: client.request("PUT", headers=headers)):
        with pytest.raises(ConfigError, match="as auth") as caught:
            ask(headers={name: "SECRET"})
        assert "SECRET" not in str(caught.value)
    assert server.seen == []


def test_other_headers_stay_with_their_server(server, other_server):
    """On another server only headers arrive that are nobody's key."""
    server.on("/", lambda h: h.answer(302, Location="/near"))
    server.on("/near", lambda h: h.answer(302, Location=other_server.url + "/far"))
    other_server.on("/far", lambda h: h.answer(207))
    headers = {"X-Api-Key": "k", "Private-Token": "t", "Depth": "1", "Accept": "text/xml"}
    policy = AddressPolicy(allow=["127.0.0.1"])

    with HttpClient(server.url, allowed_origins=[other_server.url], addresses=policy) as client:
        client.request("PROPFIND", headers=headers)
        client.fetch(headers=headers)

    assert [seen.headers.get("X-Api-Key") for seen in server.seen] == ["k"] * 4
    for seen in other_server.seen:
        assert not {"X-Api-Key", "Private-Token"} & set(seen.headers)
        assert (seen.headers["Depth"], seen.headers["Accept"]) == ("1", "text/xml")
        assert seen.headers["User-Agent"] == "territoire-sante"


def test_another_port_or_scheme_is_another_origin(server, secure_server, certificate):
    """The same host on another port, or by another scheme, does not get the secret."""
    for place in (server, secure_server):
        place.on("/", lambda h: h.answer(200))
    auth = basic("u", "p", origins=[secure_server.url])
    client = HttpClient(
        secure_server.url, auth=auth, ca_file=str(certificate), allowed_origins=[server.url]
    )

    with client:
        client.request("GET")
        client.request("GET", server.url)

    assert "Authorization" in secure_server.seen[0].headers
    assert "Authorization" not in server.seen[0].headers


@pytest.mark.parametrize("machine", ["machine 127.0.0.1", "default"])
def test_netrc_overrides_nothing(server, tmp_path: pathlib.Path, monkeypatch, machine):
    """What a netrc file says is used neither beside nor instead of the credentials given."""
    netrc = tmp_path / "netrc"
    netrc.write_text(f"{machine} login spy password wrong\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.on("/", lambda h: h.answer(200))

    for auth in (None, bearer("abc", origins=[server.url])):
        with HttpClient(server.url, auth=auth) as client:
            client.request("PUT")
            client.fetch()

    sent = [seen.headers.get("Authorization") for seen in server.seen]
    assert sent == [None, None, "Bearer abc", "Bearer abc"]


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "a\nb", "a\n b", "é€", "a\0b"])
def test_no_header_can_be_injected(server, value):
    """A value that would end its header, or cannot be sent, is refused before anything leaves."""
    server.on("/", lambda h: h.answer(200))

    with HttpClient(server.url) as client:
        for method in ("GET", "PUT"):
            with pytest.raises(ProtocolError, match="cannot be sent"):
                client.request(method, headers={"If-Match": value})
        with pytest.raises(ProtocolError, match="cannot be sent"):
            client.fetch(known=Validators(value))
    for source in (value, lambda: (value, None)):
        with pytest.raises(AuthError, match="no access token") as caught:
            HttpClient(server.url, auth=bearer(source, origins=[server.url])).request("PUT")
        assert value not in str(caught.value)

    assert server.seen == []


# --- redirects -------------------------------------------------------------------------------


@pytest.mark.parametrize("method", READS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_read_stays_what_it_was(server, client, method, status):
    """PROPFIND stays PROPFIND and keeps its body and headers, whatever the status."""
    server.on("/dav/", lambda h: h.answer(status, Location="/new"))
    server.on("/new", lambda h: h.answer(207))

    client.request(method, headers={"Depth": "0"}, body=b"<x/>")

    first, second = server.seen
    assert (second.method, second.body) == (first.method, first.body) == (method, b"<x/>")
    assert second.headers == first.headers


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_write_is_an_error(server, other_server, client, method, status):
    """Nothing is written elsewhere, nor turned into a GET: the new address has to be configured."""
    for location in ("/new", other_server.url + "/new", "http://["):
        server.on("/dav/", lambda h, to=location: h.answer(status, Location=to))
        with pytest.raises(ProtocolError, match="redirected"):
            client.request(method, body=b"data")

    assert {seen.path for seen in server.seen} == {"/dav/"}
    assert other_server.seen == []


def test_https_never_becomes_http(server, secure_server, certificate):
    """A redirect from https to http is refused on the first hop, for feeds as well."""
    secure_server.on("/", lambda h: h.answer(301, Location=server.url))
    client = HttpClient(
        secure_server.url,
        ca_file=str(certificate),
        addresses=AddressPolicy(allow=["127.0.0.0/8"]),
        allowed_origins=[server.url],
    )

    with client:
        for ask in (client.fetch, lambda: client.request("PROPFIND")):
            with pytest.raises(ProtocolError, match="from https to http"):
                ask()
    assert server.seen == []


# --- time ------------------------------------------------------------------------------------


def test_a_drip_ends_at_the_deadline_although_each_read_is_in_time(server):
    """A byte every 50 ms never exceeds the time-out of a read; the deadline ends it."""

    def drip(handler):
        handler.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not handler.server.stop.wait(0.05):
            handler.raw(b"1\r\nx\r\n")

    server.on("/", drip)
    started = time.monotonic()

    with (
        HttpClient(server.url, read_timeout=1, deadline=0.4) as client,
        pytest.raises(RetryableError, match="too long"),
    ):
        client.fetch()
    assert time.monotonic() - started < 4


def test_redirects_and_waits_share_one_deadline(server):
    """Slow hops add up: the whole is over at the deadline, not each part."""

    def slow(handler):
        handler.server.stop.wait(0.15)
        handler.answer(302, Location="/")

    server.on("/", slow)
    started = time.monotonic()

    with HttpClient(server.url, deadline=0.4) as client, pytest.raises(UnreachableError):
        client.request("GET")  # six hops without a deadline would be another error
    assert time.monotonic() - started < 4


def test_connecting_is_bounded_by_the_deadline_too():
    """A server that accepts and never speaks TLS is left at the deadline; nothing was written."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"https://127.0.0.1:{mute.getsockname()[1]}/"
        started = time.monotonic()
        with (
            HttpClient(url, connect_timeout=10, deadline=0.3) as client,
            pytest.raises(UnreachableError, match="could not be sent"),
        ):
            client.request("PUT", body=b"x")
        assert time.monotonic() - started < 5


def test_a_slow_upload_is_no_stall():
    """A large body may take longer than one time-out, as long as it moves on."""
    size, slow = 12 * MIB, 4 * MIB

    def sip(listener):
        connection, _ = listener.accept()
        with connection:
            got = 0
            while got < size:
                got += len(connection.recv(65536))
                time.sleep(0.02 if got < slow else 0)
            connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=sip, args=(listener,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        started = time.monotonic()
        with HttpClient(url, read_timeout=1, deadline=30) as client:
            assert client.request("PUT", body=b"x" * size).status == 201
        assert time.monotonic() - started > 1
        thread.join(5)


# --- odd servers -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", [101, 102, 103])
def test_interim_answers_drop_the_connection(server, client, status):
    """After an interim answer the connection is given up: no later answer is off by one."""
    both = b"HTTP/1.1 %d Wait\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nold" % status

    def script(handler):
        # The connection stays open, as that of a real server would.
        handler.wfile.write(both)
        handler.wfile.flush()

    server.on("/dav/slow", script)
    server.on("/dav/next", lambda h: h.answer(200, b"next"))

    with pytest.raises(OutcomeUnknownError, match="interim"):
        client.request("PUT", "slow", body=b"x")
    with pytest.raises(RetryableError, match="interim"):
        client.request("GET", "slow")
    assert client.request("GET", "next").body == b"next"


def test_packing_is_never_asked_for(server, client):
    """Every request asks for the plain body: a packed one has another, or a weak, ETag."""
    server.on("/dav/", lambda h: h.answer(200, b"x", ETag='"1"'))

    client.request("GET")
    client.request("PUT", body=b"x")
    client.request("REPORT", body=b"x")
    client.fetch()

    assert {seen.headers["Accept-Encoding"] for seen in server.seen} == {"identity"}


def test_bodies_are_sent_with_their_length(server, client):
    """No body is sent in chunks, which some servers refuse."""
    server.on("/dav/", lambda h: h.answer(201))

    client.request("PUT", body=b"x" * 300_000)
    client.request("PUT", body=b"")

    assert [seen.headers.get("Content-Length") for seen in server.seen] == ["300000", "0"]
    assert not any("Transfer-Encoding" in seen.headers for seen in server.seen)


def test_http_1_0_takes_a_connection_a_request(server, client):
    """A server that closes after each answer, without a length, is read to the end."""
    server.on("/dav/", lambda h: h.raw(b"HTTP/1.0 200 OK\r\n\r\nwhole"))

    assert [client.request("GET").body for _ in range(3)] == [b"whole"] * 3


def test_doubled_headers_are_joined(server, client):
    """A header that comes in two lines is one list."""
    head = b"HTTP/1.1 200 OK\r\nDAV: 1, 2\r\nDAV: calendar-access\r\nContent-Length: 0\r\n\r\n"
    server.on("/dav/", lambda h: h.raw(head))

    assert client.request("OPTIONS").headers["DAV"] == "1, 2, calendar-access"


def test_a_server_that_takes_no_connection_is_left_in_time():
    """Where the connection itself stalls nothing was sent: no write has happened."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as kept:
        for _ in range(4):
            # Those waiting to be accepted fill the queue; the next one gets no answer at all.
            waiting = kept.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(full.getsockname())
        client = HttpClient(f"http://127.0.0.1:{full.getsockname()[1]}/", connect_timeout=0.2)
        with client, pytest.raises(UnreachableError, match="no connection in the time allowed"):
            client.request("PUT", body=b"x")


@pytest.mark.parametrize("status", [302, 401, 429])
def test_a_refusal_that_breaks_off_is_a_refusal(server, client, status):
    """Of an answer whose status says it all, the body may be cut."""
    cut = b"HTTP/1.1 %d No\r\nLocation: /end\r\nContent-Length: 99\r\n\r\nhalf" % status
    server.on("/dav/", lambda h: h.raw(cut))
    server.on("/end", lambda h: h.answer(200))

    if status == 302:
        assert client.request("GET").status == 200
        return
    with pytest.raises(AuthError if status == 401 else RetryableError):
        client.request("PUT", body=b"x")


def test_a_session_of_the_host_s_own_has_a_deadline_between_reads(server):
    """Without our connections, a body that drips is left at the next piece after the deadline."""

    def pieces(handler):
        handler.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n")
        while not handler.server.stop.wait(0.05):
            handler.raw(b"x" * 70_000)

    server.on("/", pieces)
    started = time.monotonic()

    with (
        requests.Session() as session,
        HttpClient(server.url, session=session, deadline=0.3) as client,
        pytest.raises(RetryableError, match="too long"),
    ):
        client.request("GET")
    assert time.monotonic() - started < 2

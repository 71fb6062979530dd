# SPDX-License-Identifier: Apache-2.0
"""Whatever bytes a server answers with, what comes of it is an answer or one of our errors."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante.errors import ConnectorError, OutcomeUnknownError
from territoire_sante.http import (
    Fetched,
    HttpClient,
    NoAuth,
    Response,
    basic,
    bearer,
    digest,
    pinned,
)


class Parrot:
    """Answers each connection with the same bytes, whatever is asked, and hangs up."""

    def __init__(self) -> None:
        self.answer = b""
        self.asked = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Return the origin."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        """Accept no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                asked = connection.recv(65536)
                while asked and not asked.endswith((b"\r\n\r\n", b"<body/>")):
                    asked += connection.recv(65536)
                self.asked += 1
                connection.sendall(self.answer)


@pytest.fixture(scope="module")
def parrot() -> Iterator[Parrot]:
    """Give a server of bytes."""
    server = Parrot()
    yield server
    server.close()


NAMES = [
    "Content-Length",
    "Content-Encoding",
    "Transfer-Encoding",
    "Connection",
    "Content-Type",
    "ETag",
    "Last-Modified",
    "Location",
    "Retry-After",
    "Set-Cookie",
    "WWW-Authenticate",
    "X-Reset",
]
VALUES = [
    *("0", "5", "-1", "99999999999999999999", "1e3", "0x5", "5, 5", "5, 6"),
    *("gzip", "deflate", "br", "identity", "chunked", "gzip, chunked", "close", "keep-alive"),
    *("text/calendar", "text/html", ";;=", '"1"', 'W/"', "Sun, 31 Feb 2026 25:61:00 GMT"),
    *("/", "//", "///", "http://", "http://[", "http://[::ffff:127.0.0.1]/", "https://x..y/", "?"),
    *("http://127.0.0.1\\@example.org/", "//2130706433:1/", "javascript:1", "http://é/", "\x80:"),
    *("Digest", 'Digest realm="r", nonce="n"', 'Basic realm="', "digest nonce=,realm", "Bearer"),
    *('Digest realm="r", nonce="n\xff", qop="auth", opaque="', "a=b; Domain=.org", "9" * 400),
]
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.sampled_from(VALUES) | st.text("\x00 \t\xe9,=\"'", max_size=5)
    ),
    max_size=4,
)
STATUSES = st.sampled_from(
    [100, 102, 200, 204, 206, 302, 304, 307, 401, 404, 407, 429, 500, 503, 999]
)
BODIES = st.sampled_from(
    [
        b"",
        b"hello",
        b"5\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhel",
        b"fffffffffffffffff\r\nx",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"0\r\nX: 1\r\n",
        gzip.compress(b"hello"),
        gzip.compress(b"hello")[:-4],
        b"\x1f\x8b" * 20,
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ]
)


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """Draw an answer that is more or less HTTP, or none at all."""
    version = draw(st.sampled_from(["HTTP/1.1", "HTTP/1.0", "HTTP/2", "http/1.1", "ICY"]))
    told = "".join(f"{name}: {value}\r\n" for name, value in draw(HEADERS))
    head = f"{version} {draw(STATUSES)} x\r\n{told}\r\n".encode("latin-1", "replace")
    whole = head + draw(BODIES)
    cut = draw(st.none() | st.integers(0, len(whole)))
    return whole[:cut]


def nowhere(_host: str, _port: int) -> list[str]:
    """Know no name: nobody outside is asked for those that are made up here."""
    raise socket.gaierror


def outcome(client: HttpClient, method: str) -> Fetched | Response | ConnectorError:
    """Return what comes of one request: what is returned, or the error that is raised."""
    try:
        return client.fetch() if method == "fetch" else client.request(method, body=b"<body/>")
    except ConnectorError as error:
        return error


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    answer=answers() | st.binary(max_size=60),
    method=st.sampled_from(["GET", "PROPFIND", "PUT", "fetch"]),
    scheme=st.sampled_from(["none", "basic", "digest", "bearer"]),
)
def test_any_answer_is_understood_or_refused(parrot, answer, method, scheme):
    """Only our errors come of it, and no write that arrived is said not to have been sent."""
    parrot.answer, before = answer, parrot.asked
    origins = [parrot.url]
    auth = {
        "none": pinned(NoAuth(), origins=origins),
        "basic": basic("u", "p", origins=origins),
        "digest": digest("u", "p", origins=origins),
        "bearer": bearer(lambda: ("t", None), origins=origins),
    }[scheme]
    client = HttpClient(
        parrot.url,
        auth=auth,
        deadline=5,
        max_bytes=1000,
        wait_headers=["X-Reset"],
        resolve=nowhere,
        sleep=lambda _: None,
    )

    with client:
        found = outcome(client, method)

    if not isinstance(found, ConnectorError):
        assert len(found.body) <= 1000
        assert found.url.startswith(parrot.url)
    elif method == "PUT" and parrot.asked > before:
        assert "could not be sent" not in found.what
        # An answer that is none says nothing about the write.
        assert isinstance(found, OutcomeUnknownError) or answer.startswith(b"HTTP/1.")

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest

from territoire_sante.announcements import LinkState
from territoire_sante.announcements.links import http_links


class _Site(http.server.BaseHTTPRequestHandler):
    """Answers with the status that the path names."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Send the status, and where to go for a redirect."""
        self.asked.append(self.path)
        status = int(self.path.strip("/") or 200)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/404")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Stay quiet."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Give the address of a server on this machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("/", LinkState.ALIVE),
        ("/204", LinkState.ALIVE),
        ("/404", LinkState.DEAD),
        ("/410", LinkState.DEAD),
        ("/302", LinkState.DEAD),
        ("/401", LinkState.UNKNOWN),
        ("/403", LinkState.UNKNOWN),
        ("/429", LinkState.UNKNOWN),
        ("/500", LinkState.UNKNOWN),
        ("/503", LinkState.UNKNOWN),
    ],
)
def test_only_an_explicit_no_is_a_dead_link(site, path, state):
    """A page that is gone is dead, also behind a redirect; a refusal or a failure is a doubt."""
    with http_links(allowed_origins=[site]) as look:
        assert look(site + path) is state


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/a",
        "https://",
        "http://[::1",
        "",
        "http://127.0.0.1:1/",
        "http://a.invalid/",
    ],
)
def test_what_cannot_be_asked_is_unknown(url):
    """No address makes the checker raise."""
    with http_links(allowed_origins=["http://127.0.0.1:1"], deadline=5) as look:
        assert look(url) is LinkState.UNKNOWN


def test_servers_inside_are_not_asked_for_a_notice(site):
    """A link into a private network is a doubt, and nothing is sent there."""
    _Site.asked.clear()

    with http_links() as look:
        assert look(site + "/") is LinkState.UNKNOWN

    assert _Site.asked == []

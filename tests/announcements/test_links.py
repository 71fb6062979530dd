# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator

import pytest

from territoire_sante.announcements import LinkState
from territoire_sante.announcements.links import http_links
from territoire_sante.testing.stand_in import Answer, Asked, StandIn


class _Site(StandIn):
    """Answers with the status that the path names."""

    def routed(self, asked: Asked) -> Answer:
        """Return the status, and where to go for a redirect."""
        status = int(asked.path.strip("/") or 200)
        return Answer(status=status, headers={"Location": "/404"} if status == 302 else {})


@pytest.fixture
def site() -> Iterator[_Site]:
    """Give a server on this machine."""
    with _Site() as server:
        yield server


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
    with http_links(allowed_origins=[site.origin]) as look:
        assert look(site.origin + path) is state


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
    with http_links() as look:
        assert look(f"{site.origin}/") is LinkState.UNKNOWN

    assert site.requests == ()

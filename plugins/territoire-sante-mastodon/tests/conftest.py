# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante.plugins import Secret
from territoire_sante.testing.mastodon import MastodonServer
from territoire_sante_mastodon import MastodonConfig
from territoire_sante_mastodon._transport import opened

TOKEN = "jeton-invente"


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 11, 14, 9, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        """Return the present."""
        return self.now

    def advance(self, **spans: float) -> None:
        """Let time pass."""
        self.now += dt.timedelta(**spans)


@pytest.fixture
def clock():
    """Give a clock that is moved by hand."""
    return Clock()


@pytest.fixture
def server(clock):
    """Give a running stand-in."""
    with MastodonServer(token=TOKEN, clock=clock) as running:
        yield running


@pytest.fixture
def settings(server):
    """Give a function that makes the configuration for the stand-in, or for another server."""

    def make(other=None, **options):
        base = (other or server).origin
        return MastodonConfig(token=Secret(TOKEN), base_url=base, timeout=5, **options)

    return make


@pytest.fixture
def statuses(settings, clock):
    """Give the open transport."""
    with opened(settings(), clock=clock, sleep=lambda _: None) as transport:
        yield transport

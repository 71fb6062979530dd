# SPDX-License-Identifier: Apache-2.0
"""What is confirmed is what the web server shows, not what the file holds."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.formats.feed import FeedFormat
from territoire_sante.model import Announcement
from territoire_sante.plugins import Shown
from territoire_sante.testing.feed import Fault, FeedServer
from territoire_sante_feed import FeedConfig, FeedFile

NOW = dt.datetime(2026, 3, 29, 12, 30, tzinfo=dt.UTC)
NOTICE = Announcement(
    id="announcement:1", uid="urn:example:1", title="Dépistage", body="Samedi\nSalle des fêtes"
)
FORMATS = pytest.mark.parametrize("format_", FeedFormat, ids=lambda one: one.value)


@pytest.fixture
def path(tmp_path):
    """Name the file that the web server delivers."""
    return tmp_path / "annonces"


@pytest.fixture
def server(path):
    """Give a web server that delivers the file."""
    with FeedServer(path=path) as running:
        yield running


@pytest.fixture
def feed(path, server):
    """Give a function that opens the feed in a format."""

    def opened(format_=FeedFormat.ATOM):
        config = FeedConfig(
            path=path, title="Annonces", format=format_, create=True, public_url=server.url
        )
        return FeedFile(config, clock=lambda: NOW)

    return opened


def _put(file, view=NOTICE, format_=FeedFormat.ATOM):
    ref = file.create("hint", format_.lens().put(view, now=NOW))
    (stored,) = file.read([ref.href])
    return stored


def _confirmed(file, item):
    (answer,) = file.confirm([item])
    return answer


@FORMATS
def test_what_the_server_shows_is_visible(feed, server, format_):
    """An announcement that anybody gets from the address is visible; caches are asked to look."""
    file = feed(format_)
    item = _put(file, format_=format_)

    assert _confirmed(file, item).shown is Shown.VISIBLE
    assert server.asked[-1].headers["cache-control"] == "no-cache"


def test_an_old_copy_differs(feed, path):
    """A server that delivers an old copy shows something else, and the detail says so."""
    file = feed()
    item = _put(file)
    with FeedServer(path.read_bytes()) as elsewhere:
        late = FeedFile(attrs.evolve(file._config, public_url=elsewhere.url), clock=lambda: NOW)
        ref = late.replace(item.ref, FeedFormat.ATOM.lens().put(attrs.evolve(NOTICE, title="Bis")))
        (changed,) = late.read([ref.href])
        answer = _confirmed(late, changed)

        assert (answer.shown, "pas encore" in answer.detail) == (Shown.DIFFERS, True)


def test_what_the_server_does_not_have_is_gone(feed, path):
    """An announcement that is in the file only is not shown."""
    file = feed()
    first = _put(file)
    old = path.read_bytes()
    second = _put(file, attrs.evolve(NOTICE, uid="urn:example:2"))
    with FeedServer(old) as elsewhere:
        late = FeedFile(attrs.evolve(file._config, public_url=elsewhere.url), clock=lambda: NOW)
        shown = {one.href: one for one in late.confirm([first, second])}

    assert shown["urn:example:1"].shown is Shown.VISIBLE
    assert shown["urn:example:2"].shown is Shown.GONE
    assert "pas visible" in shown["urn:example:2"].detail


def test_a_withdrawal_shows_once_the_server_follows(feed, path):
    """What was taken out of the file is shown as long as the server delivers the old copy."""
    file = feed()
    item = _put(file)
    old = path.read_bytes()
    file.delete(item.ref)

    assert _confirmed(file, item).shown is Shown.GONE
    with FeedServer(old) as elsewhere:
        late = FeedFile(attrs.evolve(file._config, public_url=elsewhere.url), clock=lambda: NOW)
        answer = _confirmed(late, item)
    assert (answer.shown, "encore" in answer.detail) == (Shown.VISIBLE, True)


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.ERROR, Fault.CUT, Fault.GONE])
def test_without_a_feed_nothing_is_known(feed, server, fault):
    """A login page, an error or half a feed says nothing about an announcement."""
    file = feed()
    item = _put(file)
    server.always(fault)

    answer = _confirmed(file, item)

    assert answer.shown is Shown.UNKNOWN
    assert "l'adresse publique" in answer.detail


def test_a_withdrawn_entry_leaves_a_tombstone(feed, path):
    """A feed says itself what was taken back, and what comes back is not gone any more."""
    file = feed()
    item = _put(file)
    file.delete(item.ref)

    assert b'ref="urn:example:1" when="2026-03-29T12:30:00Z"' in path.read_bytes()
    _put(file)
    assert b"deleted-entry" not in path.read_bytes()


def _facts(file):
    return {fact.key: (fact.value, fact.good) for fact in file.diagnose()}


def test_the_doctor_says_what_readers_are_shown(feed, path, server):
    """The file and the address are counted; what is missing there, and a page, are not good."""
    file = feed()
    _put(file)
    assert _facts(file) == {"items": ("1", True), "shown": ("1", True)}
    old = path.read_bytes()
    _put(file, attrs.evolve(NOTICE, uid="urn:example:2"))
    with FeedServer(old) as elsewhere:
        late = FeedFile(attrs.evolve(file._config, public_url=elsewhere.url))
        assert _facts(late)["shown"] == ("1", False)
    server.always(Fault.HTML)
    assert _facts(file)["shown"] == ("no", False)
    assert _facts(FeedFile(attrs.evolve(file._config, public_url="")))["shown"] == ("", False)

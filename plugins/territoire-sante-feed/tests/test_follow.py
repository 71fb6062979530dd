# SPDX-License-Identifier: Apache-2.0
"""From one installation to another: a notice goes out whole, and a store follows what it says."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante import Direction, Link, Store, sync
from territoire_sante.errors import ConnectorError, FormatError, ProtocolError
from territoire_sante.formats.feed import FeedFormat, read
from territoire_sante.model import Announcement
from territoire_sante.plugins import Shown
from territoire_sante.testing.feed import Fault, FeedServer
from territoire_sante.testing.strategies import entities
from territoire_sante_feed import FeedConfig, FeedFile

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


@pytest.fixture
def follow(web):
    """Give a function that runs a link on the feed, and returns what it did and what is there."""
    with Store.open("sqlite://") as store:

        def run():
            config = {"url": web.url}
            link = Link(
                name="voisins",
                connector="web-feed",
                view="announcement",
                direction=Direction.PULL,
                config=config,
            )
            report = sync.apply(store, sync.plan(store, link))
            done = [entry.action.value for entry in report.entries]
            return done, sorted(one.title for one in store.all(Announcement))

        yield run


def test_a_store_follows_a_feed(web, published, follow):
    """New, corrected and withdrawn announcements come over; renamed and old ones are no news."""
    web.publish(published([1, 2, 3]))
    assert follow() == (["create_local"] * 3, ["Avis 1", "Avis 2", "Avis 3"])
    assert follow()[0] == []
    web.always(Fault.NEW_IDS)
    assert follow()[0] == []
    web.always()
    web.publish(published([2, 3, 4]))
    assert follow() == (["create_local"], ["Avis 1", "Avis 2", "Avis 3", "Avis 4"])
    gone = read(published([2, 3, 4])).remove("urn:example:3", now=NOW, tombstone=True)
    web.publish(gone)
    assert follow() == (["delete_local"], ["Avis 1", "Avis 2", "Avis 4"])
    web.publish(gone.replace(b"Avis 4", b"Avis 4 (bis)"))
    assert follow() == (["update_local"], ["Avis 1", "Avis 2", "Avis 4 (bis)"])


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.CUT, Fault.ERROR])
def test_a_fault_changes_nothing(web, published, follow, fault):
    """After an answer that is no feed the store holds what it held, and the next run goes on."""
    web.publish(published([1, 2, 3]))
    before = follow()[1]
    web.publish(published([1, 2, 3, 4]))
    web.always(fault)
    with pytest.raises(ConnectorError, match=r"127\.0\.0\.1") as caught:
        follow()
    web.always()

    assert isinstance(caught.value, ProtocolError) or fault is not Fault.HTML
    assert follow() == (["create_local"], [*before, "Avis 4"])


@settings(max_examples=25, deadline=None)
@given(view=entities("announcement"), format_=st.sampled_from(FeedFormat))
def test_what_a_reader_gets_is_the_full_text_or_nothing(view, format_):
    """Whatever the announcement says, it is shown whole, or refused before anything is written."""
    lens = format_.lens()
    with tempfile.TemporaryDirectory() as folder, FeedServer(path=Path(folder) / "flux") as web:
        path = Path(folder) / "flux"
        config = FeedConfig(path=path, title="T", format=format_, create=True, public_url=web.url)
        file = FeedFile(config, clock=lambda: NOW)
        try:
            ref = file.create("hint", lens.put(view, now=NOW))
        except FormatError:
            assert web.shown() == b""
            return
        (entry,) = read(web.shown()).entries
        got = lens.get(entry.document)
        (confirmation,) = file.confirm(list(file.read([ref.href])))

    assert (got.title, got.body, got.place) == (view.title, view.body, view.place)
    assert (got.publish_from, got.publish_until) == (view.publish_from, view.publish_until)
    assert confirmation.shown is Shown.VISIBLE

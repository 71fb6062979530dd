# SPDX-License-Identifier: Apache-2.0
"""A feed that others publish, and what the connector makes of it."""

from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante.formats.feed import FeedFormat, Head, new_feed, read
from territoire_sante.model import Announcement, make_id
from territoire_sante.plugins import Stored, open_transport
from territoire_sante.testing.feed import FeedServer
from territoire_sante_feed import WEB_FEED, WebFeedConfig

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
FIRST = dt.datetime(2026, 3, 1, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def web():
    """Give a web server with an empty feed."""
    with FeedServer(new_feed(FeedFormat.ATOM, Head(title="Annonces"))) as server:
        yield server


@pytest.fixture
def published():
    """Give a function that makes a feed of announcements, a week between one and the next."""

    def make(numbers, format_=FeedFormat.ATOM, **fields):
        data = new_feed(format_, Head(title="Annonces"))
        for number in numbers:
            uid = f"urn:example:{number}"
            told = FIRST + dt.timedelta(weeks=number)
            given = {
                "title": f"Avis {number}",
                "body": f"Texte {number}",
                "publish_from": told.date(),
                "url": f"https://example.org/{number}",
                **fields,
            }
            view = Announcement(id=make_id("announcement", uid), uid=uid, **given)
            data = read(data).insert(format_.lens().put(view, now=told))
        return data

    return make


@pytest.fixture
def look(web):
    """Give a function that reads the feed on 1 June, for a link that knows these items, by uid."""

    def run(known=(), **options):
        config = WebFeedConfig(url=web.url, **options)
        lens = WEB_FEED.lens_for(config)
        with open_transport(WEB_FEED, config) as feed:
            feed.now = lambda: NOW
            feed.recognise(known)
            answers = list(feed.read([ref.href for ref in feed.list()]))
        assert all(isinstance(one, Stored) for one in answers)
        return {lens.get(one.document).uid: one for one in answers}

    return run

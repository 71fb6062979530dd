# SPDX-License-Identifier: Apache-2.0
"""
Announcements in feeds: Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1, read and written.

``ATOM``, ``RSS`` and ``JSON_FEED`` are lenses between an announcement and the bytes of one entry;
:func:`read` and :func:`new_feed` are for whole feeds. No entry is ever re-serialised:
a change touches the lines it owns, in the entry and in the feed.

>>> from territoire_sante.model import Announcement
>>> notice = Announcement(id="announcement:1", uid="urn:example:1", title="Dépistage gratuit")
>>> empty = new_feed(FeedFormat.ATOM, Head(title="Santé au village"))
>>> feed = read(read(empty).insert(ATOM.put(notice)))
>>> [entry.id for entry in feed.entries], ATOM.get(feed.entries[0].document).title
(['urn:example:1'], 'Dépistage gratuit')
"""

from territoire_sante.formats.feed._any import AnyLens, language_of, told_at
from territoire_sante.formats.feed._feed import Feed, read
from territoire_sante.formats.feed._format import ATOM, JSON_FEED, RSS, Entry, FeedFormat
from territoire_sante.formats.feed._html import html_from_text, text_from_html
from territoire_sante.formats.feed._limits import Limits
from territoire_sante.formats.feed._new import Head, new_feed
from territoire_sante.formats.feed._removed import Removed
from territoire_sante.formats.feed._vocabulary import NAMESPACE, category_of, entry_id

__all__ = [
    "ATOM",
    "JSON_FEED",
    "NAMESPACE",
    "RSS",
    "AnyLens",
    "Entry",
    "Feed",
    "FeedFormat",
    "Head",
    "Limits",
    "Removed",
    "category_of",
    "entry_id",
    "html_from_text",
    "language_of",
    "new_feed",
    "read",
    "text_from_html",
    "told_at",
]

# SPDX-License-Identifier: Apache-2.0
"""The news of a station: its RSS feed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from territoire_sante.errors import FormatError, ProtocolError
from territoire_sante.formats import feed
from territoire_sante.http import Fetched
from territoire_sante.plugins import (
    Diagnosable,
    Fact,
    Incremental,
    Readable,
    Recognising,
    Ref,
    Stored,
    Words,
    disk,
)
from territoire_sante_illiwap._config import IlliwapConfig
from territoire_sante_illiwap._source import Item, Source, Window, source


@contextmanager
def opened(config: IlliwapConfig) -> Iterator[News]:
    """Give the transport; the feed is asked for when it is needed first."""
    accept = "application/rss+xml, application/xml;q=0.9"
    with source(config.origin, lambda: f"/rss/{config.station}", accept) as one:
        yield News(one)


class News(Window):
    """
    READ and DELTA on one feed; the href of an item is its identifier there, its ETag a hash.

    A feed holds the latest items only. Those that the link knows and that are not in it any
    more are still listed, as they were read last: vanished is not withdrawn.
    """

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._title = ""

    def diagnose(self, *, probe_writes: bool = False) -> tuple[Fact, ...]:  # noqa: ARG002 - nothing is ever written
        """Say whose station it is, by its own words, and how many items it shows."""
        number = str(len(self._all()))
        return (
            Fact(
                key="station",
                value=self._title,
                what=Words("Station configurée", "Station configured"),
                found=Words(self._title or "sans nom", self._title or "without a name"),
                handling=Words("vérifiez que c'est bien elle", "check that it is the right one"),
                good=bool(self._title),
            ),
            Fact(
                key="items",
                value=number,
                what=Words("Actualités publiées", "News published"),
                found=Words(number, number),
            ),
        )

    def _is_kept(self, stored: Stored) -> bool:  # noqa: ARG002 - all are
        return True

    def _split(self, answer: Fetched) -> Mapping[str, Item]:
        try:
            found = feed.read(answer.body)
        except FormatError as error:
            raise _no_feed(self._source.where, str(error)) from error
        if found.format is not feed.FeedFormat.RSS:
            raise _no_feed(self._source.where, f"it is {found.format.value}")
        self._title = found.title
        return {
            one.id: Stored(Ref(one.id, disk.tag(one.document.data)), one.document)
            for one in found.entries
        }


def _no_feed(where: str, why: str) -> ProtocolError:
    return ProtocolError(
        f"this is no RSS feed that can be read: {why}",
        where=where,
        remedy="Nothing was concluded from it; look at the station in a browser",
    )


if TYPE_CHECKING:

    def _keeps_the_contract(
        news: News,
    ) -> tuple[Readable, Incremental, Recognising, Diagnosable]:
        return news, news, news, news

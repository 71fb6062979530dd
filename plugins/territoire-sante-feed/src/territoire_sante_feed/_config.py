# SPDX-License-Identifier: Apache-2.0
"""What a user writes to name a feed."""

from __future__ import annotations

from pathlib import Path

import attrs

from territoire_sante.errors import InvalidValueError, UnsupportedError
from territoire_sante.formats.feed import FeedFormat, Head
from territoire_sante.plugins import validators


def _no_url(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if value:
        raise UnsupportedError(
            "this connector writes a file; web-feed reads feeds on the web",
            where=attribute.name,
            remedy='Write connector = "web-feed"; or give path, the file that your web server '
            "delivers, and public_url, where readers see it",
        )


def _address_or_none(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if value:
        validators.web_address(_, attribute, value)


def _filled(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if not value.strip():
        raise InvalidValueError(
            "a feed needs a title", where=attribute.name, remedy="Say whose announcements these are"
        )


@attrs.frozen(kw_only=True)
class FeedConfig:
    """
    Which file holds the feed, and what the feed says of itself when it is made.

    Attributes:
        path: the file.
        title: what readers show as the feed's name.
        format: ``atom``, ``rss`` or ``json``.
        description: one sentence more.
        site_url: the page that the feed belongs to.
        self_url: where readers will fetch the file.
        language: of the announcements, as in BCP 47.
        author: the organisation that publishes; empty for the title.
        timezone: where the days of publication begin, an IANA name.
        create: make the file if it is missing. Leave it off for a file that should be there
            already: a disk that is not mounted must not look like an empty feed.
        public_url: where readers get the file from your web server; with it, what is really shown
            there is what is confirmed.
        networks: networks of one's own into which that server may redirect.
        url: belongs to connector ``web-feed``; refused with an explanation.
    """

    path: Path
    title: str = attrs.field(validator=_filled)
    format: FeedFormat = FeedFormat.ATOM
    description: str = ""
    site_url: str = ""
    self_url: str = ""
    language: str = "fr"
    author: str = ""
    timezone: str = attrs.field(default="Europe/Paris", validator=validators.known_zone)
    create: bool = False
    public_url: str = attrs.field(default="", validator=_address_or_none)
    networks: tuple[str, ...] = ()
    url: str = attrs.field(default="", validator=_no_url)

    @property
    def head(self) -> Head:
        """What a new feed says of itself."""
        return Head(
            title=self.title,
            description=self.description,
            site_url=self.site_url,
            self_url=self.self_url,
            language=self.language,
            author=self.author,
        )

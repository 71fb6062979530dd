# SPDX-License-Identifier: Apache-2.0
"""What the web server really shows of a feed that we wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from territoire_sante.errors import ConnectorError, InputError
from territoire_sante.formats import feed as feeds
from territoire_sante.plugins import Confirmation, Shown, Stored
from territoire_sante_feed._config import FeedConfig

_OLD: Final = "le fichier est à jour, mais l'adresse publique n'en montre pas encore cette version"
_MISSING: Final = "le fichier est à jour, mais l'annonce n'est pas visible à l'adresse publique"
_LEFT: Final = "l'annonce n'est plus dans le fichier, mais l'adresse publique la montre encore"
_NO_FEED: Final = "l'adresse publique ne montre pas le flux"


def confirmed_on_web(
    config: FeedConfig, items: Sequence[Stored], in_file: Mapping[str, Confirmation]
) -> Iterator[Confirmation]:
    """Yield what the server at ``config.public_url`` shows of each item."""
    try:
        feed = _seen(config)
    except (ConnectorError, InputError) as error:
        detail = f"{_NO_FEED} ({error})"
        yield from (Confirmation(one.ref.href, Shown.UNKNOWN, detail) for one in items)
        return
    for item in items:
        yield _one(feed, item, in_file[item.ref.href].shown)


def _seen(config: FeedConfig) -> feeds.Feed:
    # Naming a connector must not load the network stack.
    from territoire_sante_feed._source import opened_source  # noqa: PLC0415 - see above
    from territoire_sante_feed._web_config import WebFeedConfig  # noqa: PLC0415 - likewise

    web = WebFeedConfig(url=config.public_url, networks=config.networks)
    with opened_source(web) as source:
        return feeds.read(source.get(fresh=True).body)


def _one(feed: feeds.Feed, item: Stored, in_file: Shown) -> Confirmation:
    href = item.ref.href
    entry = feed.find(href)
    if entry is None:
        told = _MISSING if in_file is Shown.VISIBLE else ""
        return Confirmation(href, Shown.GONE, told)
    lens = feeds.AnyLens()
    try:
        same = lens.get(entry.document) == lens.get(item.document)
    except InputError as error:
        return Confirmation(href, Shown.UNKNOWN, str(error))
    if same:
        return Confirmation(href, Shown.VISIBLE, _LEFT if in_file is Shown.GONE else "")
    return Confirmation(href, Shown.DIFFERS, _OLD if in_file is Shown.VISIBLE else "")

# SPDX-License-Identifier: Apache-2.0
"""What the web server really shows of a feed that we wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from territoire_sante.errors import ConnectorError, InputError
from territoire_sante.formats import feed as feeds
from territoire_sante.plugins import AddressConfig, Confirmation, Fact, Shown, Stored, Words
from territoire_sante_feed._config import FeedConfig

_OLD: Final = "le fichier est à jour, mais l'adresse publique n'en montre pas encore cette version"
_MISSING: Final = "le fichier est à jour, mais l'annonce n'est pas visible à l'adresse publique"
_LEFT: Final = "l'annonce n'est plus dans le fichier, mais l'adresse publique la montre encore"
_NO_FEED: Final = "l'adresse publique ne montre pas le flux"


_NO_ADDRESS: Final = Words(
    "indiquez public_url pour que l'on vérifie ce que voient les lecteurs",
    "give public_url, to have it looked at what readers see",
)
_LOOK: Final = Words(
    "ouvrez l'adresse dans un navigateur ; demandez à qui tient le site",
    "open the address in a browser; ask whoever keeps the site",
)
_COPY: Final = Words(
    "faites copier le fichier sur le serveur, ou attendez que son cache expire",
    "have the file copied to the server, or wait for its cache to expire",
)


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


def file_facts(config: FeedConfig, feed: feeds.Feed) -> tuple[Fact, ...]:
    """Return how many announcements the file has, and how many of them readers are shown."""
    count = str(len(feed.entries))
    what = Words("Annonces dans le fichier", "Announcements in the file")
    items = Fact(key="items", value=count, what=what, found=Words(count, count))
    if not config.public_url:
        return items, _shown_fact("", Words("non vérifié", "not looked at"), _NO_ADDRESS)
    try:
        there = _seen(config)
    except (ConnectorError, InputError):
        return items, _shown_fact("no", Words("aucun flux", "no feed"), _LOOK)
    ids = {entry.id for entry in there.entries}
    seen = str(sum(entry.id in ids for entry in feed.entries))
    handling = Words() if seen == count else _COPY
    return items, _shown_fact(seen, Words(seen, seen), handling)


def _shown_fact(value: str, found: Words, handling: Words) -> Fact:
    what = Words("Visibles à l'adresse publique", "Visible at the public address")
    return Fact(
        key="shown",
        value=value,
        what=what,
        found=found,
        handling=handling,
        good=handling == Words(),
    )


def _seen(config: FeedConfig) -> feeds.Feed:
    # Naming a connector must not load the network stack.
    from territoire_sante.plugins import published  # noqa: PLC0415 - see above
    from territoire_sante_feed._web import ACCEPT  # noqa: PLC0415 - likewise

    web = AddressConfig(networks=config.networks)
    with published.opened(web, config.public_url, accept=ACCEPT) as source:
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

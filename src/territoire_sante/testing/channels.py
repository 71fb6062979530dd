# SPDX-License-Identifier: Apache-2.0
"""
Every channel that announcements can be published on, standing in on this machine.

Four services run on the loopback interface, beside a web server that delivers the feed; light
panel, alerts and texts to copy are folders. The connectors have to be installed.

>>> import pathlib, tempfile
>>> with tempfile.TemporaryDirectory() as folder, all_channels(pathlib.Path(folder)) as channels:
...     print(", ".join(link.name for link in channels.links))
panneau, mastodon, mobilizon, agenda, flux, panneau-lumineux, alertes, a-copier
"""

from __future__ import annotations

import contextlib
import datetime as dt
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import attrs

from territoire_sante.plugins import Catalog
from territoire_sante.sync import Direction, Link
from territoire_sante.testing.feed import FeedServer
from territoire_sante.testing.mastodon import MastodonServer
from territoire_sante.testing.mobilizon import MobilizonServer
from territoire_sante.testing.openagenda import Location, OpenAgendaServer
from territoire_sante.testing.panneaupocket import PanneauPocketServer

__all__ = ["Channels", "all_channels", "on_clock"]

Clock = Callable[[], dt.datetime]

_TOKEN: Final = "jeton-invente"  # noqa: S105 - made up, for servers of this machine
_PLACE: Final = "Salle des fêtes"
_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_CAP: Final = "{urn:oasis:names:tc:emergency:cap:1.2}"


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@attrs.frozen(kw_only=True)
class Channels:
    """
    The channels while they run.

    Attributes:
        folder: where the feed and the folders of panel, alerts and texts to copy are.
        links: one for each channel.
        catalog: the connectors installed, on the clock of the channels.
        clock: the present, aware.
        board: PanneauPocket.
        statuses: Mastodon.
        events: Mobilizon.
        agenda: OpenAgenda, with one place, "Salle des fêtes".
        feed: the web server that delivers the feed.
    """

    folder: Path
    links: tuple[Link, ...]
    catalog: Catalog
    clock: Clock
    board: PanneauPocketServer
    statuses: MastodonServer
    events: MobilizonServer
    agenda: OpenAgendaServer
    feed: FeedServer

    def shown(self) -> Mapping[str, tuple[str, ...]]:
        """Return what people read on each channel now: the text of each announcement there."""
        return {
            "panneau": tuple(f"{one.title}\n{one.text}" for one in self.board.shown()),
            "mastodon": tuple(one.text for one in self.statuses.shown()),
            "mobilizon": tuple(f"{one.title}\n{one.text}" for one in self.events.shown()),
            "agenda": tuple(
                f"{one['title']}\n{one['text']}" for one in self.agenda.shown().values()
            ),
            "flux": tuple(_entries(self.feed.shown())),
            "panneau-lumineux": tuple(
                "\n".join(line.rstrip() for page in pages for line in page)
                for pages in self.pages().values()
            ),
            "alertes": tuple(_alerts(self.folder / "alertes")),
            "a-copier": tuple(
                file.read_text(encoding="utf-8")
                for file in sorted((self.folder / "a-copier").glob("*.txt"))
                if not file.name.endswith((".a-retirer.txt", ".retire.txt"))
            ),
        }

    def pages(self) -> Mapping[str, tuple[tuple[str, ...], ...]]:
        """Return the pages of the light panel as its software finds them, by description."""
        folder = self.folder / "panneau-lumineux"
        return {
            file.name: tuple(
                tuple((folder / name).read_bytes().decode("latin-1").splitlines())
                for name in json.loads(file.read_text(encoding="utf-8"))["files"]
            )
            for file in sorted(folder.glob("*.json"))
        }

    def writes(self) -> Mapping[str, int]:
        """Return how many times each service was asked to write."""
        queries = [str((one.body or {}).get("query", "")) for one in self.events.requests]
        verbs = ("createEvent(", "updateEvent(", "deleteEvent(")
        return {
            "panneau": sum(one.method != "GET" for one in self.board.requests),
            "mastodon": sum(one.method != "GET" for one in self.statuses.requests),
            "mobilizon": sum(any(verb in query for verb in verbs) for query in queries),
            "agenda": len(self.agenda.writes),
        }

    def configuration(self, store: str = "sqlite:///territoire.db") -> str:
        """Return the text of a ``territoire.toml`` with these links."""
        lines = ["[store]", f"url = {_toml(store)}"]
        for link in self.links:
            lines += ["", "[[link]]", f"name = {_toml(link.name)}"]
            lines += [f"connector = {_toml(link.connector)}", 'view = "announcement"']
            lines += ['direction = "push"', 'audience = "public"', "[link.config]"]
            lines += [f"{name} = {_toml(value)}" for name, value in link.config.items()]
        return "\n".join(lines) + "\n"


@contextlib.contextmanager
def all_channels(
    folder: Path, *, clock: Clock = _utc_now, timeout: float = 30.0
) -> Iterator[Channels]:
    """
    Run every channel until the end of the block.

    Args:
        folder: an empty folder for what is published as files.
        clock: the present, aware, for services and connectors.
        timeout: seconds that the connectors wait for a service.
    """
    path = folder / "annonces.atom"
    with (
        PanneauPocketServer(token=_TOKEN, today=lambda: clock().date()) as board,
        MastodonServer(token=_TOKEN, clock=clock) as statuses,
        MobilizonServer(email="mairie@example.org", password=_TOKEN) as events,
        OpenAgendaServer(
            secret=_TOKEN, key="cle-inventee", locations={11: Location(name=_PLACE)}, now=clock
        ) as agenda,
        FeedServer(path=path, clock=lambda: clock().timestamp()) as feed,
    ):
        options: dict[str, tuple[str, dict[str, Any]]] = {
            "panneau": (
                "panneaupocket",
                {"base_url": board.api_url, "page": board.page_url, "token": _TOKEN},
            ),
            "mastodon": ("mastodon", {"base_url": statuses.origin, "token": _TOKEN}),
            "mobilizon": (
                "mobilizon",
                {"base_url": events.origin, "email": "mairie@example.org", "password": _TOKEN},
            ),
            "agenda": (
                "openagenda",
                {
                    "base_url": agenda.api_url,
                    "agenda": agenda.agenda,
                    "key": "cle-inventee",
                    "secret": _TOKEN,
                    "locations": {_PLACE: 11},
                    "location": 11,
                },
            ),
        }
        for _, config in options.values():
            config["timeout"] = timeout
        options |= _files(folder, feed.url)
        yield Channels(
            folder=folder,
            links=tuple(_link(name, *given) for name, given in options.items()),
            catalog=on_clock(Catalog.installed(), clock),
            clock=clock,
            board=board,
            statuses=statuses,
            events=events,
            agenda=agenda,
            feed=feed,
        )


def on_clock(catalog: Catalog, clock: Clock) -> Catalog:
    """Put the connectors of ``catalog`` that look at a clock for announcements on this one."""
    for name in ("panneaupocket", "mastodon", "feed", "cap"):
        spec = catalog.get(name)
        if "clock" in inspect.signature(spec.open).parameters:
            opening: Callable[..., Any] = spec.open
            catalog.register(attrs.evolve(spec, open=partial(opening, clock=clock)))
    return catalog


def _files(folder: Path, feed: str) -> dict[str, tuple[str, dict[str, Any]]]:
    return {
        "flux": (
            "feed",
            {
                "path": str(folder / "annonces.atom"),
                "title": "Annonces",
                "public_url": feed,
                "create": True,
            },
        ),
        "panneau-lumineux": (
            "panel",
            {
                "path": str(folder / "panneau-lumineux"),
                "size": "8x20",
                "pages": 2,
                "create": True,
            },
        ),
        "alertes": (
            "cap",
            {
                "path": str(folder / "alertes"),
                "sender": "mairie.example.org",
                "severities": ["alert", "event", "info"],
                "create": True,
            },
        ),
        "a-copier": ("copy", {"path": str(folder / "a-copier"), "create": True}),
    }


def _link(name: str, connector: str, config: dict[str, Any]) -> Link:
    return Link(
        name=name,
        connector=connector,
        view="announcement",
        direction=Direction.PUSH,
        config=config,
    )


def _entries(data: bytes) -> Iterator[str]:
    for entry in ET.fromstring(data).iter(f"{_ATOM}entry") if data else ():  # noqa: S314 - ours
        parts = [entry.find(f"{_ATOM}{name}") for name in ("title", "content")]
        yield "\n".join(_read(part) for part in parts if part is not None)


class _Reading(HTMLParser):
    """What of HTML is read by people."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.text += "\n" if tag in {"br", "p"} else ""


def _read(part: ET.Element) -> str:
    if part.get("type") != "html":
        return part.text or ""
    reading = _Reading()
    reading.feed(part.text or "")
    reading.close()
    return reading.text


def _alerts(folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob("*.xml")):
        root = ET.fromstring(file.read_bytes())  # noqa: S314 - ours
        info = root.find(f"{_CAP}info")
        if root.findtext(f"{_CAP}msgType") != "Cancel" and info is not None:
            texts = [info.findtext(_CAP + name) or "" for name in ("headline", "description")]
            yield "\n".join(texts)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = (f"{json.dumps(key)} = {_toml(one)}" for key, one in value.items())
        return f"{{ {', '.join(inner)} }}"
    # Texts, numbers, truth values and lists of them are written as in JSON.
    return json.dumps(value)

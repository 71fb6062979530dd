# SPDX-License-Identifier: Apache-2.0
"""The collections of one server, where they are, and what its faults make of them."""

from __future__ import annotations

import base64
import itertools
import re
import threading
import time
from collections.abc import Callable
from collections.abc import Collection as Some
from typing import Final
from xml.sax.saxutils import escape

import attrs

from territoire_sante.testing.dav import _xml
from territoire_sante.testing.dav._faults import Faults
from territoire_sante.testing.dav._messages import Asked
from territoire_sante.testing.dav._objects import Collection, Item
from territoire_sante.testing.dav._spelling import SPELLINGS, decoded, escaped
from territoire_sante.testing.dav._xml import Vocabulary

HOME: Final = "/dav/"
PRINCIPAL: Final = "/dav/principal/"

# XML 1.0, production 2, and the lone surrogates that stand for bytes that are not UTF-8.
_POISON: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@attrs.frozen
class Mail:
    """A message that the server sent to somebody because of an event."""

    to: str
    method: str
    name: str


@attrs.define(eq=False)
class Site:
    """Everything but the network: paths, faults, versions, and mail that was sent."""

    faults: Faults = attrs.field(factory=Faults)
    username: str = ""
    password: str = ""
    origin: str = ""
    clock: Callable[[], float] = time.time
    collections: dict[str, Collection] = attrs.field(factory=dict)
    mails: list[Mail] = attrs.field(factory=list)
    lock: threading.RLock = attrs.field(factory=threading.RLock)
    _ended: dict[str, int] = attrs.field(factory=dict)
    _changing: itertools.count[int] = attrs.field(factory=itertools.count)

    # --- places ---

    def make(self, path: str, kind: Vocabulary, title: str = "") -> Collection:
        """Make a collection at ``path``."""
        path = path.rstrip("/") + "/"
        collection = Collection(
            path,
            kind,
            title=title,
            clock=self.clock,
            start=self._ended.get(path, 0),
            lock=self.lock,
        )
        self.collections[path] = collection
        return collection

    def drop(self, path: str) -> None:
        """Delete a collection and everything in it."""
        collection = self.collections.pop(path)
        self._ended[path] = collection.version + 1

    def collection_at(self, path: str) -> Collection | None:
        """Return the collection at a decoded path."""
        return self.collections.get(path if path.endswith("/") else path + "/")

    def place(self, path: str) -> tuple[Collection | None, str]:
        """Return the collection that a request's path or an href is in, and the name in it."""
        folder, _, name = decoded(path).rpartition("/")
        return self.collections.get(folder + "/"), name

    def lets_in(self, asked: Asked) -> bool:
        """Return whether the request brings the right credentials, if any are needed."""
        if not self.username:
            return True
        pair = f"{self.username}:{self.password}".encode()
        scheme, _, given = asked.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "basic" and given.strip() == base64.b64encode(pair).decode()

    # --- names and versions ---

    def href(self, folder: str, name: str = "", spelling: str = "") -> str:
        """Return an href as this server writes it, as XML."""
        spelling = spelling or self.faults.hrefs
        if spelling == "escaped":
            return escaped(folder + name)
        return SPELLINGS[spelling](self.origin, folder, name)

    def etag(self, item: Item) -> str | None:
        """Return an item's version tag, ``None`` for none."""
        form, version = self.faults.etags, item.version
        if form == "strong":
            return f'"{version}"'
        if form == "changing":
            return f'"{version}-{next(self._changing)}"'
        others = {
            "weak": f'W/"{version}"',
            "empty": "",
            "unquoted": f"{version}",
            "percent": f"%22{version}%22",
            "counter": f'"gcs{item.edits:08d}"',
        }
        return others.get(form)

    def matches(self, wanted: str, item: Item | None) -> bool:
        """Return whether If-Match holds, by strong comparison (RFC 9110, 13.1.1)."""
        if item is None:
            return False
        if wanted == "*":
            return True
        if self.faults.etags == "changing":
            return wanted.startswith(f'"{item.version}-')
        there = self.etag(item)
        if self.faults.weak_match:
            return there is not None and wanted.removeprefix("W/") == there.removeprefix("W/")
        strong = there is not None and there.startswith('"')
        return strong and wanted == there

    # --- properties ---

    def token(self, collection: Collection, version: int | None = None) -> str:
        """Return the sync-token, of now or of ``version``."""
        if self.faults.seconds:
            number = collection.second
        else:
            number = collection.version if version is None else version
        return self.faults.sync_form.replace("{}", str(number))

    def number_in(self, token: str) -> int | None:
        """Return the number in a sync-token, ``None`` if we never made it."""
        start, _, end = self.faults.sync_form.partition("{}")
        inner = token.removeprefix(start).removesuffix(end)
        if start + inner + end != token or not re.fullmatch(r"-?\d+", inner):
            return None
        return int(inner)

    def properties(self, collection: Collection) -> dict[str, str]:
        """Return a collection's properties, as XML, by name with prefix."""
        faults = self.faults
        values = {
            "{reports}": "".join(map(_offered, self._reports(collection))),
            "{token}": escape(self.token(collection)),
            "{ctag}": escape(
                str(collection.second) if faults.seconds else f"c{collection.version}"
            ),
            "{version}": str(collection.version),
            "{principal}": PRINCIPAL,
            "{max_size}": str(faults.max_size),
        }
        left_out = {"D:sync-token"} if not faults.sync else set()
        left_out |= {"S:getctag"} if not faults.ctag else set()
        return {
            name: text if name == "D:displayname" else _filled(text, values)
            for name, text in collection.properties.items()
            if name not in left_out
        }

    def _reports(self, collection: Collection) -> list[str]:
        letter = "C" if collection.kind is _xml.CALENDAR else "A"
        reports = [f"{letter}:{collection.kind.query}"]
        if self.faults.multiget:
            reports.append(f"{letter}:{collection.kind.multiget}")
        return [*reports, "D:sync-collection"] if self.faults.sync else reports

    # --- content ---

    def text(self, item: Item) -> str:
        """Return an item's bytes as XML; what is not UTF-8 as lone surrogates."""
        return escape(item.data.decode("utf-8", "surrogateescape"))

    def is_poison(self, item: Item) -> bool:
        """Return whether XML cannot hold an item."""
        return _POISON.search(item.data.decode("utf-8", "surrogateescape")) is not None

    def send_mail(self, people: Some[str], method: str, name: str) -> None:
        """Note that mail was sent."""
        self.mails += [Mail(person, method, name) for person in people]


def _offered(report: str) -> str:
    return f"<D:supported-report><D:report><{report}/></D:report></D:supported-report>"


def _filled(text: str, values: dict[str, str]) -> str:
    if "{" in text:
        for key, value in values.items():
            text = text.replace(key, value)
    return text

# SPDX-License-Identifier: Apache-2.0
"""OPTIONS, GET and PROPFIND."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from territoire_sante.testing.dav import _xml
from territoire_sante.testing.dav._messages import Asked, Reply
from territoire_sante.testing.dav._objects import Collection, Item
from territoire_sante.testing.dav._site import HOME, PRINCIPAL, Site
from territoire_sante.testing.dav._spelling import decoded

_OPTIONS: Final = {
    "DAV": "1, 3, access-control, calendar-access, addressbook, extended-mkcol",
    "Allow": "OPTIONS, GET, PUT, DELETE, PROPFIND, PROPPATCH, REPORT, MKCOL, MKCALENDAR",
}
_WELL_KNOWN: Final = frozenset({"/.well-known/caldav", "/.well-known/carddav"})
_FORBIDDEN: Final = "403 Forbidden"
_FOLDER: Final = "<D:collection/>"
_ME: Final = f"<D:href>{PRINCIPAL}</D:href>"
_HOMES: Final = f"<D:href>{HOME}</D:href>"

Member = Callable[[Collection, str, Item], str]


def options(_site: Site, _asked: Asked) -> Reply:
    """Tell what the server can do."""
    return Reply(200, b"", _OPTIONS)


def get(site: Site, asked: Asked) -> Reply:
    """Return an object's bytes."""
    collection, name = site.place(asked.path)
    item = collection.items.get(name) if collection is not None else None
    if collection is None or item is None:
        return Reply(404)
    etag = site.etag(item)
    headers = {"Content-Type": collection.kind.media_type}
    if etag is not None:
        headers["ETag"] = etag
        if asked.headers.get("If-None-Match") == etag:
            return Reply(304, b"", headers)
    if site.faults.gzip and "gzip" in asked.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        if etag is not None and etag.startswith('"'):
            headers["ETag"] = f"W/{etag}"
        return Reply(200, gzip.compress(item.data, mtime=0), headers)
    return Reply(200, item.data, headers)


def propfind(site: Site, asked: Asked) -> Reply:
    """Tell the properties of a resource and, with depth 1, of those in it."""
    path = decoded(asked.path)
    if path in _WELL_KNOWN:
        return Reply(301, b"", {"Location": HOME})
    if asked.body and asked.xml is None:
        return Reply(400)
    wanted = _wanted(asked)
    inside = asked.headers.get("Depth", "infinity") != "0"
    collection = site.collection_at(path)
    if collection is not None:
        return _xml.multistatus("".join(_listed(site, collection, wanted, inside=inside)))
    folder = path.rstrip("/") + "/"
    if folder in {"/", HOME, PRINCIPAL}:
        return _xml.multistatus("".join(_places(site, folder, wanted, inside=inside)))
    return _one(site, asked.path, wanted)


def _one(site: Site, path: str, wanted: list[str] | None) -> Reply:
    collection, name = site.place(path)
    item = collection.items.get(name) if collection is not None else None
    if collection is not None and item is not None:
        return _xml.multistatus(member(site, wanted)(collection, name, item))
    if site.faults.missing_207:
        folder, _, last = decoded(path).rpartition("/")
        return _xml.multistatus(_xml.gone(site.href(folder + "/", last)))
    return Reply(404)


def _wanted(asked: Asked) -> list[str] | None:
    """Return the properties asked for, by name with prefix; ``None`` for all."""
    prop = asked.xml.find(f"{{{_xml.DAV}}}prop") if asked.xml is not None else None
    return [_xml.short(child.tag) for child in prop] if prop is not None else None


def _answer(href: str, there: dict[str, str], wanted: Iterable[str] | None) -> str:
    names = list(there) if wanted is None else list(wanted)
    told = "".join(f"<{name}>{there[name]}</{name}>" for name in names if name in there)
    missing = "".join(f"<{name}/>" for name in names if name not in there)
    return _xml.found(href, told, missing=missing)


def _listed(
    site: Site, collection: Collection, wanted: list[str] | None, *, inside: bool
) -> Iterator[str]:
    faults = site.faults
    href = site.href(collection.path)
    if inside and faults.listing_cut is not None:
        yield _xml.gone(href, "507 Insufficient Storage")
    else:
        yield _answer(href, site.properties(collection), wanted)
    if not inside:
        return
    render = member(site, wanted)
    items = list(collection.items.items())
    for name, item in items[: faults.listing_cut]:
        if name not in faults.unlisted:
            text = render(collection, name, item)
            yield text
            if faults.listed_twice:
                yield text


def _places(site: Site, folder: str, wanted: list[str] | None, *, inside: bool) -> Iterator[str]:
    there = {
        "D:resourcetype": _FOLDER + ("<D:principal/>" if folder == PRINCIPAL else ""),
        "D:current-user-principal": _ME,
    }
    if folder == PRINCIPAL:
        there |= {"C:calendar-home-set": _HOMES, "A:addressbook-home-set": _HOMES}
    yield _answer(folder, there, wanted)
    if not (inside and folder == HOME):
        return
    for extra in site.faults.extras:
        yield _answer(extra, {"D:getetag": '"extra"'}, wanted)
    for path, collection in site.collections.items():
        if path.startswith(HOME) and path.count("/") == HOME.count("/") + 1:
            yield _answer(site.href(path), site.properties(collection), wanted)


def member(
    site: Site, wanted: list[str] | None, *, data: bool = False, spelling: str = ""
) -> Member:
    """Return a function that tells what is asked of one item."""
    faults = site.faults
    noise = '<x:noise xmlns:x="urn:example:noise">1</x:noise>' if faults.namespace_noise else ""
    plain = not (faults.forbidden or faults.tagless)

    def render(collection: Collection, name: str, item: Item) -> str:
        href = site.href(collection.path, name, spelling)
        if not plain and name in faults.forbidden:
            return _xml.found(href, "<D:getetag/>", _FORBIDDEN)
        there = {"D:resourcetype": "", "D:getcontenttype": collection.kind.media_type}
        etag = site.etag(item)
        if etag is not None:
            there["D:getetag"] = "" if name in faults.tagless else etag
        if data:
            there[collection.kind.data] = site.text(item)
        answer = _answer(href, there, wanted)
        return answer.replace("</D:prop>", f"{noise}</D:prop>", 1) if noise else answer

    return render

# SPDX-License-Identifier: Apache-2.0
"""REPORT: multiget, query and sync-collection (RFC 4791 §7, RFC 6352 §8, RFC 6578)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from territoire_sante.testing.dav import _xml
from territoire_sante.testing.dav._filters import passes
from territoire_sante.testing.dav._messages import Asked, Reply
from territoire_sante.testing.dav._objects import Collection
from territoire_sante.testing.dav._reading import Member, member
from territoire_sante.testing.dav._site import Site
from territoire_sante.testing.dav._spelling import decoded

_PROP: Final = f"{{{_xml.DAV}}}prop"
_TOKEN: Final = f"{{{_xml.DAV}}}sync-token"
_LIMIT: Final = f"{{{_xml.DAV}}}limit/{{{_xml.DAV}}}nresults"
_MORE: Final = "507 Insufficient Storage"
_STATUSES: Final = {"refuse": 403, "412": 412, "bare": 403, "500": 500}


def report(site: Site, asked: Asked) -> Reply:
    """Answer a report on a collection."""
    collection = site.collection_at(decoded(asked.path))
    if collection is None:
        return Reply(404)
    if asked.xml is None:
        return Reply(400)
    name, faults = asked.report, site.faults
    if name == collection.kind.multiget and faults.multiget:
        return _multiget(site, collection, asked)
    if name == "sync-collection" and faults.sync:
        return _sync(site, collection, asked.xml)
    if name == collection.kind.query:
        return _query(site, collection, asked.xml)
    return _xml.refusal(403, "<D:supported-report/>")


def _render(site: Site, root: ET.Element, collection: Collection, spelling: str = "") -> Member:
    prop = root.find(_PROP)
    wanted = [_xml.short(child.tag) for child in prop] if prop is not None else None
    data = wanted is None or collection.kind.data in wanted
    return member(site, wanted, data=data, spelling=spelling)


def _spoiled(site: Site, collection: Collection, names: Sequence[str]) -> bool:
    items = collection.items
    return site.faults.poison_fails and any(
        site.is_poison(items[name]) for name in names if name in items
    )


def _multiget(site: Site, collection: Collection, asked: Asked) -> Reply:
    faults = site.faults
    hrefs = asked.hrefs()
    if faults.multiget_limit is not None and len(hrefs) > faults.multiget_limit:
        return Reply(507)
    places = [(href, *site.place(href)) for href in hrefs[: faults.multiget_max]]
    names = [name for _, inside, name in places if inside is collection]
    if _spoiled(site, collection, names):
        return Reply(500)
    render = _render(site, asked.xml, collection) if asked.xml is not None else None
    content: list[str] = []
    for href, inside, name in places:
        item = collection.items.get(name) if inside is collection else None
        if item is not None and render is not None:
            content.append(render(collection, name, item))
        elif faults.multiget_missing == "fails":
            return Reply(404)
        elif faults.multiget_missing == "404":
            folder, _, last = decoded(href).rpartition("/")
            content.append(_xml.gone(site.href(folder + "/", last)))
    return _xml.multistatus("".join(content))


def _query(site: Site, collection: Collection, root: ET.Element) -> Reply:
    names = [
        name
        for name, item in collection.items.items()
        if not site.faults.filters or passes(root, item.data)
    ]
    if _spoiled(site, collection, names):
        return Reply(500)
    render = _render(site, root, collection)
    found = (render(collection, name, collection.items[name]) for name in names)
    return _xml.multistatus("".join(found))


def _sync(site: Site, collection: Collection, root: ET.Element) -> Reply:
    token = (root.findtext(_TOKEN) or "").strip()
    changed = _changed(site, collection, token)
    if changed is None:
        how = site.faults.sync_unknown
        named = "" if how in {"bare", "500"} else "<D:valid-sync-token/>"
        return _xml.refusal(_STATUSES[how], named)
    render = _render(site, root, collection, site.faults.sync_hrefs)
    size, told = _page_size(site, root)
    page = changed[:size] if size else changed
    content = list(_told(site, collection, page, render))
    version = None
    if len(page) < len(changed) and told:
        content.append(_xml.gone(site.href(collection.path), _MORE))
        version = collection.version_of(page[-1])
    content.append(f"<D:sync-token>{escape(site.token(collection, version))}</D:sync-token>")
    return _xml.multistatus("".join(content))


def _page_size(site: Site, root: ET.Element) -> tuple[int, bool]:
    """Return how many changes to tell, 0 for all, and whether to say that there are more."""
    faults = site.faults
    asked = root.findtext(_LIMIT)
    if asked and faults.limit != "ignored":
        return int(asked), faults.limit == "paged"
    return faults.page, faults.page_told


def _changed(site: Site, collection: Collection, token: str) -> list[str] | None:
    """Return the names to tell, in the order of their changes; ``None`` for a bad token."""
    faults = site.faults
    if not token:
        return _first(collection, tombstones=faults.first_tombstones)
    number = site.number_in(token)
    if number is not None and faults.seconds:
        return collection.since_second(number)
    if number is not None and collection.start <= number <= collection.version:
        return collection.since(number)
    return _first(collection, tombstones=False) if faults.sync_unknown == "accept" else None


def _first(collection: Collection, *, tombstones: bool) -> list[str]:
    items = collection.items
    if tombstones:
        names = collection.since(collection.start)
        known = set(names)
        # What was stored before the tokens were forgotten comes first.
        return [name for name in items if name not in known] + names
    return sorted(items, key=lambda name: items[name].version)


def _told(
    site: Site, collection: Collection, names: Sequence[str], render: Member
) -> Iterator[str]:
    faults, items = site.faults, collection.items
    for name in names:
        item = items.get(name)
        if name in faults.unlisted:
            continue
        if item is not None:
            yield render(collection, name, item)
        elif faults.deletions:
            yield _xml.gone(site.href(collection.path, name, faults.sync_hrefs))

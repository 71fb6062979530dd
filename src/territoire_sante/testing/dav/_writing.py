# SPDX-License-Identifier: Apache-2.0
"""PUT, DELETE, MKCALENDAR, extended MKCOL and PROPPATCH."""

from __future__ import annotations

import secrets
from typing import Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from territoire_sante.testing.dav import _xml
from territoire_sante.testing.dav._messages import Asked, Reply
from territoire_sante.testing.dav._objects import Collection, Item, uid_of
from territoire_sante.testing.dav._rewriting import invited, rewritten
from territoire_sante.testing.dav._site import Site
from territoire_sante.testing.dav._spelling import decoded, escaped

_UID_REFUSALS: Final = {"refuse": 409, "403": 403, "412": 412}
_TITLE: Final = f"{{{_xml.DAV}}}displayname"
_TYPE: Final = f"{{{_xml.DAV}}}resourcetype"


def put(site: Site, asked: Asked) -> Reply:
    """Store an object."""
    collection, name = site.place(asked.path)
    if collection is None or not name:
        return Reply(409)
    there = collection.items.get(name)
    refused = _refused(site, collection, name, there, asked)
    if refused is not None:
        return refused
    return _stored(site, collection, name, there, asked.body)


def _refused(
    site: Site, collection: Collection, name: str, there: Item | None, asked: Asked
) -> Reply | None:
    faults, kind = site.faults, collection.kind
    if (
        any(character in name for character in faults.name_characters)
        or len(name) > faults.max_name
    ):
        return Reply(400 if len(name) <= faults.max_name else 500)
    if not _allowed(site, asked, there):
        return Reply(412)
    if len(asked.body) > faults.max_size:
        return _xml.refusal(403, kind.too_large)
    if faults.bad_data and not _is_item(collection, asked.body):
        if faults.bad_data_stored:
            collection.put(name, asked.body)
        return _xml.refusal(faults.bad_data, kind.invalid if faults.bad_data_named else "")
    others = [other for other in collection.named(uid_of(asked.body)) if other != name]
    if others and faults.uid_conflict != "accept":
        return _uid_taken(site, collection, others[0])
    return None


def _uid_taken(site: Site, collection: Collection, other: str) -> Reply:
    how = site.faults.uid_conflict
    if how == "bare":
        return Reply(409)
    tag = "C:unique-scheduling-object-resource" if how == "403" else collection.kind.uid_taken
    href = site.href(collection.path, other)
    return _xml.refusal(_UID_REFUSALS[how], f"<{tag}><D:href>{href}</D:href></{tag}>")


def _is_item(collection: Collection, data: bytes) -> bool:
    kind = collection.kind
    if not data.lstrip().upper().startswith(b"BEGIN:" + kind.wrapper) or not uid_of(data):
        return False
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    upper = data.upper()
    known = any(b"BEGIN:" + component in upper for component in kind.components)
    return known and not any(ord(c) < 32 and c not in "\t\r\n" for c in text)  # noqa: PLR2004 - C0


def _stored(
    site: Site, collection: Collection, name: str, there: Item | None, body: bytes
) -> Reply:
    faults = site.faults
    headers: dict[str, str] = {}
    if there is None and faults.renames != "no":
        name = secrets.token_hex(8) + collection.kind.suffix
        if faults.renames == "location":
            headers["Location"] = escaped(collection.path + name)
    if there is None and faults.location:
        headers["Location"] = faults.location.replace("{name}", name)
    data = rewritten(body, rewrites=faults.rewrites, drops=faults.drops, adds=faults.adds)
    if faults.mails or faults.copies_to:
        data = _scheduled(site, name, data)
    item = collection.put(name, data)
    etag = site.etag(item) if faults.etag_on_put else None
    if etag is not None:
        headers["ETag"] = etag
    return Reply(204 if there else 201, b"", headers)


def _scheduled(site: Site, name: str, data: bytes) -> bytes:
    data, people = invited(data)
    if people and site.faults.mails:
        site.send_mail(people, "REQUEST", name)
    copies = site.collections.get(site.faults.copies_to)
    if people and copies is not None:
        copies.put(name, data)
    return data


def _allowed(site: Site, asked: Asked, there: Item | None) -> bool:
    ignores = site.faults.ignores
    if asked.headers.get("If-None-Match") == "*" and there is not None:
        return "create" in ignores
    wanted = asked.headers.get("If-Match")
    if wanted is None or site.matches(wanted, there):
        return True
    return "replace" in ignores or (there is None and "replace-missing" in ignores)


def delete(site: Site, asked: Asked) -> Reply:
    """Delete an object or a collection."""
    path = decoded(asked.path)
    whole = site.collection_at(path)
    if whole is not None:
        site.drop(whole.path)
        return Reply(204)
    collection, name = site.place(asked.path)
    there = collection.items.get(name) if collection is not None else None
    wanted = asked.headers.get("If-Match")
    if collection is None or there is None:
        return Reply(site.faults.delete_missing if wanted else 404)
    if wanted and not site.matches(wanted, there) and "delete" not in site.faults.ignores:
        return Reply(412)
    collection.remove(name)
    _cancelled(site, name, there)
    return Reply(204)


def _cancelled(site: Site, name: str, item: Item) -> None:
    faults = site.faults
    people = invited(item.data)[1] if faults.mails or faults.copies_to else []
    if people and faults.mails:
        site.send_mail(people, "CANCEL", name)
    copies = site.collections.get(faults.copies_to)
    if copies is not None and not faults.copies_stay and name in copies.items:
        copies.remove(name)


def make_collection(site: Site, asked: Asked) -> Reply:
    """Answer MKCALENDAR (RFC 4791 §5.3.1) and extended MKCOL (RFC 5689)."""
    path = decoded(asked.path)
    if site.collection_at(path) is not None:
        return _xml.refusal(405, "<D:resource-must-be-null/>")
    body = asked.xml
    kind = _xml.CALENDAR if asked.method == "MKCALENDAR" else _kind_in(body)
    if kind is None:
        return _xml.refusal(403, "<D:valid-resourcetype/>")
    title = (body.findtext(f".//{_TITLE}") if body is not None else None) or ""
    site.make(path, kind, escape(title))
    return Reply(201)


def _kind_in(body: ET.Element | None) -> _xml.Vocabulary | None:
    kinds = body.find(f".//{_TYPE}") if body is not None else None
    tags = {kind.tag for kind in kinds} if kinds is not None else set()
    if f"{{{_xml.CARD}}}addressbook" in tags:
        return _xml.ADDRESS_BOOK
    return _xml.CALENDAR if f"{{{_xml.CAL}}}calendar" in tags else None


def patch(site: Site, asked: Asked) -> Reply:
    """Answer PROPPATCH: only the displayname can be changed."""
    collection = site.collection_at(decoded(asked.path))
    if collection is None:
        return Reply(404)
    changed: list[str] = []
    refused: list[str] = []
    for prop in asked.xml.iterfind(f".//{{{_xml.DAV}}}prop/*") if asked.xml is not None else ():
        if prop.tag == _TITLE:
            collection.properties["D:displayname"] = escape(prop.text or "")
            changed.append("<D:displayname/>")
        else:
            refused.append(f"<{_xml.short(prop.tag)}/>")
    href = site.href(collection.path)
    status = "403 Forbidden" if refused else "200 OK"
    return _xml.multistatus(_xml.found(href, "".join(changed + refused), status))

# SPDX-License-Identifier: Apache-2.0
"""
Who is who in a feed, although its UIDs may be new at each download.

Some services give every event a new UID and DTSTAMP each time they are asked, others give none.
An item is known by its UID while that lasts, else by what it says, else by its start and a
similar title. The UID under which it was first seen stays its UID here.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Final
from urllib.parse import quote, unquote

import attrs

from territoire_sante.formats import Document, contentline
from territoire_sante.formats.contentline import Component
from territoire_sante.plugins import Ref, Stored
from territoire_sante_files._flavour import Flavour

#: How much of two titles must agree to be those of one item, edited (``difflib``, 0 to 1).
ALIKE: Final = 0.6

#: Of more items than this with one start (or name), nothing tells who became whom.
CROWD: Final = 50

_COMPARED: Final = 200

# Fixed for ever: it gives UIDs to items that have none.
_NAMES: Final = uuid.UUID("5f2c6a3e-0f5b-5b0e-9a64-4d6f8f5d3a17")


@attrs.frozen(kw_only=True)
class Traits:
    """What tells an edited item from another one: ``place`` must be equal, ``title`` similar."""

    place: str
    title: str


@attrs.frozen
class Item:
    """An item of a feed, and the UID that it has here."""

    uid: str
    ref: Ref
    document: Document

    def served(self, flavour: Flavour) -> Document:
        """Return its document with that UID; nearly no item is ever asked for."""
        return _with_uid(self.document, self.uid, flavour)


def href_of(uid: str) -> str:
    """Return the href of an item: its UID with escapes."""
    return quote(uid, safe="@")


def content_tag(document: Document, flavour: Flavour) -> str:
    """
    Return the version tag of an item: a hash of what it says.

    UID, DTSTAMP and the like, folds and the order of lines do not count.
    """
    content = document.parsed(contentline.parse)
    digest = hashlib.sha256()
    for part in content.walk():
        if part.name == flavour.container:
            continue
        lines = sorted(line.text for line in part.lines if line.name not in flavour.fleeting)
        for text in (part.name.encode(), *lines):
            digest.update(text + b"\n")
    return f'"{digest.hexdigest()[:32]}"'


def told_apart(items: Mapping[str, Document], flavour: Flavour) -> dict[str, Document]:
    """
    Return the items of a feed, those that share a UID as items without one.

    Some services give all their events one UID. What is twice the same is one item; a series
    with changed instances is left as it is, because nothing tells which belong together.
    """
    apart: dict[str, Document] = {}
    for key, document in items.items():
        parts = list(flavour.parts(document.parsed(contentline.parse)))
        if len(parts) < 2 or any(part.first("RECURRENCE-ID") is not None for part in parts):  # noqa: PLR2004 - doubles
            apart[key] = document
            continue
        for alone in _alone(document, parts):
            apart[flavour.key(alone)] = alone
    return apart


def _alone(document: Document, parts: Sequence[Component]) -> Iterator[Document]:
    """Yield each of the items of a document as one of its own, without its UID."""
    content = document.parsed(contentline.parse)
    head = b"".join([line.raw for line in content.lines[: parts[0].start]])
    tail = b"".join([line.raw for line in content.lines[parts[-1].stop :]])
    for part in parts:
        uids = frozenset(part.all("UID"))
        body = b"".join([line.raw for line in content.span(part) if line not in uids])
        yield Document(head + body + tail, document.media_type)


def identified(
    fresh: Mapping[str, Document],
    known: Sequence[Stored],
    *,
    flavour: Flavour,
    seed: str,
    traits: Callable[[Document], Traits | None],
) -> dict[str, Item]:
    """
    Return the items of a download by the UID that each has here.

    ``known`` are the items as they were last read; ``seed`` tells feeds apart whose items have
    no UID; ``traits`` reads an item, ``None`` if that cannot be done.
    """
    own = {key: _own_uid(key, document, flavour, seed) for key, document in fresh.items()}
    before = {unquote(stored.ref.href): stored for stored in known}
    uids = {key: uid for key, uid in own.items() if uid in before}
    tags = {key: content_tag(document, flavour) for key, document in fresh.items()}
    for pairs in (_same, _similar):
        waiting = {key: fresh[key] for key in fresh if key not in uids}
        taken = set(uids.values())
        lost = {uid: stored for uid, stored in before.items() if uid not in taken}
        if waiting and lost:
            uids |= pairs(waiting, lost, tags=tags, flavour=flavour, traits=traits)
    items = {}
    for key, document in fresh.items():
        uid = uids.get(key, own[key])
        items[uid] = Item(uid, Ref(href_of(uid), tags[key]), document)
    return items


def _own_uid(key: str, document: Document, flavour: Flavour, seed: str) -> str:
    # The key of an item without UID is a hash of its lines.
    if flavour.uid(document.parsed(contentline.parse)):
        return key
    return str(uuid.uuid5(_NAMES, f"{seed}\n{key}"))


def _same(
    waiting: Mapping[str, Document],
    lost: Mapping[str, Stored],
    *,
    tags: Mapping[str, str],
    flavour: Flavour,
    traits: Callable[[Document], Traits | None],  # noqa: ARG001 - as _similar is called
) -> dict[str, str]:
    """Pair items that say the same, twins in the order of the file."""
    free: dict[str, list[str]] = {}
    for uid, stored in lost.items():
        tag = stored.ref.etag or content_tag(stored.document, flavour)
        free.setdefault(tag, []).append(uid)
    return {key: free[tags[key]].pop(0) for key in waiting if free.get(tags[key])}


def _similar(
    waiting: Mapping[str, Document],
    lost: Mapping[str, Stored],
    *,
    tags: Mapping[str, str],  # noqa: ARG001 - as _same is called
    flavour: Flavour,  # noqa: ARG001 - as _same is called
    traits: Callable[[Document], Traits | None],
) -> dict[str, str]:
    """Pair items of one place and similar titles, the most similar first."""
    here = _by_place((key, traits(document)) for key, document in waiting.items())
    there = _by_place((uid, traits(stored.document)) for uid, stored in lost.items())
    found: dict[str, str] = {}
    for place, new in here.items():
        old = there.get(place, {})
        if max(len(new), len(old)) > CROWD or len(set(old.values())) < len(old):
            continue  # nothing tells who became whom
        scores = [(_likeness(new[key], old[uid]), key, uid) for key in new for uid in old]
        taken: set[str] = set()
        for score, key, uid in sorted(scores, key=lambda one: -one[0]):
            if score >= ALIKE and key not in found and uid not in taken:
                found[key] = uid
                taken.add(uid)
    return found


def _by_place(found: Iterator[tuple[str, Traits | None]]) -> dict[str, dict[str, str]]:
    places: dict[str, dict[str, str]] = {}
    for name, traits in found:
        if traits is not None:
            places.setdefault(traits.place, {})[name] = traits.title
    return places


def _likeness(one: str, other: str) -> float:
    """
    Return how much two titles agree, 0 to 1.

    >>> _likeness("Réunion MSP", "Réunion MSP, reportée"), _likeness("Réunion", "Vaccination") < 0.6
    (1.0, True)
    """
    first, second = one.casefold().strip()[:_COMPARED], other.casefold().strip()[:_COMPARED]
    if not first or not second:
        return float(first == second)
    if first in second or second in first:
        return 1.0
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _with_uid(document: Document, uid: str, flavour: Flavour) -> Document:
    content = document.parsed(contentline.parse)
    edit = contentline.Edit(content)
    for part in flavour.parts(content):
        line = part.first("UID")
        if line is None:
            edit.insert(part.begin, [edit.line("UID", uid)])
        elif line.value.strip() != uid and flavour.key(document) != uid:
            edit.replace(line, line.rewritten(uid))
    if edit.empty:
        return document
    return Document(edit.apply(frozenset({"UID"})).to_bytes(), document.media_type)

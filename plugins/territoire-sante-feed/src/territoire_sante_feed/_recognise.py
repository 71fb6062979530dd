# SPDX-License-Identifier: Apache-2.0
"""
Who is who in a feed, although identifiers may be new at each download.

An entry is known by its identifier while that lasts, else by its link, else by its date and what it
says. The identifier under which it was first seen stays its own here. In doubt it is another one: a
new announcement that takes the place of an old one would be lost.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Final, TypeVar
from urllib.parse import quote, unquote, urljoin, urlsplit

import attrs

from territoire_sante.errors import InputError
from territoire_sante.formats import Document, Lens
from territoire_sante.formats.feed import Entry, language_of
from territoire_sante.model import Announcement
from territoire_sante.plugins import Ref, Stored, tag

#: Not part of what an entry says: who it is, and what only this program adds.
_IDENTITY: Final = frozenset({"uid"})

K = TypeVar("K", bound=Hashable)


@attrs.frozen
class Item:
    """An entry as it came, what it says with links in full, and the identifier it has here."""

    uid: str
    ref: Ref
    document: Document
    view: Announcement

    def served(self, lens: Lens[Announcement]) -> Document:
        """Return its document with that identifier and links in full; few are ever asked for."""
        return lens.put(attrs.evolve(self.view, uid=self.uid), self.document)


@attrs.frozen
class Broken:
    """An entry that cannot be read, and why."""

    ref: Ref
    reason: str


def href_of(uid: str) -> str:
    """Return the href of an entry: its identifier with escapes."""
    return quote(uid, safe=":@")


def tag_of(view: Announcement, lens: Lens[Announcement]) -> str:
    """Return the version tag of an entry: a hash of what it says, whoever it is."""
    told = {name: getattr(view, name) for name in sorted(lens.fields - _IDENTITY)}
    text = json.dumps(told, default=str, ensure_ascii=True)
    return tag(text.encode())


def identified(
    entries: Iterable[Entry],
    known: Iterable[Stored],
    *,
    lens: Lens[Announcement],
    url: str,
    language: str = "",
) -> dict[str, Item | Broken]:
    """
    Return the entries of a download by the identifier that each has here.

    ``known`` are the entries as they were last read; ``url`` is where the feed came from,
    ``language`` that of entries that name none.
    """
    fresh, broken = _read(entries, lens, url, language)
    before = {unquote(stored.ref.href): stored for stored in known}
    uids = _own_uids(fresh)
    waiting = {n: view for n, (_, view) in enumerate(fresh) if uids[n] not in before}
    taken = {uid for uid in uids if uid in before}
    lost = _views({uid: one for uid, one in before.items() if uid not in taken}, lens)
    everyone = [view for _, view in fresh]
    for trait in (_link, _content):
        for number, uid in _pairs(waiting, lost, trait, everyone).items():
            uids[number] = uid
            del waiting[number], lost[uid]
    items: dict[str, Item | Broken] = {}
    for uid, (document, view) in zip(uids, fresh, strict=True):
        ref = Ref(href_of(uid), tag_of(view, lens))
        items.setdefault(uid, Item(uid, ref, document, view))
    for one in broken:
        items.setdefault(unquote(one.ref.href), one)
    return items


def _read(
    entries: Iterable[Entry], lens: Lens[Announcement], url: str, language: str
) -> tuple[list[tuple[Document, Announcement]], list[Broken]]:
    fresh, broken = [], []
    for entry in entries:
        try:
            view = lens.get(entry.document)
        except InputError as error:
            ref = Ref(href_of(entry.id), tag(entry.document.data))
            broken.append(Broken(ref, f"line {entry.line}, its {error}"))
        else:
            if language and language_of(entry.document) is None:
                view = attrs.evolve(view, language=language)
            fresh.append((entry.document, _in_full(view, _joined(url, entry.base))))
    return fresh, broken


def _in_full(view: Announcement, base: str) -> Announcement:
    """Return the view with links that lead somewhere when seen from elsewhere."""
    files = tuple(attrs.evolve(one, url=_joined(base, one.url)) for one in view.attachments)
    url = _joined(base, view.url) if view.url else ""
    return attrs.evolve(view, url=url, attachments=files)


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return link


def _own_uids(fresh: Sequence[tuple[Document, Announcement]]) -> list[str]:
    """Return the identifiers as they came; entries that share one go by what they say."""
    counted = Counter(view.uid for _, view in fresh)
    return [view.uid if counted[view.uid] == 1 else f"sha256:{_digest(view)}" for _, view in fresh]


def _digest(view: Announcement) -> str:
    text = f"{view.url}\n{view.title}\n{view.body}"
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def _views(lost: Mapping[str, Stored], lens: Lens[Announcement]) -> dict[str, Announcement]:
    views = {}
    for uid, stored in lost.items():
        try:
            views[uid] = lens.get(stored.document)
        except InputError:
            continue
    return views


def _link(view: Announcement) -> str:
    """Return the page of an entry; the front page of a site is that of none."""
    try:
        parts = urlsplit(view.url)
    except ValueError:
        return ""
    return view.url if parts.path.strip("/") or parts.query else ""


def _content(view: Announcement) -> str:
    """Return date and text: what is said each week in the same words is said anew."""
    told = _digest(attrs.evolve(view, url=""))
    return f"{view.publish_from} {told}" if view.title or view.body else ""


def _pairs(
    waiting: Mapping[int, Announcement],
    lost: Mapping[str, Announcement],
    trait: Callable[[Announcement], str],
    everyone: Iterable[Announcement],
) -> dict[int, str]:
    """Pair what has one trait, where one of the whole feed and one of the lost has it."""
    if not waiting or not lost:
        return {}
    shared = Counter(map(trait, everyone))
    traits = {number: trait(view) for number, view in waiting.items()}
    here = _unique({number: told for number, told in traits.items() if shared[told] == 1})
    there = _unique({uid: trait(view) for uid, view in lost.items()})
    return {number: there[told] for told, number in here.items() if told in there}


def _unique(traits: Mapping[K, str]) -> dict[str, K]:
    counted = Counter(traits.values())
    return {told: key for key, told in traits.items() if told and counted[told] == 1}

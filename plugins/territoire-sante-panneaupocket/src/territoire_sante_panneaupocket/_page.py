# SPDX-License-Identifier: Apache-2.0
"""
The public page of an entity, as its readers see it: ``/ville/<number>-<name>-<postcode>``.

It has traps: the number in ``data-id`` is not the public one, and the first ``?panneau=``
inside of a notice leads to the *next* notice. Only the address to share names a notice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qs, urljoin, urlsplit

import attrs

from territoire_sante.errors import ProtocolError
from territoire_sante.formats import feed
from territoire_sante_panneaupocket._tags import VOID, Tag, tags

#: More than any entity shows; what comes after is not read.
NOTICES_MAX: Final = 80
_FILES_MAX: Final = 20

_ITEM: Final = "sign-carousel--item"
_CAROUSEL: Final = "sign-carousel"
_SHARE: Final = "data-facebook-share-share-url-value"
_CANCELLED: Final = "/sign-cancel-status/"
_PUBLIC_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

# The class of an element, the class that one around it must have, and what it holds.
_HOLDERS: Final = (
    ("city", "infos", "city"),
    ("postcode", "infos", "postcode"),
    ("date", "sign-preview__title", "label"),
    ("title", "sign-preview__content", "title"),
    ("content", "sign-preview__content", "content"),
)


@attrs.frozen(kw_only=True)
class Notice:
    """
    A notice of the page.

    Attributes:
        number: its public number, of the address to share.
        url: that address.
        title: plain text.
        content: the HTML of its text, as it stands on the page.
        files: addresses of the pictures and PDF files in it.
        label: what is written as its date: of publication or of an event, to the day.
        event: shown as a card of an event.
        cancelled: stamped as cancelled.
        city: the entity's name, as the notice shows it.
        postcode: likewise.
        bare: its text without the links to files.
    """

    number: str
    url: str
    title: str
    content: str
    files: tuple[str, ...]
    label: str
    event: bool
    cancelled: bool
    city: str
    postcode: str
    bare: str

    @property
    def text(self) -> str:
        """The text that people read."""
        return feed.text_from_html(self.content)


@attrs.frozen(kw_only=True)
class Page:
    """
    The notices of one entity, each once, in the order of the page.

    ``nameless`` counts those without an address to share, which cannot be told apart and
    are left out; ``full`` says that there may be more than were read.
    """

    notices: tuple[Notice, ...]
    nameless: int
    full: bool

    @property
    def whole(self) -> bool:
        """Whether what is not here is not on the page."""
        return not self.nameless and not self.full


def read_page(source: str, address: str) -> Page:
    """
    Read a page that came from ``address``, which has no query.

    Raises:
        ProtocolError: it is another page, or has changed so much that nothing can be told.
    """
    notices: dict[str, Notice] = {}
    nameless = 0
    walk = _Walk(source, address)
    for block in walk.blocks():
        notice = block.notice(address)
        if notice is None:
            nameless += 1
        else:
            notices.setdefault(notice.number, notice)
        if len(notices) + nameless > NOTICES_MAX:
            break
    if not walk.carousel or (nameless and not notices):
        raise ProtocolError(
            "this is no page of notices, or its structure has changed",
            where=address,
            remedy="Nothing was concluded from it; open the address in a browser",
        )
    kept = tuple(notices.values())[:NOTICES_MAX]
    return Page(notices=kept, nameless=nameless, full=len(notices) + nameless > NOTICES_MAX)


@attrs.define
class _Block:
    """What was found of one notice so far."""

    source: str
    spans: dict[str, tuple[int, int]] = attrs.field(factory=dict)
    shares: list[str] = attrs.field(factory=list)
    buttons: list[str] = attrs.field(factory=list)
    files: list[str] = attrs.field(factory=list)
    links: list[tuple[int, int]] = attrs.field(factory=list)
    event: bool = False
    cancelled: bool = False

    def notice(self, address: str) -> Notice | None:
        told = (_number(one, address) for one in (*self.shares, *self.buttons))
        number = next(filter(None, told), None)
        if number is None:
            return None
        return Notice(
            number=number,
            url=f"{address}?panneau={number}",
            title=self._text("title"),
            content=self._markup("content"),
            files=tuple(dict.fromkeys(self.files)),
            label=self._text("label"),
            event=self.event,
            cancelled=self.cancelled,
            city=self._text("city"),
            postcode=self._text("postcode"),
            bare=feed.text_from_html("".join(self._without_links())),
        )

    def _markup(self, name: str) -> str:
        begin, end = self.spans.get(name, (0, 0))
        return self.source[begin:end].strip()

    def _text(self, name: str) -> str:
        return feed.text_from_html(self._markup(name)).strip()

    def _without_links(self) -> Iterator[str]:
        place, last = self.spans.get("content", (0, 0))
        for begin, end in self.links:
            yield self.source[place:begin]
            place = max(place, end)
        yield self.source[place:last]


@attrs.frozen
class _Open:
    """An element that is open: its classes, what it holds for us, and where its content begins."""

    name: str
    classes: frozenset[str]
    role: str
    begin: int
    tag: int


class _Walk:
    """One way through a page, which keeps the elements that are open."""

    def __init__(self, source: str, address: str) -> None:
        self._source, self._address = source, address
        self._open: list[_Open] = []
        self._count: Counter[str] = Counter()
        self._around: Counter[str] = Counter()
        self._roles: Counter[str] = Counter()
        self._block: _Block | None = None
        self.carousel = False

    def blocks(self) -> Iterator[_Block]:
        """Yield each notice when its element closes; the last one may end with the page."""
        for tag in tags(self._source):
            if not tag.closing:
                self._opened(tag)
            elif self._count[tag.name]:
                yield from self._closed(tag)
        while self._open:
            yield from self._popped(len(self._source), len(self._source))

    def _opened(self, tag: Tag) -> None:
        classes = tag.classes
        self.carousel = self.carousel or any(one.startswith(_CAROUSEL) for one in classes)
        role = self._role(tag, classes)
        if self._block is not None:
            self._noted(tag, classes, self._block)
        if tag.name not in VOID:
            self._open.append(_Open(tag.name, classes, role, tag.end, tag.begin))
            self._count[tag.name] += 1
            self._around.update(classes)
            self._roles[role] += 1

    def _role(self, tag: Tag, classes: frozenset[str]) -> str:
        if self._block is None:
            if _ITEM not in classes or tag.name in VOID:
                return ""
            self._block = _Block(self._source)
            return "block"
        if self._roles["content"]:
            return "link" if tag.name == "a" and self._is_file(tag) else ""
        for own, around, role in _HOLDERS:
            if own in classes and self._around[around] and role not in self._block.spans:
                return role
        return ""

    def _noted(self, tag: Tag, classes: frozenset[str], block: _Block) -> None:
        """Note what the attributes tell; those inside of a notice's text are its author's."""
        given = tag.attributes
        if self._roles["content"]:
            wanted = given.get("src", "") if tag.name == "img" else ""
            wanted = given.get("href", "") if self._is_file(tag) else wanted
            resolved = _resolved(self._address, wanted) if wanted else None
            if resolved and len(block.files) < _FILES_MAX:
                block.files.append(resolved)
            return
        if _SHARE in given:
            block.shares.append(given[_SHARE])
        elif tag.name == "button" and "dropdown-item" in classes and "href" in given:
            block.buttons.append(given["href"])
        block.event = block.event or "sign-preview--event" in classes
        stamp = tag.name == "img" and "overlay" in classes and _CANCELLED in given.get("src", "")
        block.cancelled = block.cancelled or stamp

    def _is_file(self, tag: Tag) -> bool:
        if tag.name != "a":
            return False
        path = tag.attributes.get("href", "").partition("?")[0].lower()
        return path.endswith(".pdf") or "/pdf/sign_pdf/" in path

    def _closed(self, tag: Tag) -> Iterator[_Block]:
        while self._open:
            name = self._open[-1].name
            yield from self._popped(tag.begin, tag.end)
            if name == tag.name:
                return

    def _popped(self, begin: int, end: int) -> Iterator[_Block]:
        one = self._open.pop()
        self._count[one.name] -= 1
        self._around.subtract(one.classes)
        self._roles[one.role] -= 1
        block = self._block
        if block is None:
            return
        if one.role == "block":
            self._block = None
            yield block
        elif one.role == "link":
            block.links.append((one.tag, end))
        elif one.role:
            block.spans.setdefault(one.role, (one.begin, begin))


def _resolved(address: str, written: str) -> str | None:
    try:
        url = urljoin(address, written)
        return url if urlsplit(url).scheme in {"http", "https"} else None
    except ValueError:
        return None


def _number(share: str, address: str) -> str | None:
    """Return the public number that an address to share tells; it must be one of this server."""
    try:
        parts, own = urlsplit(urljoin(address, share)), urlsplit(address)
        told = parse_qs(parts.query, max_num_fields=20).get("panneau", [""])[0]
    except ValueError:
        return None
    mine = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
    return told if mine and _PUBLIC_ID.fullmatch(told) else None

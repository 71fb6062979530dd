# SPDX-License-Identifier: Apache-2.0
"""
Listing and reading.

A listing is complete or an error. Every item asked for is answered, or asked again in
smaller company, in the end alone by GET, or called unreadable. Only an explicit 404 or 410, from
a collection that is there, means that an item is gone.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Final

import attrs

from territoire_sante.errors import ProtocolError
from territoire_sante.formats import Document
from territoire_sante.http import Response
from territoire_sante.plugins import Ref, Stored, Unreadable
from territoire_sante_dav._collection import TYPE
from territoire_sante_dav._flavour import DAV
from territoire_sante_dav._hrefs import canonical
from territoire_sante_dav._multistatus import Answer, MultiStatus, conditions, multistatus
from territoire_sante_dav._text import content_tag, normal
from territoire_sante_dav._wire import GONE, Wire
from territoire_sante_dav._xml import document, prop, text_element

ETAG: Final = f"{DAV}getetag"

# What a server answers to a report that one of the items, or their number, spoils.
_SPOILED: Final = frozenset({500, 502, 504})
_NO_REPORT: Final = frozenset({405, 501})
_MULTI_STATUS: Final = 207

#: So many items are asked for at first, and up to so many times more each time that it goes well:
#: as many as are likely to come within so many seconds, and in so many bytes.
_FIRST: Final = 50
_GROWTH: Final = 20
_SLOW: Final = 5.0
_LARGE: Final = 8 * 1024 * 1024

#: So many reports may be under way or waiting to be understood beside the one that is.
_AHEAD: Final = 2

#: A server that leaves out more items than this has cut its answer short.
_FEW: Final = 8


def listing(wire: Wire) -> tuple[Ref, ...]:
    """
    Return every item of the collection.

    Raises:
        CollectionGoneError: the collection is not there.
        AuthError: it must not be seen.
        ProtocolError: the listing is not proven complete.
    """
    found = wire.collection_answers(wire.propfind(wire.names.path, (ETAG, TYPE), depth=1))
    return members(wire, found)


def members(wire: Wire, found: MultiStatus) -> tuple[Ref, ...]:
    """
    Return the items among the answers; those without a readable ETag have none.

    An answer that cannot be understood still proves that the item is there.
    """
    refs: dict[str, Ref] = {}
    for answer in found.answers:
        name = wire.names.take(answer.href)
        kinds = {child.tag for child in answer.children(TYPE)}
        if name.endswith("/") or wire.names.is_self(name) or f"{DAV}collection" in kinds:
            continue
        if answer.is_gone:
            continue
        ref = Ref(name, answer.etag)
        # Two answers for one item that do not agree tell no version.
        refs[name] = ref if refs.get(name, ref) == ref else Ref(name)
    wire.seen.update({name: ref.etag for name, ref in refs.items()})
    return tuple(refs.values())


def read(wire: Wire, hrefs: Sequence[str], most: int) -> Iterator[Stored | Unreadable]:
    """Yield one answer for each of ``hrefs`` that is there, asking for ``most`` at a time."""
    reader = _Reader(wire=wire, pace=_Pace(most=most, size=min(most, _FIRST)))
    names = list(dict.fromkeys(map(canonical, hrefs)))
    usable = []
    for name in names:
        trouble = wire.names.trouble(name)
        if trouble:
            yield reader.unreadable(name, trouble)
        else:
            usable.append(name)
    yield from reader.all(usable)


@attrs.define(kw_only=True)
class _Pace:
    """
    How many items to ask for at a time: more while that goes well, fewer again after trouble.

    Some servers look through the whole collection for each report, others need long for many
    items or answer only so many.
    """

    most: int
    size: int

    def went_well(self, count: int, length: int, seconds: float) -> None:
        """Take in that ``count`` items came at once, so many bytes in so many seconds."""
        if count < self.size or seconds > _SLOW:
            return
        fitting = _LARGE * count // max(length, 1)
        in_time = int(_SLOW * count / max(seconds, 0.001))
        grown = min(self.size * _GROWTH, self.most, fitting, in_time)
        self.size = max(grown, min(self.size, _FIRST))

    def went_wrong(self, likely: int) -> None:
        """Take in that a report was of no use or cut short, and that ``likely`` items may do."""
        self.most = min(self.most, likely)
        self.size = min(self.most, _FIRST)


@attrs.define(kw_only=True)
class _Reader:
    wire: Wire
    pace: _Pace
    clock: Callable[[], float] = time.monotonic
    collection_is_there: bool = False

    def all(self, names: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """
        Yield the answers for ``names``.

        Reports are sent one after the other. While the caller works on the items of one the next
        ones come, which keeps the server at work, too: one more may already wait here.
        """
        if len(names) <= self.pace.size or not self.wire.multiget:
            if names:
                yield from self._answers(names, self._multiget(names))
            return
        left = deque(names)
        ahead = ThreadPoolExecutor(1, thread_name_prefix="territoire-sante-read")
        try:
            coming = deque(ahead.submit(self._ask_next, left) for _ in range(_AHEAD))
            while coming:
                these, response = coming.popleft().result()
                if left:
                    coming.append(ahead.submit(self._ask_next, left))
                if these:
                    yield from self._answers(these, self._understood(response))
        finally:
            # What was begun ends, as no answer may be left for another request to find.
            ahead.shutdown(cancel_futures=True)

    def _ask_next(self, left: deque[str]) -> tuple[list[str], Response | None]:
        """Take as many names as are fitting now from those that are left, and ask for them."""
        names = [left.popleft() for _ in range(min(self.pace.size, len(left)))]
        return names, self._ask(names) if names else None

    def _answers(
        self, names: Sequence[str], answers: Mapping[str, Answer] | None
    ) -> Iterator[Stored | Unreadable]:
        """Yield what came for ``names``, and ask again for what did not."""
        few = 1 if answers is None else _FEW
        found = answers or {}
        left = [name for name in names if name not in found]
        if answers is None or len(left) > few:
            self.pace.went_wrong(len(found) or max(len(names) // 2, _FIRST))
        for name in names:
            if name in found:
                yield from self._answered(name, found[name])
        if not self.wire.multiget or len(left) <= few:
            for name in left:
                yield from self._alone(name)
            return
        middle = len(left) // 2
        for half in (left[:middle], left[middle:]):
            yield from self._answers(half, self._multiget(half))

    def unreadable(self, name: str, reason: str) -> Unreadable:
        """Return the answer for an item that is there but cannot be read."""
        return Unreadable(Ref(name, self.wire.seen.get(name)), reason)

    def _multiget(self, names: Sequence[str]) -> dict[str, Answer] | None:
        """Return the answers by name; ``None`` if the report as a whole is of no use."""
        return self._understood(self._ask(names))

    def _ask(self, names: Sequence[str]) -> Response | None:
        """Return the answer to a report, ``None`` for one that cannot be read."""
        wire = self.wire
        if not wire.multiget:
            return None
        begin = self.clock()
        hrefs = (text_element(f"{DAV}href", wire.names.spelled(name)) for name in names)
        body = document(wire.flavour.multiget, prop((ETAG, wire.flavour.data)), *hrefs)
        try:
            response = wire.report(body, depth=1, returned=_SPOILED)
        except ProtocolError:
            return None
        if response.status == _MULTI_STATUS:
            self.pace.went_well(len(names), len(response.body), self.clock() - begin)
        return response

    def _understood(self, response: Response | None) -> dict[str, Answer] | None:
        """Return the answers of a report by name; ``None`` if it is of no use as a whole."""
        if response is None:
            return None
        if response.status != _MULTI_STATUS:
            self._refused(response)
            return None
        try:
            found = multistatus(response)
        except ProtocolError:
            return None
        # A repaired answer may have lost characters of an item: not good enough.
        return (
            None
            if found.repaired
            else {self.wire.names.take(answer.href): answer for answer in found.answers}
        )

    def _refused(self, response: Response) -> None:
        if response.status in _NO_REPORT or conditions(response).has("supported-report"):
            self.wire.multiget = False
        elif response.status not in _SPOILED:
            self._check_collection()

    def _answered(self, name: str, answer: Answer) -> Iterator[Stored | Unreadable]:
        if answer.is_gone:
            return
        data = answer.props.get(self.wire.flavour.data)
        text = data.text if data is not None else None
        if text is None or not text.strip():
            yield from self._alone(name)
        else:
            yield self._stored(name, answer.etag, text.encode())

    def _alone(self, name: str) -> Iterator[Stored | Unreadable]:
        try:
            response = self.wire.send("GET", name, returned=_SPOILED)
        except ProtocolError as error:
            self._check_collection()
            yield self.unreadable(name, error.what)
            return
        if response.status == HTTPStatus.OK and not response.looks_like_html:
            yield self._stored(name, response.headers.get("ETag"), response.body)
            return
        self._check_collection()
        if response.status not in GONE:
            page = " with a web page" if response.looks_like_html else ""
            yield self.unreadable(name, f"GET is answered by {response.status}{page}")

    def _stored(self, name: str, etag: str | None, data: bytes) -> Stored:
        document_ = Document(normal(data), self.wire.flavour.media_type)
        return Stored(Ref(name, etag or content_tag(data)), document_)

    def _check_collection(self) -> None:
        if not self.collection_is_there:
            self.wire.check_collection()
            self.collection_is_there = True

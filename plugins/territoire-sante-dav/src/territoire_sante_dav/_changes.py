# SPDX-License-Identifier: Apache-2.0
"""
What changed since last time.

A cursor is ``sync:`` and a token of WebDAV-Sync (RFC 6578), or ``ctag:`` and the
collection's tag, or nothing. Whatever goes wrong with a token, the answer is a full listing with
``reset``: a token is an optimisation and never the truth. A tag of the collection that is the time
of its last change does not tell two changes of one second apart, and is no cursor.

SOGo's version tags count the writes to a name and begin again after a deletion, so that other
content may come under a known tag: what is told to have changed there has no version until it is
read.
"""

from __future__ import annotations

import re
from collections.abc import Collection as Some
from typing import Final

import attrs

from territoire_sante.errors import ProtocolError
from territoire_sante.plugins import Batch, Ref
from territoire_sante_dav._collection import CTAG, STATE, Resource, look
from territoire_sante_dav._flavour import DAV
from territoire_sante_dav._hrefs import is_doubtful
from territoire_sante_dav._multistatus import MultiStatus, multistatus
from territoire_sante_dav._reading import ETAG, listing
from territoire_sante_dav._wire import Wire
from territoire_sante_dav._xml import document, prop, text_element

_SYNC: Final = "sync:"
_CTAG: Final = "ctag:"
_CUT_OFF: Final = 507
_MAX_PAGES: Final = 1000
_COMES_BACK: Final = re.compile(r'"gcs\d+"')
_SECONDS: Final = re.compile(r"-1|\d{10}(\.\d+)?")


@attrs.define
class _Page:
    """What the pages of one answer add up to."""

    changed: dict[str, Ref] = attrs.field(factory=dict)
    removed: dict[str, None] = attrs.field(factory=dict)
    more: bool = False

    def add(self, wire: Wire, found: MultiStatus) -> bool:
        """Take in one page; return whether every name in it can be relied on."""
        self.more = False
        for answer in found.answers:
            if is_doubtful(answer.href):
                return False
            name = wire.names.take(answer.href)
            if wire.names.is_self(name):
                self.more = self.more or answer.status == _CUT_OFF
            elif wire.names.trouble(name):
                return False
            elif answer.is_gone and not name.endswith("/"):
                self.changed.pop(name, None)
                self.removed[name] = None
            elif not name.endswith("/"):
                self.removed.pop(name, None)
                self.changed[name] = Ref(name, _lasting(answer.etag))
        return True


def _lasting(etag: str | None) -> str | None:
    """Return a version tag, ``None`` if it may stand for several versions."""
    return None if etag is not None and _COMES_BACK.fullmatch(etag) else etag


def state(wire: Wire, *, without: Some[str] = ()) -> Resource:
    """
    Return the collection with its sync-token and its tag, those ``without`` left out.

    Raises:
        CollectionGoneError: the collection is not there.
        AuthError: it must not be seen.
        ProtocolError: something else answers.
    """
    asked = [name for name in STATE if name not in without]
    seen = look(wire.client, wire.url(wire.names.path), wire.flavour, asked=asked)
    if isinstance(seen, Resource):
        return seen
    raise wire.not_listed(seen)


@attrs.define
class Tracker:
    """Tells the changes of one collection; ``_resource`` is what it was seen to be."""

    _wire: Wire
    _resource: Resource

    def changes(self, cursor: str | None) -> Batch:
        """Return the changes since ``cursor``, everything without one or if it is of no use."""
        token = cursor.removeprefix(_SYNC) if cursor and cursor.startswith(_SYNC) else ""
        if token and self._wire.tokens:
            batch = self._since(token)
            if batch is not None:
                return batch
        now = self._now()
        if cursor is not None and cursor == self._cursor(now) and cursor.startswith(_CTAG):
            return Batch(cursor=cursor)
        # What is seen of the collection before the listing is at most too old: a change
        # in between is reported twice, never lost.
        following = self._cursor(now)
        refs = listing(self._wire)
        return Batch(changed=refs, cursor=following, reset=cursor is not None)

    def _cursor(self, resource: Resource) -> str | None:
        if self._wire.tokens and resource.syncs and resource.token is not None:
            return _SYNC + resource.token
        ctag = resource.ctag if self._wire.ctags else None
        return _CTAG + ctag if ctag is not None and not _SECONDS.fullmatch(ctag) else None

    def _now(self) -> Resource:
        """Return the state of the collection, without its tag where the token will do."""
        if self._wire.tokens and self._resource.offers_sync:
            now = state(self._wire, without={CTAG})
            if now.token is not None:
                return now
        return state(self._wire)

    def _since(self, token: str) -> Batch | None:
        """Return the changes since ``token``; ``None`` if they cannot be told for certain."""
        page = _Page()
        for _ in range(_MAX_PAGES):
            found = self._report(token, page)
            if found is None or found.token is None:
                return None
            if not page.more:
                self._wire.seen.update({name: ref.etag for name, ref in page.changed.items()})
                return Batch(
                    changed=tuple(page.changed.values()),
                    removed=tuple(page.removed),
                    cursor=_SYNC + found.token,
                )
            if found.token == token:
                return None
            token = found.token
        return None

    def _report(self, token: str, page: _Page) -> MultiStatus | None:
        """Return the next page, added to ``page``; ``None`` if it is of no use."""
        # Never DAV:limit: some servers cut the answer without saying so.
        body = document(
            f"{DAV}sync-collection",
            text_element(f"{DAV}sync-token", token),
            text_element(f"{DAV}sync-level", "1"),
            prop((ETAG,)),
        )
        try:
            found = multistatus(self._wire.report(body, depth=0, returned={500}))
            return found if page.add(self._wire, found) else None
        except ProtocolError:
            # An invalid token has many faces (403, 412, 500 …), a broken answer too.
            return None

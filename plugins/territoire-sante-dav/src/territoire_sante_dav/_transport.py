# SPDX-License-Identifier: Apache-2.0
"""One opened calendar or address book, as the sync engine sees it."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import attrs
import requests
from requests.auth import AuthBase

from territoire_sante.formats import Document
from territoire_sante.plugins import Batch, Fact, Ref, Stored, Unreadable
from territoire_sante_dav import _reading, _writing
from territoire_sante_dav._account import client, naming_hosts
from territoire_sante_dav._admission import Admission
from territoire_sante_dav._changes import Tracker
from territoire_sante_dav._collection import Resource
from territoire_sante_dav._config import DavConfig
from territoire_sante_dav._discovery import locate
from territoire_sante_dav._flavour import Flavour
from territoire_sante_dav._hrefs import Names
from territoire_sante_dav._wire import Wire


@attrs.frozen(eq=False)
class DavTransport:
    """READ, WRITE and DELTA on one collection. Hrefs are canonical paths on its server."""

    _wire: Wire
    _tracker: Tracker
    _resource: Resource
    _config: DavConfig
    _admission: Admission
    _turn: AbstractContextManager[object] = attrs.field(factory=nullcontext)

    @property
    def url(self) -> str:
        """The collection's address, after discovery."""
        return self._resource.url

    def list(self) -> Iterator[Ref]:
        """Yield every item; an error instead if the listing is not proven complete."""
        yield from _reading.listing(self._wire)

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """Yield one answer for each href that is there; line ends are CR LF."""
        yield from _reading.read(self._wire, hrefs, self._config.batch)

    def create(self, href_hint: str, document: Document) -> Ref:
        """Store a new item."""
        self._admission.check(href_hint, document)
        with self._admission.of("create"), self._turn:
            return _writing.create(self._wire, href_hint, document)

    def replace(self, ref: Ref, document: Document) -> Ref:
        """Overwrite the version named by ``ref``."""
        self._admission.check(ref.href, document)
        with self._admission.of("replace"), self._turn:
            return _writing.replace(self._wire, ref, document)

    def delete(self, ref: Ref) -> None:
        """Remove the version named by ``ref``."""
        with self._admission.of("delete"), self._turn:
            _writing.delete(self._wire, ref)

    def changes(self, cursor: str | None) -> Batch:
        """Return the changes since ``cursor``; everything for ``None``."""
        return self._tracker.changes(cursor)

    def diagnose(self, *, probe_writes: bool = False) -> tuple[Fact, ...]:
        """
        Return what the server can do and what is done about the rest.

        With ``probe_writes`` one made-up item is written, and removed again.
        """
        from territoire_sante_dav import _probe  # noqa: PLC0415 - a sync needs none
        from territoire_sante_dav._diagnosis import diagnosis  # noqa: PLC0415 - likewise
        from territoire_sante_dav._sayings import fact  # noqa: PLC0415 - likewise

        tried = probe_writes and self._resource.writable is not False
        facts = list(diagnosis(self._wire, self._resource, self._config, tried=tried))
        if probe_writes and not tried:
            facts.append(fact("probe", "not allowed"))
        elif tried:
            before = frozenset(self._wire.seen)
            facts.extend(_probe.probe_writes(self._wire, uuid.uuid4().hex, before))
        return tuple(facts)


@contextmanager
def open_collection(
    config: DavConfig,
    flavour: Flavour,
    *,
    auth: AuthBase | None = None,
    session: requests.Session | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[DavTransport]:
    """
    Find the collection that ``config`` names and keep it open.

    A host program may give its own ``session``, or its own ``auth`` in place of the
    configured credentials: one that renews its token before it expires, say. Opened again with
    the same ``config`` shortly after, the collection is not looked for once more.

    Raises:
        ConnectorError: the collection cannot be used; its class says why.
        ConfigError: the address leads to none or to several.
    """
    with client(config, auth, session) as speaking:
        known = config.recall(clock()) if auth is None and session is None else None
        with naming_hosts(flavour.noun):
            resource = known or locate(speaking, config, flavour, own=auth is not None)
        if known is None:
            config.remember(resource, clock())
        profile = resource.profile
        wire = Wire(
            client=speaking,
            flavour=flavour,
            names=Names.of(resource.url),
            careful=config.careful or profile.looks_first,
            tokens=config.trust_tokens and profile.tokens,
            ctags=profile.ctags,
        )
        tracker = Tracker(wire, resource)
        admission = Admission(resource, flavour)
        # Several threads may write; this side's work on one item overlaps with the next one's.
        turn = threading.Lock() if profile.locks else nullcontext()
        yield DavTransport(wire, tracker, resource, config, admission, turn)

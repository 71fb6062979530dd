# SPDX-License-Identifier: Apache-2.0
"""One opened calendar or address book, as the sync engine sees it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

import attrs
import requests
from requests.auth import AuthBase

from territoire_sante.formats import Document
from territoire_sante.http import BearerAuth, HttpClient, basic_auth, digest_auth
from territoire_sante.plugins import Batch, Ref, Stored, Unreadable
from territoire_sante_dav import _reading, _writing
from territoire_sante_dav._changes import Tracker
from territoire_sante_dav._collection import Resource
from territoire_sante_dav._config import AuthScheme, DavConfig
from territoire_sante_dav._diagnosis import diagnosis
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
    _batch: int

    @property
    def url(self) -> str:
        """The collection's address, after discovery."""
        return self._resource.url

    def list(self) -> Iterator[Ref]:
        """Yield every item; an error instead if the listing is not proven complete."""
        yield from _reading.listing(self._wire)

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """Yield one answer for each href that is there; line ends are CR LF."""
        yield from _reading.read(self._wire, hrefs, self._batch)

    def create(self, href_hint: str, document: Document) -> Ref:
        """Store a new item."""
        self._tracker.forget()
        return _writing.create(self._wire, href_hint, document)

    def replace(self, ref: Ref, document: Document) -> Ref:
        """Overwrite the version named by ``ref``."""
        self._tracker.forget()
        return _writing.replace(self._wire, ref, document)

    def delete(self, ref: Ref) -> None:
        """Remove the version named by ``ref``."""
        self._tracker.forget()
        _writing.delete(self._wire, ref)

    def changes(self, cursor: str | None) -> Batch:
        """Return the changes since ``cursor``; everything for ``None``."""
        return self._tracker.changes(cursor)

    def diagnose(self) -> tuple[tuple[str, str], ...]:
        """Return what the server can do and what is done about the rest, as pairs to print."""
        return diagnosis(self._wire, self._resource)


@contextmanager
def open_collection(
    config: DavConfig,
    flavour: Flavour,
    *,
    auth: AuthBase | None = None,
    session: requests.Session | None = None,
) -> Iterator[DavTransport]:
    """
    Find the collection that ``config`` names and keep it open.

    A host program may give its own ``session``, or its own ``auth`` in place of the
    configured credentials: one that renews its token before it expires, say.

    Raises:
        ConnectorError: the collection cannot be used; its class says why.
        ConfigError: the address leads to none or to several.
    """
    client = HttpClient(
        config.url,
        auth=auth if auth is not None else authenticator(config),
        session=session,
        read_timeout=config.timeout,
        deadline=config.deadline,
        max_bytes=config.max_bytes,
        ca_file=str(config.ca_file) if config.ca_file is not None else None,
    )
    with client:
        resource = locate(client, config, flavour)
        wire = Wire(
            client=client,
            flavour=flavour,
            names=Names.of(resource.url),
            careful=config.careful or _ignores_conditions(resource.url),
        )
        yield DavTransport(wire, Tracker(wire, resource), resource, config.batch)


def authenticator(config: DavConfig) -> AuthBase | None:
    """Return the configured credentials as requests takes them; ``None`` if there are none."""
    if config.token is not None:
        return BearerAuth(config.token.reveal())
    if config.password is None:
        return None
    make = digest_auth if config.auth is AuthScheme.DIGEST else basic_auth
    return make(config.username, config.password.reveal())


def _ignores_conditions(url: str) -> bool:
    # SOGo ignores If-None-Match, and If-Match on DELETE; its addresses all begin like this.
    return urlsplit(url).path.startswith("/SOGo/")

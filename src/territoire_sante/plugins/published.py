# SPDX-License-Identifier: Apache-2.0
"""
What others publish at one address, of which only the whole is known.

Importing this module imports ``requests``; a plug-in does so inside its ``open``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final, Generic, TypeVar, cast
from urllib.parse import urlsplit

import attrs

from territoire_sante.errors import AuthError, CollectionGoneError, ProtocolError
from territoire_sante.http import (
    AddressPolicy,
    Fetched,
    HttpClient,
    Validators,
    basic,
    redacted,
)
from territoire_sante.plugins._address import AddressConfig
from territoire_sante.plugins._contract import Batch, Fact, Ref, Words

__all__ = ["Address", "Published", "opened", "validators_fact", "web_page"]

_Found = TypeVar("_Found")

_CURSOR_VERSION: Final = 1
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


@attrs.define
class Published(Generic[_Found]):
    """
    Asks with what is remembered of the last answer, and once only for the whole.

    ``ask`` gets what an earlier run noted, and returns the answer; ``parse`` returns what is in
    one. Both raise if nothing can be concluded from it; of such an answer nothing is kept.
    """

    ask: Callable[[Validators | None], Fetched]
    parse: Callable[[Fetched], _Found]
    _answer: Fetched | None = attrs.field(default=None, init=False, repr=False)
    _contents: _Found | None = attrs.field(default=None, init=False, repr=False)

    def contents(self) -> _Found:
        """Return what is published, as it came last."""
        if self._contents is None:
            answer = self._answer or self.ask(None)
            self._answer = None
            self._contents = self.parse(answer)
            self._answer = answer
        return self._contents

    def answer(self) -> Fetched:
        """Return the answer that :meth:`contents` came in."""
        self.contents()
        return cast("Fetched", self._answer)

    def changes(self, cursor: str | None, refs: Callable[[], Iterable[Ref]]) -> Batch:
        """
        Return nothing if all is as it was at ``cursor``, else what ``refs`` lists of it now.

        Only the whole is known, hence ``reset`` when it has changed.
        """
        last = _read_cursor(cursor)
        if last is not None:
            answer = self.ask(last.validators)
            if answer.not_modified:
                return Batch(cursor=cursor)
            self._answer, self._contents = answer, None
            if _digest(answer) == last.digest:
                return Batch(cursor=_cursor(answer))
        changed = tuple(refs())
        return Batch(changed=changed, cursor=_cursor(self.answer()), reset=cursor is not None)


@attrs.frozen
class _Noted:
    validators: Validators
    digest: str


def _digest(answer: Fetched) -> str:
    return hashlib.sha256(answer.body).hexdigest()


def _cursor(answer: Fetched) -> str:
    noted = {"v": _CURSOR_VERSION, "body": _digest(answer), **attrs.asdict(answer.validators)}
    return json.dumps(noted, separators=(",", ":"))


def _read_cursor(cursor: str | None) -> _Noted | None:
    """Return what an earlier run noted, ``None`` if it is not of this version."""
    try:
        noted = json.loads(cursor or "null")
    except ValueError:
        return None
    if not isinstance(noted, dict) or noted.pop("v", None) != _CURSOR_VERSION:
        return None
    digest = str(noted.pop("body", ""))
    try:
        return _Noted(Validators(**noted), digest)
    except TypeError:
        return None


@attrs.frozen
class Address:
    """A feed at an address, and wherever that redirects to; ``accept`` are its media types."""

    client: HttpClient
    accept: str

    @property
    def where(self) -> str:
        """The server: path and query of a private address are as good as a password."""
        parts = urlsplit(redacted(self.client.base_url))
        return f"{parts.scheme}://{parts.netloc}/…"

    def get(self, known: Validators | None = None, *, fresh: bool = False) -> Fetched:
        """
        Return what the address has, or that it is still what ``known`` remembers.

        ``fresh`` asks every cache on the way to look again.

        Raises:
            ConnectorError: it cannot be had.
        """
        headers = {"Accept": self.accept, **({"Cache-Control": "no-cache"} if fresh else {})}
        answer = self.client.fetch(known=known, headers=headers)
        if answer.status in _GONE:
            raise CollectionGoneError(
                f"no feed is there ({answer.status})",
                where=self.where,
                remedy="Nothing was deleted here; ask whoever publishes it for its address",
            )
        if answer.status == HTTPStatus.FORBIDDEN:
            raise AuthError(
                "the server refuses it (403)",
                where=self.where,
                remedy="A private address may have been renewed: look it up again",
            )
        if not answer.ok:
            raise ProtocolError(f"an answer without a feed ({answer.status})", where=self.where)
        return answer


@contextmanager
def opened(config: AddressConfig, url: str, *, accept: str) -> Iterator[Address]:
    """
    Give what asks ``url`` as ``config`` says, and close its connections.

    Raises:
        ConfigError: the address cannot be asked, or a network is none.
    """
    auth = None
    if config.password is not None:
        auth = basic(config.username, config.password.reveal(), origins=[url])
    client = HttpClient(
        url,
        auth=auth,
        addresses=AddressPolicy(allow=config.networks),
        read_timeout=config.timeout,
        deadline=config.deadline,
        max_bytes=config.max_bytes,
        ca_file=None if config.ca_file is None else str(config.ca_file),
    )
    with client:
        yield Address(client, accept)


def web_page(where: str) -> ProtocolError:
    """Return the error to raise when an answer looks like HTML."""
    return ProtocolError(
        "a web page came where a feed was expected",
        where=where,
        remedy="Nothing was concluded from it; it is often a login page: look whether the "
        "address opens without signing in",
    )


def validators_fact(answer: Fetched) -> Fact:
    """Return, for ``diagnose``, how changes of what came are noticed."""
    names = ("ETag", answer.validators.etag), ("Last-Modified", answer.validators.last_modified)
    found = [name for name, value in names if value]
    return Fact(
        key="validators",
        value=" ".join(found),
        what=Words("Signe de changement", "Sign of a change"),
        found=Words(" et ".join(found) or "aucun", " and ".join(found) or "none"),
        handling=Words()
        if found
        else Words("téléchargé en entier à chaque fois", "downloaded as a whole each time"),
        good=bool(found),
    )

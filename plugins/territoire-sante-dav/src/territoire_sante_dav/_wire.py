# SPDX-License-Identifier: Apache-2.0
"""The DAV verbs on one collection, each answer checked for what it is."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from territoire_sante.errors import AuthError, CollectionGoneError, ConnectorError, ProtocolError
from territoire_sante.http import HttpClient, Response, redacted
from territoire_sante_dav._flavour import DAV, Flavour
from territoire_sante_dav._hrefs import Names
from territoire_sante_dav._multistatus import Answer, MultiStatus, conditions, multistatus
from territoire_sante_dav._xml import document, prop

GONE: Final = frozenset({404, 410})
_FORBIDDEN: Final = 403
_XML: Final = "application/xml; charset=utf-8"
_ETAG: Final = (f"{DAV}getetag",)


@attrs.define(kw_only=True)
class Wire:
    """
    One collection over one client.

    ``careful`` turns on when the server is seen to ignore preconditions;
    ``multiget`` turns off when it cannot do that report. ``tokens`` and ``ctags`` say whether
    its answers about changes can be relied on. ``seen`` holds the latest
    version tag that was listed for each name.
    """

    client: HttpClient
    flavour: Flavour
    names: Names
    careful: bool = False
    multiget: bool = True
    tokens: bool = True
    ctags: bool = True
    seen: dict[str, str | None] = attrs.field(factory=dict, repr=False)

    @property
    def where(self) -> str:
        """The collection's address, for messages."""
        return redacted(self.url(self.names.path))

    def url(self, name: str) -> str:
        """Return the address of a name."""
        return self.names.root + self.names.spelled(name)

    def propfind(self, name: str, properties: Iterable[str], *, depth: int) -> Response:
        """Ask for properties."""
        return propfind(self.client, self.url(name), properties, depth=depth)

    def report(self, body: bytes, *, depth: int, returned: Some[int]) -> Response:
        """Ask for a report on the collection."""
        headers = {"Content-Type": _XML, "Depth": str(depth)}
        return self.client.request(
            "REPORT", self.url(self.names.path), headers=headers, body=body, returned=returned
        )

    def send(
        self,
        method: str,
        name: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        returned: Some[int] = (),
    ) -> Response:
        """Send GET, PUT or DELETE for one item."""
        return self.client.request(
            method, self.url(name), headers=headers, body=body, returned=returned
        )

    def look(self, name: str) -> Answer | None:
        """
        Return what is at ``name`` now; ``None`` if the server says that nothing is.

        Raises:
            CollectionGoneError: the collection itself is missing.
            AuthError: the item must not be looked at.
        """
        response = self.propfind(name, _ETAG, depth=0)
        if response.status in GONE:
            self.check_collection()
            return None
        if response.status == _FORBIDDEN:
            raise AuthError("the server forbids looking at this item", where=self.url(name))
        answers = multistatus(response).answers
        if len(answers) != 1:
            raise ProtocolError(f"{len(answers)} answers came for one item", where=self.url(name))
        if answers[0].is_gone:
            self.check_collection()
            return None
        return answers[0]

    def check_collection(self) -> None:
        """
        Check that the collection is there.

        Raises:
            CollectionGoneError: it is not.
            AuthError: it must not be seen any more.
            ProtocolError: something else answers.
        """
        response = self.propfind(self.names.path, [f"{DAV}resourcetype"], depth=0)
        self.collection_answers(response)

    def collection_answers(self, response: Response) -> MultiStatus:
        """Return the answers to a PROPFIND on the collection, having checked that it is one."""
        if response.status != 207:  # noqa: PLR2004 - Multi-Status
            raise self.not_listed(response)
        found = multistatus(response)
        own = next((a for a in found.answers if self.is_own(a)), None)
        if own is None:
            raise ProtocolError("the listing leaves out the collection itself", where=self.where)
        if own.status not in {0, 200}:
            raise failed_collection(own.status, self.where)
        kinds = {child.tag for child in own.children(f"{DAV}resourcetype")}
        if self.flavour.collection_type not in kinds:
            raise ProtocolError(f"this is no {self.flavour.noun} any more", where=self.where)
        return found

    def is_own(self, answer: Answer) -> bool:
        """Return whether an answer is about the collection itself."""
        return self.names.is_self(self.names.take(answer.href))

    def not_listed(self, response: Response) -> ConnectorError:
        """Return the error for an answer to PROPFIND on the collection that is no 207."""
        if response.looks_like_html and response.ok:
            return ProtocolError(
                "a web page came where DAV was expected",
                where=self.where,
                remedy="Check the address: this is often a login page or a captive portal.",
            )
        return failed_collection(response.status, self.where, str(conditions(response)))


def propfind(
    client: HttpClient,
    url: str,
    properties: Iterable[str],
    *,
    depth: int,
    returned: Some[int] = (),
) -> Response:
    """Ask for properties of ``url`` and, with depth 1, of what is in it."""
    headers = {"Content-Type": _XML, "Depth": str(depth)}
    body = document(f"{DAV}propfind", prop(properties))
    return client.request("PROPFIND", url, headers=headers, body=body, returned=returned)


def failed_collection(status: int, where: str, why: str = "") -> ConnectorError:
    """Return the error for a collection that answers ``status`` instead of showing itself."""
    if status in GONE:
        return CollectionGoneError(
            "the collection is not there",
            where=where,
            remedy="Check its address; nothing is deleted because of this.",
        )
    reason = f"{status}: {why}" if why else str(status)
    if status == _FORBIDDEN:
        return AuthError(
            f"this account may not see the collection ({reason})",
            where=where,
            remedy="Have it shared with this account, or use another one.",
        )
    return ProtocolError(
        f"PROPFIND was answered by {reason}",
        where=where,
        remedy="Check that the address is that of a CalDAV or CardDAV collection.",
    )

# SPDX-License-Identifier: Apache-2.0
"""One request as its caller meant it, and where it may go from there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urldefrag, urljoin, urlsplit

import attrs

from territoire_sante.errors import ConfigError, OtherHostError, ProtocolError
from territoire_sante.http._failures import SAFE
from territoire_sante.http._fetched import Validators
from territoire_sante.http._response import Response
from territoire_sante.http._urls import Origin, as_utf8, host_of, origin_of, redacted

MAX_HOPS: Final = 5
_SECRET: Final = frozenset({"authorization", "cookie", "proxy-authorization"})
_PORTABLE: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "content-type",
        "depth",
        "prefer",
        "user-agent",
    }
)
"""Headers that go along to another server."""

_SENDABLE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*\Z")
"""Header values (RFC 9110 §5.5), in Latin-1, as http.client writes them."""
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


@attrs.frozen(kw_only=True)
class Call:
    """
    One request, to be over when the clock shows ``until``.

    ``origins`` are those it may be sent to, all of them if ``None``; ``known`` makes it
    conditional.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    until: float
    origins: frozenset[Origin] | None
    known: Validators | None = None
    #: The server it goes to now.
    origin: Origin = attrs.field(init=False)

    @origin.default
    def _origin(self) -> Origin:
        return origin_of(self.url)

    @property
    def safe(self) -> bool:
        """Whether it changes nothing on the server."""
        return self.method in SAFE

    @property
    def where(self) -> str:
        """Its address, for messages."""
        return redacted(self.url)

    def headers_now(self) -> dict[str, str]:
        """
        Return the headers for the present address.

        Raises:
            ConfigError: one of them holds credentials, which are given as ``auth`` only.
            ProtocolError: one of them would end early, or cannot be sent.
        """
        conditions = self.known.conditions(self.url) if self.known else {}
        headers = {**self.headers, **conditions}
        if secret := sorted(_SECRET.intersection(map(str.lower, headers))):
            raise ConfigError(
                f"the header {secret[0]} is not sent as given",
                where=self.where,
                remedy="Give credentials as auth: then they stay with their server.",
            )
        for name, value in headers.items():
            if not _SENDABLE.match(value):
                raise ProtocolError(
                    f"{self.method} cannot be sent: the header {name} holds what none may",
                    where=self.where,
                )
        return headers

    def redirected(self, answer: Response) -> Call:
        """
        Return the same request to where ``answer`` points.

        Raises:
            OtherHostError: it would go to a host that is not allowed.
            ProtocolError: it must not go there.
        """
        target, origin = _target(self, answer.headers["Location"])
        if not self.safe:
            raise ProtocolError(
                f"{self.method} was redirected to {redacted(target)}; nothing was written",
                where=self.where,
                remedy="The collection has moved: configure its new address.",
            )
        if self.origin[0] == "https" and origin[0] == "http":
            raise ProtocolError("redirected from https to http", where=self.where)
        if self.origins is not None and origin not in self.origins:
            raise OtherHostError(
                f"redirected to another server, {redacted(target)}",
                host=host_of(target),
                where=self.where,
                remedy="If that is right, configure the address of that server.",
            )
        return attrs.evolve(self, url=target, headers=self._headers_for(origin))

    def _headers_for(self, origin: Origin) -> Mapping[str, str]:
        if origin == self.origin:
            return self.headers
        # Any other header may be somebody's key to the server it was meant for.
        return {name: told for name, told in self.headers.items() if name.lower() in _PORTABLE}


def _target(call: Call, location: str) -> tuple[str, Origin]:
    try:
        target = urldefrag(urljoin(call.url, as_utf8(location))).url
        origin = origin_of(target)
        named = "@" not in urlsplit(target).netloc
    except (ConfigError, ValueError):
        named = False
    if not named:
        raise ProtocolError("redirected to what is no web address", where=call.where)
    return target, origin

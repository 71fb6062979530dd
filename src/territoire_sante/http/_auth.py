# SPDX-License-Identifier: Apache-2.0
"""
Credentials as ``requests`` authenticators, never as raw headers: netrc would override those.

Each is pinned to its origins: a request to any other one is left as it is, also when it
answers a challenge.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Any, Final

import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from territoire_sante.errors import AuthError
from territoire_sante.http._body import drain
from territoire_sante.http._urls import Origin, as_utf8, origin_of, redacted

_Hook = Callable[..., requests.Response | None]

UNAUTHORIZED: Final = HTTPStatus.UNAUTHORIZED


class NoAuth(AuthBase):
    """Sends no credentials at all, not even those of a netrc file."""

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request as it is."""
        return r


class PinnedAuth(AuthBase):
    """
    Credentials that sign requests to ``origins`` only.

    Attributes:
        origins: scheme, host and port of each server that may see them.
    """

    def __init__(self, auth: AuthBase, origins: Collection[str]) -> None:
        self._auth = auth
        self.origins: frozenset[Origin] = frozenset(map(origin_of, origins))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({type(self._auth).__name__}, {sorted(self.origins)})"

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign the request, if it goes to one of the origins."""
        if not self._covers(r.url):
            return r
        hooks: list[_Hook] = r.hooks["response"]
        others = len(hooks)
        signed = self._auth(r)
        hooks = signed.hooks["response"]
        # A redirected copy of the request would carry these along to another origin.
        hooks[others:] = [self._guarded(hook) for hook in hooks[others:]]
        return signed

    def _covers(self, url: str | None) -> bool:
        return origin_of(url or "") in self.origins

    def _guarded(self, hook: _Hook) -> _Hook:
        def run(r: requests.Response, *args: Any, **kwargs: Any) -> requests.Response | None:
            return hook(r, *args, **kwargs) if self._covers(r.url) else r

        return run


def pinned(auth: AuthBase, *, origins: Collection[str]) -> PinnedAuth:
    """
    Return ``auth``, of any make, bound to the servers of ``origins``.

    >>> pinned(NoAuth(), origins=["https://dav.example.org/alice/"])
    PinnedAuth(NoAuth, [('https', 'dav.example.org', 443)])

    Args:
        auth: any authenticator of ``requests``.
        origins: addresses on the servers meant; only scheme, host and port count.

    Raises:
        ConfigError: one of ``origins`` is no http or https address.
    """
    return PinnedAuth(auth, origins)


def basic(username: str, password: str, *, origins: Collection[str]) -> PinnedAuth:
    """
    Return Basic credentials in UTF-8 (RFC 7617), sent with the first request already.

    Raises:
        ConfigError: one of ``origins`` is no http or https address.
    """
    return pinned(HTTPBasicAuth(username.encode(), password.encode()), origins=origins)


def digest(username: str, password: str, *, origins: Collection[str]) -> PinnedAuth:
    """
    Return Digest credentials (RFC 7616); each thread answers a challenge of its own.

    Raises:
        ConfigError: one of ``origins`` is no http or https address.
    """
    return pinned(_DigestAuth(username, password), origins=origins)


class _DigestAuth(HTTPDigestAuth):
    """Digest that bounds what it reads of a refusal's body, and survives odd challenges."""

    _thread_local: threading.local

    def handle_401(self, r: requests.Response, **kwargs: Any) -> requests.Response:
        if r.status_code == UNAUTHORIZED:
            forget_body(r)
        answer: requests.Response = super().handle_401(r, **kwargs)  # type: ignore[no-untyped-call] # the stubs leave it out
        return answer

    def build_digest_header(self, method: str, url: str) -> str:
        """
        Return the value of the header Authorization.

        Raises:
            AuthError: the challenge is not one that can be answered.
        """
        challenge = self._thread_local.chal
        challenge.update({name: as_utf8(value) for name, value in challenge.items() if value})
        # The parent finds "auth" in "auth-int,auth", not in "auth-int, auth".
        challenge["qop"] = (challenge.get("qop") or "").replace(" ", "")
        try:
            header: str | None = super().build_digest_header(method, url)  # type: ignore[no-untyped-call] # the stubs leave it out
        except (KeyError, AttributeError, TypeError):
            header = None
        if header is None:
            self._thread_local.last_nonce = ""
            raise AuthError(
                "the server's Digest challenge cannot be answered",
                where=redacted(url),
                remedy="Use Basic over https, or a token, if the server offers it.",
            )
        # http.client writes Latin-1: like this the bytes sent are UTF-8.
        return header.encode().decode("latin-1")


def forget_body(answer: requests.Response) -> None:
    """Leave the body of ``answer`` unread, so that nothing reads it without a bound."""
    drain(answer)
    answer._content = b""  # noqa: SLF001 - .content would read the rest, however long

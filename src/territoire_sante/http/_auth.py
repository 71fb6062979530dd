# SPDX-License-Identifier: Apache-2.0
"""Credentials as ``requests`` authenticators, never as raw headers: netrc would override those."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from territoire_sante.http._body import drain


class NoAuth(AuthBase):
    """Sends no credentials at all, not even those of a netrc file."""

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request as it is."""
        return r


class BearerAuth(AuthBase):
    """
    Sends an access token (RFC 6750).

    ``token`` is the token, or a function that returns a fresh one at each
    request, so that a token can be renewed before it expires.
    """

    def __init__(self, token: str | Callable[[], str]) -> None:
        self._token = token

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the Authorization header."""
        token = self._token if isinstance(self._token, str) else self._token()
        r.headers["Authorization"] = f"Bearer {token}"
        return r


def basic_auth(username: str, password: str) -> AuthBase:
    """Return Basic credentials in UTF-8 (RFC 7617), which is what today's servers expect."""
    return HTTPBasicAuth(username.encode(), password.encode())


def digest_auth(username: str, password: str) -> AuthBase:
    """Return Digest credentials (RFC 7616)."""
    return _DigestAuth(username, password)


class _DigestAuth(HTTPDigestAuth):
    """Digest that bounds what it reads of a refusal's body."""

    def handle_401(self, r: requests.Response, **kwargs: Any) -> requests.Response:
        if r.status_code == HTTPStatus.UNAUTHORIZED:
            drain(r)
            r._content = b""  # noqa: SLF001 - the parent would read .content without any bound
        answer: requests.Response = super().handle_401(r, **kwargs)  # type: ignore[no-untyped-call] # the stubs leave it out
        return answer

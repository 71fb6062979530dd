# SPDX-License-Identifier: Apache-2.0
"""Access tokens (RFC 6750): renewed before they expire, and once more when they are refused."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable, Collection
from typing import Any, Final, NamedTuple

import requests
from requests.auth import AuthBase

from territoire_sante.errors import AuthError, RetryableError, TerritoireSanteError
from territoire_sante.http._auth import UNAUTHORIZED, PinnedAuth, forget_body, pinned

_EARLY: Final = dt.timedelta(minutes=2)
_TOKEN: Final = re.compile(r"[!-~]+\Z")
_SIGN_IN: Final = "Sign in again: the permission has expired or was withdrawn."


class Token(NamedTuple):
    """An access token and the moment at which it expires; ``None`` if that is not known."""

    value: str
    expires_at: dt.datetime | None = None

    def __repr__(self) -> str:
        return f"Token(value='***', expires_at={self.expires_at!r})"


TokenSource = Callable[[], tuple[str, dt.datetime | None]]
"""Fetches a fresh token, with the aware moment at which it expires."""


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def bearer(
    source: str | TokenSource,
    *,
    origins: Collection[str],
    now: Callable[[], dt.datetime] = _utc_now,
    early: dt.timedelta = _EARLY,
) -> PinnedAuth:
    """
    Return credentials that send an access token.

    A source is called when a token is first needed, ``early`` before one expires (or in the
    second half of a shorter life), and once after a 401; by one thread at a time, and never
    again once it has said that the permission is gone. It says so by raising AuthError, or
    any exception with the attribute ``error`` equal to ``invalid_grant`` (RFC 6749 §5.2), as
    those of oauthlib and Authlib have.

    Args:
        source: a token that stays, or what fetches fresh ones.
        origins: addresses on the servers that may see the token.
        now: the aware time, to be replaced in tests.
        early: how long before its end a token is renewed.

    Raises:
        AuthError: ``source`` is a text that can be no token.
        ConfigError: one of ``origins`` is no http or https address.
    """
    return pinned(_Bearer(source, now, early), origins=origins)


class _Bearer(AuthBase):
    def __init__(
        self, source: str | TokenSource, now: Callable[[], dt.datetime], early: dt.timedelta
    ) -> None:
        self._source = _checked(source) if isinstance(source, str) else source
        self._now = now
        self._early = early
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at: dt.datetime | None = None
        self._withdrawn = False

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        token = self._usable()
        r.headers["Authorization"] = f"Bearer {token}"
        if not isinstance(self._source, str):
            r.hooks["response"].append(_OnceMore(self, token))
        return r

    def _usable(self) -> str:
        if isinstance(self._source, str):
            return self._source
        with self._lock:
            late = self._renew_at is not None and self._now() >= self._renew_at
            if late or not self._token:
                self._fetch(self._source)
            return self._token

    def other_than(self, refused: str) -> str:
        """Return the token to try after ``refused``: that of another thread, or a fresh one."""
        with self._lock:
            if self._token == refused and not isinstance(self._source, str):
                self._fetch(self._source)
            return self._token

    def _fetch(self, source: TokenSource) -> None:
        if self._withdrawn:
            raise AuthError("no access token is given any more", remedy=_SIGN_IN)
        asked_at = self._now()
        try:
            value, expires_at = source()
        except AuthError:
            self._withdrawn = True
            raise
        except TerritoireSanteError:
            raise
        except Exception as error:  # noqa: BLE001 - the source is somebody else's code, of any kind
            self._withdrawn = getattr(error, "error", "") == "invalid_grant"
            # The text of the error may quote the token; its class does not.
            raise _failure(self._withdrawn, type(error).__name__) from None
        self._token = _checked(value)
        self._renew_at = None if expires_at is None else self._before(asked_at, expires_at)

    def _before(self, asked_at: dt.datetime, end: dt.datetime) -> dt.datetime:
        return end - min(self._early, max(end - asked_at, dt.timedelta()) / 2)


def _checked(token: str) -> str:
    """Return ``token`` without the line end of the file it came from."""
    text = token.strip()
    # Anything else would end the header, or could not be written into it.
    if not _TOKEN.match(text):
        raise AuthError(
            "what was given is no access token",
            remedy="Look at where it comes from, or sign in again.",
        )
    return text


def _failure(withdrawn: bool, kind: str) -> AuthError | RetryableError:  # noqa: FBT001 - it is the question
    if withdrawn:
        return AuthError("no access token is given any more (invalid_grant)", remedy=_SIGN_IN)
    return RetryableError(f"no access token could be fetched ({kind})")


class _OnceMore:
    """Sends a request again with another token if its own was refused."""

    def __init__(self, auth: _Bearer, token: str) -> None:
        self._auth = auth
        self._token = token

    def __call__(self, r: requests.Response, **kwargs: Any) -> requests.Response:
        if r.status_code != UNAUTHORIZED:
            return r
        try:
            token = self._auth.other_than(self._token)
        except BaseException:
            # Nobody else will see the refusal, whose connection is still open.
            r.close()
            raise
        if token == self._token:
            return r
        forget_body(r)
        again = r.request.copy()
        again.headers["Authorization"] = f"Bearer {token}"
        answer: requests.Response = r.connection.send(again, **kwargs)
        answer.history.append(r)
        answer.request = again
        return answer

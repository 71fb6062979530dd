# SPDX-License-Identifier: Apache-2.0
"""The one HTTP client: bounded in time and size, pinned to its origin, honest about writes."""

from __future__ import annotations

import datetime as dt
import logging
import random
import re
import time
from collections.abc import Callable, Collection, Mapping
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Final, Self
from urllib.parse import urldefrag, urljoin

import attrs
import requests
from requests.auth import AuthBase
from requests.structures import CaseInsensitiveDict

from territoire_sante.errors import (
    AuthError,
    ConfigError,
    ConnectorError,
    OtherHostError,
    ProtocolError,
    RetryableError,
)
from territoire_sante.http._auth import NoAuth, PinnedAuth, pinned
from territoire_sante.http._body import TruncatedError, drain, read_body
from territoire_sante.http._deadline import DeadlineAdapter, Patience
from territoire_sante.http._failures import (
    SAFE,
    broken_answer,
    transport_failure,
    unknown_outcome,
    was_dropped,
)
from territoire_sante.http._response import Response, encode_json
from territoire_sante.http._retry import backoff, retry_after
from territoire_sante.http._urls import checked, host_of, is_loopback, origin_of, redacted

_log = logging.getLogger("territoire_sante.http")

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MEANT: Final = frozenset({HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.INSUFFICIENT_STORAGE})
"""Statuses above 499 that say what is the matter with the request itself."""

_KINDS: Final = ("basic", "digest", "bearer", "negotiate", "ntlm")
_MAX_HOPS: Final = 5
_MAX_TRIES: Final = 4
# A proxy is another machine: what it calls loopback is not ours.
_NO_PROXY: Final = {"no_proxy": "*"}
_BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@attrs.frozen(kw_only=True)
class _Call:
    """One request as the caller meant it, to be over when the clock shows ``until``."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    until: float

    @property
    def safe(self) -> bool:
        return self.method in SAFE

    @property
    def where(self) -> str:
        return redacted(self.url)


class HttpClient:
    """
    Sends requests to one origin, the one of ``base_url``.

    - Credentials are given as ``auth`` only, and leave for their own origins only, by
      default that one; netrc files are never read. ``allowed_origins`` may be redirected
      to or asked, without credentials.
    - Redirects are followed for methods that change nothing, with method and body
      kept, five times at most, never from https to http; a redirected write is an error.
    - ``connect_timeout`` and ``read_timeout`` bound each step, ``deadline`` a whole
      request with its redirects and waits, all in seconds. With a ``session`` of the
      host's own the deadline is checked between reads only.
    - Bodies are read up to ``max_bytes`` decoded bytes.
    - 429 and 503 are waited for if the method is safe and the wait, Retry-After
      or 1, 2, 4 s, is at most ``max_wait`` seconds and ends before the deadline.
    - ``ca_file`` names the certificates to trust instead of the system's.

    ``clock`` (monotonic seconds), ``now`` (aware), ``sleep`` and ``jitter`` (0 to 1)
    are there to be replaced in tests. A session given is not closed.
    """

    def __init__(
        self,
        base_url: str,
        *,
        auth: AuthBase | None = None,
        session: requests.Session | None = None,
        connect_timeout: float = 10.0,
        read_timeout: float = 60.0,
        deadline: float = 300.0,
        max_bytes: int = 64 * 1024 * 1024,
        max_wait: float = 30.0,
        user_agent: str = "territoire-sante",
        ca_file: str | None = None,
        allowed_origins: Collection[str] = (),
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], dt.datetime] = _utc_now,
        sleep: Callable[[float], object] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.base_url = checked(base_url)
        self._origin = origin_of(base_url)
        self._auth = _bound(auth, base_url)
        others = {*map(origin_of, allowed_origins), *self._auth.origins}
        self._allowed = frozenset({self._origin, *others})
        self._timeouts = (connect_timeout, read_timeout)
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._max_wait = max_wait
        self._ca_file = ca_file
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "identity"}
        self._clock, self._now, self._sleep, self._jitter = clock, now, sleep, jitter
        self._patience = Patience(clock, read_timeout)
        self._owned = session is None
        self._session = session if session is not None else _own_session(self._patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, unless the session is the host's."""
        if self._owned:
            self._session.close()

    def request(
        self,
        method: str,
        url: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        returned: Collection[int] = (),
    ) -> Response:
        """
        Send one request to ``url``, relative to the base address, and return its answer.

        Statuses below 500 but 401 and 429, and 501 and 507, are answers; so are
        those named in ``returned``.

        Raises:
            AuthError: 401, or no token can be had any more.
            UnreachableError: no connection, or no answer to a request that changes nothing.
            RetryableError: 429, 503, another 5xx for a request that changes nothing.
            OutcomeUnknownError: a write was sent and its answer is lost, or is a 5xx.
            OtherHostError: the address, or a redirect, is on a host that is not allowed.
            ProtocolError: too large, redirected where it must not be, or not HTTP at all.
        """
        target = urldefrag(urljoin(self.base_url, url)).url
        if origin_of(target) not in self._allowed:
            raise OtherHostError(
                "the address is on another server",
                host=host_of(target),
                where=redacted(target),
                remedy="If that is right, configure the address of that server.",
            )
        call = _Call(
            method=method.upper(),
            url=target,
            headers={**self._headers, **(headers or {})},
            body=body,
            until=self._clock() + self._deadline,
        )
        return _judged(call, self._patiently(call, returned), returned, self._now())

    def send_json(
        self,
        method: str,
        url: str = "",
        value: object = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send ``value`` as JSON, or no body for ``None``; else like :meth:`request`."""
        body = None if value is None else encode_json(value)
        kind = {} if body is None else {"Content-Type": "application/json"}
        wanted = {"Accept": "application/json", **kind, **(headers or {})}
        return self.request(method, url, headers=wanted, body=body)

    def _patiently(self, call: _Call, returned: Collection[int]) -> Response:
        """Return the answer, having waited and asked again where that is harmless."""
        for attempt in range(1, _MAX_TRIES):
            answer = self._followed(call)
            if answer.status not in _BUSY or answer.status in returned or not call.safe:
                return answer
            asked = retry_after(answer.headers.get("Retry-After"), self._now())
            wait = asked if asked is not None else backoff(attempt)
            # The jitter only adds: a server that names a time is not asked sooner.
            wait += self._jitter() * min(wait / 4, 5.0)
            if wait > self._max_wait or self._clock() + wait >= call.until:
                return answer
            _log.info("%s %s: %d, again in %.1f s", call.method, call.where, answer.status, wait)
            self._sleep(wait)
        return self._followed(call)

    def _followed(self, call: _Call) -> Response:
        for _hop in range(_MAX_HOPS + 1):
            answer = self._reached(call)
            if answer.status not in _REDIRECTS or "Location" not in answer.headers:
                return answer
            call = attrs.evolve(call, url=self._next_hop(call, answer))
        raise ProtocolError(f"more than {_MAX_HOPS} redirects", where=call.where)

    def _next_hop(self, call: _Call, answer: Response) -> str:
        target = urldefrag(urljoin(call.url, answer.headers["Location"])).url
        if not call.safe:
            raise ProtocolError(
                f"{call.method} was redirected to {redacted(target)}; nothing was written",
                where=call.where,
                remedy="The collection has moved: configure its new address.",
            )
        origin = origin_of(target)
        if call.url.lower().startswith("https:") and origin[0] == "http":
            raise ProtocolError("redirected from https to http", where=call.where)
        if origin not in self._allowed:
            raise OtherHostError(
                f"redirected to another server, {redacted(target)}",
                host=host_of(target),
                where=call.where,
                remedy="If that is right, configure the address of that server.",
            )
        return target

    def _reached(self, call: _Call) -> Response:
        """Send, and once more if a kept connection turns out to be closed."""
        try:
            return self._sent(call)
        except requests.ConnectionError as error:
            if not (call.safe and was_dropped(error)):
                raise transport_failure(error, method=call.method, where=call.where) from None
        except requests.RequestException as error:
            raise transport_failure(error, method=call.method, where=call.where) from None
        try:
            return self._sent(call)
        except requests.RequestException as error:
            raise transport_failure(error, method=call.method, where=call.where) from None

    def _sent(self, call: _Call) -> Response:
        started = self._clock()
        self._patience.until = call.until
        answer = self._session.request(
            call.method,
            call.url,
            headers=dict(call.headers),
            data=call.body,
            auth=self._auth,
            timeout=self._timeouts,
            allow_redirects=False,
            stream=True,
            verify=self._ca_file,
            proxies=_NO_PROXY if is_loopback(call.url) else None,
        )
        body = self._body_of(call, answer)
        took = (self._clock() - started) * 1000
        _log.debug(
            "%s %s: %d, %d bytes, %.0f ms",
            call.method, call.where, answer.status_code, len(body), took,
        )  # fmt: skip
        return Response(
            status=answer.status_code,
            headers=CaseInsensitiveDict(answer.headers),
            body=body,
            url=call.url,
        )

    def _body_of(self, call: _Call, answer: requests.Response) -> bytes:
        status = answer.status_code
        if status < HTTPStatus.OK:
            # The real answer would be taken for that of the next request on this connection.
            answer.close()
            why = f"an interim answer came ({status})"
            raise broken_answer(why, method=call.method, where=call.where)
        if status in _REDIRECTS or status in _BUSY or status == HTTPStatus.UNAUTHORIZED:
            drain(answer)
            return b""
        try:
            return read_body(
                answer,
                max_bytes=self._max_bytes,
                expired=lambda: self._clock() >= call.until,
                where=call.where,
            )
        except TruncatedError as error:
            raise broken_answer(str(error), method=call.method, where=call.where) from None


def _bound(auth: AuthBase | None, base_url: str) -> PinnedAuth:
    if not isinstance(auth, PinnedAuth):
        return pinned(auth if auth is not None else NoAuth(), origins=[base_url])
    if origin_of(base_url) not in auth.origins:
        raise ConfigError(
            "the credentials belong to another server",
            where=redacted(base_url),
            remedy="Give this address among the origins of the credentials.",
        )
    return auth


def _own_session(patience: Patience) -> requests.Session:
    session = requests.Session()
    adapter = DeadlineAdapter(patience)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    # A cookie is bound to a host, not to an origin, and would outlive the credentials.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    return session


def _judged(call: _Call, answer: Response, returned: Collection[int], now: dt.datetime) -> Response:
    status = answer.status
    if status in returned:
        return answer
    if status == HTTPStatus.UNAUTHORIZED:
        raise AuthError(
            f"{call.method}: the server asks for other credentials ({_schemes(answer)})",
            where=call.where,
            remedy="Check user name and password, or the token.",
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status > 499 and status not in _MEANT):  # noqa: PLR2004 - 5xx
        raise _server_failure(call, answer, retry_after(answer.headers.get("Retry-After"), now))
    return answer


def _schemes(answer: Response) -> str:
    """Return the kinds of credentials that a refusal names (RFC 9110 §11.6.1), in lower case."""
    told = answer.headers.get("WWW-Authenticate", "")
    named = [kind for kind in _KINDS if re.search(rf"(?i)(?:^|,)\s*{kind}(?:\s|,|$)", told)]
    return f"401, {' or '.join(named)}" if named else "401"


def _server_failure(call: _Call, answer: Response, wait: float | None) -> ConnectorError:
    status = answer.status
    told = f"{call.method}: the server fails ({status})"
    throttled = status == HTTPStatus.TOO_MANY_REQUESTS or (
        status == HTTPStatus.SERVICE_UNAVAILABLE and wait is not None
    )
    if throttled:
        return RetryableError(
            f"{call.method}: the server asks for patience ({status})",
            retry_after=wait,
            where=call.where,
        )
    if not call.safe:
        return unknown_outcome(told, where=call.where)
    return RetryableError(told, retry_after=wait, where=call.where)

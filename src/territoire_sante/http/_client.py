# SPDX-License-Identifier: Apache-2.0
"""The one HTTP client: bounded in time and size, pinned to its origin, honest about writes."""

from __future__ import annotations

import datetime as dt
import logging
import random
import time
from collections.abc import Callable, Collection, Mapping
from http import HTTPStatus
from typing import Final, Self
from urllib.parse import urldefrag, urljoin

import requests
import urllib3
from requests.auth import AuthBase

from territoire_sante.errors import ConfigError, ConnectorError, OtherHostError, ProtocolError
from territoire_sante.http._addresses import AddressPolicy, Resolver, system_resolver
from territoire_sante.http._auth import NoAuth, PinnedAuth, pinned
from territoire_sante.http._body import TruncatedError, drain, read_body
from territoire_sante.http._budget import OriginBudget
from territoire_sante.http._call import MAX_HOPS, REDIRECTS, Call
from territoire_sante.http._deadline import Patience
from territoire_sante.http._exchange import ExchangeHook, is_told, path_shape, report
from territoire_sante.http._failures import broken_answer, transport_failure, was_dropped
from territoire_sante.http._fetched import Fetched, Validators, fetched
from territoire_sante.http._response import Response, encode_json
from territoire_sante.http._retry import backoff, wait_asked
from territoire_sante.http._sessions import Sessions, Unfollowed, exchanges_of
from territoire_sante.http._urls import Origin, checked, host_of, origin_of, redacted
from territoire_sante.http._verdict import BUSY, judged

_log = logging.getLogger("territoire_sante.http")

_MAX_TRIES: Final = 4


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class HttpClient:
    """
    Sends requests to one origin, the one of ``base_url``; may be used by several threads.

    - Credentials are given as ``auth`` only, and leave for their own origins only, by
      default that one; netrc files are never read. ``allowed_origins`` may be redirected
      to or asked, without credentials.
    - Redirects are followed for methods that change nothing, with method and body
      kept, five times at most, never from https to http; a redirected write is an error.
    - Only :meth:`fetch` goes to servers that nobody named here, and ``addresses`` says which
      of them it may ask: by default none in private networks.
    - ``connect_timeout`` and ``read_timeout`` bound each step, ``deadline`` a whole
      request with its redirects and waits, all in seconds. With a ``session`` of the
      host's own the deadline is checked between reads only.
    - Bodies are read up to ``max_bytes`` decoded bytes.
    - 429 and 503 are waited for if the method is safe and the wait, Retry-After (or one of
      ``wait_headers``) or up to 1, 2, 4 s, is at most ``max_wait`` seconds and ends before
      the deadline. ``budget`` bounds retries, waits and requests in flight for each origin;
      give the same one to all clients of a run.
    - ``ca_file`` names the certificates to trust instead of the system's.
    - ``on_exchange`` is called after each request, by the thread that sent it.

    A ``session`` given is used for the servers that get credentials, and is not closed.
    ``resolve``, ``clock`` (monotonic seconds), ``now`` (aware), ``sleep`` and ``jitter``
    (0 to 1) are there to be replaced in tests.
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
        addresses: AddressPolicy | None = None,
        budget: OriginBudget | None = None,
        wait_headers: Collection[str] = (),
        on_exchange: ExchangeHook | None = None,
        resolve: Resolver = system_resolver,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], dt.datetime] = _utc_now,
        sleep: Callable[[float], object] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.base_url = checked(base_url)
        self._auth = _bound(auth, base_url)
        self._allowed: frozenset[Origin] = self._auth.origins.union(map(origin_of, allowed_origins))
        self._connect_timeout, self._read_timeout = connect_timeout, read_timeout
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._max_wait = max_wait
        self._ca_file = ca_file
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "identity"}
        self._budget = budget if budget is not None else OriginBudget()
        self._wait_headers = tuple(wait_headers)
        self._on_exchange = on_exchange
        self._clock, self._now, self._sleep, self._jitter = clock, now, sleep, jitter
        self._patience = Patience(clock, read_timeout)
        self._sessions = Sessions(
            self._patience,
            policy=addresses if addresses is not None else AddressPolicy(),
            named=self._allowed,
            resolve=resolve,
            given=session,
            given_for=self._auth.origins,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, unless the session is the host's."""
        self._sessions.close()

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
        call = Call(
            method=method.upper(),
            url=self._target(url),
            headers={**self._headers, **(headers or {})},
            body=body,
            until=self._clock() + self._deadline,
            origins=self._allowed,
        )
        if call.origin not in self._allowed:
            raise OtherHostError(
                "the address is on another server",
                host=host_of(call.url),
                where=call.where,
                remedy="If that is right, configure the address of that server.",
            )
        return self._answer(call, returned)

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

    def fetch(
        self,
        url: str = "",
        *,
        known: Validators | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """
        Read ``url``, unless it is still what ``known`` remembers, wherever it is by now.

        Redirects may lead to any server that the address policy lets through; only the
        origins of the credentials get them. Errors are those of :meth:`request`.

        Raises:
            ProtocolError: also for a server that must not be asked, and for "not modified"
                when nothing was known.
        """
        call = Call(
            method="GET",
            url=self._target(url),
            headers={**self._headers, **(headers or {})},
            body=None,
            until=self._clock() + self._deadline,
            origins=None,
            known=known,
        )
        return fetched(self._answer(call, ()), known)

    def _target(self, url: str) -> str:
        try:
            return urldefrag(urljoin(self.base_url, url)).url
        except ValueError:
            raise ConfigError("not an address", where=redacted(url)) from None

    def _answer(self, call: Call, returned: Collection[int]) -> Response:
        answer = self._patiently(call, returned)
        return judged(call, answer, returned, self._asked(answer))

    def _asked(self, answer: Response) -> float | None:
        return wait_asked(answer.headers, self._wait_headers, self._now())

    def _patiently(self, call: Call, returned: Collection[int]) -> Response:
        """Return the answer, having waited and asked again where that is harmless."""
        for attempt in range(1, _MAX_TRIES):
            answer = self._followed(call)
            if answer.status not in BUSY or answer.status in returned or not call.safe:
                return answer
            wait = self._wait(answer, attempt)
            late = wait > self._max_wait or self._clock() + wait >= call.until
            if late or not self._budget.take_retry(origin_of(answer.url), wait=wait):
                return answer
            shape = path_shape(call.url)
            _log.info("%s %s: %d, again in %.1f s", call.method, shape, answer.status, wait)
            self._sleep(wait)
        return self._followed(call)

    def _wait(self, answer: Response, attempt: int) -> float:
        asked = self._asked(answer)
        if asked is None:
            return backoff(attempt, self._jitter())
        # The jitter only adds: a server that names a time is not asked sooner.
        return asked + self._jitter() * min(asked / 4, 5.0)

    def _followed(self, call: Call) -> Response:
        for _hop in range(MAX_HOPS + 1):
            answer = self._reached(call)
            if answer.status not in REDIRECTS or "Location" not in answer.headers:
                return answer
            call = call.redirected(answer)
        raise ProtocolError(f"more than {MAX_HOPS} redirects", where=call.where)

    def _reached(self, call: Call) -> Response:
        """Send, and once more if a kept connection turns out to be closed."""
        try:
            return self._sent(call)
        except requests.ConnectionError as error:
            again = call.safe and was_dropped(error) and self._budget.take_retry(call.origin)
            if not again:
                raise self._failure(call, error) from None
        except _FAILURES as error:
            raise self._failure(call, error) from None
        try:
            return self._sent(call)
        except _FAILURES as error:
            raise self._failure(call, error) from None

    def _failure(self, call: Call, error: Exception) -> ConnectorError:
        traffic = self._patience.traffic
        unsent = bool(traffic) and not any(each.sent for each in traffic)
        return transport_failure(error, method=call.method, where=call.where, unsent=unsent)

    def _sent(self, call: Call) -> Response:
        left = call.until - self._clock()
        with self._budget.slot(call.origin, seconds=left):
            return self._exchanged(call)

    def _exchanged(self, call: Call) -> Response:
        sent = call.headers_now()
        self._patience.begin(call.until)
        started = self._clock()
        answer, size, redirect = None, 0, Unfollowed()
        try:
            answer = self._sessions.send(
                call,
                sent,
                auth=self._auth,
                hook=redirect,
                timeout=(self._connecting(call), self._read_timeout),
                verify=self._ca_file,
            )
            body = self._body_of(call, answer)
            size = len(body)
        except BaseException:
            self._patience.abandon()
            raise
        finally:
            seconds = self._clock() - started
            if is_told(self._on_exchange):
                for exchange in exchanges_of(call, answer, size, self._patience.traffic, seconds):
                    report(exchange, self._on_exchange)
        headers = answer.headers
        if redirect.location is not None:
            headers["Location"] = redirect.location
        return Response(status=answer.status_code, headers=headers, body=body, url=call.url)

    def _connecting(self, call: Call) -> float:
        """Return the seconds that connecting may take; urllib3 wants some."""
        return max(min(self._connect_timeout, call.until - self._clock()), 0.001)

    def _body_of(self, call: Call, answer: requests.Response) -> bytes:
        status = answer.status_code
        if status < HTTPStatus.OK:
            # The real answer would be taken for that of the next request on this connection.
            answer.close()
            why = f"an interim answer came ({status})"
            raise broken_answer(why, method=call.method, where=call.where)
        if status in REDIRECTS:
            return b""
        if status in BUSY or status == HTTPStatus.UNAUTHORIZED:
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


# ValueError: http.client refuses a header or an address only when it writes it.
_FAILURES: Final = (requests.RequestException, urllib3.exceptions.HTTPError, ValueError)


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

# SPDX-License-Identifier: Apache-2.0
"""Which session serves which server, and what there is to tell of what it did."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.cookiejar import DefaultCookiePolicy
from typing import Final

import requests
from requests.auth import AuthBase
from requests.utils import get_environ_proxies

from territoire_sante.errors import ConfigError
from territoire_sante.http._addresses import AddressPolicy, Guard, Resolver
from territoire_sante.http._auth import forget_body
from territoire_sante.http._call import REDIRECTS, Call
from territoire_sante.http._connection import DeadlineAdapter
from territoire_sante.http._deadline import Patience, Traffic
from territoire_sante.http._exchange import Exchange
from territoire_sante.http._urls import Origin, is_loopback, redacted

# A proxy is another machine: what it calls loopback is not ours.
_NO_PROXY: Final[dict[str, str]] = {"no_proxy": "*"}


class Sessions:
    """
    The client's own session and, where one was given, the host's.

    The host's is for the servers that get credentials: its headers, cookies and
    certificates are nobody else's business, and its connections cannot be guarded.
    """

    def __init__(
        self,
        patience: Patience,
        *,
        policy: AddressPolicy,
        named: frozenset[Origin],
        resolve: Resolver,
        given: requests.Session | None,
        given_for: frozenset[Origin],
    ) -> None:
        if given is not None and policy.configured_too:
            raise ConfigError(
                "with a session of your own, the addresses it connects to cannot be checked",
                remedy="Leave out the session, or configured_too.",
            )
        guard = Guard(policy=policy, trusted=_trusted(named), resolve=resolve)
        self._own = _session(DeadlineAdapter(patience, guard), given)
        self._headers = dict(self._own.headers)
        self._use_environment = given is None or given.trust_env
        self._proxies: dict[Origin, dict[str, str]] = {}
        self._given = given
        self._given_for = given_for

    def send(
        self,
        call: Call,
        headers: Mapping[str, str],
        *,
        auth: AuthBase,
        hook: Callable[..., requests.Response],
        timeout: tuple[float, float],
        verify: str | None,
    ) -> requests.Response:
        """Send ``call`` by the session for its server; redirects are not followed."""
        origin, hooks = call.origin, {"response": hook}
        if self._given is not None and origin in self._given_for:
            return self._given.request(
                call.method,
                call.url,
                headers=headers,
                data=call.body,
                auth=auth,
                hooks=hooks,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
                verify=verify,
                proxies=_NO_PROXY if is_loopback(call.url) else None,
            )
        # There is nothing to merge with but headers, and no parameter to encode: request() and an
        # empty dictionary of them take a third longer.
        prepared = requests.Request(
            call.method,
            call.url,
            headers={**self._headers, **headers},
            params="",
            data=call.body,
            auth=auth,
            hooks=hooks,
        ).prepare()
        return self._own.send(
            prepared,
            timeout=timeout,
            allow_redirects=False,
            stream=True,
            verify=self._own.verify if verify is None else verify,
            proxies=self._proxies_to(origin, call.url),
        )

    def _proxies_to(self, origin: Origin, url: str) -> dict[str, str]:
        found = self._proxies.get(origin)
        if found is None:
            found = self._proxies[origin] = {**self._own.proxies, **self._proxies_for(url)}
        return found

    def _proxies_for(self, url: str) -> dict[str, str]:
        # Reading the environment takes as long as the rest of a request: once is enough.
        if is_loopback(url) or not self._use_environment:
            return {}
        return get_environ_proxies(url)

    def close(self) -> None:
        """Close the connections of the client's own."""
        self._own.close()


def _trusted(named: frozenset[Origin]) -> frozenset[tuple[str, int]]:
    # A server that was named may redirect to its own https; not to its other ports.
    return frozenset((host, each) for _, host, port in named for each in (port, 80, 443))


def _session(adapter: DeadlineAdapter, like: requests.Session | None) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    if like is None or like.trust_env:
        named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        session.verify = named or True
    if like is not None:
        session.proxies = dict(like.proxies)
        session.verify = like.verify if like.verify is not True else session.verify
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    # A cookie is bound to a host, not to an origin, and would outlive the credentials.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    return session


class Unfollowed:
    """
    Keeps ``requests`` from preparing the next hop by itself, which it does even when told not to.

    It would read the body of a redirect whole, however large, and fail on an odd address.
    Given as a hook for one request; ``location`` is where the answer points.
    """

    def __init__(self) -> None:
        self.location: str | None = None

    def __call__(self, answer: requests.Response, **_: object) -> requests.Response:
        """Take the address out of a redirect, and leave its body."""
        if answer.status_code in REDIRECTS:
            self.location = answer.headers.pop("Location", None)
            forget_body(answer)
        return answer


def exchanges_of(
    call: Call,
    answer: requests.Response | None,
    size: int,
    traffic: Sequence[Traffic],
    seconds: float,
) -> Iterator[Exchange]:
    """
    Yield what there is to tell: one exchange, and one more for each challenge answered.

    ``traffic`` is empty for a session of the host's; then only ``size``, the body, is known.
    """
    earlier = list(answer.history) if answer is not None else []
    counts = list(traffic) or [Traffic(sent=len(call.body or b""), received=size)]
    statuses: list[int | None] = [each.status_code for each in earlier]
    statuses.append(None if answer is None else answer.status_code)
    spent = [each.elapsed.total_seconds() for each in earlier]
    spent.append(seconds - sum(spent))
    counts += [Traffic()] * (len(statuses) - len(counts))
    for status, count, took in zip(statuses, counts, spent, strict=False):
        yield Exchange(
            method=call.method,
            url=redacted(call.url),
            status=status,
            sent=count.sent,
            received=count.received,
            seconds=took,
        )

# SPDX-License-Identifier: Apache-2.0
"""Which session serves which server, and what there is to tell of what it did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http.cookiejar import DefaultCookiePolicy

import requests

from territoire_sante.errors import ConfigError
from territoire_sante.http._addresses import AddressPolicy, Guard, Resolver
from territoire_sante.http._auth import forget_body
from territoire_sante.http._call import REDIRECTS, Call
from territoire_sante.http._connection import DeadlineAdapter
from territoire_sante.http._deadline import Patience, Traffic
from territoire_sante.http._exchange import Exchange
from territoire_sante.http._urls import Origin, redacted


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
        self._own = _session(DeadlineAdapter(patience, guard))
        self._given = given
        self._given_for = given_for
        if given is not None:
            self._own.trust_env = given.trust_env
            self._own.proxies = dict(given.proxies)
            self._own.verify = given.verify

    def for_origin(self, origin: Origin) -> requests.Session:
        """Return the session to ask ``origin`` with."""
        if self._given is not None and origin in self._given_for:
            return self._given
        return self._own

    def close(self) -> None:
        """Close the connections of the client's own."""
        self._own.close()


def _trusted(named: frozenset[Origin]) -> frozenset[tuple[str, int]]:
    # A server that was named may redirect to its own https; not to its other ports.
    return frozenset((host, each) for _, host, port in named for each in (port, 80, 443))


def _session(adapter: DeadlineAdapter) -> requests.Session:
    session = requests.Session()
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

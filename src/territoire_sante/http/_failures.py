# SPDX-License-Identifier: Apache-2.0
"""What a failure of the network means for the caller, and in which words it is told."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Final

import requests
import urllib3.exceptions as low

from territoire_sante.errors import (
    ConnectorError,
    OutcomeUnknownError,
    ProtocolError,
    RetryableError,
    UnreachableError,
)

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"})
"""Methods that change nothing (RFC 9110 §9.2.1, RFC 4918 §9.1, RFC 3253 §3.6)."""

_UNSENDABLE: Final = (
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
)


def transport_failure(error: Exception, *, method: str, where: str, unsent: bool) -> ConnectorError:
    """
    Return what to raise for ``error``: the class tells whether a write may have happened.

    ``unsent`` means that not one byte has left, as far as that can be known.

    The text never quotes ``error``, whose own text holds addresses with their query.
    """
    # http.client refuses some headers by a mere ValueError, when it comes to writing them.
    if isinstance(error, _UNSENDABLE) or (unsent and isinstance(error, ValueError)):
        return ProtocolError(f"{method} cannot be sent: bad address or header", where=where)
    chain = tuple(_chain(error))
    if why := _why_unsent(chain):
        return UnreachableError(f"{method} could not be sent: {why[0]}", where=where, remedy=why[1])
    late = any(isinstance(link, TimeoutError | low.TimeoutError) for link in chain)
    if unsent:
        what = "no connection in the time allowed" if late else "the connection broke before"
        return UnreachableError(f"{method} could not be sent: {what}", where=where)
    what = "no answer in the time allowed" if late else "the connection broke before the answer"
    if method not in SAFE:
        return unknown_outcome(f"{method} was sent, but {what}", where=where)
    return UnreachableError(f"{method}: {what}", where=where)


def broken_answer(why: str, *, method: str, where: str) -> ConnectorError:
    """Return what to raise for an answer whose body did not arrive whole."""
    if method not in SAFE:
        return unknown_outcome(f"the answer to {method} is not whole: {why}", where=where)
    return RetryableError(f"the answer to {method} is not whole: {why}", where=where)


def unknown_outcome(what: str, *, where: str) -> OutcomeUnknownError:
    """Return the error that says: it may have been written, look."""
    return OutcomeUnknownError(what, where=where, remedy="Read the item to see what is there.")


def was_dropped(error: Exception) -> bool:
    """Return whether the other side hung up, as it does on a connection kept too long."""
    return isinstance(error, requests.ConnectionError) and any(
        isinstance(link, ConnectionResetError | BrokenPipeError) for link in _chain(error)
    )


def _why_unsent(chain: tuple[BaseException, ...]) -> tuple[str, str] | None:
    for link in chain:
        if isinstance(link, ssl.SSLCertVerificationError):
            return (
                f"the server's certificate is not trusted ({link.verify_message})",
                "Give the file of the authority that signed it, or have it renewed.",
            )
    for link in chain:
        if isinstance(link, low.NameResolutionError):
            return "the host's name is not known", "Check the address and the network."
        if isinstance(link, low.NewConnectionError):
            return "no connection is accepted there", "Check host and port; is the server running?"
        if isinstance(link, low.ConnectTimeoutError):
            return "no connection in the time allowed", "Check host, port and firewall."
        if isinstance(link, low.ProxyError):
            return "the proxy does not answer", "Check the proxy settings of this machine."
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield ``error`` and everything that it wraps: the libraries below use four ways to do so."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop(0)
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [getattr(link, "reason", None), link.__cause__, link.__context__, *link.args]

# SPDX-License-Identifier: Apache-2.0
"""Which statuses are answers, and which errors the others are."""

from __future__ import annotations

import re
from collections.abc import Collection
from http import HTTPStatus
from typing import Final

from territoire_sante.errors import AuthError, ConnectorError, RetryableError
from territoire_sante.http._call import Call
from territoire_sante.http._failures import unknown_outcome
from territoire_sante.http._response import Response

BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_MEANT: Final = frozenset({HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.INSUFFICIENT_STORAGE})
"""Statuses above 499 that say what is the matter with the request itself."""

_KINDS: Final = ("basic", "digest", "bearer", "negotiate", "ntlm")


def judged(call: Call, answer: Response, returned: Collection[int], wait: float | None) -> Response:
    """
    Return ``answer`` if its status is one, or one of ``returned``.

    ``wait`` is the seconds that it asks for.

    Raises:
        AuthError: 401.
        RetryableError: 429, 503, another 5xx for a request that changes nothing.
        OutcomeUnknownError: another 5xx for a write.
    """
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
        raise _server_failure(call, status, wait)
    return answer


def _schemes(answer: Response) -> str:
    """Return the kinds of credentials that a refusal names (RFC 9110 §11.6.1), in lower case."""
    told = answer.headers.get("WWW-Authenticate", "")
    named = [kind for kind in _KINDS if re.search(rf"(?i)(?:^|,)\s*{kind}(?:\s|,|$)", told)]
    return f"401, {' or '.join(named)}" if named else "401"


def _server_failure(call: Call, status: int, wait: float | None) -> ConnectorError:
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

# SPDX-License-Identifier: Apache-2.0
"""What is told of each request, to logs and to whoever counts: never a body, query or secret."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import attrs

_log = logging.getLogger("territoire_sante.http")
# Ids, tokens and names of items hold digits, are long, or both.
_WORD: Final = re.compile(r"[A-Za-z_-]{1,12}\Z")
_EXTENSION: Final = re.compile(r"\.[A-Za-z]{2,5}\Z")


@attrs.frozen(kw_only=True)
class Exchange:
    """
    One request that was sent, and its answer.

    Attributes:
        method: in capitals.
        url: without user information, query and fragment.
        status: of the answer; ``None`` if none came.
        sent: bytes of the request, with its headers; of the body only where the session
            is the host's.
        received: bytes of the answer as they came over the wire, likewise.
        seconds: from the first byte sent, or the connecting, to the last one read.
    """

    method: str
    url: str
    status: int | None
    sent: int
    received: int
    seconds: float


#: Called with each exchange once it is over.
ExchangeHook = Callable[[Exchange], object]


def path_shape(url: str) -> str:
    """
    Return the path of ``url`` with a star for everything that may name a person or be a secret.

    >>> path_shape("https://a.example/dav/calendars/msp48/8d1f6c3e.ics?key=1")
    '/dav/calendars/*/*.ics'
    """
    return "/".join(map(_segment, urlsplit(url).path.split("/")))


def _segment(text: str) -> str:
    extension = _EXTENSION.search(text)
    stem, end = (text[: extension.start()], extension[0]) if extension else (text, "")
    return text if not stem or _WORD.match(stem) else f"*{end}"


def is_told(hook: ExchangeHook | None) -> bool:
    """Say whether anybody is told of exchanges."""
    return hook is not None or _log.isEnabledFor(logging.DEBUG)


def report(exchange: Exchange, hook: ExchangeHook | None) -> None:
    """Log one exchange and hand it to ``hook``, whose failure is logged and harms nobody."""
    if _log.isEnabledFor(logging.DEBUG):
        _logged(exchange)
    if hook is None:
        return
    try:
        hook(exchange)
    except Exception as error:  # noqa: BLE001 - after a write, its outcome matters more than a hook
        _log.warning("on_exchange raised %s", type(error).__name__)


def _logged(exchange: Exchange) -> None:
    parts = urlsplit(exchange.url)
    origin, path = f"{parts.scheme}://{parts.netloc}", path_shape(exchange.url)
    told = attrs.asdict(exchange)
    del told["url"]
    _log.debug(
        "%s %s%s: %s, %d bytes sent, %d received, %.0f ms",
        exchange.method, origin, path, exchange.status or "no answer",
        exchange.sent, exchange.received, exchange.seconds * 1000,
        extra={**told, "origin": origin, "path": path},
    )  # fmt: skip

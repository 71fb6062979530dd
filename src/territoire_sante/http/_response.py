# SPDX-License-Identifier: Apache-2.0
"""An answer, read whole, and the JSON going out and coming in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs

from territoire_sante.errors import ProtocolError
from territoire_sante.http._urls import redacted


@attrs.frozen(kw_only=True)
class Response:
    """
    A whole answer: decoded ``body``, case-insensitive ``headers``.

    ``url`` is the address that answered in the end, after redirects; relative
    references in the body are to be resolved against it.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    url: str = attrs.field(repr=redacted)

    @property
    def ok(self) -> bool:
        """Whether the status is one of success, 200 to 299."""
        return 200 <= self.status <= 299  # noqa: PLR2004 - RFC 9110 §15.3

    @property
    def media_type(self) -> str:
        """The media type in lower case without its parameters; empty if not told."""
        return media_type(self.headers.get("Content-Type", ""))

    @property
    def looks_like_html(self) -> bool:
        """
        Whether this is a web page: a login form or an error page where data was expected.

        >>> page = Response(status=200, headers={}, body=b" <!doctype HTML>...", url="http://a/")
        >>> page.looks_like_html
        True
        """
        return is_html(self.media_type, self.body)

    def json(self) -> Any:
        """
        Return the body, read as JSON.

        Raises:
            ProtocolError: it is a web page, or no JSON.
        """
        if self.looks_like_html:
            raise ProtocolError(
                "a web page came where JSON was expected",
                where=redacted(self.url),
                remedy="Check the address: this is often a login page or a captive portal.",
            )
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise ProtocolError(
                f"the answer is not JSON: {_where_broken(error)}", where=redacted(self.url)
            ) from None


def media_type(content_type: str) -> str:
    """Return the media type of a Content-Type header, in lower case, without parameters."""
    return content_type.partition(";")[0].strip().lower()


def is_html(kind: str, body: bytes) -> bool:
    """Return whether a body of the media type ``kind`` is a web page, by name or by look."""
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return kind == "text/html" or start.startswith((b"<!doctype html", b"<html"))


def encode_json(value: object) -> bytes:
    """Return ``value`` as JSON in UTF-8, for a request's body."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _where_broken(error: Exception) -> str:
    # The error's own text would quote the document; its position does not.
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno} column {error.colno}"
    return "it is too deep" if isinstance(error, RecursionError) else "not Unicode text"

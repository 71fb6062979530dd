# SPDX-License-Identifier: Apache-2.0
"""Conditional reading (RFC 9110 §13.1): what is remembered of an answer, and what comes back."""

from __future__ import annotations

import attrs

from territoire_sante.errors import ProtocolError
from territoire_sante.http._response import Response, is_html, media_type
from territoire_sante.http._urls import redacted

_NOT_MODIFIED = 304


@attrs.frozen
class Validators:
    """
    What to remember of an answer, to be told next time whether it still holds.

    Both header values are opaque text. ``url`` is the address that gave them; they are
    sent to no other one. Without it they are sent wherever the request is redirected.
    """

    etag: str | None = None
    last_modified: str | None = None
    url: str = attrs.field(default="", repr=redacted)

    def __bool__(self) -> bool:
        return bool(self.etag or self.last_modified)

    def conditions(self, url: str) -> dict[str, str]:
        """
        Return the headers that make a request to ``url`` conditional.

        >>> Validators('"1"').conditions("http://example.org/")
        {'If-None-Match': '"1"'}
        """
        if self.url and self.url != url:
            return {}
        told = (("If-None-Match", self.etag), ("If-Modified-Since", self.last_modified))
        return {name: value for name, value in told if value}


@attrs.frozen(kw_only=True)
class Fetched:
    """
    What came of reading one address.

    Attributes:
        status: of the last answer; 401, 429 and most above 499 are errors instead.
        not_modified: what was remembered still holds; ``body`` is empty.
        body: decoded.
        validators: to be remembered for the next time.
        url: the address that answered in the end.
        content_type: the header as it came; empty if there is none.
    """

    status: int
    not_modified: bool
    body: bytes = attrs.field(repr=False)
    validators: Validators
    url: str = attrs.field(repr=redacted)
    content_type: str

    @property
    def ok(self) -> bool:
        """Whether there is a body to read, or the one remembered still holds."""
        return self.status == 200 or self.not_modified  # noqa: PLR2004 - RFC 9110 §15.3.1

    @property
    def media_type(self) -> str:
        """The media type in lower case without its parameters; empty if not told."""
        return media_type(self.content_type)

    @property
    def looks_like_html(self) -> bool:
        """Whether a web page came, such as a login form where a feed was expected."""
        return is_html(self.media_type, self.body)


def fetched(answer: Response, known: Validators | None) -> Fetched:
    """
    Return what ``answer`` means to a caller that remembers ``known``.

    Raises:
        ProtocolError: "not modified", although nothing was remembered of that address.
    """
    sent = known.conditions(answer.url) if known else {}
    not_modified = answer.status == _NOT_MODIFIED
    if not_modified and not sent:
        raise ProtocolError(
            "the server says that nothing changed, but was not asked so",
            where=redacted(answer.url),
        )
    kept = known if not_modified else None
    return Fetched(
        status=answer.status,
        not_modified=not_modified,
        body=b"" if not_modified else answer.body,
        validators=Validators(
            etag=answer.headers.get("ETag") or (kept.etag if kept else None),
            last_modified=answer.headers.get("Last-Modified")
            or (kept.last_modified if kept else None),
            url=answer.url,
        ),
        url=answer.url,
        content_type=answer.headers.get("Content-Type", "").strip(),
    )

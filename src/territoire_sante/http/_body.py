# SPDX-License-Identifier: Apache-2.0
"""Reading an answer's body: in pieces, decoded under a cap, up to a moment."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Final

import requests
import urllib3

from territoire_sante.errors import ProtocolError

_PIECE: Final = 64 * 1024
_DRAIN: Final = 64 * 1024
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS


class TruncatedError(Exception):
    """The body is cut, damaged or too slow; the caller knows what that means."""


class _TooLargeError(Exception):
    """More bytes come than are wanted."""


def drain(answer: requests.Response) -> None:
    """Read away a body nobody wants, so that the connection can be kept; drop it if it is long."""
    left = _DRAIN
    try:
        while left > 0:
            piece = answer.raw.read(_PIECE, decode_content=False)
            if not piece:
                return
            left -= len(piece)
    except (OSError, urllib3.exceptions.HTTPError):
        pass
    answer.close()


def read_body(
    answer: requests.Response, *, max_bytes: int, expired: Callable[[], bool], where: str
) -> bytes:
    """
    Return the decoded body of ``answer``.

    Raises:
        ProtocolError: more than ``max_bytes`` decoded bytes, or an encoding nobody asked for.
        TruncatedError: the body is not whole.
    """
    body = bytearray()
    pieces = _capped(_pieces(answer, expired), max_bytes + max_bytes // 1000 + 1024)
    try:
        for piece in _capped(_decoded(pieces, _encoding(answer, where)), max_bytes):
            body += piece
    except _TooLargeError:
        answer.close()
        raise ProtocolError(
            f"the answer is larger than {max_bytes} bytes",
            where=where,
            remedy="Raise the limit if the server is trusted.",
        ) from None
    return bytes(body)


def _capped(pieces: Iterator[bytes], max_bytes: int) -> Iterator[bytes]:
    # The compressed bytes are capped, too: some that decode to nothing would come for ever.
    for piece in pieces:
        max_bytes -= len(piece)
        if max_bytes < 0:
            raise _TooLargeError
        yield piece


def _encoding(answer: requests.Response, where: str) -> str:
    encoding = str(answer.headers.get("Content-Encoding", "")).strip().lower()
    if encoding in {"", "identity"}:
        return ""
    if encoding in {"gzip", "x-gzip", "deflate"}:
        return encoding
    answer.close()
    raise ProtocolError(
        f"the answer is encoded as {encoding[:40]!r} although none was asked for", where=where
    )


def _pieces(answer: requests.Response, expired: Callable[[], bool]) -> Iterator[bytes]:
    while True:
        try:
            piece = answer.raw.read(_PIECE, decode_content=False)
        except (OSError, urllib3.exceptions.HTTPError) as error:
            answer.close()
            late = isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError)
            raise TruncatedError("it takes too long" if late else "it breaks off") from error
        if not piece:
            return
        if expired():
            answer.close()
            raise TruncatedError("it takes too long")
        yield piece


def _decoded(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    if not encoding:
        yield from pieces
        return
    inflater, begun = zlib.decompressobj(_GZIP_OR_ZLIB), False
    for piece in pieces:
        left, begun = piece, True
        while left:
            if inflater.eof:
                # A gzip body may consist of several members (RFC 1952 §2.2).
                inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
            yield _inflate(inflater, left)
            left = inflater.unused_data or inflater.unconsumed_tail
    # 304 names the encoding of a body that it does not have.
    if begun and not inflater.eof:
        raise TruncatedError("the compressed body is not whole")


def _inflate(inflater: zlib._Decompress, data: bytes) -> bytes:
    """Return the next decoded bytes, never more than a piece: what is left tells of more."""
    try:
        return inflater.decompress(data, _PIECE)
    except zlib.error as error:
        raise TruncatedError("the compressed body is damaged") from error

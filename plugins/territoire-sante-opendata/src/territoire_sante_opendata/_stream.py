# SPDX-License-Identifier: Apache-2.0
"""Where the bytes of a register come from: a file, a stream, an address; gzip is undone."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from territoire_sante.errors import FormatError, InputError, LimitExceededError, ProtocolError

if TYPE_CHECKING:
    from territoire_sante.http import HttpClient

#: A file, or a binary stream that is open and stays so.
Source = str | os.PathLike[str] | BinaryIO

#: How many bytes of a register are read at most, once unpacked.
MAX_BYTES: Final = 8 * 1024**3

_GZIP: Final = b"\x1f\x8b"


class _Bounded(io.RawIOBase):
    """Bytes of a stream up to a limit, with its failures in our words."""

    def __init__(self, inner: BinaryIO, limit: int) -> None:
        super().__init__()
        self._inner, self._left = inner, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        try:
            chunk = self._inner.read(len(view))
        except (gzip.BadGzipFile, zlib.error, EOFError) as error:
            raise FormatError("the packed file is damaged", remedy="Download it again") from error
        self._left -= len(chunk)
        if self._left < 0:
            raise LimitExceededError("the register is larger than the limit for its bytes")
        view[: len(chunk)] = chunk
        return len(chunk)


@contextmanager
def opened(source: Source, *, max_bytes: int = MAX_BYTES) -> Iterator[io.BufferedReader]:
    """
    Give the unpacked bytes of a source; only a file opened here is closed.

    Raises:
        InputError: the file cannot be opened.
        LimitExceededError: there are more than ``max_bytes``; raised while reading.
    """
    if not isinstance(source, str | os.PathLike):
        yield _unpacked(source, max_bytes)
        return
    try:
        file = Path(source).open("rb")  # noqa: SIM115 - closed below; only opening may fail so
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(source)) from error
    with file:
        yield _unpacked(file, max_bytes)


def _unpacked(stream: BinaryIO, limit: int) -> io.BufferedReader:
    bounded: io.BufferedReader = io.BufferedReader(_Bounded(stream, limit))
    if bounded.peek(2)[:2] != _GZIP:
        return bounded
    packed = cast("BinaryIO", gzip.GzipFile(fileobj=bounded))
    return io.BufferedReader(_Bounded(packed, limit))


@contextmanager
def open_url(
    url: str, *, client: HttpClient | None = None, max_bytes: int = 512 * 1024**2
) -> Iterator[BinaryIO]:
    """
    Give the bytes at an address as a stream for the readers.

    The answer is read whole, up to ``max_bytes``, before the first byte is given; larger
    registers are to be downloaded to a file first. A ``client`` given brings its own limits.

    Raises:
        ProtocolError: no success, a web page where data was expected, or too many bytes.
        ConnectorError: the server cannot be reached.
    """
    # Reading files must not load the network stack.
    from territoire_sante.http import HttpClient  # noqa: PLC0415 - see above

    own = None if client is not None else HttpClient(url, max_bytes=max_bytes)
    try:
        asked = client if client is not None else own
        assert asked is not None  # noqa: S101 - one of the two is there
        answer = asked.fetch(url)
    finally:
        if own is not None:
            own.close()
    if not answer.ok or answer.looks_like_html:
        what = "a web page came" if answer.ok else f"the server answered {answer.status}"
        raise ProtocolError(
            f"{what} where a register was expected", where=url, remedy="Check the address"
        )
    yield io.BytesIO(answer.body)

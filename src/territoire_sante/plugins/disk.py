# SPDX-License-Identifier: Apache-2.0
"""
Files as connectors write them: whole or not there, never over what nobody saw.

A write is on the disk before it returns. Between the last look and the step lie microseconds in
which a program without the lock can still write; no file system has a means against that.
"""

from __future__ import annotations

import errno
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from territoire_sante import _atomic
from territoire_sante._atomic import OWNER, TEMPORARY, prefix_of
from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConflictError,
    ConnectorError,
    ItemNotFoundError,
    ItemRefusedError,
    RetryableError,
)

__all__ = [
    "OWNER",
    "TEMPORARY",
    "create",
    "delete",
    "prefix_of",
    "put",
    "replace",
    "speaking",
    "sweep",
    "tag",
    "translated",
]

_NO_RIGHT: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_BAD_NAME: Final = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ})


def tag(data: bytes) -> str:
    """
    Return the version tag of a file or item: a hash of its bytes, in quotes like any ETag.

    >>> tag(b"")
    '"e3b0c44298fc1c149afbf4c8996fb924"'
    """
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


@contextmanager
def speaking(path: Path, *, collection: Path) -> Iterator[None]:
    """Turn errors of the operating system at ``path`` into ours, as :func:`translated` does."""
    try:
        yield
    except OSError as error:
        raise translated(error, path, collection=collection) from error


def translated(error: OSError, path: Path, *, collection: Path) -> ConnectorError:
    """
    Return what an error of the operating system at ``path`` means for a sync.

    ``collection`` is the folder whose files are items, or the file that holds them all.
    """
    cause = error.strerror or type(error).__name__
    if error.errno in _NO_RIGHT:
        return AuthError(cause, where=str(path), remedy="Give this user the right to it")
    if error.errno in _BAD_NAME:
        return ItemRefusedError(cause, href=path.name, where=str(path))
    if not collection.exists() or error.errno == errno.ENOTDIR:
        return CollectionGoneError("the file or folder is gone", where=str(collection))
    if error.errno == errno.ENOENT:
        return ItemNotFoundError("no such file", href=path.name, where=str(path))
    return RetryableError(cause, where=str(path), remedy="Look at the disk, then try again")


def create(path: Path, data: bytes, *, mode: int | None = OWNER, prefix: str = "") -> None:
    """
    Write a file that is not there yet, with ``mode`` or with what the umask leaves of all.

    Raises:
        ConflictError: something is there.
        OSError: it cannot be written.
    """
    try:
        _atomic.create(path, data, mode=mode, prefix=prefix)
    except FileExistsError:
        raise ConflictError("something is already there", where=str(path)) from None


def replace(
    path: Path, data: bytes, *, seen: bytes | None, mode: int | None = OWNER, prefix: str = ""
) -> None:
    """
    Overwrite a file that still holds ``seen``; ``None`` stands for no file.

    Its mode is kept, a new one gets ``mode``.

    Raises:
        ConflictError: something else is there.
        OSError: it cannot be written.
    """
    _atomic.replace(
        path,
        lambda stream: stream.write(data),
        mode=mode,
        prefix=prefix,
        check=lambda: _compare(path, seen),
    )


def put(path: Path, data: bytes, *, mode: int | None = OWNER, prefix: str = "") -> None:
    """
    Write a file, whatever was there; a file keeps its mode, a new one gets ``mode``.

    Raises:
        OSError: it cannot be written.
    """
    _atomic.replace(path, lambda stream: stream.write(data), mode=mode, prefix=prefix)


def delete(path: Path, *, seen: bytes | None) -> None:
    """
    Delete a file that still holds ``seen``; without it whatever it holds, even nothing.

    Raises:
        ConflictError: it holds something else, or is gone.
        OSError: it cannot be deleted.
    """
    if seen is not None:
        _compare(path, seen)
    path.unlink(missing_ok=seen is None)
    _atomic.settle(path.parent)


def sweep(folder: Path, prefix: str, *, seconds: float = 0) -> None:
    """
    Remove the temporary files that writers who died left.

    Under their lock all that begin with ``prefix``; without it those older than ``seconds``.
    """
    for path in folder.glob(f"{prefix}*.tmp"):
        with suppress(OSError):
            if not seconds or path.stat().st_mtime < time.time() - seconds:
                path.unlink()


def _compare(path: Path, seen: bytes | None) -> None:
    try:
        there = path.read_bytes()
    except FileNotFoundError:
        there = None
    if there != seen:
        raise ConflictError("another program changed the file just now", where=str(path))

# SPDX-License-Identifier: Apache-2.0
"""One file that several programs write: a lock, replacement in one step, errors in our words."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from territoire_sante import plugins
from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConflictError,
    ConnectorError,
    RetryableError,
)

_NO_RIGHT: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})

#: A feed is made to be read by a web server; the umask of the user takes its share.
_NEW_MODE: Final = 0o666


@contextmanager
def speaking(path: Path) -> Iterator[None]:
    """
    Turn errors of the operating system into ours.

    Raises:
        AuthError: this user may not read or write here.
        CollectionGoneError: the file or its folder is missing.
        RetryableError: anything else: a full disk, a busy file.
    """
    try:
        yield
    except OSError as error:
        raise _translated(error, path) from error


def _translated(error: OSError, path: Path) -> ConnectorError:
    cause = error.strerror or type(error).__name__
    if error.errno in _NO_RIGHT:
        return AuthError(cause, where=str(path), remedy="Give this user the right to write here")
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return CollectionGoneError(
            cause, where=str(path), remedy="Correct path, or make the folder"
        )
    return RetryableError(cause, where=str(path), remedy="Look at the disk, then try again")


def locked(
    path: Path,
    *,
    seconds: float = 10.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> AbstractContextManager[None]:
    """
    Hold a lock beside ``path`` for the block; its file stays behind, removing it would race.

    Raises:
        RetryableError: another program holds it for longer than ``seconds``.
    """
    lock = path.with_name(f".{path.name}.lock")
    return plugins.locked(lock, seconds=seconds, clock=clock, sleep=sleep)


def replace(path: Path, data: bytes, *, seen: bytes | None) -> None:
    """
    Put ``data`` in the place of ``seen`` in one step, keeping the file's mode.

    ``seen`` is ``None`` if there was no file.

    Raises:
        ConflictError: something else is there by now.
        OSError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _NEW_MODE)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if seen is not None:
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        _compare(path, seen)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _compare(path: Path, seen: bytes | None) -> None:
    # A program that does not know of the lock may have written since.
    if (path.read_bytes() if path.exists() else None) != seen:
        raise ConflictError("another program changed the file just now", where=str(path))


def _sync_folder(folder: Path) -> None:
    """Make the new name durable, where folders can be opened (not on Windows)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

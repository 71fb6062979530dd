# SPDX-License-Identifier: Apache-2.0
"""Reading whole files, replacing them in one step, and saying what went wrong."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConflictError,
    ConnectorError,
    ItemNotFoundError,
    ItemRefusedError,
    RetryableError,
)

#: Temporary files begin with it; as hidden files they are no items.
TEMPORARY: Final = ".territoire-sante-"

#: New files belong to their owner alone: they hold personal data.
NEW_MODE: Final = 0o600

_NO_RIGHT: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_BAD_NAME: Final = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ})
_NO_LINKS: Final = frozenset(
    {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
)


def tag(data: bytes) -> str:
    """Return the version tag of an item: a hash of its bytes, in quotes like any ETag."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def translated(error: OSError, path: Path, *, collection: Path) -> ConnectorError:
    """Return what an error of the operating system means for a sync."""
    cause = f"{error.strerror or type(error).__name__}"
    if error.errno in _NO_RIGHT:
        return AuthError(cause, where=str(path), remedy="Give this user the right to it")
    if error.errno in _BAD_NAME:
        return ItemRefusedError(cause, href=path.name, where=str(path))
    if not collection.exists():
        return CollectionGoneError("nothing is there any more", where=str(collection))
    if error.errno == errno.ENOENT:
        return ItemNotFoundError("no such file", href=path.name, where=str(path))
    return RetryableError(cause, where=str(path), remedy="Look at the disk, then try again")


@contextmanager
def speaking(path: Path, *, collection: Path) -> Iterator[None]:
    """Turn errors of the operating system into ours."""
    try:
        yield
    except OSError as error:
        raise translated(error, path, collection=collection) from error


def create(path: Path, data: bytes, *, prefix: str = TEMPORARY) -> None:
    """
    Write a new file in one step, unless there is one.

    Raises:
        ConflictError: something is there.
        OSError: it cannot be written.
    """
    temporary = _written(path.parent, data, NEW_MODE, prefix)
    try:
        _put_in_place(temporary, path)
    finally:
        # After a link, or a failure, it is still there; after a rename it is not.
        with suppress(FileNotFoundError):
            temporary.unlink()
    _sync_folder(path.parent)


def replace(path: Path, data: bytes, *, seen: bytes, prefix: str = TEMPORARY) -> None:
    """
    Overwrite a file in one step, if it still holds ``seen``; its mode is kept.

    Between the last look and the step lie microseconds in which a program without
    the lock can still write; POSIX has no means against that.

    Raises:
        ConflictError: it holds something else.
        FileNotFoundError: it is gone.
        OSError: it cannot be written.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    _refuse_read_only(path)
    temporary = _written(path.parent, data, mode, prefix)
    try:
        _compare(path, seen)
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise
    _sync_folder(path.parent)


def delete(path: Path, *, seen: bytes) -> None:
    """
    Delete a file, if it still holds ``seen``.

    Raises:
        ConflictError: it holds something else.
        FileNotFoundError: it is gone.
        OSError: it cannot be deleted.
    """
    _refuse_read_only(path)
    _compare(path, seen)
    path.unlink()
    _sync_folder(path.parent)


def sweep(folder: Path, prefix: str) -> None:
    """Remove the temporary files that writers who died left; only under their lock."""
    for path in folder.glob(f"{prefix}*.tmp"):
        with suppress(OSError):
            path.unlink()


def _compare(path: Path, seen: bytes) -> None:
    if path.read_bytes() != seen:
        raise ConflictError("another program changed it just now", where=str(path))


def _refuse_read_only(path: Path) -> None:
    # Replacing asks for no right to the file, but its owner took it away for a reason.
    if not os.access(path, os.W_OK):
        raise ItemRefusedError(
            "the file is read-only", href=path.name, where=str(path), remedy="Make it writable"
        )


def _written(folder: Path, data: bytes, mode: int, prefix: str) -> Path:
    handle, name = tempfile.mkstemp(prefix=prefix, suffix=".tmp", dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(mode)
    except BaseException:
        Path(name).unlink()
        raise
    return Path(name)


def _put_in_place(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise ConflictError("something is already there", where=str(path)) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without hard links: a gap that only the lock closes.
        if os.path.lexists(path):
            raise ConflictError("something is already there", where=str(path)) from None
        temporary.replace(path)


def _sync_folder(folder: Path) -> None:
    """Make a change of names durable, where folders can be opened (not on Windows)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

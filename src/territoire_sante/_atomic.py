# SPDX-License-Identifier: Apache-2.0
"""Files that are whole or not there: written beside, on the disk, put in place in one step."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

T = TypeVar("T")

#: How the names of temporary files begin; they are hidden.
TEMPORARY: Final = ".territoire-sante-"

#: What may hold personal data belongs to its owner alone.
OWNER: Final = 0o600


def prefix_of(path: Path) -> str:
    """
    Return how the temporary files beside ``path`` begin, and those of no other file.

    So nobody who sweeps up behind a writer of one file takes away what the writer of another is at.
    """
    name = path.name.encode("utf-8", "surrogateescape")
    return f"{TEMPORARY}{hashlib.sha256(name).hexdigest()[:12]}-"


def replace(
    path: Path,
    fill: Callable[[BinaryIO], T],
    *,
    mode: int | None = OWNER,
    prefix: str = "",
    check: Callable[[], None] | None = None,
) -> T:
    """
    Put what ``fill`` writes in the place of what is at ``path``, and return what it returns.

    A file keeps its mode; a new one gets ``mode``, or what the umask leaves of all. ``check`` may
    object at the last moment, by raising; then, as after any error, the old file is there still.

    Raises:
        OSError: it cannot be written.
    """
    mode = _mode(path, mode)
    with _written(path, fill, mode, prefix) as (temporary, result):
        if check is not None:
            check()
        temporary.replace(path)
    settle(path.parent)
    return result


def create(path: Path, data: bytes, *, mode: int | None = OWNER, prefix: str = "") -> None:
    """
    Write a file that is not there yet.

    Raises:
        FileExistsError: something is.
        OSError: it cannot be written.
    """
    with _written(path, lambda stream: stream.write(data), mode, prefix) as (temporary, _):
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:
            # A file system without hard links: a short gap between look and step.
            if os.path.lexists(path):
                raise FileExistsError(path) from None
            temporary.replace(path)
    settle(path.parent)


def settle(folder: Path) -> None:
    """Make a change of names durable, where folders can be opened (not on Windows)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _mode(path: Path, new: int | None) -> int | None:
    with suppress(FileNotFoundError):
        there = path.lstat().st_mode
        if stat.S_ISREG(there):
            return stat.S_IMODE(there)
    return new


@contextmanager
def _written(
    path: Path, fill: Callable[[BinaryIO], T], mode: int | None, prefix: str
) -> Iterator[tuple[Path, T]]:
    """Give a temporary file that is filled and on the disk; at the end it is gone."""
    temporary = path.with_name(f"{prefix or prefix_of(path)}{os.urandom(8).hex()}.tmp")
    first = 0o666 if mode is None else OWNER
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, first)
    try:
        with os.fdopen(handle, "wb") as stream:
            result = fill(stream)
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            temporary.chmod(mode)
        yield temporary, result
    finally:
        # After a link, or a failure, it is still there; after a rename it is not.
        with suppress(FileNotFoundError):
            temporary.unlink()

# SPDX-License-Identifier: Apache-2.0
"""One file that holds many items, and that people and other programs write too."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import attrs

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConflictError,
    ConnectorError,
    ReadOnlyError,
    RetryableError,
)
from territoire_sante.plugins._lock import locked

_NO_RIGHT: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})

#: How often a change starts again because another program wrote meanwhile.
_ATTEMPTS: Final = 3

#: A new file belongs to its owner alone: it may come to hold personal data.
_NEW_MODE: Final = 0o600


@attrs.frozen
class SharedFile:
    """
    Reads one file, and changes it in one step, for connectors whose items share a file.

    Programs that use this class write one at a time; what others write meanwhile is noticed, up to
    microseconds before the step. The file's mode and links to it are kept, and a change is on the
    disk before a call returns.
    """

    path: Path

    @classmethod
    def at(cls, path: Path, *, create: bool = False) -> SharedFile:
        """
        Return the file at ``path``; with ``create`` it is made, empty, if it is missing.

        Raises:
            CollectionGoneError: there is no such file, and it is not to be made.
        """
        file = path.resolve()
        with _speaking(file):
            if create and file.parent.is_dir():
                with suppress(FileExistsError):
                    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _NEW_MODE))
        if not file.is_file():
            raise CollectionGoneError(
                "there is no such file",
                where=str(file),
                remedy="Correct path, or set create = true once",
            )
        return cls(file)

    def read(self) -> bytes:
        """
        Return the bytes of the file.

        Raises:
            CollectionGoneError: it is gone, with all that was in it.
            AuthError: this user may not read it.
            RetryableError: the disk fails.
        """
        with _speaking(self.path):
            return self.path.read_bytes()

    def change(self, edit: Callable[[bytes], bytes]) -> bytes:
        """
        Write what ``edit`` makes of the bytes that are there now, and return it.

        ``edit`` compares versions and raises what the contract says; it may be called again, on
        other bytes, when another program wrote meanwhile.

        Raises:
            ConflictError: another program keeps writing.
            ReadOnlyError: this user may read the file and not write it.
            RetryableError: another program that uses this class is at it for too long.
        """
        lock = self.path.with_name(f".{self.path.name}.lock")
        with _speaking(self.path), locked(lock):
            _sweep(self.path)
            for _ in range(_ATTEMPTS):
                before = self.read()
                after = edit(before)
                if after == before or self._replaced(before, after):
                    return after
        raise ConflictError("another program keeps changing the file", where=str(self.path))

    def _replaced(self, before: bytes, after: bytes) -> bool:
        # Replacing asks for no right to the file, but its owner took it away for a reason.
        if not os.access(self.path, os.W_OK):
            raise ReadOnlyError(
                "the file is read-only", where=str(self.path), remedy="Make it writable"
            )
        mode = stat.S_IMODE(self.path.stat().st_mode)
        with _written(self.path, after, mode) as temporary:
            if self.path.read_bytes() != before:
                return False
            temporary.replace(self.path)
        _settle(self.path.parent)
        return True


def _prefix(path: Path) -> str:
    # Of its own for each file, so that nobody sweeps away what another one's writer is at.
    name = path.name.encode("utf-8", "surrogateescape")
    return f".territoire-sante-{hashlib.sha256(name).hexdigest()[:12]}-"


def _sweep(path: Path) -> None:
    """Remove the temporary files that writers who died left; only under the lock."""
    for left in path.parent.glob(f"{_prefix(path)}*.tmp"):
        with suppress(OSError):
            left.unlink()


@contextmanager
def _written(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    """Give a temporary file beside ``path``, hidden, and gone at the end."""
    handle, name = tempfile.mkstemp(prefix=_prefix(path), suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(mode)
        yield temporary
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _settle(folder: Path) -> None:
    """Make a change of names durable, where folders can be opened (not on Windows)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _speaking(path: Path) -> Iterator[None]:
    """Turn errors of the operating system into ours."""
    try:
        yield
    except OSError as error:
        raise _translated(error, path) from error


def _translated(error: OSError, path: Path) -> ConnectorError:
    cause = error.strerror or type(error).__name__
    if error.errno in _NO_RIGHT:
        # A folder that takes no new files lets a file be read, and not replaced.
        readable = os.access(path, os.R_OK)
        kind = ReadOnlyError if readable else AuthError
        return kind(cause, where=str(path), remedy="Give this user the right to it")
    if not path.is_file():
        return CollectionGoneError("the file is gone", where=str(path))
    return RetryableError(cause, where=str(path), remedy="Look at the disk, then try again")

# SPDX-License-Identifier: Apache-2.0
"""One file that holds many items, and that people and other programs write too."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import attrs

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConflictError,
    ReadOnlyError,
)
from territoire_sante.plugins import disk
from territoire_sante.plugins._lock import locked

#: How often a change starts again because another program wrote meanwhile.
_ATTEMPTS: Final = 3


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
                    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, disk.OWNER))
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
            disk.sweep(self.path.parent, disk.prefix_of(self.path))
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
        try:
            disk.replace(self.path, after, seen=before)
        except ConflictError:
            return False
        return True


@contextmanager
def _speaking(path: Path) -> Iterator[None]:
    """Turn errors of the operating system into ours."""
    try:
        with disk.speaking(path, collection=path):
            yield
    except AuthError as error:
        # A folder that takes no new files lets a file be read, and not replaced.
        cause = error.__cause__
        if isinstance(cause, OSError) and os.access(path, os.R_OK):
            raise ReadOnlyError(error.what, where=error.where, remedy=error.remedy) from cause
        raise

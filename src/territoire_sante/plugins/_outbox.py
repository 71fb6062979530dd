# SPDX-License-Identifier: Apache-2.0
"""A folder that another program, or a person, takes files from: each is whole or not there."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import attrs

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConflictError,
    ConnectorError,
    ItemNotFoundError,
    ItemRefusedError,
    RetryableError,
)

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")
_TEMPORARY: Final = ".territoire-sante-"
_OLD: Final = 3600.0
_NO_RIGHT: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})

# Whoever watches the folder may be another user; what is in it is meant to be public.
_MODE: Final = 0o644


def tag(data: bytes) -> str:
    """
    Return the version tag of a file: a hash of its bytes, in quotes like any ETag.

    >>> tag(b"")
    '"e3b0c44298fc1c149afbf4c8996fb924"'
    """
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


@attrs.frozen
class Outbox:
    """
    Reads and writes whole files in one folder, for connectors that hand files over.

    A name has only ``A-Za-z0-9-_.``, as hints for hrefs have. Files appear and change in one step
    and are on the disk before a call returns. Other files of the folder are never touched.
    """

    path: Path

    @classmethod
    def at(cls, path: Path, *, create: bool = False) -> Outbox:
        """
        Return the outbox of a folder, without what writers who died more than an hour ago left.

        Raises:
            CollectionGoneError: there is no such folder, and it is not to be made.
        """
        folder = path.resolve()
        with _speaking(folder, folder.parent):
            if create and folder.parent.is_dir():
                folder.mkdir(exist_ok=True)
        if not folder.is_dir():
            raise CollectionGoneError(
                "there is no such folder",
                where=str(folder),
                remedy="Correct path, or set create = true once",
            )
        _sweep(folder)
        return cls(folder)

    def names(self, suffix: str = "") -> tuple[str, ...]:
        """
        Return the names of the regular files that end with ``suffix``, sorted.

        Raises:
            CollectionGoneError: the folder is gone.
        """
        try:
            with os.scandir(self.path) as entries:
                return tuple(
                    sorted(
                        entry.name
                        for entry in entries
                        if _NAME.fullmatch(entry.name)
                        and entry.name.endswith(suffix)
                        and entry.is_file(follow_symlinks=False)
                    )
                )
        except (FileNotFoundError, NotADirectoryError) as error:
            raise CollectionGoneError("the folder is gone", where=str(self.path)) from error
        except OSError as error:
            raise _translated(error, self.path, self.path) from error

    def read(self, name: str) -> bytes | None:
        """
        Return the bytes of a file, ``None`` if there is none.

        Raises:
            CollectionGoneError: the folder is gone, with all that was in it.
            ConnectorError: the file is there and cannot be read.
        """
        path = self.path / name
        if not _NAME.fullmatch(name):
            return None
        with _speaking(path, self.path):
            try:
                return None if path.is_symlink() else path.read_bytes()
            except FileNotFoundError:
                if not self.path.is_dir():
                    raise
                return None

    def create(self, name: str, data: bytes) -> None:
        """
        Write a file that is not there yet.

        Raises:
            ConflictError: it is.
            ItemRefusedError: no file can be called so.
        """
        path = self._path(name)
        with _speaking(path, self.path), self._written(data) as temporary:
            try:
                os.link(temporary, path)
            except FileExistsError:
                raise ConflictError("something is already there", where=str(path)) from None
            except OSError:
                # A file system without hard links: a short gap between look and step.
                if os.path.lexists(path):
                    raise ConflictError("something is already there", where=str(path)) from None
                temporary.replace(path)
            self._settle()

    def replace(self, name: str, data: bytes, *, seen: str) -> None:
        """
        Overwrite the version of a file whose tag is ``seen``.

        Raises:
            ConflictError: it holds another version.
            ItemNotFoundError: it is gone.
        """
        path = self._path(name)
        with _speaking(path, self.path), self._written(data) as temporary:
            self._compare(name, seen)
            temporary.replace(path)
            self._settle()

    def put(self, name: str, data: bytes) -> None:
        """Write a file, whatever was there; for what nobody else writes."""
        path = self._path(name)
        with _speaking(path, self.path), self._written(data) as temporary:
            temporary.replace(path)
            self._settle()

    def delete(self, name: str, *, seen: str | None = None) -> None:
        """
        Delete a file, if its tag is ``seen``; without it whatever it holds, even nothing.

        Raises:
            ConflictError: it holds another version.
            ItemNotFoundError: it is gone.
        """
        path = self._path(name)
        with _speaking(path, self.path):
            if seen is not None:
                self._compare(name, seen)
            path.unlink(missing_ok=seen is None)
            self._settle()

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ItemRefusedError("no file can be called so", href=name)
        return self.path / name

    def _compare(self, name: str, seen: str) -> None:
        data = self.read(name)
        if data is None:
            raise ItemNotFoundError("no such file", href=name, where=str(self.path / name))
        if tag(data) != seen:
            raise ConflictError("the file was changed since", where=str(self.path / name))

    @contextmanager
    def _written(self, data: bytes) -> Iterator[Path]:
        """Give a temporary file with ``data``, hidden, and gone at the end."""
        handle, name = tempfile.mkstemp(prefix=_TEMPORARY, suffix=".tmp", dir=self.path)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.chmod(_MODE)
            yield temporary
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()

    def _settle(self) -> None:
        """Make a change of names durable, where folders can be opened (not on Windows)."""
        if os.name != "posix":
            return
        handle = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sweep(folder: Path) -> None:
    """Remove old temporary files; younger ones may be another writer's, at work now."""
    for path in folder.glob(f"{_TEMPORARY}*.tmp"):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - _OLD:
                path.unlink()


@contextmanager
def _speaking(path: Path, folder: Path) -> Iterator[None]:
    """Turn errors of the operating system into ours."""
    try:
        yield
    except OSError as error:
        raise _translated(error, path, folder) from error


def _translated(error: OSError, path: Path, folder: Path) -> ConnectorError:
    cause = error.strerror or type(error).__name__
    if error.errno in _NO_RIGHT:
        return AuthError(cause, where=str(path), remedy="Give this user the right to it")
    if not folder.is_dir():
        return CollectionGoneError("the folder is gone", where=str(folder))
    return RetryableError(cause, where=str(path), remedy="Look at the disk, then try again")

# SPDX-License-Identifier: Apache-2.0
"""A folder that another program, or a person, takes files from: each is whole or not there."""

from __future__ import annotations

import os
import re
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import attrs

from territoire_sante.errors import (
    CollectionGoneError,
    ConflictError,
    ItemNotFoundError,
    ItemRefusedError,
)
from territoire_sante.plugins import disk

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")
_OLD: Final = 3600.0

# Whoever watches the folder may be another user; what is in it is meant to be public.
_MODE: Final = 0o644


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
        with disk.speaking(folder, collection=folder.parent):
            if create and folder.parent.is_dir():
                folder.mkdir(exist_ok=True)
        if not folder.is_dir():
            raise CollectionGoneError(
                "there is no such folder",
                where=str(folder),
                remedy="Correct path, or set create = true once",
            )
        # Younger ones may be another writer's, at work now.
        disk.sweep(folder, disk.TEMPORARY, seconds=_OLD)
        return cls(folder)

    def names(self, suffix: str = "") -> tuple[str, ...]:
        """
        Return the names of the regular files that end with ``suffix``, sorted.

        Raises:
            CollectionGoneError: the folder is gone.
        """
        with self._speaking(self.path), os.scandir(self.path) as entries:
            return tuple(
                sorted(
                    entry.name
                    for entry in entries
                    if _NAME.fullmatch(entry.name)
                    and entry.name.endswith(suffix)
                    and entry.is_file(follow_symlinks=False)
                )
            )

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
        with self._speaking(path):
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
        with self._speaking(path):
            disk.create(path, data, mode=_MODE)

    def replace(self, name: str, data: bytes, *, seen: str) -> None:
        """
        Overwrite the version of a file whose tag is ``seen``.

        Raises:
            ConflictError: it holds another version.
            ItemNotFoundError: it is gone.
        """
        path = self._path(name)
        with self._speaking(path):
            disk.replace(path, data, seen=self._seen(name, seen), mode=_MODE)

    def put(self, name: str, data: bytes) -> None:
        """Write a file, whatever was there; for what nobody else writes."""
        path = self._path(name)
        with self._speaking(path):
            disk.put(path, data, mode=_MODE)

    def delete(self, name: str, *, seen: str | None = None) -> None:
        """
        Delete a file, if its tag is ``seen``; without it whatever it holds, even nothing.

        Raises:
            ConflictError: it holds another version.
            ItemNotFoundError: it is gone.
        """
        path = self._path(name)
        with self._speaking(path):
            disk.delete(path, seen=None if seen is None else self._seen(name, seen))

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ItemRefusedError("no file can be called so", href=name)
        return self.path / name

    def _seen(self, name: str, seen: str) -> bytes:
        data = self.read(name)
        if data is None:
            raise ItemNotFoundError("no such file", href=name, where=str(self.path / name))
        if disk.tag(data) != seen:
            raise ConflictError("the file was changed since", where=str(self.path / name))
        return data

    def _speaking(self, path: Path) -> AbstractContextManager[None]:
        return disk.speaking(path, collection=self.path)

# SPDX-License-Identifier: Apache-2.0
"""
A folder with one item per file (the "vdir" layout that vdirsyncer, khal and khard use).

An item is a regular file with the right ending, whatever its case. Symbolic links, hidden files,
lock files of office programs (``~$…``), files with other endings and sub-folders are no items and
are never touched.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import attrs

from territoire_sante.errors import (
    CollectionGoneError,
    ConflictError,
    FormatError,
    ItemNotFoundError,
    ItemRefusedError,
)
from territoire_sante.formats import Document, contentline
from territoire_sante.plugins import Readable, Ref, Stored, Unreadable, Writable, disk, locked
from territoire_sante_files._flavour import Flavour

LOCK: Final = ".territoire-sante.lock"

PREFIX: Final = f"{disk.TEMPORARY}item-"

_HINT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


@attrs.frozen
class Folder:
    """
    READ and WRITE on a folder.

    An href is a file's name with ``%`` as ``%25``, since hrefs are compared without escapes.
    An ETag is a hash of the file's bytes.
    """

    path: Path
    flavour: Flavour

    def list(self) -> Iterator[Ref]:
        """
        Yield every item.

        Raises:
            CollectionGoneError: the folder is gone.
        """
        for name in sorted(self._names(self._is_item)):
            ref = self._ref(name)
            if ref is not None:
                yield ref

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """
        Yield the files that are there; one that cannot be understood with line and reason.

        Raises:
            CollectionGoneError: the folder is gone.
        """
        wanted = dict.fromkeys(map(unquote, hrefs))
        # Where case does not count, a file also answers to names that it no longer has.
        there = frozenset(self._names()) if wanted else frozenset()
        for name in wanted:
            if name in there and self._is_name(name) and self._is_file(self.path / name):
                yield from self._read(name)
        if not self.path.is_dir():
            raise CollectionGoneError("the folder is gone", where=str(self.path))

    def create(self, href_hint: str, document: Document) -> Ref:
        """
        Write a new file named after ``href_hint``.

        Raises:
            ConflictError: something is there.
            ItemRefusedError: no file can be called so.
        """
        if not _HINT.fullmatch(href_hint):
            raise ItemRefusedError("no file can be called so", href=href_hint)
        name = f"{href_hint}{self.flavour.suffix}"
        with self._writing(name):
            if os.path.lexists(self.path / name):
                name = free_name(href_hint, self.flavour.suffix, self._names())
            disk.create(self.path / name, document.data, prefix=PREFIX)
        return Ref(name, disk.tag(document.data))

    def replace(self, ref: Ref, document: Document) -> Ref:
        """
        Overwrite a file that has not changed since it was seen.

        Raises:
            ConflictError: it has.
            ItemNotFoundError: it is gone.
            ItemRefusedError: its owner made it read-only.
        """
        with self._writing(ref.href):
            seen = self._seen(ref)
            disk.replace(self._path(ref), document.data, seen=seen, prefix=PREFIX)
        return Ref(ref.href, disk.tag(document.data))

    def delete(self, ref: Ref) -> None:
        """
        Delete a file that has not changed since it was seen.

        Raises:
            ConflictError: it has.
            ItemNotFoundError: it is gone.
            ItemRefusedError: its owner made it read-only.
        """
        with self._writing(ref.href):
            disk.delete(self._path(ref), seen=self._seen(ref))

    def _names(self, wanted: Callable[[os.DirEntry[str]], bool] = bool) -> tuple[str, ...]:
        with disk.speaking(self.path, collection=self.path), os.scandir(self.path) as entries:
            return tuple(entry.name for entry in entries if wanted(entry))

    def _is_name(self, name: str) -> bool:
        if name.startswith((".", "~$")) or not name.lower().endswith(self.flavour.suffix):
            return False
        return Path(name).name == name and "\0" not in name and _is_text(name)

    def _is_item(self, entry: os.DirEntry[str]) -> bool:
        return self._is_name(entry.name) and entry.is_file(follow_symlinks=False)

    @staticmethod
    def _is_file(path: Path) -> bool:
        return path.is_file() and not path.is_symlink()

    def _ref(self, name: str) -> Ref | None:
        path = self.path / name
        try:
            return Ref(_href(name), disk.tag(path.read_bytes()))
        except FileNotFoundError:
            return None  # deleted since the folder was read
        except OSError:
            # It is there: leaving it out would say that it was deleted.
            return Ref(_href(name))

    def _read(self, name: str) -> Iterator[Stored | Unreadable]:
        path = self.path / name
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            yield Unreadable(Ref(_href(name)), f"{path}: {error.strerror}")
            return
        ref = Ref(_href(name), disk.tag(data))
        document = Document(data, self.flavour.media_type)
        try:
            self.flavour.check_one(document.parsed(contentline.parse))
        except FormatError as error:
            yield Unreadable(ref, f"{path}: {error}")
        else:
            yield Stored(ref, document)

    def _path(self, ref: Ref) -> Path:
        return self.path / unquote(ref.href)

    def _seen(self, ref: Ref) -> bytes:
        path = self._path(ref)
        if not (self._is_name(unquote(ref.href)) and self._is_file(path)):
            raise ItemNotFoundError("no such file", href=ref.href, where=str(path))
        data = path.read_bytes()
        if disk.tag(data) != ref.etag:
            raise ConflictError("the file was changed since it was read", where=str(path))
        # Replacing asks for no right to the file, but its owner took it away for a reason.
        if not os.access(path, os.W_OK):
            raise ItemRefusedError(
                "the file is read-only", href=ref.href, where=str(path), remedy="Make it writable"
            )
        return data

    @contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        path = self.path / name
        with disk.speaking(path, collection=self.path), locked(self.path / LOCK):
            disk.sweep(self.path, PREFIX)
            yield


def free_name(hint: str, suffix: str, there: Collection[str]) -> str:
    """
    Return the name of a new file, where another one may have it in other letters already.

    On disks where case does not count, items whose UIDs differ in case alone need two names.

    >>> free_name("b", ".ics", ["b.ics"]), free_name("B", ".ics", ["b.ics"])
    ('b.ics', 'B-df7e70e5.ics')
    """
    name = f"{hint}{suffix}"
    if name in there or name.casefold() not in {other.casefold() for other in there}:
        return name
    return f"{hint}-{hashlib.sha256(hint.encode()).hexdigest()[:8]}{suffix}"


def _href(name: str) -> str:
    return name.replace("%", "%25")


def _is_text(name: str) -> bool:
    """Tell whether a file's name is Unicode; other bytes reach Python as lone surrogates."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


if TYPE_CHECKING:
    _reads: type[Readable] = Folder
    _writes: type[Writable] = Folder

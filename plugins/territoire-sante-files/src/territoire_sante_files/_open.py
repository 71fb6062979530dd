# SPDX-License-Identifier: Apache-2.0
"""From a path to a transport: a folder, a file, or one that is to be made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from territoire_sante.errors import CollectionGoneError, ProtocolError
from territoire_sante.plugins import disk
from territoire_sante_files._config import FilesConfig
from territoire_sante_files._file import File
from territoire_sante_files._flavour import Flavour
from territoire_sante_files._folder import Folder


@contextmanager
def opened(config: FilesConfig, flavour: Flavour) -> Iterator[Folder | File]:
    """
    Give the transport for what is at ``config.path``.

    Raises:
        CollectionGoneError: nothing is, and it is not to be made.
        ProtocolError: it is neither a file nor a folder.
        AuthError: it cannot be made or looked at.
    """
    # A link is followed once, here: replacing it would cut it off from what it names.
    path = config.path.resolve()
    with disk.speaking(path, collection=path.parent):
        if not path.exists():
            _make(path, flavour, create=config.create)
        if path.is_dir():
            transport: Folder | File = Folder(path, flavour)
        elif path.is_file():
            transport = File(path, flavour)
        else:
            raise ProtocolError("this is neither a file nor a folder", where=str(path))
    yield transport


def _make(path: Path, flavour: Flavour, *, create: bool) -> None:
    if not create:
        raise CollectionGoneError(
            "nothing is here", where=str(path), remedy="Correct path, or set create = true once"
        )
    if not path.parent.is_dir():
        raise CollectionGoneError(
            "the folder that it is to be made in is missing", where=str(path.parent)
        )
    if path.suffix.lower() == flavour.suffix:
        disk.create(path, flavour.empty)
    else:
        path.mkdir(mode=0o700)

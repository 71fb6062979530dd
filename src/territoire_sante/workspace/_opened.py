# SPDX-License-Identifier: Apache-2.0
"""A configuration that was read, and what it names: the store, the links, the secrets."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from territoire_sante.errors import ConfigError
from territoire_sante.plugins import Catalog, structure_options
from territoire_sante.store import Store
from territoire_sante.sync import Link
from territoire_sante.workspace._settings import Privacy, Settings, read_settings, suggestion


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def keyless(path: Path) -> ConfigError:
    """Return the error that the opposition list cannot be respected without its key."""
    return ConfigError(
        "persons objected, and the key of the opposition list is missing",
        where=str(path),
        remedy="Add a table [privacy] with opposition_key",
    )


class Opened:
    """
    The part of a workspace that the rest stands on: its settings, its store, its links by name.

    Args:
        settings: the file as it was read.
        catalog: the connectors that its links may name.
        clock: the present, aware, where no ``now`` is passed.
    """

    def __init__(
        self, settings: Settings, catalog: Catalog, *, clock: Callable[[], dt.datetime] = _utc_now
    ) -> None:
        self.path = settings.path
        self.store_url = settings.store_url
        self.links = settings.links
        self._privacy = settings.privacy
        self._check = settings.check
        self.catalog = catalog
        self.clock = clock

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str] = "territoire.toml",
        *,
        catalog: Catalog | None = None,
        clock: Callable[[], dt.datetime] = _utc_now,
    ) -> Self:
        """
        Read the configuration; neither the store nor any connector is touched yet.

        Raises:
            ConfigError: the file is missing or wrong; ``problems`` names every place.
        """
        return cls(read_settings(path), catalog or Catalog.installed(), clock=clock)

    @cached_property
    def store(self) -> Store:
        """The store, opened when it is first asked for, made if it isn't there yet."""
        return Store.open(self.store_url)

    def files(self) -> tuple[Path, ...]:
        """Return the files that it stands on, the configuration and the database."""
        database = self.store.file
        return (self.path,) if database is None else (self.path, database)

    def close(self) -> None:
        """Close the store if it was opened."""
        store = self.__dict__.pop("store", None)
        if store is not None:
            store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def link(self, name: str) -> Link:
        """
        Return the link called ``name``.

        Raises:
            ConfigError: there is none.
        """
        names = [link.name for link in self.links]
        if name not in names:
            raise ConfigError(
                f"no link is called {name!r}{suggestion(name, names)}",
                where=str(self.path),
                remedy=f"There are: {', '.join(names)}" if names else "Add a table [[link]]",
            )
        return self.links[names.index(name)]

    def opposition_key(self) -> bytes | None:
        """
        Return the key of the opposition list, ``None`` if the configuration names none.

        Raises:
            ConfigError: the table ``[privacy]`` is wrong, or its secret cannot be had.
        """
        privacy = structure_options(
            Privacy,
            self._privacy,
            title="the table [privacy] is wrong",
            where=str(self.path),
            base=self.path.parent,
        )
        key = privacy.opposition_key
        return None if key is None else key.reveal().encode()

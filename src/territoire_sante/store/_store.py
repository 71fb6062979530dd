# SPDX-License-Identifier: Apache-2.0
"""The store: what one team knows of its territory, durable, with a revision per change."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from territoire_sante.errors import StoreError
from territoire_sante.model import Entity
from territoire_sante.store import _schema
from territoire_sante.store._database import Database, file_of
from territoire_sante.store._search import Hit
from territoire_sante.store._transaction import Change, Clock, Transaction, Version

if TYPE_CHECKING:
    from territoire_sante.snapshot import Snapshot

E = TypeVar("E", bound=Entity)


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Store:
    """
    Entities in a database that several processes may use at once.

    Make one with :meth:`open`, one in each process. Each verb is a transaction of
    its own; :meth:`transaction` brings several together.

    >>> from territoire_sante.model import Event
    >>> with Store.open("memory:") as store:
    ...     store.put(Event(id="event:1", summary="Réunion à Saint-Étienne"))
    ...     [hit.entity.id for hit in store.search("reunion etienne")]
    1
    ['event:1']
    """

    def __init__(self, database: Database, *, clock: Clock, where: str, shared: bool) -> None:
        self._database = database
        self._clock = clock
        self._where = where
        self._here = threading.local()
        self._closed = False
        self._migrated: dict[str, int] = {}
        # In memory there is one connection, which threads must take in turn.
        self._turn: AbstractContextManager[object] = threading.RLock() if shared else nullcontext()

    @classmethod
    def open(
        cls, url: str, *, clock: Clock = _utc_now, create: bool = True, timeout: float = 30.0
    ) -> Self:
        """
        Open the store at ``url``: ``sqlite:///path`` or ``memory:``.

        A new file can be read and written by its owner only. ``timeout``, in
        seconds, is how long a write waits for that of another process.

        Raises:
            ConfigError: the address is none, or of a database that isn't supported.
            StoreUnusableError: the file is missing and ``create`` is false, it is no
                store, is locked, or was made by a newer version.
        """
        file = file_of(url)
        database = Database(file, timeout=timeout, create=create)
        store = cls(database, clock=clock, where=str(file or url), shared=file is None)
        try:
            database.check_ours()
            if file is not None:
                database.use_wal()
            store.migrate(_schema.COMPONENT, _schema.STEPS)
        except BaseException:
            store.close()
            raise
        return store

    @property
    def file(self) -> Path | None:
        """The file that it is in, ``None`` for one in memory."""
        return self._database.file

    def close(self) -> None:
        """Let go of the database; nothing else works afterwards."""
        self._closed = True
        with self._turn:
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """
        Do several things together: all of them stay, or after an exception none.

        No other process writes meanwhile. Within it, the verbs of the store take part in it, and
        a transaction within it too: an exception that leaves the inner one undoes that part.

        Raises:
            StoreUnusableError: another process is writing beyond the time-out.
        """
        self._check_open()
        active: Transaction | None = getattr(self._here, "transaction", None)
        if active is not None:
            with active.connection.savepoint():
                yield active
            return
        with self._turn:
            self._check_open()
            with self._database.writing() as connection:
                active = self._here.transaction = Transaction(connection, self._clock)
                try:
                    yield active
                    active.finish()
                finally:
                    self._here.transaction = None
            if active.forgot:
                self._database.scour()

    def put(self, *entities: Entity, expected_revision: int | None = None) -> int:
        """
        Store entities and return the highest revision among them.

        What is stored already makes no new revision. ``expected_revision`` is
        that of each entity when it was read, 0 for a new one.

        Raises:
            RevisionConflictError: somebody changed one since; nothing is written.
            InvalidValueError: a field holds what cannot be read back; nothing is written.
        """
        with self.transaction() as transaction:
            return transaction.put(*entities, expected_revision=expected_revision)

    def delete(
        self, cls: type[Entity], entity_id: str, /, *, expected_revision: int | None = None
    ) -> int:
        """
        Remove an entity and return the revision that does so; its history stays.

        Raises:
            EntityNotFoundError: there is none.
            RevisionConflictError: somebody changed it since.
        """
        with self.transaction() as transaction:
            return transaction.delete(cls, entity_id, expected_revision=expected_revision)

    def forget(self, cls: type[Entity], entity_id: str, /) -> None:
        """
        Remove an entity together with every earlier version of it (GDPR, article 17).

        That there was something under this id, and when it changed, stays in the log;
        its words are overwritten in the file. What links remember is theirs to forget.
        """
        with self.transaction() as transaction:
            transaction.forget(cls, entity_id)

    def get(self, cls: type[E], entity_id: str, /) -> E:
        """
        Return the entity with this id.

        Raises:
            EntityNotFoundError: there is none.
        """
        with self._reading() as reader:
            return reader.get(cls, entity_id)

    def find(self, cls: type[E], entity_id: str, /) -> E | None:
        """Return the entity with this id, or ``None``."""
        with self._reading() as reader:
            return reader.find(cls, entity_id)

    def all(self, cls: type[E], /) -> Iterator[E]:
        """
        Yield the entities of a class in the order of their ids.

        They are read a few hundred at a time, so that a slow consumer holds nobody up; what
        others change meanwhile may or may not show. Within a transaction nobody can.
        """
        after = ""
        while page := self._page(cls, after):
            yield from page
            after = page[-1].id

    def _page(self, cls: type[E], after: str) -> list[E]:
        with self._reading() as reader:
            return reader.page(cls, after)

    def revision(self, cls: type[Entity], entity_id: str, /) -> int:
        """Return the revision in which the entity last changed, 0 if there is none."""
        with self._reading() as reader:
            return reader.revision(cls, entity_id)

    def history(self, cls: type[Entity], entity_id: str, /) -> list[Version]:
        """Return every version of an entity, oldest first, its deletions among them."""
        with self._reading() as reader:
            return reader.history(cls, entity_id)

    def referring(self, cls: type[E], entity_id: str, /) -> Iterator[E]:
        """
        Yield the entities of ``cls`` that name another one; those of all with ``Entity``.

        A name is its id as the whole of a text, however deep. Nothing but them is read.
        """
        with self._reading() as reader:
            found = list(reader.referring(cls, entity_id))
        yield from found

    def last_revision(self) -> int:
        """Return the revision of the last change, 0 if nothing was ever stored."""
        with self._reading() as reader:
            return reader.last_revision()

    def changes(self, since: int = 0) -> Iterator[Change]:
        """Yield what happened after the revision ``since``, in order."""
        while page := self._changes_page(since):
            yield from page
            since = page[-1].revision

    def _changes_page(self, since: int) -> list[Change]:
        with self._reading() as reader:
            return reader.changes_page(since)

    def search(
        self,
        text: str,
        *,
        near: str | None = None,
        kinds: Iterable[type[Entity]] | None = None,
        limit: int = 50,
    ) -> list[Hit]:
        """
        Return what holds all the words of ``text``, best match first.

        Case and accents don't matter, and the beginning of a word is enough; titles
        weigh more than the rest. ``near`` is the INSEE code of a commune: first
        comes what names that commune, then what names its EPCI, another commune
        of that, or another territory it is part of, as far as these are stored; then
        its département, its region, and everything else.

        Raises:
            InvalidValueError: ``near`` is no INSEE code.
        """
        with self._reading() as reader:
            return reader.search(text, near=near, kinds=kinds, limit=limit)

    def snapshot(self) -> Snapshot:
        """
        Return a read-only picture of everything, indexed both ways, for look-ups and rules.

        It is of one state and does not follow the store; :meth:`Snapshot.refresh
        <territoire_sante.snapshot.Snapshot.refresh>` reads what changed since.
        """
        # It indexes every class of entities: who syncs a calendar must not load them.
        from territoire_sante.snapshot import Snapshot  # noqa: PLC0415 - see above

        return Snapshot.of(self)

    def migrate(
        self, component: str, steps: Sequence[_schema.Step], *, create: bool = True
    ) -> None:
        """
        Do those steps of ``component`` that this database has not done yet, all or none.

        Components keep their own tables beside the store's. Steps are only ever
        added at the end. An up-to-date database is only read, and so is one that has done
        no step yet unless ``create`` is true.

        Raises:
            StoreUnusableError: the database was made by a newer version.
        """
        if self._migrated.get(component) == len(steps):
            return
        with self._reading() as reader:
            done = _schema.done(reader.connection, component)
        if done == len(steps):
            self._migrated[component] = done
        if done == len(steps) or (done == 0 and not create):
            return
        with self.transaction() as transaction:
            # Asked again in there: another process may have done them while this one waited.
            _schema.migrate(transaction.connection, component, steps, where=self._where)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """
        Read several things that belong together: all see the same state of the store.

        Others may write meanwhile; in it, nothing is to be written.
        """
        with self._reading() as reader:
            yield reader

    @contextmanager
    def _reading(self) -> Iterator[Transaction]:
        self._check_open()
        active: Transaction | None = getattr(self._here, "transaction", None)
        if active is not None:
            yield active
            return
        with self._turn:
            # Asked again: another thread may have closed it while this one waited for its turn.
            self._check_open()
            with self._database.reading() as connection:
                yield Transaction(connection, self._clock)

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("the store is closed", where=self._where, remedy="Open it again")

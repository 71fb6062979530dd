# SPDX-License-Identifier: Apache-2.0
"""What can be done to a store within one transaction."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, Protocol, TypeVar

import attrs

from territoire_sante import serialization
from territoire_sante.errors import (
    DecodingError,
    EntityNotFoundError,
    InvalidValueError,
    RevisionConflictError,
    StoreUnusableError,
)
from territoire_sante.model import Entity
from territoire_sante.store import _references, _search
from territoire_sante.store._database import Connection, Values

E = TypeVar("E", bound=Entity)
Clock = Callable[[], dt.datetime]

_PAGE: Final = 500
_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_ONE: Final = "SELECT pk, revision, data FROM entity WHERE kind = ? AND id = ?"
_MANY: Final = """
    SELECT id, pk, revision, data FROM entity
    WHERE kind = ? AND id IN (SELECT value FROM json_each(?))
"""
_SOME: Final = "SELECT id, data FROM entity WHERE kind = ? AND id > ? ORDER BY id LIMIT ?"
_HISTORY: Final = """
    SELECT revision, at, data FROM change WHERE kind = ? AND id = ? ORDER BY revision
"""
_ONCE: Final = """
    SELECT DISTINCT id FROM change WHERE kind = ? AND instr(data, ?) ORDER BY id
"""
_FORGET: Final = "UPDATE change SET data = NULL WHERE kind = ? AND id = ?"
_LAST_REVISION: Final = "SELECT max(revision) FROM change"
_LOG: Final = """
    INSERT INTO change (revision, kind, id, operation, at, data) VALUES (?, ?, ?, ?, ?, ?)
"""
_UPSERT: Final = """
    INSERT INTO entity (pk, kind, id, revision, data) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, data = excluded.data
"""
_CHANGES: Final = """
    SELECT revision, kind, id, operation, at FROM change
    WHERE revision > ? ORDER BY revision LIMIT ?
"""


@attrs.frozen(kw_only=True)
class Change:
    """One line of the store's log: what was put or deleted, when, as which revision."""

    revision: int
    kind: str
    id: str
    operation: Literal["put", "delete"]
    at: dt.datetime


@attrs.frozen(kw_only=True)
class Version:
    """One state of an entity; ``entity`` is ``None`` where it was deleted or is forgotten."""

    revision: int
    at: dt.datetime
    entity: Entity | None


class Reader(Protocol):
    """What can be read from a store, within a transaction or without."""

    def get(self, cls: type[E], entity_id: str, /) -> E:
        """Return the entity; raise ``EntityNotFoundError`` if there is none."""
        ...

    def find(self, cls: type[E], entity_id: str, /) -> E | None:
        """Return the entity, or ``None``."""
        ...

    def all(self, cls: type[E], /) -> Iterator[E]:
        """Yield the entities of a class in the order of their ids."""
        ...

    def revision(self, cls: type[Entity], entity_id: str, /) -> int:
        """Return the revision in which the entity last changed, 0 if there is none."""
        ...

    def history(self, cls: type[Entity], entity_id: str, /) -> list[Version]:
        """Return every version of an entity, oldest first."""
        ...

    def referring(self, cls: type[E], entity_id: str, /) -> Iterator[E]:
        """Yield the entities of a class (``Entity``: of all) that name another one."""
        ...


@attrs.frozen
class _Row:
    """An entity as it lies in the database."""

    pk: int
    revision: int
    data: str


@attrs.frozen
class Prepared:
    """An entity, its JSON, and what is read of that."""

    entity: Entity
    text: str
    again: Entity


class Transaction:
    """
    The verbs of a store on one connection; all that is done stays, or none of it.

    ``connection`` is for tables that other components keep in the same database.
    """

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self.connection = connection
        self._clock = clock
        # What was put or found last, by its text: that was read already.
        self._made: Mapping[str, Entity] = {}
        #: Whether words are to be taken out of the file itself, and out of its log.
        self.forgot = False

    def finish(self) -> None:
        """Take the words of what was forgotten out of the index of the search, at the very end."""
        if self.forgot:
            _search.wipe(self.connection)

    def put(self, *entities: Entity, expected_revision: int | None = None) -> int:
        """
        Store entities and return the highest revision among them.

        What is stored already makes no new revision. Of the same entity given twice
        the last counts. ``expected_revision`` is that of each entity when it was read, 0 for a
        new one.

        Raises:
            RevisionConflictError: somebody changed one since; nothing is written.
            InvalidValueError: a field holds what cannot be read back; nothing is written.
        """
        return self.put_prepared([*map(prepared, entities)], expected_revision=expected_revision)

    def put_prepared(
        self, entities: Sequence[Prepared], *, expected_revision: int | None = None
    ) -> int:
        """Store entities as :meth:`put` does, whose texts were made already."""
        self._made = {one.text: one.again for one in entities}
        by_key = {(type(one.entity).KIND, one.entity.id): one for one in entities}
        known = self._known(by_key)
        for (kind, entity_id), row in known.items():
            _expect(kind, entity_id, expected_revision, row)
        new = [(*key, one) for key, one in by_key.items() if not _same(known[key], one.text)]
        last = self.last_revision()
        self._write(known, new, last)
        kept = [row.revision for row in known.values() if row is not None]
        return max([*kept, last + len(new)] if new else kept, default=last)

    def _write(
        self,
        known: dict[tuple[str, str], _Row | None],
        new: Sequence[tuple[str, str, Prepared]],
        last: int,
    ) -> None:
        if not new:
            return
        at = _instant(self._clock())
        log: list[Values] = []
        rows: list[Values] = []
        words: list[tuple[int, Entity, str]] = []
        names: list[tuple[int, str, str]] = []
        for revision, (kind, entity_id, one) in enumerate(new, last + 1):
            old = known[kind, entity_id]
            pk = old.pk if old else revision
            log.append((revision, kind, entity_id, "put", at, one.text))
            rows.append((pk, kind, entity_id, revision, one.text))
            words.append((pk, one.entity, one.text))
            names.append((pk, entity_id, one.text))
        before = [row.pk for kind, id_, _ in new if (row := known[kind, id_]) is not None]
        self.connection.execute_many(_LOG, log)
        self.connection.execute_many(_UPSERT, rows)
        _search.index(self.connection, words, before=before)
        _references.index(self.connection, names, before=before)

    def delete(
        self, cls: type[Entity], entity_id: str, /, *, expected_revision: int | None = None
    ) -> int:
        """
        Remove an entity and return the revision that does so; its history stays.

        Raises:
            EntityNotFoundError: there is none.
            RevisionConflictError: somebody changed it since.
        """
        row = self._row(cls.KIND, entity_id)
        if row is None:
            raise _not_found(cls, entity_id)
        _expect(cls.KIND, entity_id, expected_revision, row)
        return self._remove(cls.KIND, entity_id, row.pk)

    def _remove(self, kind: str, entity_id: str, pk: int) -> int:
        revision = self.last_revision() + 1
        at = _instant(self._clock())
        self.connection.execute(_LOG, (revision, kind, entity_id, "delete", at, None))
        _search.unindex(self.connection, [pk])
        self.connection.execute("DELETE FROM entity WHERE pk = ?", (pk,))
        return revision

    def forget(self, cls: type[Entity], entity_id: str, /) -> None:
        """
        Remove an entity together with every earlier version of it (GDPR, article 17).

        That there was something under this id, and when it changed, stays in the log.
        Nothing happens if there never was.
        """
        row = self._row(cls.KIND, entity_id)
        if row is not None:
            self._remove(cls.KIND, entity_id, row.pk)
        self.connection.execute(_FORGET, (cls.KIND, entity_id))
        self.forgot = True

    def get(self, cls: type[E], entity_id: str, /) -> E:
        """
        Return the entity with this id.

        Raises:
            EntityNotFoundError: there is none.
        """
        found = self.find(cls, entity_id)
        if found is None:
            raise _not_found(cls, entity_id)
        return found

    def find(self, cls: type[E], entity_id: str, /) -> E | None:
        """Return the entity with this id, or ``None``."""
        row = self._row(cls.KIND, entity_id)
        if row is None:
            return None
        found: Any = self._made.get(row.data)
        if found is None:
            found = decoded(cls, entity_id, row.data)
            self._made = {row.data: found}
        entity: E = found
        return entity

    def all(self, cls: type[E], /) -> Iterator[E]:
        """Yield the entities of a class in the order of their ids."""
        after = ""
        while page := self.page(cls, after):
            yield from page
            after = page[-1].id

    def page(self, cls: type[E], after: str, /) -> list[E]:
        """Return the next few hundred entities behind the id ``after``."""
        rows = self.connection.execute(_SOME, (cls.KIND, after, _PAGE))
        return [decoded(cls, found_id, data) for found_id, data in rows]

    def revision(self, cls: type[Entity], entity_id: str, /) -> int:
        """Return the revision in which the entity last changed, 0 if there is none."""
        row = self._row(cls.KIND, entity_id)
        return 0 if row is None else row.revision

    def history(self, cls: type[Entity], entity_id: str, /) -> list[Version]:
        """Return every version of an entity, oldest first, its deletions among them."""
        rows = self.connection.execute(_HISTORY, (cls.KIND, entity_id))
        return [
            Version(
                revision=revision,
                at=dt.datetime.fromisoformat(at),
                entity=None if data is None else decoded(cls, entity_id, data),
            )
            for revision, at, data in rows
        ]

    def referring(self, cls: type[E], entity_id: str, /) -> Iterator[E]:
        """Yield the entities of ``cls`` that name another one; those of all with ``Entity``."""
        kind = None if cls is Entity else cls.KIND
        for found_id, data in _references.referring(self.connection, entity_id, kind):
            yield decoded(cls, found_id, data)

    def once_referring(self, cls: type[Entity], entity_id: str, /) -> list[str]:
        """Return the ids of what names another one, or did so in a version that is kept."""
        found = self.connection.execute(_ONCE, (cls.KIND, f'"{entity_id}"'))
        return [found_id for (found_id,) in found]

    def last_revision(self) -> int:
        """Return the revision of the last change, 0 if nothing was ever stored."""
        (last,) = self.connection.execute(_LAST_REVISION).fetchone()
        return last or 0

    def changes(self, since: int = 0) -> Iterator[Change]:
        """Yield what happened after the revision ``since``, in order."""
        page = self.changes_page(since)
        yield from page
        while len(page) == _PAGE:
            page = self.changes_page(page[-1].revision)
            yield from page

    def changes_page(self, since: int) -> list[Change]:
        """Return the next few hundred changes behind a revision."""
        rows = self.connection.execute(_CHANGES, (since, _PAGE))
        return [
            Change(
                revision=revision,
                kind=kind,
                id=id_,
                operation=operation,
                at=dt.datetime.fromisoformat(at),
            )
            for revision, kind, id_, operation, at in rows
        ]

    def search(
        self,
        text: str,
        *,
        near: str | None = None,
        kinds: Iterable[type[Entity]] | None = None,
        limit: int = 50,
    ) -> list[_search.Hit]:
        """Return the best matches; see :meth:`Store.search`."""
        return _search.search(self.connection, text, near=near, kinds=kinds, limit=limit)

    def _row(self, kind: str, entity_id: str) -> _Row | None:
        found = self.connection.execute(_ONE, (kind, entity_id)).fetchone()
        return None if found is None else _Row(*found)

    def _known(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], _Row | None]:
        known: dict[tuple[str, str], _Row | None] = dict.fromkeys(keys)
        if len(known) == 1:
            return {(kind, one): self._row(kind, one) for kind, one in known}
        ids: dict[str, list[str]] = {}
        for kind, entity_id in known:
            ids.setdefault(kind, []).append(entity_id)
        for kind, wanted in ids.items():
            rows = self.connection.execute(_MANY, (kind, json.dumps(wanted)))
            for found_id, *row in rows:
                known[kind, found_id] = _Row(*row)
        return known


def decoded(cls: type[E], entity_id: str, data: str) -> E:
    """Return a stored entity, or tell which row cannot be read."""
    try:
        found: Any = serialization.from_stored(json.loads(data))
    except (DecodingError, ValueError) as error:
        raise StoreUnusableError(
            f"the stored {cls.KIND} cannot be read ({error})",
            where=entity_id,
            remedy="It was changed by another program or a newer version",
        ) from error
    entity: E = found
    return entity


def prepared(entity: Entity) -> Prepared:
    """
    Return the JSON of an entity, and what is read of it.

    Raises:
        InvalidValueError: a field holds what cannot be read back.
    """
    plain = serialization.to_plain(entity)
    try:
        again: Any = serialization.from_stored(plain)
    except DecodingError as error:
        problems = "; ".join(map(str, error.problems))
        raise InvalidValueError(
            f"cannot be stored, because it could not be read again: {problems}",
            where=entity.id,
            remedy="Give each field a value of its declared type",
        ) from error
    return Prepared(entity, _json(plain), again)


def _same(row: _Row | None, text: str) -> bool:
    return row is not None and (row.data == text or json.loads(row.data) == json.loads(text))


def _expect(kind: str, entity_id: str, expected: int | None, row: _Row | None) -> None:
    actual = row.revision if row else 0
    if expected is not None and expected != actual:
        raise RevisionConflictError(
            f"the {kind} is at revision {actual}, not {expected}",
            expected=expected,
            actual=actual,
            where=entity_id,
            remedy="Read it again, decide again, then write with its revision",
        )


def _not_found(cls: type[Entity], entity_id: str) -> EntityNotFoundError:
    return EntityNotFoundError(f"no {cls.KIND} is stored under this id", where=entity_id)


def _instant(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat()

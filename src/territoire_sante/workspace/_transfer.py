# SPDX-License-Identifier: Apache-2.0
"""Entities from files into the store, and back into files."""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from territoire_sante import model, serialization
from territoire_sante.errors import ConfigError, InputError, Problem
from territoire_sante.store import Store, Transaction
from territoire_sante.workspace._settings import suggestion

#: Called with the number of entities done so far.
Progress = Callable[[int], None]

_BATCH = 500  # one transaction each: long enough to be quick, short enough to let others write


@attrs.frozen(kw_only=True)
class Imported:
    """
    What an import did.

    ``stored`` entities were new or different, ``unchanged`` ones were there
    already. ``opposed`` are the ids of persons who objected or were erased, and of their posts:
    nothing of them was taken. ``problems`` names each entity that could not be read, with its
    file.
    """

    stored: int = 0
    unchanged: int = 0
    opposed: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def import_files(
    store: Store,
    paths: Iterable[str | os.PathLike[str]],
    *,
    opposition: model.OppositionList | None = None,
    progress: Progress | None = None,
) -> Imported:
    """
    Put every readable entity of the JSON and JSON Lines files into the store.

    A bad entity, or a file that cannot be read, is reported and the others are stored. Of who
    objected or was erased here nothing is taken: an older file may still hold them.
    ``opposition`` knows their addresses under other ids.
    """
    gate = _Gate(opposition=opposition, aliases=model.aliases_of(store.all(model.Merge)))
    opposed: list[str] = []
    stored = unchanged = 0
    problems: list[Problem] = []
    readings = itertools.chain.from_iterable(_readings(path) for path in paths)
    while batch := list(itertools.islice(readings, _BATCH)):
        entities = [reading for reading in batch if isinstance(reading, model.Entity)]
        problems.extend(reading for reading in batch if isinstance(reading, Problem))
        with store.transaction() as transaction:
            new = [e for e in entities if transaction.find(type(e), e.id) != e]
            barred = {e.id for e in new if gate.bars(transaction, e)}
            changed = [e for e in new if e.id not in barred]
            transaction.put(*changed)
        opposed += sorted(barred)
        stored += len(changed)
        unchanged += len(entities) - len(new)
        if progress is not None:
            progress(stored + unchanged + len(opposed) + len(problems))
    told = tuple(dict.fromkeys(opposed))
    return Imported(stored=stored, unchanged=unchanged, opposed=told, problems=tuple(problems))


@attrs.frozen(kw_only=True)
class _Gate:
    """Knows who objected or was erased, by the ids of their records, and by their addresses."""

    opposition: model.OppositionList | None
    aliases: Mapping[str, str]

    def bars(self, reader: Transaction, entity: model.Entity) -> bool:
        """Say whether an entity is, or is a post of, somebody of whom nothing is to be taken."""
        if isinstance(entity, model.Appointment):
            return self._objected(reader, entity.person_id)
        if not isinstance(entity, model.Person):
            return False
        if self._objected(reader, entity.id):
            return True
        # Who comes with the mark of their objection may come: it is to be known here, too.
        if self.opposition is None or entity.opposed:
            return False
        return any(map(self.opposition.opposes, entity.contact_points))

    def _objected(self, reader: Transaction, person_id: str) -> bool:
        known = {person_id, self.aliases.get(person_id, person_id)} - {""}
        found = (reader.find(model.Person, one) for one in known)
        return any(one is not None and one.opposed for one in found)


def export_entities(
    store: Store,
    path: str | os.PathLike[str],
    *,
    kinds: Sequence[str] = (),
    own: Iterable[Path] = (),
    progress: Progress | None = None,
) -> int:
    """
    Write the entities of ``kinds``, or all, into one file, and return their number.

    The suffix decides: ``.jsonl`` and ``.ndjson`` for JSON Lines, ``.json`` for a document.

    Raises:
        ConfigError: an unknown suffix or kind; nothing was written.
        InputError: it cannot be written, or is one of ``own``, the files of the workspace.
    """
    lines = _is_lines(Path(path))
    unknown = [kind for kind in kinds if kind not in serialization.KINDS]
    if unknown:
        raise ConfigError(
            f"{unknown[0]!r} is no kind of entity{suggestion(unknown[0], serialization.KINDS)}",
            remedy=f"Choose among {', '.join(sorted(serialization.KINDS))}",
        )
    count = 0

    def counted() -> Iterator[model.Entity]:
        nonlocal count
        for kind in kinds or sorted(serialization.KINDS):
            for entity in store.all(serialization.KINDS[kind]):
                yield entity
                count += 1
                if progress is not None and count % _BATCH == 0:
                    progress(count)

    try:
        target = replaceable(path, own)
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", where=str(path)) from error
    serialization.write_entities(counted(), target, lines=lines)
    return count


def replaceable(path: str | os.PathLike[str], own: Iterable[Path]) -> Path:
    """
    Return the file that ``path`` names, which may be there or not.

    Raises:
        OSError: it is something else, or one of ``own``.
    """
    if "\0" in os.fspath(path):
        raise OSError(errno.EINVAL, "no file has a null character in its name")
    target = Path(os.path.realpath(path))
    if target in [Path(os.path.realpath(one)) for one in own]:
        raise OSError(errno.EEXIST, "it is a file of the workspace itself")
    if target.is_dir():
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "it is no regular file")
    return target


def _is_lines(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix not in {".json", ".jsonl", ".ndjson"}:
        raise ConfigError(
            f"the suffix {suffix!r} names no format",
            where=str(path),
            remedy="End the name in .json or .jsonl",
        )
    return suffix != ".json"


def _readings(path: str | os.PathLike[str]) -> Iterator[model.Entity | Problem]:
    try:
        for reading in serialization.read_entities(path):
            if isinstance(reading, Problem):
                yield Problem(f"{path}: {reading.path}", reading.message)
            else:
                yield reading
    except InputError as error:
        yield Problem(str(path), error.what)

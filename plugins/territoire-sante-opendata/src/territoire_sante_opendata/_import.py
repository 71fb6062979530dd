# SPDX-License-Identifier: Apache-2.0
"""A register into a store: twice changes nothing, and what a person verified stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Final

import attrs

from territoire_sante.errors import Problem
from territoire_sante.model import (
    Actor,
    Appointment,
    Entity,
    Merge,
    OppositionList,
    Person,
    aliases_of,
    repointed,
)
from territoire_sante_opendata._merge import (
    EntityChange,
    difference,
    merged,
    same_source,
    title,
    wished,
    with_members_of,
)

if TYPE_CHECKING:
    from territoire_sante import Store

_BATCH: Final = 500


@attrs.frozen(kw_only=True)
class Diff:
    """
    What an import did, or would do.

    Attributes:
        added: what was not stored before, by id.
        changed: what was, with the fields that are another now.
        unchanged: how many said nothing new.
        kept_because_verified: a person had verified it: nothing was changed; this is what the
            register says.
        kept_from_other_source: another source had said otherwise, and is still believed.
        kept_because_opposed: ids of persons who objected; nothing of them was taken.
        problems: what could not be read, or makes no sense together.
    """

    added: tuple[str, ...] = ()
    changed: tuple[EntityChange, ...] = ()
    unchanged: int = 0
    kept_because_verified: tuple[EntityChange, ...] = ()
    kept_from_other_source: tuple[EntityChange, ...] = ()
    kept_because_opposed: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written."""
        return not self.added and not self.changed

    def lines(self) -> Iterator[str]:
        """Yield it as text, one line for each thing that a person may want to look at."""
        yield (
            f"{len(self.added)} added, {len(self.changed)} changed, {self.unchanged} unchanged, "
            f"{len(self.kept_because_verified)} kept because verified, "
            f"{len(self.kept_from_other_source)} kept from another source, "
            f"{len(self.problems)} problems"
        )
        yield from (f"changed {one}" for one in self.changed)
        yield from (f"kept, verified by a person: {one}" for one in self.kept_because_verified)
        yield from (f"kept, from another source: {one}" for one in self.kept_from_other_source)
        yield from (f"problem: {one}" for one in self.problems)


class _Draft:
    """A difference while it is being found."""

    def __init__(self) -> None:
        self.added: list[str] = []
        self.changed: list[EntityChange] = []
        self.unchanged = 0
        self.verified: list[EntityChange] = []
        self.other: list[EntityChange] = []
        self.opposed: list[str] = []
        self.problems: list[Problem] = []
        self.seen: dict[str, int] = {}

    def done(self) -> Diff:
        return Diff(
            added=tuple(self.added),
            changed=tuple(self.changed),
            unchanged=self.unchanged,
            kept_because_verified=tuple(self.verified),
            kept_from_other_source=tuple(self.other),
            kept_because_opposed=tuple(self.opposed),
            problems=tuple(self.problems),
        )


def import_registry(
    store: Store,
    entities: Iterable[Entity | Problem],
    *,
    today: dt.date,
    accept: Collection[str] = (),
    oppositions: OppositionList | None = None,
    dry_run: bool = False,
) -> Diff:
    """
    Bring what a reader yields into a store and say what that changed.

    Importing the same twice changes nothing the second time. The register that told an
    entity before replaces what it told, another one only fills what is empty, and what a person
    verified is left alone; both are listed. ``accept`` holds ids for which the register
    is right all the same: it replaces what is stored, and they count as verified ``today``
    if they were verified before. Contact points that ``oppositions`` names are never taken, nor
    is a person who has one. What a register lists no more stays. A record that was merged into
    another one means that one: it only fills what is empty there, and nothing that the merge had
    joined is lost.

    A few hundred are stored at a time, in one transaction each: an import that is interrupted
    is taken up by starting it again. With ``dry_run`` nothing is written.
    """
    draft = _Draft()
    accepted = frozenset(accept)
    stream = iter(entities)
    while batch := list(islice(stream, _BATCH)):
        with store.transaction() as transaction:
            new: dict[tuple[str, str], Entity] = {}
            aliases = aliases_of(transaction.all(Merge))
            joined = frozenset(aliases.values())
            for incoming in batch:
                if isinstance(incoming, Problem):
                    draft.problems.append(incoming)
                    continue
                one = _without_opposed(incoming, oppositions)
                if isinstance(one, Person) and one is not incoming:
                    # Without that address nobody could tell any more that it is them.
                    draft.opposed.append(one.id)
                    continue
                if _is_repeated(draft, one):
                    continue
                one = _as_meant(one, aliases)
                stored = new.get((one.KIND, one.id)) or transaction.find(type(one), one.id)
                result = _decide(
                    draft,
                    stored,
                    one,
                    today=today,
                    accepted=one.id in accepted,
                    joined=one.id in joined,
                )
                if result is not None:
                    new[one.KIND, one.id] = result
            if new and not dry_run:
                transaction.put(*new.values())
    return draft.done()


def _is_repeated(draft: _Draft, one: Entity) -> bool:
    """Take the first of several records of one id; tell of those that say something else."""
    key = f"{one.KIND} {one.id}"
    said = hash(attrs.evolve(one, provenance=None))
    first = draft.seen.get(key)
    if first is None:
        draft.seen[key] = said
        return False
    if first != said:
        draft.problems.append(
            Problem(one.id, f"{title(one)!r} says otherwise than an earlier record of this id")
        )
    return True


def _decide(
    draft: _Draft,
    stored: Entity | None,
    one: Entity,
    *,
    today: dt.date,
    accepted: bool,
    joined: bool,
) -> Entity | None:
    """Return what to write, if anything, and note what becomes of the record."""
    if stored is None:
        draft.added.append(one.id)
        return one
    if isinstance(stored, Person) and stored.opposed:
        draft.opposed.append(one.id)
        return None
    wish = _kept(stored, wished(stored, one), joined=joined)
    if stored.verified_on is not None or accepted:
        return _verified(draft, stored, wish, today=today, accepted=accepted)
    result = _kept(stored, merged(stored, one), joined=joined)
    change = difference(stored, result)
    if change is None:
        draft.unchanged += 1
    else:
        draft.changed.append(change)
    if not same_source(stored, one) and (kept := _facts(difference(result, wish))):
        draft.other.append(kept)
    return None if change is None else result


def _verified(
    draft: _Draft, stored: Entity, wish: Entity, *, today: dt.date, accepted: bool
) -> Entity | None:
    change = _facts(difference(stored, wish))
    if change is None:
        draft.unchanged += 1
        return None
    if not accepted:
        draft.verified.append(change)
        return None
    again = None if stored.verified_on is None else today
    result = attrs.evolve(wish, verified_on=again)
    told = difference(stored, result)
    draft.changed.append(told if told is not None else change)
    return result


def _facts(change: EntityChange | None) -> EntityChange | None:
    """Return a change but for where it comes from; ``None`` if nothing else differs."""
    if change is None:
        return None
    fields = tuple(one for one in change.fields if one.field != "provenance")
    return attrs.evolve(change, fields=fields) if fields else None


def _as_meant(one: Entity, aliases: Mapping[str, str]) -> Entity:
    """
    Return a record under the id that it has here, naming others by theirs.

    One that was merged is no longer what is believed of it, so it comes without its source.
    """
    if not aliases:
        return one
    meant = repointed(one, aliases)
    kept = aliases.get(one.id)
    return meant if kept is None else attrs.evolve(meant, id=kept, provenance=None)


def _kept(stored: Entity, result: Entity, *, joined: bool) -> Entity:
    """Return it with every member of its lists, if a merge had joined them."""
    return with_members_of(stored, result) if joined else result


def _without_opposed(one: Entity, oppositions: OppositionList | None) -> Entity:
    if oppositions is None or not isinstance(one, Actor | Person | Appointment):
        return one
    allowed = tuple(point for point in one.contact_points if not oppositions.opposes(point))
    return one if allowed == one.contact_points else attrs.evolve(one, contact_points=allowed)

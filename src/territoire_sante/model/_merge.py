# SPDX-License-Identifier: Apache-2.0
"""
What people decided on duplicates: that two records are one, or that they are not.

A merge holds ids and revisions only; the values that lost stay in the history of the store,
where erasing a person erases them, too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, TypeVar

import attrs

from territoire_sante.model._entity import Entity
from territoire_sante.model._values import Provenance, Visibility

V = TypeVar("V")

# Names in other systems: an id that stands there is that system's.
_FOREIGN: Final = frozenset({"id", "source_id", "ban_id", "recurrence_id", "uid"})


@attrs.frozen(kw_only=True)
class Merge(Entity):
    """
    That ``dropped_id`` is the same as ``kept_id``, and went into it.

    Whoever still says ``dropped_id``, a register that is read again, means ``kept_id``. What the
    merge changed are the revisions from ``first_revision`` to ``last_revision`` of the store
    in which it was made; its own follows them.
    """

    KIND: ClassVar[str] = "merge"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("merge",)

    visibility: Visibility = Visibility.TEAM
    kept_id: str
    dropped_id: str
    at: dt.datetime | None = None
    reason: str = ""
    first_revision: int = 0
    last_revision: int = 0


@attrs.frozen(kw_only=True)
class Distinction(Entity):
    """That somebody made sure that two records are not the same, however alike they look."""

    KIND: ClassVar[str] = "distinction"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("distinction",)

    visibility: Visibility = Visibility.TEAM
    first_id: str
    second_id: str
    decided_on: dt.date | None = None
    reason: str = ""


def aliases_of(merges: Iterable[Merge]) -> dict[str, str]:
    """
    Return what became of each id that was dropped, the last of several merges.

    >>> first = Merge(id="merge:1", kept_id="person:b", dropped_id="person:a")
    >>> second = Merge(id="merge:2", kept_id="person:c", dropped_id="person:b")
    >>> aliases_of([first, second])
    {'person:a': 'person:c', 'person:b': 'person:c'}
    """
    steps = {one.dropped_id: one.kept_id for one in merges}
    found: dict[str, str] = {}
    for dropped, kept in steps.items():
        seen = {dropped}
        while kept in steps and kept not in seen:
            seen.add(kept)
            kept = steps[kept]  # noqa: PLW2901 - followed to the end of the chain
        found[dropped] = kept
    return found


def repointed(value: V, aliases: Mapping[str, str]) -> V:
    """
    Return an entity, or a part of one, that names other ids wherever it named these.

    A name is an id as the whole of a text, however deep. What a list then names twice it names
    once; its own id, ids of other systems and where it comes from stay.

    >>> from territoire_sante.model import LiaisonAssignment, LiaisonKind
    >>> liaison = LiaisonAssignment(
    ...     id="liaison:1", kind=LiaisonKind.DAC, serves_ids=("actor:a", "actor:b")
    ... )
    >>> repointed(liaison, {"actor:b": "actor:a"}).serves_ids
    ('actor:a',)
    """
    changed: Any = _changed(value, aliases)
    found: V = changed
    return found


def _changed(value: Any, aliases: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return aliases.get(value, value) if type(value) is str else value
    if isinstance(value, tuple | frozenset):
        new = [_changed(one, aliases) for one in value]
        return value if new == [*value] else type(value)(dict.fromkeys(new))
    if isinstance(value, Provenance) or not attrs.has(type(value)):
        return value
    changes = {
        field.name: new
        for field in attrs.fields(type(value))
        if field.name not in _FOREIGN
        and (new := _changed(old := getattr(value, field.name), aliases)) is not old
    }
    return attrs.evolve(value, **changes) if changes else value

# SPDX-License-Identifier: Apache-2.0
"""One sheet as an audience sees it: narrower fields empty, references to hidden sheets gone."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable
from typing import Any, Final, TypeVar

import attrs

from territoire_sante.model import CalendarUser, ContactPoint, Entity, Visibility
from territoire_sante.privacy._grants import opened_by
from territoire_sante.privacy._levels import NEUTRAL, ONE_OF, level_of
from territoire_sante.privacy._opposed import Opposed

E = TypeVar("E", bound=Entity)

_GONE: Final = object()


@attrs.frozen(kw_only=True)
class Rewriter:
    """Empties what ``audience`` may not see, and what names somebody or something ``hidden``."""

    audience: Visibility
    opposed: Opposed
    hidden: set[str]
    opened: frozenset[tuple[type[Any], str]] = frozenset()

    def entity(self, entity: E) -> E | None:
        """Return the sheet as it is shown, the same if nothing changes; ``None`` for not at all."""
        opened = opened_by(entity)
        rewriter = attrs.evolve(self, opened=opened) if opened else self
        shown = rewriter._part(entity)  # noqa: SLF001 - its own class
        return None if shown is _GONE else shown

    def _part(self, value: Any) -> Any:
        cls: Any = type(value)
        changes: dict[str, Any] = {}
        for field, empty, level in _fields_of(cls):
            old = getattr(value, field)
            if level.may_be_seen_by(self.audience) or (cls, field) in self.opened:
                new = self._value(field, old)
                if new is _GONE and empty is _GONE:
                    return _GONE
                new = empty if new is _GONE else new
            else:
                neutral = NEUTRAL.get((cls, field))
                new = empty if neutral is None else neutral(value)
                if new is _GONE:
                    return _GONE
            if new is not old:
                changes[field] = new() if isinstance(new, _Factory) else new
        if not changes:
            return value
        shown = attrs.evolve(value, **changes)
        return _GONE if _hollow(value, shown) else shown

    def _value(self, field: str, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(field, value)
        if isinstance(value, tuple):
            return self._members(field, value)
        if attrs.has(type(value)):
            return _GONE if self._barred(value) else self._part(value)
        return value

    def _members(self, field: str, members: tuple[Any, ...]) -> tuple[Any, ...]:
        shown = [self._value(field, one) for one in members]
        if all(new is old for new, old in zip(shown, members, strict=True)):
            return members
        return tuple(one for one in shown if one is not _GONE)

    def _text(self, field: str, text: str) -> Any:
        if text in self.hidden and field != "id":
            return _GONE
        if not text or field == "id" or not self.opposed.finder:
            return text
        shown = self.opposed.finder.redacted(text)
        return text if shown == text else shown

    def _barred(self, part: Any) -> bool:
        """Say whether a way to reach somebody is not for this audience, or of who objected."""
        if isinstance(part, ContactPoint):
            seen = part.visibility.may_be_seen_by(self.audience)
            return not seen or self.opposed.opposes(part)
        if isinstance(part, CalendarUser):
            return any(map(self.opposed.finder.finds, (part.address, part.name)))
        return False


class _Factory:
    """What fills an empty field each time anew."""

    def __init__(self, make: Any) -> None:
        self._make = make

    def __call__(self) -> Any:
        return self._make()


@functools.cache
def _fields_of(cls: Hashable) -> Iterable[tuple[str, Any, Visibility]]:
    """Return the fields of a class: name, what it holds when empty, who may see it."""
    known: Any = cls
    fields: Iterable[attrs.Attribute[Any]] = attrs.fields(known)
    return tuple((one.name, _empty(one), level_of(known, one.name)) for one in fields)


def _empty(field: attrs.Attribute[Any]) -> Any:
    default: Any = field.default
    if default is attrs.NOTHING:
        return _GONE
    if not hasattr(default, "takes_self"):
        return default
    return _GONE if default.takes_self else _Factory(default.factory)


def _hollow(before: Any, after: Any) -> bool:
    """Say whether a part or a sheet named something, and names nothing any more."""
    fields = ONE_OF.get(type(before), ())
    named = any(getattr(before, field) for field in fields)
    return named and not any(getattr(after, field) for field in fields)

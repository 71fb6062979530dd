# SPDX-License-Identifier: Apache-2.0
"""Rules as values: what they look at, with which parameters, and the pure function that looks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

import attrs

from territoire_sante.cooperation._words import Sentence
from territoire_sante.cooperation.rules._finding import Evidence, Quote, Severity
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import Duration, Entity
from territoire_sante.snapshot import Snapshot

#: What a parameter may be.
Value = Duration | dt.date | int

V = TypeVar("V", Duration, dt.date, int)

_CODE: Final = re.compile(r"[A-Z]{2,8}[0-9]{3}")


@attrs.frozen(kw_only=True)
class Parameter:
    """A threshold of a rule: its name, what it is unless told otherwise, and what it means."""

    name: str
    default: Value
    meaning: Sentence

    def read(self, value: object) -> Value:
        """
        Return ``value`` as the kind that this parameter is, from text where it has to be read.

        >>> within = Parameter(
        ...     name="within", default=Duration(days=15), meaning=Sentence(fr="délai", en="delay")
        ... )
        >>> str(within.read("P1M"))
        'P1M'

        Raises:
            InvalidValueError: it is something else.
        """
        kind = type(self.default)
        if type(value) is kind:
            return value
        if isinstance(value, str):
            try:
                return _READERS[kind](value.strip())
            except ValueError:
                pass
        raise InvalidValueError(
            f"{value!r} is no value of the parameter {self.name}",
            where=self.name,
            remedy=f"Write it like {self.default}",
        )


_READERS: Final[Mapping[type, Callable[[str], Value]]] = {
    Duration: Duration.parse,
    dt.date: dt.date.fromisoformat,
    int: int,
}


@attrs.frozen(kw_only=True)
class View:
    """What a rule is given: the snapshot, the day, and its parameters."""

    snapshot: Snapshot
    today: dt.date
    parameters: Mapping[str, Value] = attrs.field(factory=dict)

    def duration(self, name: str) -> Duration:
        """Return a parameter that is a length of time."""
        return self._of(Duration, name)

    def day(self, name: str) -> dt.date:
        """Return a parameter that is a day."""
        return self._of(dt.date, name)

    def number(self, name: str) -> int:
        """Return a parameter that is a number."""
        return self._of(int, name)

    def _of(self, kind: type[V], name: str) -> V:
        value = self.parameters[name]
        if not isinstance(value, kind):
            raise InvalidValueError(f"{name} is no {kind.__name__}", where=name)
        return value

    def name(self, entity_id: str) -> str:
        """Return what an entity is called; its id if it is not stored."""
        return self.snapshot.name_of(entity_id)


@attrs.frozen(kw_only=True)
class Hit:
    """
    What the function of a rule yields: the subject, what is the matter, and the facts.

    ``action`` stands in for the action of the rule where the case asks for another.
    """

    subject: Entity
    message: Sentence
    evidence: tuple[Evidence, ...] = ()
    territory_id: str = ""
    team_id: str = ""
    action: Sentence | None = None


@attrs.frozen(kw_only=True)
class Rule:
    """
    A rule: a code that keeps its meaning, what it looks for, and a pure function.

    ``check`` is called with a view and with each entity of the classes ``about``, one by one,
    so that one subject can be looked at alone and a fault about one harms no other. It says
    nothing where data is not known. ``unknown`` tells the reader what that is.
    """

    code: str
    name: str
    title: Sentence
    severity: Severity
    about: tuple[type[Entity], ...]
    check: Callable[[View, Any], Iterable[Hit]]
    action: Sentence
    unknown: Sentence
    quote: Quote | None = None
    parameters: tuple[Parameter, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise InvalidValueError(
                f"{self.code!r} is no code of a rule",
                where="code",
                remedy="Write capitals and three digits, such as XY001",
            )

    def values(self, given: Mapping[str, object]) -> dict[str, Value]:
        """
        Return the parameters, those ``given`` in place of the defaults.

        Raises:
            InvalidValueError: there is no such parameter, or the value is of another kind.
        """
        known = {one.name: one for one in self.parameters}
        if wrong := sorted(set(given) - set(known)):
            raise InvalidValueError(
                f"{self.code} has no parameter {wrong[0]!r}",
                where=self.code,
                remedy=f"There are: {', '.join(known) or 'none'}",
            )
        return {
            name: one.read(given[name]) if name in given else one.default
            for name, one in known.items()
        }

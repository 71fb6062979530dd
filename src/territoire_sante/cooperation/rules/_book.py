# SPDX-License-Identifier: Apache-2.0
"""
The rules there are: those of this library, and those that other distributions bring.

Listing imports none of the others; one that is broken is named and harms no other rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import metadata
from typing import Any, Final, Self

import attrs

from territoire_sante.cooperation.rules._rule import Rule
from territoire_sante.errors import InvalidValueError, PluginBrokenError

#: Where a distribution says which rules it brings: names of a :class:`Rule`, or of several.
ENTRY_POINT_GROUP: Final = "territoire_sante.rules"


@attrs.frozen
class RuleEntry:
    """What a distribution brings, known without importing it; ``value`` is ``module:attribute``."""

    name: str
    distribution: str = ""
    version: str = ""
    value: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.distribution} {self.version})"


@attrs.frozen(kw_only=True)
class RuleBook:
    """
    Rules ready to be asked, and entries of distributions that are yet to be imported.

    A code that is claimed twice belongs to whom it was given first; the other is broken.
    """

    own: tuple[Rule, ...] = ()
    entries: tuple[RuleEntry, ...] = ()

    @classmethod
    def installed(cls, own: Iterable[Rule]) -> Self:
        """Return the rules of ``own`` and what installed distributions declare; none is loaded."""
        points = metadata.entry_points(group=ENTRY_POINT_GROUP)
        entries = (
            RuleEntry(
                point.name,
                point.dist.name if point.dist else "",
                point.dist.version if point.dist else "",
                point.value,
            )
            for point in points
        )
        return cls(own=tuple(own), entries=tuple(sorted(entries, key=str)))

    def load(self) -> tuple[tuple[Rule, ...], tuple[PluginBrokenError, ...]]:
        """Import what is not yet, and return the rules by code, and what is broken."""
        rules = {rule.code: rule for rule in self.own}
        broken: list[PluginBrokenError] = []
        for entry in self.entries:
            try:
                loaded = tuple(_rules_of(entry))
                for rule in loaded:
                    if rules.setdefault(rule.code, rule) is not rule:
                        raise _broken(entry, f"the code {rule.code} belongs to another rule")
            except PluginBrokenError as error:
                broken.append(error)
        return tuple(rules[code] for code in sorted(rules)), tuple(broken)


def chosen(rules: Iterable[Rule], only: Iterable[str]) -> tuple[Rule, ...]:
    """
    Return the rules with the codes of ``only``, or all.

    Raises:
        InvalidValueError: there is no rule of this code.
    """
    by_code = {rule.code: rule for rule in rules}
    wanted = tuple(only)
    for code in wanted:
        if code not in by_code:
            raise InvalidValueError(
                f"there is no rule {code!r}",
                where="only",
                remedy=f"There are: {', '.join(by_code) or 'none'}",
            )
    return tuple(rule for code, rule in by_code.items() if not wanted or code in wanted)


def _rules_of(entry: RuleEntry) -> Iterator[Rule]:
    point = metadata.EntryPoint(name=entry.name, value=entry.value, group=ENTRY_POINT_GROUP)
    try:
        loaded: Any = point.load()
    except (Exception, SystemExit) as error:
        raise _broken(entry, f"cannot be imported: {type(error).__name__}: {error}") from error
    several = loaded if isinstance(loaded, tuple | list) else (loaded,)
    for rule in several:
        if not isinstance(rule, Rule):
            raise _broken(entry, f"gives a {type(rule).__name__} where a Rule is asked for")
        yield rule


def _broken(entry: RuleEntry, why: str) -> PluginBrokenError:
    return PluginBrokenError(
        f"{entry.value} {why}",
        where=str(entry),
        remedy=f"Repair or uninstall {entry.distribution or entry.name}",
    )

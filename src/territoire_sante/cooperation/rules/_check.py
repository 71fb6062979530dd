# SPDX-License-Identifier: Apache-2.0
"""Ask the rules about a snapshot, one by one; a fault in one does not stop the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping

from territoire_sante.cooperation.rules._asked import ask, fault, told
from territoire_sante.cooperation.rules._book import RuleBook, chosen
from territoire_sante.cooperation.rules._finding import Finding, Mute
from territoire_sante.cooperation.rules._rule import Rule, View
from territoire_sante.cooperation.rules._table import RULES
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import Entity
from territoire_sante.snapshot import Snapshot

#: Thresholds in place of the defaults: code of a rule, name of a parameter, value.
Parameters = Mapping[str, Mapping[str, object]]


def installed_rules() -> RuleBook:
    """Return the rules of this library, and those that other distributions bring."""
    return RuleBook.installed(RULES)


def check(
    snapshot: Snapshot,
    *,
    today: dt.date,
    only: Collection[str] = (),
    parameters: Parameters | None = None,
    mutes: Iterable[Mute] = (),
    among: Collection[str] | None = None,
    book: RuleBook | None = None,
) -> Iterator[Finding]:
    """
    Yield what the rules find, by code, then in the order of the ids of the subjects.

    A rule that fails, or cannot be loaded, is itself told of as a finding TS000.

    Args:
        snapshot: the state to look at.
        today: the day that delays are counted to.
        only: codes of rules; all if empty.
        parameters: by code and name, what to use in place of the defaults.
        mutes: what is not to be shown.
        among: ids of the subjects to look at; all if left out.
        book: the rules; those of this library and of installed distributions if left out.

    Raises:
        InvalidValueError: a code or a parameter that there is not; nothing was checked.
    """
    views, broken = prepared(snapshot, today, only, parameters, book)
    found = _each(views, broken, among)
    hidden = tuple(mutes)
    return (one for one in found if not any(mute.hides(one, today) for mute in hidden))


def prepared(
    snapshot: Snapshot,
    today: dt.date,
    only: Collection[str],
    parameters: Parameters | None,
    book: RuleBook | None,
) -> tuple[tuple[tuple[Rule, View], ...], tuple[Finding, ...]]:
    """
    Return the rules that are asked, each with what it is given, and findings about broken ones.

    Raises:
        InvalidValueError: a code or a parameter that there is not.
    """
    rules, broken = (book or installed_rules()).load()
    given = parameters or {}
    if strange := sorted(set(given) - {rule.code for rule in rules}):
        raise InvalidValueError(
            f"there are parameters for {strange[0]!r}, which is no rule", where="parameters"
        )
    views = tuple(
        (
            rule,
            View(snapshot=snapshot, today=today, parameters=rule.values(given.get(rule.code, {}))),
        )
        for rule in chosen(rules, only)
    )
    return views, () if only else tuple(fault(one.where, str(one)) for one in broken)


def _each(
    views: Iterable[tuple[Rule, View]],
    broken: Iterable[Finding],
    among: Collection[str] | None,
) -> Iterator[Finding]:
    yield from broken
    for rule, view in views:
        subjects = _subjects(rule, view.snapshot, among)
        yield from told(rule, (ask(rule, view, subject) for subject in subjects))


def _subjects(rule: Rule, snapshot: Snapshot, among: Collection[str] | None) -> Iterator[Entity]:
    for cls in rule.about:
        if among is None:
            yield from snapshot.all(cls)
        else:
            named = (snapshot.named(one) for one in sorted(set(among)))
            yield from (one for one in named if isinstance(one, cls))

# SPDX-License-Identifier: Apache-2.0
"""Ask the rules about a snapshot, one by one; a fault in one does not stop the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from territoire_sante.cooperation._words import Sentence, say
from territoire_sante.cooperation.rules._book import RuleBook, chosen
from territoire_sante.cooperation.rules._finding import Evidence, Finding, Mute, Severity
from territoire_sante.cooperation.rules._rule import Hit, Rule, View
from territoire_sante.cooperation.rules._table import RULES
from territoire_sante.errors import InvalidValueError, PluginBrokenError
from territoire_sante.model import Entity
from territoire_sante.snapshot import Snapshot

#: The code of findings about the rules themselves.
BROKEN: Final = "TS000"

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
    rules, broken = (book or installed_rules()).load()
    given = parameters or {}
    if strange := sorted(set(given) - {rule.code for rule in rules}):
        raise InvalidValueError(
            f"there are parameters for {strange[0]!r}, which is no rule", where="parameters"
        )
    views = [
        (
            rule,
            View(snapshot=snapshot, today=today, parameters=rule.values(given.get(rule.code, {}))),
        )
        for rule in chosen(rules, only)
    ]
    found = _each(views, broken if not only else (), among)
    hidden = tuple(mutes)
    return (one for one in found if not any(mute.hides(one, today) for mute in hidden))


def _each(
    views: Iterable[tuple[Rule, View]],
    broken: Iterable[PluginBrokenError],
    among: Collection[str] | None,
) -> Iterator[Finding]:
    for one in broken:
        yield _fault(one.where, "", str(one))
    for rule, view in views:
        faults: list[tuple[str, Exception]] = []
        for subject in _subjects(rule, view.snapshot, among):
            try:
                hits = tuple(rule.check(view, subject))
            except Exception as error:  # noqa: BLE001 - whatever a rule does must stop no other
                faults.append((subject.id, error))
            else:
                yield from (_finding(rule, view, hit) for hit in hits)
        if faults:
            about, first = faults[0]
            yield _fault(rule.code, about, f"{type(first).__name__}: {first}", len(faults))


def _subjects(rule: Rule, snapshot: Snapshot, among: Collection[str] | None) -> Iterator[Entity]:
    for cls in rule.about:
        if among is None:
            yield from snapshot.all(cls)
        else:
            named = (snapshot.named(one) for one in sorted(set(among)))
            yield from (one for one in named if isinstance(one, cls))


def _finding(rule: Rule, view: View, hit: Hit) -> Finding:
    return Finding(
        code=rule.code,
        title=rule.title,
        severity=rule.severity,
        subject_kind=hit.subject.KIND,
        subject_id=hit.subject.id,
        subject_name=view.name(hit.subject.id),
        territory_id=hit.territory_id,
        team_id=hit.team_id,
        message=hit.message,
        action=hit.action or rule.action,
        evidence=hit.evidence,
        quote=rule.quote,
    )


def _fault(name: str, about: str, why: str, count: int = 1) -> Finding:
    return Finding(
        code=BROKEN,
        title=Sentence(fr="Règle défaillante", en="Broken rule"),
        severity=Severity.ERROR,
        subject_kind="rule",
        subject_id=name,
        subject_name=name,
        message=say(
            "La règle {name} n'a pas pu être appliquée ({count} cas) : {why}.",
            "The rule {name} could not be applied ({count} cases): {why}.",
            name=name,
            count=str(count),
            why=why,
        ),
        action=Sentence(
            fr="Corriger ou désinstaller ce qui fournit la règle ; les autres ont été appliquées.",
            en="Mend or uninstall what brings the rule; the others were applied.",
        ),
        evidence=(Evidence(id=about),) if about else (),
    )

# SPDX-License-Identifier: Apache-2.0
"""
Checks that are brought up to date at the cost of what changed.

While the rules are asked it is noted, for each subject, which entities and which relations
their answers rest on. After a change only the subjects that it touches are asked again; rules
need declare nothing for that, as they see the world through their view alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

import attrs

from territoire_sante.cooperation.rules._asked import Answer, Fault, ask, told
from territoire_sante.cooperation.rules._book import RuleBook
from territoire_sante.cooperation.rules._check import Parameters, prepared
from territoire_sante.cooperation.rules._finding import Finding, Mute
from territoire_sante.cooperation.rules._rule import Rule, View
from territoire_sante.model import Entity
from territoire_sante.snapshot import Changed, Read, Snapshot, layered, touched, traced

#: What the rules say of one subject: those that say anything, by their place among all.
_Answers = tuple[tuple[int, Answer], ...]

# Of most things one subject has asked: its id alone takes a small part of a set.
_Readers = str | AbstractSet[str]


@attrs.frozen(kw_only=True, eq=False)
class Checked:
    """
    What the rules found about a snapshot on a day, and what that rests on.

    Made by :func:`check_all`, brought up to date by :func:`recheck`. ``asked`` is how many
    subjects were looked at for this state; of these, ``appeared`` and ``settled`` are the
    findings that were not there before, and are no more.
    """

    snapshot: Snapshot
    today: dt.date
    asked: int
    appeared: tuple[Finding, ...]
    settled: tuple[Finding, ...]
    _rules: tuple[tuple[Rule, Mapping[str, Any]], ...]
    _broken: tuple[Finding, ...]
    _answers: Mapping[str, _Answers]
    _readers: Mapping[tuple[str, str], Mapping[str, _Readers]]

    def findings(self, *, mutes: Iterable[Mute] = ()) -> Iterator[Finding]:
        """Yield what was found, as :func:`check` yields it, without what is muted."""
        hidden = tuple(mutes)
        for one in self._all():
            if not any(mute.hides(one, self.today) for mute in hidden):
                yield one

    def _all(self) -> Iterator[Finding]:
        yield from self._broken
        by_rule: dict[int, list[tuple[int, str, Answer]]] = {}
        for subject_id, answers in self._answers.items():
            cls = type(self.snapshot.named(subject_id))
            for number, answer in answers:
                place = self._rules[number][0].about.index(cls)
                by_rule.setdefault(number, []).append((place, subject_id, answer))
        for number in sorted(by_rule):
            found = sorted(by_rule[number], key=lambda one: one[:2])
            yield from told(self._rules[number][0], (answer for _, _, answer in found))


def check_all(
    snapshot: Snapshot,
    *,
    today: dt.date,
    only: Collection[str] = (),
    parameters: Parameters | None = None,
    book: RuleBook | None = None,
) -> Checked:
    """
    Ask the rules about everything, as :func:`check` does, and remember what the answers rest on.

    Raises:
        InvalidValueError: a code or a parameter that there is not; nothing was checked.
    """
    views, broken = prepared(snapshot, today, only, parameters, book)
    return _whole(snapshot, today, tuple((rule, view.parameters) for rule, view in views), broken)


def recheck(
    previous: Checked, snapshot: Snapshot, changes: Iterable[Changed], *, today: dt.date
) -> Checked:
    """
    Return what the rules find in a later snapshot, asking only about what the changes touch.

    ``changes`` are those of the store since the revision of ``previous.snapshot``. On another day
    everything is asked again, as delays have passed, and so is a store that went back.

    >>> from territoire_sante import Store
    >>> with Store.open("memory:") as store:
    ...     before = check_all(store.snapshot(), today=dt.date(2026, 11, 20))
    ...     snapshot, changes = before.snapshot.refresh(store), store.changes()
    ...     list(recheck(before, snapshot, changes, today=before.today).findings())
    []
    """
    if today != previous.today or snapshot.revision < previous.snapshot.revision:
        return _whole(snapshot, today, previous._rules, previous._broken)  # noqa: SLF001 - its own
    reads = touched(previous.snapshot, snapshot, changes)
    again = {ref for _, field, ref in reads if not field}
    for kind, field, ref in reads:
        found = previous._readers.get((kind, field), {}).get(ref, ())  # noqa: SLF001 - its own
        again |= {found} if isinstance(found, str) else set(found)
    subjects = {one: snapshot.named(one) for one in again}
    asking = _Asking(snapshot, today, previous._rules)  # noqa: SLF001 - its own
    new = {one: asking.about(subject) if subject else () for one, subject in subjects.items()}
    return attrs.evolve(
        previous,
        snapshot=snapshot,
        asked=sum(1 for one in subjects.values() if asking.has_rules_for(one)),
        appeared=_without(new, previous._answers),  # noqa: SLF001 - its own
        settled=_without({one: previous._answers.get(one, ()) for one in new}, new),  # noqa: SLF001 - its own
        answers=layered(previous._answers, {one: found or None for one, found in new.items()}),  # noqa: SLF001 - its own
        readers=_joined(previous._readers, asking.readers),  # noqa: SLF001 - its own
    )


def _whole(
    snapshot: Snapshot,
    today: dt.date,
    rules: tuple[tuple[Rule, Mapping[str, Any]], ...],
    broken: tuple[Finding, ...],
) -> Checked:
    asking = _Asking(snapshot, today, rules)
    answers: dict[str, _Answers] = {}
    asked = 0
    for cls in dict.fromkeys(cls for rule, _ in rules for cls in rule.about):
        for subject in snapshot.all(cls):
            asked += 1
            if found := asking.about(subject):
                answers[subject.id] = found
    return Checked(
        snapshot=snapshot,
        today=today,
        asked=asked,
        appeared=_without(answers, {}),
        settled=(),
        rules=rules,
        broken=broken,
        answers=answers,
        readers=asking.readers,
    )


class _Asking:
    """Asks all rules about one subject after another, and notes what each rests on."""

    def __init__(
        self,
        snapshot: Snapshot,
        today: dt.date,
        rules: Sequence[tuple[Rule, Mapping[str, Any]]],
    ) -> None:
        self._reads: Final[list[Read]] = []
        seen = traced(snapshot, self._reads.append)
        self._about: dict[type, list[tuple[int, Rule, View]]] = {}
        for number, (rule, parameters) in enumerate(rules):
            view = View(snapshot=seen, today=today, parameters=parameters)
            for cls in rule.about:
                self._about.setdefault(cls, []).append((number, rule, view))
        self.readers: Final[dict[tuple[str, str], dict[str, str | set[str]]]] = {}

    def has_rules_for(self, subject: Entity | None) -> bool:
        """Say whether any rule is about such."""
        return type(subject) in self._about

    def about(self, subject: Entity) -> _Answers:
        """Return what the rules say of a subject."""
        self._reads.clear()
        answers = tuple(
            (number, answer)
            for number, rule, view in self._about.get(type(subject), ())
            if (answer := ask(rule, view, subject))
        )
        for kind, field, ref in dict.fromkeys(self._reads):
            known = self.readers.setdefault((kind, field), {})
            others = known.setdefault(ref, subject.id)
            if isinstance(others, set):
                others.add(subject.id)
            elif others != subject.id:
                known[ref] = {others, subject.id}
        return answers


def _joined(
    before: Mapping[tuple[str, str], Mapping[str, _Readers]],
    new: Mapping[tuple[str, str], Mapping[str, str | set[str]]],
) -> Mapping[tuple[str, str], Mapping[str, _Readers]]:
    """
    Return who has asked what, together.

    That somebody asks for something no more is not forgotten: he is asked again once too often.
    """
    joined = dict(before)
    for about, readers in new.items():
        known = before.get(about, {})
        joined[about] = layered(
            known, {ref: _both(known.get(ref, ()), some) for ref, some in readers.items()}
        )
    return joined


def _both(some: str | Collection[str], others: str | Collection[str]) -> _Readers:
    together = {some} if isinstance(some, str) else set(some)
    together |= {others} if isinstance(others, str) else set(others)
    return frozenset(together) if len(together) > 1 else together.pop()


def _without(some: Mapping[str, _Answers], others: Mapping[str, _Answers]) -> tuple[Finding, ...]:
    """Return the findings of some subjects that they do not have among the others."""
    return tuple(
        finding
        for subject_id in sorted(some)
        for known in (_findings(others.get(subject_id, ())),)
        for finding in _findings(some[subject_id])
        if finding not in known
    )


def _findings(answers: _Answers) -> list[Finding]:
    return [one for _, answer in answers if not isinstance(answer, Fault) for one in answer]

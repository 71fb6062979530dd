# SPDX-License-Identifier: Apache-2.0
"""Small steps that the tests of rules share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import attrs

from territoire_sante.cooperation import Sentence
from territoire_sante.cooperation.rules import Hit, Rule, View
from territoire_sante.model import Entity
from territoire_sante.snapshot import Snapshot
from territoire_sante.testing._rule_case import RuleCase, snapshot_of


def view_of(rule: Rule, case: RuleCase, snapshot: Snapshot | None = None) -> View:
    return View(
        snapshot=case.snapshot if snapshot is None else snapshot,
        today=case.today,
        parameters=rule.values(case.parameters),
    )


def subjects(rule: Rule, snapshot: Snapshot) -> Iterator[Entity]:
    for cls in rule.about:
        yield from snapshot.all(cls)


def hits(rule: Rule, case: RuleCase, snapshot: Snapshot | None = None) -> list[Hit]:
    """Return what the rule says about each subject of a case."""
    view = view_of(rule, case, snapshot)
    return [hit for one in subjects(rule, view.snapshot) for hit in rule.check(view, one)]


def found(rule: Rule, case: RuleCase) -> list[str]:
    return sorted({hit.subject.id for hit in hits(rule, case)})


def bare(entity: Entity) -> Entity:
    """Return the entity with nothing but its obligatory fields."""
    fields = attrs.fields(type(entity))
    obligatory = {f.name: getattr(entity, f.name) for f in fields if f.default is attrs.NOTHING}
    return type(entity)(**obligatory)


def sentences(rule: Rule, told: list[Hit]) -> Iterator[tuple[str, Sentence]]:
    """Yield each sentence that people may read, with where it comes from."""
    yield from (("title", rule.title), ("action", rule.action), ("unknown", rule.unknown))
    yield from ((f"parameter {one.name}", one.meaning) for one in rule.parameters)
    for hit in told:
        yield f"message about {hit.subject.id}", hit.message
        if hit.action is not None:
            yield f"action about {hit.subject.id}", hit.action


def crowded(rule: Rule, case: RuleCase, number: int) -> Snapshot:
    """Return the entities of a case with ``number`` copies of each subject."""
    copies = [
        attrs.evolve(one, id=f"{one.id}-{n}")
        for one in subjects(rule, case.snapshot)
        for n in range(number)
    ]
    return snapshot_of(*case.entities, *copies)


def seconds(rule: Rule, case: RuleCase, snapshot: Snapshot) -> float:
    """Return the processor's time that a check takes, the least of three."""
    taken: list[Any] = []
    for _ in range(3):
        began = time.process_time()
        hits(rule, case, snapshot)
        taken.append(time.process_time() - began)
    return float(min(taken))

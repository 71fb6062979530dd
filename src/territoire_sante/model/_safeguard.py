# SPDX-License-Identifier: Apache-2.0
"""Safeguard plans of communes and intercommunal bodies (CSI L731-3, L731-4, R731-1 ff.)."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from territoire_sante.model._duration import Duration
from territoire_sante.model._entity import Entity
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._states import Machine
from territoire_sante.model._values import Tri

#: Delays found in the texts; each may be given otherwise, because wordings changed.
REVISE_EVERY = Duration(years=5)
EXERCISE_EVERY = Duration(years=5)
ADOPT_WITHIN = Duration(years=2)


class SafeguardKind(LabelledEnum):
    """Of a commune, or of an intercommunal body."""

    PCS = "pcs", "Plan communal de sauvegarde", "Municipal safeguard plan"
    PICS = "pics", "Plan intercommunal de sauvegarde", "Intercommunal safeguard plan"


class SafeguardState(LabelledEnum):
    """Life of a plan; UNKNOWN differs from NONE."""

    UNKNOWN = "unknown", "Inconnu", "Unknown"
    NONE = "none", "Aucun", "None"
    IN_PREPARATION = "in_preparation", "En préparation", "In preparation"
    ADOPTED = "adopted", "Adopté", "Adopted"
    UNDER_REVISION = "under_revision", "En révision", "Under revision"
    SUPERSEDED = "superseded", "Remplacé", "Superseded"


_S = SafeguardState

SAFEGUARD_MACHINE = Machine(
    name="safeguard plan",
    states=SafeguardState,
    initial=_S.UNKNOWN,
    table={
        "note_absence": {_S.UNKNOWN: _S.NONE},
        "prepare": {_S.UNKNOWN: _S.IN_PREPARATION, _S.NONE: _S.IN_PREPARATION},
        # One may learn that a plan has been there for years.
        "adopt": {_S.UNKNOWN: _S.ADOPTED, _S.NONE: _S.ADOPTED, _S.IN_PREPARATION: _S.ADOPTED},
        "begin_revision": {_S.ADOPTED: _S.UNDER_REVISION},
        "finish_revision": {_S.UNDER_REVISION: _S.ADOPTED},
        "supersede": {_S.ADOPTED: _S.SUPERSEDED, _S.UNDER_REVISION: _S.SUPERSEDED},
    },
)

_ADOPTED = (SafeguardState.ADOPTED, SafeguardState.UNDER_REVISION)


def _late(since: dt.date | None, every: Duration, today: dt.date) -> Tri:
    return Tri.of(None if since is None else every.after(since) < today)


@attrs.frozen(kw_only=True)
class SafeguardPlan(Entity):
    """
    What is known of a plan, and of the means listed in it; never its registers of people.

    ``notified_on`` is the day of the prefect's notification that makes it
    compulsory. ``shares`` are entities of their own, that name this plan.
    """

    KIND: ClassVar[str] = "safeguard_plan"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("safeguard_plan",)

    kind: SafeguardKind = SafeguardKind.PCS
    territory_id: str = ""
    owner_id: str = ""
    mandatory: Tri = Tri.UNKNOWN
    notified_on: dt.date | None = None
    adopted_on: dt.date | None = None
    last_revised_on: dt.date | None = None
    last_exercise_on: dt.date | None = None
    presented_to_council_on: dt.date | None = None
    redacted_copy: Tri = Tri.UNKNOWN
    hazards: tuple[str, ...] = ()
    lever_ids: tuple[str, ...] = ()
    document_id: str = ""
    successor_id: str = ""
    state: SafeguardState = SafeguardState.UNKNOWN

    def revise_by(self, *, every: Duration = REVISE_EVERY) -> dt.date | None:
        """Return the last day to revise an adopted plan; ``None`` if it is not known."""
        since = self.last_revised_on or self.adopted_on
        return every.after(since) if since is not None and self.state in _ADOPTED else None

    def exercise_by(self, *, every: Duration = EXERCISE_EVERY) -> dt.date | None:
        """Return the last day to hold an exercise on an adopted plan; ``None`` if unknown."""
        since = self.last_exercise_on or self.adopted_on
        return every.after(since) if since is not None and self.state in _ADOPTED else None

    def adopt_by(self, *, within: Duration = ADOPT_WITHIN) -> dt.date | None:
        """Return the last day to adopt a plan known to be compulsory; ``None`` otherwise."""
        lacking = self.state in (SafeguardState.NONE, SafeguardState.IN_PREPARATION)
        due = lacking and self.mandatory is Tri.YES and self.notified_on is not None
        return within.after(self.notified_on) if due and self.notified_on else None

    def overdue(self, today: dt.date, *, every: Duration = REVISE_EVERY) -> Tri:
        """Say whether an adopted plan should have been revised by ``today``."""
        if self.state not in _ADOPTED:
            return Tri.UNKNOWN if self.state is SafeguardState.UNKNOWN else Tri.NO
        return _late(self.last_revised_on or self.adopted_on, every, today)

    def exercise_overdue(self, today: dt.date, *, every: Duration = EXERCISE_EVERY) -> Tri:
        """
        Say whether an exercise should have been held by ``today``.

        Without a noted exercise the delay runs from the adoption; once it is
        over, the answer is UNKNOWN, because one may have been held.
        """
        if self.state not in _ADOPTED:
            return Tri.UNKNOWN if self.state is SafeguardState.UNKNOWN else Tri.NO
        if self.last_exercise_on is not None:
            return _late(self.last_exercise_on, every, today)
        since_adoption = _late(self.adopted_on, every, today)
        return Tri.UNKNOWN if since_adoption is Tri.YES else since_adoption

    def adoption_overdue(self, today: dt.date, *, within: Duration = ADOPT_WITHIN) -> Tri:
        """Say whether a compulsory plan should have been adopted by ``today``."""
        if self.mandatory is Tri.NO or self.state in (*_ADOPTED, SafeguardState.SUPERSEDED):
            return Tri.NO
        if self.mandatory is Tri.UNKNOWN or self.state is SafeguardState.UNKNOWN:
            return Tri.UNKNOWN
        return _late(self.notified_on, within, today)

    def presented_since(self, election: dt.date) -> Tri:
        """Say whether a plan in force was presented to the council since this election."""
        if self.state not in _ADOPTED:
            return Tri.UNKNOWN
        shown = self.presented_to_council_on
        return Tri.of(None if shown is None else shown >= election)

    def note_absence(self) -> SafeguardPlan:
        """Return it as known not to exist."""
        return self._step("note_absence")

    def prepare(self) -> SafeguardPlan:
        """Return it as being written."""
        return self._step("prepare")

    def adopt(self, *, on: dt.date) -> SafeguardPlan:
        """Return it as adopted by order on this day."""
        return attrs.evolve(self._step("adopt"), adopted_on=on)

    def begin_revision(self) -> SafeguardPlan:
        """Return it as being revised; it stays in force meanwhile."""
        return self._step("begin_revision")

    def finish_revision(self, *, on: dt.date) -> SafeguardPlan:
        """Return it as revised on this day."""
        return attrs.evolve(self._step("finish_revision"), last_revised_on=on)

    def supersede(self, *, by: str) -> SafeguardPlan:
        """Return it as followed by the plan with the id ``by``."""
        return attrs.evolve(self._step("supersede"), successor_id=by)

    def hold_exercise(self, *, on: dt.date) -> SafeguardPlan:
        """Return it with an exercise held on this day."""
        return attrs.evolve(self, last_exercise_on=on)

    def present(self, *, on: dt.date) -> SafeguardPlan:
        """Return it as presented to the council on this day."""
        return attrs.evolve(self, presented_to_council_on=on)

    def _step(self, verb: str) -> SafeguardPlan:
        return attrs.evolve(self, state=SAFEGUARD_MACHINE.step(self.state, verb, subject=self.id))

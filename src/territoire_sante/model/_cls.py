# SPDX-License-Identifier: Apache-2.0
"""Local health contracts ("contrats locaux de santé", CSP L1434-10)."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from territoire_sante.model._convention_parts import last_day
from territoire_sante.model._duration import Duration
from territoire_sante.model._entity import Entity
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._states import Machine


class ClsStage(LabelledEnum):
    """Stages of a local health contract (domain reference, 6.1)."""

    FRAMING = "framing", "Cadrage", "Framing"
    DIAGNOSIS = "diagnosis", "Diagnostic", "Diagnosis"
    DRAFTING = "drafting", "Rédaction", "Drafting"
    SIGNED = "signed", "Signé", "Signed"
    RUNNING = "running", "En cours", "Running"
    EVALUATION = "evaluation", "Évaluation", "Evaluation"
    RENEWED = "renewed", "Renouvelé", "Renewed"
    ENDED = "ended", "Terminé", "Ended"


_C = ClsStage

CLS_MACHINE = Machine(
    name="local health contract",
    states=ClsStage,
    initial=_C.FRAMING,
    table={
        "diagnose": {_C.FRAMING: _C.DIAGNOSIS},
        "draft": {_C.DIAGNOSIS: _C.DRAFTING},
        "sign": {_C.DRAFTING: _C.SIGNED},
        "run": {_C.SIGNED: _C.RUNNING},
        "evaluate": {_C.RUNNING: _C.EVALUATION},
        "renew": {_C.EVALUATION: _C.RENEWED},
        "end": {_C.EVALUATION: _C.ENDED},
    },
)

_ACTIVE = frozenset({ClsStage.SIGNED, ClsStage.RUNNING, ClsStage.EVALUATION})


@attrs.frozen(kw_only=True)
class ClsStageChange:
    """A stage entered on a day."""

    stage: ClsStage
    on: dt.date | None = None


@attrs.frozen(kw_only=True)
class LocalHealthContract(Entity):
    """
    A contract between the ARS and authorities on a territory; not a legal person.

    ``carrier_id`` is the body that carries it and employs its coordinator. The
    term differs from region to region, so ``starts_on`` and ``duration`` or ``ends_on``
    (the last day) are given for each. ``convention_id`` is the signed text, ``successor_id``
    the contract that follows after RENEWED.
    """

    KIND: ClassVar[str] = "cls"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("cls",)

    name: str
    territory_id: str = ""
    carrier_id: str = ""
    signatory_ids: tuple[str, ...] = ()
    coordinator_ids: tuple[str, ...] = ()
    diagnostic_id: str = ""
    convention_id: str = ""
    axes: tuple[str, ...] = ()
    signed_on: dt.date | None = None
    starts_on: dt.date | None = None
    duration: Duration | None = None
    ends_on: dt.date | None = None
    successor_id: str = ""
    stage: ClsStage = ClsStage.FRAMING
    stage_history: tuple[ClsStageChange, ...] = ()

    def end_on(self) -> dt.date | None:
        """Return the last day of the contract; ``None`` if it is not known."""
        start = self.starts_on or self.signed_on
        if self.ends_on is not None or start is None or self.duration is None:
            return self.ends_on
        return last_day(start, self.duration)

    def active_on(self, today: dt.date) -> bool:
        """Say whether it is signed, begun and not over on this day."""
        start, end = self.starts_on or self.signed_on, self.end_on()
        begun = start is None or start <= today
        return self.stage in _ACTIVE and begun and (end is None or today <= end)

    def expiring_soon(self, today: dt.date, within: Duration) -> bool:
        """Say whether it is active and ends ``within`` this time."""
        end = self.end_on()
        return self.active_on(today) and end is not None and end <= within.after(today)

    def diagnose(self, *, on: dt.date) -> LocalHealthContract:
        """Return it in its diagnosis."""
        return self._enter("diagnose", on)

    def draft(self, *, on: dt.date) -> LocalHealthContract:
        """Return it as being written."""
        return self._enter("draft", on)

    def sign(self, *, on: dt.date) -> LocalHealthContract:
        """Return it as signed."""
        return attrs.evolve(self._enter("sign", on), signed_on=on)

    def run(self, *, on: dt.date) -> LocalHealthContract:
        """Return it as under way."""
        return self._enter("run", on)

    def evaluate(self, *, on: dt.date) -> LocalHealthContract:
        """Return it as being evaluated."""
        return self._enter("evaluate", on)

    def renew(self, *, by: str, on: dt.date) -> LocalHealthContract:
        """Return it as followed by the contract with the id ``by``."""
        return attrs.evolve(self._enter("renew", on), successor_id=by)

    def end(self, *, on: dt.date) -> LocalHealthContract:
        """Return it as over, with none to follow."""
        return self._enter("end", on)

    def _enter(self, verb: str, on: dt.date) -> LocalHealthContract:
        stage = CLS_MACHINE.step(self.stage, verb, subject=self.id)
        history = (*self.stage_history, ClsStageChange(stage=stage, on=on))
        return attrs.evolve(self, stage=stage, stage_history=history)

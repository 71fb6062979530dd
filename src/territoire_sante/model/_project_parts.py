# SPDX-License-Identifier: Apache-2.0
"""The two tracks of a care project, its stages, and their state machines."""

from __future__ import annotations

import datetime as dt

import attrs

from territoire_sante.model._checks import between
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._states import Machine
from territoire_sante.model._values import Money, Tri


@attrs.frozen(kw_only=True)
class Team:
    """
    The committed professionals of a project, as numbers of people; ``None`` means not known.

    ``committed_on`` is the day on which they signed the health project or a
    letter of commitment.
    """

    general_practitioners: int | None = attrs.field(default=None, validator=between(0))
    paramedicals: int | None = attrs.field(default=None, validator=between(0))
    others: int | None = attrs.field(default=None, validator=between(0))
    committed_on: dt.date | None = None

    def meets_threshold(self) -> Tri:
        """
        Say whether it has two general practitioners and one paramedical (CSP L6323-3).

        >>> Team(general_practitioners=1).meets_threshold().name
        'NO'
        """
        doctors, paramedicals = self.general_practitioners, self.paramedicals
        if (doctors is not None and doctors < 2) or paramedicals == 0:  # noqa: PLR2004 - the law's number
            return Tri.NO
        if doctors is None or paramedicals is None:
            return Tri.UNKNOWN
        return Tri.YES


class HealthProjectState(LabelledEnum):
    """How far the health project is."""

    NONE = "none", "Aucun", "None"
    DRAFT = "draft", "En rédaction", "Being written"
    SUBMITTED = "submitted", "Déposé", "Submitted"
    VALIDATED = "validated", "Validé", "Validated"
    TO_REVISE = "to_revise", "À revoir", "To be revised"


_H = HealthProjectState

HEALTH_PROJECT_MACHINE = Machine(
    name="health project",
    states=HealthProjectState,
    initial=_H.NONE,
    table={
        "draft": {_H.NONE: _H.DRAFT},
        "submit": {_H.DRAFT: _H.SUBMITTED, _H.TO_REVISE: _H.SUBMITTED},
        "validate": {_H.SUBMITTED: _H.VALIDATED},
        "send_back": {_H.SUBMITTED: _H.TO_REVISE, _H.VALIDATED: _H.TO_REVISE},
    },
)


@attrs.frozen(kw_only=True)
class HealthProject:
    """The document on access, teamwork and sharing of information that the ARS validates."""

    state: HealthProjectState = HealthProjectState.NONE
    submitted_on: dt.date | None = None
    validated_on: dt.date | None = None
    document_id: str = ""

    def draft(self) -> HealthProject:
        """Return it as begun."""
        return self._step("draft")

    def submit(self, *, on: dt.date) -> HealthProject:
        """Return it as handed to the ARS."""
        return attrs.evolve(self._step("submit"), submitted_on=on)

    def validate(self, *, on: dt.date) -> HealthProject:
        """Return it as validated by the ARS."""
        return attrs.evolve(self._step("validate"), validated_on=on)

    def send_back(self) -> HealthProject:
        """Return it as to be revised, whether the ARS or the years ask for it."""
        return self._step("send_back")

    def _step(self, verb: str) -> HealthProject:
        return attrs.evolve(self, state=HEALTH_PROJECT_MACHINE.step(self.state, verb))


class BuildingTrack(LabelledEnum):
    """How far the building is; it goes its own way beside the team."""

    NONE = "none", "Aucun bâtiment", "No building"
    IDEA = "idea", "Idée", "Idea"
    STUDY = "study", "Étude", "Study"
    PROGRAMMING = "programming", "Programmation", "Programming"
    FUNDED = "funded", "Financé", "Funded"
    WORKS = "works", "Travaux", "Works"
    DELIVERED = "delivered", "Livré", "Delivered"

    @property
    def is_past_programming(self) -> bool:
        """Whether money or works are engaged."""
        return self in (BuildingTrack.FUNDED, BuildingTrack.WORKS, BuildingTrack.DELIVERED)


_B = BuildingTrack

BUILDING_MACHINE = Machine(
    name="building",
    states=BuildingTrack,
    initial=_B.NONE,
    table={
        "propose": {_B.NONE: _B.IDEA},
        "study": {_B.IDEA: _B.STUDY},
        "programme": {_B.STUDY: _B.PROGRAMMING},
        "fund": {_B.PROGRAMMING: _B.FUNDED},
        "begin_works": {_B.FUNDED: _B.WORKS},
        "deliver": {_B.WORKS: _B.DELIVERED},
        "give_up": {
            _B.IDEA: _B.NONE,
            _B.STUDY: _B.NONE,
            _B.PROGRAMMING: _B.NONE,
            _B.FUNDED: _B.NONE,
        },
    },
)


@attrs.frozen(kw_only=True)
class Building:
    """The building of a project: its track, its dates, its owner and its money."""

    track: BuildingTrack = BuildingTrack.NONE
    owner_id: str = ""
    decided_on: dt.date | None = None
    permit_on: dt.date | None = None
    works_on: dt.date | None = None
    delivered_on: dt.date | None = None
    cost: Money | None = None
    funding: Money | None = None

    def first_commitment(self) -> dt.date | None:
        """Return the first day on which it was decided, permitted or begun."""
        dates = (self.decided_on, self.permit_on, self.works_on)
        return min((day for day in dates if day is not None), default=None)

    def propose(self) -> Building:
        """Return it as an idea."""
        return self._step("propose")

    def study(self) -> Building:
        """Return it as under study."""
        return self._step("study")

    def programme(self, *, decided_on: dt.date | None = None) -> Building:
        """Return it as decided and programmed."""
        return attrs.evolve(self._step("programme"), decided_on=decided_on or self.decided_on)

    def fund(self, *, funding: Money | None = None) -> Building:
        """Return it as paid for."""
        return attrs.evolve(self._step("fund"), funding=funding or self.funding)

    def begin_works(self, *, on: dt.date) -> Building:
        """Return it as under construction."""
        return attrs.evolve(self._step("begin_works"), works_on=on)

    def deliver(self, *, on: dt.date) -> Building:
        """Return it as ready for use."""
        return attrs.evolve(self._step("deliver"), delivered_on=on)

    def give_up(self) -> Building:
        """Return it without a building; once works have begun it is too late."""
        return self._step("give_up")

    def _step(self, verb: str) -> Building:
        return attrs.evolve(self, track=BUILDING_MACHINE.step(self.track, verb))


class MspStage(LabelledEnum):
    """Where a project stands (domain reference, 6.1); difficulty is a flag, not a stage."""

    EMERGENCE = "emergence", "Émergence", "Emergence"
    INTENT = "intent", "Lettre d'intention", "Letter of intent"
    HEALTH_PROJECT = "health_project", "Projet de santé", "Health project"
    SUBMITTED = "submitted", "Projet déposé", "Submitted"
    VALIDATED = "validated", "Projet validé", "Validated"
    STRUCTURED = "structured", "Structurée", "Structured"
    OPERATING = "operating", "En fonctionnement", "Operating"
    CONSOLIDATION = "consolidation", "Consolidation", "Consolidation"
    PAUSED = "paused", "En pause", "Paused"
    CLOSED = "closed", "Fermée", "Closed"
    MERGED = "merged", "Fusionnée", "Merged"

    @property
    def is_live(self) -> bool:
        """Whether the project goes on, paused or not."""
        return self not in (MspStage.CLOSED, MspStage.MERGED)


_M = MspStage
_WAY = (
    _M.EMERGENCE,
    _M.INTENT,
    _M.HEALTH_PROJECT,
    _M.SUBMITTED,
    _M.VALIDATED,
    _M.STRUCTURED,
    _M.OPERATING,
    _M.CONSOLIDATION,
)

MSP_STAGE_MACHINE = Machine(
    name="care project",
    states=MspStage,
    initial=_M.EMERGENCE,
    table={
        "declare_intent": {_M.EMERGENCE: _M.INTENT},
        "write_health_project": {_M.INTENT: _M.HEALTH_PROJECT},
        "submit": {_M.HEALTH_PROJECT: _M.SUBMITTED},
        "validate": {_M.SUBMITTED: _M.VALIDATED},
        "structure": {_M.VALIDATED: _M.STRUCTURED},
        "operate": {_M.STRUCTURED: _M.OPERATING},
        "consolidate": {_M.OPERATING: _M.CONSOLIDATION},
        "pause": dict.fromkeys(_WAY, _M.PAUSED),
        "resume": {_M.PAUSED: _M.EMERGENCE},
        "close": dict.fromkeys((*_WAY, _M.PAUSED), _M.CLOSED),
        "merge": dict.fromkeys((*_WAY, _M.PAUSED), _M.MERGED),
    },
    back=frozenset({"resume"}),
)

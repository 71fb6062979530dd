# SPDX-License-Identifier: Apache-2.0
"""Care projects: a team with its health project, and perhaps a building (domain reference, 6.1)."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from territoire_sante.model._entity import Entity
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._project_parts import (
    MSP_STAGE_MACHINE,
    Building,
    HealthProject,
    HealthProjectState,
    MspStage,
    Team,
)
from territoire_sante.model._values import Address, Tri


class ProjectKind(LabelledEnum):
    """What a project wants to become."""

    MSP = "msp", "Maison de santé pluriprofessionnelle", "Multi-professional health centre"
    ESP = "esp", "Équipe de soins primaires", "Primary-care team"
    CENTRE_SANTE = "centre_sante", "Centre de santé", "Salaried health centre"
    CPTS = "cpts", "CPTS", "Territorial community of professionals"
    MOBILE_SERVICE = "mobile_service", "Service mobile", "Mobile service"
    OTHER = "other", "Autre", "Other"


@attrs.frozen(kw_only=True)
class StageChange:
    """A stage entered on a day, and what shows it (a letter, a decision, a number)."""

    stage: MspStage
    on: dt.date | None = None
    evidence: str = ""


@attrs.frozen(kw_only=True)
class CareProject(Entity):
    """
    A project of a care team, from the first idea to consolidation.

    Team and building may exist without each other; ``None`` for ``team``,
    ``health_project`` or ``building`` means not known, while their NONE
    states mean that there is none. ``actor_id`` is the actor it became.
    """

    KIND: ClassVar[str] = "care_project"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("care_project",)

    kind: ProjectKind
    name: str
    lead_id: str = ""
    partner_ids: tuple[str, ...] = ()
    actor_id: str = ""
    territory_id: str = ""
    sites: tuple[Address, ...] = ()
    team: Team | None = None
    health_project: HealthProject | None = None
    building: Building | None = None
    stage: MspStage = MspStage.EMERGENCE
    stage_history: tuple[StageChange, ...] = ()
    in_difficulty: Tri = Tri.UNKNOWN
    support_ids: tuple[str, ...] = ()
    convention_ids: tuple[str, ...] = ()
    merged_into_id: str = ""

    def stage_since(self) -> dt.date | None:
        """Return the day on which it entered its stage, if it was noted."""
        for change in reversed(self.stage_history):
            if change.stage is self.stage:
                return change.on
        return None

    def building_before_health_project(self) -> Tri:
        """
        Say whether the building was engaged before the health project was validated.

        It is not known where a health project was validated on a day that nobody noted.
        """
        engaged = self.building.first_commitment() if self.building else None
        health = self.health_project
        if engaged is None or health is None:
            return Tri.UNKNOWN
        if health.validated_on is None:
            once = (HealthProjectState.VALIDATED, HealthProjectState.TO_REVISE)
            return Tri.UNKNOWN if health.state in once else Tri.YES
        return Tri.of(engaged < health.validated_on)

    def declare_intent(self, *, on: dt.date, evidence: str = "") -> CareProject:
        """Return it with its letter of intent sent to the ARS."""
        return self._enter("declare_intent", on, evidence)

    def write_health_project(self, *, on: dt.date, evidence: str = "") -> CareProject:
        """Return it as writing its health project."""
        return self._enter("write_health_project", on, evidence)

    def submit(self, *, on: dt.date, evidence: str = "") -> CareProject:
        """Return it with its health project handed to the ARS."""
        return self._enter("submit", on, evidence)

    def validate(self, *, on: dt.date, evidence: str = "") -> CareProject:
        """Return it as recognised: the ARS has validated the health project."""
        return self._enter("validate", on, evidence)

    def structure(self, *, on: dt.date, evidence: str = "") -> CareProject:
        """Return it with a legal person (SISA or association) and a FINESS number."""
        return self._enter("structure", on, evidence)

    def operate(self, *, on: dt.date, evidence: str = "") -> CareProject:
        """Return it as open, or with its ACI signed."""
        return self._enter("operate", on, evidence)

    def consolidate(self, *, on: dt.date, evidence: str = "") -> CareProject:
        """Return it as consolidating: a lasting coordinator, a maturity review or a new ACI."""
        return self._enter("consolidate", on, evidence)

    def pause(self, *, on: dt.date, evidence: str = "") -> CareProject:
        """Return it as halted for a time."""
        return self._enter("pause", on, evidence)

    def resume(self, *, on: dt.date, evidence: str = "") -> CareProject:
        """Return it in the stage before the pause; in EMERGENCE if that was not noted."""
        return self._enter("resume", on, evidence)

    def close(self, *, on: dt.date, evidence: str = "") -> CareProject:
        """Return it as given up or closed."""
        return self._enter("close", on, evidence)

    def merge(self, *, into: str, on: dt.date, evidence: str = "") -> CareProject:
        """Return it as gone into the project with the id ``into``."""
        return attrs.evolve(self._enter("merge", on, evidence), merged_into_id=into)

    def _enter(self, verb: str, on: dt.date, evidence: str) -> CareProject:
        history = self.stage_history
        if not history or history[-1].stage is not self.stage:
            history = (*history, StageChange(stage=self.stage))
        earlier = [c.stage for c in history if c.stage is not MspStage.PAUSED]
        before = earlier[-1] if earlier else None
        stage = MSP_STAGE_MACHINE.step(self.stage, verb, subject=self.id, before=before)
        change = StageChange(stage=stage, on=on, evidence=evidence)
        return attrs.evolve(self, stage=stage, stage_history=(*history, change))


class MaturityAxis(LabelledEnum):
    """The four axes of the maturity matrix for primary care (HAS)."""

    HEALTH_PROJECT = "health_project", "Projet de santé", "Health project"
    PATIENT_INVOLVEMENT = "patient_involvement", "Implication des patients", "Patient involvement"
    TEAMWORK = "teamwork", "Travail en équipe", "Teamwork"
    INFORMATION_SYSTEM = "information_system", "Système d'information", "Information system"


@attrs.frozen(kw_only=True)
class MaturityScore:
    """The level agreed on for one dimension of an axis, what shows it, and the action it led to."""

    axis: MaturityAxis
    dimension: str = ""
    level: str = ""
    evidence: str = ""
    action_id: str = ""


@attrs.frozen(kw_only=True)
class MaturityReview(Entity):
    """A self-assessment of a team, agreed on together."""

    KIND: ClassVar[str] = "maturity_review"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("maturity_review",)

    actor_id: str
    project_id: str = ""
    on: dt.date | None = None
    scores: tuple[MaturityScore, ...] = ()

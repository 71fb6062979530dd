# SPDX-License-Identifier: Apache-2.0
"""Workshops, what was said there, and the actions that came of it (domain reference, 6.2)."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from territoire_sante.model._actor import ActorKind
from territoire_sante.model._checks import between
from territoire_sante.model._entity import Entity
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._lever_types import LeverFamily
from territoire_sante.model._states import Machine


class WorkshopMethod(LabelledEnum):
    """How a workshop is run."""

    WORLD_CAFE = "world_cafe", "World café", "World café"
    ROUND_TABLE = "round_table", "Table ronde", "Round table"
    WORKING_GROUP = "working_group", "Groupe de travail", "Working group"
    OTHER = "other", "Autre", "Other"


@attrs.frozen(kw_only=True)
class WorkshopTable:
    """A table of a workshop: its number, theme and host; statements name it by its number."""

    number: int = attrs.field(validator=between(1))
    theme: str
    host_id: str = ""


@attrs.frozen(kw_only=True)
class Workshop(Entity):
    """
    A participative workshop: teams and officials, teams and users, or others.

    ``audiences`` names the groups that met, in words; its statements are
    entities that name the workshop and the number of their table. What its
    report says before the tables is ``introduction``, what it explains at the foot ``notes``.
    """

    KIND: ClassVar[str] = "workshop"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("workshop",)

    title: str
    method: WorkshopMethod = WorkshopMethod.WORLD_CAFE
    event_id: str = ""
    held_on: dt.date | None = None
    territory_id: str = ""
    introduction: str = ""
    objective: str = ""
    participants_count: int | None = attrs.field(default=None, validator=between(0))
    audiences: tuple[str, ...] = ()
    tables: tuple[WorkshopTable, ...] = ()
    conclusion: str = ""
    notes: tuple[str, ...] = ()
    source_url: str = ""


class StatementKind(LabelledEnum):
    """The four headings under which a table reports."""

    OBSERVATION = "observation", "Constat", "Observation"
    IDEA = "idea", "Idée, piste d'action", "Idea"
    CONDITION = "condition", "Condition de mise en œuvre", "Condition"
    KEY_IDEA = "key_idea", "Idée phare à transmettre", "Key idea"


class StatementStatus(LabelledEnum):
    """What became of a statement."""

    RAISED = "raised", "Exprimé", "Raised"
    SHORTLISTED = "shortlisted", "Retenu", "Shortlisted"
    ADOPTED = "adopted", "Adopté", "Adopted"
    DONE = "done", "Réalisé", "Done"
    DROPPED = "dropped", "Écarté", "Dropped"


_S = StatementStatus

STATEMENT_MACHINE = Machine(
    name="statement",
    states=StatementStatus,
    initial=_S.RAISED,
    table={
        "shortlist": {_S.RAISED: _S.SHORTLISTED},
        "adopt": {_S.SHORTLISTED: _S.ADOPTED},
        "finish": {_S.ADOPTED: _S.DONE},
        "drop": {
            _S.RAISED: _S.DROPPED,
            _S.SHORTLISTED: _S.DROPPED,
            _S.ADOPTED: _S.DROPPED,
        },
    },
)


@attrs.frozen(kw_only=True)
class Statement(Entity):
    """
    What a table said: an observation, an idea, a condition or a key idea.

    ``rank`` is its place among those of its table, ``group`` the heading it
    was listed under; ``derived_from_ids`` are the statements it came from.
    """

    KIND: ClassVar[str] = "statement"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("statement",)

    kind: StatementKind
    text: str
    workshop_id: str = ""
    table: int | None = None
    rank: int = 0
    group: str = ""
    lever_family: LeverFamily | None = None
    actor_kinds: tuple[ActorKind, ...] = ()
    tags: tuple[str, ...] = ()
    derived_from_ids: tuple[str, ...] = ()
    action_ids: tuple[str, ...] = ()
    status: StatementStatus = StatementStatus.RAISED

    def shortlist(self) -> Statement:
        """Return it as kept for discussion."""
        return self._step("shortlist")

    def adopt(self, *, action_id: str = "") -> Statement:
        """Return it as decided, with the action that carries it out if there is one."""
        actions = (*self.action_ids, action_id) if action_id else self.action_ids
        return attrs.evolve(self._step("adopt"), action_ids=actions)

    def finish(self) -> Statement:
        """Return it as carried out."""
        return self._step("finish")

    def drop(self) -> Statement:
        """Return it as set aside."""
        return self._step("drop")

    def _step(self, verb: str) -> Statement:
        status = STATEMENT_MACHINE.step(self.status, verb, subject=self.id)
        return attrs.evolve(self, status=status)


class ActionState(LabelledEnum):
    """Life of an action."""

    TODO = "todo", "À faire", "To do"
    DOING = "doing", "En cours", "Doing"
    DONE = "done", "Faite", "Done"
    DROPPED = "dropped", "Abandonnée", "Dropped"


_A = ActionState

ACTION_MACHINE = Machine(
    name="action",
    states=ActionState,
    initial=_A.TODO,
    table={
        "begin": {_A.TODO: _A.DOING},
        "finish": {_A.TODO: _A.DONE, _A.DOING: _A.DONE},
        "drop": {_A.TODO: _A.DROPPED, _A.DOING: _A.DROPPED},
    },
)


@attrs.frozen(kw_only=True)
class Action(Entity):
    """Something that somebody (``owner_id``, an actor) has to do by a day."""

    KIND: ClassVar[str] = "action"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("action",)

    title: str
    description: str = ""
    owner_id: str = ""
    due: dt.date | None = None
    done_on: dt.date | None = None
    convention_id: str = ""
    lever_id: str = ""
    event_id: str = ""
    dropped_because: str = ""
    state: ActionState = ActionState.TODO

    def overdue(self, today: dt.date) -> bool:
        """Say whether it was due before ``today`` and is still open."""
        is_open = self.state in (ActionState.TODO, ActionState.DOING)
        return is_open and self.due is not None and self.due < today

    def begin(self) -> Action:
        """Return it as under way."""
        return self._step("begin")

    def finish(self, *, on: dt.date) -> Action:
        """Return it as done on this day."""
        return attrs.evolve(self._step("finish"), done_on=on)

    def drop(self, *, reason: str = "") -> Action:
        """Return it as given up."""
        return attrs.evolve(self._step("drop"), dropped_because=reason)

    def _step(self, verb: str) -> Action:
        return attrs.evolve(self, state=ACTION_MACHINE.step(self.state, verb, subject=self.id))

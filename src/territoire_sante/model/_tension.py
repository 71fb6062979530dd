# SPDX-License-Identifier: Apache-2.0
"""Tensions: difficulties that call for the intercommunal body (domain reference, 6.1)."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from territoire_sante.model._duration import Duration
from territoire_sante.model._entity import Entity
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._states import Machine


class TensionKind(LabelledEnum):
    """What a tension is about."""

    GP_DEPARTURE = "gp_departure", "Départ de médecin", "Departure of a doctor"
    CLOSURE = "closure", "Fermeture", "Closure"
    PREMISES = "premises", "Locaux", "Premises"
    RELATIONSHIP = "relationship", "Relations", "Relationship"
    ACCESS_TO_CARE = "access_to_care", "Accès aux soins", "Access to care"
    FUNDING = "funding", "Financement", "Funding"
    CRISIS = "crisis", "Crise", "Crisis"


class TensionLevel(LabelledEnum):
    """How serious it is."""

    LOW = "low", "Faible", "Low"
    MEDIUM = "medium", "Moyenne", "Medium"
    HIGH = "high", "Forte", "High"


class TensionState(LabelledEnum):
    """Life of a tension."""

    REPORTED = "reported", "Signalée", "Reported"
    QUALIFIED = "qualified", "Qualifiée", "Qualified"
    EPCI_MOBILISED = "epci_mobilised", "EPCI mobilisé", "EPCI mobilised"
    IN_RESOLUTION = "in_resolution", "En résolution", "Being resolved"
    RESOLVED = "resolved", "Résolue", "Resolved"
    CLOSED = "closed", "Close", "Closed"


_S = TensionState

TENSION_MACHINE = Machine(
    name="tension",
    states=TensionState,
    initial=_S.REPORTED,
    table={
        "qualify": {_S.REPORTED: _S.QUALIFIED},
        "mobilise_epci": {_S.QUALIFIED: _S.EPCI_MOBILISED},
        # A small tension is settled without the intercommunal body.
        "begin_resolution": {
            _S.QUALIFIED: _S.IN_RESOLUTION,
            _S.EPCI_MOBILISED: _S.IN_RESOLUTION,
        },
        "resolve": {_S.IN_RESOLUTION: _S.RESOLVED},
        "close": {
            _S.REPORTED: _S.CLOSED,
            _S.QUALIFIED: _S.CLOSED,
            _S.EPCI_MOBILISED: _S.CLOSED,
            _S.IN_RESOLUTION: _S.CLOSED,
        },
    },
)


@attrs.frozen(kw_only=True)
class Tension(Entity):
    """
    A difficulty on a territory, who reported it, and who was mobilised.

    It concerns teams, premises and access to care, never a patient. RESOLVED is an
    end with an outcome, CLOSED one without.
    """

    KIND: ClassVar[str] = "tension"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("tension",)

    kind: TensionKind
    title: str
    description: str = ""
    level: TensionLevel | None = None
    territory_id: str = ""
    reporter_id: str = ""
    actor_ids: tuple[str, ...] = ()
    reported_on: dt.date | None = None
    epci_id: str = ""
    epci_mobilised_on: dt.date | None = None
    mobilisation_ids: tuple[str, ...] = ()
    event_ids: tuple[str, ...] = ()
    ended_on: dt.date | None = None
    outcome: str = ""
    state: TensionState = TensionState.REPORTED

    @property
    def is_open(self) -> bool:
        """Whether it still goes on."""
        return self.state not in (TensionState.RESOLVED, TensionState.CLOSED)

    def waiting_for_epci(self, today: dt.date, *, within: Duration) -> bool:
        """Say whether a medium or high one is open for more than ``within`` without the EPCI."""
        serious = self.level in (TensionLevel.MEDIUM, TensionLevel.HIGH)
        alone = self.is_open and self.epci_mobilised_on is None and not self.epci_id
        reported = self.reported_on
        return serious and alone and reported is not None and within.after(reported) < today

    def qualify(self, *, level: TensionLevel) -> Tension:
        """Return it as understood, with how serious it is."""
        return attrs.evolve(self._step("qualify"), level=level)

    def mobilise_epci(self, *, epci_id: str, on: dt.date) -> Tension:
        """Return it as brought before the intercommunal body ``epci_id``."""
        return attrs.evolve(self._step("mobilise_epci"), epci_id=epci_id, epci_mobilised_on=on)

    def begin_resolution(self) -> Tension:
        """Return it as being worked on."""
        return self._step("begin_resolution")

    def resolve(self, *, on: dt.date, outcome: str) -> Tension:
        """Return it as settled, with how."""
        return attrs.evolve(self._step("resolve"), ended_on=on, outcome=outcome)

    def close(self, *, on: dt.date, reason: str) -> Tension:
        """Return it as no longer followed, with why."""
        return attrs.evolve(self._step("close"), ended_on=on, outcome=reason)

    def _step(self, verb: str) -> Tension:
        return attrs.evolve(self, state=TENSION_MACHINE.step(self.state, verb, subject=self.id))

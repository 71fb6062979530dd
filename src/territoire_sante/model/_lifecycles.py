# SPDX-License-Identifier: Apache-2.0
"""All state machines in one table, with the class and the field that each governs."""

from __future__ import annotations

from typing import Any

import attrs

from territoire_sante.model._announcement import ANNOUNCEMENT_MACHINE, Announcement
from territoire_sante.model._cls import CLS_MACHINE, LocalHealthContract
from territoire_sante.model._convention import Convention
from territoire_sante.model._convention_states import CONVENTION_MACHINE
from territoire_sante.model._document import SHARE_MACHINE, DocumentShare
from territoire_sante.model._lever import OFFER_MACHINE, LeverOffer
from territoire_sante.model._mobilisation import (
    MOBILISATION_MACHINE,
    REQUEST_MACHINE,
    LeverRequest,
    Mobilisation,
)
from territoire_sante.model._practice import (
    EXCHANGE_MACHINE,
    PRACTICE_MACHINE,
    SUPPORT_MACHINE,
    PeerExchange,
    Practice,
    SupportRequest,
)
from territoire_sante.model._project import CareProject
from territoire_sante.model._project_parts import (
    BUILDING_MACHINE,
    HEALTH_PROJECT_MACHINE,
    MSP_STAGE_MACHINE,
    Building,
    HealthProject,
)
from territoire_sante.model._safeguard import SAFEGUARD_MACHINE, SafeguardPlan
from territoire_sante.model._states import Machine
from territoire_sante.model._tension import TENSION_MACHINE, Tension
from territoire_sante.model._workshop import (
    ACTION_MACHINE,
    STATEMENT_MACHINE,
    Action,
    Statement,
)


@attrs.frozen(kw_only=True)
class Lifecycle:
    """A machine, the class whose ``field`` it governs, and whose methods are its verbs."""

    machine: Machine[Any]
    owner: type
    field: str = "state"


#: Every life-cycle of the domain; a verb of the table is a method of the owner, of the same name.
MACHINES: tuple[Lifecycle, ...] = (
    Lifecycle(machine=ANNOUNCEMENT_MACHINE, owner=Announcement),
    Lifecycle(machine=OFFER_MACHINE, owner=LeverOffer),
    Lifecycle(machine=REQUEST_MACHINE, owner=LeverRequest),
    Lifecycle(machine=MOBILISATION_MACHINE, owner=Mobilisation),
    Lifecycle(machine=CONVENTION_MACHINE, owner=Convention),
    Lifecycle(machine=MSP_STAGE_MACHINE, owner=CareProject, field="stage"),
    Lifecycle(machine=HEALTH_PROJECT_MACHINE, owner=HealthProject),
    Lifecycle(machine=BUILDING_MACHINE, owner=Building, field="track"),
    Lifecycle(machine=CLS_MACHINE, owner=LocalHealthContract, field="stage"),
    Lifecycle(machine=SAFEGUARD_MACHINE, owner=SafeguardPlan),
    Lifecycle(machine=SHARE_MACHINE, owner=DocumentShare),
    Lifecycle(machine=TENSION_MACHINE, owner=Tension),
    Lifecycle(machine=STATEMENT_MACHINE, owner=Statement, field="status"),
    Lifecycle(machine=ACTION_MACHINE, owner=Action),
    Lifecycle(machine=PRACTICE_MACHINE, owner=Practice),
    Lifecycle(machine=EXCHANGE_MACHINE, owner=PeerExchange),
    Lifecycle(machine=SUPPORT_MACHINE, owner=SupportRequest),
)

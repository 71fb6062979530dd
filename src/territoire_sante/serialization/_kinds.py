# SPDX-License-Identifier: Apache-2.0
"""The classes of entities by the name of their kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from territoire_sante import model
from territoire_sante.model import Entity

# Written out, so that reading one entity does not load the classes of all.
_CLASSES: Final = {
    "action": "Action",
    "actor": "Actor",
    "announcement": "Announcement",
    "appointment": "Appointment",
    "care_project": "CareProject",
    "channel": "Channel",
    "convention": "Convention",
    "distinction": "Distinction",
    "document": "Document",
    "document_share": "DocumentShare",
    "event": "Event",
    "lever": "Lever",
    "lever_awareness": "LeverAwareness",
    "lever_offer": "LeverOffer",
    "lever_request": "LeverRequest",
    "liaison": "LiaisonAssignment",
    "cls": "LocalHealthContract",
    "maturity_review": "MaturityReview",
    "merge": "Merge",
    "mobilisation": "Mobilisation",
    "opposition": "OppositionEntry",
    "peer_exchange": "PeerExchange",
    "person": "Person",
    "practice": "Practice",
    "safeguard_plan": "SafeguardPlan",
    "statement": "Statement",
    "support_request": "SupportRequest",
    "tension": "Tension",
    "territory": "Territory",
    "workshop": "Workshop",
}


class _Kinds(Mapping[str, type[Entity]]):
    """The classes of entities, each loaded when it is asked for."""

    def __getitem__(self, kind: str) -> type[Entity]:
        cls: type[Entity] = getattr(model, _CLASSES[kind])
        return cls

    def __contains__(self, kind: object) -> bool:
        return kind in _CLASSES

    def __iter__(self) -> Iterator[str]:
        return iter(_CLASSES)

    def __len__(self) -> int:
        return len(_CLASSES)


#: Every class of entities by the name of its kind.
KINDS: Final[Mapping[str, type[Entity]]] = _Kinds()

# SPDX-License-Identifier: Apache-2.0
"""What the law publishes of grants, wider than the table of levels has it."""

from __future__ import annotations

from typing import Any, Final

from territoire_sante.model import (
    AidKind,
    AidTerms,
    Convention,
    ConventionKind,
    ConventionResource,
    ConventionState,
    Entity,
    Visibility,
)

Fields = frozenset[tuple[type[Any], str]]

#: The amounts of a grant: essential data that an authority publishes above 23,000 € (decree
#: 2017-779), and that anybody may ask for below (Code général des collectivités, L2121-26).
AMOUNTS: Final[Fields] = frozenset({(ConventionResource, "valuation"), (AidTerms, "amount")})

_NONE: Final[Fields] = frozenset()

_NOT_IN_FORCE: Final = frozenset(
    {
        ConventionState.DRAFT,
        ConventionState.NEGOTIATION,
        ConventionState.APPROVED,
        ConventionState.SIGNING,
        ConventionState.ABANDONED,
    }
)

# What one professional is paid is theirs; the decree is on bodies.
_PERSONAL: Final = frozenset({AidKind.INSTALLATION_BONUS, AidKind.PRACTICE_BONUS})


def opened_by(entity: Entity) -> Fields:
    """
    Return the fields of parts of a sheet that are for everybody who sees it, whatever the table.

    These are the amounts of a convention that grants money, was signed, is public, and pays no
    bonus to a single professional.
    """
    if not isinstance(entity, Convention) or entity.kind is not ConventionKind.SUBSIDY:
        return _NONE
    if entity.visibility is not Visibility.PUBLIC or entity.state in _NOT_IN_FORCE:
        return _NONE
    personal = entity.aid is not None and entity.aid.kind in _PERSONAL
    return _NONE if personal else AMOUNTS

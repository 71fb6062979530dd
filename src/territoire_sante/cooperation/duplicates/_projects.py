# SPDX-License-Identifier: Apache-2.0
"""Care projects on the same ground: one that was noted twice, or two that do the same apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from territoire_sante.cooperation._doubled import are_linked, communes_within, overlapping
from territoire_sante.cooperation._score import Part
from territoire_sante.cooperation._words import Sentence, say
from territoire_sante.cooperation.duplicates._duplicate import Duplicate, Nature, Trait
from territoire_sante.cooperation.duplicates._organisations import title_of, titles_alike
from territoire_sante.model import CareProject
from territoire_sante.snapshot import Snapshot

_SHARED: Final = 1.0, say("Une commune en commun.", "A municipality in common.")
_NEAR: Final = 0.9, say("Même intercommunalité.", "Same intercommunal body.")
_SAME_KIND: Final = say("Même besoin, même type de projet.", "Same need, same kind of project.")
_SAME_LEAD: Final = 1.0, say("Même porteur.", "Same lead.")
_NO_LEAD: Final = 0.5, say("Porteur inconnu d'un côté.", "The lead is not known on one side.")
_OTHER_LEAD: Final = (
    1.0,
    say(
        "Porteurs différents, sans lien connu entre eux.",
        "Different leads, with no known link between them.",
    ),
)

#: What each part counts, by what sort of duplicate it would be: area, kind, lead, name.
_WEIGHTS: Final = {Nature.RECORD: (0.3, 0.1, 0.2, 0.4), Nature.PROJECT: (0.5, 0.2, 0.2, 0.1)}


def project_pairs(snapshot: Snapshot) -> Iterator[tuple[CareProject, CareProject]]:
    """
    Yield the live projects of one kind that share ground, each pair once, by their ids.

    Each is asked: an area reaches into the neighbourhood of a commune, but not the other way.
    """
    found = {
        (min(one.id, other.id), max(one.id, other.id))
        for one in snapshot.all(CareProject)
        for other in overlapping(snapshot, one, same_epci=True)
    }
    for first, second in sorted(found):
        yield snapshot.get(CareProject, first), snapshot.get(CareProject, second)


def compare_projects(snapshot: Snapshot, one: CareProject, other: CareProject) -> Duplicate | None:
    """Return what two projects have in common; ``None`` if they are known to work together."""
    both = bool(one.lead_id and other.lead_id)
    apart = both and one.lead_id != other.lead_id
    if apart and are_linked(snapshot, one, other):
        return None
    nature = Nature.PROJECT if apart else Nature.RECORD
    lead = _OTHER_LEAD if apart else _SAME_LEAD if both else _NO_LEAD
    found: tuple[tuple[Trait, tuple[float, Sentence]], ...] = (
        (Trait.AREA, _area(snapshot, one, other)),
        (Trait.KIND, (1.0, _SAME_KIND)),
        (Trait.LEAD, lead),
        (Trait.NAME, titles_alike(title_of(one.name), title_of(other.name))),
    )
    parts = tuple(
        Part(criterion=trait, value=value, weight=weight, reason=reason)
        for (trait, (value, reason)), weight in zip(found, _WEIGHTS[nature], strict=True)
    )
    return Duplicate(
        kind=CareProject.KIND,
        first_id=min(one.id, other.id),
        second_id=max(one.id, other.id),
        score=round(sum(part.value * part.weight for part in parts), 4),
        parts=parts,
        nature=nature,
    )


def _area(snapshot: Snapshot, one: CareProject, other: CareProject) -> tuple[float, Sentence]:
    mine, theirs = (communes_within(snapshot, each.territory_id) for each in (one, other))
    return _NEAR if frozenset(mine).isdisjoint(theirs) else _SHARED

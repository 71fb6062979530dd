# SPDX-License-Identifier: Apache-2.0
"""Territories as official codes, for formats that know no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from territoire_sante.exports._plain import code_in
from territoire_sante.model import Code, CommuneCode, DepartmentCode, RegionCode, Siren, Territory
from territoire_sante.snapshot import Snapshot

_CODES: Final[dict[str, type[Code]]] = {
    "commune": CommuneCode,
    "departement": DepartmentCode,
    "region": RegionCode,
    "epci": Siren,
}
#: How INSEE calls them in its addresses, https://rdf.insee.fr/def/geo.
_AT_INSEE: Final = {"commune": "commune", "departement": "departement", "region": "region"}


@attrs.frozen(kw_only=True)
class Area:
    """A territory with an official code: its kind as in its id, its code, what it is called."""

    kind: str
    code: str
    name: str

    @property
    def uri(self) -> str:
        """The address by which INSEE names it, empty if it has none."""
        kind = _AT_INSEE.get(self.kind)
        return f"http://id.insee.fr/geo/{kind}/{self.code}" if kind else ""


def area_of(snapshot: Snapshot, territory_id: str) -> Area | None:
    """Return a territory as its id names it, ``None`` if it has no official code."""
    kind, _, local = territory_id.partition(":")
    code = code_in(_CODES[kind], local) if kind in _CODES else None
    if code is None:
        return None
    return Area(kind=kind, code=code.value, name=snapshot.name_of(territory_id))


def areas_of(
    snapshot: Snapshot, territory_ids: Iterable[str], kinds: frozenset[str]
) -> Iterator[tuple[str, tuple[Area, ...]]]:
    """
    Yield each territory with the areas of ``kinds`` that it is; with none if that is not known.

    One of another kind is its départements if it is a region, or else its communes.
    """
    for one in territory_ids:
        own = area_of(snapshot, one)
        if own is not None and own.kind in kinds:
            yield one, (own,)
        else:
            yield one, tuple(_parts(snapshot, one, kinds))


def _parts(snapshot: Snapshot, territory_id: str, kinds: frozenset[str]) -> Iterator[Area]:
    if territory_id.startswith("region:"):
        below = (one.id for one in snapshot.referring(Territory, "parent_ids", territory_id))
        ids = [one for one in below if one.startswith("departement:")]
    else:
        ids = [f"commune:{code}" for code in snapshot.communes_of(territory_id)]
    for one in ids:
        area = area_of(snapshot, one)
        if area is not None and area.kind in kinds:
            yield area

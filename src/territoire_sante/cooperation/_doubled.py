# SPDX-License-Identifier: Apache-2.0
"""Projects that may do the same on the same ground, for the rules and for duplicates."""

from __future__ import annotations

from collections.abc import Iterator

from territoire_sante.model import CareProject, CommuneCode, Convention
from territoire_sante.snapshot import Snapshot


def overlapping(
    snapshot: Snapshot, project: CareProject, *, same_epci: bool
) -> tuple[CareProject, ...]:
    """
    Return the other live projects of its kind with which it shares a commune, by id.

    With ``same_epci`` two communes of one EPCI count as shared. One without an area shares none.
    """
    found: dict[str, CareProject] = {}
    if project.stage.is_live and project.territory_id:
        for code in communes_within(snapshot, project.territory_id):
            for one in _around(snapshot, code, same_epci=same_epci):
                if one.id != project.id and one.kind is project.kind and one.stage.is_live:
                    found[one.id] = one
    return tuple(found[one] for one in sorted(found))


def communes_within(snapshot: Snapshot, territory_id: str) -> tuple[str, ...]:
    """Return the INSEE codes of the communes of a territory, its own if it is one."""
    code = territory_id.removeprefix("commune:")
    if code != territory_id:
        return (code,) if CommuneCode.PATTERN.fullmatch(code) else ()
    codes = snapshot.communes_of(territory_id)
    return tuple(one for one in codes if CommuneCode.PATTERN.fullmatch(one))


def _around(snapshot: Snapshot, code: str, *, same_epci: bool) -> Iterator[CareProject]:
    yield from snapshot.covering(CareProject, code)
    if same_epci and (epci := snapshot.epci_of(code)) is not None:
        for neighbour in snapshot.communes_of(epci.id):
            yield from snapshot.referring(CareProject, "territory_id", f"commune:{neighbour}")


def are_linked(snapshot: Snapshot, one: CareProject, other: CareProject) -> bool:
    """Say whether two projects are known to have to do with each other: partners, conventions."""
    if one.lead_id in other.partner_ids or other.lead_id in one.partner_ids:
        return True
    if set(one.convention_ids) & set(other.convention_ids) or (
        one.actor_id and one.actor_id == other.actor_id
    ):
        return True
    shared = {convention.id for convention in snapshot.conventions_of(one.lead_id)}
    return any(
        convention.id in shared and _is_alive(convention)
        for convention in snapshot.conventions_of(other.lead_id)
    )


def _is_alive(convention: Convention) -> bool:
    return convention.state.value not in ("expired", "terminated", "abandoned", "replaced")

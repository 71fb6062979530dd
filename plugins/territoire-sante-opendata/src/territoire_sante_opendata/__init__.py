# SPDX-License-Identifier: Apache-2.0
"""Public registers of France, read as streams of entities, and imported without losing anything."""

from territoire_sante_opendata._cog import read_communes, read_departments, read_regions
from territoire_sante_opendata._epci import epci_members, read_epci
from territoire_sante_opendata._finess import CATEGORIES, read_finess
from territoire_sante_opendata._import import Diff, import_registry
from territoire_sante_opendata._inclusion import (
    read_inclusion_services,
    read_inclusion_structures,
)
from territoire_sante_opendata._merge import EntityChange, FieldChange
from territoire_sante_opendata._registry import Registry
from territoire_sante_opendata._rne import read_officials
from territoire_sante_opendata._scdl import (
    actors_by_siren,
    read_scdl_deliberations,
    read_scdl_equipment,
)
from territoire_sante_opendata._service_public import PIVOTS, read_public_services
from territoire_sante_opendata._stream import MAX_BYTES, Source, open_url

__all__ = [
    "CATEGORIES",
    "MAX_BYTES",
    "PIVOTS",
    "Diff",
    "EntityChange",
    "FieldChange",
    "Registry",
    "Source",
    "actors_by_siren",
    "epci_members",
    "import_registry",
    "open_url",
    "read_communes",
    "read_departments",
    "read_epci",
    "read_finess",
    "read_inclusion_services",
    "read_inclusion_structures",
    "read_officials",
    "read_public_services",
    "read_regions",
    "read_scdl_deliberations",
    "read_scdl_equipment",
]

# SPDX-License-Identifier: Apache-2.0
"""Public registers of France, read as streams of entities, and imported without losing anything."""

from territoire_sante_opendata._cog import read_communes, read_departments, read_regions
from territoire_sante_opendata._epci import epci_members, read_epci
from territoire_sante_opendata._registry import Registry
from territoire_sante_opendata._stream import MAX_BYTES, Source, open_url

__all__ = [
    "MAX_BYTES",
    "Registry",
    "Source",
    "epci_members",
    "open_url",
    "read_communes",
    "read_departments",
    "read_epci",
    "read_regions",
]

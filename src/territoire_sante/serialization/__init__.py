# SPDX-License-Identifier: Apache-2.0
"""
Entities to plain data and back: JSON, JSON Lines, and the JSON Schema of both.

Plain data is what ``json.dumps`` takes: an entity is an object with the name of its kind
under ``entity``, the version of the form under ``schema``, and its fields
without those that have their default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from territoire_sante._lazy import door
from territoire_sante.serialization._kinds import KINDS

if TYPE_CHECKING:
    from territoire_sante.serialization._files import (
        dump_entities,
        read_entities,
        write_entities,
    )
    from territoire_sante.serialization._plain import (
        SCHEMA_VERSION,
        from_plain,
        from_stored,
        to_plain,
        view_from_plain,
        view_to_plain,
    )
    from territoire_sante.serialization._schema import json_schema

__all__ = [
    "KINDS",
    "SCHEMA_VERSION",
    "dump_entities",
    "from_plain",
    "from_stored",
    "json_schema",
    "read_entities",
    "to_plain",
    "view_from_plain",
    "view_to_plain",
    "write_entities",
]

# A sync where nothing changed reads and writes no entity.
_HOMES: Final = {
    "SCHEMA_VERSION": "_plain",
    "dump_entities": "_files",
    "from_plain": "_plain",
    "from_stored": "_plain",
    "json_schema": "_schema",
    "read_entities": "_files",
    "to_plain": "_plain",
    "view_from_plain": "_plain",
    "view_to_plain": "_plain",
    "write_entities": "_files",
}

__getattr__, __dir__ = door(__name__, _HOMES)

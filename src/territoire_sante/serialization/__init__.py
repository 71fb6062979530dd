# SPDX-License-Identifier: Apache-2.0
"""
Entities to plain data and back: JSON, JSON Lines, and the JSON Schema of both.

Plain data is what ``json.dumps`` takes: an entity is an object with the name of its kind
under ``entity``, the version of the form under ``schema``, and its fields
without those that have their default.
"""

from territoire_sante.serialization._files import dump_entities, read_entities, write_entities
from territoire_sante.serialization._plain import (
    KINDS,
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

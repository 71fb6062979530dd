# SPDX-License-Identifier: Apache-2.0
"""What people call an entity: its kind and its name."""

from __future__ import annotations

from typing import Final

from territoire_sante.cli._messages import MESSAGES, Texts
from territoire_sante.model import Entity

# In this order: the first field that an entity has, and that says something, is its name.
_NAMES: Final = ("display_name", "name", "title", "summary", "text", "purpose")


def caption(entity: Entity) -> str:
    """Return the name, title or first words of an entity; its id if it has none."""
    for field in _NAMES:
        value = getattr(entity, field, "")
        if isinstance(value, str) and value:
            return value.splitlines()[0]
    return entity.id


def kind_label(t: Texts, entity: Entity) -> str:
    """Return what people call this kind of entity; its technical name if nobody said."""
    key = f"kind_{entity.KIND}"
    return t(key) if key in MESSAGES else entity.KIND

# SPDX-License-Identifier: Apache-2.0
"""Values that many entities have alike, kept once: that takes much less memory."""

from __future__ import annotations

from typing import Any, Final

import attrs

from territoire_sante.model import Entity

# Named by one entity each, most often: looking for a twin costs more than it spares.
_SINGLE: Final = frozenset({"id", "person_id", "lever_id"})


class Pool:
    """Gives equal parts of entities the same object, while a snapshot is being made."""

    def __init__(self, kind: type[Entity]) -> None:
        self._known: dict[Any, Any] = {}
        self._names = tuple(
            field.name
            for field in attrs.fields(kind)
            if field.name in ("provenance", "period", "coverage", "communes")
            or (field.name.endswith(("_id", "_ids")) and field.name not in _SINGLE)
        )

    def share(self, entity: Entity) -> None:
        """Replace its parts by equal ones that are known already."""
        for name in self._names:
            value = getattr(entity, name)
            if value:
                known = self._known.setdefault(value, value)
                if known is not value and type(known) is type(value):
                    # An equal object in its place: to all who look, nothing was changed.
                    object.__setattr__(entity, name, known)

# SPDX-License-Identifier: Apache-2.0
"""What all projections share that only show: nothing edited on the other side comes back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import attrs

from territoire_sante.errors import UnsupportedError
from territoire_sante.model import Entity, Visibility
from territoire_sante.projections._contract import Absorbed, Past, Reader, Removal

#: Stands between the id of an entity and what of it a view shows; no id has it.
SEPARATOR = "#"


@attrs.frozen(kw_only=True)
class OneWay:
    """
    Shows, and takes nothing back.

    A key is the id of an entity, and which of its views it is, joined by ``#``. ``MADE_OF`` are
    the classes of entities that a view can be made of.
    """

    MADE_OF: ClassVar[frozenset[type[Entity]]] = frozenset()

    audience: Visibility

    def affected(
        self,
        reader: Past,  # noqa: ARG002 - some projections ask it
        cls: type[Entity],
        id_: str,  # noqa: ARG002 - likewise
        /,
    ) -> Iterable[str] | None:
        """Return that a change may touch any view, or none."""
        return None if cls in self.MADE_OF else ()

    def absorb(
        self,
        reader: Reader,  # noqa: ARG002 - as every projection is called
        view: Any,  # noqa: ARG002 - likewise
        key: str | None,
        changed: frozenset[str],  # noqa: ARG002 - likewise
    ) -> Absorbed:
        """
        Refuse an edit of the other side.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(
            "this is worked out from what is known here and cannot be edited over there",
            where=key or "",
            remedy="Edit what it is made of; the next sync shows it",
        )

    def remove(self, reader: Reader, key: str) -> Removal:  # noqa: ARG002 - as every projection is called
        """Keep what was deleted on the other side: it is shown again."""
        return Removal(kept_because="it is worked out from what is known here")

    def _sees(self, entity: Entity | None) -> bool:
        return entity is not None and entity.visibility.may_be_seen_by(self.audience)


def is_one_way(key: str) -> bool:
    """
    Say whether a key is of a view that only shows.

    >>> is_one_way("convention:1#end"), is_one_way("event:1")
    (True, False)
    """
    return SEPARATOR in key


def key_of(entity: Entity, what: str) -> str:
    """Return the key of one view of an entity."""
    return f"{entity.id}{SEPARATOR}{what}"

# SPDX-License-Identifier: Apache-2.0
"""
What is new on the other side is made ready while the rest of it is still on its way.

Waiting for a server costs nothing, and the run that stores the items has nobody to wait for. What
is made ready is only used where it would be made the same once more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from territoire_sante import model
from territoire_sante.errors import InputError
from territoire_sante.projections import Projection
from territoire_sante.store import prepared

if TYPE_CHECKING:
    # A run without anything new needs none of it.
    from territoire_sante.sync._ready import Ready

E = TypeVar("E", bound=model.Entity)

#: At most so many items of a run: what is ready takes as much room as what was read.
MOST: Final = 20_000


class Readying:
    """
    Makes new items ready, as far as that is possible without the store.

    Those of calendars it is: what becomes of an event depends on no other entity. ``known`` are
    the UIDs of this side.
    """

    def __init__(self, projection: Projection, known: Collection[str]) -> None:
        self._projection = projection
        self._known = known
        self._left = MOST if projection.view is model.Event else 0

    def __call__(self, view: Any, plain: Mapping[str, Any]) -> Ready | None:
        """Return an item that was read, ready to be stored if it is new; ``None`` if it is not."""
        if not self._left or plain["uid"] in self._known:
            return None
        from territoire_sante.sync._ready import Ready  # noqa: PLC0415 - see above

        self._left -= 1
        empty = _Empty()
        try:
            absorbed = self._projection.absorb(empty, view, None, frozenset(plain))
            return Ready(
                projection=self._projection,
                asked=tuple(empty.asked),
                absorbed=absorbed,
                entities=tuple(map(prepared, absorbed.entities)),
            )
        except (InputError, _NeedsMoreError):
            # Whatever is wrong is said where it is stored.
            return None


Prepare = Callable[[Any, Mapping[str, Any]], "Ready | None"]


class _NeedsMoreError(Exception):
    """More is asked of the store than whether something lies under an id."""


class _Empty:
    """A store without anything, which remembers what was looked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[type[model.Entity], str]] = []

    def find(self, cls: type[E], id_: str, /) -> E | None:
        """Return nothing."""
        self.asked.append((cls, id_))
        return None

    def _more(self, *_: object) -> Any:
        raise _NeedsMoreError

    get = all = revision = referring = _more

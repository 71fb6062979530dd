# SPDX-License-Identifier: Apache-2.0
"""Announcements as a channel will show them: with the short texts that a person wrote for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from territoire_sante import model
from territoire_sante.projections import (
    Absorbed,
    Past,
    Projected,
    Projection,
    Reader,
    Removal,
    Traced,
)


@attrs.frozen(kw_only=True)
class FittingProjection:
    """
    A projection whose announcements are those that fit ``limits``, where they do.

    One that does not fit stays as it is, to be refused with its reasons.
    """

    inner: Projection
    limits: model.ChannelLimits

    @property
    def view(self) -> type[model.Announcement]:
        """The class of the views."""
        return model.Announcement

    def project(self, reader: Reader) -> Iterator[Projected]:
        """Yield every view of the store, as the channel will show it."""
        return map(self._shown, self.inner.project(reader))

    def project_one(self, reader: Reader, key: str) -> Projected | None:
        """Return one view, as the channel will show it."""
        projected = self.inner.project_one(reader, key)
        return None if projected is None else self._shown(projected)

    def affected(self, reader: Past, cls: type[model.Entity], id_: str, /) -> Iterable[str] | None:
        """Return the keys of the inner projection."""
        inner = self.inner
        return inner.affected(reader, cls, id_) if isinstance(inner, Traced) else None

    def absorb(
        self, reader: Reader, view: model.Announcement, key: str | None, changed: frozenset[str]
    ) -> Absorbed:
        """Return what to store, as the inner projection says."""
        return self.inner.absorb(reader, view, key, changed)

    def remove(self, reader: Reader, key: str) -> Removal:
        """Return what to delete, as the inner projection says."""
        return self.inner.remove(reader, key)

    def _shown(self, projected: Projected) -> Projected:
        if not isinstance(projected.view, model.Announcement):
            return projected
        shown = model.fit(projected.view, self.limits).shown
        return projected if shown is None else attrs.evolve(projected, view=shown)

# SPDX-License-Identifier: Apache-2.0
"""What was made ready to be stored, and when it may be."""

from __future__ import annotations

import attrs

from territoire_sante import model
from territoire_sante.projections import Absorbed, Projection
from territoire_sante.store import Gathering, Prepared


@attrs.frozen(kw_only=True)
class Ready:
    """What a new item means for a store in which nothing lies under the ids that were ``asked``."""

    projection: Projection
    asked: tuple[tuple[type[model.Entity], str], ...]
    absorbed: Absorbed
    entities: tuple[Prepared, ...]

    def fits(self, projection: Projection, here: Gathering) -> bool:
        """Say whether it would be made the same by this projection and from this store."""
        same = self.projection == projection
        return same and all(here.find(cls, id_) is None for cls, id_ in self.asked)

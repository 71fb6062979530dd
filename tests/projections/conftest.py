# SPDX-License-Identifier: Apache-2.0
"""Give the tests a store that lives in a dictionary."""

from __future__ import annotations

import pytest

from territoire_sante.errors import EntityNotFoundError


class Shelf:
    """What projections read of a store, without a database; ``put`` counts revisions."""

    def __init__(self, *entities):
        self._held = {}
        self.put(*entities)

    def put(self, *entities):
        """Keep the entities, overwriting those of the same class and id."""
        for entity in entities:
            revision = self._held.get((type(entity), entity.id), (0, None))[0]
            self._held[type(entity), entity.id] = (revision + 1, entity)
        return self

    def apply(self, removal):
        """Do what a removal says."""
        for key in removal.delete:
            del self._held[key]
        return self

    def get(self, cls, id_, /):
        """Return the entity, or raise."""
        if (cls, id_) not in self._held:
            raise EntityNotFoundError("nothing is stored", where=id_)
        return self._held[cls, id_][1]

    def find(self, cls, id_, /):
        """Return the entity, or ``None``."""
        return self._held.get((cls, id_), (0, None))[1]

    def all(self, cls, /):
        """Yield the entities of a class."""
        return (entity for (kind, _), (_, entity) in list(self._held.items()) if kind is cls)

    def referring(self, cls, id_, /):
        """Yield the entities of a class that name another one."""
        for (kind, _), (_, entity) in list(self._held.items()):
            if issubclass(kind, cls) and entity.id != id_ and f"'{id_}'" in repr(entity):
                yield entity

    def revision(self, cls, id_, /):
        """Return how often the entity was put."""
        return self._held[cls, id_][0]


@pytest.fixture(scope="session")
def shelf():
    """Return the class of dictionary stores."""
    return Shelf

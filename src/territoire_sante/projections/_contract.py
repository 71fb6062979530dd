# SPDX-License-Identifier: Apache-2.0
"""What a projection is: the views that a link shows, and the way back into the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

import attrs

from territoire_sante.errors import Problem
from territoire_sante.model import ContactPointKind, Entity

E = TypeVar("E", bound=Entity)

#: Says whether the owner of a contact point, of that kind and value, objected to being listed.
Opposed = Callable[[ContactPointKind, str], bool]


def nobody(kind: ContactPointKind, value: str) -> bool:  # noqa: ARG001 - the default opposition list is empty
    """Say that nobody is opposed to this contact point."""
    return False


if TYPE_CHECKING:
    from territoire_sante.model import Announcement, Contact, Event

    #: What the other side can show.
    View = Event | Contact | Announcement


class Reader(Protocol):
    """The part of a store, or of a transaction, that projections read."""

    def get(self, cls: type[E], id: str, /) -> E:
        """
        Return the entity.

        Raises:
            EntityNotFoundError: nothing is stored under this id.
        """
        ...

    def find(self, cls: type[E], id: str, /) -> E | None:
        """Return the entity, or ``None``."""
        ...

    def all(self, cls: type[E], /) -> Iterator[E]:
        """Yield every entity of this class."""
        ...

    def revision(self, cls: type[Entity], id: str, /) -> int:
        """Return the revision at which the entity was last written."""
        ...

    def referring(self, cls: type[E], id: str, /) -> Iterator[E]:
        """Yield the entities of this class (``Entity``: of all) that name another one."""
        ...


class Version(Protocol):
    """One state of an entity, as its history tells it."""

    @property
    def entity(self) -> Entity | None:
        """The entity, ``None`` where it was deleted or is forgotten."""
        ...


class Past(Reader, Protocol):
    """A reader that also knows what entities were before."""

    def history(self, cls: type[Entity], id: str, /) -> Sequence[Version]:
        """Return every version of an entity, oldest first."""
        ...


@attrs.frozen(kw_only=True)
class Projected:
    """
    A view and what it was made of.

    ``key`` is the id of the main entity; ``revision_of`` names every entity
    (class, id) whose change can change the view, the main one first.
    """

    key: str
    view: View
    revision_of: tuple[tuple[type[Entity], str], ...]


@attrs.frozen(kw_only=True)
class Absorbed:
    """
    What a view means for the store.

    ``entities`` are to be put, ``key`` is the id of the main one, which is among them if it
    was absorbed without a key.
    ``not_carried`` names the changed fields that will not be projected as
    they were given, because the entities have no room for them; ``problems`` says
    why where it is not obvious, without repeating personal data.
    """

    entities: tuple[Entity, ...]
    key: str
    not_carried: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()


@attrs.frozen(kw_only=True)
class Removal:
    """
    What a deletion on the other side means for the store.

    ``delete`` names entities (class, id). With ``kept_because`` nothing is deleted:
    the item is released from the link.
    """

    delete: tuple[tuple[type[Entity], str], ...] = ()
    kept_because: str = ""


class Projection(Protocol):
    """
    A two-way reading of the store for one audience.

    Laws: ``project(absorb(v)) == v`` on the changed fields that are carried;
    absorbing an unchanged view changes nothing; what the audience may not see
    is absent from every view, and is never altered by :meth:`absorb`.
    """

    @property
    def view(self) -> type:
        """The class of the views."""
        ...

    def project(self, reader: Reader) -> Iterator[Projected]:
        """Yield every view of the store."""
        ...

    def project_one(self, reader: Reader, key: str) -> Projected | None:
        """Return the view of the entity ``key``, ``None`` if it is not shown."""
        ...

    def absorb(
        self, reader: Reader, view: Any, key: str | None, changed: frozenset[str]
    ) -> Absorbed:
        """
        Return what to store so that the ``changed`` fields become those of ``view``.

        ``key`` is the id of the entity, ``None`` for a view without one yet.

        Raises:
            InvalidValueError: the view cannot become an entity, or it names one
                that this audience may not see.
            UnsupportedError: there is no entity for views of this sort.
        """
        ...

    def remove(self, reader: Reader, key: str) -> Removal:
        """Return what to delete when the other side deleted the item."""
        ...


@runtime_checkable
class Traced(Protocol):
    """
    A projection that can tell which of its views a change touches.

    A link looks at those alone. With a projection that cannot, it looks at everything whenever
    anything changed. What depends on the date needs no telling: each day, all is looked at.
    """

    def affected(self, reader: Past, cls: type[Entity], id: str, /) -> Iterable[str] | None:
        """
        Return the keys of the views that are or were made of an entity that changed.

        It may have been put, deleted or forgotten. ``None`` means any view; keys of views that
        are not shown, or not changed, do no harm.
        """
        ...

# SPDX-License-Identifier: Apache-2.0
"""Which fields of an entity name other entities, found once from the types of the model."""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import attrs

from territoire_sante import model
from territoire_sante.model import Entity, Provenance

Values = Callable[[Any], Iterable[str]]

#: Every class of entities that is stored, by its kind.
CLASSES: Final[Mapping[str, type[Entity]]] = {
    cls.KIND: cls
    for cls in (getattr(model, name) for name in model.__all__)
    if isinstance(cls, type) and issubclass(cls, Entity) and cls is not Entity
}

# Names of other systems, which happen to be spelled like references.
_FOREIGN: Final = frozenset({"source_id", "ban_id", "recurrence_id"})
_MANY: Final = frozenset({"coverage", "communes", "audience"})

#: A field that is none: the département that the code of a commune names.
DEPARTMENT: Final = "id.department"


def reference_paths(cls: type[Entity]) -> Mapping[str, Values]:
    """
    Return the fields of ``cls`` that hold ids or INSEE codes, each with what reads them.

    A field of a part is named by its path.

    >>> sorted(reference_paths(model.LeverOffer))
    ['audience_ids', 'contact_id', 'lever_id']
    >>> "parties.actor_id" in reference_paths(model.Convention)
    True
    """
    return _paths_of(cls.KIND)


@functools.cache
def _paths_of(kind: str) -> Mapping[str, Values]:
    cls = CLASSES[kind]
    paths = dict(_paths(cls))
    if cls is model.Territory:
        paths[DEPARTMENT] = _department
    return paths


def _department(territory: model.Territory) -> Iterable[str]:
    kind, _, code = territory.id.partition(":")
    return departments_by(code) if kind == "commune" else ()


def departments_by(code: str) -> tuple[str, ...]:
    """
    Return the id of the département that the code of a commune names; none if it names none.

    >>> departments_by("48095"), departments_by("99999")
    (('departement:48',), ())
    """
    found = code[: 3 if code[:2] in ("97", "98") else 2]
    if model.CommuneCode.PATTERN.fullmatch(code) and model.DepartmentCode.PATTERN.fullmatch(found):
        return (f"departement:{found}",)
    return ()


def _paths(cls: type[Any]) -> Iterable[tuple[str, Values]]:
    hints = typing.get_type_hints(cls)
    for field in attrs.fields(cls):
        name = field.name
        if name in _FOREIGN or name == "id":
            continue
        if name.endswith("_id") or name == "commune":
            yield name, functools.partial(_one, name)
        elif name.endswith("_ids") or name in _MANY:
            yield name, functools.partial(_many, name)
        else:
            for part in _parts(hints[name]):
                for inner, read in _paths(part):
                    yield f"{name}.{inner}", functools.partial(_nested, name, part, read)


def _parts(hint: Any) -> Iterable[type[Any]]:
    """Return the classes of the model that a field may hold, alone or in a tuple."""
    if isinstance(hint, type) and attrs.has(hint):
        return () if hint is Provenance else (hint,)
    if typing.get_origin(hint) in (tuple, types.UnionType, typing.Union):
        return [part for inner in typing.get_args(hint) for part in _parts(inner)]
    return ()


def _one(name: str, owner: Any) -> Iterable[str]:
    value = getattr(owner, name)
    return (value,) if value else ()


def _many(name: str, owner: Any) -> Iterable[str]:
    values: tuple[str, ...] = getattr(owner, name)
    return values


def _nested(name: str, part: type[Any], read: Values, owner: Any) -> Iterable[str]:
    value = getattr(owner, name)
    if isinstance(value, part):
        return read(value)
    if isinstance(value, tuple):
        return [ref for member in value if isinstance(member, part) for ref in read(member)]
    return ()

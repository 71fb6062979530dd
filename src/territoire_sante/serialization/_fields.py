# SPDX-License-Identifier: Apache-2.0
"""
How attrs classes are read and written, field by field, by hooks made at the first use of each.

Plain data leaves out what has its default, and most entities have most of their fields so. A
program that looks at a few of them is done before the hooks of all fields of all classes
beneath would be made.
"""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import cattrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.serialization._problems import expected

Structure = Callable[[Any, Any], Any]
Unstructure = Callable[[Any], Any]


@functools.cache
def hints_of(cls: Any) -> Mapping[str, Any]:
    """Return the types of the fields of an attrs class, by name and in their order."""
    hints = typing.get_type_hints(cls)
    return {field.name: hints[field.name] for field in attrs.fields(cls)}


class _Readers(dict[str, tuple[Structure, Any]]):
    """The hooks that read the fields of a class, each with its type."""

    def __init__(self, cls: type, converter: cattrs.BaseConverter) -> None:
        super().__init__()
        self._hints = hints_of(cls)
        self._hook = converter.get_structure_hook

    def __missing__(self, name: str) -> tuple[Structure, Any]:
        hint = self._hints[name]
        self[name] = self._hook(hint), hint
        return self[name]


class Writers(dict[str, Unstructure]):
    """The hooks that write the fields of a class; a ``KeyError`` says that it has no such field."""

    def __init__(self, cls: type, converter: cattrs.BaseConverter) -> None:
        super().__init__()
        self._hints = hints_of(cls)
        self._hook = converter.get_unstructure_hook

    def __missing__(self, name: str) -> Unstructure:
        self[name] = self._hook(self._hints[name])
        return self[name]


def reader(converter: cattrs.BaseConverter, cls: type) -> Structure:
    """Return what reads a ``cls`` from plain data, and raises at the first thing that is wrong."""
    readers = _Readers(cls, converter)

    def read(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise InvalidValueError(expected("an object", value))
        given = {}
        for name, plain in value.items():
            hook, hint = readers[name]
            given[name] = hook(plain, hint)
        return cls(**given)

    return read


def writer(converter: cattrs.BaseConverter, cls: Any) -> Unstructure:
    """Return what writes a ``cls`` as plain data, without the fields that have their default."""
    writers = Writers(cls, converter)
    # What has no default is always there, and comes first.
    fields = sorted(attrs.fields(cls), key=lambda field: field.default is not attrs.NOTHING)
    defaults = [(field.name, *_default(field)) for field in fields]
    return lambda value: {
        name: writers[name](found)
        for name, default, make in defaults
        if (found := getattr(value, name)) is not default
        and found != (make(value) if make else default)
    }


def _default(field: attrs.Attribute[Any]) -> tuple[Any, Callable[[Any], Any] | None]:
    """Return what a field holds if nobody says, or what makes that of the rest of its object."""
    default: Any = field.default
    convert: Any = field.converter or same
    if default is attrs.NOTHING:
        return default, None
    if not isinstance(default, attrs.Factory):  # type: ignore[arg-type] # typed as a function
        return convert(default), None
    if default.takes_self:
        return attrs.NOTHING, lambda value: convert(default.factory(value))
    return convert(default.factory()), None


def same(value: Any) -> Any:
    """Return the value: what converts a field that has no converter."""
    return value

# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema (draft 2020-12) of the plain form, made from the field types of the model."""

from __future__ import annotations

import datetime as dt
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from territoire_sante.model import Entity, Knowledge, LabelledEnum
from territoire_sante.serialization import _text
from territoire_sante.serialization._converter import (
    converter,
    is_mapping,
    is_sequence,
    is_text_value,
    is_when,
    known_member,
    union_members,
)
from territoire_sante.serialization._fields import hints_of
from territoire_sante.serialization._kinds import KINDS
from territoire_sante.serialization._plain import SCHEMA_VERSION

Schema = dict[str, Any]

_DATE: Final = {"type": "string", "format": "date", "pattern": f"^{_text.DATE_PATTERN}$"}
_MOMENT: Final = {"type": "string", "pattern": f"^{_text.DATETIME_PATTERN}$"}
_SCALARS: Final[Mapping[Any, Schema]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bytes: {"type": "string", "contentEncoding": "base64"},
    Decimal: {"type": "string", "pattern": f"^{_text.DECIMAL_PATTERN}$"},
    dt.date: _DATE,
    dt.datetime: _MOMENT,
}


def json_schema() -> Schema:
    """
    Return the schema of a file of entities and of each kind in it.

    A file is a list of entities, an object that holds the list, or one
    entity; each line of JSON Lines is one entity. Every class and enumeration of the
    model is a definition under ``$defs``, enumerations with their labels in French
    (``title``) and in English (``description``).

    >>> json_schema()["$defs"]["EventStatus"]["oneOf"][0]
    {'const': 'TENTATIVE', 'title': 'À confirmer', 'description': 'Tentative'}
    """
    definitions = _Definitions()
    for cls in KINDS.values():
        definitions.of(cls)
    listed = {"type": "array", "items": _reference("Entity")}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "territoire_sante",
        "description": f"Entities of a territory, schema version {SCHEMA_VERSION}.",
        "oneOf": [
            listed,
            {
                "type": "object",
                "properties": {"schema": {"const": SCHEMA_VERSION}, "entities": listed},
                "required": ["entities"],
                "additionalProperties": False,
            },
            _reference("Entity"),
        ],
        "$defs": {"Entity": _any_entity(), **dict(sorted(definitions.made.items()))},
    }


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _any_entity() -> Schema:
    # if/then instead of oneOf: a validator then complains of the one kind that was meant.
    return {
        "type": "object",
        "properties": {
            "entity": {"enum": list(KINDS)},
            "schema": {"const": SCHEMA_VERSION, "default": SCHEMA_VERSION},
        },
        "required": ["entity"],
        "allOf": [
            {
                "if": {"properties": {"entity": {"const": kind}}},
                "then": _reference(cls.__name__),
            }
            for kind, cls in KINDS.items()
        ],
    }


class _Definitions:
    """The definitions made so far, by the name of their class."""

    def __init__(self) -> None:
        self.made: dict[str, Schema] = {}

    def of(self, cls: Any) -> Schema:
        """Return a reference to the definition of an attrs class or an enumeration."""
        if cls.__name__ not in self.made:
            self.made[cls.__name__] = {}  # a class may hold itself
            make = _enumeration if issubclass(cls, LabelledEnum) else self._object
            self.made[cls.__name__] = make(cls)
        return _reference(cls.__name__)

    def _object(self, cls: Any) -> Schema:
        hints = hints_of(cls)
        properties: Schema = {}
        if issubclass(cls, Entity):
            properties = {"entity": {"const": cls.KIND}, "schema": {"const": SCHEMA_VERSION}}
        for field in attrs.fields(cls):
            hint = hints[field.name]
            properties[field.name] = {**self._hint(hint), **_default(field, hint)}
        required = [field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING]
        if issubclass(cls, Entity):
            properties["id"] = {**properties["id"], "pattern": _id_pattern(cls)}
        return {
            "type": "object",
            "description": _summary(cls),
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    def _hint(self, hint: Any) -> Schema:
        if hint in _SCALARS:
            return dict(_SCALARS[hint])
        for fits, make in self._shapes():
            if fits(hint):
                return make(hint)
        return self.of(hint)

    def _shapes(self) -> tuple[tuple[Callable[[Any], bool], Callable[[Any], Schema]], ...]:
        return (
            (is_text_value, lambda cls: {"type": "string", "description": _summary(cls)}),
            (is_sequence, self._sequence),
            (is_mapping, self._mapping),
            (lambda hint: typing.get_origin(hint) is tuple, self._fixed),
            (lambda hint: bool(union_members(hint)), self._union),
        )

    def _sequence(self, hint: Any) -> Schema:
        return {"type": "array", "items": self._hint(typing.get_args(hint)[0])}

    def _mapping(self, hint: Any) -> Schema:
        key, value = typing.get_args(hint)
        return {
            "type": "object",
            "propertyNames": self._hint(key),
            "additionalProperties": self._hint(value),
        }

    def _fixed(self, hint: Any) -> Schema:
        items = [self._hint(member) for member in typing.get_args(hint)]
        return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}

    def _union(self, hint: Any) -> Schema:
        members = union_members(hint)
        known = known_member(members)
        if is_when(members):
            choices = [dict(_DATE), dict(_MOMENT)]
        elif known is not None:
            choices = [self._known(known), self.of(Knowledge)]
        else:
            choices = [self._hint(member) for member in members]
        if types.NoneType in typing.get_args(hint):
            choices.append({"type": "null"})
        return choices[0] if len(choices) == 1 else {"anyOf": choices}

    def _known(self, hint: Any) -> Schema:
        return {
            "type": "object",
            "properties": {"known": self._hint(hint)},
            "required": ["known"],
            "additionalProperties": False,
        }


def _enumeration(cls: type[LabelledEnum]) -> Schema:
    return {
        "description": _summary(cls),
        "oneOf": [
            {"const": member.value, "title": member.label_fr, "description": member.label_en}
            for member in cls
        ],
    }


def _default(field: attrs.Attribute[Any], hint: Any) -> Schema:
    if field.default is attrs.NOTHING or isinstance(field.default, attrs.Factory):  # type: ignore[arg-type] # attrs types Factory as a function
        return {}
    return {"default": converter(strict=True).unstructure(field.default, hint)}


def _id_pattern(cls: type[Entity]) -> str:
    return f"^({'|'.join(cls.ID_KINDS)}):[A-Za-z0-9._~@:+-]{{1,200}}$"


def _summary(cls: type) -> str:
    return (inspect.getdoc(cls) or "").partition("\n\n")[0].replace("\n", " ")

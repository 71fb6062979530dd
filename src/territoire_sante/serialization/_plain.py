# SPDX-License-Identifier: Apache-2.0
"""Entities and views to plain data and back."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, TypeVar

from territoire_sante.errors import DecodingError, InvalidValueError, Problem
from territoire_sante.model import Entity, make_id
from territoire_sante.serialization._converter import converter, examiner
from territoire_sante.serialization._fields import Unstructure, Writers, hints_of
from territoire_sante.serialization._kinds import KINDS
from territoire_sante.serialization._problems import did_you_mean, expected, problems_of

#: The version of the plain form; a reader refuses a higher one than its own.
SCHEMA_VERSION: Final = 1

V = TypeVar("V")

_REMEDY = "Correct these places; docs/reference/schema.json describes the form"


def _write(value: Any) -> dict[str, Any]:
    try:
        plain: dict[str, Any] = converter(strict=False).unstructure(value)
    except InvalidValueError as error:
        raise InvalidValueError(
            f"cannot be written: {_wrong_field(value)}: {error}",
            where=str(getattr(value, "id", "")),
            remedy="Give each field a value of its declared type",
        ) from error
    return plain


def _wrong_field(value: Any) -> str:
    """Return the path of the field that cannot be written."""
    cls: Any = type(value)
    writers = _writers(cls)
    for name in hints_of(cls):
        try:
            writers[name](getattr(value, name))
        except InvalidValueError:
            return f"$.{name}"
    return "$"


def _read(cls: type[V], plain: Mapping[str, Any], *, strict: bool, where: str = "") -> V:
    with contextlib.suppress(Exception):
        return converter(strict=strict).structure(plain, cls)
    try:
        return examiner(strict=strict).structure(plain, cls)
    except Exception as error:
        raise DecodingError(
            f"not a valid {cls.__name__}",
            problems=list(problems_of(error)),
            where=where,
            remedy=_REMEDY,
        ) from error


def to_plain(entity: Entity) -> dict[str, Any]:
    """
    Return ``entity`` as data for JSON: kind, schema version, and fields without their defaults.

    >>> from territoire_sante.model import Announcement
    >>> to_plain(Announcement(id="announcement:1", title="Barnum"))
    {'entity': 'announcement', 'schema': 1, 'id': 'announcement:1', 'title': 'Barnum'}

    Raises:
        InvalidValueError: a choice is given as something else, its text for example.
    """
    return {"entity": type(entity).KIND, "schema": SCHEMA_VERSION, **_write(entity)}


def from_plain(data: Any, *, where: str = "") -> Entity:
    """
    Return the entity that ``data`` describes; nothing in it is passed over.

    ``where`` names the file or line for messages.

    Raises:
        DecodingError: something is wrong; ``problems`` holds all of it, each with
            its path (``$.start``).
    """
    cls, fields = _opened(data, where)
    return _read(cls, fields, strict=True, where=where)


def from_stored(data: Mapping[str, Any]) -> Entity:
    """
    Return the entity that :func:`to_plain` wrote, perhaps years ago.

    The rules are those of :func:`from_plain`, but a time keeps its wall clock if its zone
    has got other rules since.

    Raises:
        DecodingError: it was not written by this version.
    """
    cls, fields = _opened(data, "")
    return _read(cls, fields, strict=False)


def view_to_plain(view: Any, fields: Collection[str]) -> dict[str, Any]:
    """
    Return exactly these fields of ``view`` as data for JSON, defaults included.

    The order is that of the class, so that equal views give equal texts.

    Raises:
        KeyError: the class has no such field.
    """
    cls: Any = type(view)
    return {name: hook(getattr(view, name)) for name, hook in _chosen(cls, frozenset(fields))}


@functools.cache
def _chosen(cls: Any, fields: frozenset[str]) -> tuple[tuple[str, Unstructure], ...]:
    names = hints_of(cls)
    missing = fields - names.keys()
    if missing:
        raise KeyError(f"{cls.__name__} has no field {', '.join(sorted(missing))}")
    writers = _writers(cls)
    return tuple((name, writers[name]) for name in names if name in fields)


@functools.cache
def _writers(cls: Any) -> Writers:
    return Writers(cls, converter(strict=False))


def view_from_plain(cls: type[V], plain: Mapping[str, Any]) -> V:
    """
    Return the view that :func:`view_to_plain` wrote; missing fields take their defaults.

    An entity without id gets the one that its ``uid`` makes.

    Raises:
        DecodingError: it was not written by this version.
    """
    fields = dict(plain)
    if issubclass(cls, Entity) and "id" not in fields:
        fields["id"] = make_id(cls.KIND, str(fields.get("uid", "")))
    return _read(cls, fields, strict=False)


def _opened(data: Any, where: str) -> tuple[type[Entity], dict[str, Any]]:
    """Return the class that ``data`` names, and its fields without the envelope."""
    if not isinstance(data, Mapping):
        problem = Problem("$", expected("an object", data))
        raise DecodingError("not an entity", problems=[problem], where=where, remedy=_REMEDY)
    problems = [*_envelope_problems(data)]
    if problems:
        raise DecodingError("not an entity", problems=problems, where=where, remedy=_REMEDY)
    fields = dict(data)
    fields.pop("schema", None)
    return KINDS[fields.pop("entity")], fields


def _envelope_problems(data: Mapping[str, Any]) -> Iterator[Problem]:
    kind, version = data.get("entity"), data.get("schema", SCHEMA_VERSION)
    if "entity" not in data:
        yield Problem("$.entity", f"required field missing, one of {', '.join(KINDS)}")
    elif not isinstance(kind, str) or kind not in KINDS:
        hint = did_you_mean(str(kind), KINDS)
        yield Problem("$.entity", f"{kind!r} is not a kind of entity{hint}")
    if type(version) is not int or version < 1:
        yield Problem("$.schema", f"expected {SCHEMA_VERSION}, got {version!r}")
    elif version > SCHEMA_VERSION:
        yield Problem(
            "$.schema",
            f"made by a newer version: schema {version}, this one reads {SCHEMA_VERSION}",
        )

# SPDX-License-Identifier: Apache-2.0
"""What cattrs found wrong, as a flat list of places and sentences."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

import attrs
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)

from territoire_sante.errors import InvalidValueError, Problem, TerritoireSanteError


class Twice:
    """What is read in the place of a JSON object that has a field twice: one would be lost."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return f"the field {self.name!r} is there twice"


def json_name(value: Any) -> str:
    """Return what JSON calls the type of ``value``, for messages."""
    names: dict[type, str] = {
        type(None): "null",
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        str: "text",
        list: "a list",
        dict: "an object",
    }
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return names.get(type(value), type(value).__name__)


def expected(what: str, value: Any) -> str:
    """Return the sentence that ``value`` is not ``what`` is needed."""
    return str(value) if isinstance(value, Twice) else f"expected {what}, got {json_name(value)}"


def did_you_mean(wrong: str, right: Iterable[str]) -> str:
    """
    Return a question that offers the nearest right name, or nothing.

    >>> did_you_mean("sumary", ["summary", "start"])
    ", did you mean 'summary'?"
    """
    near = difflib.get_close_matches(wrong, list(right), n=1)
    return f", did you mean {near[0]!r}?" if near else ""


def step(path: str, name: str | int) -> str:
    """Return ``path`` one step further down, in JSONPath's notation."""
    if isinstance(name, str) and re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name):
        return f"{path}.{name}"
    return f"{path}[{name!r}]"


def problems_of(error: BaseException, path: str = "$") -> Iterator[Problem]:
    """Yield every problem in ``error``, which a converter raised, with its path."""
    if isinstance(error, BaseValidationError):
        for inner in error.exceptions:
            yield from problems_of(inner, _path_of(inner, path, error.cl))
    elif isinstance(error, ForbiddenExtraKeysError):
        known = [field.name for field in attrs.fields(error.cl)]
        for name in sorted(error.extra_fields, key=str):
            yield Problem(step(path, name), f"unknown field{did_you_mean(str(name), known)}")
    else:
        yield Problem(path, _sentence(error))


def _path_of(error: BaseException, path: str, cls: type) -> str:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return step(path, note.name)
        if isinstance(note, IterableValidationNote):
            return step(path, note.index)
    field = _field_named_by(error)
    is_field = attrs.has(cls) and any(known.name == field for known in attrs.fields(cls))
    return step(path, field) if is_field else path


def _field_named_by(error: BaseException) -> str:
    """Return the field that a class's own check complains of, as our errors and attrs' tell it."""
    if isinstance(error, TerritoireSanteError):
        return error.where
    if len(error.args) > 1 and isinstance(error.args[1], attrs.Attribute):
        return str(error.args[1].name)
    return ""


def _sentence(error: BaseException) -> str:
    if isinstance(error, InvalidValueError):
        return f"{error.what}. {error.remedy}" if error.remedy else error.what
    if isinstance(error, TerritoireSanteError):
        return str(error)
    if isinstance(error, KeyError):
        return "required field missing"
    return str(error.args[0]) if error.args else type(error).__name__

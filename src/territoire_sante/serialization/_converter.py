# SPDX-License-Identifier: Apache-2.0
"""
The cattrs converters of the model, made once from the field types of its classes.

One reads and writes. Where it fails, another one looks at the same data again: it collects every
problem with its path, and runs the checks of each field even when others are wrong. Both exist
strict, for what people wrote, and lenient, for what this library wrote before: these differ only
in times whose offset is not the zone's.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import functools
import json
import math
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Union

import attrs
import cattrs
from cattrs import ClassValidationError, IterableValidationError
from cattrs.errors import AttributeValidationNote, IterableValidationNote
from cattrs.gen import make_dict_structure_fn, override

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import Knowledge, Known, LabelledEnum
from territoire_sante.serialization import _text
from territoire_sante.serialization._fields import (
    Structure,
    Unstructure,
    hints_of,
    reader,
    same,
    writer,
)
from territoire_sante.serialization._problems import did_you_mean, expected


def is_text_value(cls: Any) -> bool:
    """
    Say whether values of ``cls`` are written as one text, not as an object.

    Those are the classes that can read themselves (``parse``) and name
    themselves (``__str__``): identifiers and durations.
    """
    return (
        isinstance(cls, type)
        and attrs.has(cls)
        and callable(getattr(cls, "parse", None))
        and cls.__str__ is not object.__str__
    )


def union_members(hint: Any) -> tuple[Any, ...]:
    """Return the members of a union without ``None``; nothing if ``hint`` is no union."""
    if typing.get_origin(hint) in (Union, types.UnionType):
        return tuple(member for member in typing.get_args(hint) if member is not types.NoneType)
    return ()


def is_when(members: tuple[Any, ...]) -> bool:
    """Say whether the union is of days and moments."""
    return set(members) == {dt.date, dt.datetime}


def known_member(members: tuple[Any, ...]) -> Any:
    """Return ``T`` if the union is ``Known[T] | Knowledge``, otherwise ``None``."""
    if len(members) == 2 and Knowledge in members:  # noqa: PLR2004 - a pair
        other = members[0] if members[1] is Knowledge else members[1]
        if typing.get_origin(other) is Known:
            return typing.get_args(other)[0]
    return None


def is_sequence(hint: Any) -> bool:
    """Say whether ``hint`` is a tuple of any length, a list or a frozenset of one type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    return origin in (list, frozenset) or (
        origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis  # noqa: PLR2004 - (T, ...)
    )


def is_mapping(hint: Any) -> bool:
    """Say whether ``hint`` is a mapping."""
    origin = typing.get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _expected(what: str, value: Any) -> InvalidValueError:
    return InvalidValueError(expected(what, value))


def _structure_text(value: Any, _: Any) -> str:
    if type(value) is not str:
        raise _expected("text", value)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise InvalidValueError("half a character: a lone UTF-16 surrogate") from error
    return value


def _structure_int(value: Any, _: Any) -> int:
    if type(value) is not int:
        raise _expected("a whole number", value)
    return value


def _structure_float(value: Any, _: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise _expected("a number", value)
    return float(value)


def _structure_bool(value: Any, _: Any) -> bool:
    if type(value) is not bool:
        raise _expected("true or false", value)
    return value


def _structure_bytes(value: Any, _: Any) -> bytes:
    if type(value) is not str:
        raise _expected("text in base64", value)
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidValueError(f"not base64 ({error})") from error


def _from_text(parse: Callable[[str], Any], what: str) -> Structure:
    def structure(value: Any, _: Any) -> Any:
        if type(value) is not str:
            raise _expected(what, value)
        return parse(value)

    return structure


def _enum_hook(cls: type[LabelledEnum]) -> Structure:
    members = {member.value: member for member in cls}
    allowed = ", ".join(members)

    def structure(value: Any, _: Any) -> Any:
        if type(value) is not str:
            raise _expected(f"one of {allowed}", value)
        if value in members:
            return members[value]
        hint = did_you_mean(value, members)
        raise InvalidValueError(f"{value!r} is not one of {allowed}{hint}")

    return structure


class _Rules:
    """The hooks that need the converter they belong to."""

    def __init__(self, converter: cattrs.BaseConverter, *, strict: bool) -> None:
        self._converter = converter
        self._strict = strict

    def union(self, hint: Any) -> Structure:
        members = union_members(hint)
        inner: Structure
        known = known_member(members)
        if is_when(members):
            parse = functools.partial(_text.parse_when, strict=self._strict)
            inner = _from_text(parse, "a day, or a day and time, as text")
        elif known is not None:
            inner = self._known(known)
        elif len(members) == 1:
            inner = self._converter.get_structure_hook(members[0])
        else:
            raise TypeError(f"no plain form is defined for {hint}")
        if types.NoneType not in typing.get_args(hint):
            return inner
        target = members[0]
        return lambda value, _: None if value is None else inner(value, target)

    def _known(self, hint: Any) -> Structure:
        inner = self._converter.get_structure_hook(hint)

        def structure(value: Any, _: Any) -> Any:
            if type(value) is str and value in _KNOWLEDGE:
                return _KNOWLEDGE[value]
            if type(value) is not dict or set(value) != {"known"}:
                raise InvalidValueError(
                    'expected {"known": …}, "absent" or "unknown"',
                    remedy='Write "unknown" if nobody looked, "absent" if it was checked',
                )
            try:
                return Known(inner(value["known"], hint))
            except Exception as error:
                error.add_note(AttributeValidationNote("known", "known", hint))
                raise ClassValidationError("known", [error], Known) from error

        return structure

    def sequence(self, hint: Any) -> Structure:
        make, item = typing.get_origin(hint), typing.get_args(hint)[0]
        inner = self._converter.get_structure_hook(item)

        def structure(value: Any, _: Any) -> Any:
            if type(value) is not list and type(value) is not tuple:
                raise _expected("a list", value)
            return make(_each(enumerate(value), inner, item))

        return structure

    def mapping(self, hint: Any) -> Structure:
        key_type, value_type = typing.get_args(hint)
        key_hook = self._converter.get_structure_hook(key_type)
        value_hook = self._converter.get_structure_hook(value_type)

        def structure(value: Any, _: Any) -> Any:
            if type(value) is not dict:
                raise _expected("an object", value)
            keys = _each(((name, name) for name in value), key_hook, key_type)
            return dict(zip(keys, _each(value.items(), value_hook, value_type), strict=True))

        return structure

    def attrs_class(self, cls: Any) -> Structure:
        hints = hints_of(cls)
        checked: dict[str, Any] = {
            field.name: override(struct_hook=self._checked(cls, field, hints[field.name]))
            for field in attrs.fields(cls)
            if field.validator is not None
        }
        generated = make_dict_structure_fn(cls, self._converter, **checked)

        def structure(value: Any, target: Any) -> Any:
            if not isinstance(value, Mapping):
                raise _expected("an object", value)
            return generated(value, target)

        return structure

    def _checked(self, cls: type, field: attrs.Attribute[Any], hint: Any) -> Structure:
        """
        Return a hook that runs the field's own check at once.

        Otherwise it would run when the whole is built, which does not happen
        while another field is wrong; people would be told one problem at a time.
        """
        inner = self._converter.get_structure_hook(hint)
        check: Callable[..., Any] | None = field.validator
        convert: Any = field.converter or same
        blank: Any = object.__new__(cls)

        def structure(value: Any, _: Any) -> Any:
            result = inner(value, hint)
            if check is not None:
                check(blank, field, convert(result))
            return result

        return structure


_KNOWLEDGE = {member.value: member for member in Knowledge}


def _each(pairs: Any, inner: Structure, hint: Any) -> list[Any]:
    """Structure every value of ``(place, value)`` pairs; raise all that is wrong at once."""
    results: list[Any] = []
    errors: list[Exception] = []
    for place, value in pairs:
        try:
            results.append(inner(value, hint))
        except Exception as error:  # noqa: BLE001 - collected with its place, and raised below
            error.add_note(IterableValidationNote(f"element {place}", place, hint))
            errors.append(error)
    if errors:
        raise IterableValidationError("elements", errors, list)
    return results


def _union_text(converter: cattrs.BaseConverter, hint: Any) -> Unstructure:
    members = union_members(hint)
    inner: Unstructure
    known = known_member(members)
    if is_when(members):
        inner = _text.when_text
    elif known is not None:
        hook = converter.get_unstructure_hook(known)
        inner = lambda value: (  # noqa: E731 - one of several values of a variable
            {"known": hook(value.value)} if isinstance(value, Known) else value.value
        )
    else:
        inner = converter.get_unstructure_hook(members[0])
    if types.NoneType not in typing.get_args(hint):
        return inner
    return lambda value: None if value is None else inner(value)


def _sequence_text(converter: cattrs.BaseConverter, hint: Any) -> Unstructure:
    inner = converter.get_unstructure_hook(typing.get_args(hint)[0])
    if typing.get_origin(hint) is frozenset:
        return lambda value: sorted(map(inner, value), key=json.dumps)
    return lambda value: [inner(element) for element in value]


def _mapping_text(converter: cattrs.BaseConverter, hint: Any) -> Unstructure:
    key_hook, value_hook = map(converter.get_unstructure_hook, typing.get_args(hint))
    return lambda value: {key_hook(name): value_hook(inner) for name, inner in value.items()}


@functools.cache
def converter(*, strict: bool) -> cattrs.BaseConverter:
    """Return what reads and writes; it raises at the first thing that is wrong, whatever."""
    made = cattrs.BaseConverter(detailed_validation=False)
    _read_values(made, _Rules(made, strict=strict), strict=strict)
    made.register_structure_hook_factory(_is_record, functools.partial(reader, made))
    made.register_unstructure_hook(bytes, lambda value: base64.b64encode(value).decode())
    made.register_unstructure_hook(dt.date, dt.date.isoformat)
    made.register_unstructure_hook(dt.datetime, _text.datetime_text)
    made.register_unstructure_hook(Decimal, str)
    made.register_unstructure_hook_factory(_is_record, functools.partial(writer, made))
    made.register_unstructure_hook_factory(is_text_value, lambda _: str)
    made.register_unstructure_hook_factory(_is_enum, _enum_text)
    made.register_unstructure_hook_factory(is_sequence, functools.partial(_sequence_text, made))
    made.register_unstructure_hook_factory(is_mapping, functools.partial(_mapping_text, made))
    made.register_unstructure_hook_factory(_is_union, functools.partial(_union_text, made))
    return made


@functools.cache
def examiner(*, strict: bool) -> cattrs.BaseConverter:
    """Return what reads the same as :func:`converter`, and raises everything that is wrong."""
    made = cattrs.Converter(forbid_extra_keys=True, detailed_validation=True)
    rules = _Rules(made, strict=strict)
    _read_values(made, rules, strict=strict)
    made.register_structure_hook_factory(_is_record, rules.attrs_class)
    return made


def _read_values(made: cattrs.BaseConverter, rules: _Rules, *, strict: bool) -> None:
    """Say how everything but the attrs classes is read."""
    moment = functools.partial(_text.parse_datetime, strict=strict)
    made.register_structure_hook(str, _structure_text)
    made.register_structure_hook(int, _structure_int)
    made.register_structure_hook(float, _structure_float)
    made.register_structure_hook(bool, _structure_bool)
    made.register_structure_hook(bytes, _structure_bytes)
    made.register_structure_hook(dt.date, _from_text(_text.parse_date, "a day as text"))
    made.register_structure_hook(dt.datetime, _from_text(moment, "a day and time as text"))
    made.register_structure_hook(Decimal, _from_text(_text.parse_decimal, "a number as text"))
    made.register_structure_hook_factory(
        is_text_value, lambda cls: _from_text(cls.parse, f"text that is a {cls.__name__}")
    )
    made.register_structure_hook_factory(_is_enum, _enum_hook)
    made.register_structure_hook_factory(is_sequence, rules.sequence)
    made.register_structure_hook_factory(is_mapping, rules.mapping)
    made.register_structure_hook_factory(_is_union, rules.union)


def _is_record(cls: Any) -> bool:
    return attrs.has(cls) and not is_text_value(cls)


def _is_union(hint: Any) -> bool:
    return bool(union_members(hint))


def _is_enum(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, LabelledEnum)


def _enum_text(cls: type[LabelledEnum]) -> Callable[[Any], str]:
    def text(member: Any) -> str:
        if type(member) is not cls:
            raise _expected(f"a {cls.__name__}", member)
        value: str = member._value_
        return value

    return text

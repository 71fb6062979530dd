# SPDX-License-Identifier: Apache-2.0
"""
Hypothesis strategies for everything in the model, made from the field types of its classes.

Not imported by ``territoire_sante.testing``, because Hypothesis is an extra.

>>> from territoire_sante.testing.strategies import entities
>>> from hypothesis import find
>>> bool(find(entities("announcement"), lambda one: bool(one.title)).title)
True
"""

from __future__ import annotations

import datetime as dt
import functools
import types
import typing
import zoneinfo
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar, Union

import attrs
from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    ContactPoint,
    ContactPointKind,
    Duration,
    Entity,
    Geo,
    Knowledge,
    Known,
    LabelledEnum,
    Money,
    OppositionEntry,
    OppositionKind,
    Quantity,
)
from territoire_sante.serialization import KINDS

__all__ = ["entities", "moments", "texts", "values"]

T = TypeVar("T")

_FRENCH: Final = (
    "Réunion de la maison de santé",
    "L'œuvre d'Aïcha à Saint-Étienne-du-Valdonnez",
    "« Bus des aînés » : 15 €",
    "deux\nlignes",
    "émoji 👩🏽‍⚕️, espace insécable\u00a0!",
)
_ZONES: Final = (
    None,
    dt.UTC,
    dt.timezone(dt.timedelta(hours=-3, minutes=-30)),
    *map(zoneinfo.ZoneInfo, ("Europe/Paris", "Indian/Reunion", "America/Cayenne")),
)
_REACH: Final = {
    ContactPointKind.EMAIL: "accueil@mairie.example.org",
    ContactPointKind.SECURE_EMAIL: "msp@medecin.example.org",
    ContactPointKind.URL: "https://example.org/msp",
}
_DAYS: Final = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31))


def texts() -> SearchStrategy[str]:
    """Return texts: empty, French, or anything that UTF-8 can hold."""
    anything = st.text(st.characters(codec="utf-8"), max_size=12)
    return st.one_of(anything, st.sampled_from(_FRENCH))


def moments() -> SearchStrategy[dt.datetime]:
    """Return datetimes: floating, in UTC, in a zone, or at an offset; also in clock changes."""
    return st.datetimes(
        dt.datetime(1900, 1, 2),  # noqa: DTZ001 - the strategy adds the zone
        dt.datetime(2199, 12, 30),  # noqa: DTZ001 - likewise
        timezones=st.sampled_from(_ZONES),
    )


def entities(*kinds: str) -> SearchStrategy[Any]:
    """Return entities of these kinds, of any kind if none is named."""
    classes: list[Any] = [KINDS[kind] for kind in kinds or KINDS]
    return st.one_of(*map(values, classes))


@functools.cache
def values(cls: Any) -> SearchStrategy[Any]:
    """Return instances of an attrs class of the model, an entity or not."""
    if cls in _SPECIAL:
        return _strategy(_SPECIAL[cls])
    required: dict[str, SearchStrategy[Any]] = {}
    optional: dict[str, SearchStrategy[Any]] = {}
    hints = typing.get_type_hints(cls)
    for field in attrs.fields(cls):
        if field.init:
            group = required if field.default is attrs.NOTHING else optional
            group[field.name] = _of_hint(hints[field.name])
    if issubclass(cls, Entity):
        required["id"] = _ids(cls)
    return st.fixed_dictionaries(required, optional=optional).map(
        functools.partial(_made, cls, frozenset(optional))
    )


def _made(cls: type[T], optional: frozenset[str], fields: dict[str, Any]) -> T:
    """Make an instance; leave out the optional fields that its own checks complain of."""
    left = dict(fields)
    while True:
        try:
            return cls(**left)
        except InvalidValueError as error:
            if error.where not in optional or error.where not in left:
                reject()
            del left[error.where]
        except ValueError as error:
            name = getattr(error.args[1] if len(error.args) > 1 else None, "name", "")
            if name not in optional or name not in left:
                reject()
            del left[name]


def _strategy(make: Any) -> SearchStrategy[Any]:
    made: SearchStrategy[Any] = make()
    return made


def _ids(cls: type[Entity]) -> SearchStrategy[str]:
    local = st.from_regex(r"[A-Za-z0-9._~@:+-]{1,12}", fullmatch=True)
    return st.builds("{}:{}".format, st.sampled_from(cls.ID_KINDS), local)


def _of_hint(hint: Any) -> SearchStrategy[Any]:
    origin = typing.get_origin(hint)
    arguments = [one for one in typing.get_args(hint) if one is not Ellipsis]
    if origin is None:
        return _of_class(hint)
    inner = [_of_hint(one) for one in arguments]
    if origin is tuple and Ellipsis not in typing.get_args(hint):
        return st.tuples(*inner)
    return _strategy(functools.partial(_GENERIC[origin], *inner))


def _of_class(cls: Any) -> SearchStrategy[Any]:
    if cls in _SCALARS:
        return _strategy(_SCALARS[cls])
    if issubclass(cls, LabelledEnum):
        return st.sampled_from(list(cls))
    return st.deferred(lambda: values(cls))


def _decimals(lowest: int, places: int | None) -> SearchStrategy[Decimal]:
    return st.decimals(lowest, 10**9, allow_nan=False, allow_infinity=False, places=places)


def _contact_points() -> SearchStrategy[ContactPoint]:
    def made(kind: ContactPointKind, fields: dict[str, Any]) -> ContactPoint:
        value = _REACH.get(kind, "+33 4 66 00 00 00")
        return ContactPoint(kind=kind, value=value, **fields)

    hints = typing.get_type_hints(ContactPoint)
    rest = {name: _of_hint(hints[name]) for name in hints if name not in ("kind", "value")}
    return st.builds(
        made, st.sampled_from(ContactPointKind), st.fixed_dictionaries({}, optional=rest)
    )


def _opposition_entries() -> SearchStrategy[OppositionEntry]:
    def made(digest: bytes, kind: OppositionKind, since: dt.date | None) -> OppositionEntry:
        text = digest.hex()
        return OppositionEntry(id=f"opposition:{text}", hash=text, kind=kind, since=since)

    digests = st.binary(min_size=32, max_size=32)
    return st.builds(made, digests, st.sampled_from(OppositionKind), st.none() | _DAYS)


_GENERIC: Final[Mapping[Any, Any]] = {
    Union: st.one_of,
    types.UnionType: st.one_of,
    Known: lambda inner: inner.map(Known),
    tuple: lambda inner: st.lists(inner, max_size=3).map(tuple),
    frozenset: functools.partial(st.frozensets, max_size=3),
    Mapping: functools.partial(st.dictionaries, max_size=3),
}

_SCALARS: Final[Mapping[Any, Any]] = {
    str: texts,
    bool: st.booleans,
    int: functools.partial(st.integers, 0, 2**31),
    float: functools.partial(st.floats, -1e6, 1e6),
    bytes: functools.partial(st.binary, max_size=20),
    types.NoneType: st.none,
    dt.date: lambda: _DAYS,
    dt.datetime: moments,
    Decimal: functools.partial(_decimals, -(10**9), None),
    Knowledge: functools.partial(st.sampled_from, list(Knowledge)),
}

_SPECIAL: Final[Mapping[Any, Any]] = {
    ContactPoint: _contact_points,
    Duration: lambda: st.builds(
        Duration, **{field.name: st.integers(0, 99) for field in attrs.fields(Duration)}
    ),
    Geo: lambda: st.builds(Geo, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180)),
    Money: lambda: st.builds(Money, _decimals(-(10**6), 2)),
    OppositionEntry: _opposition_entries,
    Quantity: lambda: st.builds(
        Quantity, _decimals(0, None), _of_class(typing.get_type_hints(Quantity)["unit"]), texts()
    ),
}

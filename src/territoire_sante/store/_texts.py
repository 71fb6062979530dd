# SPDX-License-Identifier: Apache-2.0
"""What of an entity is searched: its words, and the places it names."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any, Final

import attrs

from territoire_sante import model

_TITLES: Final = frozenset({"name", "title", "summary", "short_name"})
_NO_WORDS: Final = re.compile(
    r"(.*_)?(id|ids|uid|url|rrule|hash|algorithm|checksum|language|media_type|country|link)"
)
_CODES: Final = frozenset({"communes", "audience", "citycode", "commune"})
_COMMUNE: Final = re.compile(r"[0-9][0-9AB][0-9]{3}")
_LIGATURES: Final = str.maketrans({"œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae", "\0": " "})
_FOLDED: Final = re.compile("[œŒæÆ\0]")


# What ids of territories begin with, written out so that storing an entity does not load them all.
_TERRITORIES: Final = ("territory", "commune", "epci", "departement", "region")

# Of these the JSON of an entity holds some if it names a place.
_HINTS: Final = (
    *(f'"{kind}:' for kind in _TERRITORIES),
    *(f'"{name}":' for name in sorted(_CODES)),
)


def may_name_places(text: str) -> bool:
    """
    Say of the JSON of an entity whether :func:`places_of` can find any.

    >>> may_name_places('{"citycode":"48095"}'), may_name_places('{"summary":"commune"}')
    (True, False)
    """
    return any(hint in text for hint in _HINTS)


@functools.cache
def _territory() -> re.Pattern[str]:
    """Return what the id of a territory looks like."""
    return re.compile(rf"(?:{'|'.join(_TERRITORIES)}):\S+")


def folded(text: str) -> str:
    """
    Return ``text`` with what SQLite's tokenizer does not fold: ligatures.

    >>> folded("Le chœur")
    'Le choeur'
    """
    return text.translate(_LIGATURES) if _FOLDED.search(text) else text


def words_of(entity: model.Entity) -> tuple[str, str]:
    """
    Return the title and the other words of an entity: texts, and French labels of enumerations.

    Ids, addresses on the web and codes of communes are left out, and so is
    where the data comes from. The opposition list is never searched.
    """
    title: list[str] = []
    body: list[str] = []
    if isinstance(entity, model.OppositionEntry):
        return "", ""
    cls: Any = type(entity)
    for name in _worded(cls):
        value = getattr(entity, name)
        if value:
            into = title if name in _TITLES else body
            if value.__class__ is str:
                into.append(value)
            elif not _is_wordless(value.__class__):
                into.extend(_words(value))
    return folded("\n".join(title)), folded("\n".join(body))


@functools.cache
def _fields(cls: type[object]) -> tuple[str, ...]:
    """Return the names of a class's fields, none if it is no record."""
    return tuple(field.name for field in attrs.fields(cls)) if attrs.has(cls) else ()


@functools.cache
def _worded(cls: type[object]) -> tuple[str, ...]:
    """Return the fields of a class that may hold words."""
    return tuple(name for name in _fields.__wrapped__(cls) if _is_worded(name))


def _is_worded(name: str) -> bool:
    return not _NO_WORDS.fullmatch(name) and name not in _CODES and name != "coverage"


@functools.cache
def _is_wordless(cls: type[object]) -> bool:
    """Say of a class that none of its values holds words: dates, numbers, where data is from."""
    if issubclass(cls, model.Visibility | model.Provenance):
        return True
    return not (issubclass(cls, str | tuple | frozenset | model.LabelledEnum) or attrs.has(cls))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, model.Visibility | model.Provenance):
        return
    elif isinstance(value, model.LabelledEnum):
        yield value.label_fr
    elif isinstance(value, tuple | frozenset):
        for element in value:
            yield from _words(element)
    else:
        for name in _worded(value.__class__):
            inner = getattr(value, name)
            if inner:
                yield from _words(inner)


def department_of(code: str) -> str:
    """
    Return the département of a commune's INSEE code.

    >>> department_of("48095"), department_of("2A004"), department_of("97411")
    ('48', '2A', '974')
    """
    return code[:3] if code[:2] in ("97", "98") else code[:2]


def places_of(entity: model.Entity) -> dict[str, str]:
    """
    Return the places that an entity names, each with its département where that is known.

    A place is the INSEE code of a commune, or the id of another territory. A
    territory that is no commune names itself and not its members.
    """
    if isinstance(entity, model.Territory):
        found = [entity.id, *(entity.communes if entity.id.startswith("commune:") else ())]
    else:
        found = list(_places(entity))
    places: dict[str, str] = {}
    for text in found:
        kind, _, local = text.rpartition(":")
        if kind in ("", "commune"):
            places[local] = department_of(local)
        else:
            places[text] = local if kind == "departement" else ""
    return places


def _places(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, str):
        if ":" in value:
            if _territory().fullmatch(value):
                yield value
        elif name in _CODES and _COMMUNE.fullmatch(value):
            yield value
    elif isinstance(value, tuple | frozenset):
        for element in value:
            yield from _places(element, name)
    else:
        for each in _fields(value.__class__):
            inner = getattr(value, each)
            # Most are texts without a colon, and in no field of codes.
            if inner and (inner.__class__ is not str or ":" in inner or each in _CODES):
                yield from _places(inner, each)

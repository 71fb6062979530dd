# SPDX-License-Identifier: Apache-2.0
"""Small steps that the tests of lenses share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

import attrs

from territoire_sante.errors import InputError
from territoire_sante.formats import Document, Lens
from territoire_sante.serialization import view_to_plain
from territoire_sante.testing._samples import TEXT_FIELDS

#: When a test says that something was changed.
NOW: Final = dt.datetime(2026, 3, 28, 9, tzinfo=dt.UTC)


def differing(wanted: Any, got: Any, lens: Lens[Any]) -> dict[str, tuple[Any, Any]]:
    """
    Return, for each field of the lens that differs, what was written and what came back.

    Compared in plain form, where a time has its zone and not only its instant.
    """
    before, after = (view_to_plain(view, lens.fields) for view in (wanted, got))
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


def defaults(view: Any) -> dict[str, Any]:
    """Return the default of each field that has one."""
    found = {}
    for field in attrs.fields(type(view)):
        if isinstance(field.default, attrs.Factory):  # type: ignore[arg-type] # a class at run time
            continue
        if field.default is not attrs.NOTHING:
            found[field.name] = field.default
    return found


def texts_of(lens: Lens[Any]) -> list[str]:
    """Return the fields of the lens that hold free text."""
    return [name for name in TEXT_FIELDS[lens.view] if name in lens.fields]


def retold(lens: Lens[Any], view: Any) -> Iterator[tuple[str, Any]]:
    """Yield the view with another text in each of its fields of free text, one by one."""
    for name in texts_of(lens):
        yield name, attrs.evolve(view, **{name: "Autre texte"})


def put_or_refuse(lens: Lens[Any], view: Any, document: Document | None = None) -> Document | None:
    """Return the document, or ``None`` if the lens refuses the view in so many words."""
    try:
        return lens.put(view, document)
    except InputError:
        return None

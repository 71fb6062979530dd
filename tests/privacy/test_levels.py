# SPDX-License-Identifier: Apache-2.0
"""The table of levels: complete, and each row can be kept."""

from __future__ import annotations

import typing

import attrs
import pytest

from territoire_sante import model
from territoire_sante.model import Entity, Visibility
from territoire_sante.privacy._levels import (
    COMMON,
    ENTITIES,
    FLOORS,
    NEUTRAL,
    ONE_OF,
    PARTS,
    UNFINISHED,
    level_of,
)
from territoire_sante.store import Store


def classes_in(hint):
    """Return the attrs classes that a type may hold."""
    if isinstance(hint, type) and attrs.has(hint):
        return {hint}
    inner = {one for part in typing.get_args(hint) for one in classes_in(part)}
    origin = typing.get_origin(hint)
    return inner | ({origin} if isinstance(origin, type) and attrs.has(origin) else set())


def stored_classes():
    """Return the classes of the model that a store keeps."""
    with Store.open("memory:") as store:
        return set(store.snapshot().classes)


def parts_of(classes):
    """Return every class of values that these hold, however deep."""
    found = set()
    queue = list(classes)
    while queue:
        for hint in typing.get_type_hints(queue.pop()).values():
            new = classes_in(hint) - found - set(classes)
            found |= new
            queue += new
    return found


def test_every_kind_of_entity_has_a_row():
    """Each class that a store keeps is in the table, and nothing else is."""
    assert set(ENTITIES) == stored_classes()


def test_every_kind_of_part_has_a_row():
    """Each class of values that an entity may hold is in the table, and nothing else is."""
    assert set(PARTS) == parts_of(ENTITIES)


@pytest.mark.parametrize("cls", [*ENTITIES, *PARTS], ids=lambda cls: cls.__name__)
def test_a_row_names_every_field(cls):
    """A field that is added to the model fails here until somebody says who may see it."""
    row = {*(ENTITIES | PARTS)[cls], *(COMMON if cls in ENTITIES else ())}
    assert {field.name for field in attrs.fields(cls)} == row


def test_a_field_that_no_row_names_is_private():
    """Until then it is shown to nobody else."""

    @attrs.frozen(kw_only=True)
    class Newcomer(Entity):
        secret: str = ""

    assert level_of(Newcomer, "secret") is Visibility.PRIVATE
    assert level_of(model.Actor, "no_such_field") is Visibility.PRIVATE


@pytest.mark.parametrize("cls", [*ENTITIES, *PARTS], ids=lambda cls: cls.__name__)
def test_what_may_be_emptied_can_be_empty(cls):
    """A narrower field has something to hold when it is emptied, so that the sheet stays."""
    for field in attrs.fields(cls):
        if level_of(cls, field.name) is not Visibility.PUBLIC:
            default = field.default
            assert (cls, field.name) in NEUTRAL or (
                default is not attrs.NOTHING and not getattr(default, "takes_self", False)
            ), field.name


def test_the_other_tables_name_what_there_is():
    """The classes and fields of the smaller tables are those of the model."""
    for cls, field in NEUTRAL:
        assert level_of(cls, field) is not Visibility.PUBLIC
    for cls, fields in ONE_OF.items():
        assert set(fields) <= {field.name for field in attrs.fields(cls)}
    assert {*FLOORS, *UNFINISHED} <= set(ENTITIES)

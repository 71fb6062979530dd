# SPDX-License-Identifier: Apache-2.0
"""What holds for all classes of the model."""

from __future__ import annotations

import collections
import inspect
import typing

import attrs
import pytest

from territoire_sante import model
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Entity,
    LabelledEnum,
    LeverFamily,
    LeverType,
    Person,
    PersonName,
    make_id,
)

PUBLIC = [getattr(model, name) for name in model.__all__]
CLASSES = [thing for thing in PUBLIC if inspect.isclass(thing)]
ENUMS = [cls for cls in CLASSES if issubclass(cls, LabelledEnum) and cls is not LabelledEnum]
DATA = [cls for cls in CLASSES if attrs.has(cls)]
ENTITIES = [cls for cls in DATA if issubclass(cls, Entity) and cls is not Entity]


def test_the_public_door_is_sorted_and_complete():
    """The names of the package are sorted as ruff sorts them, none twice, none private."""
    assert len(set(model.__all__)) == len(model.__all__)
    assert all(not name.startswith("_") for name in model.__all__)
    assert len(ENTITIES) >= 28


@pytest.mark.parametrize("enum", ENUMS, ids=lambda cls: cls.__name__)
def test_every_member_has_both_labels(enum):
    """Each member has a value, a French and an English label, each once in its enumeration."""
    assert len(enum) > 1
    for texts in (
        [member.value for member in enum],
        [member.label("fr") for member in enum],
        [member.label("en") for member in enum],
    ):
        assert all(text == text.strip() != "" for text in texts)
        assert [text for text, count in collections.Counter(texts).items() if count > 1] == []


@pytest.mark.parametrize("enum", ENUMS, ids=lambda cls: cls.__name__)
def test_values_follow_names(enum):
    """A member's stored value is its name, in small or capital letters, so both can be guessed."""
    odd = [m for m in enum if m.value.lower().replace("-", "_") != m.name.lower()]
    assert odd == []


@pytest.mark.parametrize("cls", DATA, ids=lambda cls: cls.__name__)
def test_data_is_frozen_and_hashable(cls):
    """No instance can be changed, and no field holds a list, a set or a dict."""
    assert cls.__setattr__ is not object.__setattr__
    assert cls.__hash__ is not None
    for hint in typing.get_type_hints(cls).values():
        origins = {typing.get_origin(part) for part in (hint, *typing.get_args(hint))}
        assert origins.isdisjoint({list, set, dict})


def test_kinds_and_id_kinds_are_unique():
    """No two classes share a kind, and an id tells which class it belongs to."""
    kinds = [cls.KIND for cls in ENTITIES]
    assert len(set(kinds)) == len(kinds)
    id_kinds = [kind for cls in ENTITIES for kind in cls.ID_KINDS]
    assert len(set(id_kinds)) == len(id_kinds)
    assert all(cls.KIND in cls.ID_KINDS for cls in ENTITIES)


@pytest.mark.parametrize("cls", ENTITIES, ids=lambda cls: cls.__name__)
def test_references_are_ids_as_text(cls):
    """A field named ``…_id`` is a text, ``…_ids`` a tuple of texts that may be empty."""
    hints = typing.get_type_hints(cls)
    fields = attrs.fields_dict(cls)
    for name, field in fields.items():
        if name.endswith("_ids"):
            assert hints[name] == tuple[str, ...]
            assert field.default == ()
        elif name.endswith("_id"):
            assert hints[name] is str


@pytest.mark.parametrize("cls", ENTITIES, ids=lambda cls: cls.__name__)
def test_no_entity_is_about_patients(cls):
    """No field holds what the library must never know of a person."""
    words = ("patient", "birth", "sex", "gender", "nationality", "political", "religion", "health_")
    names = [field.name for field in attrs.fields(cls) if field.name != "health_project"]
    assert [name for name in names if any(word in name for word in words)] == []


@pytest.mark.parametrize("cls", ENTITIES, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("bad", ["", "x", "other:1", "{kind}:", "{kind}:a b", "{kind}:é"])
def test_ids_of_another_kind_are_refused(cls, bad):
    """An id without kind, of another kind or with other signs is refused with the form wanted."""
    required = {
        field.name: None
        for field in attrs.fields(cls)
        if field.default is attrs.NOTHING and field.name != "id"
    }
    with pytest.raises(InvalidValueError) as caught:
        cls(id=bad.format(kind=cls.KIND), **required)
    assert caught.value.where == "id"
    assert f"{cls.ID_KINDS[0]}:" in caught.value.remedy


def test_ids_are_stable():
    """The id from a strong identifier is kept where it can be, and else always the same UUID."""
    assert make_id("commune", "48095") == "commune:48095"
    odd = make_id("person", "un UID avec des espaces")
    assert odd == make_id("person", "un UID avec des espaces")
    assert Person(id=odd, name=PersonName(family="Essai")).id == odd


def test_the_taxonomy_of_levers_is_complete():
    """Each type of lever has one family, and each family the types that the domain names."""
    families = collections.Counter(kind.family for kind in LeverType)
    assert families == {
        LeverFamily.COMMUNICATION: 8,
        LeverFamily.LOGISTICS: 7,
        LeverFamily.PREMISES: 5,
        LeverFamily.MOBILITY: 7,
        LeverFamily.HUMAN: 6,
        LeverFamily.FUNDING: 5,
        LeverFamily.KNOWLEDGE: 5,
        LeverFamily.GOVERNANCE: 4,
    }

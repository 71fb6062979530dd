# SPDX-License-Identifier: Apache-2.0
"""The published JSON Schema is valid, current, and says the same as the reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from territoire_sante.errors import DecodingError
from territoire_sante.serialization import KINDS, from_plain, json_schema, to_plain
from territoire_sante.testing.strategies import entities

PUBLISHED = Path(__file__).parents[2] / "docs" / "reference" / "schema.json"


@pytest.fixture(scope="module", name="validator")
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json_schema())


def test_the_schema_is_one() -> None:
    """It follows the meta-schema of draft 2020-12."""
    Draft202012Validator.check_schema(json_schema())


def test_the_published_schema_is_current() -> None:
    """docs/reference/schema.json is what the code makes; see the module's command to renew it."""
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == json_schema()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_entity_validates(
    validator: Draft202012Validator, kind: str, data: st.DataObject
) -> None:
    """Whatever is written, alone or in a file, follows the schema."""
    plain = to_plain(data.draw(entities(kind)))

    validator.validate(plain)
    validator.validate({"schema": 1, "entities": [plain]})


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "evnt:1"},
        {"sumary": "x"},
        {"summary": 1},
        {"geo": {"latitude": "1", "longitude": 2}},
        {"status": "confirmed"},
        {"start": "29/03/2026"},
        {"start": "2026-03-29T18:00"},
        {"categories": "Santé"},
        {"occurrences": [{}]},
        {"entity": "evnt"},
        {"schema": 2},
    ],
    ids=str,
)
def test_schema_and_reader_refuse_the_same(
    validator: Draft202012Validator, fields: dict[str, Any]
) -> None:
    """What the schema refuses is refused by the reader too."""
    data = {"entity": "event", "id": "event:1", **fields}

    assert not validator.is_valid(data)
    with pytest.raises(DecodingError):
        from_plain(data)


def test_every_definition_is_explained() -> None:
    """Classes carry their description, enumerations both labels of each member."""
    for name, definition in json_schema()["$defs"].items():
        if name != "Entity":
            assert definition["description"], name
        for member in definition.get("oneOf", ()):
            assert member["title"], name
            assert member["description"], name

# SPDX-License-Identifier: Apache-2.0
"""The whole territory in our own form reads back into a store."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from territoire_sante import Store
from territoire_sante.model import Visibility
from territoire_sante.privacy import Disclosed, disclose
from territoire_sante.serialization import json_schema, read_entities
from territoire_sante.testing.strategies import entities


def test_what_is_exported_is_imported(tmp_path, territory, picture, write):
    """A store filled from the export holds what was disclosed, and exports the same bytes."""
    done = write("json", picture(territory))
    path = tmp_path / "territoire.json"
    path.write_bytes(done.data)

    with Store.open("memory:") as store:
        store.put(*read_entities(path))
        again = Disclosed(audience=Visibility.PUBLIC, snapshot=store.snapshot())
        assert write("json", again) == done
    assert done.said.count == len(territory)


def test_the_published_schema_allows_it(territory, picture, write):
    """The document keeps the JSON Schema that this library publishes."""
    Draft202012Validator(json_schema()).validate(write("json", picture(territory)).json)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(some=st.lists(entities(), max_size=5))
def test_any_entities_come_back(tmp_path, some, picture, write):
    """Whatever is disclosed comes back as it was."""
    path = tmp_path / "some.json"
    path.write_bytes(write("json", picture(some)).data)
    back = {(type(one), one.id): one for one in read_entities(path)}

    assert back == {(type(one), one.id): one for one in some}


@pytest.mark.parametrize("audience", [Visibility.PUBLIC, Visibility.PARTNERS])
def test_narrower_things_stay_at_home(audience, territory, write, tmp_path):
    """Nothing that the audience may not see is in the file."""
    with Store.open("memory:") as store:
        store.put(*territory)
        done = write("json", disclose(store.snapshot(), audience))
    path = tmp_path / "some.json"
    path.write_bytes(done.data)
    back = list(read_entities(path))

    assert len(back) == done.said.count < len(territory)
    assert all(one.visibility.may_be_seen_by(audience) for one in back)

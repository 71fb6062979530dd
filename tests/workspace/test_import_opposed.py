# SPDX-License-Identifier: Apache-2.0
"""A file that was written before somebody objected or was erased does not bring them back."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante import Workspace
from territoire_sante.cooperation import merge, plan_merge
from territoire_sante.errors import ConfigError
from territoire_sante.model import (
    Appointment,
    ContactPoint,
    ContactPointKind,
    Event,
    Person,
    PersonName,
    Role,
)
from territoire_sante.privacy import erase, oppose

TODAY = dt.date(2026, 11, 22)
KEY = b"a key of more than sixteen bytes"
MAIL = ContactPoint(kind=ContactPointKind.EMAIL, value="canari@example.org")
ADA = Person(
    id="person:ada", name=PersonName(given="Canari", family="Lune"), contact_points=(MAIL,)
)
POST = Appointment(
    id="appointment:1",
    person_id=ADA.id,
    actor_id="actor:msp",
    role=Role.MANAGER,
    contact_points=(MAIL,),
)
OTHER = Person(id="person:other", name=PersonName(given="Ada", family="Fictive"))


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """Give a workspace that knows her, with a file that was exported from it."""
    monkeypatch.setenv("TEST_OPPOSITION_KEY", KEY.decode())
    file = tmp_path / "territoire.toml"
    file.write_text(
        '[store]\nurl = "sqlite:///territoire.db"\n'
        '[privacy]\nopposition_key = { "$env" = "TEST_OPPOSITION_KEY" }\n'
    )
    with Workspace.open(file) as opened:
        opened.store.put(ADA, POST, OTHER, Event(id="event:1", summary="Forum"))
        opened.store.put(Person(id="person:twin", name=PersonName(given="C.", family="Lune")))
        opened.export(tmp_path / "before.json")
        merge(opened.store, plan_merge(opened.store, ADA.id, "person:twin"))
        yield opened


@pytest.mark.parametrize("way", [erase, oppose])
def test_an_older_file_does_not_bring_her_back(workspace, tmp_path, way):
    """Neither her sheet, nor her post, nor a record that was merged into hers is taken."""
    way(workspace.store, ADA.id, today=TODAY, key=KEY)
    before = workspace.store.get(Person, ADA.id), workspace.store.get(Appointment, POST.id)
    workspace.store.put(attrs.evolve(OTHER, name=PersonName(family="Autre")))
    done = workspace.import_files([tmp_path / "before.json"])

    assert done.opposed == (POST.id, ADA.id, "person:twin")
    assert (done.stored, done.problems) == (1, ())
    after = workspace.store.get(Person, ADA.id), workspace.store.get(Appointment, POST.id)
    assert after == before
    assert workspace.store.find(Person, "person:twin") is None
    assert workspace.store.get(Person, OTHER.id) == OTHER
    assert workspace.import_files([tmp_path / "before.json"]).stored == 0


def test_her_address_is_known_under_another_id(workspace, tmp_path):
    """A file of somebody else that calls her otherwise is recognised by the list."""
    erase(workspace.store, ADA.id, today=TODAY, key=KEY)
    (tmp_path / "theirs.json").write_text(
        '[{"entity": "person", "schema": 1, "id": "person:x", "name": {"family": "Canari"},'
        ' "contact_points": [{"kind": "email", "value": "Canari@Example.org"}]}]'
    )
    done = workspace.import_files([tmp_path / "theirs.json"])

    assert done.opposed == ("person:x",)
    assert workspace.store.find(Person, "person:x") is None


def test_her_objection_itself_is_taken(workspace, tmp_path):
    """A file that says that somebody objected is taken over, so that it is known here, too."""
    workspace.store.put(ADA.oppose())
    workspace.export(tmp_path / "after.json", kinds=["person"])
    workspace.store.put(attrs.evolve(ADA, contact_points=()))
    done = workspace.import_files([tmp_path / "after.json"])

    assert done.opposed == ()
    assert workspace.store.get(Person, ADA.id).opposed


def test_without_the_key_nothing_is_imported(workspace, tmp_path, monkeypatch):
    """Where somebody objected and the key is missing, it cannot be known whom to leave out."""
    erase(workspace.store, ADA.id, today=TODAY, key=KEY)
    file = tmp_path / "keyless.toml"
    file.write_text('[store]\nurl = "sqlite:///territoire.db"\n')
    monkeypatch.delenv("TEST_OPPOSITION_KEY")
    with Workspace.open(file) as other, pytest.raises(ConfigError, match="key"):
        other.import_files([tmp_path / "before.json"])

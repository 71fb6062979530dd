# SPDX-License-Identifier: Apache-2.0
"""What is handed out is written beside what was there, and never over what the workspace needs."""

from __future__ import annotations

import os
import stat

import pytest

from territoire_sante.errors import ConfigError, InputError
from territoire_sante.model import Actor, ActorKind
from territoire_sante.workspace import Workspace

MAIRIE = Actor(id="actor:mairie", kind=ActorKind.COMMUNE, name="Mairie")


@pytest.fixture
def workspace(tmp_path):
    """Open a workspace with one sheet."""
    path = tmp_path / "territoire.toml"
    path.write_text('[store]\nurl = "sqlite:///data.json"\n', encoding="utf-8")
    with Workspace.open(path) as workspace:
        workspace.store.put(MAIRIE)
        yield workspace


@pytest.mark.parametrize("name", ["data.json", "territoire.toml", "link", "sub/../data.json"])
def test_the_files_of_the_workspace_are_never_replaced(workspace, tmp_path, name):
    """A database of years is not lost to a name that was mistyped, by whatever way it is named."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "link").symlink_to("data.json")
    before = (tmp_path / "data.json").stat().st_ino

    with pytest.raises(ConfigError, match="of the workspace itself"):
        workspace.hand_out(tmp_path / name, "json")
    if name.endswith(".json"):
        with pytest.raises(InputError, match="of the workspace itself"):
            workspace.export(tmp_path / name)

    assert (tmp_path / "data.json").stat().st_ino == before
    assert workspace.store.get(Actor, MAIRIE.id) == MAIRIE


def test_what_is_no_file_is_not_replaced(workspace, tmp_path):
    """Neither a pipe nor a folder becomes a file; what was begun is gone."""
    os.mkfifo(tmp_path / "pipe.json")

    for name, why in (("pipe.json", "no regular file"), ("", "directory"), ("a\0b", "null")):
        with pytest.raises(ConfigError, match=why):
            workspace.hand_out(f"{tmp_path}/{name}", "json")
    with pytest.raises(InputError, match="no regular file"):
        workspace.export(tmp_path / "pipe.json")

    assert stat.S_ISFIFO((tmp_path / "pipe.json").stat().st_mode)
    assert list(tmp_path.glob(".*.tmp")) == []

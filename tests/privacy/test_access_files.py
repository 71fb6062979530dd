# SPDX-License-Identifier: Apache-2.0
"""The files of an answer to a person: for the owner alone, and never those of somebody else."""

from __future__ import annotations

import datetime as dt
import stat

import pytest

from territoire_sante.errors import ConfigError
from territoire_sante.model import Person, PersonName
from territoire_sante.privacy import subject_access
from territoire_sante.store import Store


@pytest.fixture
def access():
    """Return the answer to somebody."""
    with Store.open("memory:") as store:
        store.put(Person(id="person:1", name=PersonName(given="Ada", family="Fictive")))
        return subject_access(store, "person:1", today=dt.date(2026, 11, 22))


def test_only_the_owner_can_read_an_answer(access, tmp_path):
    """Also in a folder that everybody can enter."""
    tmp_path.chmod(0o755)

    written = access.write(tmp_path)

    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}


def test_an_answer_is_never_overwritten(access, tmp_path):
    """Two persons do not get the answer to one of them; nothing is half written."""
    (tmp_path / "donnees.en.md").write_text("to somebody else", encoding="utf-8")

    with pytest.raises(ConfigError, match=r"there already: donnees\.en\.md"):
        access.write(str(tmp_path))

    assert [path.name for path in tmp_path.iterdir()] == ["donnees.en.md"]
    assert (tmp_path / "donnees.en.md").read_text(encoding="utf-8") == "to somebody else"


def test_a_folder_that_is_none_is_told(access, tmp_path):
    """A file in the place of the folder is an error in our words."""
    (tmp_path / "a").write_text("")

    with pytest.raises(ConfigError, match="cannot be written"):
        access.write(tmp_path / "a")

# SPDX-License-Identifier: Apache-2.0
"""Each way in which an installed connector can be broken is told by its code, and harms nobody."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from territoire_sante.errors import PluginError
from territoire_sante.plugins import PROBLEM_CODES, Catalog, check_plugins

TABLE = runpy.run_path(str(Path(__file__).parent / "broken" / "distributions.py"))
BROKEN = TABLE["BROKEN"]
REFUSED = {"clash", "import", "version", "specification", "name"}


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Give an empty folder on the import path; its modules are forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.mark.parametrize("broken", BROKEN, ids=[one.what for one in BROKEN])
def test_it_is_told_with_a_remedy(broken, site):
    """A broken distribution gives one problem of its code, in both languages, with a remedy."""
    broken.write(site)
    catalog = Catalog.installed(only=["board"])
    (problem,) = check_plugins(catalog)

    assert (problem.code, problem.usable) == (broken.code, broken.usable)
    for text in (problem.what.fr, problem.what.en, problem.remedy.fr, problem.remedy.en):
        assert text
        assert "{" not in text
    assert problem.what.en.startswith(PROBLEM_CODES[broken.code].en)


@pytest.mark.parametrize(
    "broken", [one for one in BROKEN if one.usable], ids=lambda broken: broken.what
)
def test_what_is_usable_can_be_had(broken, site):
    """A connector with a problem that lets it be used is given by the catalog."""
    broken.write(site)

    assert Catalog.installed(only=["board"]).get("board").name == "board"


@pytest.mark.parametrize(
    "broken",
    # A module that ends the process cannot be tried in this one.
    [one for one in BROKEN if one.code in REFUSED and "_exit" not in one.change],
    ids=lambda broken: broken.what,
)
def test_what_is_not_usable_is_refused(broken, site):
    """A connector that cannot be used is refused by the catalog too, without ending the process."""
    broken.write(site)

    with pytest.raises(PluginError):
        Catalog.installed(only=["board"]).get("board")


def test_a_sound_one_has_no_problem(site):
    """A sound distribution, and every one of ours, gives no problem."""
    TABLE["Broken"](what="nothing", code="", requires=("attrs>=1", "x; extra == 'y'")).write(site)

    assert check_plugins(Catalog.installed()) == ()


def test_one_that_hangs_is_given_up(site):
    """An import that does not end is told of after the time-out."""
    source = "import time\ntime.sleep(600)\n"
    TABLE["Broken"](what="hangs", code="import", source=source).write(site)
    (problem,) = check_plugins(Catalog.installed(only=["board"]), timeout=1)

    assert (problem.code, problem.what.en) == ("import", "the module cannot be imported: > 1 s")


def test_one_problem_hides_no_other(site):
    """All that is wrong with a specification is told at once, of each connector by name."""
    change = "\nSPEC = attrs.evolve(SPEC, name='x', open=None, summary='', summary_fr='')\n"
    TABLE["Broken"](what="much", code="", change=change).write(site)

    problems = check_plugins(Catalog.installed(only=["board", "ics"]))
    assert [one.code for one in problems] == ["name", "open", "summary"]
    assert {(one.connector, one.distribution) for one in problems} == {("board", "town-board")}


def test_a_registered_one_is_examined_too(site):
    """What a program registers itself is examined without an import."""
    catalog = Catalog()
    TABLE["Broken"](what="", code="", change="\nSPEC = attrs.evolve(SPEC, summary='')\n").write(
        site
    )
    catalog.register(Catalog.installed(only=["board"]).get("board"))

    assert [one.code for one in check_plugins(catalog)] == ["summary"]


def test_every_code_has_a_broken_example():
    """Each code that can be told is shown by a broken distribution."""
    assert {one.code for one in BROKEN} == set(PROBLEM_CODES)

# SPDX-License-Identifier: Apache-2.0
"""Reading territoire.toml: what it means, and every mistake named at once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import ConfigError
from territoire_sante.model import Visibility
from territoire_sante.sync import ConflictPolicy, Direction
from territoire_sante.workspace import read_settings

GOOD = """
[store]
url = "sqlite:///territoire.db"

[[link]]
name = "agenda"
connector = "caldav"
view = "event"
direction = "pull"
conflict = "newest"
audience = "team"
keep_deleted = 7
parallel = 2
[link.config]
url = "https://nuage.example.org/dav/calendars/msp/"
password = { "$env" = "AGENDA_PASSWORD" }

[[link]]
name = "flux"
connector = "feed"
view = "announcement"
"""

WRONG = """
colour = "blue"

[store]
url = "sqlite:///territoire.db"
pool = 3

[[link]]
name = "agenda"
connector = "caldav"
view = "events"
direcion = "both"
conflict = "mine"

[[link]]
name = "agenda"
connector = 7
view = "contact"
config = "none"

[[link]]
name = "two words"
connector = "ics"
view = "event"
"""


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a configuration and returns its path."""

    def write(text):
        path = tmp_path / "territoire.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def problems(path):
    """Return the problems of a wrong configuration as ``{path: message}``."""
    with pytest.raises(ConfigError) as caught:
        read_settings(path)
    assert caught.value.where == str(path)
    return {problem.path: problem.message for problem in caught.value.problems}


def test_every_key_is_read(write):
    """Each key of a link arrives in the link; what is left out has its default."""
    agenda, flux = read_settings(write(GOOD)).links

    assert (agenda.name, agenda.connector, agenda.view) == ("agenda", "caldav", "event")
    assert agenda.direction is Direction.PULL
    assert agenda.conflict is ConflictPolicy.NEWEST
    assert agenda.audience is Visibility.TEAM
    assert (agenda.keep_deleted, agenda.parallel) == (7, 2)
    assert (flux.keep_deleted, flux.parallel) == (30, None)
    assert agenda.config["password"] == {"$env": "AGENDA_PASSWORD"}
    assert (flux.direction, flux.conflict) == (Direction.BOTH, ConflictPolicy.ASK)
    assert flux.config == {}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///territoire.db", "sqlite:///{folder}/territoire.db"),
        ("sqlite:////srv/territoire.db", "sqlite:////srv/territoire.db"),
        ("memory:", "memory:"),
    ],
    ids=["relative", "absolute", "memory"],
)
def test_a_relative_store_lies_beside_the_file(write, tmp_path, url, expected):
    """A relative path starts at the configuration's folder, wherever one stands."""
    path = write(f'[store]\nurl = "{url}"')

    assert read_settings(path).store_url == expected.format(folder=tmp_path)


def test_every_problem_is_named_at_once(write):
    """One reading names every wrong table and key, with the nearest possible name."""
    found = problems(write(WRONG))

    assert set(found) == {
        "file: colour",
        "[store]: pool",
        "[[link]] 1 (agenda): direcion",
        "[[link]] 1 (agenda): view",
        "[[link]] 1 (agenda): conflict",
        "[[link]] 2 (agenda): connector",
        "[[link]] 2 (agenda): config",
        "[[link]] 2 (agenda): name",
        "[[link]] 3 (two words): name",
    }
    assert 'did you mean "direction"?' in found["[[link]] 1 (agenda): direcion"]
    assert 'did you mean "event"?' in found["[[link]] 1 (agenda): view"]
    assert "local, remote, newest, ask" in found["[[link]] 1 (agenda): conflict"]
    assert "taken by [[link]] 1" in found["[[link]] 2 (agenda): name"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "[store]"),
        ("store = 3", "[store]"),
        ("[store]", "[store]: url"),
        ("[store]\nurl = 3", "[store]: url"),
        ('link = "agenda"\n[store]\nurl = "memory:"', "link"),
        ('link = ["agenda"]\n[store]\nurl = "memory:"', "link"),
        ('[store]\nurl = "memory:"\n[[link]]', "[[link]] 1: connector"),
    ],
    ids=["empty", "no-table", "no-url", "number-url", "text-link", "text-links", "bare-link"],
)
def test_each_mistake_has_its_place(write, text, place):
    """A missing or misplaced table is named by its place."""
    assert place in problems(write(text))


@pytest.mark.parametrize(
    ("text", "what"),
    [("[store\n", "line 1"), (b"\xff", "byte 0 is not UTF-8")],
    ids=["toml", "bytes"],
)
def test_no_toml_is_named(write, text, what):
    """A file that is no TOML is named with the place in it."""
    with pytest.raises(ConfigError, match=what):
        read_settings(write(text))


def test_a_missing_file_is_named(tmp_path):
    """A missing file is named, with the command that writes one."""
    with pytest.raises(ConfigError, match=r"nowhere\.toml.*territoire-sante init"):
        read_settings(tmp_path / "nowhere.toml")


def test_a_folder_is_refused(tmp_path):
    """A path that cannot be read is a ConfigError that names it."""
    with pytest.raises(ConfigError, match="cannot be read"):
        read_settings(tmp_path)


KEYS = st.sampled_from(
    ["store", "url", "link", "name", "connector", "view", "direction", "conflict", "config", "x"]
)
SCALARS = st.sampled_from(
    ["1", "true", "[]", "[1]", "{}", '"event"', '"both"', '""', '"a b"', "2026-03-29", "nan"]
)
LINES = st.one_of(
    st.sampled_from(["[store]", "[link]", "[[link]]", "[link.config]", "[[link.config]]"]),
    st.tuples(KEYS, SCALARS).map(lambda pair: f"{pair[0]} = {pair[1]}"),
)


@settings(max_examples=150)
@given(lines=st.lists(LINES, max_size=12))
def test_whatever_is_written_is_read_or_refused(tmp_path_factory, lines):
    """Any mixture of tables and keys gives settings or a ConfigError, nothing else."""
    path = tmp_path_factory.mktemp("any") / "territoire.toml"
    path.write_text("\n".join(lines), encoding="utf-8")

    try:
        named = str(read_settings(path).path)
    except ConfigError as error:
        named = error.where

    assert named == str(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("keep_deleted = 7", "keep_deleted = -1"),
        ("keep_deleted = 7", 'keep_deleted = "7"'),
        ("parallel = 2", "parallel = 0"),
        ("parallel = 2", "parallel = 2.5"),
        ("parallel = 2", "parallel = true"),
    ],
)
def test_a_number_that_is_none_is_named(write, old, new):
    """A number below its least, or something else in its place, is a problem at its key."""
    key = new.partition(" ")[0]
    found = problems(write(GOOD.replace(old, new)))

    assert "whole number" in found[f"[[link]] 1 (agenda): {key}"]


ONE_WAY = """
[store]
url = "memory:"

[[link]]
name = "echeances"
connector = "ics"
view = "event"
projection = "deadlines"
direction = "push"
"""


def test_a_projection_is_chosen(write):
    """``projection`` says what of the store is shown; left out, it follows the view."""
    (link,) = read_settings(write(ONE_WAY)).links

    assert (link.view, link.projection, link.direction) == ("event", "deadlines", Direction.PUSH)
    assert read_settings(write(GOOD)).links[0].projection == ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('direction = "push"', 'direction = "both"', 'direction = "push"'),
        ('direction = "push"', "", 'direction = "push"'),
        ('view = "event"', 'view = "contact"', "contacts, groups"),
        ('"deadlines"', '"deadline"', 'did you mean "deadlines"?'),
        ('"deadlines"', "7", "choose: events"),
    ],
    ids=["both", "default", "view", "typo", "number"],
)
def test_a_projection_that_does_not_fit_is_named(write, old, new, said):
    """One that only shows needs push, and each shows one view: the problem says what to write."""
    found = problems(write(ONE_WAY.replace(old, new)))

    assert said in found["[[link]] 1 (echeances): projection"]


@pytest.mark.parametrize(
    ("projection", "value", "where"),
    [("events", "1", "people"), ("deadlines", "true", "projection")],
    ids=["not-a-truth-value", "only-shown"],
)
def test_people_are_asked_for_where_they_can_be(write, projection, value, where):
    """``people`` is true or false, and true only for links that carry events both ways."""
    text = ONE_WAY.replace("deadlines", projection)

    assert read_settings(write(f"{text}people = false\n")).links[0].people is False
    assert f"[[link]] 1 (echeances): {where}" in problems(write(f"{text}people = {value}\n"))

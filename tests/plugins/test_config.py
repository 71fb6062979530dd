# SPDX-License-Identifier: Apache-2.0
"""Options become a configuration, or every problem in them is told without a secret."""

from __future__ import annotations

import enum
import os
import stat
import sys
import traceback
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest

from territoire_sante.errors import ConfigError, InvalidValueError, Problem
from territoire_sante.plugins import (
    Secret,
    SecretSources,
    structure_config,
    structure_options,
    unstructure_config,
)

PASSWORD = "mistral-en-juin"


class Flavour(enum.Enum):
    ATOM = "atom"
    RSS = "rss"


@attrs.frozen(kw_only=True)
class Inner:
    size: int = 1


@attrs.frozen(kw_only=True)
class Config:
    url: str
    password: Secret | None = None
    folder: Path = Path("here")
    size: int = attrs.field(default=1, validator=attrs.validators.ge(0))
    ratio: float = 1.0
    create: bool = False
    flavour: Flavour = Flavour.ATOM
    communes: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    pages: list[int] = attrs.field(factory=list)
    inner: Inner = Inner()
    note: str | None = None


@pytest.fixture
def structure(make_spec, tmp_path):
    """Give a function from options to a configuration, in a made-up world."""

    def run(options, *, config=Config, **world):
        sources = SecretSources(**{"environ": {}, **world})
        return structure_config(
            make_spec(config=config), options, where="link agenda", base=tmp_path, sources=sources
        )

    return run


@pytest.fixture
def problems(structure):
    """Give a function from bad options to the problems told."""

    def run(options, **world):
        with pytest.raises(ConfigError) as caught:
            structure(options, **world)
        shown = "".join(traceback.format_exception(caught.value))
        assert PASSWORD not in shown + repr(caught.value)
        assert str(caught.value).startswith("link agenda: the configuration of connector demo")
        return {problem.path: problem.message for problem in caught.value.problems}

    return run


def test_good_options_are_typed(structure, tmp_path):
    """Every kind of option arrives in its type, and what is left out keeps its default."""
    config = structure(
        {
            "url": "https://example.org",
            "password": PASSWORD,
            "folder": "agenda",
            "size": 2,
            "ratio": 1,
            "create": True,
            "flavour": "rss",
            "communes": ["48095"],
            "tags": ["a", "a"],
            "pages": [1, 2],
            "inner": {"size": 3},
        }
    )

    assert config == Config(
        url="https://example.org",
        password=Secret(PASSWORD),
        folder=tmp_path / "agenda",
        size=2,
        ratio=1.0,
        create=True,
        flavour=Flavour.RSS,
        communes=("48095",),
        tags=frozenset("a"),
        pages=[1, 2],
        inner=Inner(size=3),
    )
    assert isinstance(config.ratio, float)


def test_all_problems_come_at_once(problems):
    """One error names each missing, unknown, mistyped and refused option with its path."""
    found = problems(
        {
            "pasword": PASSWORD,
            "size": -1,
            "password": {"$env": "AGENDA_PASSWORD"},
            "inner": {"size": "3"},
            "flavour": "json",
            "communes": "48095",
            "pages": [1, "2"],
            "create": 1,
            "ratio": True,
            "note": 5,
        }
    )

    assert found == {
        "$": "unknown option: pasword (did you mean password?); known are: url, password, folder, "
        "size, ratio, create, flavour, communes, tags, pages, inner, note",
        "$.url": "required field missing",
        "$.password": "environment variable AGENDA_PASSWORD is not set",
        "$.inner.size": "expected a whole number, got text",
        "$.flavour": "expected one of 'atom', 'rss'",
        "$.communes": "expected a list, got text",
        "$.pages[1]": "expected a whole number, got text",
        "$.create": "expected true or false, got int",
        "$.ratio": "expected a number, got true or false",
        "$.note": 'expected text or {"$env": "NAME"}, got int',
    }


def test_validators_are_told_in_their_words(problems):
    """What a validator of the connector's own refuses is told as it says it."""
    assert problems({"url": "x", "size": -1}) == {"$": "'size' must be >= 0: -1"}


@pytest.mark.parametrize("options", [[], "url", None, 3])
def test_options_must_be_a_table(problems, options):
    """Options that are no table are refused, not crashed on."""
    assert list(problems(options)) == ["$"]


def test_a_validator_cannot_give_a_secret_away(make_spec):
    """A careless validator's message is cleaned of secrets, and its error is not chained."""

    def careless(_instance, _attribute, value):
        message = f"{value.reveal()!r} is too short"
        raise InvalidValueError(message)

    @attrs.frozen
    class Careless:
        password: Secret = attrs.field(validator=careless)

    with pytest.raises(ConfigError) as caught:
        structure_config(make_spec(config=Careless), {"password": PASSWORD})

    assert caught.value.problems == (Problem("$", "'***' is too short"),)
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_texts_and_paths_may_come_from_the_environment(structure, tmp_path):
    """A plain text or path field accepts $env, and no other reference."""
    config = structure(
        {"url": {"$env": "URL"}, "folder": {"$env": "FOLDER"}},
        environ={"URL": "https://example.org", "FOLDER": "agenda"},
    )

    assert (config.url, config.folder) == ("https://example.org", tmp_path / "agenda")


def test_other_references_are_for_secrets(problems):
    """A text field given $file says that this is for secrets."""
    found = problems({"url": {"$file": "url.txt"}})

    assert found == {"$.url": '$file is for secrets; expected text or {"$env": "NAME"}'}


def test_paths_stand_in_the_base_folder(structure, make_spec, tmp_path, monkeypatch):
    """Relative paths are taken from the base, absolute ones as they are, ~ is the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    absolute = tmp_path / "abs"

    assert structure({"url": "", "folder": "a/b"}).folder == tmp_path / "a/b"
    assert structure({"url": "", "folder": str(absolute)}).folder == absolute
    assert structure({"url": "", "folder": "~/x"}).folder == tmp_path / "home" / "x"
    without = structure_config(make_spec(config=Config), {"url": "", "folder": Path("a")})
    assert without.folder == Path("a")


def test_a_secret_from_the_environment(structure):
    """$env gives the variable's text, spaces and all."""
    config = structure({"url": "", "password": {"$env": "PW"}}, environ={"PW": " x "})

    assert config.password == Secret(" x ")


def test_a_secret_as_it_is(structure):
    """A Secret made by the program passes as it is."""
    secret = Secret(PASSWORD)

    assert structure({"url": "", "password": secret}).password is secret


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"abc", "abc"), (b"abc\n", "abc"), (b"abc\r\n", "abc"), (b"a\nb\n\n", "a\nb\n")],
)
def test_a_secret_from_a_file(structure, tmp_path, content, text):
    """$file gives the file's text without one final line end, the path being relative to base."""
    file = tmp_path / "pw"
    file.write_bytes(content)
    file.chmod(0o600)

    assert structure({"url": "", "password": {"$file": "pw"}}).password == Secret(text)


def test_bad_secret_files_are_named(problems, tmp_path):
    """A missing, empty, binary, oversized or directory file is a problem with its path."""
    (tmp_path / "empty").write_bytes(b"\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "large").write_bytes(b"x" * 100_000)
    (tmp_path / "folder").mkdir()
    for name in ("empty", "binary", "large"):
        (tmp_path / name).chmod(0o600)
    for name, part in {
        "missing": "No such file",
        "empty": "is empty",
        "binary": "not UTF-8",
        "large": "too long",
        "folder": "cannot be read",
    }.items():
        message = problems({"url": "", "password": {"$file": name}})["$.password"]
        assert str(tmp_path / name) in message
        assert part in message


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_secret_file_that_others_can_read_is_refused(problems, tmp_path, mode):
    """Our own file that group or others can read or write is refused with the remedy."""
    file = tmp_path / "pw"
    file.write_text(PASSWORD)
    file.chmod(mode)
    message = problems({"url": "", "password": {"$file": "pw"}})["$.password"]

    assert f"mode {mode:04o}" in message
    assert f"chmod 600 {file}" in message
    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_a_secret_from_the_keyring(structure, problems):
    """$keyring asks for service and user; nothing there is a problem."""
    held = {("agenda", "msp"): PASSWORD}
    options = {"url": "", "password": {"$keyring": ["agenda", "msp"]}}

    def keyring(service, user):
        return held.get((service, user))

    assert structure(options, keyring=keyring).password == Secret(PASSWORD)
    held.clear()
    found = problems(options, keyring=keyring)
    assert found == {"$.password": "the keyring holds nothing for msp at agenda"}


def test_a_missing_keyring_package_is_named(structure, problems, monkeypatch):
    """Without the keyring package the problem says what to install."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    found = problems({"url": "", "password": {"$keyring": ["agenda", "msp"]}})

    assert "pip install 'territoire-sante[keyring]'" in found["$.password"]


def test_an_unusable_keyring_is_told(problems, monkeypatch):
    """A system without any usable keyring is a problem, not a crash."""
    keyring = pytest.importorskip("keyring")
    monkeypatch.setattr(keyring.core, "_keyring_backend", keyring.backends.fail.Keyring())
    found = problems({"url": "", "password": {"$keyring": ["agenda", "msp"]}})

    assert found == {"$.password": "the keyring cannot be asked (NoKeyringError)"}


def python(code):
    """Return a reference to a command that runs ``code``."""
    return {"url": "", "password": {"$command": [sys.executable, "-c", code]}}


def test_a_secret_from_a_command(structure):
    """$command gives the first line that the program prints; no shell reads the arguments."""
    options = python("import sys; print('$HOME;ls'); print('user: msp')")

    assert structure(options).password == Secret("$HOME;ls")


def test_failing_commands_are_named(problems):
    """A command that fails, prints nothing or garbage is a problem without its output."""
    cases = {
        f"print({PASSWORD!r}); raise SystemExit(3)": "failed with exit code 3",
        "print()": "printed an empty first line",
        "import sys; sys.stdout.buffer.write(b'\\xff')": "is not UTF-8 text",
        "print('x' * 100000)": "too long for a secret",
    }
    for code, part in cases.items():
        assert part in problems(python(code))["$.password"]
    missing = problems({"url": "", "password": {"$command": ["no-such-program-here"]}})
    assert "no-such-program-here cannot be started" in missing["$.password"]


def test_a_command_has_little_time(problems):
    """A command that does not end in time is stopped and named."""
    found = problems(python("import time; time.sleep(60)"), command_seconds=0.2)

    assert "gave no answer in 0.2 s" in found["$.password"]


def test_the_command_runner_can_be_replaced(structure):
    """A runner of the program's own is given the arguments and the time."""
    asked = []

    def run(argv, seconds):
        asked.append((argv, seconds))
        return b"abc\n"

    config = structure({"url": "", "password": {"$command": ["pass", "show", "x"]}}, run=run)
    assert config.password == Secret("abc")
    assert asked == [(["pass", "show", "x"], 30.0)]


@pytest.mark.parametrize(
    "value",
    [
        5,
        [PASSWORD],
        {},
        {"$env": 3},
        {"$env": "A", "$file": "b"},
        {"$file": 3},
        {"$keyring": "agenda"},
        {"$keyring": ["agenda"]},
        {"$command": "pass show x"},
        {"$command": []},
        {"$vault": "x"},
    ],
)
def test_malformed_references_are_refused(problems, value):
    """A secret that is neither text nor a well-formed reference is a problem."""
    assert list(problems({"url": "", "password": value})) == ["$.password"]


def test_an_empty_variable_is_refused(problems):
    """A variable that is set to nothing is not taken for a password."""
    found = problems({"url": "", "password": {"$env": "PW"}}, environ={"PW": ""})

    assert found == {"$.password": "environment variable PW is empty"}


def test_a_shown_configuration_hides_its_secrets():
    """unstructure_config gives plain data with stars for secrets and text for paths."""
    config = Config(url="x", password=Secret(PASSWORD), folder=Path("a"), flavour=Flavour.RSS)
    shown = unstructure_config(config)

    assert (shown["password"], shown["folder"], shown["flavour"]) == ("***", "a", "rss")
    assert PASSWORD not in repr(shown)
    assert PASSWORD not in repr(SecretSources(environ={"PW": PASSWORD}))


def _known_zone(_instance, _attribute, value):
    ZoneInfo(value)


@attrs.frozen(kw_only=True)
class Zoned:
    """A configuration whose validator looks a zone up."""

    zone: str = attrs.field(validator=_known_zone)


def test_a_zone_that_is_not_known_is_not_called_missing():
    """What a validator raises is told in its words, also where that is a kind of KeyError."""
    with pytest.raises(ConfigError, match="No time zone found with key Paris"):
        structure_options(Zoned, {"zone": "Paris"}, title="a zone")
    with pytest.raises(ConfigError, match="required field missing"):
        structure_options(Zoned, {}, title="a zone")

# SPDX-License-Identifier: Apache-2.0
"""The catalogue of messages: whole in both languages, and all of it used."""

from __future__ import annotations

import re
import string
from pathlib import Path

import click
import pytest

from territoire_sante.cli import app
from territoire_sante.cli._messages import LANGUAGES, MESSAGES, Texts, choose_language
from territoire_sante.serialization import KINDS

CLI = Path(__file__).parents[2] / "src" / "territoire_sante" / "cli"
DERIVED = re.compile(
    r"kind_|conflict_(open|decided|settled)|formats_(icalendar|vcard)|Options|Commands"
)


def places(text):
    """Return the places to fill of a message."""
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


@pytest.mark.parametrize("key", MESSAGES)
def test_each_message_is_whole(key):
    """A message says something in both languages, with the same places to fill."""
    french, english = MESSAGES[key]

    assert french.strip()
    assert english.strip()
    assert places(french) == places(english)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_has_a_label(kind):
    """Every kind of entity has its name for people."""
    assert f"kind_{kind}" in MESSAGES


def test_no_message_is_left_over():
    """Every message is used by some command, and every label by some kind."""
    sources = "".join(path.read_text(encoding="utf-8") for path in CLI.glob("_*.py"))
    code = sources
    for catalogue in CLI.glob("*_messages.py"):
        code = code.replace(catalogue.read_text(encoding="utf-8"), "")
    unused = {key for key in MESSAGES if f'"{key}"' not in code and not DERIVED.match(key)}
    kinds = {key.removeprefix("kind_") for key in MESSAGES if key.startswith("kind_")}

    assert unused == set()
    assert kinds == set(KINDS)


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], {}, "en"),
        ([], {"LANG": "fr_FR.UTF-8"}, "fr"),
        ([], {"LANG": "de_DE.UTF-8"}, "en"),
        ([], {"LC_ALL": "C.UTF-8", "LANG": "fr_FR.UTF-8"}, "en"),
        (["--lang", "fr"], {}, "fr"),
        (["--lang=fr"], {"LANG": "C"}, "fr"),
        (["--lang", "xx"], {"LANG": "fr"}, "fr"),
        (["--lang"], {"LANG": "fr"}, "fr"),
    ],
    ids=["none", "french", "german", "lc-all", "option", "joined", "unknown", "cut-off"],
)
def test_the_language_is_chosen(arguments, environment, expected):
    """The option goes before the environment, and what is not French is English."""
    assert choose_language(arguments, environment) == expected


def every_command(command, path=()):
    """Yield each command of the tree with its path."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from every_command(command.get_command(context, name), (*path, name))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_command_explains_itself(language):
    """Every command and every option has a help text in its language."""
    t = Texts(language)
    silent = [
        (path, param.name)
        for path, command in every_command(app(language))
        for param in command.params
        if isinstance(param, click.Option) and not param.help
    ]

    assert silent == []
    assert all(command.help for _, command in every_command(app(language)))
    assert app(language).help == t("app")


def test_each_leaf_answers_in_json():
    """Every command that does something has ``--json``."""
    leaves = [
        (path, {option for param in command.params for option in param.opts})
        for path, command in every_command(app("en"))
        if not isinstance(command, click.Group)
    ]

    assert len(leaves) >= 12
    assert [path for path, options in leaves if "--json" not in options] == []

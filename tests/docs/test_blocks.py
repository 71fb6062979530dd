# SPDX-License-Identifier: Apache-2.0
"""
Every code block of the pages is run, or read by what it is for.

Python and console blocks of the site and of README.md are run by ``conftest.py`` at the root, those
of plug-ins by the tests of the plug-in. What is left is looked at here.
"""

from __future__ import annotations

import ast
import configparser
import itertools
import json
import re
import shlex
import tomllib
from pathlib import Path

import attrs
import click
import pytest

from territoire_sante import Catalog, Link
from territoire_sante.plugins import structure_config
from territoire_sante.workspace import read_settings

_BLOCK = re.compile(r"^( *)```([^\n`]*)\n(.*?)^\1```\s*$", re.MULTILINE | re.DOTALL)

#: Languages of blocks, and what looks at them. What programs print, trees of files, a crontab and
#: plain notices are ``text``: there is nothing that could run them.
_LOOKED_AT = {
    "python": "run",
    "console": "run, or its commands and options are looked up",
    "toml": "read by the settings",
    "json": "parsed",
    "ini": "parsed",
    "text": "shown only",
    "{include}": "Sphinx",
    "{literalinclude}": "Sphinx, and the file is tested",
    "{toctree}": "Sphinx",
    "{eval-rst}": "Sphinx",
    "{figure}": "Sphinx",
    "{raw}": "Sphinx",
}


def _blocks(pages: tuple[Path, ...], *languages: str) -> list[tuple[Path, str, str]]:
    """Return page, language and text of each block."""
    return [
        (page, info.split(" ")[0], text)
        for page in pages
        for _, info, text in _BLOCK.findall(page.read_text(encoding="utf-8"))
        if not languages or info.split(" ")[0] in languages
    ]


def test_every_language_is_looked_at(pages):
    """No block is of a language that nothing looks at, or of none."""
    found = {language for _, language, _ in _blocks(pages)}

    assert found - set(_LOOKED_AT) == set()
    assert {"python", "console", "toml", "json", "ini"} <= found


def test_blocks_are_fenced(pages):
    """No block is only indented: nothing would look at it."""
    unseen = []
    for page in pages:
        prose = _BLOCK.sub(
            "", re.sub(r"<!---.*?--->", "", page.read_text("utf-8"), flags=re.DOTALL)
        )
        unseen += [
            f"{page.name}: {block}"
            for before, block in re.findall(r"^(\S.*)\n\n(    \S.*)$", prose, re.MULTILINE)
            if not re.match(r"[-*] |\d+\. ", before)
        ]

    assert unseen == []


def test_python_is_run_where_it_stands(pages, root):
    """Python is run by the tests, here or in the plug-in; of what is left, the imports are."""
    run = {
        *root.glob("README.md"),
        *(page for depth in ("*", "*/*", "*/*/*") for page in root.glob(f"docs/{depth}.md")),
    }
    left = [(page, text) for page, _, text in _blocks(pages, "python") if page not in run]
    for page, text in left:
        tree = ast.parse(text, filename=str(page))
        tree.body = [one for one in tree.body if isinstance(one, ast.Import | ast.ImportFrom)]
        exec(compile(tree, str(page), "exec"), {})  # noqa: S102 - our own text

    # Those of two plug-ins ask the network, or read a register of some megabytes.
    assert {
        page.parent.name for page, _ in left if not list(page.parent.glob("tests/test_readme.py"))
    } == {"territoire-sante-opendata"}


def test_json_is_json(pages):
    """Each block of JSON parses."""
    blocks = _blocks(pages, "json")

    assert [json.loads(text) for _, _, text in blocks]


def test_units_are_units(pages):
    """Each block for systemd has sections and keys."""
    for _, _, text in _blocks(pages, "ini"):
        unit = configparser.ConfigParser(interpolation=None, strict=False)
        unit.optionxform = str  # keys keep their capitals
        unit.read_string(text)
        assert {"Unit", "Timer"} & set(unit.sections())


def _settings(text: str, folder: Path) -> Path:
    """Write an excerpt as a whole configuration file."""
    data = tomllib.loads(text)
    file = folder / "territoire.toml"
    whole = text if "store" in data else f'{text}\n[store]\nurl = "memory:"\n'
    file.write_text(whole, encoding="utf-8")
    return file


_MADE_UP = {"url": "https://example.org/made-up"}


def _is_secret(value: object) -> bool:
    return isinstance(value, dict) and any(key.startswith("$") for key in value)


def _accept(link: Link, catalog: Catalog, folder: Path) -> object:
    """Let the connector of a link read its options; secrets are made up."""
    options = {
        key: _MADE_UP.get(key, "a1" * 22) if _is_secret(value) else value
        for key, value in link.config.items()
    }
    return structure_config(catalog.get(link.connector), options, base=folder)


def test_configurations_are_accepted(pages, tmp_path):
    """Each block of TOML parses; configurations are read, and connectors take their options."""
    catalog = Catalog.installed()
    known = {
        field.name for name in catalog.names() for field in attrs.fields(catalog.get(name).config)
    }
    links, parts = [], []
    for _, _, text in _blocks(pages, "toml"):
        data = tomllib.loads(text)
        if isinstance(data.get("link"), dict):  # an excerpt: the options of one link
            parts += data["link"]["config"]
        elif {"store", "link", "privacy", "check"} & set(data):
            links += read_settings(_settings(text, tmp_path)).links

    assert [_accept(link, catalog, tmp_path) for link in links]
    assert parts
    assert set(parts) <= known


def _shell(pages: tuple[Path, ...]) -> list[tuple[Path, str]]:
    return [
        (page, line.removeprefix("$ ").split("  #")[0])
        for page, _, text in _blocks(pages, "console")
        for line in text.splitlines()
        if line.startswith("$ ")
    ]


def _unknown(words: list[str], commands: dict[str, click.Command]) -> str:
    """Return what the command line does not know in these words, or nothing."""
    name = ""
    known = {option for one in commands[""].params for option in one.opts}
    for word in itertools.takewhile(lambda word: word not in {">", "|"}, words):
        longer = f"{name} {word}".strip()
        if longer in commands:
            name = longer
            known |= {option for one in commands[name].params for option in one.opts} | {"--help"}
        elif word.startswith("-") and word.split("=")[0] not in known:
            return f"{name}: {word}"
    return "" if name or len(words) == 0 or words[0].startswith("-") else f"no command in {words}"


# The command of the registers is run by its page.
_OTHERS = frozenset({"cat", "cd", "chmod", "ls", "mkdir", "mv", "printf"})


def _scripts(root: Path) -> set[str]:
    """Return the commands that the distributions of this repository install."""
    projects = (tomllib.loads(path.read_text("utf-8")) for path in root.glob("**/pyproject.toml"))
    return {name for one in projects for name in one["project"].get("scripts", {})}


def test_commands_exist(pages, commands, root):
    """Each line of a console names a command with its options, a target or a file that exists."""
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text("utf-8"), re.MULTILINE))
    others = _OTHERS | _scripts(root)
    wrong = []
    for page, line in _shell(pages):
        words = shlex.split(line)
        while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
            words.pop(0)
        match words:
            case ["territoire-sante", *rest]:
                why = _unknown(rest, commands)
            case ["make", target, *_]:
                why = "" if target in targets else "no such target"
            case ["pip", "install", *_] | ["python" | "python3", "-m", *_]:
                why = ""
            case ["python" | ".venv/bin/python", file, *_]:
                why = "" if (root / file).exists() else "no such file"
            case [program, *_]:
                why = "" if program in others else "nothing looks at this"
            case _:
                why = "no command"
        if why:
            wrong.append(f"{page.name}: {line}: {why}")

    assert wrong == []


@pytest.mark.parametrize("line", ["nonsense", "sync --dry-rnu", "plugins --nope"])
def test_a_wrong_command_would_be_found(line, commands):
    """The test before this one knows a wrong command or option when it sees one."""
    assert _unknown(line.split(), commands)

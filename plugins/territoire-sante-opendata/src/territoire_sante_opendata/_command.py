# SPDX-License-Identifier: Apache-2.0
"""The command ``territoire-sante-registers``: one public register into the store of a territory."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from territoire_sante import Workspace
from territoire_sante.errors import (
    ConfigError,
    InputError,
    PluginError,
    Problem,
    StoreError,
    TerritoireSanteError,
)
from territoire_sante.model import Entity, LeverType, OppositionEntry, OppositionList
from territoire_sante_opendata._choices import CHOICES, Wish
from territoire_sante_opendata._import import Diff, import_registry
from territoire_sante_opendata._stream import Source, open_url
from territoire_sante_opendata._told import (
    LANGUAGES,
    TEXTS,
    clean,
    plain,
    registers,
    registers_plain,
    told,
)

DONE, KEPT, USAGE, FAILED = 0, 1, 2, 3
_INTERRUPTED = 130  # what shells expect after Ctrl-C
_OPTIONS: Final = ("as_of", "actors", "everything", "otherwise", "public_task")


def main(arguments: Sequence[str] | None = None, *, today: dt.date | None = None) -> int:
    """
    Import a register, or list those that are known, and return the exit code.

    ``arguments`` are those of the process, and ``today`` is the day of this machine, if left out.
    """
    asked = list(sys.argv[1:] if arguments is None else arguments)
    language = _language(asked, os.environ)
    parser = _parser(language)
    given = parser.parse_args(asked)
    if given.list:
        lines = [_json(registers_plain())] if given.json else registers(language)
        return DONE if _printed(lines, language) else USAGE
    if given.register is None or given.source is None:
        parser.error(TEXTS["needs_both"].text(language))
    for option in _OPTIONS:
        if getattr(given, option) and option not in CHOICES[given.register].options:
            named = "--" + option.replace("_", "-")
            text = TEXTS["not_for"].text(language)
            parser.error(text.format(option=named, register=given.register))
    try:
        diff = _import(given, today or dt.datetime.now().astimezone().date(), language)
    except TerritoireSanteError as error:
        sys.stderr.write(f"{clean(str(error))}\n")
        usage = isinstance(error, ConfigError | InputError | PluginError | StoreError)
        return USAGE if usage else FAILED
    except KeyboardInterrupt:
        return _INTERRUPTED
    if not _answer(diff, language, as_json=given.json, dry_run=given.dry_run):
        return USAGE
    if diff.problems:
        return FAILED
    return KEPT if diff.kept_because_verified or diff.kept_from_other_source else DONE


def _import(given: argparse.Namespace, today: dt.date, language: str) -> Diff:
    wish = Wish(today=today, **{option: getattr(given, option) for option in _OPTIONS})
    with Workspace.open(given.file) as workspace, _opened(given.source) as source:
        found = CHOICES[given.register].read(source, wish, workspace.store)
        return import_registry(
            workspace.store,
            _counted(found, language),
            today=today,
            accept=given.believe,
            oppositions=_oppositions(workspace),
            dry_run=given.dry_run,
        )


@contextlib.contextmanager
def _opened(source: str) -> Iterator[Source]:
    """Give a file by its name, and what is at an address as a stream."""
    if not source.lower().startswith(("http://", "https://")):
        yield source
        return
    with open_url(source) as stream:
        yield stream


def _oppositions(workspace: Workspace) -> OppositionList | None:
    """
    Return whose addresses are never taken.

    Raises:
        ConfigError: there is such a list, and its key cannot be had.
    """
    entries = tuple(workspace.store.all(OppositionEntry))
    key = workspace.opposition_key()
    if key is not None:
        return OppositionList.of(entries, key=key)
    if entries:
        raise ConfigError(
            "persons objected, and the key of the opposition list is missing",
            where=str(workspace.path),
            remedy="Add a table [privacy] with opposition_key",
        )
    return None


def _counted(
    found: Iterator[Entity | Problem], language: str, *, every: float = 0.2
) -> Iterator[Entity | Problem]:
    """Yield the same, and say on a terminal how far it is."""
    if not sys.stderr.isatty():
        yield from found
        return
    due = 0.0
    for count, one in enumerate(found, 1):
        yield one
        if (now := time.monotonic()) >= due:
            due = now + every
            sys.stderr.write("\r" + TEXTS["read"].text(language).format(count=count))
            sys.stderr.flush()
    sys.stderr.write("\r\x1b[K")


def _answer(diff: Diff, language: str, *, as_json: bool, dry_run: bool) -> bool:
    lines = [_json(plain(diff))] if as_json else told(diff, language, dry_run=dry_run)
    return _printed(lines, language)


def _printed(lines: Iterable[str], language: str) -> bool:
    """Print lines; say on the error stream, and with ``False``, if there is no room for them."""
    try:
        sys.stdout.writelines(f"{line}\n" for line in lines)
        sys.stdout.flush()
    except BrokenPipeError:
        # A reader such as head has enough.
        raise
    except OSError as error:
        text = TEXTS["unwritable"].text(language).format(text=error.strerror or error)
        sys.stderr.write(f"{text}\n")
        # What is left in the buffer would fail once more as the process ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        return False
    return True


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _language(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return the language of ``--lang``, else of the environment; French only if it says so."""
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    early.add_argument("--lang")
    with contextlib.suppress(argparse.ArgumentError):
        chosen = early.parse_known_args(arguments)[0].lang
        if chosen in LANGUAGES:
            return str(chosen)
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    spoken = next((environment[name] for name in names if environment.get(name)), "")
    return "fr" if spoken.lower().startswith("fr") else "en"


def _parser(language: str) -> argparse.ArgumentParser:
    def text(key: str) -> str:
        return TEXTS[key].text(language)

    parser = argparse.ArgumentParser(
        prog="territoire-sante-registers",
        description=text("about"),
        epilog=text("codes"),
        allow_abbrev=False,
    )
    add = parser.add_argument
    # No choices= here: argparse would want one although --list names none.
    add("register", nargs="?", type=_known, metavar="REGISTER", help=text("register"))
    add("source", nargs="?", metavar="SOURCE", help=text("source"))
    place = os.environ.get("TERRITOIRE_SANTE_FILE", "territoire.toml")
    add("-f", "--file", type=Path, default=Path(place), help=text("file"))
    add("--dry-run", action="store_true", help=text("dry_run"))
    add("--json", action="store_true", help=text("json"))
    add("--believe", action="append", default=[], metavar="ID", help=text("believe"))
    add("--list", action="store_true", help=text("list"))
    add("--lang", choices=LANGUAGES, help=text("lang"))
    add("--as-of", type=dt.date.fromisoformat, metavar="DAY", help=text("as_of"))
    add("--actors", action="store_true", help=text("actors"))
    add("--everything", action="store_true", help=text("everything"))
    add("--otherwise", type=LeverType, metavar="TYPE", help=text("otherwise"))
    add("--public-task", action="store_true", help=text("public_task"))
    return parser


def _known(name: str) -> str:
    if name not in CHOICES:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(CHOICES)}")
    return name

# SPDX-License-Identifier: Apache-2.0
"""How a command speaks: to a person in tables and sentences, to a script in JSON."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

import territoire_sante
from territoire_sante.cli._messages import Texts
from territoire_sante.errors import (
    ConfigError,
    InputError,
    MassDeletionError,
    PluginError,
    StoreError,
    TerritoireSanteError,
)

if TYPE_CHECKING:
    from rich.console import Console

DONE, FINDINGS, USAGE, FAILED = 0, 1, 2, 3

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

#: Called with what is done and, where it is known, the whole; whatever follows is not shown.
Tick = Callable[..., None]


def clean(text: object) -> str:
    r"""
    Return ``text`` without control characters: what a server sent must not steer the terminal.

    >>> clean("a\x1b[2Jb")
    'a�[2Jb'
    """
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text))


def exit_code(error: TerritoireSanteError) -> int:
    """Return the exit code that tells a script who must act."""
    if isinstance(error, MassDeletionError):
        return FINDINGS
    if isinstance(error, ConfigError | PluginError | InputError | StoreError):
        return USAGE
    return FAILED


def error_plain(error: TerritoireSanteError) -> dict[str, Any]:
    """Return an error as JSON-ready data: its class, where, what and the remedy."""
    problems = [
        {"path": problem.path, "message": problem.message}
        for problem in getattr(error, "problems", ())
    ]
    return {
        "error": type(error).__name__,
        "what": error.what,
        "where": error.where,
        "remedy": error.remedy,
        "problems": problems,
    }


def complain(text: str) -> None:
    """Print on the error stream; where nobody can read it, the exit code has to do."""
    with contextlib.suppress(OSError):
        click.echo(text, err=True)


def unwritable(error: OSError, t: Texts) -> ConfigError:
    """Return why an answer could not be written."""
    return ConfigError(
        t("unwritable", text=error.strerror or error),
        where=t("unwritable_where"),
        remedy=t("unwritable_remedy"),
    )


@attrs.define(kw_only=True)
class Session:
    """One run of the command line: its language, its configuration file, its way to answer."""

    t: Texts
    path: Path
    as_json: bool = False
    debug: bool = False
    opener: Callable[[Path], territoire_sante.Workspace] | None = None
    zone: dt.tzinfo | None = None

    def open(self) -> territoire_sante.Workspace:
        """Open the workspace; only now is what it needs loaded."""
        return (self.opener or territoire_sante.Workspace.open)(self.path)

    def time(self, moment: dt.datetime | None) -> str:
        """Return a time on the clock of ``zone``, or of this machine."""
        return "" if moment is None else f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def answer(self, plain: Any) -> bool:
        """Print ``plain`` if JSON was asked for, and say so."""
        if self.as_json:
            self.put_out(json.dumps(plain, ensure_ascii=False, indent=2))
        return self.as_json

    def put_out(self, text: str) -> None:
        """
        Print a text as it is.

        Raises:
            ConfigError: it cannot be written where it goes, as on a full disk.
        """
        try:
            click.echo(text)
        except BrokenPipeError:
            # A reader such as head has enough.
            raise
        except OSError as error:
            raise unwritable(error, self.t) from error

    def say(self, key: str, **values: object) -> None:
        """Print one sentence."""
        self.put_out(clean(self.t(key, **values)))

    def text(self, text: str) -> None:
        """Print a text that is nobody's message, such as one to be handed over."""
        self.put_out(clean(text))

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a table; ``heads`` are keys of messages."""
        if not sys.stdout.isatty():
            # No window is to be fitted: to load and ask rich costs more than a small sync.
            heading = [self.t(head) for head in heads]
            self.put_out(aligned([heading, *([clean(cell) for cell in row] for row in rows)]))
            return
        from rich.table import Table  # noqa: PLC0415 - most runs show no table

        table = Table(box=None, pad_edge=False)
        for head in heads:
            # An address has no blanks to break it at; it must not end in dots instead.
            table.add_column(self.t(head), overflow="fold")
        for row in rows:
            table.add_row(*(clean(cell) for cell in row))
        _console().print(table)

    def fail(self, error: TerritoireSanteError) -> int:
        """Print on the error stream where, what and the remedy; return the exit code."""
        if self.as_json:
            complain(json.dumps(error_plain(error), ensure_ascii=False, indent=2))
        else:
            lines = [self.t("error", what=error.what)]
            lines += [self.t("error_where", where=error.where)] if error.where else []
            lines += [f"  - {problem}" for problem in getattr(error, "problems", ())]
            lines += [self.t("error_remedy", remedy=error.remedy)] if error.remedy else []
            complain(clean("\n".join(lines)))
        return exit_code(error)

    @contextlib.contextmanager
    def progress(self, key: str) -> Iterator[Tick]:
        """Show a bar on the error stream while the block runs, if a person is watching."""
        if self.as_json or not sys.stderr.isatty():
            yield lambda *_: None
            return
        from rich import progress  # noqa: PLC0415 - nobody watches a timer's run
        from rich.console import Console  # noqa: PLC0415 - likewise

        # Redirected, what is printed meanwhile would go to the error stream.
        with progress.Progress(
            progress.SpinnerColumn(),
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        ) as bars:
            task = bars.add_task(self.t(key), total=None)
            yield lambda done, total=None, *_: bars.update(task, completed=done, total=total)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    r"""
    Return rows as lines, each column as wide as its widest cell; a cell may have several lines.

    >>> print(aligned([["a", "b"], ["one", "two\nthree"]]))
    a    b
    one  two
         three
    """
    lines = [
        line
        for row in rows
        for line in itertools.zip_longest(*(cell.split("\n") for cell in row), fillvalue="")
    ]
    widths = [max(map(_width, {*column})) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(one) else 1 + (unicodedata.east_asian_width(one) in "WF")
        for one in text
    )


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415 - most runs show no table

    return Console(markup=False, emoji=False, highlight=False)

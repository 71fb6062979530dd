# SPDX-License-Identifier: Apache-2.0
"""The tree of commands, and the way in."""

from __future__ import annotations

import datetime as dt
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

import territoire_sante
from territoire_sante.cli._command import Group, answering_option
from territoire_sante.cli._messages import LANGUAGES, Texts, choose_language
from territoire_sante.cli._session import USAGE, Session, clean, complain, unwritable

_INTERRUPTED = 130  # what shells expect after Ctrl-C

#: The commands in the order of a day's work, and the module that makes each.
HOMES: Final = {
    "init": "_data",
    "import": "_data",
    "export": "_data",
    "find": "_data",
    "sync": "_sync",
    "publish": "_sync",
    "withdraw": "_announcements",
    "announcements": "_announcements",
    "preview": "_preview",
    "check": "_check",
    "next": "_cooperation",
    "levers": "_cooperation",
    "liaison": "_cooperation",
    "peers": "_cooperation",
    "tension": "_cooperation",
    "conventions": "_records",
    "workshop": "_records",
    "duplicates": "_duplicates",
    "privacy": "_privacy",
    "conflicts": "_conflicts",
    "formats": "_formats",
    "plugins": "_plugins",
    "doctor": "_environment",
}


class _App(Group):
    """All commands; only the one that is run, or told of, is loaded."""

    def __init__(self, t: Texts, **options: Any) -> None:
        super().__init__(t, "territoire-sante", text="app", **options)
        self._texts = t

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return list(HOMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loaded with those of the same module."""
        if cmd_name in HOMES and cmd_name not in self.commands:
            home = importlib.import_module(f"territoire_sante.cli.{HOMES[cmd_name]}")
            for command in home.commands(self._texts):
                self.add_command(command)
        return super().get_command(ctx, cmd_name)


def app(
    language: str,
    *,
    opener: Callable[[Path], territoire_sante.Workspace] | None = None,
    zone: dt.tzinfo | None = None,
) -> click.Group:
    """
    Return the command line with its texts in ``language``, ``"fr"`` or ``"en"``.

    Args:
        language: of what is told.
        opener: opens the workspace, for programs that pass a catalogue or a clock of their own;
            ``Workspace.open`` if left out.
        zone: where times are told; that of this machine if left out.
    """
    t = Texts(language)

    def start(*, file: Path, debug: bool, lang: str | None) -> None:  # noqa: ARG001 - read before
        click.get_current_context().obj = Session(
            t=t, path=file, debug=debug, opener=opener, zone=zone
        )

    return _App(
        t,
        callback=start,
        params=[_file_option(t), _lang_option(t), _debug_option(t), _version_option(t)],
        epilog=t("codes"),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line on ``arguments``, those of the process if none; return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    language = choose_language(given, os.environ)
    t = Texts(language)
    try:
        code = app(language).main(given, prog_name="territoire-sante", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        complain(error.format_message())
        return USAGE
    except click.ClickException as error:
        complain(clean(t("error", what=error.format_message())))
        return USAGE
    except BrokenPipeError:
        raise
    except OSError as error:
        # Help and version are printed before there is a session.
        return Session(t=t, path=Path()).fail(unwritable(error, t))
    except click.Abort:
        complain(t("interrupted"))
        return _INTERRUPTED
    return code if isinstance(code, int) else 0


def _file_option(t: Texts) -> click.Option:
    return click.Option(
        ["-f", "--file"],
        type=click.Path(dir_okay=False, path_type=Path),
        default="territoire.toml",
        show_default=True,
        envvar="TERRITOIRE_SANTE_FILE",
        help=t("opt_file"),
    )


def _lang_option(t: Texts) -> click.Option:
    return click.Option(["--lang"], type=click.Choice(LANGUAGES), help=t("opt_lang"))


def _debug_option(t: Texts) -> click.Option:
    return click.Option(["--debug"], is_flag=True, help=t("opt_debug"))


def _version_option(t: Texts) -> click.Option:
    return answering_option(
        "--version", lambda _: f"territoire-sante {territoire_sante.__version__}", t("opt_version")
    )

# SPDX-License-Identifier: Apache-2.0
"""The tree of commands, and the way in."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click

import territoire_sante
from territoire_sante.cli import (
    _announcements,
    _check,
    _conflicts,
    _data,
    _environment,
    _formats,
    _preview,
    _sync,
)
from territoire_sante.cli._command import Group, answering_option
from territoire_sante.cli._messages import LANGUAGES, Texts, choose_language
from territoire_sante.cli._session import USAGE, Session, clean

_INTERRUPTED = 130  # what shells expect after Ctrl-C


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

    return Group(
        t,
        "territoire-sante",
        callback=start,
        params=[_file_option(t), _lang_option(t), _debug_option(t), _version_option(t)],
        commands=[
            *_data.commands(t),
            *_sync.commands(t),
            *_announcements.commands(t),
            *_preview.commands(t),
            *_check.commands(t),
            _conflicts.group(t),
            _formats.group(t),
            *_environment.commands(t),
        ],
        text="app",
        epilog=t("codes"),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line on ``arguments``, those of the process if none; return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    language = choose_language(given, os.environ)
    t = Texts(language)
    try:
        code = app(language).main(given, prog_name="territoire-sante", standalone_mode=False)
    except click.ClickException as error:
        click.echo(clean(t("error", what=error.format_message())), err=True)
        return USAGE
    except click.Abort:
        click.echo(t("interrupted"), err=True)
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

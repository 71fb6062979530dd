# SPDX-License-Identifier: Apache-2.0
"""Commands as values: a name, a function of the session, and parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from territoire_sante.cli._messages import Texts
from territoire_sante.cli._session import FAILED, Session
from territoire_sante.errors import TerritoireSanteError

_HEADINGS = ("Options", "Commands")


class Command(click.Command):
    """A command whose function takes the session and returns an exit code."""

    def __init__(
        self,
        t: Texts,
        name: str,
        run: Callable[..., int],
        *params: click.Parameter,
        text: str = "",
    ) -> None:
        super().__init__(
            name,
            callback=guarded(run),
            params=[*params, json_option(t), help_option(t)],
            help=t(text or name),
            add_help_option=False,
        )
        self.context_class = context_class(t)


class Group(click.Group):
    """A group of commands whose help speaks the language of ``t``."""

    def __init__(
        self,
        t: Texts,
        name: str,
        *,
        params: Sequence[click.Parameter],
        text: str = "",
        **options: Any,
    ) -> None:
        super().__init__(
            name,
            params=[*params, help_option(t)],
            help=t(text or name),
            add_help_option=False,
            **options,
        )
        self.context_class = context_class(t)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of a day's work, not of the alphabet."""
        del ctx
        return list(self.commands)


def guarded(run: Callable[..., int]) -> Callable[..., None]:
    """Return a callback that runs ``run(session, ...)``; whatever fails ends in an exit code."""

    def callback(*, as_json: bool, **values: Any) -> None:
        ctx = click.get_current_context()
        session: Session = ctx.obj
        session.as_json = as_json
        ctx.exit(_code(run, session, values))

    return callback


def json_option(t: Texts) -> click.Option:
    """Return ``--json``."""
    return click.Option(["--json", "as_json"], is_flag=True, help=t("opt_json"))


def help_option(t: Texts) -> click.Option:
    """Return ``--help`` with its text in the language of ``t``."""
    return answering_option("--help", lambda ctx: ctx.get_help(), t("opt_help"))


def answering_option(name: str, answer: Callable[[click.Context], str], text: str) -> click.Option:
    """Return a flag that prints ``answer`` instead of running anything."""

    def show(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
        if value:
            click.echo(answer(ctx))
            ctx.exit()

    return click.Option(
        [name], is_flag=True, expose_value=False, is_eager=True, callback=show, help=text
    )


def context_class(t: Texts) -> type[click.Context]:
    """Return the class of contexts that format help pages in the language of ``t``."""

    class Formatter(click.HelpFormatter):
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            super().write_usage(prog, args, t("usage") if prefix is None else prefix)

        def write_heading(self, heading: str) -> None:
            super().write_heading(t(heading) if heading in _HEADINGS else heading)

    class Context(click.Context):
        formatter_class = Formatter

    return Context


def _code(run: Callable[..., int], session: Session, values: dict[str, Any]) -> int:
    try:
        return run(session, **values)
    except TerritoireSanteError as error:
        if session.debug:
            raise
        return session.fail(error)
    except (click.ClickException, click.Abort, BrokenPipeError):
        # The last is of a reader such as head, who has enough: click ends quietly then.
        raise
    except Exception as error:
        if session.debug:
            raise
        session.fail(
            TerritoireSanteError(
                session.t("unexpected", kind=type(error).__name__, text=str(error)),
                remedy=session.t("unexpected_remedy"),
            )
        )
        return FAILED

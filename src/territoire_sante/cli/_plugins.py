# SPDX-License-Identifier: Apache-2.0
"""The commands about plug-ins: list, check, show one, write a new one."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

import territoire_sante
from territoire_sante.cli._command import Command, Group, guarded, json_option
from territoire_sante.cli._messages import Texts
from territoire_sante.cli._session import DONE, FINDINGS, Session
from territoire_sante.plugins import Catalog

if TYPE_CHECKING:
    from territoire_sante.plugins import PluginProblem

# Those of plugins.PluginKind, so that help needs nothing loaded; a test compares them.
KINDS: Final = ("document", "api", "rule")


def commands(t: Texts) -> list[click.Command]:
    """Return the group with its texts in the language of ``t``; alone, it lists."""
    check = click.Option(["--check"], is_flag=True, help=t("opt_check"))
    name = click.Argument(["name"])
    kind = click.Option(
        ["--kind"],
        type=click.Choice(KINDS),
        default="document",
        show_default=True,
        help=t("opt_plugin_kind"),
    )
    folder = click.Option(
        ["--folder"], type=click.Path(path_type=Path), help=t("opt_plugin_folder")
    )

    def alone(**values: Any) -> None:
        if click.get_current_context().invoked_subcommand is None:
            guarded(_plugins)(**values)

    group = Group(
        t,
        "plugins",
        callback=alone,
        params=[check, json_option(t)],
        invoke_without_command=True,
        commands=[
            Command(t, "show", _show, name, text="plugins_show"),
            Command(t, "new", _new, name, kind, folder, text="plugins_new"),
        ],
    )
    return [group]


def _plugins(session: Session, *, check: bool) -> int:
    catalog = Catalog.installed()
    if check:
        return _check(session, catalog)
    entries = catalog.entries()
    if session.answer({"plugins": [attrs.asdict(entry) for entry in entries]}):
        return DONE
    if not entries:
        session.say("no_plugins")
        return DONE
    rows = [(entry.name, entry.distribution, entry.version) for entry in entries]
    session.table(("connector", "distribution", "version"), rows)
    return DONE


def _check(session: Session, catalog: Catalog) -> int:
    from territoire_sante.plugins import check_plugins  # noqa: PLC0415 - listing does not need it

    problems = check_plugins(catalog)
    broken = {one.connector for one in problems if not one.usable}
    checked = [{"name": name, "ok": name not in broken} for name in catalog.names()]
    if not session.answer({"checked": checked, "problems": _plain(session, problems)}):
        rows: list[tuple[str, str, str, str]] = [
            (name, session.t("ok"), "", "")
            for name in catalog.names()
            if all(one.connector != name for one in problems)
        ]
        rows += [_row(session, one) for one in problems]
        session.table(("connector", "state", "what", "remedy"), sorted(rows))
    return FINDINGS if problems else DONE


def _row(session: Session, problem: PluginProblem) -> tuple[str, str, str, str]:
    language = session.t.language
    return (
        problem.connector or problem.distribution,
        session.t("poor" if problem.usable else "broken"),
        problem.what.text(language),
        problem.remedy.text(language),
    )


def _plain(session: Session, problems: Iterable[PluginProblem]) -> list[dict[str, Any]]:
    language = session.t.language
    return [
        {
            "code": one.code,
            "connector": one.connector,
            "distribution": one.distribution,
            "what": one.what.text(language),
            "remedy": one.remedy.text(language),
            "usable": one.usable,
        }
        for one in problems
    ]


def _show(session: Session, *, name: str) -> int:
    from territoire_sante.plugins import check_plugins  # noqa: PLC0415 - see _check

    spec = Catalog.installed().get(name)
    entries = [one for one in Catalog.installed().entries() if one.name == spec.name]
    problems = check_plugins(Catalog.installed(only=[spec.name]))
    language = session.t.language
    summary = (spec.summary_fr if language == "fr" else "") or spec.summary
    options = _options(spec.config)
    limits = {} if spec.limits is None else _limits(spec.limits)
    can = sorted(one.value for one in spec.capabilities)
    answer = {
        "name": spec.name,
        "summary": summary,
        "view": spec.view.__name__.lower(),
        "distributions": [attrs.asdict(one) for one in entries],
        "api_version": spec.api_version,
        "capabilities": can,
        "options": options,
        "limits": limits,
        "problems": _plain(session, problems),
    }
    code = FINDINGS if problems else DONE
    if session.answer(answer):
        return code
    session.text(f"{spec.name} ({', '.join(f'{e.distribution} {e.version}' for e in entries)})")
    session.text(summary)
    session.say("can", what=", ".join(can))
    if limits:
        session.say("limited", what=", ".join(f"{key} = {value}" for key, value in limits.items()))
    session.table(
        ("option", "type", "default", "what"),
        [
            (
                one["name"],
                one["type"],
                session.t("required") if one["required"] else one["default"],
                one["meaning"],
            )
            for one in options
        ],
    )
    for one in problems:
        session.text(f"{one.what.text(language)}\n→ {one.remedy.text(language)}")
    if not problems:
        session.say("fine")
    return code


def _options(config: type) -> list[dict[str, Any]]:
    meanings = _meanings(config)
    return [
        {
            "name": field.name,
            "type": str(getattr(field.type, "__name__", field.type)),
            "required": field.default is attrs.NOTHING,
            "default": _default(field.default),
            "meaning": meanings.get(field.name, ""),
        }
        for field in attrs.fields(config)
        if field.init
    ]


def _default(value: Any) -> str:
    if value is attrs.NOTHING:
        return ""
    # The type of a factory does not tell attrs' own from a function.
    if isinstance(value, attrs.Factory):  # type: ignore[arg-type]
        return "…"
    return str(value.value if isinstance(value, enum.Enum) else value)


def _meanings(config: type) -> Mapping[str, str]:
    """Return what the docstrings of a configuration say under "Attributes:", by option."""
    found: dict[str, str] = {}
    for cls in reversed(config.__mro__):
        name = ""
        text = inspect.cleandoc(cls.__doc__ or "").replace("Args:\n", "Attributes:\n")
        _, _, part = text.partition("Attributes:\n")
        for line in part.splitlines():
            if not line.startswith(" "):
                break
            head, colon, rest = line.strip().partition(": ")
            if colon and len(line) - len(line.lstrip()) == _INDENT:
                name, found[head] = head, rest
            elif name:
                found[name] += f" {line.strip()}"
    return found


_INDENT: Final = 4


def _limits(limits: Any) -> dict[str, Any]:
    """Return the limits that a channel has, those that are not at their defaults."""
    return {
        field.name: getattr(value, "value", str(value))
        for field in attrs.fields(type(limits))
        if (value := getattr(limits, field.name)) != field.default
    }


def _new(session: Session, *, name: str, kind: str, folder: Path | None) -> int:
    from territoire_sante.plugins import PluginKind, new_plugin  # noqa: PLC0415 - see _check

    short = name.removeprefix("territoire-sante-")
    target = folder or Path(f"territoire-sante-{short}")
    version = territoire_sante.__version__
    written = new_plugin(name, kind=PluginKind(kind), folder=target, version=version)
    if not session.answer({"folder": str(target), "written": [str(path) for path in written]}):
        session.say("plugin_made", folder=target, count=len(written), readme=target / "README.md")
    return DONE

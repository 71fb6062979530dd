# SPDX-License-Identifier: Apache-2.0
"""The commands about what is stored: init, import, export, find."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

import click

from territoire_sante.cli._command import Command
from territoire_sante.cli._messages import Texts
from territoire_sante.cli._session import DONE, FAILED, Session
from territoire_sante.cli._words import caption, kind_label
from territoire_sante.errors import ConfigError
from territoire_sante.model import Visibility
from territoire_sante.serialization import KINDS, to_plain

_EXISTING = click.Path(path_type=Path)
# Those of exports.EXPORTERS, so that help needs nothing loaded; a test compares them.
FORMATS: Final = (
    "csv",
    "data-inclusion",
    "hsds",
    "hsds-3.1",
    "hsds-tables",
    "json",
    "markdown",
    "scdl-subventions",
    "scdl-subventions-23000",
    "schema-org",
)


def commands(t: Texts) -> list[click.Command]:
    """Return the commands with their texts in the language of ``t``."""
    kinds = click.Option(
        ["--kind", "kinds"],
        multiple=True,
        type=click.Choice(sorted(KINDS)),
        metavar="KIND",
        help=t("opt_kind"),
    )
    near = click.Option(["--near"], metavar="INSEE", help=t("opt_near"))
    limit = click.Option(
        ["--limit"],
        type=click.IntRange(min=1),
        default=50,
        show_default=True,
        help=t("opt_limit"),
    )
    files = click.Argument(["files"], nargs=-1, required=True, type=_EXISTING)
    target = click.Argument(["target"], type=_EXISTING)
    form = click.Option(
        ["--format", "form"], type=click.Choice(FORMATS), help=t("opt_export_format")
    )
    audience = click.Option(
        ["--audience"],
        type=click.Choice([one.value for one in Visibility]),
        default=Visibility.PUBLIC.value,
        show_default=True,
        help=t("opt_audience"),
    )
    text = click.Argument(["text"])
    return [
        Command(t, "init", _init),
        Command(t, "import", _import, files),
        Command(t, "export", _export, target, kinds, form, audience),
        Command(t, "find", _find, text, near, kinds, limit),
    ]


def _init(session: Session) -> int:
    starter = resources.files(__package__).joinpath(f"starter_{session.t.language}.toml")
    try:
        with session.path.open("x", encoding="utf-8") as file:
            file.write(starter.read_text(encoding="utf-8"))
    except FileExistsError as error:
        raise ConfigError(
            session.t("init_exists"), where=str(session.path), remedy=session.t("init_remedy")
        ) from error
    except OSError as error:
        raise ConfigError(str(error.strerror), where=str(session.path)) from error
    if not session.answer({"written": str(session.path)}):
        session.say("init_done", path=session.path)
    return DONE


def _import(session: Session, *, files: tuple[Path, ...]) -> int:
    with session.open() as workspace, session.progress("importing") as tick:
        done = workspace.import_files(files, progress=tick)
    problems = [{"path": problem.path, "message": problem.message} for problem in done.problems]
    plain = {
        "stored": done.stored,
        "unchanged": done.unchanged,
        "opposed": list(done.opposed),
        "problems": problems,
    }
    if not session.answer(plain):
        if done.problems:
            session.table(("where", "what"), [(p.path, p.message) for p in done.problems])
        session.say(
            "imported", stored=done.stored, unchanged=done.unchanged, bad=len(done.problems)
        )
        if done.opposed:
            session.say("imported_opposed", ids=", ".join(done.opposed))
    return FAILED if done.problems else DONE


def _export(
    session: Session, *, target: Path, kinds: tuple[str, ...], form: str | None, audience: str
) -> int:
    if form is not None:
        return _hand_out(session, target, kinds, form, Visibility(audience))
    with session.open() as workspace, session.progress("exporting") as tick:
        count = workspace.export(target, kinds=kinds, progress=tick)
    if not session.answer({"written": count, "path": str(target)}):
        session.say("exported", count=count, path=target)
    return DONE


def _hand_out(
    session: Session, target: Path, kinds: tuple[str, ...], form: str, audience: Visibility
) -> int:
    if kinds:
        raise ConfigError(
            session.t("export_kind_and_format"), remedy=session.t("export_kind_remedy")
        )
    with session.open() as workspace:
        done = workspace.hand_out(target, form, audience=audience, language=session.t.language)
    left = [{"code": one.code, "ids": list(one.ids)} for one in done.left_out]
    plain = {"written": done.count, "path": str(target), "audience": audience.value}
    if not session.answer(plain | {"left_out": left}):
        for line in done.lines(session.t.language):
            session.text(line)
        label = audience.label(session.t.language).lower()
        session.say("handed_out", audience=label, count=done.count, path=target)
    return DONE


def _find(
    session: Session, *, text: str, near: str | None, kinds: tuple[str, ...], limit: int
) -> int:
    wanted = [KINDS[kind] for kind in kinds] or None
    with session.open() as workspace:
        hits = workspace.find(text, near=near, kinds=wanted, limit=limit)
    plain = [
        {"entity": to_plain(hit.entity), "score": hit.score, "excerpt": hit.excerpt} for hit in hits
    ]
    if session.answer({"hits": plain}):
        return DONE
    if not hits:
        session.say("found_none", text=text)
        return DONE
    session.table(
        ("kind", "name", "excerpt", "id"),
        [
            (kind_label(session.t, hit.entity), caption(hit.entity), hit.excerpt, hit.entity.id)
            for hit in hits
        ],
    )
    session.say("found", count=len(hits))
    return DONE

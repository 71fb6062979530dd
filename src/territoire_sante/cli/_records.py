# SPDX-License-Identifier: Apache-2.0
"""The commands about papers: conventions with their days and drafts, reports of workshops."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

import click

from territoire_sante.cli._command import Command, Group, guarded, json_option
from territoire_sante.cli._cooperation import day_of, day_option
from territoire_sante.cli._messages import Texts
from territoire_sante.cli._plain import plain
from territoire_sante.cli._session import DONE, FINDINGS, Session
from territoire_sante.errors import DecodingError, Problem
from territoire_sante.model import Convention, Statement, Workshop

_FILE: Final = click.Path(dir_okay=False, path_type=Path)


def commands(t: Texts) -> list[click.Command]:
    """Return both groups with their texts in the language of ``t``."""
    return [_conventions_group(t), _workshop_group(t)]


def _conventions_group(t: Texts) -> Group:
    convention = click.Argument(["convention"], metavar="ID")
    template = click.Option(["--template"], type=_FILE, help=t("opt_template"))

    def year() -> click.Option:
        return click.Option(["--year"], type=click.IntRange(1900, 9998), help=t("opt_year"))

    def alone(**values: Any) -> None:
        if click.get_current_context().invoked_subcommand is None:
            guarded(_days)(**values)

    return Group(
        t,
        "conventions",
        callback=alone,
        params=[year(), day_option(t), json_option(t)],
        invoke_without_command=True,
        commands=[
            Command(t, "days", _days, year(), day_option(t), text="conventions_days"),
            Command(t, "show", _show, convention, day_option(t), text="conventions_show"),
            Command(t, "draft", _draft, convention, template, text="conventions_draft"),
        ],
    )


def _workshop_group(t: Texts) -> Group:
    report = click.Argument(["report"], type=click.Path(path_type=Path))
    workshop = click.Argument(["workshop"], metavar="ID")
    id_ = click.Option(["--id", "id_"], metavar="ID", required=True, help=t("opt_workshop"))
    title = click.Option(["--title"], default="", help=t("opt_workshop_title"))
    dry = click.Option(["--dry-run"], is_flag=True, help=t("opt_dry_run"))
    shape = click.Option(
        ["--shape"], type=click.Choice(("markdown", "text")), default="markdown", help=t("opt_form")
    )
    return Group(
        t,
        "workshop",
        params=[],
        commands=[
            Command(t, "read", _read, report, id_, title, dry, text="workshop_read"),
            Command(t, "write", _write, workshop, shape, text="workshop_write"),
            Command(t, "open", _open, workshop, text="workshop_open"),
        ],
    )


def _days(session: Session, *, year: int | None, today: dt.datetime | None) -> int:
    from territoire_sante.cooperation.conventions import milestones  # noqa: PLC0415 - see _show

    day = day_of(today)
    first = dt.date(year or day.year, 1, 1)
    last = dt.date(first.year, 12, 31)
    with session.open() as workspace:
        found = milestones(workspace.store.snapshot(), start=first, end=last, today=day)
    rows = [
        {"day": one.day.isoformat(), "kind": one.kind.value, "convention": one.convention.id}
        for one in found
    ]
    if session.answer({"days": rows}):
        return DONE
    for one in found:
        session.text(one.text(session.t.language))
    if not found:
        session.say("told_none")
    return DONE


def _show(session: Session, *, convention: str, today: dt.datetime | None) -> int:
    from territoire_sante.cooperation.conventions import (  # noqa: PLC0415 - others need none
        check_parties,
        follow_promises,
        standing_of,
    )
    from territoire_sante.model import Tri  # noqa: PLC0415 - likewise

    day, language = day_of(today), session.t.language
    with session.open() as workspace:
        snapshot = workspace.store.snapshot()
        found = snapshot.get(Convention, convention)
        standing = standing_of(snapshot, found, today=day)
        parties = check_parties(snapshot, found, today=day)
        promises = follow_promises(snapshot, found, today=day)
    wrong = bool(standing.lacks) or any(one.holds is Tri.NO for one in parties)
    answer = {"standing": plain(standing), "parties": plain(parties), "promises": plain(promises)}
    if not session.answer(answer):
        session.text(f"{found.title} ({found.state.label(language)})")
        lines = [
            *(f"→ {one.what.text(language)}" for one in standing.lacks),
            *(
                f"{one.role.label(language)}, {snapshot.name_of(one.actor_id) or '?'}:"
                f" {one.why.text(language)}"
                for one in parties
            ),
            *(f"{one.commitment.text} {one.why.text(language)}" for one in promises),
        ]
        for line in lines:
            session.text(f"  {line}")
    return FINDINGS if wrong else DONE


def _draft(session: Session, *, convention: str, template: Path | None) -> int:
    from territoire_sante.cooperation.conventions import (  # noqa: PLC0415 - others need none
        TEMPLATE,
        draft_convention,
    )

    words = _text_of(template) if template is not None else TEMPLATE
    with session.open() as workspace:
        snapshot = workspace.store.snapshot()
        draft = draft_convention(snapshot, snapshot.get(Convention, convention), template=words)
    if not session.answer(plain(draft)):
        session.text(draft.text.rstrip("\n"))
    return DONE if draft.complete else FINDINGS


def _read(session: Session, *, report: Path, id_: str, title: str, dry_run: bool) -> int:
    from territoire_sante.cooperation.workshops import (  # noqa: PLC0415 - see _show
        read_report,
        updated,
    )

    found = read_report(_text_of(report), id=id_, title=title)
    if not dry_run:
        with session.open() as workspace:
            workspace.store.put(*updated(workspace.store.snapshot(), found))
    answer = {"workshop": plain(found.workshop), "statements": plain(found.statements)}
    if not session.answer(answer):
        session.table(
            ("line", "table", "statement_kind", "statement"),
            [
                (line, one.table or "", one.kind.label(session.t.language), one.text)
                for one, line in zip(found.statements, found.lines, strict=True)
            ],
        )
        session.say("workshop_done", count=len(found.statements), tables=len(found.workshop.tables))
    return DONE


def _write(session: Session, *, workshop: str, shape: str) -> int:
    from territoire_sante.cooperation.workshops import Shape, write_report  # noqa: PLC0415 - see _show

    with session.open() as workspace:
        snapshot = workspace.store.snapshot()
        found = snapshot.get(Workshop, workshop)
        said = snapshot.referring(Statement, "workshop_id", workshop)
        text = write_report(found, said, shape=Shape(shape), language=session.t.language)
    if not session.answer({"report": text}):
        session.text(text.rstrip("\n"))
    return DONE


def _open(session: Session, *, workshop: str) -> int:
    from territoire_sante.cooperation.workshops import open_ideas  # noqa: PLC0415 - see _show

    with session.open() as workspace:
        snapshot = workspace.store.snapshot()
        found = open_ideas(snapshot, snapshot.get(Workshop, workshop).id)
    if not session.answer({"ideas": plain(found)}):
        session.table(
            ("statement_kind", "statement", "id"),
            [(one.kind.label(session.t.language), one.text, one.id) for one in found],
        )
    return DONE


def _text_of(path: Path) -> str:
    """
    Return the text of a file.

    Raises:
        DecodingError: it cannot be read, or is no text in UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        cause = getattr(error, "strerror", None) or "it is not UTF-8"
        raise DecodingError(
            f"{path.name} cannot be read as text",
            where=str(path),
            remedy="Give a text file in UTF-8",
            problems=[Problem(path=str(path), message=cause)],
        ) from error

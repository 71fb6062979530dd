# SPDX-License-Identifier: Apache-2.0
"""The commands that exchange with other sides: sync and publish."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from territoire_sante.cli._announcements import channel_option, show_to_do
from territoire_sante.cli._command import Command
from territoire_sante.cli._messages import Texts
from territoire_sante.cli._session import DONE, FAILED, FINDINGS, Session, error_plain, exit_code
from territoire_sante.errors import ConfigError, MassDeletionError

if TYPE_CHECKING:
    from territoire_sante.sync import Operation, Plan, Report
    from territoire_sante.workspace import LinkRun, Workspace


def commands(t: Texts) -> list[click.Command]:
    """Return the commands with their texts in the language of ``t``."""
    links = click.Argument(["links"], nargs=-1)
    dry_run = click.Option(["-n", "--dry-run"], is_flag=True, help=t("opt_dry_run"))
    confirm = click.Option(["--confirm"], metavar="FINGERPRINT", help=t("opt_confirm"))
    deadline = click.Option(
        ["--deadline"], type=click.FloatRange(min=0), metavar="SECONDS", help=t("opt_deadline")
    )
    return [
        Command(t, "sync", _sync, links, dry_run, confirm, deadline),
        Command(t, "publish", _publish, links, channel_option(t), dry_run, confirm, deadline),
    ]


def _sync(session: Session, *, links: tuple[str, ...], **options: Any) -> int:
    with session.open() as workspace:
        return _run(session, workspace, links, **options)


def _publish(
    session: Session, *, links: tuple[str, ...], channels: tuple[str, ...], **options: Any
) -> int:
    links += channels
    with session.open() as workspace:
        possible = workspace.announcement_links()
        wrong = [name for name in links if workspace.link(name).name not in possible]
        if wrong or not possible:
            raise ConfigError(
                session.t("publish_none", link=", ".join(wrong) or "-"),
                where=str(session.path),
                remedy=session.t("publish_remedy"),
            )
        names = workspace.channels(links)
        code = _run(session, workspace, names, **options)
        if not session.as_json and not options["dry_run"]:
            lines = workspace.deliveries()
            waiting = [one for one in lines if one.link in names and one.needs_a_person]
            show_to_do(session, waiting)
        return code


def _run(
    session: Session,
    workspace: Workspace,
    links: tuple[str, ...],
    *,
    dry_run: bool,
    confirm: str | None,
    deadline: float | None,
) -> int:
    end = None if deadline is None else time.monotonic() + deadline
    names = [workspace.link(name).name for name in links] or [one.name for one in workspace.links]
    code, plain = DONE, []
    for name in names:
        with session.progress("syncing") as tick:
            (run,) = workspace.each(
                [name],
                dry_run=dry_run,
                confirm=confirm,
                progress=tick,
                deadline=None if end is None else end - time.monotonic(),
            )
        code = max(code, _code(run))
        if session.as_json:
            plain.append(_plain(run))
        else:
            _show(session, run)
    if not session.answer({"dry_run": dry_run, "links": plain}) and not names:
        session.say("no_links", path=session.path)
    return code


def _code(run: LinkRun) -> int:
    if run.error is not None:
        return exit_code(run.error)
    if run.report is not None:
        if run.report.has_failures:
            return FAILED
        return FINDINGS if run.report.needs_a_person or run.report.stopped else DONE
    waits = run.plan is not None and (
        run.plan.is_blocked
        or run.plan.quarantined
        or any(operation.action.waits for operation in run.plan.operations)
    )
    return FINDINGS if waits else DONE


def _plain(run: LinkRun) -> dict[str, Any]:
    plain: dict[str, Any] = {"link": run.link}
    if run.error is not None:
        plain |= error_plain(run.error)
    if run.report is not None:
        plain["report"] = run.report.to_plain()
    elif run.plan is not None:
        plain["plan"] = run.plan.to_plain()
    return plain


def _show(session: Session, run: LinkRun) -> None:
    if run.report is not None:
        _show_report(session, run.report)
    elif run.plan is not None and run.error is None:
        _show_plan(session, run.plan)
    if run.plan is not None:
        _show_proposals(session, run.plan)
    if isinstance(run.error, MassDeletionError) and run.plan is not None:
        _show_plan(session, run.plan)
    elif run.error is not None:
        session.say("link_failed", link=run.link)
        session.fail(run.error)


def _show_report(session: Session, report: Report) -> None:
    if report.entries:
        session.table(("item", "action", "result", "detail"), report.rows(session.t.language))
    session.say(
        "sync_quiet"
        if report.is_quiet and not report.entries and not report.stopped
        else "sync_done",
        link=report.link,
        listed=report.listed,
        read=report.read,
        there=report.remote_writes,
        here=report.local_writes,
        merged=report.merged,
        unchanged=report.unchanged,
    )
    if report.stopped:
        deferred = report.counts()["deferred"]
        session.say("sync_stopped", link=report.link, why=report.stopped, count=deferred)


def _show_plan(session: Session, plan: Plan) -> None:
    rows = [
        (o.title or o.uid, o.action.label(session.t.language), _why(o, session.t.language))
        for o in plan.operations
    ]
    rows += [(item.href, session.t("set_aside"), item.reason) for item in plan.quarantined]
    if rows:
        session.table(("item", "action", "detail"), rows)
    session.say(
        "plan_done" if plan.operations else "plan_quiet",
        link=plan.link.name,
        count=len(plan.operations),
        unchanged=plan.unchanged,
        fingerprint=plan.fingerprint,
    )
    if plan.is_blocked:
        session.say("plan_blocked", count=plan.deletions, fingerprint=plan.fingerprint)


def _why(operation: Operation, language: str) -> str:
    parts = [(language == "fr" and operation.reason_fr) or operation.reason]
    if operation.action.edits:
        parts += [f"→ {', '.join(operation.to_remote)}"] if operation.to_remote else []
        parts += [f"← {', '.join(operation.to_local)}"] if operation.to_local else []
    parts += [f"≠ {conflict.field}" for conflict in operation.conflicts]
    return "  ".join(part for part in parts if part)


def _show_proposals(session: Session, plan: Plan) -> None:
    rows = [row for operation in plan.operations for row in _proposed(operation)]
    if rows:
        session.say("proposals")
        session.table(("item", "field", "proposal"), rows)


def _proposed(operation: Operation) -> Iterator[tuple[str, str, object]]:
    """Yield only what a proposal would change: the rest of the notice is known."""
    before = operation.local or {}
    for field, value in (operation.proposal or {}).items():
        if value != before.get(field):
            yield operation.title or operation.uid, field, value

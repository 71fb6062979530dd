# SPDX-License-Identifier: Apache-2.0
"""The commands about announcements on their channels: withdraw, announcements status, done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import click

from territoire_sante import model
from territoire_sante.cli._command import Command, Group
from territoire_sante.cli._messages import Texts
from territoire_sante.cli._session import DONE, FINDINGS, Session, error_plain, exit_code

if TYPE_CHECKING:
    from territoire_sante.model import Announcement
    from territoire_sante.sync import Delivery
    from territoire_sante.workspace import LinkRun, Workspace

_NONE: Final[Mapping[Announcement, str]] = MappingProxyType({})


def commands(t: Texts) -> list[click.Command]:
    """Return the commands with their texts in the language of ``t``."""
    named = click.Argument(["announcement"])
    status = Command(
        t,
        "status",
        _status,
        click.Argument(["announcement"], required=False, default=""),
        click.Option(["--refresh"], is_flag=True, help=t("opt_refresh")),
        text="announcements_status",
    )
    done = Command(t, "done", _done, named, click.Argument(["link"]), text="announcements_done")
    return [
        Command(t, "withdraw", _withdraw, named, channel_option(t)),
        Group(t, "announcements", params=[], commands=[status, done]),
    ]


def channel_option(t: Texts) -> click.Option:
    """Return ``--channel``."""
    return click.Option(["--channel", "channels"], multiple=True, help=t("opt_channel"))


def id_of(name: str) -> str:
    """Return the id of an announcement, of which people may leave the first part away."""
    return name if not name or name.startswith("announcement:") else f"announcement:{name}"


def _withdraw(session: Session, *, announcement: str, channels: tuple[str, ...]) -> int:
    with session.open() as workspace:
        entity = workspace.withdraw(id_of(announcement), channels=channels)
        lines = workspace.deliveries(announcement=entity.id)
        reached = [line.link for line in lines]
        known = {link.name for link in workspace.links}
        runs = list(workspace.each([n for n in reached if n in known])) if reached else []
        lines = workspace.deliveries(announcement=entity.id)
    code = max([_code(lines), *(exit_code(run.error) for run in runs if run.error)])
    plain = {"announcement": entity.id, "deliveries": [line.to_plain() for line in lines]}
    if session.answer({**plain, "errors": _errors(runs)}):
        return code
    key = "withdrawn_from" if channels else "withdrawn"
    values = {"links": ", ".join(channels)} if channels else {}
    session.say(key, title=entity.title, **values)
    _table(session, lines)
    show_to_do(session, lines)
    return code


def _status(session: Session, *, announcement: str, refresh: bool) -> int:
    with session.open() as workspace:
        wanted = id_of(announcement)
        if wanted:
            workspace.store.get(model.Announcement, wanted)
        runs = [run for run in workspace.refresh() if run.error] if refresh else []
        lines = workspace.deliveries(announcement=wanted)
        unsent = _unsent(workspace, lines, wanted)
        now = workspace.clock()
    code = max([_code(lines), *(exit_code(run.error) for run in runs if run.error)])
    plain = [line.to_plain() for line in lines]
    waiting = [one.id for one in unsent]
    if session.answer({"deliveries": plain, "unsent": waiting, "errors": _errors(runs)}):
        return code
    if not lines and not unsent:
        session.say("status_none")
    else:
        _table(session, lines, {one: _not_sent(one, now) for one in unsent})
    show_to_do(session, lines)
    return code


def _done(session: Session, *, announcement: str, link: str) -> int:
    with session.open() as workspace:
        line = workspace.mark_done(id_of(announcement), link)
    if not session.answer(line.to_plain()):
        state = line.state.label(session.t.language)
        session.say("done_noted", title=line.title, link=link, state=state)
    return DONE


def _unsent(workspace: Workspace, lines: Iterable[Delivery], wanted: str) -> list[Announcement]:
    """Return what is approved and was never offered to a channel."""
    known = {line.announcement for line in lines}
    waiting = (model.AnnouncementState.APPROVED, model.AnnouncementState.SCHEDULED)
    return [
        one
        for one in workspace.store.all(model.Announcement)
        if one.state in waiting and one.id not in known and wanted in ("", one.id)
    ]


def _not_sent(announcement: Announcement, now: dt.datetime) -> str:
    return "over_unpublished" if model.is_over(announcement, now) else "not_published_yet"


def _code(lines: Iterable[Delivery]) -> int:
    return FINDINGS if any(line.needs_a_person for line in lines) else DONE


def _errors(runs: Sequence[LinkRun]) -> list[dict[str, Any]]:
    return [{"link": run.link, **error_plain(run.error)} for run in runs if run.error]


def _table(
    session: Session, lines: Sequence[Delivery], unsent: Mapping[Announcement, str] = _NONE
) -> None:
    """Show the ledger by channel, each announcement on a row of its own."""
    rows: list[tuple[object, ...]] = [
        (
            line.link,
            line.announcement,
            line.title,
            line.state.label(session.t.language),
            session.time(line.since),
            session.time(line.checked_at),
            _helper(session, line),
        )
        for line in sorted(lines, key=lambda line: (line.link, line.announcement))
    ]
    rows += [("-", one.id, one.title, session.t(why), "", "", "") for one, why in unsent.items()]
    heads = ("channel", "id", "announcement", "state", "since", "looked_at", "detail")
    session.table(heads, rows)


def _helper(session: Session, line: Delivery) -> str:
    parts = [session.t("helped_by", link=line.fallback)] if line.fallback else []
    parts += [session.t("helps", link=line.fallback_of)] if line.fallback_of else []
    seen = line.why(session.t.language) if line.state.value == "visible" else ""
    return ", ".join([*parts, seen] if seen else parts)


def show_to_do(session: Session, lines: Sequence[Delivery]) -> None:
    """Say in whole sentences what people have to do, or to wait for."""
    told = [line for line in lines if line.state.value not in ("visible", "handed_over")]
    for key, acts in (("to_do", True), ("to_know", False)):
        rows = [
            (line.link, line.title, line.why(session.t.language))
            for line in told
            if line.needs_a_person is acts and line.why(session.t.language)
        ]
        if rows:
            session.say(key)
            session.table(("channel", "announcement", "detail"), rows)
    for line in lines:
        if line.state.value == "handed_over":
            session.say("hand_over_head", link=line.link)
            session.text(line.hand_over)

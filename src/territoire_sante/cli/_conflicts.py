# SPDX-License-Identifier: Apache-2.0
"""The commands about conflicts and deletions: list, show, resolve, restore, deleted, undelete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import click

import territoire_sante
from territoire_sante.cli._command import Command, Group, guarded, json_option
from territoire_sante.cli._messages import Texts
from territoire_sante.cli._session import DONE, FINDINGS, Session

if TYPE_CHECKING:
    from territoire_sante.sync import JournalEntry

_SIDES = ("local", "remote")
_STATES = {"local": "deleted_local", "remote": "deleted_remote", "restored": "deleted_restored"}


def commands(t: Texts) -> list[click.Command]:
    """Return the group with its texts in the language of ``t``; alone, it lists."""
    number = click.Argument(["number"], type=int)
    keep = click.Option(["--keep"], required=True, type=click.Choice(_SIDES), help=t("opt_keep"))

    def everything() -> click.Option:
        return click.Option(["--all", "everything"], is_flag=True, help=t("opt_all"))

    def alone(**values: Any) -> None:
        if click.get_current_context().invoked_subcommand is None:
            guarded(_list)(**values)

    group = Group(
        t,
        "conflicts",
        callback=alone,
        params=[everything(), json_option(t)],
        invoke_without_command=True,
        commands=[
            Command(t, "list", _list, everything(), text="conflicts_list"),
            Command(t, "show", _show, number, text="conflicts_show"),
            Command(t, "resolve", _resolve, number, keep, text="conflicts_resolve"),
            Command(t, "restore", _restore, number, text="conflicts_restore"),
            Command(t, "deleted", _deleted, text="conflicts_deleted"),
            Command(t, "undelete", _undelete, number, text="conflicts_undelete"),
        ],
    )
    return [group]


def _list(session: Session, *, everything: bool) -> int:
    states = () if everything else ("open", "decided")
    with session.open() as workspace:
        entries = territoire_sante.sync.conflicts.list(workspace.store, states=states)
    code = FINDINGS if any(entry.state == "open" for entry in entries) else DONE
    if session.answer({"conflicts": [_plain(entry) for entry in entries]}):
        return code
    if not entries:
        session.say("conflicts_none")
        return code
    rows = [
        (
            entry.id,
            entry.link,
            entry.title or entry.uid,
            ", ".join(field["field"] for field in entry.fields),
            session.t(f"conflict_{entry.state}"),
            f"{entry.at:%Y-%m-%d %H:%M}",
        )
        for entry in entries
    ]
    session.table(("number", "link", "item", "field", "state", "date"), rows)
    return code


def _show(session: Session, *, number: int) -> int:
    with session.open() as workspace:
        entry = territoire_sante.sync.conflicts.show(workspace.store, number)
    if session.answer(_plain(entry)):
        return DONE
    session.say("conflict_head", number=entry.id, link=entry.link, title=entry.title or entry.uid)
    columns = ("field", "base", "local", "remote")
    rows = [[field[column] for column in columns] for field in entry.fields]
    session.table(("field", "before", "here", "there"), rows)
    return DONE


def _resolve(session: Session, *, number: int, keep: str) -> int:
    with session.open() as workspace:
        entry = territoire_sante.sync.conflicts.resolve(workspace.store, number, keep)
    if not session.answer(_plain(entry)):
        session.say("conflict_resolved", number=number, link=entry.link)
    return DONE


def _restore(session: Session, *, number: int) -> int:
    with session.open() as workspace:
        entry = territoire_sante.sync.conflicts.restore(workspace.store, number)
    if not session.answer(_plain(entry)):
        session.say("conflict_restored", number=number, link=entry.link)
    return DONE


def _deleted(session: Session) -> int:
    with session.open() as workspace:
        tombstones = territoire_sante.sync.conflicts.deleted(workspace.store)
    if session.answer({"deleted": [tombstone.to_plain() for tombstone in tombstones]}):
        return DONE
    if not tombstones:
        session.say("deleted_none")
        return DONE
    rows = [
        (
            tombstone.id,
            tombstone.link,
            tombstone.title or tombstone.uid,
            session.t(_STATES["restored" if tombstone.restored else tombstone.side]),
            f"{tombstone.at:%Y-%m-%d %H:%M}",
            f"{tombstone.until:%Y-%m-%d}",
        )
        for tombstone in tombstones
    ]
    session.table(("number", "link", "item", "state", "date", "until"), rows)
    return DONE


def _undelete(session: Session, *, number: int) -> int:
    with session.open() as workspace:
        tombstone = territoire_sante.sync.conflicts.undelete(workspace.store, number)
    if not session.answer(tombstone.to_plain()):
        title = tombstone.title or tombstone.uid
        session.say("deleted_back", title=title, link=tombstone.link)
    return DONE


def _plain(entry: JournalEntry) -> dict[str, Any]:
    """Return a conflict as JSON-ready data, without the bytes of the other side's document."""
    plain = attrs.asdict(entry, recurse=False)
    del plain["document"]
    return plain | {"fields": [dict(field) for field in entry.fields], "at": entry.at.isoformat()}

# SPDX-License-Identifier: Apache-2.0
"""The commands about the rights of persons: access, objection, erasure, and the end of keeping."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

import territoire_sante
from territoire_sante.cli._command import Command, Group
from territoire_sante.cli._messages import Texts
from territoire_sante.cli._plain import plain
from territoire_sante.cli._session import DONE, FINDINGS, Session
from territoire_sante.errors import ConfigError, EntityNotFoundError


def commands(t: Texts) -> list[click.Command]:
    """Return the group with its texts in the language of ``t``."""
    folder = click.Argument(["folder"], type=click.Path(file_okay=False, path_type=Path))
    apply = click.Option(["--apply"], is_flag=True, help=t("opt_apply"))

    def person() -> click.Argument:
        return click.Argument(["person"], metavar="ID")

    def sure() -> click.Option:
        return click.Option(["--yes"], is_flag=True, help=t("opt_yes"))

    group = Group(
        t,
        "privacy",
        params=[],
        commands=[
            Command(t, "access", _access, person(), folder, text="privacy_access"),
            Command(t, "object", _object, person(), sure(), text="privacy_object"),
            Command(t, "erase", _erase, person(), sure(), text="privacy_erase"),
            Command(t, "retention", _retention, apply, text="privacy_retention"),
        ],
    )
    return [group]


def _access(session: Session, *, person: str, folder: Path) -> int:
    from territoire_sante.privacy import subject_access  # noqa: PLC0415 - a sync needs none

    with session.open() as workspace:
        today = workspace.clock().astimezone().date()
        sent = functools.partial(territoire_sante.sync.sent, workspace.store)
        copies = functools.partial(territoire_sante.sync.copies, workspace.store)
        access = subject_access(workspace.store, person, today=today, sent=sent, copies=copies)
    paths = [str(path) for path in access.write(folder)]
    if not session.answer({"written": paths}):
        session.say("privacy_written", paths=", ".join(paths))
    return DONE


def _object(session: Session, *, person: str, yes: bool) -> int:
    from territoire_sante.privacy import oppose  # noqa: PLC0415 - see _access

    _sure(session, yes=yes)
    with session.open() as workspace:
        today, key = workspace.clock().astimezone().date(), workspace.opposition_key()
        done = oppose(workspace.store, person, today=today, key=key)
        copies = _copies(workspace, [person, done.person_id])
    if not session.answer({**plain(done), "copies": copies}):
        session.say("privacy_objected", count=len(done.entries))
        _tell_copies(session, copies)
        if not done.recorded:
            session.say("privacy_no_key")
    return DONE if done.recorded else FINDINGS


def _erase(session: Session, *, person: str, yes: bool) -> int:
    from territoire_sante.privacy import erase  # noqa: PLC0415 - see _access

    _sure(session, yes=yes)
    with session.open() as workspace:
        today, key = workspace.clock().astimezone().date(), workspace.opposition_key()
        done = erase(workspace.store, person, today=today, key=key)
        copies = _copies(workspace, done.changed)
    if not done.known:
        raise EntityNotFoundError(
            session.t("privacy_nobody"), where=person, remedy=session.t("privacy_nobody_remedy")
        )
    code = FINDINGS if done.to_check or not done.opposition.recorded else DONE
    if session.answer({**plain(done), "copies": copies}):
        return code
    session.say("privacy_erased", count=len(done.changed))
    for kept in done.kept:
        session.text(f"{kept.id}: {kept.why.text(session.t.language)}")
    _tell_copies(session, copies)
    if done.to_check:
        session.say("privacy_to_check", ids=", ".join(done.to_check))
    if not done.opposition.recorded:
        session.say("privacy_no_key")
    return code


def _copies(workspace: territoire_sante.Workspace, ids: Sequence[str]) -> dict[str, list[str]]:
    """Return which links still hold copies; what links hold that are no more is dropped."""
    sync, store = territoire_sante.sync, workspace.store
    knowing = sync.links_knowing(store, ids)
    there = {link.name for link in workspace.links}
    over = [name for name in knowing if name not in there]
    if over:
        sync.drop_copies(store, ids, over)
    return {"links": [name for name in knowing if name in there], "dropped": over}


def _tell_copies(session: Session, copies: Mapping[str, Sequence[str]]) -> None:
    for what, key in (("links", "privacy_links"), ("dropped", "privacy_dropped")):
        if copies[what]:
            session.say(key, names=", ".join(copies[what]))


def _retention(session: Session, *, apply: bool) -> int:
    from territoire_sante.privacy import anonymise, retention_due  # noqa: PLC0415 - see _access

    with session.open() as workspace:
        today = workspace.clock().astimezone().date()
        due = retention_due(workspace.store.snapshot(), today)
        done = anonymise(workspace.store, due) if apply else None
    if not session.answer({"due": plain(due), "done": plain(done)}):
        session.table(
            ("since", "kind", "id", "ground"),
            [
                (
                    one.since,
                    one.kind.label(session.t.language),
                    one.id,
                    one.ground.text(session.t.language),
                )
                for one in due
            ],
        )
        session.say("retention_done" if apply else "retention_count", count=len(due))
    return FINDINGS if due and not apply else DONE


def _sure(session: Session, *, yes: bool) -> None:
    """
    Refuse what cannot be taken back, unless it is said to be meant.

    Raises:
        ConfigError: it was not.
    """
    if not yes:
        raise ConfigError(session.t("privacy_sure"), remedy=session.t("privacy_sure_remedy"))

# SPDX-License-Identifier: Apache-2.0
"""The commands about duplicates: list them, merge two, undo that, say that they are two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

import territoire_sante
from territoire_sante.cli._command import Command, Group, guarded, json_option
from territoire_sante.cli._messages import Texts
from territoire_sante.cli._plain import plain
from territoire_sante.cli._session import DONE, FINDINGS, Session

if TYPE_CHECKING:
    from territoire_sante.cooperation.duplicates import MergePlan

_KINDS: Final = ("person", "actor", "care_project")


def commands(t: Texts) -> list[click.Command]:
    """Return the group with its texts in the language of ``t``; alone, it lists."""
    keep = click.Argument(["keep"], metavar="ID")
    drop = click.Argument(["drop"], metavar="ID")
    take = click.Option(["--take"], metavar="FIELD", multiple=True, help=t("opt_take"))
    dry = click.Option(["--dry-run"], is_flag=True, help=t("opt_dry_run"))
    merge = click.Argument(["merge"], metavar="ID")

    def reason() -> click.Option:
        return click.Option(["--reason"], default="", help=t("opt_reason"))

    def options() -> tuple[click.Option, ...]:
        kinds = click.Option(
            ["--kind", "kinds"], multiple=True, type=click.Choice(_KINDS), help=t("opt_kind")
        )
        threshold = click.Option(
            ["--threshold"],
            type=click.FloatRange(0.5, 1),
            default=0.8,
            show_default=True,
            help=t("opt_threshold"),
        )
        return kinds, threshold

    def alone(**values: Any) -> None:
        if click.get_current_context().invoked_subcommand is None:
            guarded(_list)(**values)

    group = Group(
        t,
        "duplicates",
        callback=alone,
        params=[*options(), json_option(t)],
        invoke_without_command=True,
        commands=[
            Command(t, "list", _list, *options(), text="duplicates_list"),
            Command(t, "merge", _merge, keep, drop, take, reason(), dry, text="duplicates_merge"),
            Command(t, "undo", _undo, merge, text="duplicates_undo"),
            Command(t, "distinct", _distinct, keep, drop, reason(), text="duplicates_distinct"),
        ],
    )
    return [group]


def _list(session: Session, *, kinds: tuple[str, ...], threshold: float) -> int:
    from territoire_sante.cooperation.duplicates import find_duplicates  # noqa: PLC0415 - an extra
    from territoire_sante.serialization import KINDS  # noqa: PLC0415 - see above

    wanted = [KINDS[kind] for kind in kinds or _KINDS]
    with session.open() as workspace:
        snapshot = workspace.store.snapshot()
        found = find_duplicates(snapshot, kinds=wanted, threshold=threshold)
    code = FINDINGS if found.pairs else DONE
    if session.answer(plain(found)):
        return code
    language = session.t.language
    session.table(
        ("score", "first", "second", "reasons"),
        [
            (
                f"{one.score:.2f}",
                f"{snapshot.name_of(one.first_id)} ({one.first_id})",
                f"{snapshot.name_of(one.second_id)} ({one.second_id})",
                " ".join(reason.text(language) for reason in one.reasons),
            )
            for one in found
        ],
    )
    session.say("duplicates_count", count=len(found.pairs), refused=found.refused)
    return code


def _merge(
    session: Session, *, keep: str, drop: str, take: tuple[str, ...], reason: str, dry_run: bool
) -> int:
    from territoire_sante.cooperation import duplicates  # noqa: PLC0415 - see _list

    with session.open() as workspace:
        store = workspace.store
        links = territoire_sante.sync.links_knowing(store, [drop])
        plan = duplicates.plan_merge(store, keep, drop, links=links, reason=reason)
        if take:
            choose = _values(plan, take)
            plan = duplicates.plan_merge(
                store, keep, drop, choose=choose, links=links, reason=reason
            )
        record = None if dry_run else duplicates.merge(store, plan, now=workspace.clock())
    if session.answer({"plan": plain(plan), "merge": record and record.id}):
        return DONE
    language = session.t.language
    session.table(
        ("field", "stays", "goes", "why"),
        [
            (one.field, _short(one.value), _short(one.lost), one.reason.text(language))
            for one in plan.choices
        ],
    )
    session.say("merge_told", count=len(plan.repointed), links=", ".join(plan.links) or "–")
    if record is not None:
        session.say("merge_done", id=record.id)
    return DONE


def _values(plan: MergePlan, take: tuple[str, ...]) -> Mapping[str, Any]:
    """Return the values of the dropped record for the fields that are to be taken from it."""
    # A field that there is not is refused by the plan, which knows them all.
    return {name: getattr(plan.dropped, name, None) for name in take}


def _short(value: Any) -> str:
    text = str(plain(value))
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


_WIDEST: Final = 60


def _undo(session: Session, *, merge: str) -> int:
    from territoire_sante.cooperation import duplicates  # noqa: PLC0415 - see _list

    with session.open() as workspace:
        undone = duplicates.undo_merge(workspace.store, merge)
    if not session.answer(plain(undone)):
        session.say("undo_done", count=len(undone.restored))
        if undone.kept:
            session.table(("id", "field"), [(one.id, one.field) for one in undone.kept])
    return FINDINGS if undone.kept else DONE


def _distinct(session: Session, *, keep: str, drop: str, reason: str) -> int:
    from territoire_sante.cooperation import duplicates  # noqa: PLC0415 - see _list

    with session.open() as workspace:
        today = workspace.clock().astimezone().date()
        verdict = duplicates.not_duplicates(workspace.store, keep, drop, on=today, reason=reason)
    if not session.answer(plain(verdict)):
        session.say("distinct_done", id=verdict.id)
    return DONE

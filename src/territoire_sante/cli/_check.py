# SPDX-License-Identifier: Apache-2.0
"""The command check: what the rules of the cooperation find, by commune or by team."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

import territoire_sante
from territoire_sante.cli._command import Command
from territoire_sante.cli._messages import Texts
from territoire_sante.cli._session import DONE, FINDINGS, Session

if TYPE_CHECKING:
    from territoire_sante.cooperation.rules import Finding

_FORMATS = ("table", "json", "sarif", "markdown", "html")
_DAY = "%Y-%m-%d"


def commands(t: Texts) -> list[click.Command]:
    """Return the command with its texts in the language of ``t``."""
    commune = click.Option(["--commune"], metavar="INSEE", default="", help=t("opt_commune"))
    team = click.Option(["--team"], metavar="ID", default="", help=t("opt_team"))
    rule = click.Option(["--rule", "only"], metavar="CODE", multiple=True, help=t("opt_rule"))
    form = click.Option(
        ["--format", "form"], type=click.Choice(_FORMATS), default="table", help=t("opt_form")
    )
    day = click.Option(["--today"], type=click.DateTime([_DAY]), help=t("opt_today"))
    return [Command(t, "check", _check, commune, team, rule, form, day)]


def _check(
    session: Session,
    *,
    commune: str,
    team: str,
    only: tuple[str, ...],
    form: str,
    today: dt.datetime | None,
) -> int:
    from territoire_sante.cooperation import rules  # noqa: PLC0415 - other commands ask none

    with session.open() as workspace:
        found = workspace.check(
            today=None if today is None else today.date(), only=only, commune=commune, team=team
        )
        snapshot = workspace.store.snapshot()
    language = session.t.language
    code = FINDINGS if any(one.severity is rules.Severity.ERROR for one in found) else DONE
    if form == "json" or session.as_json:
        session.as_json = True
        session.answer({"findings": [rules.to_plain(one) for one in found]})
        return code
    groups = rules.grouped(
        found, by="team" if team else "commune", name=snapshot.name_of, language=language
    )
    if form == "sarif":
        known, _ = rules.installed_rules().load()
        version = territoire_sante.__version__
        log = rules.to_sarif(found, known, language=language, version=version)
        session.put_out(json.dumps(log, ensure_ascii=False, indent=2))
    elif form in ("markdown", "html"):
        write = rules.to_markdown if form == "markdown" else rules.to_html
        session.text(write(groups, language=language))
    else:
        _show(session, groups)
    return code


def _show(session: Session, groups: Mapping[str, Sequence[Finding]]) -> None:
    language = session.t.language
    for heading, found in groups.items():
        session.text(heading)
        rows = [
            (
                one.code,
                one.severity.label(language),
                one.message.text(language),
                one.action.text(language),
            )
            for one in found
        ]
        session.table(("rule", "severity", "finding", "to_do_now"), rows)
        session.text("")
    session.say("check_count", count=sum(map(len, groups.values())))

# SPDX-License-Identifier: Apache-2.0
"""The command doctor: whether the store and each link can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from territoire_sante.cli._command import Command
from territoire_sante.cli._messages import Texts
from territoire_sante.cli._session import DONE, FINDINGS, Session, error_plain
from territoire_sante.plugins import Fact

if TYPE_CHECKING:
    from territoire_sante.workspace import Finding


def commands(t: Texts) -> list[click.Command]:
    """Return the commands with their texts in the language of ``t``."""
    links = click.Argument(["links"], nargs=-1)
    create = click.Option(["--create"], is_flag=True, help=t("opt_create"))
    probe = click.Option(["--probe-writes"], is_flag=True, help=t("opt_probe_writes"))
    return [Command(t, "doctor", _doctor, links, create, probe)]


def _doctor(session: Session, *, links: tuple[str, ...], create: bool, probe_writes: bool) -> int:
    with session.open() as workspace, session.progress("examining") as tick:
        findings = []
        for finding in workspace.examine(links, create=create, probe_writes=probe_writes):
            findings.append(finding)
            tick(len(findings), 1 + len(links or workspace.links))
    bad = [finding for finding in findings if finding.error is not None]
    code = FINDINGS if bad else DONE
    if session.answer({"findings": [_plain(session, finding) for finding in findings]}):
        return code
    rows = []
    for finding in findings:
        state = session.t("broken" if finding.error else "ok")
        rows.append((finding.link or session.t("store"), state, _said(session, finding)))
        rows += [_row(session, fact) for fact in finding.facts]
    session.table(("checked", "state", "detail"), rows)
    session.say("doctor_bad" if bad else "doctor_good", count=len(bad))
    return code


def _said(session: Session, finding: Finding) -> str:
    if finding.error is not None:
        return str(finding.error)
    return "" if finding.items is None else session.t("doctor_items", count=finding.items)


def _row(session: Session, fact: Fact) -> tuple[str, str, str]:
    """Return what is done about something below what was found."""
    what, found, handling = _texts(session, fact)
    told = session.t("fact", what=what, found=found)
    return "", session.t("ok" if fact.good else "poor"), told + f"\n→ {handling}" * bool(handling)


def _texts(session: Session, fact: Fact) -> tuple[str, str, str]:
    language = session.t.language
    return fact.what.text(language), fact.found.text(language), fact.handling.text(language)


def _plain(session: Session, finding: Finding) -> dict[str, Any]:
    error = None if finding.error is None else error_plain(finding.error)
    names = ("what", "found", "handling")
    facts = {
        fact.key: {"value": fact.value, "good": fact.good}
        | dict(zip(names, _texts(session, fact), strict=True))
        for fact in finding.facts
    }
    return {"link": finding.link, "items": finding.items, "facts": facts, "error": error}

# SPDX-License-Identifier: Apache-2.0
"""Findings as texts: JSON-ready data, SARIF 2.1.0, Markdown and a page of HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from territoire_sante.cooperation._words import Sentence
from territoire_sante.cooperation.rules._finding import Finding, Severity
from territoire_sante.cooperation.rules._rule import Rule

Name = Callable[[str], str]

_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|#])")
_TITLE: Final = Sentence(fr="Constats", en="Findings")
_NOTHING: Final = Sentence(fr="Aucun constat.", en="No finding.")
_TO_DO: Final = Sentence(fr="À faire", en="To do")
_NOWHERE: Final = Sentence(fr="Sans lieu", en="Without a place")
_NO_TEAM: Final = Sentence(fr="Sans équipe", en="Without a team")


def grouped(
    findings: Iterable[Finding], *, by: str, name: Name, language: str
) -> Mapping[str, list[Finding]]:
    """
    Return the findings by the name of the territory, or of the team if ``by`` is ``"team"``.

    The gravest come first in each group; those without a place or team are the last group.
    """
    groups: dict[str, list[Finding]] = {}
    for one in findings:
        groups.setdefault(one.team_id if by == "team" else one.territory_id, []).append(one)
    none = (_NO_TEAM if by == "team" else _NOWHERE).text(language)
    order = sorted(groups, key=lambda one: (not one, name(one) if one else "", one))
    return {
        (f"{name(one)} ({one})" if name(one) != one else one) if one else none: sorted(
            groups[one], key=lambda found: (found.severity.rank, found.code, found.subject_id)
        )
        for one in order
    }


def to_plain(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON-ready data, in both languages."""
    quote = finding.quote
    return {
        "code": finding.code,
        "key": finding.key,
        "severity": finding.severity.value,
        "title": _both(finding.title),
        "subject": {
            "kind": finding.subject_kind,
            "id": finding.subject_id,
            "name": finding.subject_name,
        },
        "territory": finding.territory_id,
        "team": finding.team_id,
        "message": _both(finding.message),
        "action": _both(finding.action),
        "evidence": [
            {"id": one.id, "field": one.field, "value": one.value} for one in finding.evidence
        ],
        "quote": None
        if quote is None
        else {"text": quote.text, "source": quote.source, "line": quote.line},
    }


def _both(sentence: Sentence) -> dict[str, str]:
    return {"fr": sentence.fr, "en": sentence.en}


def to_sarif(
    findings: Iterable[Finding], rules: Iterable[Rule], *, language: str, version: str
) -> dict[str, Any]:
    """Return the findings as a log of SARIF 2.1.0 (OASIS), for tools that follow findings."""
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "territoire-sante",
                        "version": version,
                        "rules": [_descriptor(rule, language) for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(one, language) for one in findings],
            }
        ],
    }


def _descriptor(rule: Rule, language: str) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.title.text(language)},
        "help": {"text": rule.action.text(language)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, language: str) -> dict[str, Any]:
    return {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message.text(language)},
        "locations": [
            {
                "logicalLocations": [
                    {
                        "name": finding.subject_name,
                        "fullyQualifiedName": finding.subject_id,
                        "kind": finding.subject_kind,
                    }
                ]
            }
        ],
        "partialFingerprints": {"finding/v1": finding.key},
        "properties": {
            "territory": finding.territory_id,
            "team": finding.team_id,
            "action": finding.action.text(language),
        },
    }


def to_markdown(groups: Mapping[str, Iterable[Finding]], *, language: str) -> str:
    """Return the groups as Markdown, with a heading for each."""
    lines = [f"# {_TITLE.text(language)}", ""]
    for heading, findings in groups.items():
        lines += [f"## {_plain_markdown(heading)}", ""]
        for one in findings:
            lines += [
                f"- **{one.code} · {one.severity.label(language)}** — "
                + _plain_markdown(one.message.text(language)),
                f"  - {_TO_DO.text(language)} : {_plain_markdown(one.action.text(language))}"
                if language == "fr"
                else f"  - {_TO_DO.text(language)}: {_plain_markdown(one.action.text(language))}",
            ]
            if one.quote is not None:
                said = f"« {one.quote.text} » ({one.quote.source})"
                lines.append(f"  - {_plain_markdown(said)}")
        lines.append("")
    if not groups:
        lines += [_NOTHING.text(language), ""]
    return "\n".join(lines)


def _plain_markdown(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def to_html(groups: Mapping[str, Iterable[Finding]], *, language: str) -> str:
    """Return the groups as one page that needs nothing else."""
    title = _TITLE.text(language)
    body = [f"<h1>{title}</h1>"]
    for heading, findings in groups.items():
        body += [f"<h2>{html.escape(heading)}</h2>", "<ul>"]
        body += [_item(one, language) for one in findings]
        body.append("</ul>")
    if not groups:
        body.append(f"<p>{_NOTHING.text(language)}</p>")
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{language}">',
            f'<head><meta charset="utf-8"><title>{title}</title></head>',
            "<body>",
            *body,
            "</body>",
            "</html>",
            "",
        ]
    )


def _item(finding: Finding, language: str) -> str:
    quote = finding.quote
    said = (
        ""
        if quote is None
        else f'<blockquote lang="fr">{html.escape(quote.text)}'
        f"<footer>{html.escape(quote.source)}</footer></blockquote>"
    )
    return (
        f'<li class="{finding.severity.value}"><strong>{html.escape(finding.code)} · '
        f"{finding.severity.label(language)}</strong> "
        f"{html.escape(finding.message.text(language))}"
        f"<p>{_TO_DO.text(language)} : {html.escape(finding.action.text(language))}</p>{said}</li>"
    )

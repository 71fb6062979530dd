# SPDX-License-Identifier: Apache-2.0
"""The table ``[check]`` of a configuration: thresholds of rules, and findings that are muted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from territoire_sante.cooperation.rules import Mute
from territoire_sante.errors import ConfigError, Problem

_KEYS: Final = ("rule", "until", "reason", "subject")


@attrs.frozen(kw_only=True)
class CheckSettings:
    """What the rules are asked with unless told otherwise; parameters by code and name."""

    parameters: Mapping[str, Mapping[str, object]]
    mutes: tuple[Mute, ...]


def check_settings(table: Mapping[str, Any], *, where: str) -> CheckSettings:
    """
    Read the table; that the rules and parameters exist is seen when they are asked.

    Raises:
        ConfigError: a value is of another kind, or a mute does not say what, until when and why.
    """
    problems: list[Problem] = []
    parameters = table.get("parameters", {})
    if not isinstance(parameters, dict) or not all(
        isinstance(p, dict) for p in parameters.values()
    ):
        problems.append(
            Problem("[check.parameters]", "write a table for each rule, [check.parameters.TS019]")
        )
    mutes = table.get("mute", [])
    if not isinstance(mutes, list) or not all(isinstance(one, dict) for one in mutes):
        problems.append(Problem("check.mute", "write each as a table headed [[check.mute]]"))
        mutes = []
    for number, one in enumerate(mutes, 1):
        problems += (
            Problem(f"[[check.mute]] {number}: {key}", message) for key, message in _faults(one)
        )
    if problems:
        raise ConfigError(
            "the table [check] is wrong",
            problems=problems,
            where=where,
            remedy="Correct these places; the page on configuration lists every key",
        )
    return CheckSettings(
        parameters=parameters,
        mutes=tuple(
            Mute(
                code=one["rule"],
                until=one["until"],
                reason=one["reason"],
                subject_id=one.get("subject", ""),
            )
            for one in mutes
        ),
    )


def _faults(mute: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in mute:
        if key not in _KEYS:
            yield key, f"unknown key; possible: {', '.join(_KEYS)}"
    for key in ("rule", "reason"):
        if not isinstance(mute.get(key), str) or not mute[key].strip():
            yield key, "this text is missing"
    if type(mute.get("until")) is not dt.date:
        yield "until", "give the last day, such as 2027-01-31, without quotation marks"
    if not isinstance(mute.get("subject", ""), str):
        yield "subject", "this must be the id of an entity, such as actor:msp"

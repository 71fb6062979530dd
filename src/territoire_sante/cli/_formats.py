# SPDX-License-Identifier: Apache-2.0
"""The commands about calendar and card files: formats check."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from territoire_sante import formats
from territoire_sante.cli._command import Command, Group
from territoire_sante.cli._messages import Texts
from territoire_sante.cli._session import DONE, FAILED, FINDINGS, Session
from territoire_sante.errors import InputError

if TYPE_CHECKING:
    from territoire_sante.formats import Checked


def commands(t: Texts) -> list[click.Command]:
    """Return the group ``formats`` with its texts in the language of ``t``."""
    paths = click.Argument(["paths"], nargs=-1, required=True, type=click.Path(path_type=Path))
    check = Command(t, "check", _check, paths, text="formats_check")
    return [Group(t, "formats", params=[], commands=[check])]


def _check(session: Session, *, paths: tuple[Path, ...]) -> int:
    files = [found for path in paths for found in _files(path)]
    if not files:
        raise InputError(
            session.t("formats_none"),
            where=", ".join(map(str, paths)),
            remedy=session.t("formats_remedy", suffixes=" ".join(sorted(formats.SUFFIXES))),
        )
    results: list[Checked] = []
    with session.progress("examining") as tick:
        for done, file in enumerate(files, 1):
            results.append(file if isinstance(file, formats.Checked) else formats.check(file))
            tick(done, len(files))
    if not session.answer({"files": [_plain(result) for result in results]}):
        for result in results:
            _tell(session, result)
        _sum_up(session, results)
    return _code(results)


def _files(path: Path) -> Iterator[Path | Checked]:
    """Yield the calendars and cards below ``path``, and the folders that cannot be entered."""
    if not path.is_dir():
        yield path
        return
    closed: list[OSError] = []
    for folder, inner, names in os.walk(path, onerror=closed.append):
        inner.sort()
        for name in sorted(names):
            if Path(name).suffix.lower() in formats.SUFFIXES:
                yield Path(folder, name)
    for error in closed:
        yield formats.Checked(path=str(error.filename), refused=error.strerror or str(error))


def _plain(result: Checked) -> dict[str, Any]:
    return {
        "path": result.path,
        "kind": result.kind,
        "items": result.items,
        "others": dict(result.others),
        "problems": [{"line": fault.line, "message": fault.message} for fault in result.problems],
        "unreadable": [attrs.asdict(fault) for fault in result.unreadable],
        "round_trips": result.round_trips,
        "refused": result.refused,
    }


def _tell(session: Session, result: Checked) -> None:
    if result.refused:
        session.say("formats_refused", path=result.path, why=result.refused)
        return
    key = "formats_whole" if result.round_trips else "formats_changed"
    kind = session.t(f"formats_{result.kind}")
    session.say(key, path=result.path, kind=kind, count=result.items)
    if result.others:
        names = ", ".join(f"{name} ({count})" for name, count in result.others)
        session.say("formats_others", names=names)
    for fault in sorted((*result.problems, *result.unreadable), key=lambda fault: fault.line):
        key = "formats_unreadable" if fault.item else "formats_problem"
        session.say(key, line=fault.line, what=fault.message, item=fault.item)


def _sum_up(session: Session, results: Sequence[Checked]) -> None:
    session.say(
        "formats_done",
        files=len(results),
        refused=sum(bool(result.refused) for result in results),
        items=sum(result.items for result in results),
        unreadable=sum(len(result.unreadable) for result in results),
        problems=sum(len(result.problems) for result in results),
    )


def _code(results: Sequence[Checked]) -> int:
    if any(result.refused or result.unreadable for result in results):
        return FAILED
    return DONE if all(result.clean for result in results) else FINDINGS

# SPDX-License-Identifier: Apache-2.0
"""The commands that answer questions: who can lend, whom to call, what comes next, who did it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final

import click

from territoire_sante.cli._command import Command
from territoire_sante.cli._messages import Texts
from territoire_sante.cli._plain import plain
from territoire_sante.cli._session import DONE, Session

_DAY: Final = "%Y-%m-%d"
# Those of cooperation.Need, so that help needs nothing loaded; a test compares them.
NEEDS: Final = ("any", "territory", "care_team", "social", "complex_care", "tension")


def commands(t: Texts) -> list[click.Command]:
    """Return the commands with their texts in the language of ``t``."""
    text = click.Argument(["text"])
    near = click.Option(["--near"], metavar="INSEE", required=True, help=t("opt_levers_near"))
    asker = click.Option(["--asker"], metavar="ID", default="", help=t("opt_asker"))
    use_on = click.Option(["--on", "use_on"], type=click.DateTime([_DAY]), help=t("opt_use_on"))
    need = click.Option(
        ["--need"], type=click.Choice(NEEDS), default="any", show_default=True, help=t("opt_need")
    )
    commune = click.Argument(["commune"], metavar="INSEE")
    team = click.Argument(["team"], metavar="ID")
    words = click.Argument(["words"], nargs=-1)
    tension = click.Argument(["tension"], metavar="ID")
    return [
        Command(t, "levers", _levers, text, near, asker, use_on, limit_option(t), day_option(t)),
        Command(t, "liaison", _liaison, commune, need, day_option(t)),
        Command(t, "next", _next, team, day_option(t)),
        Command(t, "peers", _peers, team, words, limit_option(t), day_option(t)),
        Command(t, "tension", _tension, tension, day_option(t)),
    ]


def day_option(t: Texts) -> click.Option:
    """Return ``--today``."""
    return click.Option(["--today"], type=click.DateTime([_DAY]), help=t("opt_today"))


def limit_option(t: Texts) -> click.Option:
    """Return ``--limit``."""
    return click.Option(
        ["--limit"], type=click.IntRange(min=1), default=10, show_default=True, help=t("opt_limit")
    )


def day_of(today: dt.datetime | None) -> dt.date:
    """Return the day of ``--today``, that of the machine if it was left out."""
    return today.date() if today is not None else dt.datetime.now(dt.UTC).astimezone().date()


def _levers(
    session: Session,
    *,
    text: str,
    near: str,
    asker: str,
    use_on: dt.datetime | None,
    limit: int,
    today: dt.datetime | None,
) -> int:
    from territoire_sante.cooperation import find_levers  # noqa: PLC0415 - other commands ask none

    with session.open() as workspace:
        found = find_levers(
            workspace.store.snapshot(),
            text,
            near=near,
            today=day_of(today),
            asker_id=asker,
            use_on=None if use_on is None else use_on.date(),
            search=workspace.store,
            limit=limit,
        )
    answers = [plain(one) | {"score": one.score} for one in found]
    return _tell(session, {"levers": answers}, (one.lines(session.t.language) for one in found))


def _liaison(session: Session, *, commune: str, need: str, today: dt.datetime | None) -> int:
    from territoire_sante.cooperation import liaison_for  # noqa: PLC0415 - other commands ask none

    with session.open() as workspace:
        snapshot = workspace.store.snapshot()
        found = liaison_for(snapshot, commune, need, today=day_of(today))
    return _tell(session, plain(found), [found.lines(session.t.language)])


def _next(session: Session, *, team: str, today: dt.datetime | None) -> int:
    from territoire_sante.cooperation import (  # noqa: PLC0415 - other commands ask none
        digest_for,
        due_steps,
        rules,
    )

    day, language = day_of(today), session.t.language
    with session.open() as workspace:
        snapshot = workspace.store.snapshot()
        digest = digest_for(snapshot, team, today=day)
        due = [one for one in due_steps(snapshot, today=day) if one.actor_id == team]
        found = workspace.check(today=day, team=team)
    found.sort(key=lambda one: (one.severity.rank, one.code, one.subject_id))
    answer = {
        "due": plain(due),
        "findings": [rules.to_plain(one) for one in found],
        "digest": plain(digest),
    }
    paragraphs = [
        *([one.message.text(language)] for one in due),
        *(
            [f"{one.code} {one.message.text(language)}", f"→ {one.action.text(language)}"]
            for one in found
        ),
        *([digest.lines(language)] if digest.news else []),
    ]
    return _tell(session, answer, paragraphs)


def _peers(
    session: Session,
    *,
    team: str,
    words: tuple[str, ...],
    limit: int,
    today: dt.datetime | None,
) -> int:
    from territoire_sante.cooperation import find_peers  # noqa: PLC0415 - other commands ask none

    with session.open() as workspace:
        found = find_peers(
            workspace.store.snapshot(), team, " ".join(words), today=day_of(today), limit=limit
        )
    answers = [plain(one) | {"score": one.score} for one in found]
    return _tell(session, {"peers": answers}, (one.lines(session.t.language) for one in found))


def _tension(session: Session, *, tension: str, today: dt.datetime | None) -> int:
    from territoire_sante.cooperation.tensions import answer_to  # noqa: PLC0415 - likewise
    from territoire_sante.model import Tension  # noqa: PLC0415 - likewise

    with session.open() as workspace:
        snapshot = workspace.store.snapshot()
        answer = answer_to(snapshot, snapshot.get(Tension, tension), today=day_of(today))
    return _tell(session, plain(answer), [answer.lines(session.t.language)])


def _tell(session: Session, answer: Any, paragraphs: Iterable[Sequence[str]]) -> int:
    """Print the answer as JSON, or paragraphs whose first line stands out; say if there is none."""
    if session.answer(answer):
        return DONE
    told = ["\n  ".join(lines) for lines in paragraphs]
    for one in told:
        session.text(one)
    if not told:
        session.say("told_none")
    return DONE

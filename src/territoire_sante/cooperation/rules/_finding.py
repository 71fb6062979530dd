# SPDX-License-Identifier: Apache-2.0
"""What a rule found: about what, why, what to do, and the sentence of the report it comes from."""

from __future__ import annotations

import datetime as dt

import attrs

from territoire_sante.cooperation._words import Sentence
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import LabelledEnum


class Severity(LabelledEnum):
    """How much a finding weighs: an error contradicts the reports or the law."""

    ERROR = "error", "Erreur", "Error"
    WARNING = "warning", "Avertissement", "Warning"
    INFO = "info", "Information", "Information"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return list(Severity).index(self)


@attrs.frozen(kw_only=True)
class Quote:
    """
    Words of a report or of a legal text that a rule rests on, in their language.

    ``source`` says which report or law, ``line`` where in the report, 0 in a law.
    """

    text: str
    source: str
    line: int = 0


@attrs.frozen(kw_only=True)
class Evidence:
    """One fact behind a finding: the id of an entity, a field of it, and what it holds."""

    id: str
    field: str = ""
    value: str = ""


@attrs.frozen(kw_only=True)
class Finding:
    """
    What a rule found about one subject.

    ``territory_id`` is where, ``team_id`` which team it matters to; each may be empty.
    The subject is named as it is called, so that a report can be read without the store.
    """

    code: str
    title: Sentence
    severity: Severity
    subject_kind: str
    subject_id: str
    subject_name: str
    territory_id: str = ""
    team_id: str = ""
    message: Sentence
    action: Sentence
    evidence: tuple[Evidence, ...] = ()
    quote: Quote | None = None

    @property
    def key(self) -> str:
        """The code, the subject and the team: the same at each check."""
        return "/".join(one for one in (self.code, self.subject_id, self.team_id) if one)


@attrs.frozen(kw_only=True)
class Mute:
    """
    Findings not to be shown for a time, and why: all of a rule, or those about one subject.

    ``until`` is the last day; afterwards the findings come back.
    """

    code: str
    reason: str
    until: dt.date
    subject_id: str = ""

    def __attrs_post_init__(self) -> None:
        if not self.reason.strip():
            raise InvalidValueError(
                f"nobody says why {self.code} is muted",
                where="reason",
                remedy="Write who decided it, and why",
            )

    def hides(self, finding: Finding, today: dt.date) -> bool:
        """Say whether the finding is not to be shown on this day."""
        meant = self.code == finding.code and self.subject_id in ("", finding.subject_id)
        return meant and today <= self.until

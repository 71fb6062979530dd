# SPDX-License-Identifier: Apache-2.0
"""What the search for a relay answers: who, why, and what is missing."""

from __future__ import annotations

import datetime as dt

import attrs

from territoire_sante.cooperation._relay import Relay, Rung
from territoire_sante.cooperation._words import Sentence
from territoire_sante.model import LabelledEnum


class Need(LabelledEnum):
    """
    What a relay is looked for, as far as it says whom to try first.

    The order of the ladder is that of the report of 2025 ("CLS, coordinateurs MSP, CCAS, DAC",
    then a health contact where there is no CLS, then the intercommunal body).
    """

    ANY = "any", "Demande générale", "Any request"
    TERRITORY = "territory", "Projet de territoire, diagnostic, convention", "Territorial project"
    CARE_TEAM = "care_team", "Joindre une équipe de soins", "Reaching a care team"
    SOCIAL = "social", "Situation sociale", "Social situation"
    COMPLEX_CARE = "complex_care", "Parcours de santé complexe", "Complex care pathway"
    TENSION = "tension", "Tension à résoudre", "Tension to be resolved"


class StepState(LabelledEnum):
    """What was found on one step of the ladder."""

    FOUND = "found", "Trouvé", "Found"
    INCOMPLETE = "incomplete", "À compléter", "To be completed"
    ABSENT = "absent", "Absent (vérifié)", "Known to be absent"
    UNKNOWN = "unknown", "Non renseigné", "Unknown"
    NOT_NEEDED = "not_needed", "Sans objet", "Not needed"


@attrs.frozen(kw_only=True)
class Gap:
    """Something that nobody wrote down, or that nobody did; and who could mend it."""

    rung: Rung
    what: Sentence
    fill_by: tuple[str, ...] = ()
    who: Sentence


@attrs.frozen(kw_only=True)
class Step:
    """One step of the ladder: what was found, why in a sentence, who, and what is missing."""

    rung: Rung
    state: StepState
    why: Sentence
    relays: tuple[Relay, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def message(self, language: str = "fr") -> str:
        """Return the reason in ``language``: ``"fr"``, and English for any other."""
        return self.why.text(language)


@attrs.frozen(kw_only=True)
class Liaison:
    """
    Who is the relay of a commune, why, and what is missing to know it better.

    ``why`` has every step of the ladder in the order it was tried, also those behind the one
    that answered. ``others`` are all further people who could be asked.
    """

    commune: str
    need: Need
    today: dt.date
    found: Relay | None
    others: tuple[Relay, ...] = ()
    why: tuple[Step, ...] = ()
    missing: tuple[Gap, ...] = ()

    def step(self, rung: Rung) -> Step:
        """Return one step of the ladder."""
        return next(step for step in self.why if step.rung is rung)

    def lines(self, language: str = "fr") -> list[str]:
        """Return it all as lines for people to read."""
        french = language == "fr"
        if self.found is not None:
            first = f"{self.found.name}{' : ' if french else ': '}{self.found.how}"
        else:
            first = "Aucun relais joignable n'est connu." if french else "No relay is known."
        told = [f"- {step.message(language)}" for step in self.why]
        gaps = [f"→ {gap.what.text(language)} {gap.who.text(language)}" for gap in self.missing]
        return [first, *told, *gaps]

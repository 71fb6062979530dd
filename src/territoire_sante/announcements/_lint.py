# SPDX-License-Identifier: Apache-2.0
"""The linter: every rule, in the order of its code, and the function that asks them all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from territoire_sante.announcements import _rules_care as care
from territoire_sante.announcements import _rules_dates as dates
from territoire_sante.announcements import _rules_persons as persons
from territoire_sante.announcements import _rules_words as words
from territoire_sante.announcements._remarks import (
    LinkChecker,
    Remark,
    RemarkLevel,
    Rule,
    Setting,
)
from territoire_sante.model import Announcement

_ERROR, _WARNING, _HINT = RemarkLevel.ERROR, RemarkLevel.WARNING, RemarkLevel.HINT

_TABLE: Final = (
    ("AN001", _WARNING, words.capitals, "Texte en capitales", "Text in capitals"),
    ("AN002", _WARNING, dates.missing_date, "Événement sans date", "Event without a date"),
    ("AN003", _WARNING, dates.missing_place, "Événement sans lieu", "Event without a place"),
    ("AN004", _ERROR, dates.past_event, "Événement ou publication passés", "Over already"),
    ("AN005", _WARNING, dates.past_mention, "Date passée dans le texte", "Past day in the text"),
    (
        *("AN006", _ERROR, dates.wrong_weekday),
        *("Jour de la semaine faux", "Weekday that contradicts its date"),
    ),
    ("AN007", _ERROR, dates.impossible_date, "Date qui n'existe pas", "Day that does not exist"),
    (
        *("AN008", _WARNING, dates.other_date),
        *("Le texte et la date de l'événement diffèrent", "Text and date of the event differ"),
    ),
    ("AN009", _WARNING, dates.relative_date, "« Demain » sans date", "“Tomorrow” without a date"),
    (
        *("AN010", _WARNING, dates.publication),
        *("Période de publication", "Period of publication that does not suit"),
    ),
    ("AN011", _ERROR, care.malformed_links, "Adresse incomplète", "Incomplete address"),
    ("AN012", _ERROR, care.dead_links, "Lien mort", "Dead link"),
    ("AN013", _WARNING, persons.mobile_numbers, "Numéro de portable", "Mobile number"),
    ("AN014", _WARNING, persons.personal_mail, "Courriel d'une personne", "A person's e-mail"),
    (
        *("AN015", _ERROR, persons.social_security_numbers),
        *("Numéro de sécurité sociale", "Social security number"),
    ),
    ("AN016", _WARNING, persons.health_of_persons, "Santé d'une personne", "A person's health"),
    ("AN017", _HINT, words.long_sentences, "Phrase longue", "Long sentence"),
    ("AN018", _HINT, words.readability, "Texte difficile à lire", "Body that is hard to read"),
    ("AN019", _HINT, words.acronyms, "Sigle non expliqué", "Acronym without explanation"),
    ("AN020", _HINT, words.typography, "Espaces insécables", "No-break spaces"),
    ("AN021", _HINT, words.repeated_marks, "Ponctuation répétée", "Repeated punctuation"),
    ("AN022", _HINT, words.title_stop, "Point à la fin du titre", "Full stop after the title"),
    (
        *("AN023", _WARNING, care.missing_alt),
        *("Pièce jointe sans description", "Attachment without a description"),
    ),
    ("AN024", _WARNING, care.missing_contact, "Pas de contact", "No contact"),
    ("AN025", _WARNING, care.hidden_contact, "Contact non public", "Contact that is not public"),
    ("AN026", _WARNING, care.missing_approval, "Pas de validation", "No approval"),
    ("AN027", _WARNING, care.missing_audience, "Pas de commune", "No commune"),
    ("AN028", _WARNING, care.missing_title, "Pas de titre", "No title"),
)

#: Every rule, in the order of its code.
RULES: Final = tuple(
    Rule(code=code, level=level, check=check, summary_fr=french, summary_en=english)
    for code, level, check, french, english in _TABLE
)

_ORDER: Final = {level: number for number, level in enumerate(RemarkLevel)}


def lint(
    announcement: Announcement,
    *,
    today: dt.date,
    links: LinkChecker | None = None,
    acronyms: Mapping[str, str] | None = None,
    ignore: frozenset[str] = frozenset(),
) -> tuple[Remark, ...]:
    """
    Return what a careful reader would say of ``announcement``: errors, warnings, then hints.

    Only texts in French are understood: of others, the rules on words say little that is of
    use. Nothing is changed, and nothing is asked over the network unless ``links`` does so.

    Args:
        announcement: a draft, or what was published already.
        today: the day on which it is looked at.
        links: looks at an address, such as
            :func:`territoire_sante.announcements.links.http_links`.
        acronyms: those of your territory, with what they mean.
        ignore: codes of rules not to ask.

    >>> one = Announcement(id="announcement:1", title="DEPISTAGE GRATUIT", audience=("48095",))
    >>> [remark.code for remark in lint(one, today=dt.date(2026, 11, 1))]
    ['AN001', 'AN010', 'AN024', 'AN026']
    """
    setting = Setting(today=today, links=links, acronyms=acronyms or {})
    remarks = (
        remark
        for rule in RULES
        if rule.code not in ignore
        for remark in rule.remarks(announcement, setting)
    )
    return tuple(sorted(remarks, key=lambda remark: _ORDER[remark.severity]))

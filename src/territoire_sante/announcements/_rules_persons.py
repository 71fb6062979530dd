# SPDX-License-Identifier: Apache-2.0
"""Rules on personal data: numbers, addresses, and words that say too much of somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from territoire_sante.announcements._remarks import (
    Found,
    RemarkLevel,
    Setting,
    sentences_of,
    texts_of,
    without_addresses,
)
from territoire_sante.model import Announcement, Visibility

_GAP: Final = r"[\s.\-\u00a0\u202f]?"
_MOBILE: Final = re.compile(
    rf"(?<![\d+])(?:\+33{_GAP}(?:\(0\){_GAP})?|0033{_GAP}|0)[67](?:{_GAP}\d\d){{4}}(?!\d)"
)
_EMAIL: Final = re.compile(r"(?<![\w.+-])([\w.+-]{1,64})@([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})")
_NIR: Final = re.compile(
    rf"(?<!\d)([12]{_GAP}\d\d{_GAP}(?:0[1-9]|1[0-2]|[2-9]\d){_GAP}(?:\d\d|2[AB]){_GAP}"
    rf"\d{{3}}{_GAP}\d{{3}})(?:{_GAP}(\d\d))?(?!\d)"
)

# Boxes that belong to a house, whoever opens them.
_SERVICE: Final = re.compile(
    r"(?:accueil|contact|mairie|commune|info|infos|information|secretariat|secrétariat|msp|cpts|sante"
    r"|santé|maison|maisondesante|cabinet|pharmacie|ehpad|ssiad|ccas|cias|hopital|hôpital|centre"
    r"|mediatheque|médiathèque|ecole|école|association|asso|club|foyer|office|tourisme|service"
    r"|coordination|communication|prevention|prévention|rdv|inscription|inscriptions|depistage"
    r"|dépistage|communaute|communauté|direction|technique|reservation|réservation|no-?reply)"
    r"(?:[._\-+\d]|$)",
    re.IGNORECASE,
)
_FREE_MAIL: Final = frozenset(
    {
        *("gmail.com", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "hotmail.fr"),
        *("hotmail.com", "outlook.fr", "outlook.com", "yahoo.fr", "yahoo.com", "sfr.fr"),
        *("bbox.fr", "live.fr", "icloud.com", "aol.com", "neuf.fr", "proton.me", "gmx.fr"),
    }
)
_NAMED_BOX: Final = re.compile(r"[^\W\d_]{1,30}[._-][^\W\d_]{2,30}\d{0,4}")
_PERSON: Final = re.compile(
    r"\b(?:M\.|Mr\.?|Mme|Mmes|MM\.|Mlle|Monsieur|Madame|Mademoiselle)[\s\u00a0\u202f]{1,3}"
    r"(?:[A-ZÀ-Ý][\w.'’\-]{0,30}[\s\u00a0\u202f]?){1,3}"
)
# What is said of somebody's health; words of offers ("dépistage du diabète") are not among them.
_HEALTH: Final = re.compile(
    r"\b(?:hospitalisée?s?|malades?|opérée?s?|décédée?s?|décès|défunte?s?|patiente?s?|diagnostiquée?s?"
    r"|enceinte|contaminée?s?|infectée?s?|convalescente?s?|souffr(?:e|ant|ait|ante)|atteinte?s? d"
    r"|testée?s? positi(?:f|ve)|arrêt maladie|état de santé|sa maladie|son cancer|son traitement"
    r"|son opération|son handicap|son avc|sa santé|en fin de vie|cure de désintoxication)\b",
    re.IGNORECASE,
)
_KEY_MODULUS: Final = 97


def mobile_numbers(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find mobile numbers, but for that of a contact that is public."""
    del setting
    shown = _public_digits(announcement)
    for field, text in texts_of(announcement):
        for found in _MOBILE.finditer(without_addresses(text)):
            if _digits(found[0])[-9:] != shown:
                yield Found(
                    field=field,
                    fr=f"{found[0]} est un numéro de portable : est-ce celui d'une personne ? "
                    "Donnez une ligne de service, ou un contact déclaré public.",
                    en=f"{found[0]} is a mobile number: is it a person's? "
                    "Give the line of a service, or a contact declared public.",
                    excerpt=found[0],
                )


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _public_digits(announcement: Announcement) -> str:
    point = announcement.contact
    public = point is not None and point.visibility is Visibility.PUBLIC
    return _digits(point.value)[-9:] if point is not None and public else ""


def personal_mail(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find e-mail addresses that look like a person's, but for that of a public contact."""
    del setting
    point = announcement.contact
    public = point is not None and point.visibility is Visibility.PUBLIC
    shown = point.value.casefold() if point is not None and public else ""
    for field, text in texts_of(announcement):
        for found in _EMAIL.finditer(text):
            address = found[0].rstrip(".")
            if address.casefold() != shown and _is_personal(found[1], found[2].rstrip(".")):
                yield Found(
                    field=field,
                    fr=f"{address} semble être l'adresse d'une personne : donnez celle d'un "
                    "service, ou un contact déclaré public.",
                    en=f"{address} looks like a person's address: give that of a service, "
                    "or a contact declared public.",
                    excerpt=address,
                )


def _is_personal(box: str, host: str) -> bool:
    if _SERVICE.match(box):
        return False
    return host.casefold() in _FREE_MAIL or bool(_NAMED_BOX.fullmatch(box))


def social_security_numbers(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find numbers built like a French social security number (NIR), with or without its key."""
    del setting
    for field, text in texts_of(announcement):
        for found in _NIR.finditer(without_addresses(text)):
            sure = found[2] is not None and _key_holds(found[1], int(found[2]))
            yield Found(
                field=field,
                fr="Ce nombre "
                + ("est" if sure else "ressemble à")
                + " un numéro de sécurité sociale : retirez-le.",
                en="This number "
                + ("is" if sure else "looks like")
                + " a social security number: take it out.",
                # The number itself is not repeated: remarks are printed and logged.
                excerpt=found[0][:1] + "…",
                level=None if sure else RemarkLevel.WARNING,
            )


def _key_holds(number: str, key: int) -> bool:
    plain = re.sub(r"[^\dAB]", "", number)
    # Corsica counts as 19 and 18 (decree 82-103 and the INSEE's rules for the key).
    return _KEY_MODULUS - int(plain.replace("2A", "19").replace("2B", "18")) % _KEY_MODULUS == key


def health_of_persons(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find sentences that name somebody after "M." or "Mme" and speak of somebody's health."""
    del setting
    for field, text in texts_of(announcement):
        for sentence in sentences_of(text):
            named, health = _PERSON.search(sentence), _HEALTH.search(sentence)
            if named is not None and health is not None:
                yield Found(
                    field=field,
                    fr=f"Cette phrase nomme une personne ({named[0].strip()}) et parle de santé "
                    f"(« {health[0]} »). Si c'est la sienne, retirez-le : une annonce ne dit "
                    "rien de la santé de quelqu'un.",
                    en="This sentence names a person and speaks of health. If it is that "
                    "person's, take it out: a notice says nothing of anybody's health.",
                    excerpt=sentence,
                )

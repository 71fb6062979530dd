# SPDX-License-Identifier: Apache-2.0
"""Why something is left out of an export, in sentences for those who asked for it."""

from __future__ import annotations

from typing import Final

#: The reasons by their codes, each in French and in English.
TEXTS: Final[dict[str, tuple[str, str]]] = {
    "address_incomplete": (
        "adresse sans ville ou sans code postal : elle est absente.",
        "an address without town or postcode: it is absent.",
    ),
    "aid_notice_assumed": (
        "notification européenne non renseignée : « non » est écrit, à vérifier.",
        "it is not known whether the aid was notified to the Commission: “non” is written, check.",
    ),
    "amount_not_exact": (
        "montant nul, négatif ou non renseigné : la subvention est absente.",
        "the amount is zero, negative or not known: the grant is absent.",
    ),
    "area_without_code": (
        "territoire que le format ne sait pas nommer : il est absent de la zone.",
        "a territory that the format cannot name: it is absent from the area.",
    ),
    "beneficiary_unclear": (
        "bénéficiaire inconnu, ou plusieurs sans leur part : la subvention est absente.",
        "no beneficiary, or several without their shares: the grant is absent.",
    ),
    "capacity_has_no_field": (
        "capacité : HSDS 3.0 n'a pas de champ pour elle, HSDS 3.1 en a un.",
        "capacity: HSDS 3.0 has no field for it, HSDS 3.1 has.",
    ),
    "closed": (
        "organisme fermé ou encore en projet : il est absent.",
        "an organisation that is closed or only planned: it is absent.",
    ),
    "code_not_in_schema": (
        "thème ou réseau que cette bibliothèque ne connaît pas : il est absent.",
        "a theme or network that this library does not know: it is absent.",
    ),
    "dated_today": (
        "date de mise à jour non renseignée : la date de l'export est écrite.",
        "the day of the last change is not known: that of the export is written.",
    ),
    "description_too_long": (
        "description trop longue pour le format : elle est absente, jamais coupée.",
        "a description too long for the format: it is absent, never cut.",
    ),
    "field_not_valid": (
        "valeur que le format refuse : le champ est vide.",
        "a value that the format refuses: the field is empty.",
    ),
    "giver_unclear": (
        "aucune autorité publique parmi les parties, ou plusieurs : la subvention est absente.",
        "no public authority among the parties, or several: the grant is absent.",
    ),
    "more_dates": (
        "récurrence de plus de cent dates dans l'année : seules les cent prochaines y sont.",
        "a recurrence of more than a hundred dates a year: only the next hundred are there.",
    ),
    "name_not_valid": (
        "nom trop court, trop long ou terminé par un point : la fiche est absente.",
        "a name too short, too long or ending with a full stop: the sheet is absent.",
    ),
    "no_holder": (
        "détenteur inconnu ou absent de l'export : le levier est absent.",
        "the holder is unknown or absent from the export: the lever is absent.",
    ),
    "no_open_offer": (
        "aucune offre publiée à ce jour : le levier est absent.",
        "no offer is published on this day: the lever is absent.",
    ),
    "no_period": (
        "période non renseignée : la subvention est absente.",
        "the period is not known: the grant is absent.",
    ),
    "no_place": (
        "lieu non renseigné : l'événement est absent.",
        "the place is not known: the event is absent.",
    ),
    "no_siret": (
        "attribuant sans SIRET valable : la subvention est absente.",
        "the giver has no valid SIRET: the grant is absent.",
    ),
    "no_start": (
        "sans titre ou sans date : l'événement est absent.",
        "without a title or a date: the event is absent.",
    ),
    "not_signed": (
        "convention non signée ou sans date : elle est absente.",
        "a convention that is not signed or has no date: it is absent.",
    ),
    "private": (
        "événement marqué privé ou confidentiel : il est absent.",
        "an event marked as private or confidential: it is absent.",
    ),
    "rule_as_dates": (
        "récurrence que le format ne sait pas dire : seules les prochaines dates y sont.",
        "a recurrence that the format cannot say: only its next dates are there.",
    ),
    "rule_not_followed": (
        "récurrence illisible ou trop longue à suivre : seule la première date y est.",
        "a recurrence that cannot be read or takes too long: only its first date is there.",
    ),
    "subject_too_long": (
        "objet de plus de 256 signes : la subvention est absente, jamais coupée.",
        "a purpose of more than 256 signs: the grant is absent, never cut.",
    ),
    "text_too_long": (
        "texte trop long pour le format : la fiche est absente, jamais coupée.",
        "a text too long for the format: the sheet is absent, never cut.",
    ),
}

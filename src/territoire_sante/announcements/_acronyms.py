# SPDX-License-Identifier: Apache-2.0
"""Acronyms that a notice may meet: those that everybody knows, and those of the trade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: What readers know without being told.
EVERYDAY: Final = frozenset(
    {
        *("SAMU", "SMUR", "SOS", "EHPAD", "SMS", "PDF", "RDV", "WC", "TV", "HLM", "PMR", "SNCF"),
        *("TER", "EDF", "CAF", "RSA", "ADN", "IRM", "ORL", "VIH", "SIDA", "IST", "PMI", "MJC"),
        *("CE1", "CE2", "CM1", "CM2", "CP", "BP", "CEDEX", "OK", "UE", "FM", "FR", "COVID", "FAQ"),
        *("GPS", "USB", "DVD", "QR", "HPV", "BCG", "ROR", "CV", "CDD", "CDI", "ZA", "PC", "FCP"),
    }
)

#: What the trade says, with what it means.
TRADE: Final[Mapping[str, str]] = {
    "ACI": "accord conventionnel interprofessionnel",
    "APA": "activité physique adaptée",
    "ARS": "agence régionale de santé",
    "CCAS": "centre communal d'action sociale",
    "CDS": "centre de santé",
    "CIAS": "centre intercommunal d'action sociale",
    "CLS": "contrat local de santé",
    "CLSM": "conseil local de santé mentale",
    "CMP": "centre médico-psychologique",
    "CPAM": "caisse primaire d'assurance maladie",
    "CPTS": "communauté professionnelle territoriale de santé",
    "CSAPA": "centre de soins, d'accompagnement et de prévention en addictologie",
    "DAC": "dispositif d'appui à la coordination",
    "EPCI": "établissement public de coopération intercommunale",
    "ESP": "équipe de soins primaires",
    "ETP": "éducation thérapeutique du patient",
    "HAD": "hospitalisation à domicile",
    "IDEL": "infirmière ou infirmier diplômé d'État libéral",
    "IPA": "infirmière ou infirmier en pratique avancée",
    "MDPH": "maison départementale des personnes handicapées",
    "MSA": "mutualité sociale agricole",
    "MSP": "maison de santé pluriprofessionnelle",
    "PETR": "pôle d'équilibre territorial et rural",
    "SAD": "service d'aide à domicile",
    "SAS": "service d'accès aux soins",
    "SDIS": "service départemental d'incendie et de secours",
    "SISA": "société interprofessionnelle de soins ambulatoires",
    "SPV": "sapeurs-pompiers volontaires",
    "SSIAD": "service de soins infirmiers à domicile",
    "URPS": "union régionale des professionnels de santé",
}

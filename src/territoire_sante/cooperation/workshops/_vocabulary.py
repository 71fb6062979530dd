# SPDX-License-Identifier: Apache-2.0
"""Which lever family and which actors a statement speaks of, told from its words."""

from __future__ import annotations

import re
from typing import Final

from territoire_sante.cooperation.workshops._headings import plain
from territoire_sante.model import ActorKind, LeverFamily

_FAMILIES: Final = {
    LeverFamily.COMMUNICATION: (
        r"communication municipale|affichage|panneaupocket|panneaux? lumineux|reseaux sociaux"
        r"|bulletin|site internet|radio"
    ),
    LeverFamily.LOGISTICS: (
        r"logisti\w+|barnums?|agents? municipa\w+|securite|mobilier|signaletique|restauration"
    ),
    LeverFamily.PREMISES: r"locaux (?:communaux|municipaux|professionnels)|salles?|stationnement",
    LeverFamily.MOBILITY: r"mobilite|bus|navettes?|medicobus|transports?|covoiturage",
    LeverFamily.HUMAN: (
        r"moyens humains|creches?|sport adapte|studios?|internes|benevoles|mediat\w+"
    ),
    LeverFamily.FUNDING: r"subventions?|financements?|aides? a l'installation|loyers?",
    LeverFamily.KNOWLEDGE: (
        r"diagnostics?|plans? communa\w+ de sauvegarde|pcs|repertoires?|annuaires?|donnees"
        r"|lieu unique d'information|espace d'information"
    ),
    LeverFamily.GOVERNANCE: (
        r"gouvernance|conventions?|cls|referents?|mobilisation de la communaute de communes"
    ),
}
_ACTORS: Final = {
    ActorKind.MSP: r"msp|maisons? de sante",
    ActorKind.ESP: r"esp|equipes? de soins primaires",
    ActorKind.CPTS: r"cpts",
    ActorKind.COMMUNE: r"communes?|mairies?|maires?|municipa\w+",
    ActorKind.EPCI: r"epci|communautes? de communes|intercommunalites?",
    ActorKind.CCAS: r"ccas",
    ActorKind.CIAS: r"cias",
    ActorKind.DAC: r"dac",
    ActorKind.ARS: r"ars|agences? regionales? de sante",
    ActorKind.CPAM: r"cpam|assurance maladie",
    ActorKind.MSA: r"msa",
    ActorKind.DEPARTEMENT: r"departements?|conseil departemental",
    ActorKind.FEDERATION: r"fecop|federations?",
}


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b")


_FAMILY_WORDS: Final = {family: _words(pattern) for family, pattern in _FAMILIES.items()}
_ACTOR_WORDS: Final = {kind: _words(pattern) for kind, pattern in _ACTORS.items()}


def family_of(text: str) -> LeverFamily | None:
    """
    Return the family whose words the text names most often; none where two are level.

    >>> family_of("Mobilité (bus, navettes, Médicobus)").label_fr
    'Mobilité'
    """
    words = plain(text)
    counts = {family: len(found.findall(words)) for family, found in _FAMILY_WORDS.items()}
    most = max(counts.values())
    best = [family for family, count in counts.items() if count == most]
    return best[0] if most and len(best) == 1 else None


def actors_in(text: str) -> tuple[ActorKind, ...]:
    """
    Return the kinds of actors that the text names, in the order of the list of kinds.

    >>> [kind.value for kind in actors_in("le tiers de liaison : coordinateurs MSP, CCAS, DAC")]
    ['msp', 'ccas', 'dac']
    """
    words = plain(text)
    found = {kind for kind, pattern in _ACTOR_WORDS.items() if pattern.search(words)}
    # "communauté de communes" is one name.
    if not _ACTOR_WORDS[ActorKind.COMMUNE].search(_ACTOR_WORDS[ActorKind.EPCI].sub(" ", words)):
        found.discard(ActorKind.COMMUNE)
    return tuple(kind for kind in ActorKind if kind in found)

# SPDX-License-Identifier: Apache-2.0
"""The sentences of the two reports of the Coll'Occ 2025 (Fécop) that the rules rest on."""

from __future__ import annotations

from typing import Final

from territoire_sante.cooperation.rules._finding import Quote

#: The plenary session.
PLENARY: Final = "Fécop, Coll'Occ 2025, « Les MSP, piliers de l'accès à la santé »"

#: The workshop of teams and elected officials.
WORKSHOP: Final = "Fécop, Coll'Occ 2025, atelier « MSP – élus »"


def _said(line: int, text: str, source: str = WORKSHOP) -> Quote:
    return Quote(text=text, source=source, line=line)


NO_TEAM: Final = _said(6, "certains bâtiments sont construits sans équipe ou projet de santé")
DOUBLED: Final = _said(6, "Les projets peuvent être doublonnés faute de coordination")
DIAGNOSTICS: Final = _said(
    6,
    "Les élus disposent pourtant de diagnostics territoriaux riches, mais peu partagés avec les"
    " MSP.",
)
CLS: Final = _said(9, "L’usage du CLS comme lieu de dialogue et d’articulation")
PLAN: Final = _said(10, "La demande et le partage du Plan Communal de Sauvegarde")
MEETINGS: Final = _said(11, "L’organisation d’événements réguliers MSP–élus")
TENSIONS: Final = _said(12, "La mobilisation de la communauté de communes en cas de tensions")
TRIPARTITE: Final = _said(
    13,
    "La mise en place d’une gouvernance partagée et de conventions tripartites"
    " (MSP–CLS–collectivités).",
)
PROJECT_FIRST: Final = _said(15, "penser le projet de santé avant le bâtiment")
REFERENT: Final = _said(15, "identifier un référent santé en l’absence de CLS")
CONTACT: Final = _said(17, "contacter le CLS ou la communauté de communes")
FIELD: Final = _said(17, "inviter les élus sur le terrain")
UNKNOWN_MEANS: Final = _said(20, "ces moyens sont souvent mal identifiés par les MSP")
LEVERS: Final = _said(
    20,
    "Les collectivités disposent de nombreux leviers (communication, logistique, locaux,"
    " transports, ressources humaines)",
)
FEW_SEEN: Final = _said(
    20, "les ressources locales (diagnostic, subventions, référents, outils) sont peu visibles"
)
CHANNELS: Final = _said(23, "Communication municipale (affichage, PanneauPocket*, réseaux sociaux)")
DIRECTORY: Final = _said(
    27, "Développer un répertoire partagé des acteurs et ressources du territoire"
)
LIAISON: Final = _said(
    27,
    "améliorer la lisibilité du rôle de tiers de liaison : CLS, coordinateurs MSP, CCAS, DAC.",
)
RELIABLE: Final = _said(29, "fiabiliser le diagnostic territorial avec l’ensemble des acteurs")
COMPETENCES: Final = _said(31, "clarifier la répartition des compétences et ressources")
RELAYS: Final = _said(31, "rendre visible le rôle des relais locaux")
KEY_IDEAS: Final = _said(16, "Idées phares à transmettre")
LASTING: Final = _said(
    33, "renforcer l’interconnaissance et structurer des liens durables entre MSP, élus et CLS"
)
BALANCED: Final = _said(
    33, "En combinant gouvernance partagée, outils concrets et coopération équilibrée"
)
EACH_STAGE: Final = _said(
    5,
    "Fécop accompagne les équipes à chaque étape de la vie d’une MSP, de la création à la"
    " consolidation",
    PLENARY,
)
PRACTICES: Final = _said(15, "la modélisation des pratiques qui fonctionnent", PLENARY)

#: All of them.
QUOTES: Final = tuple(one for one in tuple(globals().values()) if isinstance(one, Quote))

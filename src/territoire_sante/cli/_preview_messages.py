# SPDX-License-Identifier: Apache-2.0
"""What ``preview`` says, in French and in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: key -> (French, English), as in the catalogue that it is part of.
PREVIEW: Final[Mapping[str, tuple[str, str]]] = {
    "preview": (
        "Montrer une annonce telle qu'un panneau lumineux la montrera.",
        "Show an announcement as a light panel will show it.",
    ),
    "opt_panel": ("Lignes et colonnes du panneau.", "Rows and columns of the panel."),
    "opt_charset": (
        "Les signes du panneau ; « upper » : capitales seulement.",
        "The signs of the panel; upper: capitals only.",
    ),
    "opt_pages": ("Nombre de pages permises.", "How many pages are allowed."),
    "opt_alignment": ("Où se tient le texte de chaque ligne.", "Where the text of a row stands."),
    "opt_png": (
        "Écrire aussi une image de chaque page dans ce dossier (avec Pillow).",
        "Also write a picture of each page into this folder (takes Pillow).",
    ),
    "preview_page": ("Page {number} sur {count}", "Page {number} of {count}"),
    "preview_replaced": (
        "Écrits autrement, faute de ces signes sur le panneau : {signs}",
        "Written otherwise, as the panel lacks these signs: {signs}",
    ),
    "preview_refused": (
        "Ne tient pas sur un panneau {size} :",
        "Does not fit a panel of {size}:",
    ),
    "preview_ways": ("Propositions :", "Proposals:"),
    "preview_written": ("Image écrite : {path}", "Picture written: {path}"),
    "preview_unknown": ("aucune annonce de ce nom", "no announcement of this name"),
    "preview_remedy": (
        "Cherchez son identifiant : territoire-sante find TEXTE --kind announcement",
        "Search for its id: territoire-sante find TEXT --kind announcement",
    ),
}

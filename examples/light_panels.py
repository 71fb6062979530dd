# SPDX-License-Identifier: Apache-2.0
"""
Show one announcement on three light panels, as text and as pictures.

Run ``python examples/light_panels.py FOLDER``; docs/how-to/light-panel.md shows its pictures.
Pictures take Pillow: ``pip install 'territoire-sante[preview]'``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from territoire_sante.formats.panel import (
    Alignment,
    Charset,
    PanelProfile,
    layout,
    picture,
    proposals,
    reading,
)
from territoire_sante.model import Announcement

NOTICE = Announcement(
    id="announcement:depistage",
    title="Dépistage gratuit",
    body=(
        "Samedi 14 novembre 2026 de 9 h à 12 h 30, salle du Cœur-de-Ville, "
        "sans rendez-vous, avec le Dr Martin.\n"
        "Renseignements : 04 66 00 00 00"
    ),
    body_short="Samedi 14 novembre, 9 h – 12 h 30, sans rendez-vous. Tél. 04 66 00 00 00",
)

PANELS = {
    # A common size: 8 rows of 16 signs, in capitals with accents.
    "panel-8x16": PanelProfile.sized(
        "8x16",
        charset=Charset.named("upper-latin-1"),
        pages_max=2,
        alignment=Alignment.CENTRE,
    ),
    # An older one without accents, on which the short text is taken.
    "panel-4x20": PanelProfile.sized("4x20", charset=Charset.named("ascii"), pages_max=2),
    # A wide one.
    "panel-3x36": PanelProfile.sized("3x36", pages_max=2),
}


def main(folder: Path) -> None:
    """Print the pages of each panel, and write their pictures into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, profile in PANELS.items():
        shown = layout(NOTICE, profile)
        for number, page in enumerate(shown.or_refuse(), 1):
            print(f"{name}, page {number}")
            print("\n".join(f"|{line}|" for line in page.lines))
            (folder / f"{name}-{number}.png").write_bytes(picture(page))
        print("Read in order:", reading(shown.pages))
    small = PanelProfile.sized("2x12")
    print("On two rows of twelve signs:")
    for reason in layout(NOTICE, small).reasons:
        print(f"- {reason.message_fr}")
    for way in proposals(NOTICE, small):
        print(f"> {way.message_fr}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "panels"))

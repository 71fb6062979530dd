# SPDX-License-Identifier: Apache-2.0
r"""
Announcements on light panels: rows of cells, pages, and nothing ever cut.

>>> from territoire_sante.formats.panel import layout
>>> from territoire_sante.model import Announcement
>>> notice = Announcement(
...     id="announcement:1",
...     title="Médecin de garde",
...     body="« Dr Martin » : 04 66 00 00 00",
... )
>>> shown = layout(notice, PanelProfile.sized("4x16", charset=Charset.named("ascii")))
>>> print("\n".join(shown.pages[0].lines))
Medecin de garde
"Dr Martin" :
04 66 00 00 00
<BLANKLINE>
>>> [(one.sign, one.by) for one in shown.replaced]
[('é', 'e'), ('«', '"'), ('»', '"')]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from territoire_sante._lazy import door
from territoire_sante.formats.panel._cells import CHARSETS, Charset, graphemes
from territoire_sante.formats.panel._profile import Alignment, PanelProfile

if TYPE_CHECKING:
    from territoire_sante.formats.panel._layout import Layout, Page, layout, reading
    from territoire_sante.formats.panel._lens import pages_of, panel_lens
    from territoire_sante.formats.panel._picture import picture
    from territoire_sante.formats.panel._proposals import Proposal, abbreviated, proposals
    from territoire_sante.formats.panel._transliterate import (
        TABLE,
        Replaced,
        Transliterated,
        transliterate,
    )

__all__ = [
    "CHARSETS",
    "TABLE",
    "Alignment",
    "Charset",
    "Layout",
    "Page",
    "PanelProfile",
    "Proposal",
    "Replaced",
    "Transliterated",
    "abbreviated",
    "graphemes",
    "layout",
    "pages_of",
    "panel_lens",
    "picture",
    "proposals",
    "reading",
    "transliterate",
]

# Who only names a panel's options does not load what lays it out.
_NAMES = {
    "_layout": "Layout Page layout reading",
    "_lens": "pages_of panel_lens",
    "_picture": "picture",
    "_proposals": "Proposal abbreviated proposals",
    "_transliterate": "TABLE Replaced Transliterated transliterate",
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names.split()}

__getattr__, __dir__ = door(__name__, _HOMES)

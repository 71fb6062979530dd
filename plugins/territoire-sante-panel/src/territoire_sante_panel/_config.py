# SPDX-License-Identifier: Apache-2.0
"""What a user writes to describe a panel and where its software takes pages from."""

from __future__ import annotations

from pathlib import Path

import attrs

from territoire_sante.formats.panel import Alignment, Charset, PanelProfile


@attrs.frozen(kw_only=True)
class PanelConfig:
    """
    A panel, and the folder that its software watches.

    Attributes:
        path: the folder.
        size: rows and columns, such as ``8x16``.
        pages: how many pages an announcement may take.
        charset: ``ascii``, ``latin-1``, ``upper`` or ``upper-latin-1``.
        characters: the signs that the panel has, where none of these names fits.
        seconds_per_page: told to the software; left out if nobody knows it.
        alignment: ``left``, ``centre`` or ``right``.
        create: make the folder if it is missing.
    """

    path: Path
    size: str = "8x16"
    pages: int = 1
    charset: str = "latin-1"
    characters: str = ""
    seconds_per_page: float | None = None
    alignment: Alignment = Alignment.LEFT
    create: bool = False

    def __attrs_post_init__(self) -> None:
        _ = self.profile

    @property
    def profile(self) -> PanelProfile:
        """The panel that these options describe."""
        own = Charset.of(self.characters) if self.characters else None
        return PanelProfile.sized(
            self.size,
            pages_max=self.pages,
            charset=own or Charset.named(self.charset),
            seconds_per_page=self.seconds_per_page,
            alignment=self.alignment,
        )

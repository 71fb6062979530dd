# SPDX-License-Identifier: Apache-2.0
"""What a panel is: how many rows and columns, which signs, how many pages."""

from __future__ import annotations

import re
from typing import Any, Final

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.formats.panel._cells import Charset
from territoire_sante.model import LabelledEnum

_SIZE: Final = re.compile(r"\s*(\d{1,3})\s*[x×]\s*(\d{1,3})\s*", re.IGNORECASE)


class Alignment(LabelledEnum):
    """Where the text of a row stands."""

    LEFT = "left", "À gauche", "Left"
    CENTRE = "centre", "Au centre", "Centred"
    RIGHT = "right", "À droite", "Right"


@attrs.frozen(kw_only=True)
class PanelProfile:
    """
    A panel of ``rows`` times ``columns`` cells that shows ``pages_max`` pages in turn.

    ``seconds_per_page`` is only told to the panel's software; ``None`` if nobody said it. What
    is not known of a panel is asked of its operator: rows, columns and charset differ.
    """

    rows: int = attrs.field(default=8)
    columns: int = attrs.field(default=16)
    charset: Charset = attrs.field(factory=lambda: Charset.named("latin-1"))
    pages_max: int = attrs.field(default=1)
    seconds_per_page: float | None = None
    alignment: Alignment = Alignment.LEFT

    @rows.validator
    @columns.validator
    @pages_max.validator
    def _positive(self, attribute: attrs.Attribute[Any], value: int) -> None:
        if value < 1:
            raise InvalidValueError(f"{value} is less than 1", where=attribute.name)

    @classmethod
    def sized(cls, size: str, **others: Any) -> PanelProfile:
        """
        Return a profile from rows and columns, such as ``"8x16"``.

        Raises:
            InvalidValueError: this is no such size.

        >>> PanelProfile.sized("8x16", pages_max=2).size
        '8x16'
        """
        found = _SIZE.fullmatch(size)
        if found is None:
            raise InvalidValueError(
                f"{size!r} is not the size of a panel",
                where="panel",
                remedy="Write rows and columns, like 8x16",
            )
        return cls(rows=int(found[1]), columns=int(found[2]), **others)

    @property
    def size(self) -> str:
        """Rows and columns, as :meth:`sized` reads them."""
        return f"{self.rows}x{self.columns}"

    @property
    def capacity(self) -> int:
        """The number of cells of all pages: no text is longer, most have to be shorter."""
        return self.rows * self.columns * self.pages_max

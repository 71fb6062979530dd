# SPDX-License-Identifier: Apache-2.0
"""What a user writes to say which texts a person copies, and where they are put."""

from __future__ import annotations

from pathlib import Path

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante_copy._shapes import SHAPES, Shape


@attrs.frozen(kw_only=True)
class CopyConfig:
    """
    A folder of texts to copy, and their shape.

    Attributes:
        path: the folder; without it texts are printed, on the error stream.
        shape: ``panneaupocket``, ``email`` or ``plain``.
        recipient: whom an e-mail is for.
        create: make the folder if it is missing.
    """

    path: Path | None = None
    shape: str = attrs.field(default="plain")
    recipient: str = ""
    create: bool = False

    @shape.validator
    def _known(self, _: attrs.Attribute[str], value: str) -> None:
        if value not in SHAPES:
            raise InvalidValueError(
                f"{value!r} is no shape",
                where="shape",
                remedy=f"Write one of {', '.join(SHAPES)}",
            )

    @property
    def made(self) -> Shape:
        """The shape of this name."""
        return SHAPES[self.shape]

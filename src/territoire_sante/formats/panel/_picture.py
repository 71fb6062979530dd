# SPDX-License-Identifier: Apache-2.0
"""A picture of a page, for people who approve it; it takes Pillow (the extra ``preview``)."""

from __future__ import annotations

import io
from typing import Final

from territoire_sante.errors import ConfigError
from territoire_sante.formats.panel._layout import Page

_CELL: Final = (18, 28)
_EDGE: Final = 14
_SIZE: Final = 22
_BLACK: Final = (16, 16, 18)
_UNLIT: Final = (34, 34, 38)
_AMBER: Final = (255, 178, 36)


def picture(page: Page) -> bytes:
    """
    Return a page as PNG: amber signs on black, every cell drawn, blank ones too.

    It shows where the lines break, not the panel's own letters.

    Raises:
        ConfigError: Pillow is not installed.
    """
    try:
        from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - an extra; text needs none
    except ImportError as error:
        raise ConfigError(
            "pictures take Pillow, which is not installed",
            remedy="pip install 'territoire-sante[preview]'",
        ) from error
    wide, high = _CELL
    columns = max(len(row) for row in page.rows)
    size = (2 * _EDGE + columns * wide, 2 * _EDGE + len(page.rows) * high)
    image = Image.new("RGB", size, _BLACK)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(_SIZE)
    for y, row in enumerate(page.rows):
        for x, cell in enumerate(row):
            left, top = _EDGE + x * wide, _EDGE + y * high
            draw.rectangle((left + 1, top + 1, left + wide - 2, top + high - 2), fill=_UNLIT)
            centre = (left + wide / 2, top + high * 0.74)
            draw.text(centre, cell, font=font, fill=_AMBER, anchor="ms")
    # Few colours are enough for letters, and make a small file.
    stream = io.BytesIO()
    image.quantize(32).save(stream, "PNG", optimize=True)
    return stream.getvalue()

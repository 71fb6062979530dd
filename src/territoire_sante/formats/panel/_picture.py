# SPDX-License-Identifier: Apache-2.0
"""A picture of a page, for people who approve it; it takes Pillow (the extra ``preview``)."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from territoire_sante.errors import ConfigError
from territoire_sante.formats.panel._layout import Page

_CELL: Final = (18, 28)
_EDGE: Final = 14
_SIZE: Final = 22
_BLACK: Final = (16, 16, 18)
_UNLIT: Final = (34, 34, 38)
_AMBER: Final = (255, 178, 36)

#: Fonts with French letters that systems bring along, asked for by name.
_FONTS: Final = (
    *("DejaVuSansMono.ttf", "LiberationMono-Regular.ttf", "NotoSansMono-Regular.ttf"),
    *("consola.ttf", "Menlo.ttc", "Courier New.ttf", "cour.ttf"),
)

# Strokes in pixels, from the middle of a letter and from its top (its foot for the cedilla):
# Pillow's own font has no accents.
_STROKES: Final[Mapping[str, tuple[tuple[int, int, int, int], ...]]] = {
    "\u0300": ((-3, -5, 1, -2),),
    "\u0301": ((3, -5, -1, -2),),
    "\u0302": ((-3, -2, 0, -5), (0, -5, 3, -2)),
    "\u0303": ((-4, -2, -1, -4), (-1, -4, 1, -2), (1, -2, 4, -4)),
    "\u0308": ((-3, -4, -2, -4), (2, -4, 3, -4)),
    "\u0327": ((0, 1, 1, 3), (1, 3, -2, 4)),
}
_CEDILLA: Final = "\u0327"


def picture(page: Page, *, font: str = "") -> bytes:
    """
    Return a page as PNG: amber signs on black, every cell drawn, blank ones too.

    It shows where the lines break, not the panel's own letters. ``font`` is a TrueType file, or
    its name if the system knows it; without it a common one is looked for, and Pillow's own taken
    at last.

    Raises:
        ConfigError: Pillow is not installed, or no font at hand draws a sign.
    """
    try:
        from PIL import Image, ImageDraw  # noqa: PLC0415 - an extra; text needs none
    except ImportError as error:
        raise ConfigError(
            "pictures take Pillow, which is not installed",
            remedy="pip install 'territoire-sante[preview]'",
        ) from error
    pen = _font(font)
    _check(page, pen)
    wide, high = _CELL
    columns = max(len(row) for row in page.rows)
    size = (2 * _EDGE + columns * wide, 2 * _EDGE + len(page.rows) * high)
    image = Image.new("RGB", size, _BLACK)
    draw = ImageDraw.Draw(image)
    for y, row in enumerate(page.rows):
        for x, cell in enumerate(row):
            left, top = _EDGE + x * wide, _EDGE + y * high
            draw.rectangle((left + 1, top + 1, left + wide - 2, top + high - 2), fill=_UNLIT)
            _draw_cell(draw, pen, cell, (left + wide // 2, top + high * 3 // 4))
    # Few colours are enough for letters, and make a small file.
    stream = io.BytesIO()
    image.quantize(32).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _font(name: str) -> Any:
    from PIL import ImageFont  # noqa: PLC0415 - as above

    for candidate in (name,) if name else _FONTS:
        try:
            return ImageFont.truetype(candidate, _SIZE)
        except OSError as error:
            if name:
                raise ConfigError("this font cannot be read", where=name) from error
    return ImageFont.load_default(_SIZE)


def _draw_cell(draw: Any, pen: Any, cell: str, foot: tuple[int, int]) -> None:
    parts = (cell,) if _draws(pen, cell) else tuple(unicodedata.normalize("NFD", cell))
    draw.text(foot, parts[0], font=pen, fill=_AMBER, anchor="ms")
    _, top, _, bottom = draw.textbbox(foot, parts[0], font=pen, anchor="ms")
    for mark in parts[1:]:
        level = bottom if mark == _CEDILLA else top
        for x, y, x2, y2 in _STROKES[mark]:
            line = (foot[0] + x, level + y, foot[0] + x2, level + y2)
            draw.line(line, fill=_AMBER, width=2)


def _check(page: Page, pen: Any) -> None:
    cells = {cell for row in page.rows for cell in row if not cell.isspace()}
    lacking = [cell for cell in sorted(cells) if not _draws(pen, cell) and not _stroked(pen, cell)]
    if lacking:
        raise ConfigError(
            f"no font at hand draws {' '.join(lacking)}",
            remedy="Install a font with French letters, such as DejaVu",
        )


def _stroked(pen: Any, cell: str) -> bool:
    parts = unicodedata.normalize("NFD", cell)
    first, marks = parts[0], parts[1:]
    return bool(marks) and _draws(pen, first) and all(mark in _STROKES for mark in marks)


def _draws(pen: Any, cell: str) -> bool:
    """Say whether a font has a sign; what it lacks looks like a sign of nobody's."""
    return len(cell) == 1 and (_mask(pen, cell) != _mask(pen, "\ue123"))


def _mask(pen: Any, text: str) -> tuple[Any, bytes]:
    mask = pen.getmask(text)
    return mask.size, bytes(mask)

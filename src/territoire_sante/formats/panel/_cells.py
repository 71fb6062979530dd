# SPDX-License-Identifier: Apache-2.0
"""What takes one place on a panel: a grapheme, and the sets of them that panels can show."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

import attrs

from territoire_sante.errors import InvalidValueError

_ZWJ: Final = "\u200d"
_JOINING: Final = frozenset({"Mn", "Me", "Mc"})
_DRAWN: Final = frozenset({"So", "Sk"})


def graphemes(text: str) -> tuple[str, ...]:
    r"""
    Return what a reader takes for one sign each: letters with their accents, whole emoji.

    >>> len(graphemes("e\u0301te\u0301")), len(graphemes("👨‍👩‍👧🇫🇷👍🏽"))
    (3, 3)
    """
    found: list[str] = []
    for sign in text:
        if found and _continues(found[-1], sign):
            found[-1] += sign
        else:
            found.append(sign)
    return tuple(found)


def _continues(before: str, sign: str) -> bool:
    kind = unicodedata.category(sign)
    if before.isspace():
        return False
    if kind in _JOINING or sign == _ZWJ or "\U000e0020" <= sign <= "\U000e007f":
        return True
    if before.endswith(_ZWJ) or "\U0001f3fb" <= sign <= "\U0001f3ff":
        return kind in _DRAWN
    return _is_region(sign) and len(before) == 1 and _is_region(before)


def _is_region(sign: str) -> bool:
    """Say whether it is half of a flag."""
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


@attrs.frozen
class Charset:
    """
    The signs that a panel can show, each in one cell; the space is always among them.

    >>> Charset.of("ABCÉ", name="tiny").holds("É")
    True
    """

    name: str
    cells: frozenset[str] = attrs.field(repr=False)

    @classmethod
    def of(cls, characters: str, *, name: str = "own") -> Charset:
        """Return the set of the signs that stand in ``characters``."""
        cells = graphemes(unicodedata.normalize("NFC", characters))
        return cls(name, frozenset({" ", *cells}))

    @classmethod
    def named(cls, name: str) -> Charset:
        """
        Return one of ``ascii``, ``latin-1``, ``upper`` and ``upper-latin-1``.

        Raises:
            InvalidValueError: there is no such name.
        """
        if name not in CHARSETS:
            raise InvalidValueError(
                f"{name!r} is no charset that is known",
                where="charset",
                remedy=f"Write one of {', '.join(CHARSETS)}, or give the characters",
            )
        return CHARSETS[name]

    def holds(self, cell: str) -> bool:
        """Say whether a grapheme can be shown."""
        return cell in self.cells

    @property
    def encoding(self) -> str:
        """The narrowest of ASCII, Latin-1 and UTF-8 that writes every sign."""
        largest = max("".join(self.cells))
        if largest <= "\x7f":
            return "ascii"
        return "latin-1" if largest <= "\xff" else "utf-8"


_ASCII: Final = "".join(map(chr, range(0x20, 0x7F)))
_LATIN: Final = _ASCII + "".join(chr(code) for code in range(0xA1, 0x100) if code != 0xAD)  # noqa: PLR2004 - the soft hyphen, which shows nothing


def _capitals(characters: str) -> str:
    return "".join(sign for sign in characters if not sign.islower())


#: The charsets that have a name.
CHARSETS: Final[Mapping[str, Charset]] = {
    one.name: one
    for one in (
        Charset.of(_ASCII, name="ascii"),
        Charset.of(_LATIN, name="latin-1"),
        Charset.of(_capitals(_ASCII), name="upper"),
        Charset.of(_capitals(_LATIN), name="upper-latin-1"),
    )
}

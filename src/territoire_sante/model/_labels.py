# SPDX-License-Identifier: Apache-2.0
"""Enumerations whose members carry a label in French and in English."""

from __future__ import annotations

import enum
from typing import Self


class LabelledEnum(enum.Enum):
    """
    An enumeration of texts with two labels each.

    >>> class Colour(LabelledEnum):
    ...     RED = "red", "Rouge", "Red"
    >>> Colour("red").label_fr
    'Rouge'
    """

    _value_: str
    label_fr: str
    label_en: str

    # The labels have defaults so that type checkers accept the look-up by value, ``Colour("red")``.
    def __new__(cls, value: str, label_fr: str = "", label_en: str = "") -> Self:
        """Keep the first of the three texts as the member's value."""
        member = object.__new__(cls)
        member._value_ = value
        member.label_fr = label_fr
        member.label_en = label_en
        return member

    def label(self, language: str = "fr") -> str:
        """Return the label in ``language``: ``"fr"``, and English for any other."""
        return self.label_fr if language == "fr" else self.label_en

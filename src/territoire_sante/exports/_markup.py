# SPDX-License-Identifier: Apache-2.0
"""Texts of strangers in Markdown: shown as they are, never as markup."""

from __future__ import annotations

from typing import Final

from territoire_sante.exports._plain import uri

# What is markup inside of a line (CommonMark, 6, and common extensions). No text begins a line, so
# signs of lists and of headings, and brackets without their square ones, mean nothing.
_SIGNS: Final = frozenset("\\`*_[]<>&#|~$")


def escaped(text: str) -> str:
    r"""
    Return a text on one line with every sign escaped that could be markup.

    >>> escaped("a_b <script>\n\n# c")
    'a\\_b \\<script\\> / \\# c'
    """
    lines = (" ".join(line.split()) for line in text.splitlines())
    return " / ".join("".join(map(_sign, line)) for line in lines if line)


def _sign(sign: str) -> str:
    return f"\\{sign}" if sign in _SIGNS else sign


def link(text: str) -> str:
    """
    Return an address of the web that can be followed, any other text as text.

    >>> link("https://msp.example.org/a"), link("javascript:alert(1)")
    ('<https://msp.example.org/a>', 'javascript:alert(1)')
    """
    found = uri(text)
    return f"<{found}>" if found else escaped(text)

# SPDX-License-Identifier: Apache-2.0
"""The two texts of an event, of which the short one is one line and the long one Markdown."""

from __future__ import annotations

import re
from typing import Final

import attrs

from territoire_sante.model import Announcement, Markup, marked_up, summary_of
from territoire_sante_openagenda._limits import LIMITS

_LINE_ENDS: Final = re.compile(r"[ \t]*(?:\r\n|[\r\n])[ \t\r\n]*")
_ESCAPED: Final = re.compile(r"\\(\n|[!-/:-@\[-`{-~])")


def flat(text: str) -> str:
    r"""
    Return a text in one line, with all of its words.

    >>> flat("Samedi\nSalle des fêtes\n")
    'Samedi Salle des fêtes'
    """
    return _LINE_ENDS.sub(" ", text.strip("\r\n"))


def texts_of(view: Announcement) -> tuple[str, str]:
    """
    Return description and long description of an announcement.

    The first one is empty if neither the short text nor the whole one has room in it.
    """
    said = view if view.body_short.strip() else attrs.evolve(view, body_short="")
    return flat(summary_of(said, LIMITS) or ""), marked_up(view.body, Markup.MARKDOWN)


def bodies_of(description: str, long_description: str) -> tuple[str, str]:
    """Return body and short body of an event with these texts."""
    body = plain(long_description) or description
    return body, "" if description == flat(body) else description


def plain(markdown: str) -> str:
    r"""
    Return what was escaped for Markdown; other markup stays as it is written.

    >>> plain(marked_up("*Entrée libre*\nSalle 2", Markup.MARKDOWN)).splitlines()
    ['*Entrée libre*', 'Salle 2']
    """
    return _ESCAPED.sub(r"\1", markdown)

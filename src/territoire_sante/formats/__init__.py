# SPDX-License-Identifier: Apache-2.0
"""
Bytes to views and back, losing nothing: content lines, iCalendar, vCard, feeds.

What needs several formats is loaded when it is first used: who syncs a calendar needs no feeds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from territoire_sante._lazy import door
from territoire_sante.formats._document import Bounded, Document, Lens

if TYPE_CHECKING:
    from territoire_sante.formats._announcement_json import AnnouncementJson
    from territoire_sante.formats._check import SUFFIXES, Checked, Fault, check
    from territoire_sante.formats._read_only import ReadOnlyLens

__all__ = [
    "SUFFIXES",
    "AnnouncementJson",
    "Bounded",
    "Checked",
    "Document",
    "Fault",
    "Lens",
    "ReadOnlyLens",
    "check",
]

_HOMES = {
    "AnnouncementJson": "_announcement_json",
    "SUFFIXES": "_check",
    "Checked": "_check",
    "Fault": "_check",
    "ReadOnlyLens": "_read_only",
    "check": "_check",
}

__getattr__, __dir__ = door(__name__, _HOMES)

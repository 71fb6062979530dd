# SPDX-License-Identifier: Apache-2.0
"""Bytes to views and back, losing nothing: content lines, iCalendar, vCard, feeds."""

from territoire_sante.formats._announcement_json import AnnouncementJson
from territoire_sante.formats._check import SUFFIXES, Checked, Fault, check
from territoire_sante.formats._document import Bounded, Document, Lens

__all__ = [
    "SUFFIXES",
    "AnnouncementJson",
    "Bounded",
    "Checked",
    "Document",
    "Fault",
    "Lens",
    "check",
]

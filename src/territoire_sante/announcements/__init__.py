# SPDX-License-Identifier: Apache-2.0
"""
Announcements before they go out: drafts of what is known, and a second look at what is written.

Nothing here sends, stores, or changes a text. Looking at links over the network is a module of
its own, :mod:`territoire_sante.announcements.links`.
"""

from territoire_sante.announcements._drafts import announcement_for
from territoire_sante.announcements._lint import RULES, lint
from territoire_sante.announcements._remarks import (
    LinkChecker,
    LinkState,
    Remark,
    RemarkLevel,
    Rule,
)

__all__ = [
    "RULES",
    "LinkChecker",
    "LinkState",
    "Remark",
    "RemarkLevel",
    "Rule",
    "announcement_for",
    "lint",
]

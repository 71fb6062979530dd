# SPDX-License-Identifier: Apache-2.0
"""
Personal data: what an audience may see, how long it is kept, and the rights of persons.

Whatever goes out of the house is made of a :class:`Disclosed`, never of the snapshot of a store.
"""

from territoire_sante.privacy._access import Access, Sent, subject_access
from territoire_sante.privacy._anonymise import Anonymised, anonymise
from territoire_sante.privacy._disclose import Disclosed, disclose
from territoire_sante.privacy._erase import Erasure, Kept, Opposition, erase, oppose
from territoire_sante.privacy._retention import (
    DEFAULT_RULES,
    Due,
    DueKind,
    RetentionRule,
    retention_due,
)

__all__ = [
    "DEFAULT_RULES",
    "Access",
    "Anonymised",
    "Disclosed",
    "Due",
    "DueKind",
    "Erasure",
    "Kept",
    "Opposition",
    "RetentionRule",
    "Sent",
    "anonymise",
    "disclose",
    "erase",
    "oppose",
    "retention_due",
    "subject_access",
]

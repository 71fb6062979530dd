# SPDX-License-Identifier: Apache-2.0
"""
Duplicates: finding them with reasons, merging them when a person says so, and undoing that.

Finding takes the extra ``duplicates``; merging and undoing do not.
"""

from territoire_sante.cooperation.duplicates._choices import Choice
from territoire_sante.cooperation.duplicates._duplicate import (
    THRESHOLD,
    Duplicate,
    Duplicates,
    Nature,
    Swept,
    Trait,
)
from territoire_sante.cooperation.duplicates._find import find_duplicates
from territoire_sante.cooperation.duplicates._merge import (
    Kept,
    Undone,
    merge,
    merged_ids,
    not_duplicates,
    undo_merge,
)
from territoire_sante.cooperation.duplicates._plan import MergePlan, Repointed, plan_merge

__all__ = [
    "THRESHOLD",
    "Choice",
    "Duplicate",
    "Duplicates",
    "Kept",
    "MergePlan",
    "Nature",
    "Repointed",
    "Swept",
    "Trait",
    "Undone",
    "find_duplicates",
    "merge",
    "merged_ids",
    "not_duplicates",
    "plan_merge",
    "undo_merge",
]

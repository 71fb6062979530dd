# SPDX-License-Identifier: Apache-2.0
"""Reports of workshops of teams and officials: read, written, and followed up to actions."""

from territoire_sante.cooperation.workshops._following import (
    action_for,
    findings_by_statement,
    open_ideas,
    updated,
)
from territoire_sante.cooperation.workshops._reading import LONGEST, Report, read_report
from territoire_sante.cooperation.workshops._writing import Shape, write_report

__all__ = [
    "LONGEST",
    "Report",
    "Shape",
    "action_for",
    "findings_by_statement",
    "open_ideas",
    "read_report",
    "updated",
    "write_report",
]

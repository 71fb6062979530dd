# SPDX-License-Identifier: Apache-2.0
"""What is broken on purpose is run by test_broken.py only."""

from __future__ import annotations

collect_ignore = ["broken"]

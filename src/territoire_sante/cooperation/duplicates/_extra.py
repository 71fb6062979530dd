# SPDX-License-Identifier: Apache-2.0
"""The extra that comparing names takes."""

from __future__ import annotations

import importlib.util

from territoire_sante.errors import ConfigError


def need_rapidfuzz() -> None:
    """
    Make sure that names can be compared, before anything is read.

    Raises:
        ConfigError: rapidfuzz is not installed.
    """
    if importlib.util.find_spec("rapidfuzz") is None:
        raise ConfigError(
            "looking for duplicates takes rapidfuzz, which is not installed",
            remedy="pip install 'territoire-sante[duplicates]'",
        )

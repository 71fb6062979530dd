# SPDX-License-Identifier: Apache-2.0
"""Validators of fields that speak in the errors of this library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from territoire_sante.errors import InvalidValueError


def between(
    low: float, high: float | None = None
) -> Callable[[Any, attrs.Attribute[Any], Any], None]:
    """Return a validator for numbers from ``low`` to ``high``, both allowed; ``None`` passes."""

    def check(_instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
        if value is None or (value >= low and (high is None or value <= high)):
            return
        remedy = f"Give {low} or more" if high is None else f"Give a number from {low} to {high}"
        raise InvalidValueError(f"{value} is out of range", where=attribute.name, remedy=remedy)

    return check

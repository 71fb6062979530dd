# SPDX-License-Identifier: Apache-2.0
"""Answers of the library as JSON-ready data."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Any

import attrs

from territoire_sante.model import Entity
from territoire_sante.serialization import to_plain


def plain(value: Any) -> Any:
    """
    Return a value as JSON-ready data: entities in their stored form, the rest field by field.

    Days and times are ISO 8601, choices their stored value, amounts text.
    """
    if isinstance(value, Entity):
        return to_plain(value)
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if attrs.has(type(value)):
        return {
            field.name: plain(getattr(value, field.name)) for field in attrs.fields(type(value))
        }
    return _leaf(value)


def _leaf(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, enum.Enum):
        return value.value
    return value.isoformat() if isinstance(value, dt.date) else str(value)

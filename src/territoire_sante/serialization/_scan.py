# SPDX-License-Identifier: Apache-2.0
"""How entities are read from JSON: no field twice, and no value without end."""

from __future__ import annotations

import json
from typing import Any, Final, TextIO

from territoire_sante._scanner import Scanner, cause
from territoire_sante.errors import FormatError
from territoire_sante.serialization._problems import Twice

#: The longest entity that is read, in characters.
MAX_VALUE: Final = 16 * 1024 * 1024


def _object(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    return Twice(next(name for name in names if names.count(name) > 1))


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object)


def load(text: str) -> Any:
    """
    Return the one JSON value in ``text``.

    Raises:
        FormatError: it is no JSON, or is nested too deeply.
    """
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise FormatError(f"not JSON: {error.msg} (character {error.colno})") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(cause(error)) from error


def scanner(stream: TextIO) -> Scanner:
    """Return a reader of the values in a stream."""
    return Scanner(stream.read, longest=MAX_VALUE, decode=_DECODER.raw_decode)

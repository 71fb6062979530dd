# SPDX-License-Identifier: Apache-2.0
"""A text that must not be seen: passwords, tokens, application keys."""

from __future__ import annotations

import hmac
from typing import Final, NoReturn

#: What stands where a secret is.
HIDDEN: Final = "***"


class Secret:
    """
    A text that shows in no ``repr``, ``str``, format, pickle or dump.

    Deliberately no attrs class, so that ``attrs.asdict`` of a configuration holds the
    secret and not its text.

    >>> password = Secret("correct horse")
    >>> print(password, f"{password:>5}", repr(password))
    ***   *** Secret('***')
    >>> password.reveal()
    'correct horse'
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """Return the text, for the one line that hands it over."""
        return self.__text

    def __repr__(self) -> str:
        return f"Secret({HIDDEN!r})"

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return format(HIDDEN, spec)

    def __bool__(self) -> bool:
        return bool(self.__text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_octets(self), _octets(other))

    def __hash__(self) -> int:
        return hash((Secret, self.__text))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, _memo: object) -> Secret:
        return self

    def __getstate__(self) -> NoReturn:
        # Since Python 3.11 the inherited one hands out the slots.
        raise TypeError("a secret cannot be pickled; store where it comes from instead")

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        self.__getstate__()


def _octets(secret: Secret) -> bytes:
    return secret.reveal().encode("utf-8", "surrogatepass")

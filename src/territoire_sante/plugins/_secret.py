# SPDX-License-Identifier: Apache-2.0
"""A text that must not be seen: passwords, tokens, application keys."""

from __future__ import annotations

import hmac
from collections.abc import Callable
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

    ``renew`` asks once more where the text came from, for tokens that do not last.
    """

    __slots__ = ("__renew", "__text")

    def __init__(self, text: str, *, renew: Callable[[], str] | None = None) -> None:
        self.__text = text
        self.__renew = renew

    @property
    def is_renewable(self) -> bool:
        """Whether it came from somewhere that may give another text by now."""
        return self.__renew is not None

    def renewed(self) -> Secret:
        """
        Return the secret as its source gives it now; itself if it has no source.

        Raises:
            ConfigError: the source gives none.
        """
        return self if self.__renew is None else Secret(self.__renew(), renew=self.__renew)

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

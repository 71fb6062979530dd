# SPDX-License-Identifier: Apache-2.0
"""Signing in, and renewing what was given for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from territoire_sante.errors import AuthError, ProtocolError
from territoire_sante.plugins import Secret
from territoire_sante_mobilizon._queries import LOGIN, REFRESH

#: Sends an operation without a token; gives its data and the code of its first error.
Asking = Callable[[str, Mapping[str, Any]], tuple[Mapping[str, Any], str]]

_RENEW: Final = (
    "Le compte est refusé : vérifiez les options email et password ; la personne qui gère le "
    "compte peut changer le mot de passe sur l'instance (Mon compte, Paramètres). / "
    "The account is refused: check the options email and password; whoever runs the account can "
    "change its password on the instance"
)


class Tokens:
    """The tokens of one account: got with its password, then renewed without it."""

    def __init__(self, ask: Asking, email: str, password: Secret) -> None:
        self._ask = ask
        self._email = email
        self._password = password
        self._access = ""
        self._refresh = ""

    def current(self) -> str:
        """
        Return the access token.

        Raises:
            AuthError: the account is refused.
        """
        if not self._access:
            self._sign_in()
        return self._access

    def renew(self, refused: str) -> str:
        """Return another token than ``refused``, by the refresh token if that still holds."""
        if self._access != refused:
            return self.current()
        self._access = ""
        if self._refresh:
            data, code = self._ask(REFRESH, {"refreshToken": self._refresh})
            self._refresh = ""
            if not code:
                self._keep(data.get("refreshToken"))
        return self.current()

    def _sign_in(self) -> None:
        given = {"email": self._email, "password": self._password.reveal()}
        data, code = self._ask(LOGIN, given)
        if code:
            raise AuthError(f"the account is refused ({code})", where="login", remedy=_RENEW)
        self._keep(data.get("login"))
        if not self._access:
            raise ProtocolError("signing in gave no token", where="login", remedy="Check base_url")

    def _keep(self, told: object) -> None:
        told = told if isinstance(told, dict) else {}
        access, refresh = told.get("accessToken"), told.get("refreshToken")
        self._access = access if isinstance(access, str) else ""
        self._refresh = refresh if isinstance(refresh, str) else ""

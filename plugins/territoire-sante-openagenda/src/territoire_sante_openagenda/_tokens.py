# SPDX-License-Identifier: Apache-2.0
"""Access tokens: asked for with the secret key, and anew before they expire."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from territoire_sante.errors import AuthError, OutcomeUnknownError, ProtocolError, UnreachableError
from territoire_sante.http import HttpClient
from territoire_sante.plugins import Secret

_EARLY: Final = 120.0
_ROUTE: Final = "requestAccessToken"
_ASK: Final = (
    "La clé secrète est refusée : un administrateur du compte en crée une nouvelle sur "
    "openagenda.com/settings/apiKey (accordée par support@openagenda.com) et la met dans "
    "l'option secret. / The secret key is refused: an administrator of the account makes a new "
    "one at openagenda.com/settings/apiKey and puts it into the option secret"
)


class Tokens:
    """The access token of one account; ``clock`` shows seconds."""

    def __init__(
        self, client: HttpClient, secret: Secret, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._secret = secret
        self._clock = clock
        self._token = ""
        self._renew_at = 0.0

    def current(self) -> str:
        """
        Return a token that lasts two minutes more, or half of its time if that is shorter.

        Raises:
            AuthError: the secret key is refused.
            ProtocolError: no token came.
            RetryableError: the service cannot be reached, or asks for patience.
        """
        if not self._token or self._clock() >= self._renew_at:
            self._ask()
        return self._token

    def forget(self, refused: str) -> None:
        """Ask for another token next time, unless that was done already."""
        if self._token == refused:
            self._token = ""

    def _ask(self) -> None:
        asked_at = self._clock()
        try:
            answer = self._client.send_json("POST", _ROUTE, {"code": self._secret.reveal()})
        except OutcomeUnknownError as error:
            # A token more or less harms nobody.
            raise UnreachableError(error.what, where=error.where) from error
        except AuthError as error:
            raise AuthError("the secret key is refused (401)", where=_ROUTE, remedy=_ASK) from error
        if answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN}:
            raise AuthError(
                f"the secret key is refused ({answer.status})", where=_ROUTE, remedy=_ASK
            )
        told = answer.json() if answer.ok else {}
        told = told if isinstance(told, dict) else {}
        token = told.get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise ProtocolError(
                f"no access token came ({answer.status})",
                where=_ROUTE,
                remedy="Check base_url: it ends with /v2",
            )
        life = told.get("expires_in")
        seconds = float(life) if isinstance(life, int | float) and life > 0 else 2 * _EARLY
        self._token = token
        self._renew_at = asked_at + seconds - min(_EARLY, seconds / 2)

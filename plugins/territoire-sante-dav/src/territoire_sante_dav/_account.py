# SPDX-License-Identifier: Apache-2.0
"""
One account: the client that speaks for it, and whom it may speak to.

Credentials leave for the server of ``url`` and for those that the operator allowed; for no
other one, whatever a server answers.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from territoire_sante.errors import AuthError, ConfigError, OtherHostError, RetryableError
from territoire_sante.http import (
    HttpClient,
    NoAuth,
    PinnedAuth,
    Response,
    basic,
    bearer,
    digest,
    pinned,
    redacted,
)
from territoire_sante.plugins import Secret
from territoire_sante_dav._config import AuthScheme, DavConfig

_SCHEMES: Final = re.compile(r"(?:^|,)\s*(basic|digest|bearer|negotiate|ntlm)\b", re.IGNORECASE)


def client(
    config: DavConfig, auth: AuthBase | None, session: requests.Session | None
) -> HttpClient:
    """Return the client of an account; ``auth`` takes the place of what is configured."""
    return HttpClient(
        config.url,
        auth=_credentials(config, auth if auth is not None else config.authenticator),
        session=session,
        read_timeout=config.timeout,
        deadline=config.deadline,
        max_bytes=config.max_bytes,
        ca_file=str(config.ca_file) if config.ca_file is not None else None,
    )


def _credentials(config: DavConfig, given: AuthBase | None) -> PinnedAuth:
    origins = _origins(config)
    if given is not None:
        return given if isinstance(given, PinnedAuth) else pinned(given, origins=origins)
    if config.token is not None:
        return bearer(_source(config.token, config.token_lifetime), origins=origins)
    if config.password is None:
        return pinned(NoAuth(), origins=origins)
    make = digest if config.auth is AuthScheme.DIGEST else basic
    return make(config.username, config.password.reveal(), origins=origins)


def _origins(config: DavConfig) -> list[str]:
    # Never from https to http: the hosts allowed are asked in the way that was configured.
    scheme = urlsplit(config.url).scheme
    return [config.url, *(f"{scheme}://{host}/" for host in config.allowed_hosts)]


def _source(
    token: Secret, lifetime: float | None
) -> str | Callable[[], tuple[str, dt.datetime | None]]:
    """Return what gives the token first, and asks where it came from each time after that."""
    if not token.is_renewable:
        return token.reveal()
    held: list[Secret] = [token]

    def fetch() -> tuple[str, dt.datetime | None]:
        try:
            current = held.pop() if held else token.renewed()
        except ConfigError as error:
            # In the middle of a run the configuration is not to blame: it worked a while ago.
            problem = error
        else:
            return current.reveal(), _end(lifetime)
        raise RetryableError(
            f"no access token could be fetched: {problem.what}", remedy=problem.remedy
        )

    return fetch


def _end(lifetime: float | None) -> dt.datetime | None:
    if lifetime is None:
        return None
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=lifetime)


@contextmanager
def naming_hosts(noun: str) -> Iterator[None]:
    """Let the error about another host say what to add to the configuration."""
    try:
        yield
    except OtherHostError as error:
        raise OtherHostError(
            f"this account's {noun}s are on another host, {error.host}, which is not allowed",
            host=error.host,
            where=error.where,
            remedy=f'If that host is right, add allowed_hosts = ["{error.host}"] to the link: '
            "it is then sent the credentials too.",
        ) from None


def refused(config: DavConfig, answer: Response, *, own: bool) -> AuthError:
    """Return the error for a 401; ``own`` says that the host program brought its authenticator."""
    told = answer.headers.get("WWW-Authenticate", "")
    offered = dict.fromkeys(scheme.lower() for scheme in _SCHEMES.findall(told))
    return AuthError(
        "the server does not accept these credentials (401)"
        if own or config.password is not None or config.token is not None
        else "the server asks for credentials (401)",
        where=redacted(answer.url),
        remedy=_remedy(config, tuple(offered), own=own),
    )


def _remedy(config: DavConfig, offered: tuple[str, ...], *, own: bool) -> str:
    ours = [scheme.value for scheme in AuthScheme if scheme.value in offered]
    if own:
        return "Look at the authenticator of your own."
    if offered and not ours:
        return f"It takes {', '.join(offered)} only: a program can give its own authenticator."
    if ours and config.auth.value not in ours:
        return f'It takes {" or ".join(ours)}: set auth = "{ours[0]}" in the link.'
    if config.auth is AuthScheme.BEARER:
        renewable = config.token is not None and config.token.is_renewable
        return (
            "Its source gave the same token or another bad one: sign in again."
            if renewable
            else 'The token may have expired: take it from a "$command" that prints a fresh one.'
        )
    if config.password is None:
        return "Give username and password."
    return (
        "Check username and password; accounts with a second factor need an application "
        "password, made in the account's settings on the server."
    )

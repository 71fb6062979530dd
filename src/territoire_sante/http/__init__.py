# SPDX-License-Identifier: Apache-2.0
"""
The one hardened HTTP client that every connector uses.

Importing this package imports ``requests``; a plug-in does so inside its ``open``.
"""

from territoire_sante.http._addresses import ANY_ADDRESS, AddressPolicy, Resolver
from territoire_sante.http._auth import (
    NoAuth,
    PinnedAuth,
    basic,
    digest,
    pinned,
)
from territoire_sante.http._bearer import Token, TokenSource, bearer
from territoire_sante.http._budget import OriginBudget
from territoire_sante.http._client import HttpClient
from territoire_sante.http._exchange import Exchange, ExchangeHook
from territoire_sante.http._fetched import Fetched, Validators
from territoire_sante.http._response import Response, encode_json
from territoire_sante.http._urls import Origin, origin_of, redacted

__all__ = [
    "ANY_ADDRESS",
    "AddressPolicy",
    "Exchange",
    "ExchangeHook",
    "Fetched",
    "HttpClient",
    "NoAuth",
    "Origin",
    "OriginBudget",
    "PinnedAuth",
    "Resolver",
    "Response",
    "Token",
    "TokenSource",
    "Validators",
    "basic",
    "bearer",
    "digest",
    "encode_json",
    "origin_of",
    "pinned",
    "redacted",
]

# SPDX-License-Identifier: Apache-2.0
"""What a user writes to publish on PanneauPocket, and to read what it shows."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.plugins import Secret, validators

#: The only server of public pages.
PUBLIC: Final = "https://app.panneaupocket.com"

# RFC 6750, 2.1; anything else could not be sent in a header.
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_PAGE_PATH: Final = re.compile(r"/ville/\d{1,20}(?:-[^\s/?#]{1,200})?")


def _valid_token(_: object, attribute: attrs.Attribute[Secret], value: Secret) -> None:
    if not _TOKEN.fullmatch(value.reveal()):
        raise InvalidValueError(
            "this is not the form of a token",
            where=attribute.name,
            remedy="Ask PanneauPocket for a token of the management API for your commune",
        )


def public_address(value: str) -> str:
    """
    Return an address without its query and fragment, as of an address to share.

    >>> public_address("https://app.panneaupocket.com/ville/1-exempleville-48000?panneau=2")
    'https://app.panneaupocket.com/ville/1-exempleville-48000'
    """
    return value.strip().partition("#")[0].partition("?")[0]


def is_public(origin: str) -> bool:
    """Say whether ``origin`` is that of the public pages, or of a stand-in on this machine."""
    try:
        parts = urlsplit(origin)
        told = bool(parts.username or parts.password)
        local = parts.scheme in {"http", "https"} and validators.loopback(origin)
    except ValueError:
        return False
    return not told and (f"{parts.scheme}://{parts.netloc}" == PUBLIC or local)


def _public_page(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if not value:
        return
    try:
        path = urlsplit(value).path
    except ValueError:
        path = ""
    if is_public(value) and _PAGE_PATH.fullmatch(path):
        return
    raise InvalidValueError(
        "this is not the address of an entity's public page",
        where=attribute.name,
        remedy=f"Open the entity on {PUBLIC} and copy the address: {PUBLIC}/ville/…",
    )


def _given(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if not value:
        raise InvalidValueError(
            "it is empty", where=attribute.name, remedy=f"Write {PUBLIC}/ville/…"
        )


@attrs.frozen(kw_only=True)
class PanneauPocketConfig:
    """
    Whose signs are written, and where.

    Attributes:
        token: the bearer token of the commune's account.
        page: the entity's public page, chosen by a person; without it nothing is confirmed.
        base_url: the address of the management API; ``https://staging.gestion.…`` to try it out.
        timeout: seconds to wait for an answer of the API.
        cancel_by_update: withdraw by stamping: write a sign over, with ``ANNULÉ`` before its
            title and today as its last day. Not verified with the service, hence off.
    """

    token: Secret = attrs.field(validator=_valid_token)
    page: str = attrs.field(default="", converter=public_address, validator=_public_page)
    base_url: str = attrs.field(
        default="https://gestion.panneaupocket.com/public-api",
        validator=validators.encrypted_address,
    )
    timeout: float = attrs.field(default=30.0, validator=attrs.validators.gt(0))
    cancel_by_update: bool = False


@attrs.frozen(kw_only=True)
class PageConfig:
    """
    Whose public page is read.

    Attributes:
        page: its address, ``https://app.panneaupocket.com/ville/…``, chosen by a person.
    """

    page: str = attrs.field(converter=public_address, validator=[_given, _public_page])

# SPDX-License-Identifier: Apache-2.0
"""What is configured of a calendar or address book."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs

from territoire_sante.plugins import Secret


class AuthScheme(enum.Enum):
    """How to prove who asks: Basic (RFC 7617), Digest (RFC 7616) or Bearer (RFC 6750)."""

    BASIC = "basic"
    DIGEST = "digest"
    BEARER = "bearer"


def _web_address(_instance: object, _attribute: attrs.Attribute[str], url: str) -> None:
    try:
        parts = urlsplit(url)
        complete = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        complete = False
    if not complete:
        raise ValueError("url must be an http or https address in full")
    if "@" in parts.netloc:
        raise ValueError("url must not hold credentials; use username and password")


def _positive(_instance: object, attribute: attrs.Attribute[Any], value: float) -> None:
    if value <= 0:
        raise ValueError(f"{attribute.name} must be more than 0")


@attrs.frozen(kw_only=True)
class DavConfig:
    """
    The options of the connectors ``caldav`` and ``carddav``.

    Args:
        url: the calendar or address book itself; or a principal, a home or the
            server's root, where it is then looked for.
        username: the account's name.
        password: for Basic and Digest; often an "application password".
        token: the access token for Bearer.
        auth: ``basic``, ``digest`` or ``bearer``.
        collection: which one to take if several are found at ``url``: its title,
            or the last segment of its address.
        create: make the collection at ``url`` if it is missing.
        title: the title of a collection that is made.
        careful: look right before each creation and deletion, for servers that ignore
            preconditions; SOGo is recognised without it.
        ca_file: the authorities to trust instead of the system's.
        timeout: seconds to wait for each step of an answer.
        deadline: seconds for a whole request.
        batch: how many items to ask for at once, at most.
        max_bytes: the largest answer to accept.
    """

    url: str = attrs.field(validator=_web_address)
    username: str = ""
    password: Secret | None = None
    token: Secret | None = None
    auth: AuthScheme = AuthScheme.BASIC
    collection: str = ""
    create: bool = False
    title: str = ""
    careful: bool = False
    ca_file: Path | None = None
    timeout: float = attrs.field(default=60.0, validator=_positive)
    deadline: float = attrs.field(default=300.0, validator=_positive)
    batch: int = attrs.field(default=50, validator=_positive)
    max_bytes: int = attrs.field(default=64 * 1024 * 1024, validator=_positive)

    def __attrs_post_init__(self) -> None:
        if self.auth is AuthScheme.BEARER:
            if self.token is None or self.password is not None:
                raise ValueError("auth bearer takes a token and no password")
        elif self.token is not None:
            raise ValueError("a token is for auth bearer only")
        elif bool(self.username) != (self.password is not None):
            raise ValueError("username and password go together")

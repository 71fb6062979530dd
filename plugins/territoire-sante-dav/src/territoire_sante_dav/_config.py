# SPDX-License-Identifier: Apache-2.0
"""What is configured of a calendar or address book."""

from __future__ import annotations

import enum
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from territoire_sante.plugins import Secret


class AuthScheme(enum.Enum):
    """How to prove who asks: Basic (RFC 7617), Digest (RFC 7616) or Bearer (RFC 6750)."""

    BASIC = "basic"
    DIGEST = "digest"
    BEARER = "bearer"


class CardVersion(enum.Enum):
    """The versions that new cards can have: RFC 2426 and RFC 6350."""

    V3 = "3.0"
    V4 = "4.0"


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


_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


def _host(_instance: object, attribute: attrs.Attribute[str], value: str) -> None:
    if not _HOST.fullmatch(value):
        raise ValueError(
            f"{attribute.name} holds names of hosts, such as p42-caldav.example.org; "
            f"{value!r} is none"
        )


def _callable(_instance: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if value is not None and not callable(value):
        raise ValueError(f"{attribute.name} is given by programs, as an object of requests")


def _positive(_instance: object, attribute: attrs.Attribute[Any], value: float | None) -> None:
    if value is not None and value <= 0:
        raise ValueError(f"{attribute.name} must be more than 0")


#: For so many seconds a collection is taken to be where it was found.
_LATELY: Final = 300.0


@attrs.frozen(kw_only=True)
class DavConfig:
    """
    The options of the connector ``caldav``, and of ``carddav`` too.

    Args:
        url: the calendar or address book itself; or a principal, a home or the
            server's root, where it is then looked for.
        username: the account's name.
        password: for Basic and Digest; often an "application password".
        token: the access token for Bearer; one that comes from a command, a file, a keyring or the
            environment is asked for again when the server refuses it.
        token_lifetime: seconds that a token lasts, if it shall be renewed before its end.
        auth: ``basic``, ``digest`` or ``bearer``.
        authenticator: an ``AuthBase`` of requests that takes the place of all these; for
            programs, there is nothing to write in a file.
        allowed_hosts: other hosts of the same account, which are sent the credentials too.
        collection: which one to take if several are found at ``url``: its title,
            or the last segment of its address.
        create: make the collection at ``url`` if it is missing.
        title: the title of a collection that is made.
        careful: look right before each creation and deletion, for servers that ignore
            preconditions; SOGo and Zimbra are recognised without it.
        trust_tokens: ask for changes by sync-token where the server offers it; false for one
            that takes tokens it never gave out. ``doctor`` tells.
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
    token_lifetime: float | None = attrs.field(default=None, validator=_positive)
    auth: AuthScheme = AuthScheme.BASIC
    # No type that names requests: reading a configuration must not load the network stack.
    authenticator: Any = attrs.field(default=None, validator=_callable, repr=False)
    allowed_hosts: tuple[str, ...] = attrs.field(
        default=(), validator=attrs.validators.deep_iterable(_host)
    )
    collection: str = ""
    create: bool = False
    title: str = ""
    careful: bool = False
    trust_tokens: bool = True
    ca_file: Path | None = None
    timeout: float = attrs.field(default=60.0, validator=_positive)
    deadline: float = attrs.field(default=300.0, validator=_positive)
    batch: int = attrs.field(default=1000, validator=_positive)
    max_bytes: int = attrs.field(default=64 * 1024 * 1024, validator=_positive)
    # What the last opening found, and when, for the next one: a run opens its collection twice.
    _found: list[tuple[Any, float]] = attrs.field(factory=list, init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.authenticator is not None:
            if self.username or self.password is not None or self.token is not None:
                raise ValueError("an authenticator takes the place of username, password and token")
        elif self.auth is AuthScheme.BEARER:
            if self.token is None or self.password is not None:
                raise ValueError("auth bearer takes a token and no password")
        elif self.token is not None:
            raise ValueError("a token is for auth bearer only")
        elif bool(self.username) != (self.password is not None):
            raise ValueError("username and password go together")

    def remember(self, found: object, present: float) -> None:
        """Keep what was found at ``present``, monotonic seconds, for one more opening."""
        self._found[:] = [(found, present)]

    def recall(self, present: float) -> Any:
        """Return what was found a short while ago, once; ``None`` if there is nothing."""
        while self._found:
            found, since = self._found.pop()
            if present - since < _LATELY:
                return found
        return None


@attrs.frozen(kw_only=True)
class CardDavConfig(DavConfig):
    """
    The options of the connector ``carddav``: those of :class:`DavConfig`, and one more.

    Args:
        vcard_version: that of new cards; a card that is there keeps its own.
    """

    vcard_version: CardVersion = CardVersion.V3


def new_cards(config: DavConfig) -> CardVersion:
    """Return the version of new cards."""
    return config.vcard_version if isinstance(config, CardDavConfig) else CardVersion.V3

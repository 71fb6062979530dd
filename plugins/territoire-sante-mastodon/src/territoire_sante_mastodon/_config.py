# SPDX-License-Identifier: Apache-2.0
"""What a user writes to publish on Mastodon."""

from __future__ import annotations

import enum
import re
from typing import Final

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.plugins import Secret, validators

# RFC 6750, 2.1; anything else could not be sent in a header.
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")


class StatusVisibility(enum.Enum):
    """Who sees the statuses: everybody, everybody but in no public timeline, or followers only."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"


def _valid_token(_: object, attribute: attrs.Attribute[Secret], value: Secret) -> None:
    if not _TOKEN.fullmatch(value.reveal()):
        raise InvalidValueError(
            "this is not the form of an access token",
            where=attribute.name,
            remedy="Make an application on the instance (Preferences, Development) and copy its "
            "access token",
        )


@attrs.frozen(kw_only=True)
class MastodonConfig:
    """
    The account of one instance.

    Attributes:
        token: an access token with the scopes ``read`` and ``write`` (or ``read:accounts``,
            ``read:statuses``, ``write:statuses``, ``write:media``).
        base_url: the address of the instance.
        visibility: who sees the statuses.
        look_back: how many of the newest statuses are looked through for a post whose answer was
            lost.
        timeout: seconds to wait for an answer.
    """

    token: Secret = attrs.field(validator=_valid_token)
    base_url: str = attrs.field(validator=validators.encrypted_address)
    visibility: StatusVisibility = StatusVisibility.PUBLIC
    look_back: int = attrs.field(default=80, validator=attrs.validators.ge(1))
    timeout: float = attrs.field(default=30.0, validator=attrs.validators.gt(0))

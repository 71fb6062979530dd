# SPDX-License-Identifier: Apache-2.0
"""What a user writes to publish in an agenda."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Any, Final

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.plugins import Secret, validators

_KEY: Final = re.compile(r"[!-~]+")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")


class Withdrawal(enum.Enum):
    """What becomes of an event whose announcement is withdrawn before it took place."""

    DELETE = "delete"
    CANCEL = "cancel"


def _valid_key(_: object, attribute: attrs.Attribute[Any], value: Secret | None) -> None:
    if value is not None and not _KEY.fullmatch(value.reveal()):
        raise InvalidValueError(
            "this is not the form of a key",
            where=attribute.name,
            remedy="Copy the key from openagenda.com/settings/apiKey",
        )


def _valid_name(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if not _NAME.fullmatch(value):
        raise InvalidValueError(
            f"{value!r} cannot name an external id",
            where=attribute.name,
            remedy="Use letters, digits, - and _, 60 at most",
        )


def _valid_share(_: object, attribute: attrs.Attribute[float], value: float) -> None:
    if not 0 <= value <= 1:
        raise InvalidValueError(
            f"{value} is no share", where=attribute.name, remedy="Write a number from 0 to 1"
        )


def _numeric(_: object, attribute: attrs.Attribute[Any], value: Mapping[str, Any]) -> None:
    for field, given in value.items():
        options = given if isinstance(given, list | tuple) else [given]
        if not options or not all(type(one) is int for one in options):
            # A slug is accepted with 200 and ignored.
            raise InvalidValueError(
                f"the field {field} needs the numbers of its options, not their names",
                where=attribute.name,
                remedy="Look them up in the form of the agenda, and write 61 or [61, 8]",
            )


@attrs.frozen(kw_only=True)
class OpenAgendaConfig:
    """
    Which agenda is read and written, and how.

    Attributes:
        agenda: the number (uid) of the agenda.
        key: the public key of an account, enough to read.
        secret: the secret key of an account, needed to write.
        ext_key: under which name our ids are noted in the events; keep it for ever.
        locations: numbers (uid) of places of the agenda, by the words of ``place`` or by the
            INSEE code of a commune, as a person checked them.
        location: the place of announcements that name none.
        online: whether an announcement without a place, but with a link, is an event online.
        language: in which the texts are noted.
        timezone: where days begin, an IANA name.
        state: 2 asks for publication, 1 and 0 for moderation; left out, the agenda decides.
        additional: fields of the agenda's own form, with the numbers of their options.
        withdrawal: ``delete``, or ``cancel`` to leave the event in the agenda, marked so.
        removal_floor: the share of our events at which one run stops removing them, if that is
            more than 5; 1 for no limit.
        base_url: the address of the API, version 2.
        timeout: seconds to wait for an answer.
    """

    agenda: int = attrs.field(validator=attrs.validators.gt(0))
    key: Secret | None = attrs.field(default=None, validator=_valid_key)
    secret: Secret | None = attrs.field(default=None, validator=_valid_key)
    ext_key: str = attrs.field(default="territoire-sante", validator=_valid_name)
    locations: Mapping[str, int] = attrs.field(factory=dict)
    location: int | None = None
    online: bool = False
    language: str = "fr"
    timezone: str = attrs.field(default="Europe/Paris", validator=validators.known_zone)
    state: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.in_((0, 1, 2)))
    )
    additional: Mapping[str, Any] = attrs.field(factory=dict, validator=_numeric)
    withdrawal: Withdrawal = Withdrawal.DELETE
    removal_floor: float = attrs.field(default=0.5, validator=_valid_share)
    base_url: str = attrs.field(
        default="https://api.openagenda.com/v2", validator=validators.encrypted_address
    )
    timeout: float = attrs.field(default=30.0, validator=attrs.validators.gt(0))

    def __attrs_post_init__(self) -> None:
        if self.key is None and self.secret is None:
            raise InvalidValueError(
                "no key is given",
                where="key",
                remedy="Give key (public) to read, secret to write; both are on the page "
                "openagenda.com/settings/apiKey, the secret one is granted by "
                "support@openagenda.com",
            )

# SPDX-License-Identifier: Apache-2.0
"""A contact as the one text that CAP has for it, and what we know beyond that."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from territoire_sante.errors import FormatError, InvalidValueError
from territoire_sante.model import Announcement, ContactPoint, ContactPointKind, Visibility


def write_contact(view: Announcement) -> tuple[str | None, str | None]:
    """
    Return the contact's text, and the rest of it as JSON.

    Raises:
        FormatError: it is not public; an alert is.
    """
    contact = view.contact
    if contact is None:
        return None, None
    if contact.visibility is not Visibility.PUBLIC:
        raise FormatError(
            f"an alert is public, the contact of {view.id} is not",
            where="contact",
            remedy="Leave the contact out, or give it the visibility PUBLIC",
        )
    told: dict[str, Any] = {
        "kind": contact.kind.value,
        "label": contact.label,
        "rank": contact.rank,
        "verified_on": contact.verified_on and contact.verified_on.isoformat(),
    }
    rest = {key: value for key, value in told.items() if value}
    return contact.value, json.dumps(rest, ensure_ascii=False)


def read_contact(value: str | None, rest: str) -> ContactPoint | None:
    """Return a contact that we wrote, or one that is a telephone number, an address or a page."""
    if not value:
        return None
    try:
        given = json.loads(rest) if rest else {}
        kinds = [ContactPointKind(given["kind"])] if given else _guesses(value)
        verified = given.get("verified_on")
        return ContactPoint(
            kind=kinds[0],
            value=value,
            label=str(given.get("label", "")),
            rank=int(given.get("rank", 0)),
            verified_on=dt.date.fromisoformat(verified) if verified else None,
            visibility=Visibility.PUBLIC,
        )
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, InvalidValueError):
        return None


def _guesses(value: str) -> list[ContactPointKind]:
    if value.startswith(("http://", "https://")):
        return [ContactPointKind.URL]
    return [ContactPointKind.EMAIL if "@" in value else ContactPointKind.PHONE]

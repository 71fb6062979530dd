# SPDX-License-Identifier: Apache-2.0
"""
What a refused write means.

Statuses alone don't tell: 412 is a changed version here and bad data there, 404
is bad data on one server. The preconditions named in the answer come first; then
a look at what is there; then, for 403, what the account may do.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from territoire_sante.errors import (
    ConflictError,
    ConnectorError,
    ItemNotFoundError,
    ItemRefusedError,
    ReadOnlyError,
    RetryableError,
)
from territoire_sante.http import Response
from territoire_sante_dav._collection import Resource, look
from territoire_sante_dav._multistatus import Answer, Conditions, conditions
from territoire_sante_dav._wire import Wire

_UID_TAKEN: Final = ("no-uid-conflict", "unique-scheduling-object-resource")
_SAYS_LITTLE: Final = frozenset({404, 409, 410, 412})
_FORBIDDEN: Final = frozenset({403, 405})
_EXPLAINED: Final = {
    400: "it finds the item malformed",
    413: "the item is too large",
    415: "it does not take this kind of item",
    507: "its space is used up",
}


def refused_create(wire: Wire, name: str, response: Response) -> ConnectorError:
    """Return the error for a PUT of something new."""

    def meaning(there: Answer | None) -> ConnectorError | None:
        if there is not None:
            return ConflictError(
                "something is already there", where=wire.url(name), remedy="Read it and merge."
            )
        return None

    return _refused(wire, name, response, meaning)


def refused_replace(wire: Wire, name: str, etag: str | None, response: Response) -> ConnectorError:
    """Return the error for a PUT or DELETE on condition of ``etag``."""

    def meaning(there: Answer | None) -> ConnectorError | None:
        if there is None:
            return ItemNotFoundError("nothing is there any more", href=name, where=wire.url(name))
        same = there.etag is not None and there.etag == etag
        if response.status == HTTPStatus.PRECONDITION_FAILED and not same:
            return ConflictError(
                "another version is there now",
                where=wire.url(name),
                remedy="Read it and merge again.",
            )
        return None

    return _refused(wire, name, response, meaning)


refused_delete = refused_replace


def _refused(
    wire: Wire,
    name: str,
    response: Response,
    meaning: Callable[[Answer | None], ConnectorError | None],
) -> ConnectorError:
    named = conditions(response)
    if response.status == HTTPStatus.LOCKED:
        return RetryableError("the item is locked by somebody", where=wire.url(name))
    if named.has("need-privileges"):
        return _read_only(wire)
    if response.status in _SAYS_LITTLE and not named.names:
        error = meaning(wire.look(name))
        if error is not None:
            return error
    if response.status in _FORBIDDEN and not named.names and _may_not_write(wire):
        return _read_only(wire)
    return _item_refused(wire, name, response, named)


def _item_refused(wire: Wire, name: str, response: Response, named: Conditions) -> ItemRefusedError:
    what = f"the server refuses the item ({response.status})"
    if named.has(*_UID_TAKEN):
        others = [other for other in named.hrefs if other]
        at = f" by {others[0]}" if others else " by another item"
        return ItemRefusedError(
            f"{what}: its UID is already taken{at}",
            href=name,
            where=wire.url(name),
            remedy="Read the collection again; the same item may be there under another name.",
        )
    why = str(named) or _EXPLAINED.get(response.status, "")
    return ItemRefusedError(f"{what}: {why}" if why else what, href=name, where=wire.url(name))


def _read_only(wire: Wire) -> ReadOnlyError:
    return ReadOnlyError(
        f"this account may not write to the {wire.flavour.noun}",
        where=wire.where,
        remedy="Have it shared with the right to write, or sync in one direction only.",
    )


def _may_not_write(wire: Wire) -> bool:
    """Return whether the server says that the account has no right to write (RFC 3744 §5.4)."""
    found = look(wire.client, wire.url(wire.names.path), wire.flavour)
    return isinstance(found, Resource) and found.writable is False

# SPDX-License-Identifier: Apache-2.0
"""Making a collection that is missing, and looking whether it is there then."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

import attrs

from territoire_sante.errors import (
    AuthError,
    ConfigError,
    ConnectorError,
    OutcomeUnknownError,
    ProtocolError,
)
from territoire_sante.http import HttpClient, Response, redacted
from territoire_sante_dav._collection import TITLE, TYPE, Resource, look
from territoire_sante_dav._flavour import CAL, CALENDAR, DAV, Flavour
from territoire_sante_dav._multistatus import conditions
from territoire_sante_dav._xml import document, element, text_element

_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,179}")
_XML: Final = {"Content-Type": "application/xml; charset=utf-8"}

# What servers answer to a method that they don't know, or not there.
_NO_SUCH_METHOD: Final = frozenset({400, 405, 415, 501})


def inside(home: str, name: str) -> str:
    """
    Return the address of a collection called ``name`` in ``home``.

    Raises:
        ConfigError: the name is none that every server takes.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{name!r} is no name for a new collection",
            where=redacted(home),
            remedy="Take letters, digits, '-', '_' and '.', or give the full address as url.",
        )
    return f"{home.rstrip('/')}/{name}/"


def make(client: HttpClient, url: str, title: str, flavour: Flavour) -> Resource:
    """
    Make the collection: MKCALENDAR (RFC 4791 §5.3.1) or extended MKCOL (RFC 5689).

    A calendar is tried by MKCOL where MKCALENDAR is not known. Whatever was answered, only
    what is seen at the address afterwards counts.

    Raises:
        AuthError: the account may not make it.
        ProtocolError: it is not there afterwards, or is something else.
    """
    url = url if url.endswith("/") else url + "/"
    methods = ("MKCALENDAR", "MKCOL") if flavour is CALENDAR else ("MKCOL",)
    told: list[str] = []
    answer: Response | None = None
    for method in methods:
        try:
            answer = client.request(method, url, headers=_XML, body=_body(method, title, flavour))
        except OutcomeUnknownError as error:
            told.append(f"{method}: {error.what}")
        else:
            why = str(conditions(answer))
            told.append(f"{method} was answered by {answer.status} {why}".strip())
        made = look(client, url, flavour)
        if isinstance(made, Resource) and made.is_one(flavour):
            return attrs.evolve(made, fresh=True)
        if isinstance(made, Resource):
            raise ProtocolError(
                f"what was made is no {flavour.noun} ({'; '.join(told)})",
                where=redacted(url),
                remedy="Remove it, and make it by the server's own means.",
            )
        if answer is None or answer.status not in _NO_SUCH_METHOD:
            break
    raise _not_made(url, answer, "; ".join(told), flavour)


def _body(method: str, title: str, flavour: Flavour) -> bytes:
    properties = [text_element(TITLE, title)] if title else []
    root = f"{CAL}mkcalendar"
    if method == "MKCOL":
        root = f"{DAV}mkcol"
        kinds = element(f"{DAV}collection") + element(flavour.collection_type)
        properties.insert(0, element(TYPE, kinds))
    inner = element(f"{DAV}set", element(f"{DAV}prop", *properties)) if properties else ""
    return document(root, inner)


def _not_made(url: str, answer: Response | None, told: str, flavour: Flavour) -> ConnectorError:
    where = redacted(url)
    status = answer.status if answer is not None else 0
    if status == HTTPStatus.FORBIDDEN:
        return AuthError(
            f"this account may not make the {flavour.noun} ({told})",
            where=where,
            remedy="Have it made for this account.",
        )
    if status == HTTPStatus.CONFLICT:
        return ProtocolError(
            f"the {flavour.noun} was not made: {told}",
            where=where,
            remedy="Check that the folder above it is there: the address without its last part.",
        )
    return ProtocolError(
        f"the {flavour.noun} was not made: {told}",
        where=where,
        remedy="Make it by the server's own means, then give its address.",
    )

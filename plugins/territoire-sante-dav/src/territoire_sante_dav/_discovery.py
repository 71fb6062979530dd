# SPDX-License-Identifier: Apache-2.0
"""
From an address to one collection (RFC 4791 §6-7, RFC 5397, RFC 6352 §7, RFC 6764 §6).

The address may be the collection itself, a principal, a home, or any place of the
server. DNS is not asked: an answer there could send credentials anywhere.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin, urlsplit

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConfigError,
    ConnectorError,
    OtherHostError,
    Problem,
    ProtocolError,
    RetryableError,
)
from territoire_sante.http import HttpClient, Response, redacted
from territoire_sante_dav._account import refused
from territoire_sante_dav._collection import Resource, look, look_inside
from territoire_sante_dav._config import DavConfig
from territoire_sante_dav._flavour import ADDRESS_BOOK, CALENDAR, DAV, Flavour
from territoire_sante_dav._hrefs import canonical
from territoire_sante_dav._making import inside, make
from territoire_sante_dav._multistatus import conditions
from territoire_sante_dav._wire import GONE, failed_collection

_UNAUTHORIZED: Final = 401

# Where servers are that nobody gave a well-known address: SOGo, Nextcloud, Baïkal, DAViCal.
_USUAL_PLACES: Final = ("/SOGo/dav/", "/remote.php/dav/", "/dav.php/", "/caldav.php/", "/dav/")


def locate(
    client: HttpClient, config: DavConfig, flavour: Flavour, *, own: bool = False
) -> Resource:
    """
    Return the collection that ``config`` means, made if it is missing and may be made.

    ``own`` says that the host program brought its authenticator.

    Raises:
        ConfigError: none or several are there.
        CollectionGoneError: the address itself answers that nothing is there.
        AuthError: the credentials are refused, or it must not be seen.
        OtherHostError: the account goes on at a host that is not allowed.
        ProtocolError: this is no DAV server.
    """
    here = _look_with_slash(client, config.url, flavour)
    if isinstance(here, Response):
        if here.status == _UNAUTHORIZED:
            raise refused(config, here, own=own or config.authenticator is not None)
        if config.create and here.status in GONE:
            return make(client, config.url, config.title, flavour)
        if not _is_root(config.url):
            # Never look elsewhere for a collection that was named: another one is not it.
            raise _nothing_at(here)
    elif here.is_one(flavour):
        return _confirmed(client, here, config.url, flavour)
    elif other := _other_kind(here):
        raise ConfigError(f"this is no {flavour.noun}, it is {other}", where=redacted(here.url))
    found, homes = _search(client, here, config, flavour)
    if not found and not homes and isinstance(here, Response):
        raise _nothing_at(here)
    if config.create and config.collection and len(homes) == 1 and not _fitting(found, config):
        title = config.title or config.collection
        return make(client, inside(homes[0], config.collection), title, flavour)
    return _confirmed(client, _chosen(found, config, flavour), "", flavour)


def _confirmed(client: HttpClient, found: Resource, asked: str, flavour: Flavour) -> Resource:
    """Return ``found`` under the name the server itself gives it, having asked by that name."""
    if _place(found.url) == _place(asked):
        return found
    again = look(client, found.url, flavour)
    if isinstance(again, Resource) and _place(again.url) == _place(found.url):
        return again
    raise ProtocolError(
        f"the server calls the {flavour.noun} {redacted(found.url)}, where it does not answer",
        where=redacted(asked or found.url),
        remedy="Its reverse proxy hides a part of the path: set the prefix in the server.",
    )


def _place(url: str) -> str:
    return canonical(urlsplit(url).path).rstrip("/")


def _is_root(url: str) -> bool:
    return urlsplit(url).path in {"", "/"}


def _other_kind(here: Resource) -> str:
    nouns = {f.collection_type: f.noun for f in (CALENDAR, ADDRESS_BOOK)}
    return next((f"a collection of kind {nouns[kind]}" for kind in nouns if kind in here.types), "")


def _nothing_at(answer: Response) -> ConnectorError:
    status = 200 if answer.ok else answer.status
    return failed_collection(status, redacted(answer.url), str(conditions(answer)))


def _look_with_slash(client: HttpClient, url: str, flavour: Flavour) -> Resource | Response:
    found = look(client, url, flavour, returned={_UNAUTHORIZED})
    if isinstance(found, Response) and not url.endswith("/") and found.status != _UNAUTHORIZED:
        again = look(client, url + "/", flavour)
        return again if isinstance(again, Resource) else found
    return found


def _search(
    client: HttpClient, here: Resource | Response, config: DavConfig, flavour: Flavour
) -> tuple[list[Resource], tuple[str, ...]]:
    """Return the collections reachable from the address, and the homes they would be in."""
    if isinstance(here, Resource) and f"{DAV}collection" in here.types:
        there = list(look_inside(client, here.url, flavour))
        if there:
            return there, (here.url,)
    homes = _homes(client, here, config, flavour)
    found: dict[str, Resource] = {}
    trouble: list[ConnectorError] = []
    for home in homes:
        try:
            found.update({_place(r.url): r for r in look_inside(client, home, flavour)})
        except (AuthError, CollectionGoneError, OtherHostError, ProtocolError) as error:
            # One home that cannot be seen, of a group say, does not hide the others.
            trouble.append(error)
    if trouble and not _fitting(list(found.values()), config):
        raise trouble[0]
    return list(found.values()), homes


def _homes(
    client: HttpClient, here: Resource | Response, config: DavConfig, flavour: Flavour
) -> tuple[str, ...]:
    """Return the homes of the account, by its principal; at last by the usual places."""
    homes = _homes_by(client, here, flavour)
    if homes:
        return homes
    start = look(client, urljoin(config.url, flavour.well_known), flavour)
    homes = _homes_by(client, start, flavour)
    if homes or not _is_root(config.url):
        return homes
    for place in _USUAL_PLACES:
        try:
            start = look(client, urljoin(config.url, place), flavour)
            homes = _homes_by(client, start, flavour)
        except (ProtocolError, RetryableError):
            # It was only a guess.
            continue
        if homes:
            break
    return homes


def _homes_by(client: HttpClient, here: Resource | Response, flavour: Flavour) -> tuple[str, ...]:
    if isinstance(here, Response):
        return ()
    if here.homes or here.principal is None:
        return here.homes
    found = look(client, here.principal, flavour)
    return found.homes if isinstance(found, Resource) else ()


def _fitting(found: list[Resource], config: DavConfig) -> list[Resource]:
    wanted = config.collection
    return [r for r in found if not wanted or wanted in {r.title, r.last_segment}]


def _chosen(found: list[Resource], config: DavConfig, flavour: Flavour) -> Resource:
    wanted = config.collection
    fitting = _fitting(found, config)
    if len(fitting) == 1:
        return fitting[0]
    what = f"{'no' if not fitting else 'more than one'} {flavour.noun} found"
    raise ConfigError(
        f"{what} called {wanted!r}" if wanted else what,
        where=redacted(config.url),
        problems=[Problem(redacted(r.url), r.title or r.last_segment) for r in fitting or found],
        remedy="Give its own address as url, or its title as collection." if found else "",
    )

# SPDX-License-Identifier: Apache-2.0
"""
From an address to one collection (RFC 4791 §6-7, RFC 5397, RFC 6352 §7, RFC 6764 §6).

The address may be the collection itself, a principal, a home, or any place of the
server. DNS is not asked: an answer there could send credentials anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin, urlsplit

from territoire_sante.errors import AuthError, ConfigError, ConnectorError, Problem, ProtocolError
from territoire_sante.http import HttpClient, Response, redacted
from territoire_sante_dav._collection import TITLE, TYPE, Resource, look, look_inside
from territoire_sante_dav._config import DavConfig
from territoire_sante_dav._flavour import ADDRESS_BOOK, CAL, CALENDAR, DAV, Flavour
from territoire_sante_dav._hrefs import canonical
from territoire_sante_dav._multistatus import conditions
from territoire_sante_dav._wire import GONE, failed_collection
from territoire_sante_dav._xml import document, element, text_element

_FORBIDDEN: Final = 403


def locate(client: HttpClient, config: DavConfig, flavour: Flavour) -> Resource:
    """
    Return the collection that ``config`` means, made if it is missing and may be made.

    Raises:
        ConfigError: none or several are there.
        CollectionGoneError: the address itself answers that nothing is there.
        AuthError: it must not be seen.
        ProtocolError: this is no DAV server.
    """
    here = _look_with_slash(client, config.url, flavour)
    if isinstance(here, Response):
        if config.create and here.status in GONE:
            return _make(client, config, flavour)
        if not _is_root(config.url):
            # Never look elsewhere for a collection that was named: another one is not it.
            raise _nothing_at(here)
    elif flavour.collection_type in here.types:
        return _confirmed(client, here, config.url, flavour)
    elif other := _other_kind(here):
        raise ConfigError(f"this is no {flavour.noun}, it is {other}", where=redacted(here.url))
    found = list(_search(client, here, config, flavour))
    if not found and isinstance(here, Response):
        raise _nothing_at(here)
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
    found = look(client, url, flavour)
    if isinstance(found, Response) and not url.endswith("/"):
        again = look(client, url + "/", flavour)
        return again if isinstance(again, Resource) else found
    return found


def _search(
    client: HttpClient, here: Resource | Response, config: DavConfig, flavour: Flavour
) -> Iterator[Resource]:
    """Yield the collections reachable from the address, the nearest source first."""
    if isinstance(here, Resource) and f"{DAV}collection" in here.types:
        inside = list(look_inside(client, here.url, flavour))
        if inside:
            yield from inside
            return
    for home in _homes(client, here, config, flavour):
        yield from look_inside(client, home, flavour)


def _homes(
    client: HttpClient, here: Resource | Response, config: DavConfig, flavour: Flavour
) -> tuple[str, ...]:
    if isinstance(here, Resource) and here.homes:
        return here.homes
    principal = here.principal if isinstance(here, Resource) else None
    if principal is None:
        start = look(client, urljoin(config.url, flavour.well_known), flavour)
        if not isinstance(start, Resource):
            return ()
        if start.homes:
            return start.homes
        principal = start.principal
    found = look(client, principal, flavour) if principal is not None else None
    return found.homes if isinstance(found, Resource) else ()


def _chosen(found: list[Resource], config: DavConfig, flavour: Flavour) -> Resource:
    wanted = config.collection
    fitting = [r for r in found if not wanted or wanted in {r.title, r.last_segment}]
    if len(fitting) == 1:
        return fitting[0]
    what = f"{'no' if not fitting else 'more than one'} {flavour.noun} found"
    raise ConfigError(
        f"{what} called {wanted!r}" if wanted else what,
        where=redacted(config.url),
        problems=[Problem(redacted(r.url), r.title or r.last_segment) for r in fitting or found],
        remedy="Give its own address as url, or its title as collection." if found else "",
    )


def _make(client: HttpClient, config: DavConfig, flavour: Flavour) -> Resource:
    """Make the collection: MKCALENDAR (RFC 4791 §5.3.1) or extended MKCOL (RFC 5689)."""
    url = config.url if config.url.endswith("/") else config.url + "/"
    properties = [text_element(TITLE, config.title)] if config.title else []
    if flavour is CALENDAR:
        method, root = "MKCALENDAR", f"{CAL}mkcalendar"
    else:
        method, root = "MKCOL", f"{DAV}mkcol"
        kinds = element(f"{DAV}collection") + element(flavour.collection_type)
        properties.append(element(TYPE, kinds))
    inner = element(f"{DAV}set", element(f"{DAV}prop", *properties)) if properties else ""
    response = client.request(
        method,
        url,
        headers={"Content-Type": "application/xml; charset=utf-8"},
        body=document(root, inner),
    )
    made = look(client, url, flavour)
    if isinstance(made, Resource) and flavour.collection_type in made.types:
        return made
    raise _not_made(response, method, flavour)


def _not_made(response: Response, method: str, flavour: Flavour) -> ConnectorError:
    what = f"{method} was answered by {response.status} {conditions(response)}".strip()
    where = redacted(response.url)
    if response.status == _FORBIDDEN:
        return AuthError(
            f"this account may not make the {flavour.noun} ({what})",
            where=where,
            remedy="Have it made for this account.",
        )
    return ProtocolError(
        f"the {flavour.noun} was not made: {what}",
        where=where,
        remedy="Make it by the server's own means, then give its address.",
    )

# SPDX-License-Identifier: Apache-2.0
"""
The entities of a département, for a person to choose from.

One postcode holds several: the mairie, a school, a water syndicate, an intercommunality.
PanneauPocket's numbers are not INSEE codes. So nothing is ever chosen here: whoever knows
the place writes the address of the right page into the configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

import attrs

from territoire_sante.errors import ConfigError, ProtocolError
from territoire_sante_panneaupocket._config import PUBLIC, is_public, public_address
from territoire_sante_panneaupocket._confirm import folded

_DEPARTMENT: Final = re.compile(r"(?:\d{2,3}|2[AB])", re.IGNORECASE)
_BYTES_MAX: Final = 4 * 1024 * 1024
_SECONDS: Final = 30.0
_PAGE: Final = re.compile(r"/ville/\d+(?:-[^/?#]*)?")


@attrs.frozen(kw_only=True)
class Candidate:
    """An entity that may be the one meant: its name, its postcode, its public page."""

    name: str
    postcode: str
    page: str


def candidates(
    department: str, *, name: str = "", postcode: str = "", origin: str = PUBLIC
) -> list[Candidate]:
    """
    Return the entities of a département (``05``, ``2A``, ``974``) by postcode and name.

    With ``name`` or ``postcode`` only those remain whose name contains the one (accents, case
    and hyphens apart), or which have the other.

    Raises:
        ConfigError: not a département, or ``origin`` is another server.
        ConnectorError: the list cannot be had, or is none.
    """
    # Naming this module must not load the network stack.
    from territoire_sante.http import HttpClient  # noqa: PLC0415 - see above

    if not _DEPARTMENT.fullmatch(department):
        raise ConfigError(
            f"not a département: {department!r}", remedy="Write it like 05, 2A or 974"
        )
    if not is_public(origin):
        raise ConfigError("not the server of public pages", where=origin)
    route = f"/public-api/city/FR-{quote(department.upper())}"
    with HttpClient(origin, max_bytes=_BYTES_MAX, deadline=_SECONDS) as client:
        answer = client.request("GET", route, headers={"Accept": "application/json"})
        if not answer.ok:
            raise ProtocolError(
                f"the list of entities was answered by {answer.status}",
                where=f"{origin}{route}",
                remedy=f"Search for the entity on {PUBLIC} instead",
            )
        told = answer.json()
    found = {one.page: one for one in _entities(told, origin)}
    wanted = [one for one in found.values() if _is_near(one, name, postcode)]
    return sorted(wanted, key=lambda one: (one.postcode, folded(one.name), one.page))


def _entities(told: Any, origin: str) -> Iterator[Candidate]:
    if not isinstance(told, list):
        raise ProtocolError("the list of entities is no list", where=origin)
    for one in told:
        if isinstance(one, dict):
            page = _page(one, origin)
            name = _first(one, "name", "city")
            if page and name:
                postcode = _first(one, "zipCode", "postCode", "zipcode", "postcode")
                yield Candidate(name=name, postcode=postcode, page=page)


def _first(one: Mapping[str, Any], *names: str) -> str:
    """Return the first of the members that is told; endpoints disagree on their names."""
    told = (one.get(name) for name in names)
    return next((str(v).strip() for v in told if isinstance(v, str | int) and str(v).strip()), "")


def _page(one: Mapping[str, Any], origin: str) -> str:
    """Return the address of an entity's page, empty if it tells none of this server."""
    address = _first(one, "url", "link")
    if not address and _first(one, "id").isdecimal():
        address = f"/ville/{_first(one, 'id')}"
    try:
        page = public_address(urljoin(origin, address))
        parts, own = urlsplit(page), urlsplit(origin)
    except ValueError:
        return ""
    mine = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
    return page if mine and _PAGE.fullmatch(parts.path) else ""


def _is_near(one: Candidate, name: str, postcode: str) -> bool:
    if not name and not postcode:
        return True
    return bool(
        (name and folded(name) in folded(one.name)) or (postcode and one.postcode == postcode)
    )

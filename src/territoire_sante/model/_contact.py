# SPDX-License-Identifier: Apache-2.0
"""
Contacts: what an address book shows of persons and organisations (RFC 6350).

A contact is a view, never stored: it is made of a person, an appointment and
an actor, and written back to them.
"""

from __future__ import annotations

import attrs

from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._values import Address, Geo

# Without slots, since contacts are made and compared, never kept in numbers: attrs then sets a
# field three times as fast, and the reader of cards makes them of a dict.


class ContactKind(LabelledEnum):
    """KIND of a card (RFC 6350, 6.1.4)."""

    INDIVIDUAL = "individual", "Personne", "Individual"
    ORG = "org", "Organisation", "Organisation"
    GROUP = "group", "Groupe", "Group"
    LOCATION = "location", "Lieu", "Location"


@attrs.frozen(kw_only=True, slots=False)
class PersonName:
    """The components of N (RFC 6350, 6.2.2); several values of one are joined by commas."""

    family: str = ""
    given: str = ""
    additional: str = ""
    prefix: str = ""
    suffix: str = ""


@attrs.frozen(kw_only=True, slots=False)
class Reach:
    """
    One TEL, EMAIL or URL of a card.

    ``types`` are lower-case TYPE values (``work``, ``cell``), ``label`` a
    free text (X-ABLabel), ``pref`` 1 for the preferred one up to 100, 0 if not said.
    """

    value: str
    types: tuple[str, ...] = ()
    label: str = ""
    pref: int = 0


@attrs.frozen(kw_only=True, slots=False)
class CardAddress:
    """One ADR of a card (RFC 6350, 6.3.1); the post office box is part of the complement."""

    address: Address
    types: tuple[str, ...] = ()
    label: str = ""


@attrs.frozen(kw_only=True, slots=False)
class Contact:
    """One card: a person in a function, an organisation, or a group of cards."""

    uid: str = ""
    kind: ContactKind = ContactKind.INDIVIDUAL
    formatted_name: str = ""
    name: PersonName = PersonName()
    organisation: tuple[str, ...] = ()
    title: str = ""
    role: str = ""
    telephones: tuple[Reach, ...] = ()
    emails: tuple[Reach, ...] = ()
    urls: tuple[Reach, ...] = ()
    addresses: tuple[CardAddress, ...] = ()
    geo: Geo | None = None
    note: str = ""
    categories: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    related: tuple[str, ...] = ()

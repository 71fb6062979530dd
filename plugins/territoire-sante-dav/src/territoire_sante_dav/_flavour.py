# SPDX-License-Identifier: Apache-2.0
"""CalDAV (RFC 4791) and CardDAV (RFC 6352) are one protocol with two vocabularies."""

from __future__ import annotations

from typing import Final

import attrs

from territoire_sante.plugins import Capability

DAV: Final = "{DAV:}"
CAL: Final = "{urn:ietf:params:xml:ns:caldav}"
CARD: Final = "{urn:ietf:params:xml:ns:carddav}"
CS: Final = "{http://calendarserver.org/ns/}"

CAPABILITIES: Final = frozenset({Capability.READ, Capability.WRITE, Capability.DELTA})

#: Servers work on some writes at a time; more of them only make each wait longer.
PARALLEL: Final = 4


@attrs.frozen(kw_only=True)
class Flavour:
    """The words of one of the two; names of elements are in Clark's notation."""

    name: str
    noun: str
    namespace: str
    media_type: str
    suffix: str
    collection_type: str
    home_set: str
    multiget: str
    data: str
    feature: str
    well_known: str


CALENDAR: Final = Flavour(
    name="caldav",
    noun="calendar",
    namespace=CAL,
    media_type="text/calendar",
    suffix=".ics",
    collection_type=f"{CAL}calendar",
    home_set=f"{CAL}calendar-home-set",
    multiget=f"{CAL}calendar-multiget",
    data=f"{CAL}calendar-data",
    feature="calendar-access",
    well_known="/.well-known/caldav",
)

ADDRESS_BOOK: Final = Flavour(
    name="carddav",
    noun="address book",
    namespace=CARD,
    media_type="text/vcard",
    suffix=".vcf",
    collection_type=f"{CARD}addressbook",
    home_set=f"{CARD}addressbook-home-set",
    multiget=f"{CARD}addressbook-multiget",
    data=f"{CARD}address-data",
    feature="addressbook",
    well_known="/.well-known/carddav",
)

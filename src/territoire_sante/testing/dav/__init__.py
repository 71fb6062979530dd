# SPDX-License-Identifier: Apache-2.0
"""
A CalDAV and CardDAV server on this machine, made to fail: for tests of programs that sync.

:class:`FaultServer` keeps calendars and address books in memory and answers over real HTTP as the
standards ask (RFC 4918, 4791, 6352, 6578, 5689). Its misbehaviour is data: :class:`Faults` is how
it always behaves, an :class:`Incident` what happens to certain requests. Everything asked is in
``FaultServer.log``; what "somebody else" does is done on a :class:`Collection`. :data:`MAKES`
has the faults of real servers.

>>> from urllib.request import urlopen
>>> with FaultServer(Faults(etags="weak")) as server:
...     agenda = server.calendar("agenda")
...     item = agenda.put("a.ics", b"BEGIN:VCALENDAR...")
...     print(urlopen(server.url_of(agenda) + "a.ics").headers["ETag"])
W/"1"

``python -m territoire_sante.testing.dav --port 0`` runs one on its own and prints its address.
"""

from __future__ import annotations

from territoire_sante.testing.dav._faults import Faults
from territoire_sante.testing.dav._makes import MAKES
from territoire_sante.testing.dav._messages import Asked, Incident, Reply, Rule
from territoire_sante.testing.dav._objects import Collection, Item
from territoire_sante.testing.dav._server import FaultServer
from territoire_sante.testing.dav._site import Mail

__all__ = [
    "MAKES",
    "Asked",
    "Collection",
    "FaultServer",
    "Faults",
    "Incident",
    "Item",
    "Mail",
    "Reply",
    "Rule",
]

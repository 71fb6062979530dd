# SPDX-License-Identifier: Apache-2.0
r"""
Announcements as alerts of the Common Alerting Protocol (CAP 1.2), read and written.

``ALERT`` is the lens between an announcement and one alert. What makes it a message, with an
identity and references to those that it replaces, are :func:`alert`, :func:`update` and
:func:`cancel`. CAP 1.1 is read too. No alert is ever re-serialised: a change touches the
elements that it owns.

>>> import datetime as dt
>>> from territoire_sante.model import Announcement
>>> heat = Announcement(id="announcement:1", uid="heat", title="Canicule", audience=("48095",))
>>> noon = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
>>> first = alert(ALERT.put(heat), sender="msp.example.org", sent=noon)
>>> last = cancel(first, sent=noon + dt.timedelta(hours=2))
>>> header(last).references
('msp.example.org,heat.20260701120000.1,2026-07-01T12:00:00-00:00',)
>>> ALERT.get(last).title, faults(last)
('Annulé\xa0: Canicule', ())
"""

from typing import Final

from territoire_sante.formats.cap._lens import CapLens
from territoire_sante.formats.cap._message import (
    Header,
    alert,
    cancel,
    checked_sender,
    header,
    identifier_base,
    update,
)
from territoire_sante.formats.cap._rules import faults
from territoire_sante.formats.cap._words import INSEE, NAMESPACE, PARAMETER

#: The lens with the usual settings.
ALERT: Final = CapLens()

__all__ = [
    "ALERT",
    "INSEE",
    "NAMESPACE",
    "PARAMETER",
    "CapLens",
    "Header",
    "alert",
    "cancel",
    "checked_sender",
    "faults",
    "header",
    "identifier_base",
    "update",
]

# SPDX-License-Identifier: Apache-2.0
"""The words of CAP 1.2: namespaces, elements in their order, and what they mean here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from territoire_sante.model import (
    AnnouncementCategory,
    CapCertainty,
    CapSeverity,
    CapUrgency,
    LabelledEnum,
)

#: The XML namespace of CAP 1.2.
NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
#: Read as well: 1.1 has the same elements.
NAMESPACES: Final = frozenset({NAMESPACE, "urn:oasis:names:tc:emergency:cap:1.1"})
SIGNATURES: Final = "http://www.w3.org/2000/09/xmldsig#"

#: What an announcement says and CAP has no word for stands in parameters of these names.
PARAMETER: Final = "urn:x-territoire-sante:cap:1:"

#: The name under which French communes are coded in areas (code officiel géographique).
INSEE: Final = "INSEE"

ALERT_ORDER: Final = (
    *("identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction"),
    *("addresses", "code", "note", "references", "incidents", "info"),
)
INFO_ORDER: Final = (
    *("language", "category", "event", "responseType", "urgency", "severity", "certainty"),
    *("audience", "eventCode", "effective", "onset", "expires", "senderName", "headline"),
    *("description", "instruction", "web", "contact", "parameter", "resource", "area"),
)
RESOURCE_ORDER: Final = ("resourceDesc", "mimeType", "size", "uri", "derefUri", "digest")
AREA_ORDER: Final = ("areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling")
PAIR_ORDER: Final = ("valueName", "value")

ORDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "alert": ALERT_ORDER,
    "info": INFO_ORDER,
    "resource": RESOURCE_ORDER,
    "area": AREA_ORDER,
    **dict.fromkeys(("eventCode", "parameter", "geocode"), PAIR_ORDER),
}

#: Elements that may stand more than once.
REPEATED: Final[Mapping[str, frozenset[str]]] = {
    "alert": frozenset({"code", "info"}),
    "info": frozenset(
        {"category", "responseType", "eventCode", "parameter", "resource", "area"},
    ),
    "area": frozenset({"polygon", "circle", "geocode"}),
}

REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "alert": ("identifier", "sender", "sent", "status", "msgType", "scope"),
    "info": ("category", "event", "urgency", "severity", "certainty"),
    "resource": ("resourceDesc", "mimeType"),
    "area": ("areaDesc",),
    **dict.fromkeys(("eventCode", "parameter", "geocode"), PAIR_ORDER),
}


def _values(cls: type[LabelledEnum]) -> tuple[str, ...]:
    return tuple(str(one.value) for one in cls)


CATEGORIES: Final = (
    *("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport"),
    *("Infra", "CBRNE", "Other"),
)

#: Elements whose text is one of a list.
CODED: Final[Mapping[str, tuple[str, ...]]] = {
    "status": ("Actual", "Exercise", "System", "Test", "Draft"),
    "msgType": ("Alert", "Update", "Cancel", "Ack", "Error"),
    "scope": ("Public", "Restricted", "Private"),
    "category": CATEGORIES,
    "responseType": (
        *("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess"),
        *("AllClear", "None"),
    ),
    "urgency": _values(CapUrgency),
    "severity": _values(CapSeverity),
    "certainty": _values(CapCertainty),
}

TIMES: Final = frozenset({"sent", "effective", "onset", "expires"})

_C = AnnouncementCategory

#: In what category of CAP each of ours is.
TO_CAP: Final[Mapping[AnnouncementCategory, str]] = {
    **dict.fromkeys((_C.HEALTH, _C.PREVENTION), "Health"),
    _C.TRANSPORT: "Transport",
    _C.CRISIS: "Safety",
    **dict.fromkeys((_C.OPENING_HOURS, _C.MEETING, _C.RECRUITMENT, _C.OTHER), "Other"),
}


def category_of(codes: tuple[str, ...], event: str) -> AnnouncementCategory:
    """
    Return our category: the one that ``event`` names, if CAP's agree, else the nearest.

    >>> category_of(("Health",), "Prévention"), category_of(("Fire", "Met"), "Fire")
    (<AnnouncementCategory.PREVENTION: 'prevention'>, <AnnouncementCategory.CRISIS: 'crisis'>)
    """
    for one in _C:
        if event in (one.label_fr, one.label_en) and TO_CAP[one] in codes:
            return one
    nearest = {"Health": _C.HEALTH, "Transport": _C.TRANSPORT, "Other": _C.OTHER}
    return next((nearest[code] for code in codes if code in nearest), _C.CRISIS)

# SPDX-License-Identifier: Apache-2.0
"""The public dataset of the OpenAgenda stand-in: records, conditions of distance, pages."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

LIMIT_MAX: Final = 100
WINDOW_MAX: Final = 10_000
_NEAR: Final = re.compile(
    r"within_distance\(location_coordinates, geom'POINT\((-?[\d.]+) (-?[\d.]+)\)', (\d+)(m|km)\)"
)
_EARTH: Final = 6_371_000.0

Answer = tuple[int, Mapping[str, Any]]


def record_of(
    event: Mapping[str, Any], location: Mapping[str, Any], agenda: str
) -> Mapping[str, Any]:
    """Return a published event as a record, with its slots as text of JSON."""
    slots = sorted(event["timings"], key=lambda one: str(one["begin"]))
    return {
        "uid": str(event["uid"]),
        "title_fr": event["title"].get("fr"),
        "description_fr": event["description"].get("fr"),
        "canonicalurl": f"https://openagenda.example.org/{agenda}/events/{event['uid']}",
        "firstdate_begin": slots[0]["begin"],
        "lastdate_end": slots[-1]["end"],
        "timings": json.dumps(slots),
        "location_name": location.get("name"),
        "location_city": location.get("city"),
        "location_coordinates": {
            "lat": location.get("latitude"),
            "lon": location.get("longitude"),
        },
        "keywords_fr": None,
        "originagenda_title": agenda,
    }


def answered(records: Sequence[Mapping[str, Any]], query: Mapping[str, str]) -> Answer:
    """Return status and body for a query, with the limits of the portal."""
    try:
        limit, offset = int(query.get("limit", "10")), int(query.get("offset", "0"))
    except ValueError:
        return 400, _error("limit and offset are numbers")
    if not 0 <= limit <= LIMIT_MAX or offset < 0 or offset + limit > WINDOW_MAX:
        return 400, _error(f"limit is {LIMIT_MAX} at most, offset + limit {WINDOW_MAX}")
    where = query.get("where", "")
    near = _NEAR.search(where)
    if where and near is None:
        return 400, _error("the condition cannot be read")
    found = [one for one in records if near is None or _is_near(one, near)]
    order = query.get("order_by")
    if order:
        found = sorted(found, key=lambda one: str(one.get(order)))
    return 200, {"total_count": len(found), "results": found[offset : offset + limit]}


def _error(message: str) -> Mapping[str, Any]:
    return {"error_code": "ODSQLError", "message": message}


def _is_near(record: Mapping[str, Any], near: re.Match[str]) -> bool:
    there = record["location_coordinates"]
    if there.get("lat") is None or there.get("lon") is None:
        return False
    longitude, latitude = float(near[1]), float(near[2])
    metres = int(near[3]) * (1000 if near[4] == "km" else 1)
    return _distance((latitude, longitude), (there["lat"], there["lon"])) <= metres


def _distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return metres along the great circle."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(math.radians, point)) for point in (one, other))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * _EARTH * math.asin(math.sqrt(min(1.0, half)))

# SPDX-License-Identifier: Apache-2.0
"""What a server can do, in words for the person who set it up."""

from __future__ import annotations

from territoire_sante.http import redacted
from territoire_sante_dav._collection import Resource
from territoire_sante_dav._flavour import CALENDAR
from territoire_sante_dav._wire import Wire


def diagnosis(wire: Wire, resource: Resource) -> tuple[tuple[str, str], ...]:
    """Return pairs of what was asked and what was found; sends one OPTIONS request."""
    answer = wire.client.request("OPTIONS", resource.url)
    features = answer.headers.get("DAV", "")
    known = {feature.strip() for feature in features.split(",")}
    announced = "announced" if wire.flavour.feature in known else "not announced"
    rows = [
        ("address", redacted(resource.url)),
        ("title", resource.title or "(none)"),
        ("server", answer.headers.get("Server", "(not told)")),
        (wire.flavour.name, f"{announced} ({features or 'no DAV header'})"),
        ("encryption", _encryption(resource)),
        ("changes", _changes(resource)),
        ("writing", _writing(resource)),
        ("conditions", _conditions(wire)),
        ("largest item", f"{resource.max_size} bytes" if resource.max_size else "(not told)"),
    ]
    if wire.flavour is CALENDAR:
        rows.append(("components", ", ".join(sorted(resource.components)) or "(not told)"))
    else:
        rows.append(("vCard versions", ", ".join(sorted(resource.versions)) or "(not told)"))
    return tuple(rows)


def _encryption(resource: Resource) -> str:
    if resource.url.startswith("https:"):
        return "yes"
    return "no: password and data can be read on the way"


def _changes(resource: Resource) -> str:
    if resource.syncs and resource.token is not None:
        return "told by the server (sync-collection)"
    if resource.ctag is not None:
        return "the server tells only whether there are any (getctag): then everything is listed"
    return "not told: everything is listed each time"


def _writing(resource: Resource) -> str:
    if resource.writable is None:
        return "not told; the first write will show"
    return "allowed" if resource.writable else "not allowed for this account"


def _conditions(wire: Wire) -> str:
    if wire.careful:
        return "not relied on: each item is looked at before it is created or deleted"
    return "relied on"

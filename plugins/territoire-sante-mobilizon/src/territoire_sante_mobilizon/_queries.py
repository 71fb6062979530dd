# SPDX-License-Identifier: Apache-2.0
"""The operations of GraphQL that are sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

#: What is read of an event, and therefore what a document holds.
FRAGMENT: Final = """
fragment Told on Event {
  id uuid url title description beginsOn endsOn status visibility joinOptions draft category
  onlineAddress contacts { id }
  physicalAddress { description street locality postalCode region country }
  options {
    timezone showStartTime showEndTime anonymousParticipation commentModeration
    maximumAttendeeCapacity showRemainingAttendeeCapacity hideOrganizerWhenGroupEvent
  }
  metadata { key title value type }
}
"""

LOGIN: Final = """
mutation Login($email: String!, $password: String!) {
  login(email: $email, password: $password) { accessToken refreshToken }
}
"""
REFRESH: Final = """
mutation Refresh($refreshToken: String!) {
  refreshToken(refreshToken: $refreshToken) { accessToken refreshToken }
}
"""
CONFIG: Final = """
query Config {
  config {
    name version
    features { eventCreation }
    restrictions { onlyGroupsCanCreateEvents }
  }
}
"""
WHO: Final = "query Who { loggedPerson { id preferredUsername } }"
GROUP: Final = "query Group($name: String!) { group(preferredUsername: $name) { id } }"

OF_PERSON: Final = f"""
query Mine($page: Int!, $limit: Int!) {{
  owner: loggedPerson {{
    organizedEvents(page: $page, limit: $limit) {{ total elements {{ ...Told }} }}
  }}
}}
{FRAGMENT}"""
OF_GROUP: Final = f"""
query Ours($page: Int!, $limit: Int!, $name: String!) {{
  owner: group(preferredUsername: $name) {{
    organizedEvents(page: $page, limit: $limit) {{ total elements {{ ...Told }} }}
  }}
}}
{FRAGMENT}"""

_SHARED: Final = (
    ("title", "String"),
    ("description", "String"),
    ("beginsOn", "DateTime"),
    ("endsOn", "DateTime"),
    ("onlineAddress", "String"),
    ("physicalAddress", "AddressInput"),
    ("options", "EventOptionsInput"),
    ("metadata", "[EventMetadataInput]"),
)
_NEEDED: Final = frozenset({"title", "description", "beginsOn"})


def _mutation(verb: str, more: Sequence[tuple[str, str]], *, new: bool) -> str:
    kinds = [(name, f"{kind}!" if new and name in _NEEDED else kind) for name, kind in _SHARED]
    variables = ", ".join(f"${name}: {kind}" for name, kind in (*more, *kinds))
    arguments = ", ".join(f"{name}: ${name}" for name, _ in (*more, *kinds))
    return f"mutation Write({variables}) {{ {verb}({arguments}) {{ ...Told }} }}\n{FRAGMENT}"


CREATE: Final = _mutation(
    "createEvent",
    (("organizerActorId", "ID!"), ("attributedToId", "ID")),
    new=True,
)
UPDATE: Final = _mutation(
    "updateEvent",
    (
        ("eventId", "ID!"),
        ("visibility", "EventVisibility"),
        ("joinOptions", "EventJoinOptions"),
        ("contacts", "[Contact]"),
    ),
    new=False,
)
DELETE: Final = "mutation Delete($eventId: ID!) { deleteEvent(eventId: $eventId) { id } }"


def events_query(number: int) -> str:
    """Return the query for so many events at once, ``e0``, ``e1`` … by variables ``u0`` …."""
    variables = ", ".join(f"$u{n}: UUID!" for n in range(number))
    fields = " ".join(f"e{n}: event(uuid: $u{n}) {{ ...Told }}" for n in range(number))
    return f"query Events({variables}) {{ {fields} }}\n{FRAGMENT}"

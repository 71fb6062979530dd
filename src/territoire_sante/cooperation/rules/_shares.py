# SPDX-License-Identifier: Apache-2.0
"""
Whether a document is known not to have reached a team.

Nothing noted means nothing known: only a refusal, a request that waits for too long, or a list
of recipients without the team says that the team has not got it.
"""

from __future__ import annotations

from territoire_sante.cooperation.rules._finding import Evidence
from territoire_sante.cooperation.rules._ground import fact, places
from territoire_sante.cooperation.rules._rule import View
from territoire_sante.model import (
    Actor,
    Appointment,
    DocumentShare,
    LiaisonAssignment,
    ShareState,
)

_GIVEN = (ShareState.SENT, ShareState.RECEIVED)


def shares_of(view: View, document_id: str) -> tuple[DocumentShare, ...]:
    """Return who asked for a document or a plan, and who was sent it."""
    return view.snapshot.referring(DocumentShare, "document_id", document_id)


def kept_from(view: View, document_id: str, team: Actor) -> tuple[Evidence, ...] | None:
    """Return what shows that the team has not got it; ``None`` if it has, or nobody knows."""
    shares = shares_of(view, document_id)
    own = [one for one in shares if one.to_id == team.id]
    given = {one.to_id for one in shares if one.state in _GIVEN}
    if team.id in given or given & _relays(view, team):
        return None
    refused = [one for one in own if one.state is ShareState.REFUSED]
    late = [one for one in own if one.overdue(view.today, within=view.duration("answer_within"))]
    if refused or late:
        return tuple(
            fact_ for one in (*refused, *late) for fact_ in fact(one, "state", "requested_on")
        )
    if given and not own:
        return tuple(fact_ for one in shares for fact_ in fact(one, "to_id"))
    return None


def _relays(view: View, team: Actor) -> set[str]:
    """Return the actors and appointments that act as relay of the team."""
    ask = view.snapshot.referring
    found = [*view.snapshot.liaisons_serving(team.id)]
    for place in places(view, team):
        found += ask(LiaisonAssignment, "territory_id", place)
    relays: set[str] = set()
    for one in found:
        if one.active_on(view.today):
            post = view.snapshot.find(Appointment, one.appointment_id)
            relays |= {one.actor_id, one.appointment_id, post.person_id if post else ""}
    return relays - {""}

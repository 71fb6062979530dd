# SPDX-License-Identifier: Apache-2.0
"""What the service complains of, field by field, for those who wrote the announcement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from territoire_sante.errors import ProtocolError
from territoire_sante.http import Response
from territoire_sante.plugins import Words

_LONGEST: Final = 200
_MOST: Final = 10
_JUDGED: Final = frozenset(
    # 413 has two names, of which newer Pythons warn of the older one.
    {HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus(413), HTTPStatus.UNPROCESSABLE_ENTITY}
)
_FIELDS: Final[Mapping[str, str]] = {
    "title": "le titre (title)",
    "description": "le texte court (body_short)",
    "longDescription": "le texte (body)",
    "timings": "les dates (event_start, event_end)",
    "image": "l'image (attachments)",
    "locationUid": "le lieu (place, ou l'option locations)",
    "location": "le lieu (place, ou l'option locations)",
    "registration": "le lien (url)",
    "onlineAccessLink": "le lien (url)",
    "extIds": "l'identifiant (uid)",
}


def complaint(answer: Response) -> Words | None:
    """Return what an answer complains of, ``None`` if it is none about an event."""
    if answer.status not in _JUDGED:
        return None
    try:
        told = answer.json()
    except ProtocolError:
        return None
    found = [_sentence(one) for one in _errors(told)][:_MOST]
    english = "; ".join(one.en for one in found) or f"answer {answer.status}, without a reason"
    french = " ; ".join(one.fr for one in found) or "sans donner de raison"
    return Words(f"OpenAgenda refuse l'annonce : {french}.", english)


def _errors(told: Any) -> Iterator[Mapping[str, Any]]:
    if not isinstance(told, dict):
        return
    for name in ("errors", "error", "details"):
        inner = told.get(name)
        if isinstance(inner, list):
            yield from (one for one in inner if isinstance(one, dict))
            return
        if isinstance(inner, dict):
            yield from _errors(inner)
            return
    yield told


def _sentence(error: Mapping[str, Any]) -> Words:
    field, code, message = (
        str(error.get(name) or "")[:_LONGEST] for name in ("field", "code", "message")
    )
    why = " ".join(part for part in (code, message) if part)
    return Words(
        f"{_FIELDS.get(field, field or 'un champ')} : {why or 'refusé'}",
        f"{field or 'a field'}: {why or 'refused'}",
    )

# SPDX-License-Identifier: Apache-2.0
"""What inhabitants are told about a tension: a draft without names and without free text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Announcement,
    AnnouncementCategory,
    ContactPoint,
    Provenance,
    Severity,
    Tension,
    TensionKind,
    Visibility,
    make_id,
)
from territoire_sante.snapshot import Snapshot


@attrs.frozen(kw_only=True)
class _Words:
    """A title that fits the narrowest panel, and the sentence that tells what goes on."""

    title: str
    what: str
    category: AnnouncementCategory = AnnouncementCategory.HEALTH
    severity: Severity = Severity.INFO


_KINDS: Final[Mapping[TensionKind, _Words]] = {
    TensionKind.GP_DEPARTURE: _Words(
        title="Départ d'un médecin : la suite s'organise",
        what="Un médecin cesse son activité.",
    ),
    TensionKind.CLOSURE: _Words(
        title="Fermeture d'un lieu de soins",
        what="Un lieu de soins ferme.",
        severity=Severity.ALERT,
    ),
    TensionKind.PREMISES: _Words(
        title="Locaux de soins : une solution se cherche",
        what="Une équipe de soins a besoin de locaux.",
    ),
    TensionKind.ACCESS_TO_CARE: _Words(
        title="Accès aux soins : une solution se cherche",
        what="Il est difficile en ce moment d'obtenir un rendez-vous.",
    ),
    TensionKind.FUNDING: _Words(
        title="Équipe de soins : l'avenir se prépare",
        what="Le financement d'une équipe de soins est à trouver.",
    ),
    TensionKind.CRISIS: _Words(
        title="Santé : les acteurs se mobilisent",
        what="Une situation de crise touche les soins.",
        category=AnnouncementCategory.CRISIS,
        severity=Severity.ALERT,
    ),
}
_NBSP: Final = "\u00a0"


def tension_notice(
    snapshot: Snapshot,
    tension: Tension,
    *,
    today: dt.date,
    contact: ContactPoint | None = None,
    days: int = 30,
) -> Announcement:
    """
    Return a draft in French that tells inhabitants what goes on, and that it is being dealt with.

    It names the territory and nobody else: no title, description or actor of the
    tension is taken over, since they were written for those who settle it. It is a DRAFT for a
    person to complete and approve, under an id that follows from the tension's, for the communes
    of its territory. ``contact`` is shown if it is PUBLIC.

    Raises:
        InvalidValueError: the tension is private or over, its territory is not stored, it is
            one between people, or the contact is not public.
    """
    words = _KINDS.get(tension.kind)
    if words is None:
        raise _refusal(tension, "a tension between people is no matter for a notice board")
    if tension.visibility is Visibility.PRIVATE or not tension.is_open:
        raise _refusal(tension, "it is private, or over")
    if contact is not None and contact.visibility is not Visibility.PUBLIC:
        raise _refusal(tension, "the contact is not public")
    audience = snapshot.communes_of(tension.territory_id) if tension.territory_id else ()
    if not audience:
        raise _refusal(tension, "its territory is not known")
    place = snapshot.name_of(tension.territory_id)
    asking = f"\n\nRenseignements{_NBSP}: {contact.value}." if contact is not None else ""
    return Announcement(
        id=make_id("announcement", tension.id.replace(":", "-", 1)),
        title=words.title,
        body=(
            f"{place}{_NBSP}: {words.what[0].lower()}{words.what[1:]} Les communes,"
            " l'intercommunalité et les équipes de soins cherchent une solution ensemble."
            f" Vous serez tenus informés.{asking}"
        ),
        category=words.category,
        severity=words.severity,
        audience=tuple(audience),
        publish_from=today,
        publish_until=today + dt.timedelta(days=max(days - 1, 0)),
        contact=contact,
        provenance=Provenance(source="tension", source_id=tension.id),
    )


def _refusal(tension: Tension, cause: str) -> InvalidValueError:
    return InvalidValueError(
        f"no notice is drafted: {cause}",
        where=tension.id,
        remedy="Talk to those concerned first; write the notice by hand if it is needed",
    )

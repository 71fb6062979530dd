# SPDX-License-Identifier: Apache-2.0
"""The directory as a text to read and to print: by EPCI and commune, in French or in English."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import BinaryIO, Final

from territoire_sante.exports._actors import at_work
from territoire_sante.exports._contract import Exported, Tally
from territoire_sante.exports._homes import homes, places
from territoire_sante.exports._markdown_sheets import (
    Page,
    actor_lines,
    convention_lines,
    event_lines,
    lever_lines,
    liaison_lines,
)
from territoire_sante.exports._markup import escaped
from territoire_sante.exports._words import day_text, pick
from territoire_sante.model import (
    Actor,
    Classification,
    Convention,
    Entity,
    Event,
    Lever,
    LiaisonAssignment,
    Visibility,
)
from territoire_sante.privacy import Disclosed

_GROUPS: Final = (
    ("Collectivités", "Local authorities"),
    ("Équipes de soins", "Care teams"),
    ("Autres organismes", "Other organisations"),
    ("Relais", "Relays"),
    ("Leviers", "Levers"),
    ("Conventions", "Conventions"),
    ("Prochains rendez-vous", "Next events"),
)
_AUTHORITIES, _TEAMS, _OTHERS, _RELAYS, _LEVERS, _CONVENTIONS, _EVENTS = range(len(_GROUPS))


def write_markdown(
    disclosed: Disclosed, out: BinaryIO, /, *, today: dt.date, lang: str = "fr"
) -> Exported:
    """
    Write the directory: town halls, teams, relays, levers and how to ask, conventions, events.

    Each thing stands once, at the smallest place that holds it; what has no known place is at
    the end. Texts are whole, on one line each, and none of them can be taken for markup.
    """
    page = Page(snapshot=disclosed.snapshot, today=today, lang=lang, tally=Tally())
    out.writelines(line.encode() + b"\n" for line in _lines(page, disclosed.audience))
    return page.tally.done()


def _lines(page: Page, audience: Visibility) -> Iterator[str]:
    lang, day = page.lang, day_text(page.today, page.lang)
    yield f"# {pick(lang, 'Annuaire de la coopération en santé', 'Health cooperation directory')}"
    yield ""
    yield pick(
        lang,
        f"Au {day}. Destinataires : {audience.label(lang).lower()}.",
        f"On {day}. Audience: {audience.label(lang).lower()}.",
    )
    found = homes(page.snapshot)
    for place in places(page.snapshot, found):
        body = list(_body(page, found.get(place.territory_id, [])))
        # An EPCI without anything of its own still stands above its communes.
        if body or (place.level == 2 and place.territory_id.startswith("epci:")):  # noqa: PLR2004 - its level
            name = place.name or pick(lang, "Sans lieu connu", "Without a known place")
            yield from ("", f"{'#' * place.level} {escaped(name) or '—'}")
            yield from body


def _body(page: Page, entities: list[Entity]) -> Iterator[str]:
    groups: dict[int, list[str]] = {}
    for one in entities:
        for group, lines in _shown(page, one):
            if lines:
                page.tally.count += 1
                groups.setdefault(group, []).extend(lines)
    for group, lines in sorted(groups.items()):
        yield from ("", f"**{pick(page.lang, *_GROUPS[group])}**", "", *lines)


def _shown(page: Page, one: Entity) -> Iterator[tuple[int, list[str]]]:
    match one:
        case Actor() if at_work(one):
            yield _group(one), actor_lines(page, one)
        case Actor():
            page.tally.leave("closed", one.id)
        case LiaisonAssignment():
            if one.active_on(page.today):
                yield _RELAYS, liaison_lines(page, one)
        case Lever():
            yield _LEVERS, lever_lines(page, one)
        case Convention():
            yield _CONVENTIONS, convention_lines(page, one)
        case Event():
            if one.classification in (Classification.PRIVATE, Classification.CONFIDENTIAL):
                page.tally.leave("private", one.id)
            else:
                yield _EVENTS, event_lines(page, one)


def _group(actor: Actor) -> int:
    if actor.kind.is_public_authority:
        return _AUTHORITIES
    return _TEAMS if actor.kind.is_care_team else _OTHERS

# SPDX-License-Identifier: Apache-2.0
"""Which teams know which levers: "ces moyens sont souvent mal identifiés par les MSP"."""

from __future__ import annotations

import datetime as dt

import attrs

from territoire_sante.cooperation._asking import Asking, asking, offers_for
from territoire_sante.cooperation._relay import Place
from territoire_sante.cooperation._words import Sentence, say
from territoire_sante.model import Actor, AwarenessLevel, Lever, LeverAwareness, Tri, Visibility
from territoire_sante.snapshot import Snapshot


@attrs.frozen(kw_only=True)
class News:
    """A lever that a team could have and does not know, and how to ask for it."""

    lever: Lever
    holder: str
    asking: Asking

    def line(self, language: str = "fr") -> str:
        """Return it in one line."""
        head = f"{self.lever.title} ({self.holder})" if self.holder else self.lever.title
        how = " ".join(one.text(language) for one in self.asking.sentences())
        return f"{head}{' : ' if language == 'fr' else ': '}{how}"


@attrs.frozen(kw_only=True)
class Digest:
    """What a team does not know yet of what it could have."""

    team_id: str
    title: Sentence
    news: tuple[News, ...]

    def lines(self, language: str = "fr") -> list[str]:
        """Return it as lines to send; nothing but the title where there is nothing new."""
        return [self.title.text(language), *(f"- {one.line(language)}" for one in self.news)]


def communes_served(snapshot: Snapshot, actor: Actor) -> tuple[str, ...]:
    """Return the INSEE codes of what an actor covers, or sits in where that is not known."""
    places = actor.coverage or ((actor.territory_id,) if actor.territory_id else ())
    codes = {code for place in places for code in snapshot.communes_of(place)}
    return tuple(sorted(codes))


def digest_for(
    snapshot: Snapshot,
    team_id: str,
    *,
    today: dt.date,
    audience: Visibility = Visibility.PARTNERS,
) -> Digest:
    """
    Return the levers that a team could have today and does not know.

    They cover a commune of the team, are offered today and not to others only, and nobody noted
    that the team has seen them.

    Raises:
        EntityNotFoundError: there is no such team.
    """
    team = snapshot.get(Actor, team_id)
    place = Place(snapshot=snapshot, commune="", today=today, audience=audience)
    known = {
        lever_id
        for lever_id, one in snapshot.awareness_of(team_id).items()
        if one.level is not AwarenessLevel.UNKNOWN
    }
    covering = {
        lever.id: lever
        for code in communes_served(snapshot, team)
        for lever in snapshot.covering(Lever, code)
    }
    news = [
        one
        for lever_id, lever in sorted(covering.items())
        if lever_id not in known and place.sees(lever) and lever.holder_id != team_id
        if (one := _news(place, lever, team)) is not None
    ]
    return Digest(team_id=team_id, title=_title(team, len(news)), news=tuple(news))


def _news(place: Place, lever: Lever, team: Actor) -> News | None:
    for offer in offers_for(place, lever):
        if offer.available_on(place.today):
            how = asking(place, lever, offer, asker=team)
            if how.open_to is not Tri.NO:
                holder = place.actor(lever.holder_id)
                return News(lever=lever, holder=holder.name if holder else "", asking=how)
    return None


def _title(team: Actor, count: int) -> Sentence:
    name = team.short_name or team.name
    if not count:
        return say("{name} : rien de nouveau.", "{name}: nothing new.", name=name)
    return say(
        "{name} : moyens à découvrir ({count}).",
        "{name}: means to discover ({count}).",
        name=name,
        count=str(count),
    )


def teams_aware_of(
    snapshot: Snapshot, lever_id: str, level: AwarenessLevel = AwarenessLevel.SEEN
) -> tuple[str, ...]:
    """Return the ids of the actors that know a lever at least this well."""
    levels = list(AwarenessLevel)
    return tuple(
        sorted(
            one.actor_id
            for one in snapshot.referring(LeverAwareness, "lever_id", lever_id)
            if levels.index(one.level) >= levels.index(level)
        )
    )

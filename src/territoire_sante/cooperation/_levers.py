# SPDX-License-Identifier: Apache-2.0
"""Who can help a commune with something: levers, ranked, with how to ask for each."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

import attrs

from territoire_sante.cooperation._asking import Asking, asking, offers_for
from territoire_sante.cooperation._relay import Place
from territoire_sante.cooperation._score import (
    Part,
    actionability_part,
    coverage_part,
    freshness_part,
    nearness_part,
    words_part,
)
from territoire_sante.cooperation._words import Sentence, folded, say
from territoire_sante.model import Actor, Entity, Lever, LeverOffer, Tri, Visibility
from territoire_sante.snapshot import Nearness, Snapshot, commune_code

# A search gives the nearest first; of what it finds, so many more are ranked than are asked for.
_MORE: Final = 40


class Found(Protocol):
    """One thing that a search found."""

    @property
    def entity(self) -> Entity:
        """What was found."""
        ...


class Searchable(Protocol):
    """What searches texts faster than reading them all: a store."""

    def search(
        self,
        text: str,
        *,
        near: str | None = None,
        kinds: Iterable[type[Entity]] | None = None,
        limit: int = 50,
    ) -> Sequence[Found]:
        """Return the best matches."""
        ...


@attrs.frozen(kw_only=True)
class Match:
    """
    A lever that may help: how far it does, in parts that add up to ``score``, and how to ask.

    ``covers`` is about the commune, ``nearness`` about where it is to be had: at its stops, with
    its holder, or else wherever it covers.
    """

    lever: Lever
    offer: LeverOffer | None
    holder: str
    covers: Tri
    nearness: Nearness
    parts: tuple[Part, ...]
    asking: Asking

    @property
    def score(self) -> float:
        """The sum of the parts by their weights, from 0 to 1."""
        return round(sum(one.value * one.weight for one in self.parts), 6)

    def lines(self, language: str = "fr") -> list[str]:
        """Return it as lines for people to read: what and whose, how to ask, why it is here."""
        head = say(
            "{title} — {holder}",
            "{title} — {holder}",
            title=self.lever.title,
            holder=self.holder or Sentence(fr="détenteur non renseigné", en="holder not known"),
        )
        reasons = " ".join(one.reason.text(language) for one in self.parts)
        how = " ".join(one.text(language) for one in self.asking.sentences())
        return [head.text(language), how, f"({self.score:.2f}) {reasons}"]


def find_levers(
    snapshot: Snapshot,
    text: str,
    *,
    near: str,
    today: dt.date,
    asker_id: str = "",
    use_on: dt.date | None = None,
    audience: Visibility = Visibility.TEAM,
    search: Searchable | None = None,
    limit: int = 20,
) -> tuple[Match, ...]:
    """
    Find who can help the commune ``near`` with something, best first.

    All words of ``text`` must be in the sheet of a lever, its type or its offers, whole or as the
    beginning of one; without words, all levers that cover the commune are ranked. With
    ``search`` (a store) the words are looked up there instead of in all the sheets. ``asker_id`` is
    the actor who asks, ``use_on`` the day of use, from which the last day to ask follows.

    Raises:
        InvalidValueError: ``near`` is no commune.
    """
    place = Place(snapshot=snapshot, commune=commune_code(near), today=today, audience=audience)
    words = folded(text).split()
    asker = snapshot.find(Actor, asker_id)
    covering = frozenset(one.id for one in snapshot.covering(Lever, place.commune))

    @functools.cache
    def how_near(territory_ids: tuple[str, ...]) -> Nearness:
        return snapshot.nearness(place.commune, territory_ids)

    matches = [
        _match(
            place,
            lever,
            words,
            covers=_covers(lever, covering),
            nearness=how_near(_where(lever, place.actor(lever.holder_id))),
            asker=asker,
            use_on=use_on,
        )
        for lever in _candidates(place, text, words, search, limit)
        if place.sees(lever)
    ]
    matches.sort(key=lambda one: (-one.score, one.lever.id))
    return tuple(matches[:limit])


def _candidates(
    place: Place, text: str, words: Sequence[str], search: Searchable | None, limit: int
) -> Iterator[Lever]:
    snapshot = place.snapshot
    if not words:
        yield from snapshot.covering(Lever, place.commune)
        return
    if search is None:
        yield from (one for one in snapshot.all(Lever) if _says(_sheet(place, one), words))
        return
    hits = search.search(text, near=place.commune, kinds=(Lever, LeverOffer), limit=limit + _MORE)
    seen: set[str] = set()
    for hit in hits:
        found = hit.entity
        lever_id = found.lever_id if isinstance(found, LeverOffer) else found.id
        lever = snapshot.find(Lever, lever_id)
        if lever is not None and lever_id not in seen:
            seen.add(lever_id)
            yield lever


def _match(
    place: Place,
    lever: Lever,
    words: Sequence[str],
    *,
    covers: Tri,
    nearness: Nearness,
    asker: Actor | None,
    use_on: dt.date | None,
) -> Match:
    ways = [
        (actionability_part(how, available=_available(offer, place.today)), offer, how)
        for offer in offers_for(place, lever) or (None,)
        for how in (asking(place, lever, offer, asker=asker, use_on=use_on),)
    ]
    # The first of the best: published offers come first.
    action, offer, how = max(ways, key=lambda way: way[0].value)
    holder = place.actor(lever.holder_id)
    return Match(
        lever=lever,
        offer=offer,
        holder=holder.name if holder is not None else "",
        covers=covers,
        nearness=nearness,
        parts=(
            coverage_part(covers),
            nearness_part(nearness),
            action,
            freshness_part(lever.verified_on, place.today),
            *((words_part(in_title=_says(_title(lever), words)),) if words else ()),
        ),
        asking=how,
    )


def _available(offer: LeverOffer | None, today: dt.date) -> bool:
    return offer is not None and offer.available_on(today)


def _covers(lever: Lever, covering: frozenset[str]) -> Tri:
    return Tri.of(lever.id in covering) if lever.coverage else Tri.UNKNOWN


def _where(lever: Lever, holder: Actor | None) -> tuple[str, ...]:
    """Return where a lever is: with its holder, at its stops, or else what it covers."""
    stops = tuple(f"commune:{stop.commune}" for stop in lever.stops if stop.commune)
    if stops:
        return stops
    if holder is not None and (holder.territory_id or holder.coverage):
        return (holder.territory_id,) if holder.territory_id else holder.coverage
    return lever.coverage


def _title(lever: Lever) -> tuple[str, ...]:
    return (lever.title, lever.type.label_fr, lever.type.label_en)


def _sheet(place: Place, lever: Lever) -> tuple[str, ...]:
    families = (text for one in lever.families for text in (one.label_fr, one.label_en))
    offers = (text for one in offers_for(place, lever) for text in (one.title, one.conditions))
    return (*_title(lever), lever.description, *lever.tags, *families, *offers)


def _says(texts: Iterable[str], words: Sequence[str]) -> bool:
    """Say whether each word is the beginning of one in the texts."""
    there = " " + folded("\n".join(texts))
    return all(f" {word}" in there for word in words)

# SPDX-License-Identifier: Apache-2.0
"""Who can help a commune with something: levers, ranked, with how to ask for each."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

import attrs

from territoire_sante.cooperation._asking import Asking, asking, offers_for
from territoire_sante.cooperation._index import Around, LeverIndex
from territoire_sante.cooperation._relay import Place
from territoire_sante.cooperation._score import (
    Part,
    actionability_part,
    coverage_part,
    freshness_part,
    nearness_part,
    words_part,
)
from territoire_sante.cooperation._sheet import says, sheet_texts, title_texts, where
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
    beginning of one; without words, all levers that cover the commune are ranked. The first
    question to a snapshot makes an index of its sheets; with ``search`` (a store) the words are
    looked up there instead, and those ranked that it finds nearest. ``asker_id`` is the
    actor who asks, ``use_on`` the day of use, from which the last day to ask follows.

    Raises:
        InvalidValueError: ``near`` is no commune.
    """
    place = Place(snapshot=snapshot, commune=commune_code(near), today=today, audience=audience)
    question = _Question(
        place=place,
        words=tuple(folded(text).split()),
        asker=snapshot.find(Actor, asker_id),
        use_on=use_on,
        around=Around(
            levels=snapshot.levels_round(place.commune),
            covering=frozenset(one.id for one in snapshot.covering(Lever, place.commune)),
        ),
    )
    if question.words and search is None:
        return _best(question, limit)
    levers = _found(place, text, search, limit) if search and question.words else _all(question)
    matches = [_match(question, lever) for lever in levers if place.sees(lever)]
    matches.sort(key=_order)
    return tuple(matches[:limit])


@attrs.frozen(kw_only=True)
class _Question:
    """What is asked, and of where."""

    place: Place
    words: tuple[str, ...]
    asker: Actor | None
    use_on: dt.date | None
    around: Around

    def nearness(self, lever: Lever, holder: Actor | None) -> Nearness:
        """Say how near a lever is to be had."""
        seats = where(lever, holder)
        if not seats:
            return Nearness.UNKNOWN
        round_, levels = self.place.snapshot.places_round, self.around.levels
        near = [levels.get(place, Nearness.ELSEWHERE) for one in seats for place in round_(one)]
        return min(near, key=lambda level: level.rank)

    def covers(self, lever: Lever) -> Tri:
        """Say whether a lever covers the commune."""
        return Tri.of(lever.id in self.around.covering) if lever.coverage else Tri.UNKNOWN


def _order(match: Match) -> tuple[float, str]:
    return -match.score, match.lever.id


def _best(question: _Question, limit: int) -> tuple[Match, ...]:
    """Look at those that can be the best until no other can come among them."""
    snapshot, place, words = question.place.snapshot, question.place, question.words
    found: list[tuple[tuple[float, str], Match]] = []
    seen: set[str] = set()

    def too_late(bound: float, lever_id: str) -> bool:
        return len(found) >= limit and (not found or (-bound, lever_id) > found[-1][0])

    def least() -> float:
        return found[-1][1].score if found and len(found) >= limit else 0.0

    index = snapshot.derived(LeverIndex)
    for bound, candidates in index.groups(words, question.around, place.today, least):
        if too_late(bound, ""):
            continue
        for candidate in candidates:
            if too_late(*candidate):
                break
            lever = snapshot.find(Lever, candidate.lever_id)
            if lever is None or lever.id in seen or not place.sees(lever):
                continue
            seen.add(lever.id)
            if says(_sheet(place, lever), words):
                match = _match(question, lever)
                bisect.insort(found, (_order(match), match), key=lambda one: one[0])
                del found[limit:]
    return tuple(match for _, match in found)


def _all(question: _Question) -> Iterable[Lever]:
    return question.place.snapshot.covering(Lever, question.place.commune)


def _found(place: Place, text: str, search: Searchable, limit: int) -> Iterator[Lever]:
    hits = search.search(text, near=place.commune, kinds=(Lever, LeverOffer), limit=limit + _MORE)
    seen: set[str] = set()
    for hit in hits:
        found = hit.entity
        lever_id = found.lever_id if isinstance(found, LeverOffer) else found.id
        lever = place.snapshot.find(Lever, lever_id)
        if lever is not None and lever_id not in seen:
            seen.add(lever_id)
            yield lever


def _match(question: _Question, lever: Lever) -> Match:
    place = question.place
    ways = [
        (actionability_part(how, available=_available(offer, place.today)), offer, how)
        for offer in offers_for(place, lever) or (None,)
        for how in (asking(place, lever, offer, asker=question.asker, use_on=question.use_on),)
    ]
    # The first of the best: published offers come first.
    action, offer, how = max(ways, key=lambda way: way[0].value)
    holder = place.actor(lever.holder_id)
    covers, nearness = question.covers(lever), question.nearness(lever, holder)
    in_title = says(title_texts(lever), question.words)
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
            *((words_part(in_title=in_title),) if question.words else ()),
        ),
        asking=how,
    )


def _available(offer: LeverOffer | None, today: dt.date) -> bool:
    return offer is not None and offer.available_on(today)


def _sheet(place: Place, lever: Lever) -> tuple[str, ...]:
    return sheet_texts(lever, offers_for(place, lever))

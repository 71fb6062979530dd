# SPDX-License-Identifier: Apache-2.0
"""
Which levers may come first for some words near a commune, without reading them all.

An index knows the words of the sheets, the territories round each lever, and how good a lever can
be at best. With these the levers that may be among the best are given, best first; how good
each really is, for whom it is, and who may see it is for others to find out.
"""

from __future__ import annotations

import datetime as dt
import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Self

import attrs

from territoire_sante.cooperation._postings import (
    Postings,
    Vocabulary,
    Words,
    amount,
    both,
    either,
    matching,
)
from territoire_sante.cooperation._score import (
    WEIGHTS,
    Criterion,
    coverage_part,
    freshness,
    nearness_part,
    words_part,
)
from territoire_sante.cooperation._sheet import sheet_texts, title_texts, where
from territoire_sante.cooperation._words import folded
from territoire_sante.model import (
    Actor,
    Entity,
    Knowledge,
    Lever,
    LeverOffer,
    OfferState,
    Territory,
    Tri,
)
from territoire_sante.snapshot import Nearness, Snapshot

# So many levers are put in order one by one; of more, those round the commune are looked at first.
_FEW: Final = 4000

# So many changed levers are kept beside an index, however small it is.
_LEAST_CHANGED: Final = 64

# A word that is in one of so many sheets is looked up in a map of its own.
_FREQUENT: Final = 4

_COVERING: Final = {one: coverage_part(one).value * WEIGHTS[Criterion.COVERAGE] for one in Tri}
_NEAR: Final = {one: nearness_part(one).value * WEIGHTS[Criterion.NEARNESS] for one in Nearness}
_MENTIONED: Final = words_part(in_title=False).value * WEIGHTS[Criterion.WORDS]
_TITLED: Final = words_part(in_title=True).value * WEIGHTS[Criterion.WORDS] - _MENTIONED


class Candidate(NamedTuple):
    """A lever, and the score that it does not exceed."""

    bound: float
    lever_id: str


class Group(NamedTuple):
    """Levers, the best first, none of them above ``bound``; they are looked up when asked for."""

    bound: float
    candidates: Iterator[Candidate]


@attrs.frozen(kw_only=True)
class Around:
    """A commune as it is asked about: the levels of its territories, and what covers it."""

    levels: Mapping[str, Nearness]
    covering: frozenset[str]


class LeverIndex:
    """The index of a snapshot; :meth:`follow` brings it up to date with a later one."""

    def __init__(self, base: _Base, changed: Mapping[str, str | None]) -> None:
        self._base: Final = base
        # The texts of levers that are not as the base knows them, None for those that are gone.
        self._changed: Final = changed

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """Read all sheets."""
        return cls(_Base(snapshot), {})

    def follow(
        self, before: Snapshot, after: Snapshot, changed: Mapping[type[Entity], Iterable[str]]
    ) -> Self | None:
        """Return the index of a later snapshot; ``None`` if it is better made anew."""
        if any(_moved(before, after, one) for one in changed.get(Territory, ())):
            return None
        ids = set(changed.get(Lever, ()))
        for state in (before, after):
            offers = (state.find(LeverOffer, one) for one in changed.get(LeverOffer, ()))
            ids |= {one.lever_id for one in offers if one is not None}
            for holder_id in changed.get(Actor, ()):
                ids |= {one.id for one in state.levers_of(holder_id)}
        if not ids:
            return self
        texts = {**self._changed, **{one: _text(after, one) for one in ids}}
        if len(texts) > max(_LEAST_CHANGED, math.isqrt(len(self._base.ids))):
            return None
        return type(self)(self._base, texts)

    def groups(
        self, words: Sequence[str], around: Around, today: dt.date, least: Callable[[], float]
    ) -> Iterator[Group]:
        """
        Yield groups of levers whose sheets may have all the words, in all of them together.

        In each group the highest bound comes first, ties by id. A lever may be in several: the
        first of them has its highest bound. Those whose bound is below ``least``, the
        score that is needed by now, may be left out.
        """
        beginnings = [f" {word}" for word in words]
        changed = (
            Candidate(1.0, one)
            for one, text in sorted(self._changed.items())
            if text is not None and all(word in text for word in beginnings)
        )
        yield Group(1.0, changed)
        for bound, candidates in self._base.groups(words, around, today, least):
            yield Group(bound, (one for one in candidates if one.lever_id not in self._changed))


def _moved(before: Snapshot, after: Snapshot, territory_id: str) -> bool:
    old, new = before.find(Territory, territory_id), after.find(Territory, territory_id)
    if old is None or new is None:
        return True
    return (old.kind, old.communes, old.parent_ids) != (new.kind, new.communes, new.parent_ids)


def _offers(snapshot: Snapshot, lever: Lever) -> list[LeverOffer]:
    offers = snapshot.offers_of(lever.id)
    return [one for one in offers if one.state is not OfferState.WITHDRAWN]


def _text(snapshot: Snapshot, lever_id: str) -> str | None:
    lever = snapshot.find(Lever, lever_id)
    if lever is None:
        return None
    return " " + folded("\n".join(sheet_texts(lever, _offers(snapshot, lever))))


@attrs.frozen(kw_only=True)
class _Ranks:
    """What each lever can be worth on a day, wherever one asks; and all of them, best first."""

    today: dt.date
    worth: Sequence[float]
    order: Sequence[int]


@attrs.frozen
class _Row:
    """What of a lever is worth something: its offers, each with all but that it is open."""

    worth: float
    verified_on: dt.date | None
    offers: tuple[tuple[LeverOffer, float], ...]

    def on(self, today: dt.date) -> float:
        """Return what it can be worth at most on a day."""
        ready = (good + (0.25 if one.available_on(today) else 0.0) for one, good in self.offers)
        return (
            self.worth
            + max(ready, default=0.0) * WEIGHTS[Criterion.ACTIONABILITY]
            + freshness(self.verified_on, today) * WEIGHTS[Criterion.FRESHNESS]
        )


class _Base:
    """The index of one snapshot: levers are numbers in it, in the order of their ids."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.ids: Final[list[str]] = []
        self._numbers: Final[dict[str, int]] = {}
        self._places: Final[list[tuple[str, ...]]] = []
        self._rows: Final[list[_Row]] = []
        self._having: Final = Vocabulary()
        self._titled: Final = Vocabulary()
        self._at: Final[dict[str, array[int]]] = {}
        self._ranks: _Ranks | None = None
        self._fill(snapshot)
        self._frequent: Final = {
            id(numbers): self._flags_of([numbers])
            for numbers in (*self._having.having.values(), *self._titled.having.values())
            if len(numbers) > _FEW and len(numbers) * _FREQUENT > len(self.ids)
        }

    def _fill(self, snapshot: Snapshot) -> None:
        words_of, places_of = Words(), _Places(snapshot)
        for number, lever in enumerate(snapshot.all(Lever)):
            holder = snapshot.find(Actor, lever.holder_id)
            offers = _offers(snapshot, lever)
            # For those who may not know of the holder it is elsewhere.
            seats = where(lever, holder), where(lever, None)
            self.ids.append(lever.id)
            self._numbers[lever.id] = number
            self._rows.append(_row(lever, holder, offers, placed=all(seats)))
            self._places.append(places_of[seats])
            for place in places_of[seats]:
                self._at.setdefault(place, array("I")).append(number)
            sheet = sheet_texts(lever, offers)
            self._having.add({word for text in sheet for word in words_of[text]}, number)
            title = title_texts(lever)
            self._titled.add({word for text in title for word in words_of[text]}, number)
        self._having.close()
        self._titled.close()

    def groups(
        self, words: Sequence[str], around: Around, today: dt.date, least: Callable[[], float]
    ) -> Iterator[Group]:
        """Yield the levers that have all the words: all at once if they are few, else by place."""
        found = sorted((matching(word, self._having) for word in words), key=amount)
        flags = self._all_of(found)
        count = flags.count(1)
        if not count:
            return
        titled = self._all_of([matching(word, self._titled) for word in words])
        asked = _Asked(self._on(today), around, flags, titled, least)
        if count <= _FEW:
            few = {one for _, part in found[0] for one in part if flags[one]}
            yield Group(1.0, self._sorted(few, asked))
        else:
            yield from self._rings(asked)

    def _rings(self, asked: _Asked) -> Iterator[Group]:
        around, numbers = asked.around, self._numbers
        covering = [numbers[one] for one in around.covering if one in numbers]
        yield Group(1.0, self._sorted((one for one in covering if asked.flags[one]), asked))
        top = asked.ranks.worth[asked.ranks.order[0]] + _TITLED
        for place in sorted(around.levels, key=lambda one: around.levels[one].rank):
            near = _NEAR[around.levels[place]]
            yield Group(_bound(top + near), self._ring(self._at.get(place, ()), near, asked))
        if asked.titled.count(1):
            yield Group(_bound(top), self._far(both([asked.flags, asked.titled]), _TITLED, asked))
        yield Group(_bound(top - _TITLED), self._far(asked.flags, 0.0, asked))

    def _ring(self, numbers: Iterable[int], near: float, asked: _Asked) -> Iterator[Candidate]:
        # Those that are nearer, or cover the commune, were in a group before.
        worth, flags, titled, ids = asked.ranks.worth, asked.flags, asked.titled, self.ids
        needed = asked.least() - near - _TITLED - 1e-6
        found = [
            (-_bound(worth[one] + near + (_TITLED if titled[one] else 0.0)), ids[one])
            for one in numbers
            if flags[one] and worth[one] >= needed
        ]
        found.sort()
        for bound, lever_id in found:
            yield Candidate(-bound, lever_id)

    def _far(self, flags: bytes, more: float, asked: _Asked) -> Iterator[Candidate]:
        worth = asked.ranks.worth
        for one in asked.ranks.order:
            if flags[one]:
                yield Candidate(_bound(worth[one] + more), self.ids[one])

    def _sorted(self, numbers: Iterable[int], asked: _Asked) -> Iterator[Candidate]:
        ids, places, covering = self.ids, self._places, asked.around.covering
        near = {place: _NEAR[level] for place, level in asked.around.levels.items()}
        covers = _COVERING[Tri.YES]
        found = []
        for one in numbers:
            bound = max([near.get(place, 0.0) for place in places[one]], default=0.0)
            bound += asked.ranks.worth[one] + (_TITLED if asked.titled[one] else 0.0)
            if ids[one] in covering:
                bound += covers
            found.append((-_bound(bound), ids[one]))
        found.sort()
        for bound, lever_id in found:
            yield Candidate(-bound, lever_id)

    def _on(self, today: dt.date) -> _Ranks:
        ranks = self._ranks
        if ranks is None or ranks.today != today:
            worth = array("d", (row.on(today) for row in self._rows))
            order = sorted(range(len(worth)), key=lambda one: (-_bound(worth[one]), one))
            ranks = self._ranks = _Ranks(today=today, worth=worth, order=array("I", order))
        return ranks

    def _all_of(self, words: Sequence[Postings]) -> bytes:
        """Return which levers have a word of each beginning."""
        flags = b""
        for postings in sorted(words, key=amount):
            these = self._flags(postings)
            flags = both([flags, these]) if flags else these
            if not flags.count(1):
                break
        return flags

    def _flags(self, postings: Postings) -> bytes:
        frequent = self._frequent
        known = [frequent[id(part)] for _, part in postings if id(part) in frequent]
        rest = [part for _, part in postings if id(part) not in frequent]
        return either([*known, self._flags_of(rest)] if rest or not known else known)

    def _flags_of(self, postings: Iterable[Iterable[int]]) -> bytes:
        flags = bytearray(len(self.ids))
        for numbers in postings:
            for one in numbers:
                flags[one] = 1
        return bytes(flags)


class _Asked(NamedTuple):
    """A question: which levers have its words, and which have them all in their titles."""

    ranks: _Ranks
    around: Around
    flags: bytes
    titled: bytes
    least: Callable[[], float]


def _bound(value: float) -> float:
    # As scores are rounded; a bound must not lie below for the last digit of a sum.
    return round(value + 1e-9, 6)


def _row(lever: Lever, holder: Actor | None, offers: Sequence[LeverOffer], *, placed: bool) -> _Row:
    points = holder is not None and bool(holder.contact_points)
    worth = _MENTIONED
    if not lever.coverage:
        worth += _COVERING[Tri.UNKNOWN]
    if not placed:
        worth += _NEAR[Nearness.UNKNOWN]
    if not offers and points:
        worth += WEIGHTS[Criterion.ACTIONABILITY] * 0.25
    return _Row(worth, lever.verified_on, tuple((one, _ready(one, points)) for one in offers))


def _ready(offer: LeverOffer, points: bool) -> float:  # noqa: FBT001 - private
    there = (
        points or bool(offer.contact or offer.contact_id or offer.request_url),
        bool(offer.request_modes or offer.request_url),
        offer.lead_time is not Knowledge.UNKNOWN,
    )
    return sum(there) * 0.25


class _Places(dict[tuple[tuple[str, ...], ...], tuple[str, ...]]):
    """The territories round those where a lever is."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self._snapshot: Final = snapshot

    def __missing__(self, seats: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
        round_ = self._snapshot.places_round
        found = dict.fromkeys(place for ids in seats for one in ids for place in round_(one))
        places = self[seats] = tuple(found)
        return places

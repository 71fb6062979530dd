# SPDX-License-Identifier: Apache-2.0
"""Where a record is at home: its commune, its EPCI, its département."""

from __future__ import annotations

from typing import Final

import attrs

from territoire_sante.cooperation._score import Part
from territoire_sante.cooperation._words import Sentence, say
from territoire_sante.cooperation.duplicates._duplicate import Trait
from territoire_sante.model import Actor, CommuneCode
from territoire_sante.snapshot import Snapshot

_COMMUNE: Final = "commune:"

_ACTOR: Final = 1.0, say("Même organisme.", "Same organisation.")
_SAME: Final = 0.9, say("Même commune.", "Same municipality.")
_EPCI: Final = 0.6, say("Même intercommunalité.", "Same intercommunal body.")
_DEPARTEMENT: Final = 0.4, say("Même département.", "Same département.")
_UNKNOWN: Final = 0.3, say("Lieu inconnu d'un côté.", "The place is not known on one side.")
_ELSEWHERE: Final = 0.0, say("Lieux différents.", "Different places.")


@attrs.frozen
class Home:
    """
    Organisations, communes or other territories, EPCI and départements of a record.

    Two records of one organisation or one place share one of ``keys``.
    """

    actors: frozenset[str] = frozenset()
    exact: frozenset[str] = frozenset()
    epcis: frozenset[str] = frozenset()
    departements: frozenset[str] = frozenset()
    keys: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether anything is known of it."""
        return bool(self.keys)


class Homes:
    """Finds homes in a snapshot; who is in the same places has the same home, kept once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._epcis: dict[str, str] = {}
        self._homes: dict[tuple[tuple[str, ...], bool], Home] = {}

    def of_places(self, territory_ids: tuple[str, ...]) -> Home:
        """Return the home that these territories are."""
        return self._kept((territory_ids, False))

    def of_posts(self, actor_ids: tuple[str, ...]) -> Home:
        """Return the home of who has posts at these actors: where they sit, or the actors."""
        return self._kept((actor_ids, True))

    def _kept(self, key: tuple[tuple[str, ...], bool]) -> Home:
        found = self._homes.get(key)
        if found is None:
            ids, posts = key
            found = self._homes[key] = self._posts(ids) if posts else self._made(ids)
        return found

    def _posts(self, actor_ids: tuple[str, ...]) -> Home:
        seats = {}
        for one in actor_ids:
            actor = self._snapshot.find(Actor, one)
            seats[one] = actor.territory_id if actor is not None else ""
        loose = tuple(one for one, place in seats.items() if not place)
        home = self._made(tuple(seats.values()))
        keys = tuple(sorted({*home.keys, *loose}))
        return attrs.evolve(home, actors=frozenset(actor_ids), keys=keys)

    def _made(self, territory_ids: tuple[str, ...]) -> Home:
        exact = frozenset(one for one in territory_ids if one)
        codes = [one.removeprefix(_COMMUNE) for one in exact if one.startswith(_COMMUNE)]
        codes = [one for one in codes if CommuneCode.PATTERN.fullmatch(one)]
        epcis = {one for one in exact if one.startswith("epci:")}
        epcis.update(found for one in codes if (found := self._epci(one)))
        return Home(
            exact=exact,
            epcis=frozenset(epcis),
            departements=frozenset(one[: 3 if one[:2] in ("97", "98") else 2] for one in codes),
            keys=tuple(sorted(exact)),
        )

    def _epci(self, code: str) -> str:
        if code not in self._epcis:
            found = self._snapshot.epci_of(code)
            self._epcis[code] = found.id if found else ""
        return self._epcis[code]


def place_part(one: Home, other: Home, weight: float, *, most_near: float = 1.0) -> Part:
    """
    Say how near two records are to each other; not known is worth more than elsewhere.

    ``most_near`` is the most that a shared EPCI or département is worth.
    """
    value, reason = found = _nearness(one, other)
    if found in (_EPCI, _DEPARTEMENT):
        value = min(value, most_near)
    return Part(criterion=Trait.PLACE, value=value, weight=weight, reason=reason)


def _nearness(one: Home, other: Home) -> tuple[float, Sentence]:
    if not one.is_known or not other.is_known:
        return _UNKNOWN
    for mine, theirs, found in (
        (one.actors, other.actors, _ACTOR),
        (one.exact, other.exact, _SAME),
        (one.epcis, other.epcis, _EPCI),
        (one.departements, other.departements, _DEPARTEMENT),
    ):
        if not mine.isdisjoint(theirs):
            return found
    return _ELSEWHERE if one.exact and other.exact else _UNKNOWN

# SPDX-License-Identifier: Apache-2.0
"""
What looking for duplicate persons costs, and how many of the planted ones it finds.

    python benchmarks/duplicates.py [--full]

10,000 and 100,000 made-up persons at the same density, some noted a second time as people and
registers do: names the wrong way round, a letter less, without accents, an initial, a married
name, another post in the same EPCI. --full adds both counts on the same few communes, which makes
ten times as many people live in each.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

import attrs

from territoire_sante import Store
from territoire_sante.cooperation import Duplicates, find_duplicates
from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    ContactPoint,
    ContactPointKind,
    Entity,
    Identifier,
    Person,
    PersonName,
    Role,
    Territory,
    TerritoryKind,
)

SIZES: Final = (10_000, 100_000)
PER_COMMUNE: Final = 15
PER_EPCI: Final = 28
TWICE: Final = 0.05
MOST: Final = 12.0
RECALL: Final = 0.95
PRECISION: Final = 0.9


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text."""
    return tuple(text.split())


_HEADS: Final = words(
    "Bar Bel Ber Bon Cam Car Chau Cor Dau Del Dor Fal Fon Gar Gir Lam Lau Mar Mon"
)
_MIDDLES: Final = words("a an e en i in o on ou u al el il ol ar er or")
_TAILS: Final = words(
    "bert cier dal deau dier don dot gnac lat let lier mier nat nel net pin rand rel ret rin ton"
    " vel vier zac"
)
_GIVEN: Final = words(
    "Odile Yanis Claire Inès Bruno Léa Samia Tom Nora Jean-Pierre Marie-Laure Éric Noël Zoé Hugo"
    " Alice Émile Rosa Farid Anne Paul Denis Irène Marc Sylvie Gaël Aïcha Luc Judith Victor"
)


class Planted(NamedTuple):
    """A person noted twice, and how the second time differs."""

    first_id: str
    second_id: str
    how: str


class World(NamedTuple):
    """What is stored, and the pairs that are to be found."""

    entities: list[Entity]
    planted: list[Planted]


def world(count: int, communes: int, seed: int = 1) -> World:
    """Return ``count`` persons on so many communes, one in twenty of them noted twice."""
    draw = random.Random(seed)
    entities: list[Entity] = [*_places(communes)]
    planted: list[Planted] = []
    twice = round(count * TWICE)
    for number in range(count - twice):
        home = number % communes
        person = _person(number, draw)
        entities += [person, _post(person.id, home)]
        if number < twice:
            how = tuple(_WAYS)[number % len(_WAYS)]
            second = attrs.evolve(_WAYS[how](person, draw), id=f"person:again-{number}")
            neighbour = home - home % PER_EPCI + (home + 1) % PER_EPCI
            where = min(neighbour, communes - 1) if how == "another post" else home
            entities += [second, _post(second.id, where)]
            planted.append(Planted(second.id, person.id, how))
    return World(entities, planted)


def _places(communes: int) -> Iterator[Entity]:
    for number in range(communes):
        code = f"{number // 900 + 1:02}{number % 900 + 1:03}"
        epci = f"epci:{number // PER_EPCI}"
        if number % PER_EPCI == 0:
            yield Territory(id=epci, kind=TerritoryKind.EPCI, name=f"CC {number}")
        yield Territory(
            id=f"commune:{code}",
            kind=TerritoryKind.COMMUNE,
            name=f"Commune {number}",
            communes=(code,),
            parent_ids=(epci,),
        )
        yield Actor(
            id=f"actor:{number}",
            kind=ActorKind.COMMUNE,
            name=f"Mairie {number}",
            territory_id=f"commune:{code}",
        )


def _person(number: int, draw: random.Random) -> Person:
    # Some family names are borne by many, most by few.
    head, tail = _HEADS[int(draw.random() ** 2 * len(_HEADS))], draw.choice(_TAILS)
    family = f"{head}{draw.choice(_MIDDLES)}{tail}"
    points = [ContactPoint(kind=ContactPointKind.EMAIL, value=f"p{number}@example.org")]
    rpps = Identifier(scheme="rpps", value=f"{10_000_000_000 + number}")
    return Person(
        id=f"person:{number}",
        name=PersonName(family=family, given=draw.choice(_GIVEN)),
        contact_points=tuple(points if draw.random() < 0.3 else ()),  # noqa: PLR2004 - a share
        identifiers=(rpps,) if draw.random() < 0.1 else (),  # noqa: PLR2004 - likewise
    )


def _post(person_id: str, home: int) -> Appointment:
    local = person_id.partition(":")[2]
    return Appointment(
        id=f"appointment:{local}",
        person_id=person_id,
        actor_id=f"actor:{home}",
        role=Role.COUNCILLOR,
    )


def _named(person: Person, **name: str) -> Person:
    """Return another record of a person, by another source, which knows the name only."""
    return Person(id=person.id, name=attrs.evolve(person.name, **name))


def _shorter(person: Person, draw: random.Random) -> Person:
    family = person.name.family
    place = draw.randrange(len(family))
    return _named(person, family=family[:place] + family[place + 1 :])


def _swapped(person: Person, draw: random.Random) -> Person:
    family = person.name.family
    place = draw.randrange(1, len(family) - 1)
    return _named(
        person, family=family[:place] + family[place + 1] + family[place] + family[place + 2 :]
    )


_WAYS: Final[dict[str, Callable[[Person, random.Random], Person]]] = {
    "capitals": lambda one, _: _named(one, family=one.name.family.upper()),
    "inverted": lambda one, _: _named(one, family=one.name.given, given=one.name.family),
    "a letter less": _shorter,
    "letters swapped": _swapped,
    "initial": lambda one, _: _named(one, given=f"{one.name.given[0]}."),
    "married": lambda one, _: _named(one, family=f"{one.name.family}-Exemple"),
    "particle": lambda one, _: _named(one, family=f"de {one.name.family}"),
    "one field": lambda one, _: _named(
        one, family=f"{one.name.family.upper()} {one.name.given}", given=""
    ),
    "another post": lambda one, _: _named(one),
    "same contact": lambda one, _: attrs.evolve(one, name=attrs.evolve(one.name, given="")),
}


class Figures(NamedTuple):
    """Seconds of processor time, and which shares were found and were to be found."""

    seconds: float
    recall: float
    precision: float


def measure(count: int, communes: int) -> Figures:
    """Print what one size costs and finds, and return it."""
    made = world(count, communes)
    with Store.open("memory:") as store:
        stream = iter(made.entities)
        while batch := list(islice(stream, 5000)):
            store.put(*batch)
        snapshot = store.snapshot()
    spent = []
    for _ in range(3):
        start = time.process_time()
        found = find_duplicates(snapshot, kinds=(Person,))
        spent.append(time.process_time() - start)
    return show(count, communes, min(spent), made.planted, found)


def show(
    count: int, communes: int, seconds: float, planted: Sequence[Planted], found: Duplicates
) -> Figures:
    """Print and return the figures of one size."""
    pairs = {frozenset((one.first_id, one.second_id)) for one in found}
    wanted = {frozenset((one.first_id, one.second_id)): one.how for one in planted}
    hit = pairs & wanted.keys()
    recall, precision = len(hit) / len(wanted), len(hit) / max(1, len(pairs))
    print(
        f"{count:>7} persons on {communes:>5} communes: {seconds:6.2f} s CPU, "
        f"{found.compared / count:5.2f} pairs compared per person, {len(found.swept)} swept; "
        f"recall {recall:.3f}, precision {precision:.3f}"
    )
    missed: dict[str, int] = {}
    for pair, how in wanted.items():
        missed[how] = missed.get(how, 0) + (pair not in hit)
    told = ", ".join(f"{how} {number}" for how, number in missed.items() if number)
    print(f"        missed: {told or 'none'}")
    return Figures(seconds, recall, precision)


def main(arguments: Sequence[str]) -> int:
    """Measure both sizes; 1 if the larger one costs more than it may, or too little is found."""
    small, large = (measure(count, count // PER_COMMUNE) for count in SIZES)
    times = large.seconds / small.seconds
    print(f"100,000 against 10,000 persons: {times:.1f} times (at most {MOST:.0f})")
    if "--full" in arguments:
        crowded = measure(SIZES[1], SIZES[0] // PER_COMMUNE)
        crowd = crowded.seconds / small.seconds
        print(f"100,000 on the communes of 10,000: {crowd:.1f} times")
    found = all(one.recall >= RECALL and one.precision >= PRECISION for one in (small, large))
    return 0 if times <= MOST and found else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

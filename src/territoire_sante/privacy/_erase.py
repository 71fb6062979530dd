# SPDX-License-Identifier: Apache-2.0
"""Objecting to being listed, and being erased (GDPR, articles 21 and 17)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

import attrs

from territoire_sante.model import (
    Actor,
    Appointment,
    ContactPoint,
    ContactPointKind,
    Convention,
    Merge,
    OppositionEntry,
    OppositionKind,
    Person,
)
from territoire_sante.plugins import Words
from territoire_sante.privacy._finder import Finder
from territoire_sante.privacy._scrub import (
    Scrub,
    barred,
    barred_ids,
    deleted_posts,
    kept_id_of,
    last_of,
    mentions,
    merges_into,
    posts_of,
    renew,
    scrubbed,
    unmerge,
)

if TYPE_CHECKING:
    from territoire_sante.store import Store, Transaction

_HASHED: Final = {
    ContactPointKind.EMAIL: OppositionKind.EMAIL,
    ContactPointKind.SECURE_EMAIL: OppositionKind.EMAIL,
    ContactPointKind.PHONE: OppositionKind.PHONE,
    ContactPointKind.MOBILE: OppositionKind.PHONE,
    ContactPointKind.FAX: OppositionKind.PHONE,
}

_SIGNED: Final = Words(
    "Rôle, fonction et date de la signature : la convention engage les parties "
    "(RGPD, art. 17.3 b et e).",
    "Role, function and date of the signature: the agreement binds its parties "
    "(GDPR, art. 17.3 b and e).",
)
_HELD: Final = Words(
    "Fonction et dates, sans la personne : l'historique de l'organisation n'est pas une donnée "
    "personnelle.",
    "Role and dates, without the person: the history of an organisation is no personal data.",
)
_BARRED: Final = Words(
    "Un identifiant sans nom, pour que le prochain import d'un registre, ou une fiche dans un "
    "autre carnet d'adresses, ne ramène pas la personne (RGPD, art. 21.3).",
    "An id without a name, so that the next import of a register, or a card in another address "
    "book, does not bring the person back (GDPR, art. 21.3).",
)


@attrs.frozen(kw_only=True)
class Kept:
    """What stays of a person, and why."""

    id: str
    why: Words


@attrs.frozen(kw_only=True)
class Opposition:
    """
    What an objection did: the entries of the opposition list, by hash only.

    ``recorded`` is false where the key was missing: then the person is marked as
    opposed, but their addresses are not recognised when they come back under another id.
    """

    person_id: str
    entries: tuple[OppositionEntry, ...] = ()
    recorded: bool = False


@attrs.frozen(kw_only=True)
class Erasure:
    """
    What became of everything that told of a person; it names nobody.

    ``changed`` are the ids of what is without them now, its earlier versions gone; ``kept``
    what stays and why; ``to_check`` what still holds their family name: whether that
    is them, a person must see. ``known`` is false if nobody was stored under this id.
    """

    person_id: str
    known: bool = True
    changed: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()
    to_check: tuple[str, ...] = ()
    opposition: Opposition


def oppose(store: Store, person_id: str, *, today: dt.date, key: bytes | None = None) -> Opposition:
    """
    Mark a person as opposed, forget their addresses, and put the hashes of these on the list.

    From then on no projection, no export and no import shows or takes anything of them, and no
    card with one of their UIDs comes in: ids without a name bar them. Without the ``key`` of the
    list nothing is hashed. The id of a record that was merged means the one it
    went into. The number of an organisation is not put on it.

    Raises:
        EntityNotFoundError: there is no such person.
        InvalidValueError: the key is too short.
    """
    with store.transaction() as transaction:
        person_id = kept_id_of(transaction, person_id)
        person = transaction.get(Person, person_id)
        posts = posts_of(transaction, person_id)
        entries = _entries(transaction, person, posts, today=today, key=key)
        ids = [person_id, *(one.dropped_id for one in merges_into(transaction, person_id))]
        transaction.put(*entries, *map(barred, barred_ids(transaction, ids)))
        renew(transaction, person.oppose())
        for one in merges_into(transaction, person_id):
            transaction.forget(Person, one.dropped_id)
        for post in posts:
            own = _own(transaction, post.contact_points)
            kept = tuple(one for one in post.contact_points if one not in own)
            renew(transaction, attrs.evolve(post, contact_points=kept))
        return Opposition(person_id=person_id, entries=entries, recorded=key is not None)


def erase(
    store: Store,
    person_id: str,
    *,
    today: dt.date,
    key: bytes | None = None,
    keep_out: bool = True,
) -> Erasure:
    """
    Erase a person: their sheet, their addresses, their name in everything else, and the past.

    Posts stay without them, signatures keep function and date, what must name somebody names
    nobody in particular. Earlier versions of all that told of them are gone, from the search, too.
    So are records that were merged into theirs; the id of one of these means the person. Links
    delete their card with the next run and keep no copy. A person who was deleted before is erased
    from the past. With ``keep_out`` ids without a name stay, which imports and links respect, one
    for each UID that their card had; with the ``key`` of the opposition list their addresses are
    hashed and recognised later. Erasing somebody twice changes nothing the second time.
    """
    with store.transaction() as transaction:
        person_id = kept_id_of(transaction, person_id)
        person = last_of(transaction, person_id)
        if person is None or person == barred(person_id):
            return Erasure(
                person_id=person_id, known=False, opposition=Opposition(person_id=person_id)
            )
        posts = posts_of(transaction, person_id)
        entries = _entries(transaction, person, posts, today=today, key=key)
        twins = [one.dropped_id for one in merges_into(transaction, person_id)]
        ids = [person_id, *twins]
        bars, past = barred_ids(transaction, ids), deleted_posts(transaction, ids)
        scrub = Scrub.of(transaction, dict.fromkeys(ids, ""))
        kept = [*_signed(transaction, person_id), *(Kept(id=one.id, why=_HELD) for one in posts)]
        for post in posts:
            renew(transaction, scrub.clean(post.anonymise()))
        for id_ in past:
            transaction.forget(Appointment, id_)
        merged = _forget_merged(transaction, person_id, keep_out=keep_out)
        mine = {*ids, *(post.id for post in posts), *past, *merged}
        changed = scrubbed(transaction, scrub, but=mine)
        transaction.forget(Person, person_id)
        transaction.put(*entries)
        if keep_out:
            transaction.put(*map(barred, (person_id, *bars)))
            kept += [Kept(id=id_, why=_BARRED) for id_ in (person_id, *bars)]
        else:
            unmerge(transaction, set(ids))
            for id_ in bars:
                transaction.forget(Person, id_)
        family = Finder.of([person.name.family])
        return Erasure(
            person_id=person_id,
            changed=(*sorted(mine), *changed),
            kept=tuple(kept),
            to_check=tuple(mentions(transaction, family)) if family else (),
            opposition=Opposition(person_id=person_id, entries=entries, recorded=key is not None),
        )


def _forget_merged(transaction: Transaction, person_id: str, *, keep_out: bool) -> list[str]:
    """
    Forget the records that were merged into a person; return the ids of those merges.

    With ``keep_out`` the merges stay as ids: by them a register does not bring back a record.
    """
    merges = merges_into(transaction, person_id)
    for one in merges:
        transaction.forget(Person, one.dropped_id)
        if keep_out:
            renew(transaction, attrs.evolve(one, reason=""))
        else:
            transaction.forget(Merge, one.id)
    return [one.id for one in merges]


def _signed(transaction: Transaction, person_id: str) -> Iterator[Kept]:
    for one in transaction.referring(Convention, person_id):
        if any(signature.signed_by_id == person_id for signature in one.signatures):
            yield Kept(id=one.id, why=_SIGNED)


def _entries(
    transaction: Transaction,
    person: Person,
    posts: Iterable[Appointment],
    *,
    today: dt.date,
    key: bytes | None,
) -> tuple[OppositionEntry, ...]:
    """Return the entries for a person's addresses; those on the list already as they are."""
    if key is None:
        return ()
    points = [*person.contact_points, *(p for one in posts for p in one.contact_points)]
    made: dict[str, OppositionEntry] = {}
    for point in _own(transaction, points):
        if point.kind in _HASHED:
            entry = OppositionEntry.of(point.value, _HASHED[point.kind], key=key, since=today)
            made[entry.id] = transaction.find(OppositionEntry, entry.id) or entry
    return tuple(made.values())


def _own(transaction: Transaction, points: Iterable[ContactPoint]) -> list[ContactPoint]:
    """Return the points that no organisation has: a switchboard is nobody's own."""
    shared = {point.value for actor in transaction.all(Actor) for point in actor.contact_points}
    return [point for point in points if point.value not in shared]

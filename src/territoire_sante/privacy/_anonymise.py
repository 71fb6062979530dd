# SPDX-License-Identifier: Apache-2.0
"""Taking persons out of what was kept for long enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import attrs

from territoire_sante.model import (
    Actor,
    Appointment,
    Entity,
    LeverRequest,
    LiaisonAssignment,
    Mobilisation,
    Person,
    PersonName,
    Visibility,
    make_id,
)
from territoire_sante.privacy._retention import Due, DueKind, emptied
from territoire_sante.privacy._scrub import Scrub, merges_into, posts_of, renew, scrubbed, unmerge

if TYPE_CHECKING:
    from territoire_sante.store import Store, Transaction


@attrs.frozen(kw_only=True)
class Anonymised:
    """
    What anonymising did: ``changed`` by id, without names; ``gone`` were persons.

    ``skipped`` was changed in between, and is not due any more.
    """

    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


_CLASSES: Final[Mapping[DueKind, type[Entity]]] = {
    DueKind.LIAISON: LiaisonAssignment,
    DueKind.REQUEST: LeverRequest,
    DueKind.MOBILISATION: Mobilisation,
}


def anonymise(store: Store, dues: Iterable[Due]) -> Anonymised:
    """
    Take persons out of what was kept for long enough, now and in the history; all or nothing.

    Posts keep role, organisation and dates. Where other sheets name a person, a neutral one
    takes their place ("former mayor of …"), the same for all who held that post. Links delete
    their cards with the next run. Doing it again changes nothing.
    """
    dues = tuple(dues)
    with store.transaction() as transaction:
        due_posts = {one.id for one in dues if one.kind in (DueKind.MANDATE, DueKind.POST)}
        going = {
            one.id: posts_of(transaction, one.id)
            for one in dues
            if one.kind is DueKind.PERSON and transaction.find(Person, one.id) is not None
        }
        going = {id_: posts for id_, posts in going.items() if {p.id for p in posts} <= due_posts}
        changed = _persons_out(transaction, going) if going else ()
        posts = [transaction.find(Appointment, id_) for id_ in sorted(due_posts)]
        left = [one for one in posts if one is not None and one != one.anonymise()]
        others = [_found(transaction, one) for one in dues if one.kind in _CLASSES]
        left_over = [one for one in others if one is not None and one != emptied(one)]
        for post in left:
            renew(transaction, post.anonymise())
        for other in left_over:
            renew(transaction, emptied(other))
        done = {*changed, *(one.id for one in (*left, *left_over))}
        skipped = {one.id for one in dues} - done - going.keys()
        return Anonymised(
            changed=tuple(sorted(done)), gone=tuple(sorted(going)), skipped=tuple(sorted(skipped))
        )


def _found(transaction: Transaction, due: Due) -> Entity | None:
    return transaction.find(_CLASSES[due.kind], due.id)


def _persons_out(
    transaction: Transaction, going: Mapping[str, list[Appointment]]
) -> tuple[str, ...]:
    """Replace persons wherever they are named, and forget them."""
    former = {id_: _former(transaction, posts) for id_, posts in going.items()}
    twins = {
        merge.dropped_id: one.id
        for id_, one in former.items()
        for merge in merges_into(transaction, id_)
    }
    aliases = {**{id_: one.id for id_, one in former.items()}, **twins}
    posts = [post for some in going.values() for post in some]
    scrub = Scrub.of(transaction, aliases)
    for post in posts:
        renew(transaction, scrub.clean(post.anonymise()))
    changed = scrubbed(transaction, scrub, but={*aliases, *(post.id for post in posts)})
    unmerge(transaction, aliases)
    for id_ in aliases:
        transaction.forget(Person, id_)
    for one in former.values():
        if any(transaction.referring(Entity, one.id)):
            transaction.put(one)
    return (*changed, *(post.id for post in posts))


def _former(transaction: Transaction, posts: list[Appointment]) -> Person:
    """Return who stands for all that once held a post, the last one of several."""
    ended = [post for post in posts if post.period.end is not None]
    last = max(ended, key=lambda post: (post.period.end, post.id), default=None)
    if last is None:
        return Person(
            id="person:former",
            visibility=Visibility.TEAM,
            name=PersonName(family="Ancien interlocuteur"),
        )
    actor = transaction.find(Actor, last.actor_id)
    where = "" if actor is None else f", {actor.name}"
    return Person(
        id=make_id("person", f"former.{last.role.value}.{last.actor_id}"),
        visibility=Visibility.TEAM,
        name=PersonName(family=f"Ancien titulaire ({last.role.label_fr}{where})"),
    )

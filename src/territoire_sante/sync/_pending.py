# SPDX-License-Identifier: Apache-2.0
"""What commits start from and tell of: what may be left over of items, and what they changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import attrs

from territoire_sante.formats import Document
from territoire_sante.projections import Absorbed
from territoire_sante.store import Store
from territoire_sante.sync import _forgotten, _tombstones
from territoire_sante.sync._operation import Operation
from territoire_sante.sync._state import State


@attrs.frozen(kw_only=True)
class Changed:
    """
    What a commit did.

    ``not_carried``: fields that the entities here have no room for; they stay in the document.
    """

    wrote_local: int = 0
    not_carried: frozenset[str] = frozenset()
    kept_because: str = ""
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, absorbed: Absorbed) -> Self:
        """Return what storing ``absorbed`` changes."""
        return cls(
            wrote_local=int(bool(absorbed.entities)),
            not_carried=absorbed.not_carried,
            problems=tuple(str(problem) for problem in absorbed.problems),
        )


def kept_document(operation: Operation) -> Document | None:
    """Return the remote document that an operation builds on."""
    if operation.document is None:
        return None
    return Document(operation.document, operation.media_type)


@attrs.frozen(kw_only=True)
class Pending:
    """
    What may be left over of items, so that it is only looked for where it is.

    UIDs of what was ``refused`` or is ``disputed``, hrefs that are set ``aside``, and by UID
    the documents of what was ``restored``. ``told`` are the UIDs of items whose last copies
    tell of somebody who was erased since, and of which no loser is kept; ``forgotten`` those whose
    last copy this run removes, so that nothing may be left of them in the file.
    """

    refused: set[str]
    aside: set[str]
    disputed: set[str]
    restored: Mapping[str, Document]
    told: set[str] = attrs.field(factory=set)
    forgotten: set[str] = attrs.field(factory=set)

    @classmethod
    def of(cls, store: Store, link: str) -> Self:
        """Return what is left over of a link."""
        with store.transaction() as transaction:
            state = State(transaction.connection, link)
            return cls(
                refused=set(state.refusals()),
                aside=set(state.quarantined()),
                disputed={entry.uid for entry in state.journal(states=("open", "decided"))},
                restored=_tombstones.restored(transaction.connection, link),
                told=_forgotten.told(transaction.connection, link),
            )

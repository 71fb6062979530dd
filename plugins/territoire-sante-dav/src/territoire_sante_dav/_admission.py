# SPDX-License-Identifier: Apache-2.0
"""What needs not be sent, because the server has said that it will refuse it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from territoire_sante.errors import ItemRefusedError, ReadOnlyError
from territoire_sante.formats import Document
from territoire_sante.http import redacted
from territoire_sante_dav._collection import Resource
from territoire_sante_dav._flavour import CALENDAR, Flavour


@attrs.define
class Admission:
    """
    The rules of one collection for writers, as told and as learnt while it is open.

    Only the want of any right to write is believed beforehand: servers spell the finer ones in
    too many ways. What a refusal shows of those is learnt for each verb.
    """

    _resource: Resource
    _flavour: Flavour
    _refused: dict[str, str] = attrs.field(factory=dict)

    @contextmanager
    def of(self, verb: str) -> Iterator[None]:
        """
        Check the right to ``verb``, and learn from a refusal in the block.

        Raises:
            ReadOnlyError: the account has no such right; nothing is sent.
        """
        if self._resource.writable is False:
            raise self._error("the server grants it no right to write")
        if verb in self._refused:
            raise self._error(self._refused[verb])
        try:
            yield
        except ReadOnlyError as error:
            self._refused[verb] = f"the server has refused to {verb} an item already"
            raise error from None

    def check(self, name: str, document: Document) -> None:
        """
        Check an item against what the collection takes.

        Raises:
            ItemRefusedError: it is too large, or of a kind that is kept elsewhere.
        """
        limit, size = self._resource.max_size, len(document.to_bytes())
        if limit is not None and size > limit:
            raise ItemRefusedError(
                f"it has {size} bytes, the server takes {limit} at most",
                href=name,
                remedy="Take out a photo or an attachment.",
            )
        kinds = self._resource.components
        if self._flavour is CALENDAR and kinds and not self._resource.takes_events:
            raise ItemRefusedError(
                f"this calendar takes only {', '.join(sorted(kinds))}, no events",
                href=name,
                remedy="Link another calendar.",
            )

    def _error(self, why: str) -> ReadOnlyError:
        return ReadOnlyError(
            f"this account may not write to the {self._flavour.noun}: {why}",
            where=redacted(self._resource.url),
            remedy='Have it shared with the right to write, or set direction = "pull".',
        )

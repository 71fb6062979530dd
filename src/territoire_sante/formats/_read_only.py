# SPDX-License-Identifier: Apache-2.0
"""Lenses for what is read and never written."""

from __future__ import annotations

import abc
import datetime as dt
from typing import ClassVar, Generic, TypeVar

from territoire_sante.errors import UnsupportedError
from territoire_sante.formats._document import Document
from territoire_sante.model import Entity

V = TypeVar("V", bound=Entity)


class ReadOnlyLens(abc.ABC, Generic[V]):
    """
    The half of a lens that all have whose documents nobody writes back.

    A lens derives from it and has ``view``, ``media_type``, ``fields`` and ``get`` of its own;
    ``refusal`` says what cannot be written, and what to do instead.
    """

    fields: ClassVar[frozenset[str]]
    refusal: ClassVar[tuple[str, str]]

    @abc.abstractmethod
    def get(self, document: Document) -> V:
        """Return the view of ``document``."""

    def put(
        self,
        view: V,
        document: Document | None = None,
        *,
        now: dt.datetime | None = None,  # noqa: ARG002 - as every lens is asked
    ) -> Document:
        """
        Return ``document``, if it shows ``view`` already.

        Raises:
            UnsupportedError: it does not.
        """
        if document is not None:
            shown = self.get(document)
            if all(getattr(view, name) == getattr(shown, name) for name in self.fields):
                return document
        what, remedy = self.refusal
        raise UnsupportedError(what, where=view.id, remedy=remedy)

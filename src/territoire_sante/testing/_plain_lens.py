# SPDX-License-Identifier: Apache-2.0
"""A lens for any view, on documents of JSON: for tests that are about something else."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import attrs

from territoire_sante.errors import DecodingError, FormatError
from territoire_sante.formats import Document
from territoire_sante.model import Entity
from territoire_sante.serialization import view_from_plain, view_to_plain


def _own_fields(view: type) -> frozenset[str]:
    return frozenset(attrs.fields_dict(view)) - frozenset(attrs.fields_dict(Entity))


@attrs.frozen
class PlainLens:
    """
    Documents that are one JSON object each, with a key for each field of the view.

    Keys that are no field are kept. ``fields`` is every field of the view's own unless given.

    >>> from territoire_sante.model import Contact
    >>> lens = PlainLens(Contact)
    >>> document = Document(b'{"uid": "a", "title": "Maire", "x": 1}', lens.media_type)
    >>> lens.get(document).title
    'Maire'
    """

    view: type[Any]
    fields: frozenset[str] = attrs.field(
        default=attrs.Factory(lambda self: _own_fields(self.view), takes_self=True)
    )
    media_type: str = "application/json"

    def get(self, document: Document) -> Any:
        """
        Return the view of ``document``.

        Raises:
            FormatError: it is no JSON object, or a field of it has another form.
        """
        held = _load(document)
        try:
            return view_from_plain(self.view, {k: v for k, v in held.items() if k in self.fields})
        except DecodingError as error:
            raise FormatError("; ".join(map(str, error.problems))) from error

    def put(
        self,
        view: Any,
        document: Document | None = None,
        *,
        now: dt.datetime | None = None,  # noqa: ARG002 - the protocol's; there is no date to set
    ) -> Document:
        """Return ``document`` with the changed fields of ``view``, or a new one."""
        plain = view_to_plain(view, self.fields)
        if document is None:
            return self._document(plain)
        held = view_to_plain(self.get(document), self.fields)
        changed = {name: value for name, value in plain.items() if value != held[name]}
        return self._document({**_load(document), **changed}) if changed else document

    def _document(self, plain: dict[str, Any]) -> Document:
        text = json.dumps(plain, ensure_ascii=False, indent=1)
        return Document(text.encode("utf-8"), self.media_type)


def _load(document: Document) -> dict[str, Any]:
    try:
        held = json.loads(document.data)
    except ValueError as error:
        raise FormatError(f"not JSON: {error}") from None
    if not isinstance(held, dict):
        raise FormatError("not a JSON object")
    return held

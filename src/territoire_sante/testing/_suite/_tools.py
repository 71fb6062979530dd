# SPDX-License-Identifier: Apache-2.0
"""Small steps that the standard tests share."""
# ruff: noqa: S101 - asserts are how pytest tests speak

from __future__ import annotations

from typing import Any

import attrs

from territoire_sante.formats import Document, Lens
from territoire_sante.model import Announcement, Contact, Event
from territoire_sante.plugins import ConnectorSpec, Ref, Stored
from territoire_sante.serialization import view_to_plain


def by_href(ref: Ref) -> str:
    return ref.href


def read(transport: Any, href: str) -> Stored:
    (answer,) = transport.read([href])
    assert isinstance(answer, Stored)
    assert answer.ref.href == href
    return answer


def lost(wanted: Any, got: Any, lens: Lens[Any]) -> dict[str, tuple[Any, Any]]:
    """
    Return, for each field of the lens that differs, what was written and what came back.

    Compared in plain form, where a time has its zone and not only its instant.
    """
    before, after = (view_to_plain(view, lens.fields) for view in (wanted, got))
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


def changed_document(spec: ConnectorSpec[Any], lens: Lens[Any], document: Document) -> Document:
    """Return ``document`` with another text in one field."""
    preferred = {Event: "summary", Contact: "formatted_name", Announcement: "title"}[spec.view]
    view = attrs.evolve(lens.get(document), **{preferred: "Autre titre"})
    return lens.put(view, document)


def whole_delta(transport: Any, cursor: str | None) -> tuple[set[str], set[str], str | None]:
    changed: set[str] = set()
    removed: set[str] = set()
    while True:
        batch = transport.changes(cursor)
        changed |= {ref.href for ref in batch.changed}
        removed |= set(batch.removed)
        cursor = batch.cursor
        if batch.complete:
            return changed, removed, cursor

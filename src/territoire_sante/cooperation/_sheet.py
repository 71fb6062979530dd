# SPDX-License-Identifier: Apache-2.0
"""The texts of the sheet of a lever, and where a lever is to be had."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from territoire_sante.cooperation._words import folded
from territoire_sante.model import Actor, Lever, LeverOffer


def title_texts(lever: Lever) -> tuple[str, ...]:
    """Return the title and the type in words."""
    return (lever.title, lever.type.label_fr, lever.type.label_en)


def sheet_texts(lever: Lever, offers: Iterable[LeverOffer]) -> tuple[str, ...]:
    """Return all texts of a sheet, those of its offers among them."""
    families = (text for one in lever.families for text in (one.label_fr, one.label_en))
    offered = (text for one in offers for text in (one.title, one.conditions))
    return (*title_texts(lever), lever.description, *lever.tags, *families, *offered)


def says(texts: Iterable[str], words: Sequence[str]) -> bool:
    """Say whether each word is the beginning of one in the texts."""
    there = " " + folded("\n".join(texts))
    return all(f" {word}" in there for word in words)


def where(lever: Lever, holder: Actor | None) -> tuple[str, ...]:
    """Return where a lever is: at its stops, with its holder, or else what it covers."""
    stops = tuple(f"commune:{stop.commune}" for stop in lever.stops if stop.commune)
    if stops:
        return stops
    if holder is not None and (holder.territory_id or holder.coverage):
        return (holder.territory_id,) if holder.territory_id else holder.coverage
    return lever.coverage

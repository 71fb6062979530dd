# SPDX-License-Identifier: Apache-2.0
"""The draft of a convention: a template whose places are filled by clauses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from string import Template
from typing import Final

import attrs

from territoire_sante.cooperation.conventions._clauses import Blank, Writer
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import Convention
from territoire_sante.snapshot import Snapshot

#: The usual order of clauses. A template of one's own is text with the same places.
TEMPLATE: Final = """\
# $title

Entre les soussignés :

$parties

## Préambule

$preamble

## Article 1. Objet

$purpose

## Article 2. Périmètre

$area

## Article 3. Engagements des parties

$commitments

## Article 4. Moyens

$resources

## Article 5. Gouvernance et suivi

$governance

## Article 6. Données et confidentialité

$data

## Article 7. Dispositions particulières

$special

## Article 8. Durée

$term

## Article 9. Reconduction

$renewal

## Article 10. Modification

La présente convention est modifiée par avenant écrit, accepté par toutes les parties.

## Article 11. Résiliation

$termination

## Article 12. Litiges

$disputes

## Signatures

$signatures

## Annexes

$annexes
"""

_CLAUSES: Final[Mapping[str, Callable[[Writer], str]]] = {
    "title": Writer.title,
    "parties": Writer.parties,
    "preamble": Writer.preamble,
    "purpose": Writer.purpose,
    "area": Writer.area,
    "commitments": Writer.commitments,
    "resources": Writer.resources,
    "governance": Writer.governance,
    "data": Writer.data,
    "special": Writer.special,
    "term": Writer.term,
    "renewal": Writer.renewal,
    "termination": Writer.termination,
    "disputes": Writer.disputes,
    "signatures": Writer.signatures,
    "annexes": Writer.annexes,
}
#: The places that a template may have.
PLACES: Final = tuple(_CLAUSES)

_ARTICLE: Final = re.compile(r"^(## Article )\d+\.", re.MULTILINE)
_SECTION: Final = re.compile(r"^## .*\n+(?=## |\Z)", re.MULTILINE)


@attrs.frozen(kw_only=True)
class ConventionDraft:
    """The text of a draft in Markdown, and what it leaves open, in the order of the text."""

    text: str
    blanks: tuple[Blank, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is left open."""
        return not self.blanks


def draft_convention(
    snapshot: Snapshot, convention: Convention, *, template: str = TEMPLATE
) -> ConventionDraft:
    """
    Write a convention as text in French, with all that is known and visible blanks for the rest.

    The text is Markdown, which word processors open. A template is text with
    places such as ``$parties`` (:data:`PLACES`); ``$$`` is a dollar sign. A heading "Article n."
    without a text below it is left out, and the others are numbered on.

    Raises:
        InvalidValueError: the template has a place that there is not, with its line.
    """
    writer = Writer(snapshot=snapshot, convention=convention)
    wanted = _places(template)
    filled = Template(template).substitute({name: _CLAUSES[name](writer) for name in wanted})
    return ConventionDraft(text=_numbered(filled), blanks=tuple(writer.blanks))


def _places(template: str) -> tuple[str, ...]:
    """Return the places of a template in their order, each once."""
    found: list[str] = []
    for match in Template.pattern.finditer(template):
        name = match["named"] or match["braced"]
        if match["escaped"] is not None:
            continue
        if name not in _CLAUSES:
            line = template.count("\n", 0, match.start()) + 1
            message = f"{match[0] + (name or '')!r} is no place of a convention"
            if name:
                message = f"${name} is no place of a convention"
            raise InvalidValueError(
                message,
                where=f"template, line {line}",
                remedy="Write $$ for a dollar sign, or one of $" + ", $".join(PLACES),
            )
        if name not in found:
            found.append(name)
    return tuple(found)


def _numbered(text: str) -> str:
    """Leave out articles without a text, and number the others anew."""
    kept = _SECTION.sub(lambda empty: "" if empty[0].startswith("## Article") else empty[0], text)
    count = iter(range(1, kept.count("\n## Article ") + 2))
    return _ARTICLE.sub(lambda heading: f"{heading[1]}{next(count)}.", kept)

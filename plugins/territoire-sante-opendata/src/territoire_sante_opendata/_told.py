# SPDX-License-Identifier: Apache-2.0
"""What the command says to people, in French and in English, and to programs."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from territoire_sante.errors import Problem
from territoire_sante.plugins import Words
from territoire_sante_opendata._choices import CHOICES
from territoire_sante_opendata._import import Diff
from territoire_sante_opendata._merge import EntityChange

LANGUAGES: Final = ("fr", "en")

TEXTS: Final[Mapping[str, Words]] = {
    "about": Words(
        "Importer un registre public dans un territoire, sans rien perdre de ce qui a été vérifié.",
        "Import a public register into a territory, and lose nothing that was verified.",
    ),
    "codes": Words(
        "Codes de sortie : 0 fait ; 1 des valeurs gardées attendent une personne ; 2 usage, "
        "configuration ou fichier ; 3 certaines lignes sont mauvaises.",
        "Exit codes: 0 done; 1 values that were kept wait for a person; 2 usage, configuration or "
        "file; 3 some rows are bad.",
    ),
    "register": Words("le registre ; --list les montre", "the register; --list shows them"),
    "source": Words(
        "un fichier, compressé (gzip) ou non, ou une adresse",
        "a file, packed (gzip) or not, or an address",
    ),
    "file": Words("la configuration du territoire", "the configuration of the territory"),
    "dry_run": Words("montrer sans rien écrire", "show it and write nothing"),
    "json": Words("répondre en JSON", "answer in JSON"),
    "believe": Words(
        "croire le registre pour cet identifiant, même vérifié ; peut être répété",
        "believe the register of this id although it was verified; may be repeated",
    ),
    "list": Words("montrer les registres", "show the registers"),
    "lang": Words("la langue des réponses", "the language of answers"),
    "as_of": Words(
        "(COG, EPCI) le jour du découpage, AAAA-MM-JJ",
        "(COG, EPCI) the day the division is of, YYYY-MM-DD",
    ),
    "actors": Words("(epci) les EPCI comme acteurs aussi", "(epci) the bodies as actors too"),
    "everything": Words(
        "(finess, public-services) toutes les catégories",
        "(finess, public-services) all categories",
    ),
    "otherwise": Words(
        "(inclusion-services) le type de levier des autres thématiques",
        "(inclusion-services) the type of lever of other themes",
    ),
    "public_task": Words(
        "(officials) au titre d'une mission de service public, non de l'intérêt légitime",
        "(officials) for a public task, not for a legitimate interest",
    ),
    "read": Words("{count} enregistrements lus", "{count} records read"),
    "added": Words("ajouté : {what}", "added: {what}"),
    "changed": Words("modifié : {what}", "changed: {what}"),
    "verified": Words(
        "gardé, vérifié par une personne : {what}", "kept, verified by a person: {what}"
    ),
    "other": Words("gardé, d'une autre source : {what}", "kept, told by another source: {what}"),
    "opposed": Words("personne opposée, rien n'est pris : {what}", "objected, not taken: {what}"),
    "problem": Words("problème : {what}", "problem: {what}"),
    "more": Words("… et {count} de plus (--json les montre)", "… and {count} more (see --json)"),
    "sum": Words(
        "{added} ajoutés, {changed} modifiés, {unchanged} inchangés, {kept} gardés, "
        "{problems} problèmes",
        "{added} added, {changed} changed, {unchanged} unchanged, {kept} kept, {problems} problems",
    ),
    "dry": Words("Rien n'a été écrit.", "Nothing was written."),
    "licence": Words("licence {licence}", "licence {licence}"),
    "unwritable": Words(
        "sortie standard : la réponse n'a pas pu être écrite ({text}). Ce qui a été fait reste "
        "fait",
        "standard output: the answer could not be written ({text}). What was done stays done",
    ),
    "needs_both": Words(
        "il faut un registre et une source ; --list montre les registres",
        "a register and a source are needed; --list shows the registers",
    ),
    "not_for": Words(
        "{option} n'est pas une option du registre {register}",
        "{option} is no option of the register {register}",
    ),
}

# So many lines of each sort; a first import adds tens of thousands.
_SHOWN: Final = 20


def clean(text: str) -> str:
    r"""
    Return a text without control characters: a register must not steer the terminal.

    >>> clean("a\x1b[2Jb")
    'a�[2Jb'
    """
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def registers(language: str) -> Iterator[str]:
    """Yield a line for each register: its name, what becomes of it, licence and address."""
    width = max(len(name) for name in CHOICES)
    for name, choice in CHOICES.items():
        one = choice.registry
        licence = TEXTS["licence"].text(language).format(licence=one.licence)
        yield f"{name:{width}}  {choice.becomes.text(language)}"
        yield f"{'':{width}}  {one.source}, {licence}, {one.url}"


def registers_plain() -> list[dict[str, str]]:
    """Return the registers as JSON-ready data."""
    return [
        {"name": name, "source": one.source, "licence": one.licence, "url": one.url}
        for name, one in ((name, choice.registry) for name, choice in CHOICES.items())
    ]


def told(diff: Diff, language: str, *, dry_run: bool) -> Iterator[str]:
    """Yield what an import did, one line for each thing that a person may want to look at."""
    sorts: list[tuple[str, Iterable[str]]] = [
        ("added", diff.added),
        ("changed", [_change(one, language) for one in diff.changed]),
        ("verified", [_change(one, language) for one in diff.kept_because_verified]),
        ("other", [_change(one, language) for one in diff.kept_from_other_source]),
        ("opposed", diff.kept_because_opposed),
        ("problem", [str(one) for one in diff.problems]),
    ]
    for key, found in sorts:
        lines = list(found)
        for line in lines[:_SHOWN]:
            yield clean(TEXTS[key].text(language).format(what=line))
        if len(lines) > _SHOWN:
            yield TEXTS["more"].text(language).format(count=len(lines) - _SHOWN)
    kept = len(diff.kept_because_verified) + len(diff.kept_from_other_source)
    yield (
        TEXTS["sum"]
        .text(language)
        .format(
            added=len(diff.added),
            changed=len(diff.changed),
            unchanged=diff.unchanged,
            kept=kept + len(diff.kept_because_opposed),
            problems=len(diff.problems),
        )
    )
    if dry_run:
        yield TEXTS["dry"].text(language)


def plain(value: Any) -> Any:
    """Return what an import did as JSON-ready data."""
    if isinstance(value, tuple | list | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, Problem):
        return {"path": value.path, "message": value.message}
    if attrs.has(type(value)):
        return {one.name: plain(getattr(value, one.name)) for one in attrs.fields(type(value))}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _change(change: EntityChange, language: str) -> str:
    fields = "; ".join(
        f"{one.field}: {_value(one.before, language)} → {_value(one.after, language)}"
        for one in change.fields
    )
    return f"{change.id} ({change.name}): {fields}"


def _value(value: Any, language: str) -> str:
    """Return a value of the model as a person reads it: what is empty is a dash."""
    if isinstance(value, enum.Enum) and hasattr(value, "label"):
        return str(value.label(language))
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(_value(one, language) for one in value) or "—"
    if attrs.has(type(value)):
        parts = [getattr(value, one.name) for one in attrs.fields(type(value))]
        return " ".join(_value(one, language) for one in parts if one or one == 0) or "—"
    return "—" if value is None or value == "" else str(value)

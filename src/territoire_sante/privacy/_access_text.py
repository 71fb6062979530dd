# SPDX-License-Identifier: Apache-2.0
"""An answer to a request of access as a text for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from territoire_sante.model import ContactPointKind, ProcessingBasis, Role
from territoire_sante.plugins import Words

_TITLE: Final = Words("Vos données personnelles", "Your personal data")
_INTRO: Final = Words(
    "Réponse à votre demande d'accès (RGPD, art. 15), établie le {day}. Vous pouvez demander la "
    "rectification ou l'effacement de ces données, la limitation de leur traitement, vous y "
    "opposer, et saisir la CNIL (www.cnil.fr).",
    "Answer to your request of access (GDPR, article 15), made on {day}. You can ask for these "
    "data to be rectified or erased, for their processing to be restricted, object to it, and "
    "complain to the CNIL (www.cnil.fr).",
)
_NONE: Final = Words("Rien n'est enregistré.", "Nothing is recorded.")
_SECTIONS: Final = {
    "identity": Words("Qui vous êtes", "Who you are"),
    "posts": Words("Mandats et postes", "Mandates and posts"),
    "liaison_roles": Words("Missions de liaison", "Liaison roles"),
    "named_in": Words("Où vous êtes nommé·e", "Where you are named"),
    "named_before": Words(
        "Où vous avez été nommé·e (versions antérieures, fiches supprimées)",
        "Where you were named (earlier versions, deleted sheets)",
    ),
    "sent_to": Words("À qui ces données ont été transmises", "To whom these data were sent"),
    "copies": Words("Ce que les liens en gardent en copie", "What links hold a copy of"),
    "sources": Words("D'où elles viennent, et pourquoi", "Where they come from, and why"),
    "kept_until": Words("Jusqu'à quand elles sont conservées", "Until when they are kept"),
    "earlier_versions": Words("Versions antérieures", "Earlier versions"),
    "opposed": Words("Opposition", "Objection"),
}
_NAME: Final = Words("Nom", "Name")
_TOLD: Final = Words("Informé·e le", "Informed on")
_FROM: Final = Words("du {start} au {end}", "from {start} to {end}")
_OPEN: Final = Words("…", "…")
_FIELDS: Final = Words("champs", "fields")
_UNKNOWN: Final = Words("base légale non notée", "legal basis not noted")
_YES: Final = Words("Votre opposition est enregistrée.", "Your objection is recorded.")
_NO: Final = Words("Aucune opposition enregistrée.", "No objection is recorded.")


def as_markdown(data: Mapping[str, Any], language: str) -> str:
    """Return the data as Markdown; what came from elsewhere is shown as it is, never as markup."""
    lines = [f"# {_TITLE.text(language)}", "", _INTRO.text(language).format(day=data["made_on"])]
    for name, title in _SECTIONS.items():
        told = list(_LINES[name](data, language))
        lines += ["", f"## {title.text(language)}", ""]
        lines += [f"- {_plain(line)}" for line in told] or [_NONE.text(language)]
    return "\n".join(lines) + "\n"


def _identity(data: Mapping[str, Any], language: str) -> Iterator[str]:
    person = data["person"]
    name = person.get("name", {})
    parts = (name.get(one, "") for one in ("prefix", "given", "additional", "family", "suffix"))
    yield f"{_NAME.text(language)} : {' '.join(filter(None, parts))}"
    yield from _points(person, language)
    for one in person.get("identifiers", ()):
        yield f"{one['scheme']} : {one['value']}"
    if person.get("notice_sent_on"):
        yield f"{_TOLD.text(language)} {person['notice_sent_on']}"


def _points(holder: Mapping[str, Any], language: str) -> Iterator[str]:
    for point in holder.get("contact_points", ()):
        yield f"{ContactPointKind(point['kind']).label(language)} : {point['value']}"


def _posts(data: Mapping[str, Any], language: str) -> Iterator[str]:
    for post in data["posts"]:
        what = post.get("title") or Role(post["role"]).label(language)
        yield f"{what}, {post['actor_id']}, {_period(post, language)}"
        yield from _points(post, language)


def _period(holder: Mapping[str, Any], language: str) -> str:
    period = holder.get("period") or {}
    dates = {end: period.get(end) or _OPEN.text(language) for end in ("start", "end")}
    return _FROM.text(language).format(**dates)


def _roles(data: Mapping[str, Any], language: str) -> Iterator[str]:
    for role in data["liaison_roles"]:
        said = (role.get("purpose"), role.get("how_to_reach"), _period(role, language))
        yield f"{role['id']} : {', '.join(filter(None, said))}"


def _named(data: Mapping[str, Any], language: str) -> Iterator[str]:
    yield from _where(data["named_in"], language)


def _before(data: Mapping[str, Any], language: str) -> Iterator[str]:
    yield from _where(data["named_before"], language)


def _where(named: Iterable[Mapping[str, Any]], language: str) -> Iterator[str]:
    for one in named:
        title = f"{one['title']} " if one["title"] else ""
        yield f"{title}({one['id']}), {_FIELDS.text(language)} : {', '.join(one['fields'])}"


def _sent(data: Mapping[str, Any], _language: str) -> Iterator[str]:
    for one in data["sent_to"]:
        yield ", ".join(f"{name} : {value}" for name, value in one.items() if value)


def _copies(data: Mapping[str, Any], _language: str) -> Iterator[str]:
    for one in data["copies"]:
        yield ", ".join(f"{name} : {value}" for name, value in one.items() if value)


def _sources(data: Mapping[str, Any], language: str) -> Iterator[str]:
    for one in data["sources"]:
        basis = one["basis"]
        why = ProcessingBasis(basis).label(language) if basis else _UNKNOWN.text(language)
        told = (one["source"], one["source_date"], one["retrieved_on"], one["licence"], why)
        yield f"{one['id']} : {', '.join(filter(None, told))}"


def _until(data: Mapping[str, Any], language: str) -> Iterator[str]:
    for one in data["kept_until"]:
        ground = Words(**one["ground"])
        yield f"{one['id']} : {one['until']}. {ground.text(language)}"


def _earlier(data: Mapping[str, Any], _language: str) -> Iterator[str]:
    for one in data["earlier_versions"]:
        yield f"{one['at']} : {one['entity']}"


def _opposed(data: Mapping[str, Any], language: str) -> Iterator[str]:
    yield (_YES if data["opposed"] else _NO).text(language)


def _plain(text: str) -> str:
    """Return a line in which nothing is markup."""
    flat = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|" else sign for sign in flat)


_LINES: Final = {
    "identity": _identity,
    "posts": _posts,
    "liaison_roles": _roles,
    "named_in": _named,
    "named_before": _before,
    "sent_to": _sent,
    "copies": _copies,
    "sources": _sources,
    "kept_until": _until,
    "earlier_versions": _earlier,
    "opposed": _opposed,
}

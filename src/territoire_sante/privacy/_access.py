# SPDX-License-Identifier: Apache-2.0
"""Everything that is held about one person, for them to read (GDPR, article 15)."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

import attrs

from territoire_sante.errors import ConfigError
from territoire_sante.model import (
    Appointment,
    Entity,
    LiaisonAssignment,
    OppositionList,
    Person,
)
from territoire_sante.privacy._access_text import as_markdown
from territoire_sante.privacy._finder import Finder, spellings
from territoire_sante.privacy._levels import ENTITIES
from territoire_sante.privacy._retention import DEFAULT_RULES, DueKind, RetentionRule, due_of
from territoire_sante.privacy._scrub import (
    deleted_posts,
    ever,
    kept_id_of,
    last_of,
    merges_into,
    posts_of,
    texts_of,
    with_a_past,
)
from territoire_sante.serialization import to_plain

if TYPE_CHECKING:
    from territoire_sante.store import Store, Transaction

#: Tells where the entities with these ids were sent: one record for each link and item.
Sent: TypeAlias = Callable[[Iterable[str]], Iterable[Mapping[str, Any]]]

_NAMES: Final = ("name", "title", "summary")


@attrs.frozen(kw_only=True)
class Access:
    """
    The answer to a request of access, as ``data`` (JSON-ready) and as a text.

    ``data`` holds the sheet and its earlier versions, posts, liaison roles, whatever else names
    the person and in which fields, or did so once, the ids of records that were merged into it,
    where it was sent, what links hold of it, where it comes from and why it may be kept, and until
    when.
    """

    person_id: str
    data: Mapping[str, Any] = attrs.field(repr=False)

    def to_json(self) -> str:
        """Return it as JSON, for programs (GDPR, article 20)."""
        return json.dumps(self.data, ensure_ascii=False, indent=2)

    def to_markdown(self, language: str = "fr") -> str:
        """Return it for people, in ``language``: ``"fr"``, and English for any other."""
        return as_markdown(self.data, language)

    def write(self, folder: str | os.PathLike[str]) -> tuple[Path, ...]:
        """
        Write it into a folder, made if it is missing: JSON, and Markdown in both languages.

        Only the owner can read the files. An answer that is there already is never overwritten:
        it may be that to somebody else.

        Raises:
            ConfigError: an answer is there already, or the folder cannot be written to.
        """
        texts = {
            Path(folder) / "donnees.json": self.to_json(),
            Path(folder) / "donnees.fr.md": self.to_markdown("fr"),
            Path(folder) / "donnees.en.md": self.to_markdown("en"),
        }
        try:
            # A folder that is there keeps its mode.
            Path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
            there = [path.name for path in texts if path.exists()]
            if there:
                raise ConfigError(
                    f"an answer is there already: {', '.join(there)}",
                    where=str(folder),
                    remedy="Name a folder of its own for each answer",
                )
            for path, text in texts.items():
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"cannot be written ({getattr(error, 'strerror', None) or error})",
                where=str(folder),
                remedy="Name a folder that may be written to",
            ) from error
        return tuple(texts)


def subject_access(
    store: Store,
    person_id: str,
    *,
    today: dt.date,
    sent: Sent | None = None,
    copies: Sent | None = None,
    opposition: OppositionList | None = None,
    rules: Mapping[DueKind, RetentionRule] = DEFAULT_RULES,
) -> Access:
    """
    Gather everything that a store holds about one person.

    Records that were merged into theirs are part of it: their versions and sources, what names
    them, and where they were sent; the id of one of them means the person.

    ``sent`` tells where things were sent, such as ``functools.partial(sync.sent, store)``;
    ``copies`` what links hold of their card, such as ``functools.partial(sync.copies, store)``;
    ``opposition`` whether their addresses are on the list.

    Raises:
        EntityNotFoundError: there is no such person.
    """
    with store.reading() as reader:
        person_id = kept_id_of(reader, person_id)
        person = last_of(reader, person_id) or reader.get(Person, person_id)
        deleted = reader.find(Person, person_id) is None
        twins = [one.dropped_id for one in merges_into(reader, person_id)]
        posts = posts_of(reader, person_id)
        roles = [role for post in posts for role in reader.referring(LiaisonAssignment, post.id)]
        ids = (person_id, *twins)
        keys: list[tuple[type[Entity], str]] = [
            *((type(one), one.id) for one in (person, *posts, *roles)),
            *((Person, id_) for id_ in twins),
            *((Appointment, id_) for id_ in deleted_posts(reader, ids)),
        ]
        own = {id_ for _, id_ in keys}
        about = _About.of(reader, ids, posts)
        others = [one for one in about.now(reader) if one["id"] not in own]
        before = [one for one in about.before(reader) if one["id"] not in own]
        named = [one["id"] for one in others]
        points = [*person.contact_points, *(p for post in posts for p in post.contact_points)]
        listed = opposition is not None and any(opposition.opposes(point) for point in points)
        until = [due_of(post, rules) for post in posts]
        data: dict[str, Any] = {
            "made_on": today.isoformat(),
            "person": to_plain(person),
            "deleted": deleted,
            "posts": [to_plain(post) for post in posts],
            "liaison_roles": [to_plain(role) for role in roles],
            "named_in": others,
            "named_before": before,
            "merged_records": twins,
            "earlier_versions": [
                version for cls, id_ in keys for version in _versions(reader, cls, id_)
            ],
            "sent_to": [],
            "copies": [],
            "sources": _sources((person, *posts, *roles, *_last_of(reader, twins))),
            "opposed": person.opposed or listed,
            "kept_until": [
                {"id": due.id, "until": due.since.isoformat(), "ground": attrs.asdict(due.ground)}
                for due in until
                if due is not None
            ],
        }
    if sent is not None:
        # It reads the store itself, and one in memory has a single reader at a time.
        data["sent_to"] = [dict(one) for one in sent(sorted({*own, *named}))]
    if copies is not None:
        data["copies"] = [dict(one) for one in copies(sorted(own))]
    return Access(person_id=person_id, data=data)


def _last_of(reader: Transaction, ids: Iterable[str]) -> list[Entity]:
    """Return records as they were before they went into another one."""
    past = ([v.entity for v in reader.history(Person, id_) if v.entity is not None] for id_ in ids)
    return [versions[-1] for versions in past if versions]


def _versions(reader: Transaction, cls: type[Entity], id_: str) -> list[dict[str, Any]]:
    """Return the earlier versions; the last one is the present one, if it is there still."""
    told = [
        {"at": version.at.isoformat(), "entity": to_plain(version.entity)}
        for version in reader.history(cls, id_)
        if version.entity is not None
    ]
    return told[:-1] if reader.find(cls, id_) is not None else told


@attrs.frozen(kw_only=True)
class _About:
    """Finds what names a person or one of their posts, by id, or by any name or address."""

    ids: Collection[str]
    finder: Finder

    @classmethod
    def of(
        cls, reader: Transaction, person_ids: Collection[str], posts: Iterable[Appointment]
    ) -> Self:
        """Look up all names and addresses that they ever had."""
        words: set[str] = set()
        for one in ever(reader, person_ids):
            words.update(point.value for point in one.contact_points)
            words.update(spellings(one.name) if isinstance(one, Person) else ())
        ids = {*person_ids, *(post.id for post in posts), *deleted_posts(reader, person_ids)}
        return cls(ids=ids, finder=Finder.of(words))

    def now(self, reader: Transaction) -> Iterator[dict[str, Any]]:
        """Yield what names them now."""
        for cls in ENTITIES:
            for entity in reader.all(cls):
                if fields := self._fields(entity):
                    yield {"id": entity.id, "title": _title(entity), "fields": fields}

    def before(self, reader: Transaction) -> Iterator[dict[str, Any]]:
        """Yield what named them in an earlier version only, or before it was deleted."""
        kinds = {cls.KIND: cls for cls in ENTITIES}
        for kind, id_ in sorted(with_a_past(reader)):
            cls = kinds[kind]
            past = [one.entity for one in reader.history(cls, id_) if one.entity is not None]
            there = reader.find(cls, id_)
            named = {name for one in past for name in self._fields(one)}
            if fields := sorted(named.difference(self._fields(there) if there else ())):
                yield {"id": id_, "title": _title(past[-1]), "fields": fields}

    def _fields(self, entity: Entity) -> list[str]:
        return [
            field.name
            for field in attrs.fields(type(entity))
            if field.name != "id"
            and any(
                text in self.ids or self.finder.finds(text)
                for text in texts_of(getattr(entity, field.name))
            )
        ]


def _title(entity: Entity) -> str:
    titles = (getattr(entity, name, None) for name in _NAMES)
    # What somebody else is called is theirs.
    return next((title for title in titles if isinstance(title, str)), "")


def _sources(entities: Iterable[Entity]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "source": one.provenance.source,
            "source_date": _iso(one.provenance.source_date),
            "retrieved_on": _iso(one.provenance.retrieved_on),
            "licence": one.provenance.licence,
            "basis": None if one.provenance.basis is None else one.provenance.basis.value,
        }
        for one in entities
        if one.provenance is not None
    ]


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()

# SPDX-License-Identifier: Apache-2.0
"""Plans as data: what would be done to each item, and why."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import attrs

from territoire_sante.errors import ConfigError
from territoire_sante.model import LabelledEnum
from territoire_sante.plugins import Catalog
from territoire_sante.sync._link import Link
from territoire_sante.sync._merge import FieldConflict
from territoire_sante.sync._records import Quarantined, Waiting

PLAN_VERSION: Final = 2

#: Deletions allowed without asking: this many, or this share of the link's items.
DELETIONS_FLOOR: Final = 5
DELETIONS_SHARE: Final = 0.2


class Action(LabelledEnum):
    """What is done to one item."""

    CREATE_REMOTE = "create_remote", "Créer là-bas", "Create there"
    UPDATE_REMOTE = "update_remote", "Mettre à jour là-bas", "Update there"
    DELETE_REMOTE = "delete_remote", "Supprimer là-bas", "Delete there"
    CREATE_LOCAL = "create_local", "Créer ici", "Create here"
    UPDATE_LOCAL = "update_local", "Mettre à jour ici", "Update here"
    DELETE_LOCAL = "delete_local", "Supprimer ici", "Delete here"
    MERGE = "merge", "Fusionner les deux côtés", "Merge both sides"
    REFRESH = "refresh", "Noter la nouvelle version", "Note the new version"
    FORGET = "forget", "Oublier (absent des deux côtés)", "Forget (gone on both sides)"
    RELEASE = "release", "Ne plus synchroniser", "Stop syncing it"
    REFUSE = "refuse", "Refusé par le canal", "Refused by the channel"
    CONFLICT = "conflict", "Conflit à trancher", "Conflict to decide"
    QUARANTINE = "quarantine", "Mis de côté (illisible)", "Set aside (unreadable)"

    @property
    def deletes(self) -> bool:
        """Whether an item disappears on one side."""
        return self in (Action.DELETE_LOCAL, Action.DELETE_REMOTE)

    @property
    def writes(self) -> bool:
        """Whether a document or an entity is changed on one side."""
        return not self.waits and self not in (Action.REFRESH, Action.FORGET, Action.RELEASE)

    @property
    def edits(self) -> bool:
        """Whether some fields are written and others left alone: a new item has them all."""
        return self in (Action.UPDATE_LOCAL, Action.UPDATE_REMOTE, Action.MERGE)

    @property
    def waits(self) -> bool:
        """Whether nothing is written until a person acts."""
        return self in (Action.REFUSE, Action.CONFLICT, Action.QUARANTINE)


@attrs.frozen(kw_only=True)
class Operation:
    """
    One step of a plan.

    ``local`` and ``view`` are plain views: as it is here, and as merged; ``there`` has the
    fields that the other side is to hold otherwise.
    ``document`` is the remote version that was read (``etag``), the one a write is
    conditional on; ``base`` names what the link remembered when the plan was made.
    ``cause`` names why an announcement is held back; ``meant``: a person or its own end asked for
    this deletion, so that it is no sign of trouble. ``seen`` is ``view`` as the lens gave it, if it
    was read in this process, and ``ready`` what storing it means, if that was made ready.
    """

    action: Action
    uid: str
    key: str = ""
    kind: str = ""
    title: str = ""
    href: str | None = None
    hint: str = ""
    etag: str | None = None
    base: str = ""
    media_type: str = ""
    local: Mapping[str, Any] | None = None
    view: Mapping[str, Any] | None = None
    document: bytes | None = attrs.field(default=None, repr=False)
    to_local: tuple[str, ...] = ()
    to_remote: tuple[str, ...] = ()
    there: Mapping[str, Any] = attrs.field(factory=dict)
    conflicts: tuple[FieldConflict, ...] = ()
    winner: str = ""
    reason: str = ""
    reason_fr: str = ""
    proposal: Mapping[str, Any] | None = None
    cause: str = ""
    meant: bool = False
    seen: Any = attrs.field(default=None, eq=False, repr=False)
    # Its class, Ready, is loaded by runs with something new only.
    ready: Any = attrs.field(default=None, eq=False, repr=False)

    @property
    def is_accident(self) -> bool:
        """Whether an item disappears on one side, and nobody said that it should."""
        return self.action.deletes and not self.meant

    def to_plain(self) -> dict[str, Any]:
        """Return JSON-ready data; the document in base64."""
        data = attrs.asdict(self, filter=attrs.filters.exclude("seen", "ready"))
        data["action"] = self.action.value
        data["document"] = (
            None if self.document is None else base64.b64encode(self.document).decode("ascii")
        )
        return data

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Operation:
        """Return the operation that :meth:`to_plain` wrote."""
        document = data["document"]
        return cls(
            **{
                **data,
                "action": Action(data["action"]),
                "document": None if document is None else base64.b64decode(document),
                "to_local": tuple(data["to_local"]),
                "to_remote": tuple(data["to_remote"]),
                "conflicts": tuple(FieldConflict(**c) for c in data["conflicts"]),
            }
        )


@attrs.frozen(kw_only=True)
class Plan:
    """
    What a run would do, made by :func:`territoire_sante.sync.plan`; nothing is written yet.

    ``listed`` counts the remote items known, ``read`` the documents fetched,
    ``linked`` the pairs of the link, ``unchanged`` the pairs that need nothing.
    ``full`` says that the other side was compared as a whole, ``whole`` that this one was; up to
    which ``revision`` of the store, and under which ``rules``. If not whole, ``looked`` has the
    keys that were. ``waiting`` is what neither an operation nor a pair stands for. ``config`` is
    what the other side was opened with, secrets and all: it stays in this process.
    """

    link: Link
    operations: tuple[Operation, ...]
    quarantined: tuple[Quarantined, ...] = ()
    recovered: tuple[str, ...] = ()
    cursor: str | None = None
    full: bool = True
    listed: int = 0
    read: int = 0
    linked: int = 0
    unchanged: int = 0
    made_at: dt.datetime
    revision: int | None = None
    whole: bool = True
    rules: str = ""
    looked: tuple[str, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    catalog: Catalog | None = attrs.field(default=None, eq=False, repr=False)
    config: Any = attrs.field(default=None, eq=False, repr=False)

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that name exactly these operations."""
        text = json.dumps([o.to_plain() for o in self.operations], sort_keys=True)
        digest = hashlib.sha256(f"{self.link.name}\n{text}".encode())
        return digest.hexdigest()[:12]

    @property
    def is_quiet(self) -> bool:
        """Whether a run would write nothing on either side."""
        return not any(operation.action.writes for operation in self.operations)

    @property
    def deletions(self) -> int:
        """How many items would disappear on one side without anybody having asked for it."""
        return sum(operation.is_accident for operation in self.operations)

    @property
    def is_blocked(self) -> bool:
        """Whether the deletions need a confirmation: ``max(5, 20 %)`` of the link, or one side."""
        many = self.deletions > max(DELETIONS_FLOOR, int(self.linked * DELETIONS_SHARE))
        return many or self._empties_a_side

    @property
    def _empties_a_side(self) -> bool:
        """Whether all that is left on one side would go; one single item may."""
        sides = Counter(o.action for o in self.operations if o.is_accident)
        return self.linked > 1 and self.linked in sides.values()

    def counts(self) -> dict[str, int]:
        """Return how many operations there are of each action, none left out."""
        found = Counter(operation.action.value for operation in self.operations)
        return {action.value: found[action.value] for action in Action}

    def to_plain(self) -> dict[str, Any]:
        """Return JSON-ready data, without the link's configuration and its secrets."""
        return {
            "version": PLAN_VERSION,
            "link": self.link.name,
            "fingerprint": self.fingerprint,
            "made_at": self.made_at.isoformat(),
            "cursor": self.cursor,
            "full": self.full,
            "revision": self.revision,
            "whole": self.whole,
            "rules": self.rules,
            "looked": list(self.looked),
            "waiting": [attrs.asdict(one) for one in self.waiting],
            "listed": self.listed,
            "read": self.read,
            "linked": self.linked,
            "unchanged": self.unchanged,
            "blocked": self.is_blocked,
            "operations": [operation.to_plain() for operation in self.operations],
            "quarantined": [item.to_plain() for item in self.quarantined],
            "recovered": list(self.recovered),
        }

    @classmethod
    def from_plain(cls, data: Mapping[str, Any], link: Link) -> Plan:
        """
        Return the plan that :meth:`to_plain` wrote, for the same link.

        Raises:
            ConfigError: it was made for another link, or by another version.
        """
        if (data["version"], data["link"]) != (PLAN_VERSION, link.name):
            raise ConfigError(
                f"the plan is for link {data['link']!r}, version {data['version']}",
                where=f"link {link.name!r}",
                remedy="Make a new plan",
            )
        return cls(
            link=link,
            operations=tuple(Operation.from_plain(o) for o in data["operations"]),
            quarantined=tuple(Quarantined.from_plain(q) for q in data["quarantined"]),
            recovered=tuple(data["recovered"]),
            cursor=data["cursor"],
            full=data["full"],
            revision=data["revision"],
            whole=data["whole"],
            rules=data["rules"],
            looked=tuple(data["looked"]),
            waiting=tuple(Waiting(**one) for one in data["waiting"]),
            listed=data["listed"],
            read=data["read"],
            linked=data["linked"],
            unchanged=data["unchanged"],
            made_at=dt.datetime.fromisoformat(data["made_at"]),
        )

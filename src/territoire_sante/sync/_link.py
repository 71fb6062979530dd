# SPDX-License-Identifier: Apache-2.0
"""A link: one collection on the other side, what of the store it shows, and how to decide."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import attrs

from territoire_sante.errors import ConfigError, InvalidValueError
from territoire_sante.model import LabelledEnum, Visibility
from territoire_sante.plugins import Capability, ConnectorSpec
from territoire_sante.projections import ONE_WAY, PROJECTIONS


class Direction(LabelledEnum):
    """Which way changes travel."""

    PULL = "pull", "Lecture seule (vers ici)", "Pull (to here)"
    PUSH = "push", "Publication (vers l'extérieur)", "Push (to the other side)"
    BOTH = "both", "Dans les deux sens", "Both ways"

    @property
    def reads(self) -> bool:
        """Whether changes of the other side come here."""
        return self is not Direction.PUSH

    @property
    def writes(self) -> bool:
        """Whether changes made here go to the other side."""
        return self is not Direction.PULL


class ConflictPolicy(LabelledEnum):
    """Who wins when both sides changed the same field; the loser is always kept in the journal."""

    LOCAL = "local", "La version d'ici l'emporte", "Local wins"
    REMOTE = "remote", "La version distante l'emporte", "Remote wins"
    NEWEST = "newest", "La plus récente l'emporte", "Newest wins"
    ASK = "ask", "Demander à une personne", "Ask a person"


def _frozen_mapping(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(value))


#: Options that, by their name, say how to talk to a collection and not which one it is: a link
#: whose password or time limit changes has not moved.
_HOW = frozenset(
    {
        "allowed_hosts", "auth", "authenticator", "batch", "ca_file", "careful", "create",
        "deadline", "max_bytes", "password", "timeout", "token_lifetime", "trust_tokens",
        "vcard_version",
    }
)  # fmt: skip


def _named(value: object) -> str:
    """Return an option that is no plain data, the same in each process."""
    shown = str(value)
    return type(value).__qualname__ if f"{id(value):x}" in shown else shown


_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@attrs.frozen(kw_only=True)
class Link:
    """
    A configured connection between the store and one remote collection.

    ``view`` is ``"event"``, ``"contact"`` or ``"announcement"``. What is shown
    to the other side is limited by ``audience``. ``projection`` says what of the store is shown, by
    default what the view is named after; see :data:`territoire_sante.projections.PROJECTIONS`.
    ``config`` holds the options
    of the connector, its secrets as references (``{"$env": …}``); it is left
    out of the representation. Relative paths in it start from ``base``.
    ``keep_deleted`` is for how many days what a run deletes can be brought back;
    ``parallel`` is how many writes may be under way at a time, as many as the
    connector allows if left out. ``fallback`` names the link that announcements go to which
    this one refuses, or fails to take for good. With ``people`` the organiser and the attendees
    of events are written too; without it they are only left as they are, because many
    servers send mail to everybody whom they find there.
    """

    name: str
    connector: str
    view: str
    config: Mapping[str, Any] = attrs.field(factory=dict, converter=_frozen_mapping, repr=False)
    direction: Direction = Direction.BOTH
    conflict: ConflictPolicy = ConflictPolicy.ASK
    audience: Visibility = Visibility.PARTNERS
    projection: str = ""
    base: Path | None = attrs.field(default=None, repr=False)
    keep_deleted: int = 30
    parallel: int | None = None
    fallback: str = ""
    people: bool = False

    @property
    def place(self) -> str:
        """Name the collection: the connector and those options that say where, as a digest."""
        where = {name: value for name, value in self.config.items() if name not in _HOW}
        text = json.dumps([self.connector, where], sort_keys=True, default=_named)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def scope(self) -> str:
        """Name what decides which items this link has to do with."""
        shown = f" {self.projection}" if self.projection else ""
        people = " people" if self.people else ""
        return f"{self.view} {self.direction.value} {self.audience.value}{shown}{people}"

    @property
    def publishes(self) -> bool:
        """Whether announcements go out, and nothing comes back: it has a delivery ledger."""
        return self.view == "announcement" and self.direction is Direction.PUSH

    @property
    def misfit(self) -> tuple[str, str] | None:
        """Why this link cannot show its projection, and the remedy; ``None`` if it can."""
        name = self.projection
        possible = [one for one, view in PROJECTIONS.items() if view == self.view]
        if name and name not in possible:
            return (
                f'projection = "{name}" is not possible with view = "{self.view}"',
                f"Choose one of {', '.join(possible)}",
            )
        if name in ONE_WAY and self.direction is not Direction.PUSH:
            return (
                f'projection = "{name}" only shows: nothing can be read from the other side',
                'Write direction = "push"',
            )
        if self.people and (self.view != "event" or name in ONE_WAY):
            return "people = true is for events only", "Leave it out"
        if self.fallback and (self.fallback == self.name or not self.publishes):
            return (
                f'fallback = "{self.fallback}" is not possible here',
                'Name another link; both have view = "announcement" and direction = "push"',
            )
        return None

    def __attrs_post_init__(self) -> None:
        if not self.name or not _NAME_CHARACTERS.issuperset(self.name):
            raise InvalidValueError(
                f"{self.name!r} is not a name of a link",
                where="name",
                remedy="Use letters, digits, '-', '_' and '.'",
            )
        for name, least in (("keep_deleted", 0), ("parallel", 1)):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or value < least):
                raise InvalidValueError(
                    f"{value!r} is not possible",
                    where=name,
                    remedy=f"Give a whole number, {least} at least",
                )


def check_link(link: Link, spec: ConnectorSpec[Any]) -> None:
    """
    Check that a link asks of its connector what it can do.

    Raises:
        ConfigError: another view, a direction that the connector has no capability for, or more
            writes at a time than it allows.
    """
    view = spec.view.__name__.lower()
    if view != link.view:
        raise ConfigError(
            f'connector {spec.name} shows "{view}", the link says "{link.view}"',
            where=f"link {link.name}",
            remedy=f'Write view = "{view}", or name another connector',
        )
    if link.parallel is not None and link.parallel > spec.parallel_writes:
        raise ConfigError(
            f"parallel = {link.parallel} is more than connector {spec.name} allows",
            where=f"link {link.name}",
            remedy=f"Write {spec.parallel_writes} at most, or leave it out",
        )
    for wanted, needed, capability in (
        (link.direction.reads, "reads", Capability.READ),
        (link.direction.writes, "writes", Capability.WRITE),
    ):
        if wanted and capability not in spec.capabilities:
            raise ConfigError(
                f'direction = "{link.direction.value}" {needed}, connector {spec.name} cannot',
                where=f"link {link.name}",
                remedy="Choose another direction",
            )
    if link.misfit is not None:
        what, remedy = link.misfit
        raise ConfigError(what, where=f"link {link.name}", remedy=remedy)

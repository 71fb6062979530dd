# SPDX-License-Identifier: Apache-2.0
"""What is known of one item on both sides, and how its link decides: the input of decisions."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from territoire_sante.sync._link import ConflictPolicy, Direction
from territoire_sante.sync._merge import Plain, Rules
from territoire_sante.sync._records import Intent, Item, JournalEntry, Refusal, version_of

if TYPE_CHECKING:
    from territoire_sante.sync._ready import Ready


class Presence(enum.Enum):
    """What is known of the other side of an item."""

    NEVER = "never"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    GONE = "gone"
    UNREADABLE = "unreadable"


@attrs.frozen(kw_only=True)
class Remote:
    """
    The other side of an item; the bytes and the view only if it was read.

    ``seen`` is the view as the lens gave it, ``view`` the same as plain data, and ``ready`` what
    storing it means, if that was made ready.
    """

    presence: Presence
    href: str | None = None
    etag: str | None = None
    document: bytes | None = None
    media_type: str = ""
    view: Plain | None = None
    seen: Any = attrs.field(default=None, eq=False, repr=False)
    ready: Ready | None = attrs.field(default=None, eq=False, repr=False)


@attrs.frozen(kw_only=True)
class Local:
    """This side of an item, as the projection shows it."""

    key: str
    kind: str
    view: Plain
    uid: str = ""


@attrs.frozen(kw_only=True)
class Pair:
    """
    All that is known of one item.

    ``hidden``: it exists here but may not be shown. ``forgotten``: it was erased here, or its
    person objected.
    """

    uid: str
    item: Item | None
    local: Local | None
    remote: Remote
    intent: Intent | None = None
    refusal: Refusal | None = None
    hidden: bool = False
    forgotten: bool = False

    @property
    def base(self) -> str:
        """Name what the link remembers of it."""
        return version_of(self.item, self.intent)


@attrs.frozen(kw_only=True)
class Verdict:
    """Why a view does not fit its channel, and a view that would."""

    reason: str
    reason_fr: str
    proposal: Plain | None = None


@attrs.frozen(kw_only=True)
class Policy:
    """
    How a link decides.

    ``base_view`` reads a remembered document; ``judge`` says why a view does
    not fit (``None`` if it does); ``newest`` names the side edited last,
    empty if that is not known; ``chosen`` holds what persons decided, by UID,
    with the values that they saw. ``moved``: the link was pointed at another collection
    since its last run, where what is missing was never deleted.
    """

    direction: Direction
    conflict: ConflictPolicy
    rules: Rules
    base_view: Callable[[bytes], Plain]
    judge: Callable[[Plain], Verdict | None]
    newest: Callable[[Pair], str]
    chosen: Mapping[str, JournalEntry]
    moved: bool = False

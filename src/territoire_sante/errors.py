# SPDX-License-Identifier: Apache-2.0
"""
Every error this library raises on purpose, grouped by who must act.

.. code-block:: text

    TerritoireSanteError
    ├── InputError              whoever gave the data: correct it
    │   ├── InvalidValueError       a malformed identifier, period, address …
    │   ├── TransitionError         a state change that the table does not allow
    │   ├── DecodingError           a bad file of entities (.problems: all of them)
    │   ├── AnnouncementRefusedError  does not fit its channel (.reasons, .proposal)
    │   └── FormatError             bytes that are no calendar, card or feed (.line)
    │       ├── LimitExceededError      larger or deeper than the stated limits
    │       │   └── RecurrenceTooLargeError  a rule that would take too long to follow
    │       ├── UnsupportedError        known to the standard, not handled yet
    │       └── LossyConversionError    a conversion would lose something (.lost)
    ├── StoreError              the host program: look again, or mend the database
    │   ├── EntityNotFoundError     nothing stored under this id
    │   ├── RevisionConflictError   somebody wrote it in between (.expected, .actual)
    │   └── StoreUnusableError      locked, damaged, or made by a newer version
    ├── ConfigError             the integrator: fix the configuration (.problems)
    ├── PluginError             the installer: fix the environment
    │   ├── PluginNotFoundError     with "did you mean"
    │   ├── PluginBrokenError       cannot be imported, cause chained
    │   └── PluginIncompatibleError made for another version of the contract
    ├── SyncError               whoever runs the sync
    │   ├── PlanOutdatedError       the plan no longer matches store or link
    │   ├── LinkBusyError           another run of the link is at work
    │   └── MassDeletionError       too many deletions (.fingerprint confirms them)
    └── ConnectorError          the sync engine: act on the class
        ├── RetryableError          again later (.retry_after, in seconds)
        │   └── UnreachableError        no answer: host, port, name or time-out
        ├── AuthError               stop this link, ask for credentials
        │   └── ReadOnlyError           the account may read, not write: go on reading
        ├── ProtocolError           the server lies: HTML for data, broken XML …
        │   └── OtherHostError          it points to a host that is not allowed (.host)
        ├── CollectionGoneError     the whole collection is missing: stop, delete nothing
        ├── ConflictError           the version written against is not the current one
        ├── OutcomeUnknownError     the write may have happened: settle it by reading
        ├── ItemError               skip one item, keep going (.href)
        │   ├── ItemNotFoundError
        │   ├── ItemUnreadableError
        │   └── ItemRefusedError        the server refuses this item for good
        │       └── NeedsPersonError        only a person can do it there (.hand_over)
        └── ConnectorCrashedError   a bug in the connector, cause chained

Each error says *where* (file, line, field, address), *what* (the cause) and the
*remedy*; the three are attributes, and ``str()`` joins them. None carries a
secret or the body of somebody's document.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "AnnouncementRefusedError",
    "AuthError",
    "CollectionGoneError",
    "ConfigError",
    "ConflictError",
    "ConnectorCrashedError",
    "ConnectorError",
    "DecodingError",
    "EntityNotFoundError",
    "FormatError",
    "InputError",
    "InvalidValueError",
    "ItemError",
    "ItemNotFoundError",
    "ItemRefusedError",
    "ItemUnreadableError",
    "LimitExceededError",
    "LinkBusyError",
    "LossyConversionError",
    "MassDeletionError",
    "NeedsPersonError",
    "OtherHostError",
    "OutcomeUnknownError",
    "PlanOutdatedError",
    "PluginBrokenError",
    "PluginError",
    "PluginIncompatibleError",
    "PluginNotFoundError",
    "Problem",
    "ProtocolError",
    "ReadOnlyError",
    "RecurrenceTooLargeError",
    "RetryableError",
    "RevisionConflictError",
    "StoreError",
    "StoreUnusableError",
    "SyncError",
    "TerritoireSanteError",
    "TransitionError",
    "UnreachableError",
    "UnsupportedError",
]


class Problem:
    """
    One thing wrong in a file or a configuration: where it is, and what it is.

    ``path`` is a JSONPath-like place (``$.start``, ``line 12: $.id``); it is
    empty when the problem concerns the whole.
    """

    __slots__ = ("message", "path")

    def __init__(self, path: str, message: str) -> None:
        self.path = path
        self.message = message

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message

    def __repr__(self) -> str:
        return f"Problem({self.path!r}, {self.message!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Problem):
            return NotImplemented
        return (self.path, self.message) == (other.path, other.message)

    def __hash__(self) -> int:
        return hash((self.path, self.message))


class TerritoireSanteError(Exception):
    """
    Root of the tree; catch it to catch everything raised on purpose.

    Args:
        what: the cause, in a sentence without its final stop.
        where: file, line, field, link or address; empty if it is obvious.
        remedy: what to do about it, in a sentence; empty if nothing can be done.
    """

    def __init__(self, what: str = "", *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}. {self.remedy}" if self.remedy else head


class _ProblemsError(TerritoireSanteError):
    """Carries every problem found, not only the first."""

    def __init__(
        self,
        what: str = "",
        *,
        problems: Sequence[Problem] = (),
        where: str = "",
        remedy: str = "",
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        lines = [super().__str__(), *(f"  - {problem}" for problem in self.problems)]
        return "\n".join(lines)


class InputError(TerritoireSanteError):
    """The data given is wrong; whoever gave it can correct it."""


class InvalidValueError(InputError, ValueError):
    """A value does not have the form that its type asks for."""


class TransitionError(InputError):
    """
    A state machine does not allow this step.

    ``state`` is the present state, ``wish`` the verb asked for, ``allowed``
    the verbs that are possible from this state.
    """

    def __init__(
        self,
        what: str = "",
        *,
        state: str = "",
        wish: str = "",
        allowed: Sequence[str] = (),
        where: str = "",
        remedy: str = "",
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.state = state
        self.wish = wish
        self.allowed = tuple(allowed)


class DecodingError(InputError, _ProblemsError):
    """A file of entities does not follow the schema; ``problems`` names all the places."""


class AnnouncementRefusedError(InputError):
    """
    An announcement does not fit its channel, and nothing is ever cut.

    ``reasons`` says why in sentences, ``proposal`` is a text that would fit
    (or ``None``); a person decides.
    """

    def __init__(
        self,
        what: str = "",
        *,
        reasons: Sequence[str] = (),
        proposal: str | None = None,
        where: str = "",
        remedy: str = "",
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.reasons = tuple(reasons)
        self.proposal = proposal


class FormatError(InputError):
    """Bytes do not follow their format; ``line`` is the 1-based line, 0 if unknown."""

    def __init__(self, what: str = "", *, line: int = 0, where: str = "", remedy: str = "") -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.line = line

    def __str__(self) -> str:
        text = super().__str__()
        return f"line {self.line}: {text}" if self.line else text


class LimitExceededError(FormatError):
    """A document is larger, deeper or denser than the stated limits."""


class RecurrenceTooLargeError(LimitExceededError):
    """A recurrence rule has more instances in the window, or before it, than may be made."""


class UnsupportedError(FormatError):
    """The standard allows it, this version does not handle it; see the page on limits."""


class LossyConversionError(FormatError):
    """A conversion would lose something; ``lost`` names what."""

    def __init__(
        self,
        what: str = "",
        *,
        lost: Sequence[str] = (),
        line: int = 0,
        where: str = "",
        remedy: str = "",
    ) -> None:
        super().__init__(what, line=line, where=where, remedy=remedy)
        self.lost = tuple(lost)


class StoreError(TerritoireSanteError):
    """The store cannot do what was asked."""


class EntityNotFoundError(StoreError, LookupError):
    """Nothing is stored under this id."""


class RevisionConflictError(StoreError):
    """Somebody wrote the entity since it was read: read again, decide again."""

    def __init__(
        self,
        what: str = "",
        *,
        expected: int = 0,
        actual: int = 0,
        where: str = "",
        remedy: str = "",
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.expected = expected
        self.actual = actual


class StoreUnusableError(StoreError):
    """The database is locked, damaged, unreachable, or made by a newer version."""


class ConfigError(_ProblemsError):
    """The configuration is wrong; ``problems`` names every place."""


class PluginError(TerritoireSanteError):
    """A plug-in cannot be used in this environment."""


class PluginNotFoundError(PluginError, LookupError):
    """No installed plug-in has this name."""


class PluginBrokenError(PluginError):
    """A plug-in is installed but cannot be imported or is not a connector."""


class PluginIncompatibleError(PluginError):
    """A plug-in was made for another version of the contract."""


class SyncError(TerritoireSanteError):
    """A sync cannot go on as a whole."""


class PlanOutdatedError(SyncError):
    """The plan was made for another state of the store or of the link: plan again."""


class LinkBusyError(SyncError):
    """Another run of the same link is at work; the message says which, and since when."""


class MassDeletionError(SyncError):
    """A plan deletes more than its guard allows; confirm it with ``fingerprint``."""

    def __init__(
        self, what: str = "", *, fingerprint: str = "", where: str = "", remedy: str = ""
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.fingerprint = fingerprint


class ConnectorError(TerritoireSanteError):
    """A connector could not do its work; the engine acts on the class."""


class RetryableError(ConnectorError):
    """It may work later; ``retry_after`` is in seconds, ``None`` if not told."""

    def __init__(
        self,
        what: str = "",
        *,
        retry_after: float | None = None,
        where: str = "",
        remedy: str = "",
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.retry_after = retry_after


class UnreachableError(RetryableError):
    """No answer came: the host, the port, the name or the time allowed is wrong."""


class AuthError(ConnectorError):
    """The credentials are refused or do not suffice."""


class ReadOnlyError(AuthError):
    """The account may read the collection and not write to it; its content can still come here."""


class ProtocolError(ConnectorError):
    """The server's answer is not what its protocol promises; nothing is concluded from it."""


class OtherHostError(ProtocolError):
    """
    The server points to another host, which nobody allowed; nothing was sent there.

    ``host`` is its name, with the port unless it is the scheme's own.
    """

    def __init__(
        self, what: str = "", *, host: str = "", where: str = "", remedy: str = ""
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.host = host


class CollectionGoneError(ConnectorError):
    """The collection itself is missing. Never read as "every item was deleted"."""


class ConflictError(ConnectorError):
    """The write was refused because another version is there now: read, merge, try again."""


class OutcomeUnknownError(ConnectorError):
    """The answer to a write was lost: it may have happened. Settle it by reading."""


class ItemError(ConnectorError):
    """One item is at fault; the others go on. ``href`` names it."""

    def __init__(
        self, what: str = "", *, href: str = "", where: str = "", remedy: str = ""
    ) -> None:
        super().__init__(what, where=where or href, remedy=remedy)
        self.href = href


class ItemNotFoundError(ItemError):
    """The item is explicitly not there (404, 410)."""


class ItemUnreadableError(ItemError):
    """The item is there but cannot be understood: quarantined, never deleted."""


class ItemRefusedError(ItemError):
    """The server refuses this item for good: too large, forbidden, a limit, invalid data."""


class NeedsPersonError(ItemRefusedError):
    """
    The other side has no call for this; ``hand_over`` tells a person in French what to do there.

    It is a whole text, ready to be sent to whoever has access: where to go, what to
    look for, what to type.
    """

    def __init__(
        self,
        what: str = "",
        *,
        hand_over: str,
        href: str = "",
        where: str = "",
        remedy: str = "",
    ) -> None:
        super().__init__(what, href=href, where=where, remedy=remedy)
        self.hand_over = hand_over


class ConnectorCrashedError(ConnectorError):
    """The connector raised something outside this tree: a bug in it, cause chained."""

# SPDX-License-Identifier: Apache-2.0
"""Our events on an instance: listed and read, created, changed and deleted by the version seen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from territoire_sante.errors import (
    AuthError,
    ConflictError,
    FormatError,
    InvalidValueError,
    ItemNotFoundError,
    ItemRefusedError,
    OutcomeUnknownError,
    ProtocolError,
)
from territoire_sante.formats import Document, record
from territoire_sante.model import ChannelLimits, fit
from territoire_sante.plugins import (
    Confirmable,
    Confirmation,
    Diagnosable,
    Fact,
    Limited,
    Readable,
    Ref,
    Stored,
    Unreadable,
    Words,
    Writable,
    tag,
)
from territoire_sante_mobilizon._api import Api, Fault, opened_api
from territoire_sante_mobilizon._config import MobilizonConfig
from territoire_sante_mobilizon._confirm import confirmations
from territoire_sante_mobilizon._lens import Event, MobilizonLens, document_of, uid_of
from territoire_sante_mobilizon._limits import LIMITS

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TAG: Final = re.compile(r"<[!/?a-zA-Z]")
_SENT: Final = (
    *("title", "description", "beginsOn", "endsOn", "onlineAddress", "physicalAddress"),
    *("options", "metadata"),
)
#: What a change that does not name it sets to the default of a new event.
_RESET: Final = ("visibility", "joinOptions", "contacts")
_CLOSED: Final = (
    "Cette instance n'accepte que les événements de groupes : indiquez l'option group. / "
    "This instance takes events of groups only: set the option group"
)


@contextmanager
def opened(config: MobilizonConfig) -> Iterator[Events]:
    """
    Give the transport, once the account is signed in.

    Raises:
        AuthError: the account is refused, or may not publish.
        CollectionGoneError: there is no such group.
        ProtocolError: there is no such service at this address.
        RetryableError: the instance cannot be reached, or asks for patience.
    """
    with opened_api(config) as api:
        about = api.config()
        if not config.group and _told(about, "restrictions", "onlyGroupsCanCreateEvents"):
            raise AuthError("only groups create events here", where="config", remedy=_CLOSED)
        person = api.person()
        if not person.get("id"):
            raise ProtocolError("the instance names no profile", where="loggedPerson")
        actors = {"organizerActorId": str(person["id"])}
        if config.group:
            actors["attributedToId"] = api.group_id(config.group)
        yield Events(api, config, about, {**actors, "name": str(person["preferredUsername"])})


class Events:
    """
    The events that carry our mark, of one account or group; the href of an event is its UUID.

    The service has no conditional writes: the version is read and compared just before. What stands
    between the two is what a person changes within that second.
    """

    def __init__(
        self, api: Api, config: MobilizonConfig, about: Mapping[str, Any], who: Mapping[str, str]
    ) -> None:
        self._api = api
        self._group = config.group
        self._lens = MobilizonLens(config.place)
        self._about = about
        self._who = who
        self._index: dict[str, str] | None = None

    def limits(self) -> ChannelLimits:
        """Return what an event holds; instances tell none of their limits on texts."""
        return LIMITS

    def list(self) -> Iterator[Ref]:
        """Yield every event of ours, and none that people made on the site."""
        for event in self._ours():
            yield _ref(event)

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """Yield each event that is there."""
        known = [href for href in hrefs if _UUID.fullmatch(href)]
        for href, event in self._api.events(known):
            if isinstance(event, Fault):
                yield Unreadable(Ref(href), f"the instance says: {event.message}")
            elif event is not None:
                yield Stored(_ref(event), document_of(event))

    def create(self, href_hint: str, document: Document) -> Ref:
        """
        Create an event, unless one of ours has this id.

        Raises:
            ConflictError: one has.
            ItemRefusedError: it does not fit, or the instance says that it is invalid.
            OutcomeUnknownError: the answer was lost; the list tells whether it is there.
        """
        value = self._checked(href_hint, document)
        uid = uid_of(document.parsed(record.parse))
        known = self._known()
        if uid in known:
            raise ConflictError("an event with this id is there", where=known[uid])
        actors = {key: told for key, told in self._who.items() if key != "name"}
        try:
            event = self._api.create({**value, **actors}, href=href_hint)
        except OutcomeUnknownError:
            self._index = None
            raise
        known[uid] = str(event.get("uuid"))
        return _ref(event)

    def replace(self, ref: Ref, document: Document) -> Ref:
        """
        Change an event.

        Raises:
            ConflictError: it is another version by now.
            ItemNotFoundError: it is gone.
            ItemRefusedError: it does not fit, or the instance says that it is invalid.
        """
        value = self._checked(ref.href, document)
        event = self._current(ref)
        kept = {name: event[name] for name in _RESET if event.get(name)}
        changed = self._api.update(
            {**value, **kept, "eventId": str(event.get("id"))}, href=ref.href
        )
        if changed is None:
            raise ItemNotFoundError("there is no such event", href=ref.href)
        return _ref(changed)

    def delete(self, ref: Ref) -> None:
        """
        Delete an event.

        Raises:
            ConflictError: it is another version by now.
            ItemNotFoundError: it is gone.
        """
        event = self._current(ref)
        self._index = None
        if not self._api.delete(str(event.get("id")), href=ref.href):
            raise ItemNotFoundError("there is no such event", href=ref.href)

    def confirm(self, items: Sequence[Stored]) -> Iterator[Confirmation]:
        """Say what visitors without an account see of each event."""
        return confirmations(items, self._api, self._lens)

    def diagnose(self, *, probe_writes: bool = False) -> tuple[Fact, ...]:  # noqa: ARG002 - an event would be seen by people
        """Say whose events these are, and on which instance."""
        owner = f"@{self._group or self._who['name']}"
        version = str(self._about.get("version") or "")
        name = str(self._about.get("name") or "")
        return (
            Fact(
                key="owner",
                value=owner,
                what=Words("Compte ou groupe", "Account or group"),
                found=Words(owner, owner),
            ),
            Fact(
                key="instance",
                value=version,
                what=Words("Instance", "Instance"),
                found=Words(f"{name}, Mobilizon {version}", f"{name}, Mobilizon {version}"),
            ),
        )

    def _ours(self) -> Iterator[Event]:
        seen: set[str] = set()
        for event in self._api.organized(self._group):
            uuid = str(event["uuid"])
            # Between two pages the list may move.
            if uid_of(event) and uuid not in seen:
                seen.add(uuid)
                yield event

    def _known(self) -> dict[str, str]:
        if self._index is None:
            self._index = {uid_of(event): str(event["uuid"]) for event in self._ours()}
        return self._index

    def _current(self, ref: Ref) -> Event:
        found = dict(self._api.events([ref.href])) if _UUID.fullmatch(ref.href) else {}
        event = found.get(ref.href)
        if isinstance(event, Fault):
            raise ProtocolError(f"the event cannot be read: {event.message}", where=ref.href)
        if event is None:
            raise ItemNotFoundError("there is no such event", href=ref.href)
        if ref.etag is not None and _ref(event).etag != ref.etag:
            raise ConflictError("the event was changed since", where=ref.href)
        return event

    def _checked(self, href: str, document: Document) -> dict[str, Any]:
        """
        Return what is to be sent.

        Raises:
            ItemRefusedError: the document is no event of ours, more than an event can hold, or
                something that the service would change in silence.
        """
        try:
            view = self._lens.get(document)
            event = document.parsed(record.parse)
        except (FormatError, InvalidValueError) as error:
            raise ItemRefusedError(f"this is no event: {error}", href=href) from error
        if not uid_of(event):
            raise ItemRefusedError("this is no event of ours: it has no reference", href=href)
        result = fit(view, LIMITS)
        if not result.fits:
            raise ItemRefusedError(
                "; ".join(reason.message_en for reason in result.reasons),
                href=href,
                remedy=" ".join(reason.message_fr for reason in result.reasons),
            )
        if view.title != view.title.strip() or _TAG.search(view.title):
            raise ItemRefusedError(
                "Mobilizon drops tags from a title, and the blanks around it",
                href=href,
                remedy="Écrivez le titre sans « < » et sans espace au début ni à la fin. / "
                "Write the title without < and without blanks around it",
            )
        options = event.get("options")
        told = options if isinstance(options, dict) else {}
        return {name: event.get(name) for name in _SENT} | {
            "description": str(event.get("description") or ""),
            "options": {name: value for name, value in told.items() if value is not None},
        }


def _ref(event: Event) -> Ref:
    return Ref(str(event.get("uuid")), tag(document_of(event).data))


def _told(about: Mapping[str, Any], part: str, name: str) -> bool:
    value = about.get(part)
    return isinstance(value, dict) and value.get(name) is True


if TYPE_CHECKING:

    def _keeps_the_contract(
        events: Events,
    ) -> tuple[Readable, Writable, Confirmable, Limited, Diagnosable]:
        return events, events, events, events, events

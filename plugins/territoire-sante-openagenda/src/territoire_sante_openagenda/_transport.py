# SPDX-License-Identifier: Apache-2.0
"""The events of one agenda as a collection: listed, read, written, compared with what was sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

from territoire_sante.errors import (
    ConflictError,
    ItemNotFoundError,
    ItemRefusedError,
    ReadOnlyError,
)
from territoire_sante.formats import Document
from territoire_sante.http import HttpClient, encode_json
from territoire_sante.plugins import (
    Batch,
    Confirmable,
    Confirmation,
    Incremental,
    Readable,
    Ref,
    Shown,
    Stored,
    Unreadable,
    Writable,
)
from territoire_sante_openagenda import _event as events
from territoire_sante_openagenda._api import Api, Query, external
from territoire_sante_openagenda._config import OpenAgendaConfig, Withdrawal
from territoire_sante_openagenda._confirm import compared
from territoire_sante_openagenda._cursor import Cursor
from territoire_sante_openagenda._event import CANCELLED, Event
from territoire_sante_openagenda._lens import OpenAgendaLens
from territoire_sante_openagenda._limits import LIMITS
from territoire_sante_openagenda._making import lens_for
from territoire_sante_openagenda._payload import encoded, payload, picture_at
from territoire_sante_openagenda._rules import accepted
from territoire_sante_openagenda._times import read_slots
from territoire_sante_openagenda._tokens import Tokens

_FOREIGN: Final = "uid:"
_FEW: Final = 5
_REMEMBERED: Final = 2000
_ALL_STATES: Final = tuple(("state[]", str(state)) for state in (2, 1, 0, -1))


@contextmanager
def opened(config: OpenAgendaConfig) -> Iterator[Agenda]:
    """
    Give the transport, once the service has let us in.

    Raises:
        AuthError: a key is refused.
        CollectionGoneError: there is no such agenda.
        ProtocolError: there is no such service at this address.
        RetryableError: the service cannot be reached, or asks for patience.
    """
    with ExitStack() as stack:

        def client(max_bytes: int) -> HttpClient:
            return stack.enter_context(
                HttpClient(
                    f"{config.base_url.rstrip('/')}/",
                    read_timeout=config.timeout,
                    deadline=4 * config.timeout,
                    max_bytes=max_bytes,
                )
            )

        calls = client(32_000_000)
        tokens = Tokens(calls, config.secret) if config.secret is not None else None
        api = Api(calls, config.agenda, key=config.key, tokens=tokens)
        pictures = client(LIMITS.attachment_bytes_max or 0)
        agenda = Agenda(api, config, lens_for(config), pictures=pictures)
        agenda.check()
        yield agenda


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Agenda:
    """
    The events of one agenda.

    The href of an event of ours is the value of its external id, chosen by us; that of any other
    is ``uid:`` and its number. The service knows no conditions: before a write the version is
    read and compared, which leaves a moment in which somebody else's edit is written over.
    """

    def __init__(
        self,
        api: Api,
        config: OpenAgendaConfig,
        lens: OpenAgendaLens,
        *,
        pictures: HttpClient,
        now: Callable[[], dt.datetime] = _utc_now,
    ) -> None:
        self._api = api
        self._config = config
        self._lens = lens
        self._pictures = pictures
        self._now = now
        self._listed: dict[str, Event] = {}
        self._removed = 0
        self._ours: int | None = None

    def check(self) -> None:
        """
        Look at the first event of the agenda.

        Raises:
            AuthError: a key is refused.
            CollectionGoneError: there is no such agenda.
        """
        self._api.look()

    # Reading.

    def list(self) -> Iterator[Ref]:
        """Yield every event of the agenda, also what waits for moderators if we may see it."""
        yield from [self._ref(href, event) for href, event in self._all(self._states())]

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """Yield the events that are there; what was listed just now is not asked for again."""
        for href in hrefs:
            event = self._listed.pop(href, None) or self._event(href)
            if event is not None:
                yield Stored(self._ref(href, event), events.received(event))

    def changes(self, cursor: str | None) -> Batch:
        """Return what changed since ``cursor``; a full listing for one that is not ours."""
        known = Cursor.from_text(cursor, self._config.agenda) if cursor else None
        start = known or Cursor(agenda=self._config.agenda)
        query = [("detailed", "1"), *self._states(), ("removed", "null"), ("sort", "updatedAt.asc")]
        if known is not None:
            query.append(("updatedAt[gte]", known.since))
        return self._batch(start, query, reset=bool(cursor) and known is None)

    def _batch(self, start: Cursor, query: Query, *, reset: bool) -> Batch:
        self._listed.clear()
        after, names = start, dict(start.names)
        changed: dict[str, Ref] = {}
        removed: list[str] = []
        for event in self._api.pages(query):
            uid, at = str(event["uid"]), str(event.get("updatedAt", ""))
            after = after.seen(uid, at)
            if start.knows(uid, at):
                continue
            gone = event.get("removed") is True or self._is_withdrawn(event)
            href = names.get(uid, f"{_FOREIGN}{uid}") if gone else self._href(event)
            if gone:
                removed.append(href)
                names.pop(uid, None)
            else:
                changed[href] = self._ref(href, event)
                self._remember(href, event)
                if not href.startswith(_FOREIGN):
                    names[uid] = href
        whole = Cursor(agenda=after.agenda, since=after.since, at=after.at, names=names)
        return Batch(
            changed=tuple(changed.values()),
            removed=tuple(one for one in removed if one not in changed) if start.at else (),
            cursor=whole.to_text(),
            reset=reset,
        )

    def _states(self) -> Query:
        return _ALL_STATES if self._api.writes else ()

    def _all(self, query: Query) -> Iterator[tuple[str, Event]]:
        self._listed.clear()
        met = set[str]()
        for event in self._api.pages([("detailed", "1"), *query]):
            href = self._href(event)
            if href in met:
                href = f"{_FOREIGN}{event['uid']}"
            if href in met or self._is_withdrawn(event):
                continue
            met.add(href)
            self._remember(href, event)
            yield href, event

    def _remember(self, href: str, event: Event) -> None:
        if len(self._listed) < _REMEMBERED:
            self._listed[href] = event

    def _event(self, href: str) -> Event | None:
        """Return the event as it is now, ``None`` if there is none, or a cancelled one of ours."""
        self._listed.pop(href, None)
        event = self._api.event(self._route(href))
        return None if event is None or self._is_withdrawn(event) else event

    def _href(self, event: Event) -> str:
        value = dict(events.external_ids(event)).get(self._config.ext_key, "")
        return value if events.HREF.fullmatch(value) else f"{_FOREIGN}{event['uid']}"

    def _route(self, href: str) -> str:
        if href.startswith(_FOREIGN):
            return f"/{href.removeprefix(_FOREIGN)}"
        return external(self._config.ext_key, href)

    def _is_withdrawn(self, event: Event) -> bool:
        ours = any(key == self._config.ext_key for key, _ in events.external_ids(event))
        cancels = self._config.withdrawal is Withdrawal.CANCEL
        return cancels and ours and events.number_of(event, "status") == CANCELLED

    @staticmethod
    def _ref(href: str, event: Event) -> Ref:
        at = event.get("updatedAt")
        return Ref(href, f'"{at}"' if isinstance(at, str) else None)

    # Writing.

    def create(self, href_hint: str, document: Document) -> Ref:
        """
        Put a new event into the agenda, under ``href_hint`` as its external id.

        Sending twice could make no second one: what is sent is "the event of this id".

        Raises:
            ConflictError: there is one already.
            ItemRefusedError: it does not fit, or the service says that it is invalid.
            ReadOnlyError: there is no secret key, or it gives no right to write.
        """
        self._may_write()
        event = accepted(href_hint, document, self._lens)
        there = self._api.event(self._route(href_hint))
        if there is not None and not self._is_withdrawn(there):
            raise ConflictError("there is an event of this id already", where=href_hint)
        again = {"status": 1} if there is not None else {}
        return self._written(href_hint, {**event, **again})

    def replace(self, ref: Ref, document: Document) -> Ref:
        """
        Write an event over, if it is still the version of ``ref``.

        Raises:
            ConflictError: it is not.
            ItemNotFoundError: there is none any more.
            ItemRefusedError: it does not fit, or the service says that it is invalid.
            ReadOnlyError: there is no secret key, or it gives no right to write.
        """
        self._may_write()
        event = accepted("" if ref.href.startswith(_FOREIGN) else ref.href, document, self._lens)
        self._current(ref)
        return self._written(ref.href, event)

    def delete(self, ref: Ref) -> None:
        """
        Remove an event, or mark it as cancelled if that is configured and it is not over.

        Raises:
            ConflictError: another version is there now.
            ItemNotFoundError: there is none any more.
            ItemRefusedError: more than the allowed share of our events would go in this run.
            ReadOnlyError: there is no secret key, or it gives no right to write.
        """
        self._may_write()
        there = self._current(ref)
        self._keep_enough(ref)
        if self._config.withdrawal is Withdrawal.CANCEL and self._is_to_come(there):
            body = encode_json({"status": CANCELLED})
            route = f"/{there['uid']}"
            if self._api.write("PATCH", route, body, "application/json", href=ref.href) is None:
                raise ItemNotFoundError("there is no such event", href=ref.href)
        elif not self._api.delete(self._route(ref.href)):
            raise ItemNotFoundError("there is no such event", href=ref.href)
        self._removed += 1

    def _may_write(self) -> None:
        if not self._api.writes:
            raise ReadOnlyError(
                "the public key is for reading only",
                where="secret",
                remedy="Demandez une clé secrète à support@openagenda.com et mettez-la dans "
                "l'option secret. / Ask for a secret key and put it into the option secret",
            )

    def _current(self, ref: Ref) -> Event:
        there = self._event(ref.href)
        if there is None:
            raise ItemNotFoundError("there is no such event", href=ref.href)
        if ref.etag is not None and self._ref(ref.href, there).etag != ref.etag:
            raise ConflictError("the event was changed meanwhile", where=ref.href)
        return there

    def _written(self, href: str, event: Event) -> Ref:
        self._listed.pop(href, None)
        url = events.image_url(event)
        # A full update that left the picture out could take it away.
        picture = picture_at(url, self._pictures, href=href) if url else None
        foreign = href.startswith(_FOREIGN)
        ext_id = None if foreign else (self._config.ext_key, href)
        body, kind = encoded(payload(event, self._extra(), ext_id), picture)
        method = "POST" if foreign else "PUT"
        written = self._api.write(method, self._route(href), body, kind, href=href)
        if written is None:
            raise ItemNotFoundError("there is no such event", href=href)
        return self._ref(href, written)

    def _extra(self) -> Mapping[str, Any]:
        state = self._config.state
        return {**self._config.additional, **({} if state is None else {"state": state})}

    def _is_to_come(self, event: Event) -> bool:
        return any(end > self._now() for _, end in read_slots(event.get("timings")))

    def _keep_enough(self, ref: Ref) -> None:
        """Refuse a removal too many: a source that was half read must not empty an agenda."""
        share = self._config.removal_floor
        if self._removed < _FEW or share >= 1:
            return
        if self._ours is None:
            found = sum(not href.startswith(_FOREIGN) for href, _ in self._all(self._states()))
            self._ours = found + self._removed
        if self._removed + 1 >= share * self._ours:
            raise ItemRefusedError(
                f"{self._removed} of our {self._ours} events were removed in this run, no more go",
                href=ref.href,
                remedy="Vérifiez que la source est complète ; si oui, mettez removal_floor à 1. / "
                "Check that the source is complete; if it is, set removal_floor to 1",
            )

    # Looking whether it is shown.

    def confirm(self, items: Sequence[Stored]) -> Iterator[Confirmation]:
        """Yield whether readers of the agenda see each item now, as it was sent."""
        for item in items:
            there = self._event(item.ref.href)
            if there is None:
                yield Confirmation(item.ref.href, Shown.GONE)
            else:
                sent = item.document.parsed(events.parse_event)
                shown, detail = compared(
                    sent, there, language=self._lens.language, extra=self._config.additional
                )
                yield Confirmation(item.ref.href, shown, detail)


if TYPE_CHECKING:

    def _keeps_the_contract(
        agenda: Agenda,
    ) -> tuple[Readable, Writable, Incremental, Confirmable]:
        return agenda, agenda, agenda, agenda

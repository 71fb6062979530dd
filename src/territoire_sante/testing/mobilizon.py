# SPDX-License-Identifier: Apache-2.0
"""
A stand-in for one account of a Mobilizon instance: GraphQL over real HTTP, codes and limits.

It answers the fields that are asked for, tells errors with status 200, lets access tokens expire,
strips titles, and knows no external id. It can be made to fail.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from territoire_sante.testing import _mobilizon_rules as rules
from territoire_sante.testing._graphql import Field, Operation, QueryError, chosen, parse
from territoire_sante.testing.stand_in import Answer, Asked, Request, StandIn

__all__ = ["MobilizonServer", "Request", "Seen"]

_ACTOR: Final = {"id": "7", "preferredUsername": "mairie", "name": "Mairie d'Exempleville"}
_SPACE: Final = uuid.UUID("4b1e4a57-0d5c-5d1c-9d6e-9a0e6a3a8a11")
_Resolver = Callable[["MobilizonServer", Field, bool], Any]


@attrs.frozen(kw_only=True)
class Seen:
    """An event as a visitor of the instance sees it."""

    uuid: str
    title: str
    text: str
    begins: str
    ends: str | None
    place: str
    link: str
    cancelled: bool = False


class _Failed(Exception):  # noqa: N818 - it ends one field, not the request
    def __init__(self, code: str, status: int, message: str, field: str = "") -> None:
        super().__init__(message)
        self.told = {"code": code, "status_code": status, "message": message}
        if field:
            self.told["field"] = field


class MobilizonServer(StandIn):
    """
    Runs from ``with`` to its end, on a free port of the loopback interface.

    Args:
        email: with ``password``, the only account.
        password: likewise.
        group: a group that the account may write for; empty for none.
        upload_max: how many bytes a file may have.
        groups_only: events of persons are refused.
        creations: how many events may be created in a minute.
        cleans: whether descriptions are written anew when they are cleaned.
        state: a JSON file that keeps the events from one run to the next.
        port: a fixed port; 0 for any free one.

    >>> with MobilizonServer(email="mairie@example.org", password="made-up") as server:
    ...     server.shown()
    ()
    """

    def __init__(
        self,
        *,
        email: str,
        password: str,
        group: str = "",
        upload_max: int = 10_485_760,
        groups_only: bool = False,
        creations: int = 60,
        cleans: bool = False,
        state: Path | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(port=port, state=state)
        self._email, self._password, self._group = email, password, group
        self._upload_max, self._groups_only = upload_max, groups_only
        self._creations, self._cleans = creations, cleans
        self._events: dict[str, dict[str, Any]] = self.remembered() or {}
        self._numbers = len(self._events)
        self._access: set[str] = set()
        self._refresh: set[str] = set()

    def shown(self) -> tuple[Seen, ...]:
        """Return what a visitor of the instance sees now."""
        with self._lock:
            return tuple(
                Seen(
                    uuid=one["uuid"],
                    title=one["title"],
                    text=rules.read_by_people(one["description"]),
                    begins=one["beginsOn"],
                    ends=one["endsOn"],
                    place=(one["physicalAddress"] or {}).get("description") or "",
                    link=one["onlineAddress"] or "",
                    cancelled=one["status"] == "CANCELLED",
                )
                for one in self._events.values()
                if not one["draft"] and one["visibility"] == "PUBLIC"
            )

    def expire_tokens(self, *, refresh: bool = False) -> None:
        """Let the access tokens expire; with ``refresh`` those that renew them too."""
        with self._lock:
            self._access.clear()
            if refresh:
                self._refresh.clear()

    def edit(self, event_uuid: str, **changes: Any) -> None:
        """Do what a person does to change an event on the site, by the names of the schema."""
        with self._lock:
            self._events[event_uuid].update(changes)
            self._save()

    def remove(self, event_uuid: str) -> None:
        """Do what a person, or a moderator, does to take an event away."""
        with self._lock:
            del self._events[event_uuid]
            self._save()

    def add(self, title: str, begins: str) -> str:
        """Do what a person does to announce an event on the site; return its UUID."""
        with self._lock:
            given = {"title": title, "description": "", "beginsOn": begins}
            return str(self._stored({**given, "organizerActorId": _ACTOR["id"]})["uuid"])

    def complaint(self) -> Any:
        """Return what the service tells when it fails."""
        return {"errors": [{"message": "Something went wrong", "status_code": 500}]}

    def named(self, asked: Asked) -> str:
        """Return what is asked, with the query."""
        body = asked.json
        query = body.get("query", "") if isinstance(body, dict) else ""
        return f"{asked.method} {asked.path} {query}"

    def is_write(self, asked: Asked) -> bool:
        """Say whether a request changes an event."""
        return "mutation" in self.named(asked) and "Event" in self.named(asked)

    def routed(self, asked: Asked) -> Answer:
        """Return what a query tells, or what came of a mutation."""
        if (asked.method, asked.path) != ("POST", "/api"):
            page = "<!DOCTYPE html><html><title>Mobilizon</title></html>"
            return Answer(status=404, body=page, content_type="text/html; charset=utf-8")
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if token and token not in self._access:
            return Answer(status=401, body={"error": "invalid_token"})
        body = asked.json
        try:
            operation = parse(body["query"], body.get("variables") or {})
        except (QueryError, TypeError, KeyError) as error:
            return Answer(status=400, body={"errors": [{"message": str(error)}]})
        return self._run(operation, signed_in=bool(token))

    def _run(self, operation: Operation, *, signed_in: bool) -> Answer:
        known = _MUTATIONS if operation.kind == "mutation" else _QUERIES
        data: dict[str, Any] = {}
        errors: list[dict[str, Any]] = []
        for field in operation.fields:
            resolver = known.get(field.name)
            if resolver is None:
                return Answer(body={"errors": [{"message": f'Cannot query field "{field.name}"'}]})
            try:
                data[field.alias] = chosen(resolver(self, field, signed_in), field.selection)
            except QueryError as error:
                return Answer(body={"errors": [{"message": str(error)}]})
            except _Failed as error:
                data[field.alias] = None
                errors.append({**error.told, "path": [field.alias]})
        return Answer(body={"data": data, **({"errors": errors} if errors else {})})

    def _login(self, field: Field, signed_in: bool) -> Any:  # noqa: FBT001 - of all resolvers
        del signed_in
        given = (field.arguments.get("email"), field.arguments.get("password"))
        if given != (self._email, self._password):
            raise _Failed("user_not_found", 404, "No user with this email was found")
        return self._tokens()

    def _renew(self, field: Field, signed_in: bool) -> Any:  # noqa: FBT001
        del signed_in
        if field.arguments.get("refreshToken") not in self._refresh:
            raise _Failed("unauthenticated", 401, "Cannot refresh the token")
        self._refresh.discard(field.arguments["refreshToken"])
        return self._tokens()

    def _tokens(self) -> dict[str, Any]:
        access, refresh = f"access-{uuid.uuid4().hex}", f"refresh-{uuid.uuid4().hex}"
        self._access.add(access)
        self._refresh.add(refresh)
        return {"accessToken": access, "refreshToken": refresh, "user": {"id": "3"}}

    def _config(self, field: Field, signed_in: bool) -> Any:  # noqa: FBT001
        del field, signed_in
        return {
            "name": "Exemple",
            "version": "5.1.0",
            "uploadLimits": {"default": self._upload_max},
            "features": {"eventCreation": True, "groups": True},
            "restrictions": {"onlyGroupsCanCreateEvents": self._groups_only},
        }

    def _person(self, field: Field, signed_in: bool) -> Any:  # noqa: FBT001
        _needs(signed_in)
        return {**_ACTOR, "organizedEvents": self._page(_inner(field), group=False)}

    def _its_group(self, field: Field, signed_in: bool) -> Any:  # noqa: FBT001
        del signed_in
        if not self._group or field.arguments.get("preferredUsername") != self._group:
            raise _Failed("group_not_found", 404, "Group not found")
        return {"id": "9", "organizedEvents": self._page(_inner(field), group=True)}

    def _page(self, arguments: Mapping[str, Any], *, group: bool) -> dict[str, Any]:
        found = [one for one in self._events.values() if bool(one["_group"]) == group]
        size, page = int(arguments.get("limit", 10)), int(arguments.get("page", 1))
        first = (page - 1) * size
        return {"elements": found[first : first + size], "total": len(found)}

    def _event(self, field: Field, signed_in: bool) -> Any:  # noqa: FBT001
        found = self._events.get(str(field.arguments.get("uuid")))
        if found is None or (found["draft"] and not signed_in):
            raise _Failed("event_not_found", 404, "Event not found")
        return found

    def _create(self, field: Field, signed_in: bool) -> Any:  # noqa: FBT001
        _needs(signed_in)
        given = field.arguments
        if absent := rules.missing(given):
            raise QueryError(f'In argument "{absent[0]}": Expected non-null, found null.')
        self._check(given)
        if self._groups_only and not given.get("attributedToId"):
            raise _Failed("unauthorized", 403, "Only groups can create events")
        if self._creations <= 0:
            raise _Failed("unknown_error", 500, "Too many requests")
        self._creations -= 1
        return self._stored(given)

    def _stored(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._numbers += 1
        name = str(uuid.uuid5(_SPACE, f"{self._numbers}"))
        event: dict[str, Any] = {
            "id": str(300 + self._numbers), "uuid": name, "url": f"{self.origin}/events/{name}",
            "title": "", "description": "", "beginsOn": None, "endsOn": None,
            "status": "CONFIRMED", "visibility": "PUBLIC", "draft": False, "category": "MEETING",
            "joinOptions": "FREE", "contacts": [],
            "onlineAddress": None, "physicalAddress": None, "metadata": [], "language": "und",
            "options": rules.options_of(None), "_group": bool(given.get("attributedToId")),
        }  # fmt: skip
        self._events[name] = event
        return self._written(event, given)

    def _update(self, field: Field, signed_in: bool) -> Any:  # noqa: FBT001
        event = self._own(field, signed_in)
        self._check(field.arguments)
        return self._written(event, field.arguments)

    def _delete(self, field: Field, signed_in: bool) -> Any:  # noqa: FBT001
        event = self._own(field, signed_in)
        del self._events[event["uuid"]]
        self._save()
        return {"id": event["id"]}

    def _own(self, field: Field, signed_in: bool) -> dict[str, Any]:  # noqa: FBT001
        _needs(signed_in)
        wanted = str(field.arguments.get("eventId"))
        found = next((one for one in self._events.values() if one["id"] == wanted), None)
        if found is None:
            raise _Failed("event_not_found", 404, "Event not found")
        return found

    def _check(self, given: Mapping[str, Any]) -> None:
        unknown = sorted(given.keys() - rules.ARGUMENTS)
        if unknown:
            raise QueryError(f'Unknown argument "{unknown[0]}"')
        for field, why in rules.faults(given):
            raise _Failed("validation", 422, why, field)

    def _written(self, event: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        plain = ("status", "draft", "category", "onlineAddress", "metadata")
        event.update({name: given[name] for name in (*plain, "language") if name in given})
        for name, usual in rules.DEFAULTS.items():
            told = given.get(name, usual)
            event[name] = list(told) if name == "contacts" else told
        if "title" in given:
            event["title"] = rules.strip_tags(given["title"])
        if "description" in given:
            source = given["description"]
            event["description"] = rules.cleaned(source) if self._cleans else source
        for name in ("beginsOn", "endsOn"):
            if name in given:
                event[name] = rules.told_moment(given[name])
        if "physicalAddress" in given:
            event["physicalAddress"] = rules.address_of(given["physicalAddress"])
        if "options" in given:
            event["options"] = rules.options_of(given["options"], event["options"])
        self._save()
        return event

    def _save(self) -> None:
        self.remember(self._events)


def _needs(signed_in: bool) -> None:  # noqa: FBT001 - it is the question
    if not signed_in:
        raise _Failed("unauthenticated", 401, "You need to be logged in")


def _inner(field: Field) -> Mapping[str, Any]:
    found = (one.arguments for one in field.selection if one.name == "organizedEvents")
    return next(found, {})


_QUERIES: Final[Mapping[str, _Resolver]] = {
    "config": MobilizonServer._config,  # noqa: SLF001 - a table of its own methods
    "loggedPerson": MobilizonServer._person,  # noqa: SLF001
    "group": MobilizonServer._its_group,  # noqa: SLF001
    "event": MobilizonServer._event,  # noqa: SLF001
}
_MUTATIONS: Final[Mapping[str, _Resolver]] = {
    "login": MobilizonServer._login,  # noqa: SLF001
    "refreshToken": MobilizonServer._renew,  # noqa: SLF001
    "createEvent": MobilizonServer._create,  # noqa: SLF001
    "updateEvent": MobilizonServer._update,  # noqa: SLF001
    "deleteEvent": MobilizonServer._delete,  # noqa: SLF001
}

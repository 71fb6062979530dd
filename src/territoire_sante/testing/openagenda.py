# SPDX-License-Identifier: Apache-2.0
"""
A stand-in for OpenAgenda on this machine: real HTTP, the documented routes, codes, caps and traps.

It serves version 2 of the API for one agenda, and the public dataset that portals make of it.
Traps that it keeps: 403 without a key; a picture given as bare text is left out without a word, one
by address cannot be fetched; an agenda's own field takes numbers of options and ignores
their names; the cursor of the last page is not empty; a full update forgets what it
does not name; HTML in the long text is not kept; addresses that no geocoder finds.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from territoire_sante.testing import _openagenda_records as records
from territoire_sante.testing import _openagenda_rules as rules
from territoire_sante.testing._multipart import parts_of
from territoire_sante.testing.stand_in import Answer, Asked, Request, StandIn

_V2: Final = "/v2"
_WRITE: Final = "(write)"
_PAGE: Final = 300
_TICK: Final = dt.timedelta(milliseconds=1)
_EXT: Final = re.compile(r"/ext/([^/]+)/([^/]+)")
_IMAGES: Final = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF")


@attrs.frozen(kw_only=True)
class Location:
    """A place of the agenda."""

    name: str
    city: str = ""
    latitude: float | None = None
    longitude: float | None = None


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class OpenAgendaServer(StandIn):
    """
    Runs from ``with`` to its end, on a free port of the loopback interface.

    Args:
        secret: the secret key, exchanged for tokens.
        key: the public key; it shows what is published.
        agenda: the number of the agenda.
        locations: its places, by number.
        state: the state that new events get: 2 published, 1 and 0 wait for moderators.
        fields: the agenda's own fields, with the names of their options by number.
        page: the largest page.
        token_seconds: how long a token lasts.
        port: a fixed port; 0 for any free one.
        now: the time of changes; two never get the same.
        clock: seconds, for the tokens.

    >>> with OpenAgendaServer(secret="made-up", key="made-up-too") as server:
    ...     server.shown()
    {}
    """

    def __init__(
        self,
        *,
        secret: str,
        key: str,
        agenda: int = 4800048,
        locations: Mapping[int, Location] | None = None,
        state: int = 2,
        fields: Mapping[str, Mapping[int, str]] | None = None,
        page: int = _PAGE,
        token_seconds: int = 3600,
        port: int = 0,
        now: Callable[[], dt.datetime] = _utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(port=port)
        self._secret, self._key = secret, key
        self.agenda = agenda
        self._locations = dict(locations or {1: Location(name="Salle des fêtes")})
        self._state = state
        self._fields = dict(fields or {})
        self._page = page
        self._token_seconds = token_seconds
        self._now, self._clock = now, clock
        self._events: dict[int, dict[str, Any]] = {}
        self._removed: dict[int, str] = {}
        self._files: dict[str, bytes] = {}
        self._tokens: dict[str, float] = {}
        self._last = dt.datetime.min.replace(tzinfo=dt.UTC)
        self._number = 0

    @property
    def api_url(self) -> str:
        """The address of the API, version 2."""
        return f"{self.origin}{_V2}"

    @property
    def records_url(self) -> str:
        """The address of the portal's API, version 2.1."""
        return f"{self.origin}/api/explore/v2.1"

    @property
    def events(self) -> Mapping[int, Mapping[str, Any]]:
        """The events as they are kept, by number."""
        with self._lock:
            return MappingProxyType({uid: dict(event) for uid, event in self._events.items()})

    @property
    def writes(self) -> tuple[Request, ...]:
        """Those of the requests that would change an event."""
        return tuple(one for one in self.requests if one.method != "GET" and "/events" in one.path)

    def shown(self) -> Mapping[str, Mapping[str, Any]]:
        """Return what readers see: published events by their external id, else by their number."""
        with self._lock:
            return {
                next((one["value"] for one in event["extIds"]), str(uid)): self._seen(event)
                for uid, event in self._events.items()
                if event["state"] == 2  # noqa: PLR2004 - published
            }

    def _seen(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        long = event.get("longDescription") or {}
        place = event.get("location") or {}
        return {
            "title": next(iter(event["title"].values())),
            "description": next(iter(event["description"].values())),
            "text": rules.rendered(next(iter(long.values()), "")),
            "timings": [(one["begin"], one["end"]) for one in event["timings"]],
            "place": place.get("name", ""),
            "image": bool(event.get("image")),
            "cancelled": event["status"] == 6,  # noqa: PLR2004 - cancelled
        }

    # What a test does to it.

    def fail_writes(self, status: int, *, after: bool = False, body: Any = None) -> None:
        """Answer the next write with ``status``; ``after``: having done what it asks for."""
        self.fail(status, on=_WRITE, stored=after, body=body)

    def expire_tokens(self) -> None:
        """Let no token count any more."""
        with self._lock:
            self._tokens.clear()

    def host(self, name: str, data: bytes) -> str:
        """Put a file on the web, as of the commune's site; return its address."""
        self._files[name] = data
        return f"{self.origin}/files/{name}"

    def moderate(self, uid: int, **changes: Any) -> None:
        """Change fields of an event, as a moderator does."""
        with self._lock:
            self._events[uid] = {**self._events[uid], **changes, "updatedAt": self._tick()}

    def contribute(self, **fields: Any) -> int:
        """
        Add somebody else's event, as it would be sent; return its number.

        Raises:
            ValueError: the service would refuse it.
        """
        with self._lock:
            answer = self._store(None, fields, {}, "")
            if answer.status != 200:  # noqa: PLR2004 - done
                raise ValueError(answer.body)
            return int(answer.body["event"]["uid"])

    def remove(self, uid: int) -> None:
        """Take an event away, as a moderator does."""
        with self._lock:
            del self._events[uid]
            self._removed[uid] = self._tick()

    # Answers.

    def is_write(self, asked: Asked) -> bool:
        """Say whether a request would change an event."""
        return asked.method != "GET" and not asked.path.endswith("/requestAccessToken")

    def named(self, asked: Asked) -> str:
        """Return what is asked, writes marked as such."""
        return f"{super().named(asked)} {_WRITE if self.is_write(asked) else ''}"

    def noted(self, asked: Asked, status: int) -> Request:
        """Return what is kept of a request; keys and tokens are not."""
        kept = super().noted(asked, status)
        if asked.path.endswith("/requestAccessToken"):
            return attrs.evolve(kept, body=None)
        sent, files = _sent(asked)
        return attrs.evolve(kept, body=sent, files=tuple(files))

    def routed(self, asked: Asked) -> Answer:
        """Do what the service does: files, the portal, tokens, the agenda."""
        path = asked.path
        if path.startswith("/files/"):
            data = self._files.get(path.removeprefix("/files/"))
            kind = "application/octet-stream"
            return (
                _not_found() if data is None else Answer(status=200, body=data, content_type=kind)
            )
        if path.startswith("/api/explore/v2.1/"):
            return self._portal(asked)
        if path == f"{_V2}/requestAccessToken":
            return self._granted(asked)
        if not path.startswith(f"{_V2}/agendas/"):
            return _not_found()
        return self._let_in(asked)

    def _portal(self, asked: Asked) -> Answer:
        wanted = "/api/explore/v2.1/catalog/datasets/evenements-publics-openagenda/records"
        if asked.path != wanted:
            return _not_found()
        found = [
            records.record_of(event, event.get("location") or {}, f"agenda-{self.agenda}")
            for event in self._events.values()
            if event["state"] == 2  # noqa: PLR2004 - published
        ]
        status, body = records.answered(found, asked.query)
        return Answer(status=status, body=body)

    def _granted(self, asked: Asked) -> Answer:
        code = asked.json.get("code") if isinstance(asked.json, dict) else None
        if asked.method != "POST" or not isinstance(code, str) or not _alike(code, self._secret):
            return Answer(status=403, body={"error": "the code is not valid"})
        self._number += 1
        token = f"tk-{hashlib.sha256(f'{self._number}'.encode()).hexdigest()[:24]}"
        self._tokens[token] = self._clock() + self._token_seconds
        return Answer(status=200, body={"access_token": token, "expires_in": self._token_seconds})

    def _let_in(self, asked: Asked) -> Answer:
        token = asked.headers.get("access-token", "")
        key = asked.headers.get("key") or next(iter(_values(asked, "key")), "")
        member = self._tokens.get(token, 0.0) > self._clock()
        if token and not member:
            return Answer(status=401, body={"error": "access token is invalid"})
        if not member and (asked.method != "GET" or not _alike(key, self._key)):
            return Answer(status=403, body={"error": "could not find user or agenda matching key"})
        agenda, _, route = asked.path.removeprefix(f"{_V2}/agendas/").partition("/")
        if agenda != str(self.agenda):
            return _not_found()
        kind, _, rest = route.partition("/")
        if kind == "events":
            return self._about_events(asked, f"/{rest}" if rest else "", member=member)
        if kind == "locations" and asked.method == "PUT":
            return self._locate(asked.json)
        return _not_found()

    def _about_events(self, asked: Asked, route: str, *, member: bool) -> Answer:
        ext = _EXT.fullmatch(route)
        uid = self._uid_of(ext[1], ext[2]) if ext else _number(route)
        if not route:
            if asked.method == "GET":
                return self._listed(asked, member=member)
            return self._store(None, *_sent(asked), asked.headers.get("lang", ""))
        if asked.method == "PUT" and ext:
            pair = {"key": ext[1], "value": ext[2]}
            return self._store(uid, *_sent(asked), asked.headers.get("lang", ""), pair)
        event = self._events.get(uid) if uid is not None else None
        if uid is None or event is None or (not member and event["state"] != 2):  # noqa: PLR2004 - published
            return _not_found()
        return self._about_one(asked, uid, event)

    def _about_one(self, asked: Asked, uid: int, event: Mapping[str, Any]) -> Answer:
        if asked.method == "GET":
            return Answer(status=200, body={"success": True, "event": event})
        if asked.method == "DELETE":
            self.remove(uid)
            return Answer(status=200, body={"success": True, "event": event})
        told, files = _sent(asked)
        sent = told if isinstance(told, dict) else {}
        if asked.method == "PATCH":
            self._events[uid] = {**event, **sent, "updatedAt": self._tick()}
            return Answer(status=200, body={"success": True, "event": self._events[uid]})
        return self._store(uid, sent, files, asked.headers.get("lang", ""))

    def _listed(self, asked: Asked, *, member: bool) -> Answer:
        states = _values(asked, "state[]") or _values(asked, "state") or ["2"]
        allowed = set(states) if member else {"2"}
        removed = next(iter(_values(asked, "removed")), "0")
        since = next(iter(_values(asked, "updatedAt[gte]")), "")
        found = [one for one in self._events.values() if str(one["state"]) in allowed]
        gone = [{"uid": uid, "removed": True, "updatedAt": at} for uid, at in self._removed.items()]
        found = {"null": [*found, *gone], "1": gone}.get(removed, found)
        found = sorted(
            (one for one in found if one["updatedAt"] >= since),
            key=lambda one: (one["updatedAt"], one["uid"]),
        )
        size = min(int(next(iter(_values(asked, "size")), "20")), self._page)
        after = _values(asked, "after[]")
        start = next(
            (n for n, one in enumerate(found) if [one["updatedAt"], str(one["uid"])] > after), None
        )
        part = found[start : start + size] if start is not None else []
        last = part[-1] if part else None
        cursor = after or None if last is None else [last["updatedAt"], str(last["uid"])]
        return Answer(
            status=200,
            body={"total": len(found), "events": part, "after": cursor, "success": True},
        )

    def _store(
        self,
        uid: int | None,
        sent: Any,
        files: Mapping[str, bytes],
        language: str,
        ext: Mapping[str, str] | None = None,
    ) -> Answer:
        if not isinstance(sent, dict):
            return _invalid([rules.fault("data", "required")])
        event = dict(sent)
        for name in rules.CAPS:
            if name in event:
                event[name] = rules.multilingual(event[name], language) or event[name]
        wrong = rules.faults(event, self._locations)
        if ext is not None and rules.size(ext["value"]) > rules.EXT_ID_MAX:
            wrong.append(rules.fault("extIds", "string.toolong"))
        if wrong:
            return _invalid(wrong)
        image = files.get("image")
        if image is None and isinstance(event.get("image"), dict):
            # The fetcher of the service is shut out by many sites.
            return Answer(status=400, body={"errors": [rules.fault("image", "url.invalid")]})
        if image is not None and not image.startswith(_IMAGES):
            return _invalid([rules.fault("image", "type.invalid")])
        return self._kept(uid, event, image, ext)

    def _kept(
        self,
        uid: int | None,
        event: Mapping[str, Any],
        image: bytes | None,
        ext: Mapping[str, str] | None,
    ) -> Answer:
        self._number += 1
        number = 70_000_000 + self._number if uid is None else uid
        before = self._events.get(number, {})
        ids = [dict(one) for one in event.get("extIds") or ()]
        if ext is not None and dict(ext) not in ids:
            ids.append(dict(ext))
        at = self._tick()
        location = self._locations.get(event.get("locationUid") or 0)
        long = event.get("longDescription") or {}
        place = None
        if location is not None:
            place = {"uid": event["locationUid"], **attrs.asdict(location)}
        self._events[number] = {
            "uid": number,
            "slug": f"evenement-{number}",
            "createdAt": before.get("createdAt", at),
            "updatedAt": at,
            "extIds": ids,
            "title": event["title"],
            "description": event["description"],
            "longDescription": {key: rules.stored_text(one) for key, one in long.items()},
            "conditions": event.get("conditions") or {},
            "keywords": event.get("keywords") or {},
            "image": self._pictured(image),
            "imageCredits": event.get("imageCredits"),
            "registration": rules.registrations(event.get("registration")),
            "timings": [_as_kept(one) for one in event["timings"]],
            "attendanceMode": event.get("attendanceMode", 1),
            "location": place,
            "onlineAccessLink": event.get("onlineAccessLink"),
            "timezone": "Europe/Paris" if place else event.get("timezone", "Europe/Paris"),
            "status": event.get("status", 1),
            "state": event.get("state", before.get("state", self._state)),
            **self._own_fields(event),
        }
        body = {"success": True, "event": self._events[number]}
        return Answer(status=200, body=body)

    def _own_fields(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the agenda's own fields; what is no number of an option is left out."""
        kept: dict[str, Any] = {}
        for field, options in self._fields.items():
            told = event.get(field)
            given = told if isinstance(told, list) else [told]
            known = [one for one in given if isinstance(one, int) and one in options]
            kept[field] = (known if isinstance(told, list) else known[0]) if known else None
        return kept

    def _pictured(self, image: bytes | None) -> Mapping[str, Any] | None:
        if image is None:
            return None
        name = f"{hashlib.sha256(image).hexdigest()[:16]}.full.image.jpg"
        self._files[name] = image
        return {
            "filename": name,
            "base": f"{self.origin}/files/",
            "variants": [{"filename": name, "type": "full"}],
        }

    def _locate(self, sent: Any) -> Answer:
        told = sent if isinstance(sent, dict) else {}
        if told.get("latitude") is None and not re.match(r"\d", str(told.get("address", ""))):
            return Answer(
                status=400, body={"errors": [{"message": "geocoder didn't find address"}]}
            )
        number = max(self._locations, default=0) + 1
        self._locations[number] = Location(
            name=str(told.get("name", "")),
            latitude=told.get("latitude"),
            longitude=told.get("longitude"),
        )
        return Answer(status=200, body={"success": True, "location": {"uid": number}})

    def _uid_of(self, key: str, value: str) -> int | None:
        pair = {"key": key, "value": value}
        return next((uid for uid, one in self._events.items() if pair in one["extIds"]), None)

    def _tick(self) -> str:
        self._last = max(self._now().astimezone(dt.UTC), self._last + _TICK)
        return self._last.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self._last.microsecond // 1000:03}Z"


def _values(asked: Asked, name: str) -> list[str]:
    return [value for key, value in asked.pairs if key == name]


def _sent(asked: Asked) -> tuple[Any, dict[str, bytes]]:
    """Return the JSON of a request and the files that come with it."""
    parts = parts_of(asked.headers.get("content-type", ""), asked.data)
    if not parts:
        return asked.json, {}
    told = attrs.evolve(asked, data=parts["data"][2] if "data" in parts else b"").json
    return told, {name: content for name, (_, _, content) in parts.items() if name != "data"}


def _alike(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def _number(route: str) -> int | None:
    text = route.removeprefix("/")
    return int(text) if text.isascii() and text.isdigit() else None


def _as_kept(timing: Mapping[str, Any]) -> Mapping[str, str]:
    return {
        name: dt.datetime.fromisoformat(timing[name]).strftime("%Y-%m-%dT%H:%M:%S.000%z")
        for name in ("begin", "end")
    }


def _not_found() -> Answer:
    return Answer(status=404, body={"error": "not found"})


def _invalid(wrong: list[rules.Fault]) -> Answer:
    return Answer(status=422, body={"errors": wrong, "message": "invalid data"})

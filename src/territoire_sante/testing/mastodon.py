# SPDX-License-Identifier: Apache-2.0
"""
A stand-in for one account of a Mastodon instance: real HTTP, documented routes, codes and limits.

It counts for itself, forgets keys of idempotency after an hour, strips what surrounds a text,
shows a link in part and a mention without its server, and can be made to fail.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from territoire_sante.testing._mastodon_rules import counted, read_by_people, rendered
from territoire_sante.testing._multipart import parts_of
from territoire_sante.testing.stand_in import Answer, Asked, Request, StandIn

__all__ = ["MastodonServer", "Picture", "Request", "Seen"]

_ACCOUNT: Final = "108"
_HOUR: Final = dt.timedelta(hours=1)
_VISIBILITIES: Final = frozenset({"public", "unlisted", "private", "direct"})


@attrs.frozen(kw_only=True)
class Picture:
    """A file under a status, with the text that stands for it."""

    data: bytes = attrs.field(repr=False)
    media_type: str
    alt: str = ""


@attrs.frozen(kw_only=True)
class Seen:
    """A status as a reader sees it on the account's page."""

    id: str
    text: str
    language: str = ""
    pictures: tuple[Picture, ...] = ()


@attrs.frozen(kw_only=True)
class _Status:
    id: str
    text: str
    created: dt.datetime
    application: str
    language: str = ""
    visibility: str = "public"
    media: tuple[str, ...] = ()
    edited: dt.datetime | None = None


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class MastodonServer(StandIn):
    """
    Runs from ``with`` to its end, on a free port of the loopback interface.

    Args:
        token: the only access token that is let in, of ``application``.
        application: the name of the program that the token belongs to.
        max_characters: how long a status may be.
        url_cost: as how many characters an address counts.
        media_max: how many files a status may have.
        alt_max: how long the text of a picture may be.
        image_bytes: how large a picture may be.
        mime_types: which files are taken.
        rate_limit: requests with the token in 5 minutes, before 429.
        deletions: how many statuses may be deleted in 30 minutes.
        old: an instance before 4.0, without ``/api/v2/instance``.
        closed: what nobody reads without signing in.
        processing: how often a picture is "still being processed" when it is asked for.
        state: a JSON file that keeps the statuses (not the pictures) from one run to the next.
        port: a fixed port; 0 for any free one.
        clock: the present, aware.

    >>> with MastodonServer(token="made-up") as server:
    ...     server.shown()
    ()
    """

    def __init__(
        self,
        *,
        token: str,
        application: str = "territoire-sante",
        max_characters: int = 500,
        url_cost: int = 23,
        media_max: int = 4,
        alt_max: int = 1500,
        image_bytes: int = 16_777_216,
        mime_types: tuple[str, ...] = ("image/jpeg", "image/png", "image/gif", "video/mp4"),
        rate_limit: int = 300,
        deletions: int = 30,
        old: bool = False,
        closed: bool = False,
        processing: int = 0,
        state: Path | None = None,
        port: int = 0,
        clock: Callable[[], dt.datetime] = _utc_now,
    ) -> None:
        super().__init__(port=port, state=state)
        self._token, self._application = token, application
        self.max_characters, self.url_cost = max_characters, url_cost
        self.media_max, self.alt_max, self.image_bytes = media_max, alt_max, image_bytes
        self._mime_types = mime_types
        self._rate_limit, self._deletions = rate_limit, deletions
        self._old, self._closed, self._processing = old, closed, processing
        self._clock = clock
        self._next = 1000
        self._statuses: dict[str, _Status] = _loaded(self.remembered() or ())
        self._next += len(self._statuses)
        self._media: dict[str, Picture] = {}
        self._waiting: dict[str, int] = {}
        self._keys: dict[str, tuple[str, dt.datetime]] = {}
        self._files: dict[str, Picture] = {}
        self._asked_at: list[dt.datetime] = []
        self._deleted_at: list[dt.datetime] = []

    def shown(self) -> tuple[Seen, ...]:
        """Return what a reader of the account's page sees now, newest first."""
        with self._lock:
            return tuple(
                Seen(
                    id=one.id,
                    text=read_by_people(rendered(one.text)),
                    language=one.language,
                    pictures=tuple(self._media[media] for media in one.media),
                )
                for one in self._newest()
                if one.visibility in {"public", "unlisted"}
            )

    def host(self, name: str, data: bytes, media_type: str) -> str:
        """Put a file on this server, as a commune does on its site; return its address."""
        with self._lock:
            self._files[name] = Picture(data=data, media_type=media_type)
        return f"{self.origin}/files/{name}"

    def edit(self, status_id: str, text: str) -> None:
        """Do what a person does to edit a status on the site."""
        with self._lock:
            changed = attrs.evolve(self._statuses[status_id], text=text, edited=self._clock())
            self._statuses[status_id] = changed
            self._save()

    def remove(self, status_id: str) -> None:
        """Do what a person, or a moderator, does to take a status away."""
        with self._lock:
            del self._statuses[status_id]
            self._save()

    def write(self, text: str, *, application: str = "Web") -> str:
        """Do what a person does to post on the site; return the id of the status."""
        with self._lock:
            return self._added(text, "", "public", (), application).id

    def forget_keys(self) -> None:
        """Let more than an hour pass for the keys of idempotency."""
        with self._lock:
            self._keys.clear()

    def routed(self, asked: Asked) -> Answer:
        """Do what the API is asked."""
        name = asked.path.removeprefix("/files/")
        if name != asked.path:
            file = self._files.get(name)
            return _missing() if file is None else Answer(
                body=file.data, content_type=file.media_type
            )  # fmt: skip
        if asked.path in {"/api/v1/instance", "/api/v2/instance"} and asked.method == "GET":
            return self._instance(asked.path)
        given = asked.headers.get("authorization", "").encode("latin-1")
        known = hmac.compare_digest(given, f"Bearer {self._token}".encode())
        if given and not known:
            return Answer(status=401, body={"error": "The access token is invalid"})
        limits = self._rate() if known else {}
        if limits.get("X-RateLimit-Remaining") == "-1":
            return Answer(status=429, body={"error": "Too many requests"}, headers=limits)
        answer = self._api(asked, known=known)
        return attrs.evolve(answer, headers={**limits, **answer.headers})

    def _instance(self, path: str) -> Answer:
        if self._old and "v2" in path:
            return _missing()
        configuration = {
            "statuses": {
                "max_characters": self.max_characters,
                "max_media_attachments": self.media_max,
                "characters_reserved_per_url": self.url_cost,
            },
            "media_attachments": {
                "supported_mime_types": list(self._mime_types),
                "image_size_limit": self.image_bytes,
                "description_limit": self.alt_max,
            },
        }
        return Answer(body={"domain": "mastodon.example", "configuration": configuration})

    def _api(self, asked: Asked, *, known: bool) -> Answer:
        route = asked.path.removeprefix("/api/")
        kind, _, status_id = route.removeprefix("v1/").partition("/")
        if asked.method == "GET" and kind == "statuses" and status_id:
            return self._shown_to(status_id, known=known)
        if not known:
            return Answer(status=401, body={"error": "This method requires an authenticated user"})
        routes: Mapping[tuple[str, str], Callable[[Asked], Answer]] = {
            ("GET", "v1/accounts/verify_credentials"): lambda _: Answer(
                body={"id": _ACCOUNT, "username": "mairie", "acct": "mairie"}
            ),
            ("GET", "v1/apps/verify_credentials"): lambda _: Answer(
                body={"id": "1", "name": self._application}
            ),
            ("GET", f"v1/accounts/{_ACCOUNT}/statuses"): self._listed,
            ("POST", "v1/statuses"): self._create,
            ("POST", "v2/media"): self._upload,
        }
        handler = routes.get((asked.method, route))
        if handler is not None:
            return handler(asked)
        if asked.method == "GET" and kind == "media":
            return self._media_state(status_id)
        status = self._statuses.get(status_id) if kind == "statuses" else None
        return _missing() if status is None else self._changed(status, asked)

    def _changed(self, status: _Status, asked: Asked) -> Answer:
        if asked.method == "PUT":
            return self._update(status, asked.json)
        return self._delete(status.id) if asked.method == "DELETE" else _missing()

    def _listed(self, asked: Asked) -> Answer:
        found = [one for one in self._newest() if one.id < asked.query.get("max_id", "~")]
        size = min(int(asked.query.get("limit", "20")), 40)
        return Answer(body=[self._told(one, known=True) for one in found[:size]])

    def _shown_to(self, status_id: str, *, known: bool) -> Answer:
        status = self._statuses.get(status_id)
        if not known and self._closed:
            return Answer(status=401, body={"error": "This API requires an authenticated user"})
        if status is None or not (known or status.visibility in {"public", "unlisted"}):
            return _missing()
        return Answer(body=self._told(status, known=known))

    def _told(self, status: _Status, *, known: bool) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": status.id,
            "created_at": _iso(status.created),
            "edited_at": None if status.edited is None else _iso(status.edited),
            "visibility": status.visibility,
            "language": status.language or None,
            "url": f"{self.origin}/@mairie/{status.id}",
            "content": rendered(status.text),
            "reblog": None,
            "media_attachments": [
                {"id": one, "type": "image", "description": self._media[one].alt or None}
                for one in status.media
            ],
        }
        if known:
            told["application"] = {"name": status.application, "website": None}
        return told

    def _create(self, asked: Asked) -> Answer:
        body = asked.json
        key = asked.headers.get("idempotency-key", "")
        before, since = self._keys.get(key, ("", self._clock()))
        if before and self._clock() - since < _HOUR:
            known = self._statuses.get(before)
            return _missing() if known is None else Answer(body=self._told(known, known=True))
        wrong = self._wrong(body)
        if wrong:
            return _invalid(wrong)
        visibility = body.get("visibility", "public")
        media = tuple(body.get("media_ids") or ())
        status = self._added(
            body.get("status") or "", body.get("language") or "", visibility, media,
            self._application,
        )  # fmt: skip
        if key:
            self._keys[key] = (status.id, self._clock())
        return Answer(body=self._told(status, known=True))

    def _added(
        self, text: str, language: str, visibility: str, media: tuple[str, ...], application: str
    ) -> _Status:
        self._next += 1
        status = _Status(
            id=str(self._next), text=text.strip(), created=self._clock(), language=language,
            visibility=visibility, media=media, application=application,
        )  # fmt: skip
        self._statuses[status.id] = status
        self._save()
        return status

    def _update(self, status: _Status, body: Any) -> Answer:
        wrong = self._wrong(body)
        if wrong:
            return _invalid(wrong)
        for told in body.get("media_attributes") or ():
            picture = self._media[told["id"]]
            self._media[told["id"]] = attrs.evolve(picture, alt=told.get("description") or "")
        # An edit that does not name the files takes them away.
        changed = attrs.evolve(
            status,
            text=(body.get("status") or "").strip(),
            language=body.get("language") or status.language,
            media=tuple(body.get("media_ids") or ()),
            edited=self._clock(),
        )
        self._statuses[status.id] = changed
        self._save()
        return Answer(body=self._told(changed, known=True))

    def _delete(self, status_id: str) -> Answer:
        now = self._clock()
        self._deleted_at = [one for one in self._deleted_at if now - one < _HOUR / 2]
        if len(self._deleted_at) >= self._deletions:
            headers = {"X-RateLimit-Reset": _iso(self._deleted_at[0] + _HOUR / 2)}
            return Answer(status=429, body={"error": "Too many requests"}, headers=headers)
        self._deleted_at.append(now)
        status = self._statuses.pop(status_id)
        self._save()
        return Answer(body={**self._told(status, known=True), "text": status.text})

    def _wrong(self, body: Any) -> str:
        if not isinstance(body, dict):
            return "a JSON object is expected"
        text, media = body.get("status") or "", body.get("media_ids") or []
        too_long = counted(text, self.url_cost) > self.max_characters
        unready = any(one not in self._media or self._waiting.get(one) for one in media)
        faults = {
            "Text can't be blank": not text.strip() and not media,
            f"Text character limit of {self.max_characters} exceeded": too_long,
            f"Cannot attach more than {self.media_max} files": len(media) > self.media_max,
            "Cannot attach files that have not finished processing": unready,
            "Visibility is not in the list": body.get("visibility", "public") not in _VISIBILITIES,
        }
        return "; ".join(why for why, wrong in faults.items() if wrong)

    def _upload(self, asked: Asked) -> Answer:
        parts = parts_of(asked.headers.get("content-type", ""), asked.data)
        if "file" not in parts:
            return _invalid("File can't be blank")
        _, kind, data = parts["file"]
        alt = parts.get("description", ("", "", b""))[2].decode("utf-8", "replace")
        if kind not in self._mime_types:
            return _invalid("File content type is invalid, File is invalid")
        if len(data) > self.image_bytes:
            return _invalid(f"File file size must be less than {self.image_bytes} bytes")
        if max(len(alt), len(alt.encode("utf-16-le")) // 2) > self.alt_max:
            return _invalid(f"Description is too long (maximum is {self.alt_max} characters)")
        media_id = str(5000 + len(self._media))
        self._media[media_id] = Picture(data=data, media_type=kind, alt=alt)
        self._waiting[media_id] = self._processing
        body = {"id": media_id, "type": "image", "url": None if self._processing else "…"}
        return Answer(status=202 if self._processing else 200, body=body)

    def _media_state(self, media_id: str) -> Answer:
        if media_id not in self._media:
            return _missing()
        self._waiting[media_id] = max(0, self._waiting[media_id] - 1)
        status = 206 if self._waiting[media_id] else 200
        return Answer(status=status, body={"id": media_id, "type": "image"})

    def _rate(self) -> dict[str, str]:
        """Count this request, and return the headers that tell how many more may come."""
        now = self._clock()
        window = dt.timedelta(minutes=5)
        self._asked_at = [one for one in self._asked_at if now - one < window]
        left = self._rate_limit - len(self._asked_at) - 1
        if left >= 0:
            self._asked_at.append(now)
        return {
            "X-RateLimit-Limit": str(self._rate_limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": _iso((self._asked_at or [now])[0] + window),
        }

    def _newest(self) -> list[_Status]:
        return sorted(self._statuses.values(), key=lambda one: one.id, reverse=True)

    def _save(self) -> None:
        kept = [
            {**attrs.asdict(one), "created": _iso(one.created), "edited": None, "media": []}
            for one in self._statuses.values()
        ]
        self.remember(kept)


def _loaded(kept: Sequence[Mapping[str, Any]]) -> dict[str, _Status]:
    told = (
        {**one, "created": dt.datetime.fromisoformat(one["created"]), "media": ()} for one in kept
    )
    return {one["id"]: _Status(**one) for one in told}


def _iso(moment: dt.datetime) -> str:
    """Return a time as Mastodon writes it: with milliseconds and a Z."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _missing() -> Answer:
    return Answer(status=404, body={"error": "Record not found"})


def _invalid(why: str) -> Answer:
    return Answer(status=422, body={"error": f"Validation failed: {why}"})

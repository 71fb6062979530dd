# SPDX-License-Identifier: Apache-2.0
"""
A stand-in for PanneauPocket on this machine: real HTTP, the documented routes, codes and limits.

It lets programs and demonstrations publish without an account, and counts for itself. What is not
documented about the real service is not imitated: there is no call to list, read or delete. The
public page has the traps of the real one, and all can be made to fail.
"""

from __future__ import annotations

import datetime as dt
import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import attrs

from territoire_sante.testing._loopback import LoopbackServer
from territoire_sante.testing._panneau_page import Entity, Notice, Seen, page, seen, shown
from territoire_sante.testing._panneau_rules import faults

_API: Final = "/public-api"
_BODY_MAX: Final = 1_000_000
_WINDOW: Final = 60.0
_NUMBER: Final = 1234567
_HTML: Final = "text/html; charset=utf-8"


@attrs.frozen(kw_only=True)
class Request:
    """
    A request that the server answered, for assertions.

    ``body`` is the JSON sent, ``None`` if there was none or it was none. The token is not kept.
    """

    method: str
    path: str
    status: int
    body: Any = None


@attrs.frozen(kw_only=True)
class _Answer:
    status: int
    body: Any = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class _Failure:
    """An answer to give instead of the right one; ``stored`` after doing what was asked."""

    answer: _Answer
    stored: bool = False
    on: str = ""


class PanneauPocketServer(LoopbackServer):
    """
    Runs from ``with`` to its end, on a free port of the loopback interface.

    Args:
        token: the only bearer token that is let in.
        state: a JSON file that keeps the signs from one run to the next.
        port: a fixed port; 0 for any free one.
        followers: how many residents follow the entity.
        rate_limit: requests to the API in a minute, before 429.
        name: the entity, as its page is headed.
        postcode: likewise.
        today: what day it is, for the page.
        clock: seconds, for the rate limit.
        renumbers: whether the public number of a notice changes when it is edited, of which
            nothing is known.
        neighbours: what the list of entities tells beside this one; its members have the names
            that one or another version of the service gives them.

    >>> with PanneauPocketServer(token="made-up") as server:
    ...     server.signs
    mappingproxy({})
    """

    def __init__(
        self,
        *,
        token: str,
        state: Path | None = None,
        port: int = 0,
        followers: int = 128,
        rate_limit: int = 300,
        name: str = "Exempleville",
        postcode: str = "48000",
        today: Callable[[], dt.date] = dt.date.today,
        clock: Callable[[], float] = time.monotonic,
        renumbers: bool = False,
        neighbours: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self._token = token
        self._state = state
        self._port = port
        self._followers = followers
        self._rate_limit = rate_limit
        self._name, self._postcode = name, postcode
        self._today, self._clock = today, clock
        self._lock = threading.RLock()
        self._signs, self._cancelled = _loaded(state)
        self._requests: list[Request] = []
        self._times: list[float] = []
        self._failures: list[_Failure] = []
        self._page_failures: list[_Answer] = []
        self._delays: list[float] = []
        self._losses = 0
        self._renumbers, self._neighbours = renumbers, tuple(neighbours)
        self._held: str | None = None
        self._nameless = 0

    def _handles(self) -> type[BaseHTTPRequestHandler]:
        return _handler(self)

    @property
    def api_url(self) -> str:
        """The address of the management API."""
        return f"{self.origin}{_API}"

    @property
    def page_url(self) -> str:
        """The address of the entity's public page."""
        return f"{self.origin}/ville/{_NUMBER}-{self._name.lower()}-{self._postcode}"

    @property
    def signs(self) -> Mapping[str, Mapping[str, Any]]:
        """The signs as they were sent, by external id."""
        with self._lock:
            return MappingProxyType(
                {
                    key: {name: told for name, told in sign.items() if not name.startswith("_")}
                    for key, sign in self._signs.items()
                }
            )

    @property
    def requests(self) -> tuple[Request, ...]:
        """What was asked so far, in order."""
        with self._lock:
            return tuple(self._requests)

    def shown(self) -> tuple[Seen, ...]:
        """Return what a reader of the public page sees now, in its order."""
        with self._lock:
            return tuple(seen(one) for one in self._on_air())

    def fail(
        self,
        status: int,
        *,
        times: int = 1,
        retry_after: int | None = None,
        html: bool = False,
        stored: bool = False,
        on: str = "",
    ) -> None:
        """
        Answer the next ``times`` requests to the API with ``status``, those of a method ``on``.

        Nothing is written, unless ``stored``. With ``html`` a web page comes, as of a proxy.
        """
        headers = {} if retry_after is None else {"X-RateLimit-Retry-After": str(retry_after)}
        body: Any = {"message": "Service indisponible"}
        if html:
            body = "<!DOCTYPE html><html><h1>Maintenance</h1></html>"
        answer = _Answer(
            status=status,
            body=body,
            headers=headers,
            content_type=_HTML if html else "application/json",
        )
        with self._lock:
            self._failures += [_Failure(answer=answer, stored=stored, on=on)] * times

    def fail_page(
        self,
        status: int = 200,
        *,
        body: str = "",
        location: str = "",
        content_type: str = _HTML,
        times: int = 1,
    ) -> None:
        """Answer the next ``times`` requests for the page or the list of entities with this."""
        headers = {"Location": location} if location else {}
        answer = _Answer(status=status, body=body, headers=headers, content_type=content_type)
        with self._lock:
            self._page_failures += [answer] * times

    def delay(self, seconds: float, *, times: int = 1) -> None:
        """Answer the next ``times`` requests so much later."""
        with self._lock:
            self._delays += [seconds] * times

    def hold_page(self) -> None:
        """Show the public page as it is now, whatever is published, as a cache does."""
        with self._lock:
            self._held = self._page_text()

    def release_page(self) -> None:
        """Show the public page as it should be."""
        with self._lock:
            self._held = None

    def hide_shares(self, number: int) -> None:
        """Leave the address to share out of the first ``number`` notices of the page."""
        with self._lock:
            self._nameless = number

    def put_up(self, external_id: str, *, event: bool = False, **sign: Any) -> None:
        """Do what a person does to put a notice up in the console; ``event`` as an event's card."""
        with self._lock:
            today = self._today().isoformat()
            given = {"type": "info", "startAt": today, **sign, "id": external_id}
            self._signs[external_id] = {**given, "_event": True} if event else given
            self._save()

    def lose_answers(self, times: int = 1) -> None:
        """Do what the next ``times`` writes ask for, and hang up instead of answering."""
        with self._lock:
            self._losses += times

    def archive(self, external_id: str) -> None:
        """Do what a person does in the console to take a sign down."""
        with self._lock:
            del self._signs[external_id]
            self._cancelled.discard(external_id)
            self._save()

    def cancel(self, external_id: str) -> None:
        """Do what a person does to stamp a sign as cancelled; it stays on the page."""
        with self._lock:
            self._cancelled.add(external_id)
            self._save()

    def _answered(self, method: str, target: str, token: str, data: bytes) -> _Answer | None:
        path = unquote(urlsplit(target).path)
        body = _json(data)
        with self._lock:
            delay = self._delays.pop(0) if self._delays else 0.0
        time.sleep(delay)
        with self._lock:
            if path.startswith(f"{_API}/city"):
                answer = self._city(method, path.removeprefix(f"{_API}/city"))
            elif path.startswith(f"{_API}/"):
                answer = self._api(method, path.removeprefix(f"{_API}/"), token, body)
            else:
                answer = self._public(method, path)
            self._requests.append(
                Request(method=method, path=path, status=answer.status, body=body)
            )
            if self._losses and method in {"POST", "PUT"}:
                self._losses -= 1
                return None
        return answer

    def _api(self, method: str, route: str, token: str, body: Any) -> _Answer:
        limits = self._rate()
        # http.server reads the bytes of headers as Latin-1.
        given, wanted = token.encode("latin-1"), f"Bearer {self._token}".encode()
        if not hmac.compare_digest(given, wanted):
            return _refusal(HTTPStatus.UNAUTHORIZED, "Jeton invalide ou expiré", limits)
        failure = next((one for one in self._failures if one.on in ("", method)), None)
        if failure is not None:
            self._failures.remove(failure)
            if failure.stored:
                self._routed(method, route, body, limits)
            return attrs.evolve(failure.answer, headers={**limits, **failure.answer.headers})
        if "X-RateLimit-Retry-After" in limits:
            return _refusal(HTTPStatus.TOO_MANY_REQUESTS, "Trop de requêtes", limits)
        return self._routed(method, route, body, limits)

    def _routed(self, method: str, route: str, body: Any, limits: Mapping[str, str]) -> _Answer:
        kind, _, external_id = route.partition("/")
        if (method, route) == ("GET", "entities/favorities/count"):
            return _Answer(status=200, body={"count": self._followers}, headers=limits)
        if (method, route) == ("POST", "signs"):
            return self._create(body, limits)
        if method == "PUT" and kind == "signs" and external_id:
            return self._update(external_id, body, limits)
        return _refusal(HTTPStatus.NOT_FOUND, "Route inconnue", limits)

    def _create(self, body: Any, limits: Mapping[str, str]) -> _Answer:
        wrong = faults(body) if isinstance(body, dict) else ["a JSON object is expected"]
        external_id = body.get("id") if isinstance(body, dict) else None
        if not isinstance(external_id, str) or not external_id:
            wrong.append("id: This value should not be blank.")
        elif external_id in self._signs:
            wrong.append("id: This value is already used.")
        if wrong or not isinstance(external_id, str):
            return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, " ; ".join(wrong), limits)
        self._signs[external_id] = body
        self._save()
        return _Answer(status=201, body={"id": external_id}, headers=limits)

    def _update(self, external_id: str, body: Any, limits: Mapping[str, str]) -> _Answer:
        if external_id not in self._signs:
            return _refusal(HTTPStatus.NOT_FOUND, "Panneau inconnu", limits)
        wrong = faults(body) if isinstance(body, dict) else ["a JSON object is expected"]
        if wrong:
            return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, " ; ".join(wrong), limits)
        edition = self._signs[external_id].get("_edition", 0) + 1
        edited = {"_edition": edition} if self._renumbers else {}
        self._signs[external_id] = {"id": external_id, **body, **edited}
        self._save()
        return _Answer(status=204, headers=limits)

    def _rate(self) -> dict[str, str]:
        """Count this request, and return the headers that tell how many more may come."""
        now = self._clock()
        self._times = [one for one in self._times if now - one < _WINDOW]
        left = self._rate_limit - len(self._times)
        headers = {
            "X-RateLimit-Limit": str(self._rate_limit),
            "X-RateLimit-Remaining": str(max(0, left - 1)),
        }
        if left <= 0:
            wait = _WINDOW - (now - self._times[0])
            return {**headers, "X-RateLimit-Retry-After": str(max(1, round(wait)))}
        self._times.append(now)
        return headers

    def _public(self, method: str, path: str) -> _Answer:
        if method != "GET" or not path.startswith(f"/ville/{_NUMBER}"):
            return _Answer(status=404, body="<h1>404</h1>", content_type=_HTML)
        if self._page_failures:
            return self._page_failures.pop(0)
        text = self._page_text() if self._held is None else self._held
        return _Answer(status=200, body=text, content_type=_HTML)

    def _on_air(self) -> list[Notice]:
        notices = [
            Notice(external_id=key, sign=sign, cancelled=key in self._cancelled)
            for key, sign in self._signs.items()
        ]
        return shown(notices, self._today())

    def _page_text(self) -> str:
        entity = Entity(name=self._name, postcode=self._postcode, address=self.page_url)
        return page(self._on_air(), entity, nameless=self._nameless)

    def _city(self, method: str, rest: str) -> _Answer:
        if self._page_failures:
            return self._page_failures.pop(0)
        department = rest.removeprefix("/FR-")
        if method != "GET" or (rest and department == rest):
            return _Answer(status=404, body="<h1>404</h1>", content_type=_HTML)
        own = {"name": self._name, "zipCode": self._postcode, "url": self.page_url}
        all_of_them = [own, *self._neighbours]
        told = [one for one in all_of_them if not rest or _postcode(one).startswith(department)]
        return _Answer(status=200, body=told)

    def _save(self) -> None:
        if self._state is None:
            return
        kept = {"signs": self._signs, "cancelled": sorted(self._cancelled)}
        temporary = self._state.with_suffix(".tmp")
        temporary.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
        temporary.replace(self._state)


def _loaded(state: Path | None) -> tuple[dict[str, dict[str, Any]], set[str]]:
    if state is None or not state.exists():
        return {}, set()
    kept = json.loads(state.read_text(encoding="utf-8"))
    return dict(kept["signs"]), set(kept["cancelled"])


def _postcode(entity: Mapping[str, Any]) -> str:
    return str(entity.get("zipCode") or entity.get("postCode") or "")


def _json(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return None


def _refusal(status: HTTPStatus, message: str, headers: Mapping[str, str]) -> _Answer:
    return _Answer(status=int(status), body={"message": message}, headers=headers)


def _handler(server: PanneauPocketServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            data = self.rfile.read(min(length, _BODY_MAX))
            token = self.headers.get("Authorization") or ""
            answer = server._answered(self.command, self.path, token, data)  # noqa: SLF001 - the two are one
            if answer is None:
                self.close_connection = True
                return
            content = b""
            if isinstance(answer.body, str):
                content = answer.body.encode()
            elif answer.body is not None:
                content = json.dumps(answer.body, ensure_ascii=False).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != HTTPStatus.NO_CONTENT:
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815 - names of http.server

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of http.server
            """Keep silent; ``requests`` tells what was asked."""

    return Handler

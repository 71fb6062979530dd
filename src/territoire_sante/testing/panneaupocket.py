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
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Final

import attrs

from territoire_sante.testing._loopback import HTML
from territoire_sante.testing._panneau_page import Entity, Notice, Seen, page, seen, shown
from territoire_sante.testing._panneau_rules import faults
from territoire_sante.testing.stand_in import Answer, Asked, StandIn

_API: Final = "/public-api"
_WINDOW: Final = 60.0
_NUMBER: Final = 1234567


class PanneauPocketServer(StandIn):
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

    retry_header: ClassVar[str] = "X-RateLimit-Retry-After"

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
        super().__init__(port=port, state=state)
        self._token = token
        self._followers = followers
        self._rate_limit = rate_limit
        self._name, self._postcode = name, postcode
        self._today, self._clock = today, clock
        kept = self.remembered() or {"signs": {}, "cancelled": ()}
        self._signs: dict[str, dict[str, Any]] = kept["signs"]
        self._cancelled: set[str] = set(kept["cancelled"])
        self._times: list[float] = []
        self._page_failures: list[Answer] = []
        self._renumbers, self._neighbours = renumbers, tuple(neighbours)
        self._held: str | None = None
        self._nameless = 0

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

    def shown(self) -> tuple[Seen, ...]:
        """Return what a reader of the public page sees now, in its order."""
        with self._lock:
            return tuple(seen(one) for one in self._on_air())

    def complaint(self) -> Any:
        """Return what the API tells when it fails."""
        return {"message": "Service indisponible"}

    def fail_page(
        self,
        status: int = 200,
        *,
        body: str = "",
        location: str = "",
        content_type: str = HTML,
        times: int = 1,
    ) -> None:
        """Answer the next ``times`` requests for the page or the list of entities with this."""
        headers = {"Location": location} if location else {}
        answer = Answer(status=status, body=body, headers=headers, content_type=content_type)
        with self._lock:
            self._page_failures += [answer] * times

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

    def made(self, asked: Asked) -> Answer:
        """Return the answer; only requests to the API that are let in can be made to fail."""
        if asked.path.startswith(f"{_API}/city"):
            return self._city(asked.method, asked.path.removeprefix(f"{_API}/city"))
        if not asked.path.startswith(f"{_API}/"):
            return self._public(asked.method, asked.path)
        limits = self._rate()
        # http.server reads the bytes of headers as Latin-1.
        given = asked.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            answer = _refusal(HTTPStatus.UNAUTHORIZED, "Jeton invalide ou expiré")
        elif (failure := self.faulty(asked)) is not None:
            answer = failure
        elif self.retry_header in limits:
            answer = _refusal(HTTPStatus.TOO_MANY_REQUESTS, "Trop de requêtes")
        else:
            answer = self.routed(asked)
        return attrs.evolve(answer, headers={**limits, **answer.headers})

    def routed(self, asked: Asked) -> Answer:
        """Do what the API is asked."""
        method, route = asked.method, asked.path.removeprefix(f"{_API}/")
        kind, _, external_id = route.partition("/")
        if (method, route) == ("GET", "entities/favorities/count"):
            return Answer(body={"count": self._followers})
        if (method, route) == ("POST", "signs"):
            return self._create(asked.json)
        if method == "PUT" and kind == "signs" and external_id:
            return self._update(external_id, asked.json)
        return _refusal(HTTPStatus.NOT_FOUND, "Route inconnue")

    def _create(self, body: Any) -> Answer:
        wrong = faults(body) if isinstance(body, dict) else ["a JSON object is expected"]
        external_id = body.get("id") if isinstance(body, dict) else None
        if not isinstance(external_id, str) or not external_id:
            wrong.append("id: This value should not be blank.")
        elif external_id in self._signs:
            wrong.append("id: This value is already used.")
        if wrong or not isinstance(external_id, str):
            return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, " ; ".join(wrong))
        self._signs[external_id] = body
        self._save()
        return Answer(status=201, body={"id": external_id})

    def _update(self, external_id: str, body: Any) -> Answer:
        if external_id not in self._signs:
            return _refusal(HTTPStatus.NOT_FOUND, "Panneau inconnu")
        wrong = faults(body) if isinstance(body, dict) else ["a JSON object is expected"]
        if wrong:
            return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, " ; ".join(wrong))
        edition = self._signs[external_id].get("_edition", 0) + 1
        edited = {"_edition": edition} if self._renumbers else {}
        self._signs[external_id] = {"id": external_id, **body, **edited}
        self._save()
        return Answer(status=204)

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
            return {**headers, self.retry_header: str(max(1, round(wait)))}
        self._times.append(now)
        return headers

    def _public(self, method: str, path: str) -> Answer:
        if method != "GET" or not path.startswith(f"/ville/{_NUMBER}"):
            return Answer(status=404, body="<h1>404</h1>", content_type=HTML)
        if self._page_failures:
            return self._page_failures.pop(0)
        text = self._page_text() if self._held is None else self._held
        return Answer(status=200, body=text, content_type=HTML)

    def _on_air(self) -> list[Notice]:
        notices = [
            Notice(external_id=key, sign=sign, cancelled=key in self._cancelled)
            for key, sign in self._signs.items()
        ]
        return shown(notices, self._today())

    def _page_text(self) -> str:
        entity = Entity(name=self._name, postcode=self._postcode, address=self.page_url)
        return page(self._on_air(), entity, nameless=self._nameless)

    def _city(self, method: str, rest: str) -> Answer:
        if self._page_failures:
            return self._page_failures.pop(0)
        department = rest.removeprefix("/FR-")
        if method != "GET" or (rest and department == rest):
            return Answer(status=404, body="<h1>404</h1>", content_type=HTML)
        own = {"name": self._name, "zipCode": self._postcode, "url": self.page_url}
        all_of_them = [own, *self._neighbours]
        told = [one for one in all_of_them if not rest or _postcode(one).startswith(department)]
        return Answer(status=200, body=told)

    def _save(self) -> None:
        self.remember({"signs": self._signs, "cancelled": sorted(self._cancelled)})


def _postcode(entity: Mapping[str, Any]) -> str:
    return str(entity.get("zipCode") or entity.get("postCode") or "")


def _refusal(status: HTTPStatus, message: str) -> Answer:
    return Answer(status=int(status), body={"message": message})

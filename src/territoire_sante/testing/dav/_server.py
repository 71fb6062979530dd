# SPDX-License-Identifier: Apache-2.0
"""The server itself: real HTTP on loopback, in threads of this process."""

from __future__ import annotations

import http.server
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Final, Self
from xml.sax.saxutils import escape

import attrs

from territoire_sante.testing.dav import _reading, _reporting, _writing, _xml
from territoire_sante.testing.dav._faults import Faults
from territoire_sante.testing.dav._messages import Asked, Incident, Reply, Rule
from territoire_sante.testing.dav._objects import Collection
from territoire_sante.testing.dav._site import Mail, Site
from territoire_sante.testing.dav._spelling import escaped

_TRUTH: Final[Mapping[str, Callable[[Site, Asked], Reply]]] = {
    "OPTIONS": _reading.options,
    "GET": _reading.get,
    "PROPFIND": _reading.propfind,
    "REPORT": _reporting.report,
    "PUT": _writing.put,
    "DELETE": _writing.delete,
    "MKCALENDAR": _writing.make_collection,
    "MKCOL": _writing.make_collection,
    "PROPPATCH": _writing.patch,
}
_CHALLENGE: Final = {"WWW-Authenticate": 'basic realm="made up"'}


@attrs.define
class _Pending:
    """An incident, how many requests it lets pass yet, and how often it will still happen."""

    incident: Incident
    skip: int
    times: int | None


class FaultServer:
    """
    A CalDAV and CardDAV server that behaves, until it is told not to.

    It listens on a free port of the loopback interface from ``with`` to its end, or from
    :meth:`start` to :meth:`stop`. Collections stand directly in ``/dav/``; any other path may be
    given to one, too.

    What goes wrong is told by :attr:`faults`, how the server always behaves, by :meth:`happen`,
    what befalls certain requests, and by :meth:`on`, a function of yours. All can be
    changed at any time. The first function that answers counts, then the first incident that
    fits, then the faults.

    Args:
        faults: the behaviour to begin with.
        port: a fixed port; 0 for any free one.
        username: if given, Basic authentication is needed.
        password: likewise.
        clock: seconds since 1970, for tokens made of seconds.

    >>> with FaultServer() as server:
    ...     agenda = server.calendar("agenda")
    ...     server.url_of(agenda).endswith("/dav/agenda/")
    True
    """

    def __init__(
        self,
        faults: Faults | None = None,
        *,
        port: int = 0,
        username: str = "",
        password: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.site = Site(
            faults=faults or Faults(), username=username, password=password, clock=clock
        )
        self.log: list[Asked] = []
        self.rules: list[Rule] = []
        self.failures: list[str] = []
        self._incidents: list[_Pending] = []
        self._port = port
        self._stopping = threading.Event()
        self._server: http.server.ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    # --- running ---

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.stop()
        if self.failures and kind is None:
            raise RuntimeError(f"the fault server itself failed:\n{self.failures[0]}")

    def start(self) -> None:
        """Listen."""
        self._stopping.clear()
        server = _Listener(("127.0.0.1", self._port), _handler(self))
        self._port = server.server_port
        self.site.origin = self.origin
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; collections stay, and :meth:`start` opens the same port again."""
        self._stopping.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
        self._server = self._thread = None

    @property
    def origin(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """The address of the root."""
        return f"{self.origin}/"

    # --- what is stored ---

    @property
    def collections(self) -> Mapping[str, Collection]:
        """The collections by path."""
        return self.site.collections

    def calendar(self, name: str, title: str = "") -> Collection:
        """Make an empty calendar; ``name`` is a segment in ``/dav/`` or a whole path."""
        return self.site.make(_path(name), _xml.CALENDAR, escape(title))

    def address_book(self, name: str, title: str = "") -> Collection:
        """Make an empty address book, likewise."""
        return self.site.make(_path(name), _xml.ADDRESS_BOOK, escape(title))

    def url_of(self, collection: Collection) -> str:
        """Return the address of a collection."""
        return self.origin + escaped(collection.path)

    def drop(self, collection: Collection) -> None:
        """Delete a collection and all in it."""
        self.site.drop(collection.path)

    @property
    def mails(self) -> list[Mail]:
        """The mail sent so far, see ``Faults.mails``."""
        return self.site.mails

    # --- what goes wrong ---

    @property
    def faults(self) -> Faults:
        """The standing behaviour; assign to change it."""
        return self.site.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self.site.faults = faults

    def happen(self, *incidents: Incident) -> None:
        """Let these befall the requests they are meant for, from now on."""
        self._incidents += [_Pending(one, one.skip, one.times) for one in incidents]

    def on(self, method: str, answer: Reply | Rule, *, where: str = "") -> None:
        """Answer ``method``, on paths with ``where`` in them, by ``answer``."""

        def rule(asked: Asked) -> Reply | None:
            if asked.method != method or where not in asked.path:
                return None
            return answer if isinstance(answer, Reply) else answer(asked)

        self.rules.insert(0, rule)

    def on_report(self, name: str, answer: Reply | Rule) -> None:
        """Answer the report ``name`` by ``answer``."""
        self.on("REPORT", lambda asked: _of_report(name, answer, asked))

    def recover(self) -> None:
        """Behave from now on: no faults, incidents or functions."""
        self.faults = Faults()
        self._incidents.clear()
        self.rules.clear()

    # --- what was asked ---

    def methods(self) -> list[str]:
        """Return the methods asked for so far, and forget them."""
        methods = [asked.method for asked in self.log]
        self.log.clear()
        return methods

    def reply(self, asked: Asked) -> Reply:
        """Return the answer to a request, which is logged."""
        self.log.append(asked)
        for rule in tuple(self.rules):
            answer = rule(asked)
            if answer is not None:
                return answer
        incident = self._next_incident(asked)
        if incident is None:
            return self.truth(asked)
        return incident.applied(self.truth(asked) if incident.needs_truth else None)

    def truth(self, asked: Asked) -> Reply:
        """Return what the server answers by its faults alone."""
        if not self.site.lets_in(asked):
            return Reply(401, b"", _CHALLENGE)
        answer = _TRUTH.get(asked.method)
        if answer is None:
            return Reply(501)
        with self.site.lock:
            return answer(self.site, asked)

    def _next_incident(self, asked: Asked) -> Incident | None:
        with self.site.lock:
            for pending in self._incidents:
                if pending.times == 0 or not pending.incident.fits(asked):
                    continue
                if pending.skip:
                    pending.skip -= 1
                    continue
                if pending.times is not None:
                    pending.times -= 1
                return pending.incident
        return None


def _path(name: str) -> str:
    return name if name.startswith("/") else f"/dav/{name}/"


def _of_report(name: str, answer: Reply | Rule, asked: Asked) -> Reply | None:
    if not asked.wants(name):
        return None
    return answer if isinstance(answer, Reply) else answer(asked)


class _Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet: clients hang up on purpose."""


def _handler(server: FaultServer) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(_Handler):
        owner = server

    return Handler


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for a small answer
    disable_nagle_algorithm = True  # and no waiting between those of a large one
    owner: FaultServer

    def answer(self) -> None:
        """Answer as the server says."""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            self.close_connection = True
            self._deliver(Reply(411))
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(method=self.command, path=self.path, headers=self.headers, body=body)
        try:
            reply = self.owner.reply(asked)
        except Exception:  # noqa: BLE001 - told at the end of the test, whatever it is
            self.owner.failures.append(traceback.format_exc())
            reply = Reply(500)
        asked.status = reply.status
        asked.sent = len(reply.body if reply.cut is None else reply.body[: reply.cut])
        self._deliver(reply)

    def _deliver(self, reply: Reply) -> None:
        if reply.stall:
            self.owner._stopping.wait(reply.stall)  # noqa: SLF001 - the two are one
        if reply.status is None:
            self.close_connection = True
            return
        for status in reply.interim:
            self.send_response_only(status)
            self.end_headers()
            self.wfile.flush()
        if self.owner.faults.http10:
            self.protocol_version = "HTTP/1.0"
            self.close_connection = True
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        has_body = reply.status not in {204, 304}
        if has_body:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if has_body:
            self._send_body(reply)

    def _send_body(self, reply: Reply) -> None:
        body = reply.body
        if reply.cut is not None and reply.cut < len(body):
            body = body[: reply.cut]
            self.close_connection = True
        if not reply.drip:
            self.wfile.write(body)
            return
        self.wfile.flush()
        for start in range(0, len(body), reply.piece):
            if self.owner._stopping.wait(reply.drip):  # noqa: SLF001 - the two are one
                self.close_connection = True
                return
            self.wfile.write(body[start : start + reply.piece])
            self.wfile.flush()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of http.server
        """Stay quiet; ``log`` tells what was asked."""

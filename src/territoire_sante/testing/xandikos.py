# SPDX-License-Identifier: Apache-2.0
"""
A real Xandikos server on this machine, for tests and benchmarks.

It keeps every byte that it is sent, in git; Radicale writes what it stores anew. A
client that is right on both has met the two kinds of server.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder, XandikosServer(folder) as server:
...     agenda = server.create_calendar("agenda")
>>> agenda.endswith("/user/calendars/agenda/")
True
"""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar, Final

import requests

from territoire_sante.errors import ConnectorError
from territoire_sante.testing._process import LOOPBACK, ServerProcess

__all__ = ["XandikosServer"]

_ADDRESSBOOK: Final = (
    b'<D:mkcol xmlns:D="DAV:" xmlns:R="urn:ietf:params:xml:ns:carddav"><D:set><D:prop>'
    b"<D:resourcetype><D:collection/><R:addressbook/></D:resourcetype>"
    b"</D:prop></D:set></D:mkcol>"
)


class XandikosServer(ServerProcess):
    """
    A Xandikos in a process of its own, as a context manager.

    Its collections stay in ``folder`` when it stops. It listens on the loopback
    interface only, on ``port``, or on a free port for 0, and asks for no password.

    Args:
        folder: where the collections are kept; made if missing.
        port: 0 to take a free one.
        timeout: seconds that it may take to answer for the first time.
    """

    name: ClassVar[str] = "Xandikos"
    module: ClassVar[str] = "xandikos"
    ends_well: ClassVar[bool] = False  # it takes seconds, and loses nothing by being killed

    def create_calendar(self, name: str) -> str:
        """Make the calendar ``name`` unless it is there, and return its address."""
        return self._create("calendars", name, "MKCALENDAR", None)

    def create_addressbook(self, name: str) -> str:
        """Make the address book ``name`` unless it is there, and return its address."""
        return self._create("contacts", name, "MKCOL", _ADDRESSBOOK)

    def _create(self, home: str, name: str, method: str, body: bytes | None) -> str:
        address = f"{self.url}user/{home}/{name}/"
        headers = {"Content-Type": "application/xml"} if body else {}
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, address, data=body, headers=headers, timeout=30)
        there = (HTTPStatus.CREATED, HTTPStatus.METHOD_NOT_ALLOWED)  # RFC 4918 section 9.3.1
        if answer.status_code not in there:
            raise ConnectorError(
                f"Xandikos answered {answer.status_code} to {method}",
                where=address,
                remedy="Choose a name of letters, digits and '-'",
            )
        return address

    def _arguments(self) -> list[str]:
        return [
            "serve", "-d", str(self.folder / "data"), "--state-dir", str(self.folder / "state"),
            "--defaults", "--no-detect-systemd", "-l", LOOPBACK, "-p", str(self.port),
        ]  # fmt: skip

    def _is_ready(self) -> bool:
        try:
            requests.options(self.url, timeout=5)
        except requests.ConnectionError:
            return False
        return True

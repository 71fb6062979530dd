# SPDX-License-Identifier: Apache-2.0
"""
A real Radicale server on this machine, for demonstrations and tests.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder, RadicaleServer(folder) as server:
...     agenda = server.create_calendar("agenda")
>>> agenda.endswith("/territoire/agenda/")
True
"""

from __future__ import annotations

import os
from typing import ClassVar
from xml.sax.saxutils import escape

import requests

from territoire_sante.errors import ConnectorError
from territoire_sante.testing._process import LOOPBACK, ServerProcess

__all__ = ["RadicaleServer"]

_CALENDAR = '<C:calendar xmlns:C="urn:ietf:params:xml:ns:caldav"/>'
_ADDRESSBOOK = '<R:addressbook xmlns:R="urn:ietf:params:xml:ns:carddav"/>'
_MKCOL = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<D:mkcol xmlns:D="DAV:"><D:set><D:prop>'
    "<D:resourcetype><D:collection/>{kind}</D:resourcetype>"
    "<D:displayname>{title}</D:displayname>"
    "</D:prop></D:set></D:mkcol>"
)


class RadicaleServer(ServerProcess):
    """
    A Radicale in a process of its own, as a context manager.

    Its collections are stored in ``folder`` and stay there when it stops, so
    that a later server on the same folder shows them again. It listens on the
    loopback interface only, on ``port``, or on a free port for 0. With a
    ``password`` it asks for it; without, any password is good, but most clients have to
    send a name all the same.

    Args:
        folder: where the collections are kept; made if missing.
        username: the owner of the collections.
        password: empty for none.
        port: 0 to take a free one.
        timeout: seconds that it may take to answer for the first time.
    """

    name: ClassVar[str] = "Radicale"
    module: ClassVar[str] = "radicale"

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        username: str = "territoire",
        password: str = "",
        port: int = 0,
        timeout: float = 30.0,
    ) -> None:
        super().__init__(folder, port=port, timeout=timeout)
        self.username = username
        self.password = password

    def create_calendar(self, name: str, *, title: str = "") -> str:
        """Make the calendar ``name`` unless it is there, and return its address."""
        return self._create(name, title, _CALENDAR)

    def create_addressbook(self, name: str, *, title: str = "") -> str:
        """Make the address book ``name`` unless it is there, and return its address."""
        return self._create(name, title, _ADDRESSBOOK)

    def _create(self, name: str, title: str, kind: str) -> str:
        address = f"{self.url}{self.username}/{name}/"
        login = (self.username, self.password)
        with requests.Session() as session:
            session.trust_env = False
            session.auth = login
            if session.request("PROPFIND", address, headers={"Depth": "0"}, timeout=30).ok:
                return address
            body = _MKCOL.format(kind=kind, title=escape(title or name)).encode()
            answer = session.request("MKCOL", address, data=body, timeout=30)
        if not answer.ok:
            raise ConnectorError(
                f"Radicale answered {answer.status_code} to MKCOL",
                where=address,
                remedy="Choose a name of letters, digits and '-'",
            )
        return address

    def _arguments(self) -> list[str]:
        options = {
            "--config": "",  # the machine's own configuration does not count
            "--server-hosts": f"{LOOPBACK}:{self.port}",
            "--storage-filesystem-folder": str(self.folder / "collections"),
            "--auth-type": "none",
            "--auth-delay": "0",
            "--logging-level": "info",  # _is_ready() reads that it is ready
        }
        if self.password:
            users = self.folder / "users"
            users.touch(mode=0o600)
            users.write_text(f"{self.username}:{self.password}\n", encoding="utf-8")
            options["--auth-type"] = "htpasswd"
            options["--auth-htpasswd-filename"] = str(users)
            options["--auth-htpasswd-encryption"] = "plain"
        return [part for pair in options.items() for part in pair]

    def _is_ready(self) -> bool:
        # Connecting would prove nothing: another server may hold the port.
        return b"server ready" in self.log.read_bytes()

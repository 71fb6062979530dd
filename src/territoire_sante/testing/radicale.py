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

import importlib.util
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from xml.sax.saxutils import escape

import requests

from territoire_sante.errors import ConfigError, ConnectorError, UnreachableError

__all__ = ["RadicaleServer"]

_LOOPBACK = "127.0.0.1"
_CALENDAR = '<C:calendar xmlns:C="urn:ietf:params:xml:ns:caldav"/>'
_ADDRESSBOOK = '<R:addressbook xmlns:R="urn:ietf:params:xml:ns:carddav"/>'
_MKCOL = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<D:mkcol xmlns:D="DAV:"><D:set><D:prop>'
    "<D:resourcetype><D:collection/>{kind}</D:resourcetype>"
    "<D:displayname>{title}</D:displayname>"
    "</D:prop></D:set></D:mkcol>"
)


class RadicaleServer:
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

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        username: str = "territoire",
        password: str = "",
        port: int = 0,
        timeout: float = 30.0,
    ) -> None:
        self.folder = Path(folder)
        self.username = username
        self.password = password
        self.port = port
        self._timeout = timeout
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the server, ending in a slash."""
        return f"http://{_LOOPBACK}:{self.port}/"

    @property
    def log(self) -> Path:
        """The file that holds what the server wrote since it started."""
        return self.folder / "radicale.log"

    def __enter__(self) -> Self:
        """
        Start the server and wait until it answers.

        Raises:
            ConfigError: Radicale is not installed.
            UnreachableError: it did not answer in time; the error quotes its log.
        """
        if importlib.util.find_spec("radicale") is None:
            raise ConfigError("Radicale is not installed", remedy="pip install radicale")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or _free_port()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
                [sys.executable, "-m", "radicale", *self._options()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the server; what it stored stays."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

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

    def _options(self) -> list[str]:
        options = {
            "--config": "",  # the machine's own configuration does not count
            "--server-hosts": f"{_LOOPBACK}:{self.port}",
            "--storage-filesystem-folder": str(self.folder / "collections"),
            "--auth-type": "none",
            "--auth-delay": "0",
            "--logging-level": "info",  # _wait() reads that it is ready
        }
        if self.password:
            users = self.folder / "users"
            users.touch(mode=0o600)
            users.write_text(f"{self.username}:{self.password}\n", encoding="utf-8")
            options["--auth-type"] = "htpasswd"
            options["--auth-htpasswd-filename"] = str(users)
            options["--auth-htpasswd-encryption"] = "plain"
        return [part for pair in options.items() for part in pair]

    def _wait(self) -> None:
        deadline = time.monotonic() + self._timeout
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            # Connecting would prove nothing: another server may hold the port.
            if b"server ready" in self.log.read_bytes():
                return
            time.sleep(0.02)
        said = self.log.read_text(encoding="utf-8", errors="replace").strip()[-500:]
        raise UnreachableError(
            f"Radicale did not start: {said or 'it wrote nothing'}",
            where=self.url,
            remedy="Give another port or another folder",
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port

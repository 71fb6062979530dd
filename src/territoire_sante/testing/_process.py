# SPDX-License-Identifier: Apache-2.0
"""A real server of somebody else's, in a process of its own on the loopback interface."""

from __future__ import annotations

import abc
import importlib.util
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final, Self

from territoire_sante.errors import ConfigError, UnreachableError

LOOPBACK: Final = "127.0.0.1"


class ServerProcess(abc.ABC):
    """
    What the servers run for tests have in common: a folder, a port, a beginning and an end.

    Its subclasses say which module to run with which arguments, and how it is known to be ready.
    """

    name: ClassVar[str]
    module: ClassVar[str]
    #: Whether it ends by itself, soon and in order, when it is asked to.
    ends_well: ClassVar[bool] = True

    def __init__(
        self, folder: str | os.PathLike[str], *, port: int = 0, timeout: float = 30.0
    ) -> None:
        self.folder = Path(folder)
        self.port = port
        self._timeout = timeout
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the server, ending in a slash."""
        return f"http://{LOOPBACK}:{self.port}/"

    @property
    def log(self) -> Path:
        """The file that holds what the server wrote since it started."""
        return self.folder / f"{self.module}.log"

    def __enter__(self) -> Self:
        """
        Start the server and wait until it answers.

        Raises:
            ConfigError: it is not installed.
            UnreachableError: it did not answer in time; the error quotes its log.
        """
        if importlib.util.find_spec(self.module) is None:
            raise ConfigError(f"{self.name} is not installed", remedy=f"pip install {self.module}")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or _free_port()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
                [sys.executable, "-m", self.module, *self._arguments()],
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
        if self.ends_well:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        else:
            process.kill()
        process.wait()

    @abc.abstractmethod
    def _arguments(self) -> list[str]:
        """Return what stands behind ``python -m module``."""

    @abc.abstractmethod
    def _is_ready(self) -> bool:
        """Say whether it, and not another server on the same port, takes requests."""

    def _wait(self) -> None:
        deadline = time.monotonic() + self._timeout
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            if self._is_ready():
                return
            time.sleep(0.02)
        said = self.log.read_text(encoding="utf-8", errors="replace").strip()[-500:]
        raise UnreachableError(
            f"{self.name} did not start: {said or 'it wrote nothing'}",
            where=self.url,
            remedy="Give another port or another folder",
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port

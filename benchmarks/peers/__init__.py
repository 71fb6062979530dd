# SPDX-License-Identifier: Apache-2.0
"""The two programs that are compared, each as its users run it: a command, a process."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

import attrs

from territoire_sante import Store
from territoire_sante.formats import Document, icalendar
from territoire_sante.model import Event, Visibility

CALENDAR = "text/calendar"
LINK = "agenda"


@attrs.frozen
class Cost:
    """What one run of a command took: seconds by the clock, and of the processor."""

    wall: float
    cpu: float


class Program(Protocol):
    """A program that keeps a calendar of ours and one of a server alike."""

    name: str

    def twin(self) -> Program:
        """Return the same program with a folder of its own."""

    def set_up(self, url: str, items: Mapping[str, bytes]) -> None:
        """Begin anew with ``items`` (documents by UID) here, and the calendar at ``url``."""

    def edit(self, uids: Sequence[str], title: str) -> None:
        """Give items of this side another title."""

    def titles(self) -> Mapping[str, str]:
        """Return the titles of this side's items by UID."""

    def run(self) -> Cost:
        """Sync once."""


def timed(arguments: Sequence[str], folder: pathlib.Path) -> Cost:
    """
    Run a command in ``folder`` and return what it cost.

    Raises:
        RuntimeError: it failed; with what it wrote.
    """
    log = folder / "output.txt"
    environment = {
        **os.environ,
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "NO_PROXY": "*",
        # Installed programs have their modules compiled: neither does that in each run.
        "PYTHONPYCACHEPREFIX": str(folder.parent / "bytecode"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with log.open("wb") as output:
        begin = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - the two programs compared
            list(arguments),
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"{arguments[0]} ended with {process.returncode}: {said}")
    return Cost(wall, usage.ru_utime + usage.ru_stime)


class Ours:
    """``territoire-sante sync`` between its store and the calendar."""

    name = "territoire-sante"

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder
        self._store = f"sqlite:///{folder / 'territoire.db'}"

    def twin(self) -> Program:
        """Return another one."""
        return Ours(self._folder.with_name(f"{self._folder.name}-twin"))

    def set_up(self, url: str, items: Mapping[str, bytes]) -> None:
        """Begin anew."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        (self._folder / "territoire.toml").write_text(
            f'[store]\nurl = "sqlite:///territoire.db"\n'
            f'[[link]]\nname = "{LINK}"\nconnector = "caldav"\nview = "event"\n'
            f'direction = "both"\n[link.config]\nurl = "{url}"\n'
            'username = "territoire"\npassword = "made-up"\n',
            encoding="utf-8",
        )
        with Store.open(self._store) as store:
            store.put(*(_event(data) for data in items.values()))

    def edit(self, uids: Sequence[str], title: str) -> None:
        """Give items another title."""
        wanted = set(uids)
        with Store.open(self._store) as store:
            found = [event for event in store.all(Event) if event.uid in wanted]
            store.put(*(attrs.evolve(event, summary=title) for event in found))

    def titles(self) -> Mapping[str, str]:
        """Return the titles in the store by UID."""
        with Store.open(self._store) as store:
            return {event.uid: event.summary for event in store.all(Event)}

    def run(self) -> Cost:
        """Sync once."""
        return timed([sys.executable, "-m", "territoire_sante", "sync"], self._folder)


class Vdirsyncer:
    """``vdirsyncer sync`` between a folder of .ics files and the calendar."""

    name = "vdirsyncer"

    def __init__(self, folder: pathlib.Path, command: pathlib.Path) -> None:
        self._folder = folder
        self._command = command
        self._items = folder / "items"

    def twin(self) -> Program:
        """Return another one."""
        return Vdirsyncer(self._folder.with_name(f"{self._folder.name}-twin"), self._command)

    def set_up(self, url: str, items: Mapping[str, bytes]) -> None:
        """Begin anew."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._items.mkdir(parents=True)
        for uid, data in items.items():
            (self._items / f"{uid}.ics").write_bytes(data)
        (self._folder / "config").write_text(
            f'[general]\nstatus_path = "{self._folder / "status"}"\n'
            '[pair agenda]\na = "here"\nb = "there"\ncollections = null\n'
            f'[storage here]\ntype = "filesystem"\npath = "{self._items}"\nfileext = ".ics"\n'
            f'[storage there]\ntype = "caldav"\nurl = "{url}"\n'
            'username = "territoire"\npassword = "made-up"\n',
            encoding="utf-8",
        )
        timed(self._call("discover"), self._folder)

    def edit(self, uids: Sequence[str], title: str) -> None:
        """Give items another title."""
        wanted = set(uids)
        for path in self._items.glob("*.ics"):
            data = path.read_bytes()
            if _uid(data) in wanted:
                path.write_bytes(retitled(data, title))

    def titles(self) -> Mapping[str, str]:
        """Return the titles in the folder by UID."""
        documents = [path.read_bytes() for path in self._items.glob("*.ics")]
        return {_uid(data): title_of(data) for data in documents}

    def run(self) -> Cost:
        """Sync once."""
        return timed(self._call("sync"), self._folder)

    def _call(self, verb: str) -> list[str]:
        return [str(self._command), "-c", str(self._folder / "config"), verb]


def _event(data: bytes) -> Event:
    view = icalendar.EVENT.get(Document(data, CALENDAR))
    return attrs.evolve(view, visibility=Visibility.PUBLIC)


def _uid(data: bytes) -> str:
    return icalendar.EVENT.get(Document(data, CALENDAR)).uid


def title_of(data: bytes) -> str:
    """Return the title of the event in a document."""
    return icalendar.EVENT.get(Document(data, CALENDAR)).summary


def retitled(data: bytes, title: str) -> bytes:
    """Return a document with another title, and nothing else changed."""
    return re.sub(rb"(?m)^SUMMARY[^\r\n]*", f"SUMMARY:{title}".encode(), data, count=1)

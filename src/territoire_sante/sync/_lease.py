# SPDX-License-Identifier: Apache-2.0
"""
One run of a link at a time: who is at work writes it down, with the time until when.

A run that ends badly leaves its lease behind. It ends by itself after a while, and at once
if its process is seen to be gone on this machine.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

import attrs

from territoire_sante.errors import LinkBusyError
from territoire_sante.store import Connection

#: How long a lease holds that nobody renews.
LENGTH: Final = dt.timedelta(minutes=10)

_TABLE: Final = """
    CREATE TABLE sync_lease (
        link TEXT NOT NULL PRIMARY KEY,
        token TEXT NOT NULL,
        host TEXT NOT NULL,
        pid INTEGER NOT NULL,
        since TEXT NOT NULL,
        until TEXT NOT NULL
    )
"""
_TAKE: Final = """
    INSERT OR REPLACE INTO sync_lease (link, token, host, pid, since, until)
    VALUES (:link, :token, :host, :pid, :since, :until)
"""
_RENEW: Final = "UPDATE sync_lease SET until = :until WHERE link = :link AND token = :token"
_GIVE_BACK: Final = "DELETE FROM sync_lease WHERE link = :link AND token = :token"

# Which runs of this process go on: one that could not give its lease back must not hold its
# link up for as long as the process lives.
_AT_WORK: Final[set[str]] = set()


def create(connection: Connection) -> None:
    """Make the table."""
    connection.execute(_TABLE)


@attrs.frozen(kw_only=True)
class Holder:
    """A run as others can tell it apart: ``token`` is its own, ``host`` and ``pid`` its process."""

    token: str
    host: str
    pid: int

    @property
    def is_at_work(self) -> bool:
        """Whether it is a run of this process that goes on."""
        return self.token in _AT_WORK

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Count as going on for a ``with`` block."""
        _AT_WORK.add(self.token)
        try:
            yield
        finally:
            _AT_WORK.discard(self.token)

    @classmethod
    def here(cls) -> Self:
        """Return a new holder in this process."""
        return cls(token=secrets.token_hex(8), host=_host(), pid=os.getpid())


@attrs.frozen(kw_only=True)
class Lease:
    """The right of ``holder`` to carry out plans of ``link``."""

    link: str
    holder: Holder

    def take(self, connection: Connection, now: dt.datetime) -> None:
        """
        Take the lease, or that of a run that has ended without giving it back.

        Raises:
            LinkBusyError: another run has it.
        """
        query = "SELECT * FROM sync_lease WHERE link = ?"
        held = connection.execute(query, (self.link,)).fetchone()
        if held is not None and held["token"] != self.holder.token:
            until = dt.datetime.fromisoformat(held["until"])
            other = Holder(token=held["token"], host=held["host"], pid=held["pid"])
            if now < until and not _is_gone(other, self.holder):
                raise _busy(self.link, other, held["since"], until)
        values = {**attrs.asdict(self.holder), "link": self.link}
        times = {"since": now.isoformat(), "until": (now + LENGTH).isoformat()}
        connection.execute(_TAKE, {**values, **times})

    def renew(self, connection: Connection, now: dt.datetime) -> bool:
        """Hold the lease for longer; false if another run has taken it since."""
        until = (now + LENGTH).isoformat()
        return connection.execute(_RENEW, {**self._ours(), "until": until}).rowcount == 1

    def give_back(self, connection: Connection) -> None:
        """End the lease, unless another run has taken it since."""
        connection.execute(_GIVE_BACK, self._ours())

    def _ours(self) -> dict[str, str]:
        return {"link": self.link, "token": self.holder.token}


def _busy(link: str, other: Holder, since: str, until: dt.datetime) -> LinkBusyError:
    host = other.host.partition("/")[0]
    return LinkBusyError(
        f"another run is at work since {since}: process {other.pid} on {host}",
        where=f"link {link!r}",
        remedy=f"Wait for its end; if it has died, its hold ends at {until.isoformat()}",
    )


def _is_gone(other: Holder, ours: Holder) -> bool:
    """Say whether another run has ended, as far as that can be seen from here."""
    if other.host != ours.host:
        return False
    if other.pid == ours.pid:
        return not other.is_at_work
    if os.name != "posix":
        return False
    try:
        os.kill(other.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _host() -> str:
    """Name the machine, and on Linux what numbers its processes: containers may share a name."""
    try:
        return f"{socket.gethostname()}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return socket.gethostname()

# SPDX-License-Identifier: Apache-2.0
"""
Our sync against vdirsyncer's: the same items, the same servers, one after the other.

Each program runs as its users run it, in a process of its own. Its start-up is the same
command on an empty calendar, right before each run, so that both meet the same machine; what it
needs beyond that is its cost of the items. Requests and bytes are counted in runs of their own,
through a relay. Run it with ``python
benchmarks/peer.py [--full]``; the environment variable VDIRSYNCER holds the path of that
command, which wants an environment of its own (``make bench`` makes one).
"""

from __future__ import annotations

import os
import pathlib
import random
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote, urlsplit

import attrs
import requests
from dulwich import porcelain
from peers import Cost, Ours, Program, Vdirsyncer, retitled, title_of
from peers.counting import Relay
from samples import SEED, TIME_ZONE

from territoire_sante.formats.contentline import fold
from territoire_sante.testing.radicale import RadicaleServer
from territoire_sante.testing.xandikos import XandikosServer

FEW, MANY = 1_000, 10_000
CHANGES = 10
BAR_CPU = 20.0
LOGIN = ("territoire", "made-up")
Server = RadicaleServer | XandikosServer
#: The cases, and how often each is run: the first ones leave what the later ones need.
CASES = {"first push": 1, "quiet": 9, "10 changes": 9, "first pull": 3}


@attrs.frozen
class Row:
    """One program in one case: its runs, each with its start-up, and what it sent and received."""

    runs: tuple[Cost, ...]
    starts: tuple[Cost, ...]
    requests: Counter[str]
    sent: int
    received: int

    @property
    def wall(self) -> float:
        """Seconds by the clock: the median."""
        return statistics.median(run.wall for run in self.runs)

    @property
    def cpu(self) -> float:
        """Seconds of the processor beyond the start-up: the median, a millisecond at least."""
        pairs = zip(self.runs, self.starts, strict=True)
        return max(0.001, statistics.median(run.cpu - start.cpu for run, start in pairs))


def items(count: int) -> dict[str, bytes]:
    """Return small events by UID, as a town hall's calendar has them."""
    rng = random.Random(SEED)
    made = {}
    for number in range(count):
        uid = f"{rng.getrandbits(96):024x}"
        day = f"2026{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}"
        text = (
            f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//FR\n{TIME_ZONE}BEGIN:VEVENT\n"
            f"UID:{uid}\nDTSTAMP:20260101T080000Z\nDTSTART;TZID=Europe/Paris:{day}T180000\n"
            f"DTEND;TZID=Europe/Paris:{day}T200000\nSUMMARY:Permanence {number}\n"
            "LOCATION:Salle des fêtes\nDESCRIPTION:Sans rendez-vous\nEND:VEVENT\nEND:VCALENDAR"
        )
        made[uid] = b"".join(fold(line.encode(), b"\r\n") for line in text.split("\n"))
    return made


def retitle_there(url: str, uids: Sequence[str], title: str) -> None:
    """Give items on the server another title, as another client does."""
    with requests.Session() as session:
        session.trust_env, session.auth = False, LOGIN
        for uid in uids:
            data = session.get(f"{url}{uid}.ics", timeout=60).content
            if title_of(data) == title:
                raise RuntimeError("the same title again would be no change")
            session.put(
                f"{url}{uid}.ics",
                data=retitled(data, title),
                headers={"Content-Type": "text/calendar"},
                timeout=60,
            ).raise_for_status()


def look(program: Program, count: int, edited: Mapping[str, str]) -> None:
    """
    Make sure that a run did its work.

    Raises:
        RuntimeError: items are missing here, or an edit did not arrive.
    """
    titles = program.titles()
    missed = [uid for uid, title in edited.items() if titles.get(uid) != title]
    if len(titles) != count or missed:
        raise RuntimeError(f"{program.name}: {len(titles)} of {count} items, missed {missed}")


def seed(server: Server, url: str, documents: Mapping[str, bytes]) -> None:
    """Lay documents into a calendar's folder on the server, many times faster than by PUT."""
    path = unquote(urlsplit(url).path).strip("/")
    git = isinstance(server, XandikosServer)
    folder = server.folder / ("data" if git else "collections/collection-root") / path
    for uid, data in documents.items():
        (folder / f"{uid}.ics").write_bytes(data)
    if git:
        porcelain.add(folder, [folder / f"{uid}.ics" for uid in documents])
        porcelain.commit(folder, message=b"Seed", author=b"Bench <bench@example.org>")


def warm(url: str) -> None:
    """Let the server read what was laid there: for many items that takes it minutes, once."""
    body = '<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
    with requests.Session() as session:
        session.trust_env, session.auth = False, LOGIN
        headers = {"Depth": "1", "Content-Type": "application/xml"}
        session.request("PROPFIND", url, data=body, headers=headers, timeout=900).raise_for_status()


class Bench:
    """One program on one server, with one number of items: every case, timed or counted."""

    def __init__(self, program: Program, server: Server, documents: Mapping[str, bytes]) -> None:
        self._program = program
        self._empty = program.twin()
        self._server = server
        self._documents = documents
        self._uids = sorted(documents)
        self._calendars = 0
        self._front = ("", "")
        self._edits = 0
        self.url = ""

    def calendar(self) -> str:
        """Make an empty calendar."""
        self._calendars += 1
        url = self._server.create_calendar(f"agenda{self._calendars}")
        return url.replace(*self._front)

    def move(self, before: Server, now: Server) -> None:
        """Go on with the server at another address; the programs go on with the old one."""
        self._server = now
        self._front = (now.url, before.url)

    def prepare(self) -> None:
        """Link an empty calendar, with nothing here either."""
        self._empty.set_up(self.calendar(), {})
        self._empty.run()

    def start_up(self) -> Cost:
        """Run the command on the empty calendar."""
        return self._empty.run()

    def push(self) -> Cost:
        """Send every item to a new calendar."""
        self.url = self.calendar()
        self._program.set_up(self.url, self._documents)
        return self._program.run()

    def link(self) -> None:
        """Come to where both sides hold every item, however slowly the server takes them."""
        self.url = self.calendar()
        seed(self._server, self.url, self._documents)
        warm(self.url.replace(*reversed(self._front)))
        self._program.set_up(self.url, {})
        self._program.run()

    def run(self, case: str) -> Cost:
        """Run one case once."""
        return {
            "first push": self.push,
            "quiet": self.quiet,
            "10 changes": self.changes,
            "first pull": self.pull,
        }[case]()

    def quiet(self) -> Cost:
        """Run where nothing changed."""
        return self._program.run()

    def changes(self) -> Cost:
        """Run after five edits on either side."""
        self._edits += 1
        here, there = self._uids[: CHANGES // 2], self._uids[-(CHANGES // 2) :]
        title = f"Permanence déplacée {self._edits}"
        self._program.edit(here, title)
        # The other client's requests do not pass through the relay: they are not counted.
        direct = self.url.replace(*reversed(self._front))
        retitle_there(direct, there, title)
        cost = self._program.run()
        look(self._program, len(self._documents), dict.fromkeys([*here, *there], title))
        return cost

    def pull(self) -> Cost:
        """Fetch every item of the calendar, with nothing here."""
        self._program.set_up(self.url, {})
        cost = self._program.run()
        look(self._program, len(self._documents), {})
        return cost


def measured(
    program: Program, kind: type[Server], count: int, cases: Sequence[str]
) -> dict[str, Row]:
    """
    Run a program through the cases on a new server, then once more through a relay that counts.

    The relay takes the server's port while the server moves to another one, so that the
    program is configured for the same address all the time.
    """
    documents = items(count)
    with tempfile.TemporaryDirectory() as folder:
        with kind(folder) as server:
            bench = Bench(program, server, documents)
            bench.prepare()
            runs = {}
            if "first push" not in cases:
                bench.link()
            for case in cases:
                runs[case] = [(bench.start_up(), bench.run(case)) for _ in range(CASES[case])]
                if case == "first push":
                    bench.run("quiet")  # what the server made of its items is known after it
        with kind(folder) as moved, Relay(moved.url, server.port) as relay:
            counted = {}
            bench.move(server, moved)
            for case in cases:
                relay.reset()
                bench.run(case)
                counted[case] = (Counter(relay.requests), relay.sent, relay.received)
                if case == "first push":
                    bench.run("quiet")
    return {
        case: Row(
            runs=tuple(run for _, run in pairs),
            starts=tuple(start for start, _ in pairs),
            requests=counted[case][0],
            sent=counted[case][1],
            received=counted[case][2],
        )
        for case, pairs in runs.items()
    }


HEAD = (
    f"{'':34}{'ours':>8}{'peer':>8}{'ratio':>7}  {'ours':>8}{'peer':>8}{'ratio':>7}"
    f"  {'ours':>6}{'peer':>7}  {'ours':>8}{'peer':>8}"
)


def show(title: str, ours: Row, peer: Row) -> None:
    """Print one line of the table."""
    wall, cpu = peer.wall / ours.wall, peer.cpu / ours.cpu
    print(
        f"{title:34}{ours.wall:8.2f}{peer.wall:8.2f}{wall:7.1f}  "
        f"{ours.cpu:8.3f}{peer.cpu:8.3f}{cpu:7.1f}  "
        f"{ours.requests.total():6}{peer.requests.total():7}  "
        f"{_kb(ours):8.0f}{_kb(peer):8.0f}",
        flush=True,
    )


def _start_up(rows: Mapping[str, Row]) -> float:
    return statistics.median(start.wall for row in rows.values() for start in row.starts)


def _kb(row: Row) -> float:
    return (row.sent + row.received) / 1000


def main(arguments: Sequence[str]) -> int:
    """Print the table, and whether the bars are met."""
    command = pathlib.Path(os.environ.get("VDIRSYNCER", "vdirsyncer"))
    full = "--full" in arguments
    missed = []
    print(f"{'':34}{'seconds by the clock':^23}  {'CPU beyond start-up':^23}", end="")
    print(f"  {'requests':^13}  {'kB of bodies':^16}\n{HEAD}")
    for count in (FEW, MANY) if full else (FEW,):
        # Servers take the longer for an item the more they hold: ten thousand would be hours.
        cases = [case for case in CASES if case != "first push" or count == FEW]
        for kind in (RadicaleServer, XandikosServer):
            with tempfile.TemporaryDirectory() as folder:
                home = pathlib.Path(folder)
                ours = measured(Ours(home / "ours"), kind, count, cases)
                peer = measured(Vdirsyncer(home / "peer", command), kind, count, cases)
            for case in cases:
                title = f"{kind.name} {count:6,} {case}"
                show(title, ours[case], peer[case])
                missed += [f"{title}: {why}" for why in short_of(case, count, ours, peer)]
            mine, theirs = _start_up(ours), _start_up(peer)
            print(f"{'start-up (an empty calendar)':34}{mine:8.2f}{theirs:8.2f}")
    print("\n".join(["bars missed:", *missed]) if missed else "bars: met")
    return 1 if missed else 0


def short_of(
    case: str, count: int, ours: Mapping[str, Row], peer: Mapping[str, Row]
) -> Iterator[str]:
    """Yield which bars of the project a case misses."""
    mine, theirs = ours[case], peer[case]
    if mine.wall > theirs.wall:
        yield f"{mine.wall:.2f} s against {theirs.wall:.2f} s"
    writes = mine.requests["PUT"]
    allowed = {"quiet": 2, "10 changes": 4 + writes}
    if case in allowed and mine.requests.total() > allowed[case]:
        yield f"{mine.requests.total()} requests, not {allowed[case]}"
    if count == MANY and case in allowed and theirs.cpu / mine.cpu < BAR_CPU:
        yield f"{theirs.cpu / mine.cpu:.1f} times less CPU, not {BAR_CPU:.0f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

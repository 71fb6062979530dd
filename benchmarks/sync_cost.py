# SPDX-License-Identifier: Apache-2.0
"""
What an incremental sync costs this program itself, and how that grows with the collection.

The other side is in the same process and costs next to nothing, so that the processor time of a
run is that of planning and of carrying out: reading what is known, the lens, the store, the merge.
Ten changes are five edits here and five there. Each figure is of runs of one process, after
a first one that is not counted.

    python benchmarks/sync_cost.py [--sizes 1000,10000,100000] [--runs 7]
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from territoire_sante import sync
from territoire_sante.formats import Document, icalendar
from territoire_sante.model import Event
from territoire_sante.plugins import Batch, Capability, Catalog, ConnectorSpec, Ref, Stored
from territoire_sante.store import Store

SIZES = (1_000, 4_000)
GROWTH = 1.5  # the bar: at most that much more at the largest size than at the smallest
CHANGES = 5  # on each side

ITEM = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example.org//bench//FR
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20270101T080000Z
DTSTART:20270301T180000Z
DTEND:20270301T200000Z
SUMMARY:Rencontre {number}
LOCATION:Salle des fêtes de Chanac
DESCRIPTION:Réunion de coordination entre la MSP et les élus du territoire.
CATEGORIES:Santé,Territoire
X-EXAMPLE-KEPT:as it was
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


@attrs.define
class Side:
    """A collection that tells its changes at a cost that follows them."""

    held: dict[str, tuple[int, Document]] = attrs.field(factory=dict)
    log: list[str] = attrs.field(factory=list)

    def put(self, href: str, document: Document) -> Ref:
        """Store a document."""
        self.log.append(href)
        self.held[href] = (len(self.log), document)
        return self.ref(href)

    def ref(self, href: str) -> Ref:
        """Return an item's place and version."""
        return Ref(href, f'"{self.held[href][0]}"')

    # What the transport is asked.

    def list(self) -> Iterator[Ref]:
        """Yield every item."""
        return map(self.ref, list(self.held))

    def changes(self, cursor: str | None) -> Batch:
        """Return what was written since."""
        seen = int(cursor or 0)
        changed = dict.fromkeys(self.log[seen:])
        return Batch(changed=tuple(map(self.ref, changed)), cursor=str(len(self.log)))

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored]:
        """Yield what is there."""
        return (Stored(self.ref(href), self.held[href][1]) for href in hrefs if href in self.held)

    def create(self, href_hint: str, document: Document) -> Ref:
        """Store a new item."""
        return self.put(f"/{href_hint}.ics", document)

    def replace(self, ref: Ref, document: Document) -> Ref:
        """Overwrite an item."""
        return self.put(ref.href, document)

    def delete(self, ref: Ref) -> None:
        """Remove an item; nobody does here."""
        raise AssertionError(ref)


@attrs.frozen
class Config:
    """There is nothing to configure."""


def connector(side: Side, *, delta: bool) -> ConnectorSpec[Config]:
    """Return a connector to ``side``."""

    @contextmanager
    def opened(_: Config) -> Iterator[Side]:
        yield side

    more = {Capability.DELTA} if delta else set()
    return ConnectorSpec(
        name="side",
        summary="A collection in this process",
        view=Event,
        config=Config,
        capabilities=frozenset({Capability.READ, Capability.WRITE} | more),
        lens=icalendar.EVENT,
        open=opened,
    )


class Bench:
    """One link of one size."""

    def __init__(self, folder: Path, size: int, *, delta: bool) -> None:
        self.side, self.size = Side(), size
        for number in range(size):
            uid = f"{number:08d}-52ab-5a0e-8f5c-6a6a3a1c9b57"
            data = ITEM.format(uid=uid, number=number).encode()
            self.side.put(f"/dav/{uid}.ics", Document(data, "text/calendar"))
        self.file = folder / f"{size}-{delta}.db"
        self.store = Store.open(f"sqlite:///{self.file}")
        self.catalog = Catalog()
        self.catalog.register(connector(self.side, delta=delta))
        self.link = sync.Link(name="agenda", connector="side", view="event")
        self.now = dt.datetime(2027, 1, 1, 8, tzinfo=dt.UTC)
        self.round = 0

    def sync(self, writes: int | None = None) -> float:
        """Run once and return the processor time in ms; ``writes`` is how much has to happen."""
        self.now += dt.timedelta(seconds=1)
        gc.collect()
        gc.freeze()  # the other side's documents are not for our collector to look through
        start = time.process_time()
        plan = sync.plan(self.store, self.link, catalog=self.catalog, now=self.now)
        report = sync.apply(self.store, plan, now=self.now)
        spent = (time.process_time() - start) * 1000
        written = report.remote_writes + report.local_writes
        if writes not in (None, written):
            message = f"{written} writes instead of {writes}: {report.rows('en')}"
            raise SystemExit(message)
        return spent

    def change(self) -> None:
        """Edit five items here and five there."""
        self.round += 1
        step = self.size // (2 * CHANGES)
        hrefs = list(self.side.held)
        for number in range(CHANGES):
            href = hrefs[number * step]
            old = self.side.held[href][1]
            data = re.sub(rb"SUMMARY:[^\r]*", f"SUMMARY:Réunion {self.round}".encode(), old.data)
            self.side.put(href, Document(data, old.media_type))
            uid = hrefs[(CHANGES + number) * step].removeprefix("/dav/").removesuffix(".ics")
            event = self.store.get(Event, f"event:{uid}")
            self.store.put(attrs.evolve(event, location=f"Salle {self.round}"))

    def due_later(self) -> None:
        """Put off the next look at everything, which is not what is measured."""
        with sqlite3.connect(self.file, isolation_level=None) as connection:
            columns = [row[1] for row in connection.execute("PRAGMA table_info(sync_link)")]
            for name in {"runs_since_full", "runs_since_look"}.intersection(columns):
                connection.execute(f"UPDATE sync_link SET {name} = 0")  # noqa: S608 - one of two
        connection.close()


def measured(bench: Bench, runs: int) -> tuple[list[float], list[float], float]:
    """Return the times of quiet runs, of runs with ten changes, and of the first one."""
    first = bench.sync(bench.size)
    bench.sync()
    quiet: list[float] = []
    changed: list[float] = []
    for _ in range(runs):
        bench.due_later()
        quiet.append(bench.sync(0))
        bench.change()
        changed.append(bench.sync(2 * CHANGES))
        bench.sync(0)
    return quiet, changed, first


def told(times: list[float]) -> str:
    """Return minimum, median and maximum."""
    return f"{min(times):7.1f} {statistics.median(times):7.1f} {max(times):7.1f}"


def main(arguments: Sequence[str]) -> int:
    """Measure each size; the exit code says whether the bar for growth was met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="10,000 and 100,000 items as well")
    parser.add_argument("--sizes", default="")
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args(arguments)
    sizes = [int(one) for one in options.sizes.split(",") if one] or list(SIZES)
    sizes += [10_000, 100_000] if options.full else []
    met = True
    for delta in (True, False):
        print("with a list of changes" if delta else "by listing with version tags")
        print(
            f"{'items':>9}  {'quiet: min, median, max':>25}  {'10 changes':>25}  {'first':>9}  ms"
        )
        medians = []
        for size in sizes:
            with tempfile.TemporaryDirectory() as folder:
                bench = Bench(Path(folder), size, delta=delta)
                quiet, changed, first = measured(bench, options.runs)
                bench.store.close()
            medians.append((statistics.median(quiet), statistics.median(changed)))
            print(f"{size:>9}  {told(quiet):>25}  {told(changed):>25}  {first:9.0f}")
        growth = [last / start for start, last in zip(medians[0], medians[-1], strict=True)]
        print(f"growth: {growth[0]:.2f} quiet, {growth[1]:.2f} with changes")
        met = met and (not delta or max(growth) <= GROWTH)
    print(f"bar for growth with a list of changes: {GROWTH}: {'met' if met else 'missed'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

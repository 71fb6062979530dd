# SPDX-License-Identifier: Apache-2.0
"""
What a snapshot costs, and look-ups in it: one département, one region, all of France.

    python benchmarks/snapshot.py [--full]

Each size runs in a process of its own, so that its memory is its own; --full adds France.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import attrs
from country import COG, Row, entities, read_map

from territoire_sante import Store
from territoire_sante.cooperation import find_levers, liaison_for
from territoire_sante.model import Entity, Lever
from territoire_sante.snapshot import Snapshot

TODAY = dt.date(2026, 11, 20)
SIZES = {"Lozère": ("48", ""), "Occitanie": ("", "76"), "France": ("", "")}
ASKED = 300
SCANS = 5


def megabytes() -> float:
    """Return the memory of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return how long ``work`` takes, and what it returns."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def fill(store: Store, made: Iterator[Entity]) -> int:
    """Store everything, some thousands at a time."""
    count = 0
    while batch := list(islice(made, 5000)):
        store.put(*batch)
        count += len(batch)
    return count


def asked(work: Callable[[str], object], codes: Sequence[str]) -> dict[str, float]:
    """Return median and 99th percentile of asking about each commune, in ms."""
    times = [seconds(lambda code=code: work(code))[0] * 1000 for code in codes]  # type: ignore[misc] # the default binds the loop's value
    return {"p50": statistics.median(times), "p99": statistics.quantiles(times, n=100)[98]}


def measure(rows: Sequence[Row]) -> dict[str, Any]:
    """Measure one size and return the figures."""
    codes = random.Random(2).choices([row.code for row in rows], k=ASKED)
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{folder}/territoire.db")
        importing, count = seconds(lambda: fill(store, entities(rows)))
        before = megabytes()
        taking, snapshot = seconds(store.snapshot)
        memory = megabytes() - before
        lever = next(store.all(Lever))
        store.put(attrs.evolve(lever, description="Changé"))
        refreshing, fresh = seconds(lambda: snapshot.refresh(store))
        figures = {
            "entities": count,
            "import_rate": count / importing,
            "snapshot_s": taking,
            "memory_mb": memory,
            "refresh_ms": refreshing * 1000,
            **look_ups(store, fresh, codes),
        }
        store.close()
    return figures


def look_ups(store: Store, snapshot: Snapshot, codes: Sequence[str]) -> dict[str, Any]:
    """Measure what is asked of a snapshot."""

    def tent(code: str, search: Store | None) -> object:
        return find_levers(snapshot, "barnum", near=code, today=TODAY, search=search)

    return {
        "liaison": asked(lambda code: liaison_for(snapshot, code, today=TODAY), codes),
        "find": asked(lambda code: tent(code, store), codes),
        "scan": asked(lambda code: tent(code, None), codes[:SCANS]),
    }


def show(name: str, figures: dict[str, Any]) -> None:
    """Print one size."""
    print(
        f"{name}: {figures['entities']:,} entities, import {figures['import_rate']:,.0f}/s, "
        f"snapshot {figures['snapshot_s']:.1f} s and {figures['memory_mb']:,.0f} MB, "
        f"refresh after one change {figures['refresh_ms']:.1f} ms"
    )
    for what in ("liaison", "find", "scan"):
        print(f"  {what}: p50 {figures[what]['p50']:.2f} ms, p99 {figures[what]['p99']:.2f} ms")


def main(arguments: Sequence[str]) -> int:
    """Measure each size in a process of its own."""
    if arguments[:1] == ["--one"]:
        department, region = SIZES[arguments[1]]
        rows = read_map([department] if department else (), [region] if region else ())
        print(json.dumps(measure(rows)))
        return 0
    if not COG.is_dir():
        print(f"the map is not there: {COG}")
        return 0
    for name in SIZES if "--full" in arguments else list(SIZES)[:2]:
        command = [sys.executable, __file__, "--one", name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - this script
        show(name, json.loads(done.stdout))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

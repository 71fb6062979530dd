# SPDX-License-Identifier: Apache-2.0
"""
What a cooperation as large as a region or the country costs: snapshot, rules, find, re-check.

    python benchmarks/snapshot.py [--full]

Each size runs in a process of its own, so that its memory is its own. Times are those of
the processor. Without --full only the smaller ones go through a store; the snapshots of the others
are taken of entities in memory. The bars are for France, and a broken one ends in code 1.
"""

from __future__ import annotations

import datetime as dt
import gc
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import attrs
from country import COG, Row, entities, read_map
from country._questions import Reading, changes, questions
from country._source import Made

from territoire_sante import Store
from territoire_sante.cooperation import find_levers, liaison_for
from territoire_sante.cooperation.rules import RULES, RuleBook, check, check_all, recheck
from territoire_sante.model import Lever
from territoire_sante.snapshot import Snapshot

TODAY = dt.date(2026, 11, 20)
BOOK = RuleBook(own=RULES)
EPCI = "244800405"  # that of Mende, in Lozère
SIZES = ("EPCI", "Occitanie", "France")
ASKED = 660
CHANGED = 350
SCANS = 11
ROUNDS = 5

# The bars.
FASTER = 100
LINEAR = 1.2


def megabytes() -> float:
    """Return the memory of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return how much of the processor's time ``work`` takes, and what it returns."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def spread(times: Sequence[float]) -> dict[str, float]:
    """Return median and 99th percentile, in ms."""
    return {
        "p50": statistics.median(times) * 1000,
        "p99": statistics.quantiles(times, n=100)[98] * 1000,
    }


def rows_of(size: str) -> list[Row]:
    """Return the communes of a size."""
    if size == "EPCI":
        return [row for row in read_map() if row.epci == EPCI]
    return read_map((), ["76"] if size == "Occitanie" else ())


def stored(rows: Sequence[Row]) -> dict[str, float]:
    """Measure what goes through a store: the import, taking a snapshot, bringing it up to date."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{folder}/territoire.db")
        made = entities(rows)

        def fill() -> int:
            count = 0
            while batch := list(islice(made, 5000)):
                store.put(*batch)
                count += len(batch)
            return count

        importing, count = seconds(fill)
        gc.collect()
        before = megabytes()
        taking, snapshot = seconds(store.snapshot)
        memory = megabytes() - before
        refreshing = []
        for number, lever in enumerate(islice(store.all(Lever), 20)):
            store.put(attrs.evolve(lever, description=f"Changé {number}"))
            took, snapshot = seconds(lambda snapshot=snapshot: snapshot.refresh(store))  # type: ignore[misc] # the default binds the loop's value
            refreshing.append(took)
        store.close()
    return {
        "import_rate": count / importing,
        "snapshot_s": taking,
        "memory_mb": memory,
        "refresh_ms": statistics.median(refreshing) * 1000,
    }


def asked(snapshot: Snapshot, rows: Sequence[Row]) -> dict[str, Any]:
    """Measure questions: the relay of a commune, and finding by the index and by reading all."""
    codes = random.Random(2).choices([row.code for row in rows], k=300)
    liaison = [
        seconds(lambda code=code: liaison_for(snapshot, code, today=TODAY))[0] for code in codes
    ]  # type: ignore[misc] # as above
    first, _ = seconds(lambda: find_levers(snapshot, "barnum", near=codes[0], today=TODAY))

    def find(text: str, near: str, **how: Any) -> Any:
        return find_levers(snapshot, text, near=near, today=TODAY, **how)

    wanted = list(questions(rows, ASKED))
    times = [seconds(lambda one=one: find(*one))[0] for one in wanted]  # type: ignore[misc] # as above
    read = Reading(snapshot)
    scans = [seconds(lambda one=one: find(*one, search=read)) for one in wanted[:SCANS]]  # type: ignore[misc] # as above
    for one, (_, found) in zip(wanted, scans, strict=False):
        if found != find(*one):
            raise SystemExit(f"{one} finds something else than reading all sheets")
    fastest = min(took for took, _ in scans) * 1000
    return {
        "liaison": spread(liaison),
        "index_s": first,
        "find": spread(times),
        "scan_ms": fastest,
        "find_ratio": fastest / spread(times)["p99"],
    }


def ruled(snapshot: Snapshot, source: Made) -> dict[str, Any]:
    """Measure a full check, and bringing one up to date after each of some changes."""

    def whole() -> list[Any]:
        return list(check(snapshot, today=TODAY, book=BOOK))

    rounds = max(3, min(50, 200_000 // source.count()))
    full = min(seconds(whole)[0] for _ in range(rounds))
    before = megabytes()
    noting, checked = seconds(lambda: check_all(snapshot, today=TODAY, book=BOOK))
    memory = megabytes() - before
    gc.collect()
    gc.freeze()
    times = []
    for entity in list(changes(snapshot, CHANGED)):
        source.put(entity)

        def again(checked: Any = checked) -> Any:
            since = checked.snapshot.revision
            fresh = checked.snapshot.refresh(source)
            return recheck(checked, fresh, source.changes(since), today=TODAY)

        took, checked = seconds(again)
        times.append(took)
    if list(checked.findings()) != list(check(checked.snapshot, today=TODAY, book=BOOK)):
        raise SystemExit("checking again finds something else than a full check")
    again = spread(times)
    return {
        "rules_s": full,
        "noting_s": noting,
        "noting_mb": memory,
        "recheck": again,
        "recheck_ratio": full * 1000 / again["p99"],
    }


def growth(country: Snapshot, region: Snapshot) -> float:
    """
    Return what the rules cost for each entity of a country, compared with those of a region.

    Both are asked in turn in one process, and the median counts: the machine is shared.
    """

    def took(snapshot: Snapshot) -> float:
        return seconds(lambda: sum(1 for _ in check(snapshot, today=TODAY, book=BOOK)))[0]

    counts = [sum(map(one.count, one.classes)) for one in (country, region)]
    ratios = [took(country) / took(region) for _ in range(ROUNDS)]
    return statistics.median(ratios) * counts[1] / counts[0]


def measure(size: str, *, through_store: bool) -> dict[str, Any]:
    """Measure one size."""
    rows = rows_of(size)
    figures: dict[str, Any] = stored(rows) if through_store else {}
    source = Made(entities(rows))
    snapshot = Snapshot.of(source)
    # As a program does that keeps a snapshot for long: it is not garbage, ever.
    gc.collect()
    gc.freeze()
    figures |= {"entities": source.count(), "communes": len(rows)}
    if size == "France":
        region = Snapshot.of(Made(entities(rows_of("Occitanie"))))
        gc.freeze()
        figures["growth"] = growth(snapshot, region)
        del region
    return figures | asked(snapshot, rows) | ruled(snapshot, source)


def show(size: str, of: dict[str, Any]) -> None:
    """Print one size."""
    print(f"{size}: {of['entities']:,} entities, {of['communes']:,} communes")
    if "import_rate" in of:
        print(
            f"  import {of['import_rate']:,.0f}/s, snapshot {of['snapshot_s']:.1f} s and"
            f" {of['memory_mb']:,.0f} MB, refresh after one change {of['refresh_ms']:.2f} ms"
        )
    print(f"  liaison p50 {of['liaison']['p50']:.2f} ms, p99 {of['liaison']['p99']:.2f} ms")
    print(
        f"  find p50 {of['find']['p50']:.2f} ms, p99 {of['find']['p99']:.2f} ms; index made in"
        f" {of['index_s']:.1f} s; scan {of['scan_ms']:.0f} ms, {of['find_ratio']:.0f} times p99"
    )
    print(
        f"  rules {of['rules_s']:.3f} s, with notes {of['noting_s']:.3f} s and"
        f" {of['noting_mb']:,.0f} MB; after one change p50 {of['recheck']['p50']:.2f} ms,"
        f" p99 {of['recheck']['p99']:.2f} ms, full check {of['recheck_ratio']:,.0f} times p99"
    )


def broken(sizes: dict[str, dict[str, Any]]) -> Iterable[str]:
    """Yield the bars that are not kept."""
    france = sizes["France"]
    print(f"rules of France: {france['growth']:.2f} times linear from Occitanie")
    if france["growth"] > LINEAR:
        yield f"rules cost more than {LINEAR} times linear"
    if france["find_ratio"] < FASTER:
        yield f"find is less than {FASTER} times faster than a scan"
    if france["recheck_ratio"] < FASTER:
        yield f"checking again is less than {FASTER} times faster than a full check"


def main(arguments: Sequence[str]) -> int:
    """Measure each size in a process of its own."""
    if arguments[:1] == ["--one"]:
        print(json.dumps(measure(arguments[1], through_store="--store" in arguments)))
        return 0
    if not COG.is_dir():
        print(f"the map is not there: {COG}")
        return 0
    sizes = {}
    for size in SIZES:
        options = ["--store"] if size != "France" or "--full" in arguments else []
        command = [sys.executable, __file__, "--one", size, *options]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - this script
        sizes[size] = json.loads(done.stdout)
        show(size, sizes[size])
    faults = list(broken(sizes))
    for fault in faults:
        print(f"BROKEN: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

# SPDX-License-Identifier: Apache-2.0
"""
What starting costs beyond bare Python: importing the library, and a sync with nothing to do.

In milliseconds of the processor, the median of many runs, each beside one of bare Python. A sync is
the command itself, on an empty calendar of a Radicale on this machine.
"""

from __future__ import annotations

import pathlib
import statistics
import sys
import tempfile

from peers import Ours, timed

from territoire_sante.testing.radicale import RadicaleServer

RUNS = 21
#: At most so much more than bare Python.
BARS = {
    "import territoire_sante": 60.0,
    "import territoire_sante.model": 60.0,
    "import territoire_sante.cli": 80.0,
    "territoire-sante sync": 250.0,
}


def main() -> int:
    """Measure each in turn with bare Python, so that both meet the same machine."""
    missed = []
    with tempfile.TemporaryDirectory() as home, RadicaleServer(f"{home}/server") as server:
        folder, ours = pathlib.Path(home), Ours(pathlib.Path(home) / "ours")
        ours.set_up(server.create_calendar("agenda"), {})
        for name, bar in BARS.items():
            costs = []
            for _ in range(RUNS + 1):
                bare = timed([sys.executable, "-c", "pass"], folder)
                full = ours.run() if "sync" in name else timed([sys.executable, "-c", name], folder)
                costs.append((full.cpu - bare.cpu) * 1000)
            # The first run compiles modules and makes the store.
            cost = statistics.median(costs[1:])
            print(f"{name}: {cost:.0f} ms more than bare Python, bar {bar:.0f}")
            missed += [name] if cost > bar else []
    print(f"bars missed: {', '.join(missed)}" if missed else "bars: met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

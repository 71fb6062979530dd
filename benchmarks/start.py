# SPDX-License-Identifier: Apache-2.0
"""What importing the library costs beyond starting Python: the median of many runs, in ms."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

RUNS = 21
BAR = 60.0  # milliseconds more than bare Python


def milliseconds(code: str) -> float:
    """Return how long a new interpreter takes to run ``code``."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own code
    return (time.perf_counter() - start) * 1000


def main() -> int:
    """Measure each door in turn with bare Python, so that both meet the same machine."""
    worst = 0.0
    for name in ("territoire_sante", "territoire_sante.model", "territoire_sante.cli"):
        pairs = [(milliseconds("pass"), milliseconds(f"import {name}")) for _ in range(RUNS)]
        more = statistics.median(full - bare for bare, full in pairs)
        print(f"import {name}: {more:.0f} ms more than bare Python")
        if name == "territoire_sante":
            worst = more
    print(f"bar for territoire_sante: {BAR:.0f} ms: {'met' if worst < BAR else 'missed'}")
    return 0 if worst < BAR else 1


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""
Memory and time of reading a stream of cards, each in a process of its own.

The cards are made as they are read, and never all there. Run it with
``python benchmarks/stream.py [--full]``: 100,000 cards, or 1,000,000 too.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from samples import card_stream

from territoire_sante.formats import vcard
from territoire_sante.formats.contentline import iter_components

BAR = 300.0  # megabytes
KIB_IN_MB = 1024 / 1e6


def _megabytes() -> float:
    """Return the most memory that this process ever had (Linux counts KiB, macOS bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * KIB_IN_MB


def read(count: int) -> None:
    """Read ``count`` cards as views; print cards, bytes, seconds and megabytes."""
    begin, cards, size = time.process_time(), 0, 0
    for piece in iter_components(card_stream(count)):
        contact = vcard.CONTACT.get(piece.document)
        cards += contact.formatted_name != ""
        size += len(piece.raw)
    print(cards, size, time.process_time() - begin, _megabytes())


def main() -> int:
    """Print the table; the bar of the project is 300 MB for a million cards."""
    counts = [1, 100_000, *([1_000_000] if "--full" in sys.argv else [])]
    worst = 0.0
    print(f"{'cards as views':>16}{'MB read':>10}{'seconds':>10}{'us a card':>12}{'peak MB':>10}")
    for count in counts:
        done = subprocess.run(  # noqa: S603 - this script
            [sys.executable, __file__, "--child", str(count)],
            check=True,
            capture_output=True,
            text=True,
        )
        cards, size, seconds, peak = map(float, done.stdout.split())
        worst = max(worst, peak)
        each = seconds / cards * 1e6
        print(f"{cards:16,.0f}{size / 1e6:10.1f}{seconds:10.1f}{each:12.1f}{peak:10.1f}")
    if "--full" not in sys.argv:
        print("with --full: 1,000,000 cards too")
    print(f"bar: {BAR:.0f} MB: {'met' if worst < BAR else 'missed'}")
    return 0 if worst < BAR else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        read(int(sys.argv[2]))
    else:
        sys.exit(main())

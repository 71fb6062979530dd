# SPDX-License-Identifier: Apache-2.0
"""The command line: ``territoire-sante`` and ``python -m territoire_sante``."""

from __future__ import annotations

import gc
import importlib.util
import os
import sys
from typing import TextIO


def main() -> int:
    """Run the command line on ``sys.argv`` and return its exit code."""
    missing = [name for name in ("click", "rich") if importlib.util.find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"The command line needs {' and '.join(missing)}: pip install 'territoire-sante[cli]'\n"
        )
        return 2
    # What is loaded stays, and a listing of many items is garbage only once it was read.
    gc.set_threshold(1_000_000, 20, 20)
    from territoire_sante.cli import main as run  # noqa: PLC0415 - the extra may be missing

    try:
        return run()
    finally:
        _let_go(sys.stdout)
        _let_go(sys.stderr)
        # What is there now ends with the process: looking for garbage in it takes a tenth of a run.
        gc.freeze()


def _let_go(stream: TextIO) -> None:
    """Drop what cannot be written: it was told, and the end of the process would fail of it."""
    try:
        stream.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())

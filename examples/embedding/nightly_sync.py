# SPDX-License-Identifier: Apache-2.0
"""
Sync all links once, for cron or a systemd timer: quiet when all is well, one line for each trouble.

    15 * * * *  /srv/territoire/venv/bin/python nightly_sync.py /srv/territoire/territoire.toml

The exit code is 0 if all is well, 1 if somebody has to decide, 3 if a link failed; cron sends what
is printed by mail. A second run that starts too early finds the links busy and says so.
"""

from __future__ import annotations

import sys

from territoire_sante import Workspace
from territoire_sante.errors import LinkBusyError, TerritoireSanteError

DEADLINE = 600.0


def main(path: str = "territoire.toml") -> int:
    """Run every link within ten minutes; return the exit code."""
    code = 0
    try:
        with Workspace.open(path) as workspace:
            for run in workspace.each(deadline=DEADLINE):
                if isinstance(run.error, LinkBusyError):
                    print(f"{run.link}: another run is at work", file=sys.stderr)
                elif run.error is not None:
                    code = 3
                    print(f"{run.link}: {run.error}", file=sys.stderr)
                elif run.report is not None and run.report.stopped:
                    print(f"{run.link}: out of time, the rest follows next time", file=sys.stderr)
            waiting = workspace.conflicts()
    except TerritoireSanteError as error:
        print(error, file=sys.stderr)
        return 3
    if waiting:
        print(f"{len(waiting)} conflicts wait for a decision: territoire-sante conflicts")
    return max(code, 1 if waiting else 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

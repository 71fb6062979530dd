# SPDX-License-Identifier: Apache-2.0
"""
Follow a calendar that somebody publishes at an address, such as that of a duty roster.

    python examples/public_ics_feed.py ADDRESS [FOLDER]

The address may begin with https:// or webcal://. Run it again with the same folder: a feed that
did not change is not even downloaded, if its server can say so.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from territoire_sante import Direction, Link, Store, sync
from territoire_sante.errors import ConnectorError
from territoire_sante.model import Event


def follow(store: Store, address: str) -> None:
    """Bring the store up to date with the feed, and say what changed."""
    link = Link(
        name="public-calendar",
        connector="ics-feed",
        view="event",
        direction=Direction.PULL,
        config={"url": address, "keep_past": True},
    )
    report = sync.apply(store, sync.plan(store, link))
    for entry in report.entries:
        print(f"{entry.action.value}: {entry.title} {entry.detail}".rstrip())
    if not report.entries:
        print("Nothing changed.")


def main(address: str, folder: Path) -> int:
    """Follow the feed once; return 0, or 3 if it could not be read."""
    with Store.open(f"sqlite:///{folder / 'territoire.db'}") as store:
        try:
            follow(store, address)
        except ConnectorError as error:
            # A login page, a missing feed, a server that is down: what is here stays as it was.
            print(f"Not read: {error}", file=sys.stderr)
            return 3
        for event in sorted(store.all(Event), key=lambda one: str(one.start)):
            print(f"{event.start}  {event.summary}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) > 2:  # noqa: PLR2004 - the second argument is the folder
        sys.exit(main(sys.argv[1], Path(sys.argv[2])))
    if len(sys.argv) == 2:  # noqa: PLR2004 - the address alone
        with tempfile.TemporaryDirectory() as temporary:
            sys.exit(main(sys.argv[1], Path(temporary)))
    sys.exit(__doc__)

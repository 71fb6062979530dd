# SPDX-License-Identifier: Apache-2.0
"""
Runs a fault server on its own, until its input ends or it is told to stop.

The first line printed is its address, the next ones those of its collections. Every line of its
input is a JSON object that changes its behaviour: ``{"faults": {...}}`` sets them anew,
``{"happen": {...}}`` adds an incident, ``{"recover": true}`` ends all, ``{"log": true}`` prints
the requests so far as one line of JSON and forgets them, ``{"stored": "/dav/agenda/"}`` prints the
objects of a collection by name. Each line is answered by one line.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from territoire_sante.testing.dav import Faults, FaultServer, Incident


def main(arguments: Iterable[str] | None = None) -> int:
    """Run until the input ends."""
    options = _parser().parse_args(list(arguments) if arguments is not None else None)
    server = FaultServer(
        Faults(**json.loads(options.faults)),
        port=options.port,
        username=options.username,
        password=options.password,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with server:
        _say(server.url)
        for name in options.calendar:
            _say(server.url_of(server.calendar(name, name)))
        for name in options.address_book:
            _say(server.url_of(server.address_book(name, name)))
        _obey(server, sys.stdin)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m territoire_sante.testing.dav", description=__doc__
    )
    parser.add_argument("--port", type=int, default=0, help="0 for any free one")
    parser.add_argument("--calendar", action="append", default=[], help="make an empty calendar")
    parser.add_argument("--address-book", action="append", default=[], help="likewise")
    parser.add_argument("--faults", default="{}", help="how it behaves, as JSON")
    parser.add_argument("--username", default="", help="ask for Basic authentication")
    parser.add_argument("--password", default="")
    return parser


def _obey(server: FaultServer, commands: TextIO) -> None:
    for line in commands:
        try:
            answer = _obeyed(server, json.loads(line))
        except (ValueError, TypeError, KeyError) as error:
            answer = {"error": str(error)}
        _say(json.dumps(answer))


def _obeyed(server: FaultServer, command: Mapping[str, Any]) -> Any:
    if command.get("recover"):
        server.recover()
    if "faults" in command:
        server.faults = Faults(**command["faults"])
    if "happen" in command:
        server.happen(Incident(**command["happen"]))
    if "stored" in command:
        stored = server.collections[command["stored"]].items
        return {name: item.data.decode("utf-8", "replace") for name, item in stored.items()}
    if command.get("log"):
        log = [[asked.method, asked.path, asked.status, asked.sent] for asked in server.log]
        server.log.clear()
        return log
    return True


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

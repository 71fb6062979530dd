# SPDX-License-Identifier: Apache-2.0
"""
Hand the territory out in every format, for the public or for partners.

    python examples/export_the_directory.py FOLDER [public | partners | team]

The territory is that of examples/data; its cooperation is made up.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from territoire_sante import Store
from territoire_sante.exports import EXPORTERS
from territoire_sante.model import Entity, Visibility
from territoire_sante.privacy import disclose
from territoire_sante.serialization import read_entities

DATA = Path(__file__).parent / "data"
TODAY = dt.date(2026, 11, 20)


def main(folder: str, audience: str = "public") -> None:
    """Write a file for each format, and say what could not go into it."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with Store.open("memory:") as store:
        for name in ("territory.json", "cooperation.jsonl"):
            store.put(*(one for one in read_entities(DATA / name) if isinstance(one, Entity)))
        disclosed = disclose(store.snapshot(), Visibility(audience))
    for exporter in EXPORTERS.values():
        path = target / f"{exporter.name}{exporter.extension}"
        with path.open("wb") as file:
            exported = exporter.write(disclosed, file, today=TODAY)
        print(f"{path.name} : {exporter.title_fr} ({exported.count})")
        for line in exported.lines("fr"):
            print(f"  {line}")


if __name__ == "__main__":
    main(*sys.argv[1:])

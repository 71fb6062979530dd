# SPDX-License-Identifier: Apache-2.0
"""Print the entities of a département, for a person to choose from."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from territoire_sante.errors import TerritoireSanteError
from territoire_sante_panneaupocket._config import PUBLIC
from territoire_sante_panneaupocket._directory import candidates

_NOTE = (
    "Choisissez vous-même : ouvrez la page, et copiez son adresse dans l'option « page ». / "
    "Choose yourself: open the page, and copy its address into the option page."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line for each entity that may be the one meant; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m territoire_sante_panneaupocket", description=__doc__
    )
    parser.add_argument("department", help="05, 2A, 974 …")
    parser.add_argument("--name", default="", help="a part of the name")
    parser.add_argument("--postcode", default="", help="the postcode")
    parser.add_argument("--origin", default=PUBLIC, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    try:
        found = candidates(
            given.department, name=given.name, postcode=given.postcode, origin=given.origin
        )
    except TerritoireSanteError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for one in found:
        sys.stdout.write(f"{one.postcode}\t{one.name}\t{one.page}\n")
    sys.stderr.write(f"{_NOTE}\n" if found else "Aucune entité. / No entity.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""
Print the JSON Schema, for ``docs/reference/schema.json``.

``python -m territoire_sante.serialization > docs/reference/schema.json``
"""

from __future__ import annotations

import json
import sys

from territoire_sante.serialization import json_schema


def main() -> None:
    """Write the schema to standard output."""
    json.dump(json_schema(), sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()

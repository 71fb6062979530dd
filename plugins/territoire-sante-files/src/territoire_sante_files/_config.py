# SPDX-License-Identifier: Apache-2.0
"""What a user writes to name a file or a folder."""

from __future__ import annotations

from pathlib import Path

import attrs


@attrs.frozen(kw_only=True)
class FilesConfig:
    """
    Where the items are.

    Attributes:
        path: a folder with one item per file, or one file with all items.
        create: make it if it is missing. What is then made is empty, so leave it off for a place
            that should be there already: a disk that is not mounted must not look like an
            empty calendar.
    """

    path: Path
    create: bool = False

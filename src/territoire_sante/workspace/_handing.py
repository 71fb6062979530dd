# SPDX-License-Identifier: Apache-2.0
"""Write what is disclosed into a file, in a format for others."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from pathlib import Path

from territoire_sante._atomic import replace
from territoire_sante.errors import ConfigError
from territoire_sante.exports import EXPORTERS, Exported
from territoire_sante.privacy import Disclosed
from territoire_sante.workspace._settings import suggestion
from territoire_sante.workspace._transfer import replaceable


def write_out(
    disclosed: Disclosed,
    path: str | os.PathLike[str],
    form: str,
    *,
    today: dt.date,
    language: str,
    own: Iterable[Path] = (),
) -> Exported:
    """
    Write a file in the format ``form``; it appears at once and whole, or stays what it was.

    A new file can be read by its owner only: whoever hands it out decides who else may.
    Those of the workspace, ``own``, are never replaced, nor is what is no file, such as a device.

    Raises:
        ConfigError: there is no such format, or the file cannot be written.
    """
    exporter = EXPORTERS.get(form)
    if exporter is None:
        raise ConfigError(
            f"{form!r} is no format{suggestion(form, list(EXPORTERS))}",
            where="form",
            remedy=f"Choose among {', '.join(EXPORTERS)}",
        )
    try:
        return replace(
            replaceable(path, own),
            lambda file: exporter.write(disclosed, file, today=today, lang=language),
        )
    except OSError as error:
        raise ConfigError(
            f"cannot be written ({error.strerror})",
            where=str(path),
            remedy="Give a file in a folder that may be written to",
        ) from error

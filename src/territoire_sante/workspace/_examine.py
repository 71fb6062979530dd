# SPDX-License-Identifier: Apache-2.0
"""Look whether the store opens and whether each link answers, writing nothing there."""

from __future__ import annotations

import stat
from pathlib import Path

import attrs

from territoire_sante.errors import StoreUnusableError, TerritoireSanteError
from territoire_sante.plugins import (
    Capability,
    Catalog,
    ConnectorSpec,
    Diagnosable,
    guard,
    guarded,
    open_transport,
    structure_config,
)
from territoire_sante.store import Store
from territoire_sante.sync import Link, check_link


@attrs.frozen(kw_only=True)
class Finding:
    """
    One thing that was looked at: the store (``link`` is empty) or a link.

    ``items`` is what a link's collection holds, ``None`` where it can't be
    listed. ``facts`` is what its other side says that it can do, as pairs.
    ``error`` is what is wrong, ``None`` if nothing is.
    """

    link: str = ""
    items: int | None = None
    facts: tuple[tuple[str, str], ...] = ()
    error: TerritoireSanteError | None = None


def examine_store(url: str) -> Finding:
    """Open the store and close it again; one that others can read is a finding."""
    try:
        Store.open(url).close()
    except TerritoireSanteError as error:
        return Finding(error=error)
    file = Path(url.removeprefix("sqlite:///"))
    mode = stat.S_IMODE(file.stat().st_mode) if file.is_file() else 0
    if mode & 0o077:
        return Finding(
            error=StoreUnusableError(
                f"other accounts can read it (mode {mode:o})",
                where=str(file),
                remedy=f"chmod 600 {file}",
            )
        )
    return Finding()


def examine_link(link: Link, catalog: Catalog) -> Finding:
    """Load the connector, resolve the configuration, connect, and count the items."""
    try:
        spec = catalog.get(link.connector)
        check_link(link, spec)
        config = structure_config(spec, link.config, where=f"link {link.name}", base=link.base)
        with open_transport(spec, config) as transport:
            facts = _facts(spec, transport)
            if Capability.READ not in spec.capabilities:
                return Finding(link=link.name, facts=facts)
            items = sum(1 for _ in guarded(spec.name, transport.list))
    except TerritoireSanteError as error:
        return Finding(link=link.name, error=error)
    return Finding(link=link.name, items=items, facts=facts)


def _facts(spec: ConnectorSpec[object], transport: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(transport, Diagnosable):
        return ()
    with guard(spec.name):
        return transport.diagnose()

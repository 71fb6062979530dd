# SPDX-License-Identifier: Apache-2.0
"""Look whether the store opens and whether each link answers, writing nothing there."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import attrs

from territoire_sante.errors import ConfigError, StoreUnusableError, TerritoireSanteError
from territoire_sante.plugins import (
    Capability,
    Catalog,
    ConnectorSpec,
    Diagnosable,
    Fact,
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
    listed. ``facts`` is what its other side can do, and what is done about the rest.
    ``error`` is what is wrong, ``None`` if nothing is.
    """

    link: str = ""
    items: int | None = None
    facts: tuple[Fact, ...] = ()
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


def examine_link(
    link: Link, catalog: Catalog, *, create: bool = False, probe_writes: bool = False
) -> Finding:
    """
    Load the connector, resolve the configuration, connect, and count the items.

    With ``create`` a collection that is missing is made; with ``probe_writes`` one
    made-up item is written there and removed again.
    """
    try:
        spec = catalog.get(link.connector)
        check_link(link, spec)
        config = structure_config(spec, link.config, where=f"link {link.name}", base=link.base)
        if create:
            config = _creating(config, link)
        with open_transport(spec, config) as transport:
            facts = _facts(spec, transport, probe_writes=probe_writes)
            if Capability.READ not in spec.capabilities:
                return Finding(link=link.name, facts=facts)
            items = sum(1 for _ in guarded(spec.name, transport.list))
    except TerritoireSanteError as error:
        return Finding(link=link.name, error=error)
    return Finding(link=link.name, items=items, facts=facts)


def _creating(config: Any, link: Link) -> Any:
    """Return ``config`` with its option ``create`` turned on."""
    if not any(field.name == "create" for field in attrs.fields(type(config))):
        raise ConfigError(
            f"connector {link.connector} cannot make its collection",
            where=f"link {link.name}",
            remedy="Make it by the other side's own means",
        )
    return attrs.evolve(config, create=True)


def _facts(spec: ConnectorSpec[Any], transport: object, *, probe_writes: bool) -> tuple[Fact, ...]:
    if isinstance(transport, Diagnosable):
        with guard(spec.name):
            return transport.diagnose(probe_writes=probe_writes)
    if probe_writes:
        raise ConfigError(
            f"connector {spec.name} has no test of writing",
            remedy="Leave --probe-writes away",
        )
    return ()

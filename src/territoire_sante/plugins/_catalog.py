# SPDX-License-Identifier: Apache-2.0
"""
The connectors installed in this environment: listed without importing, loaded one by one.

A broken distribution is named and harms nobody else. A name that two distributions
claim is refused rather than chosen, because the winner would be given the
credentials of the link; ``distribution:name`` says which is meant.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from importlib import metadata
from typing import Any, Self

import attrs

from territoire_sante.errors import (
    InvalidValueError,
    PluginBrokenError,
    PluginError,
    PluginIncompatibleError,
    PluginNotFoundError,
)
from territoire_sante.plugins._contract import (
    API_VERSION,
    ENTRY_POINT_GROUP,
    Capability,
    ConnectorSpec,
)


@attrs.frozen
class Entry:
    """
    A connector's name and where it comes from, known without importing anything.

    ``value`` is ``module:attribute``. One that the program registered itself has only a name.
    """

    name: str
    distribution: str = ""
    version: str = ""
    value: str = ""

    def __str__(self) -> str:
        origin = f"{self.distribution} {self.version}".strip() or "registered by the program"
        return f"{self.name} ({origin})"


@attrs.frozen
class Checked:
    """Whether a connector can be used, and if not, why."""

    name: str
    ok: bool
    problem: str = ""


@attrs.define(eq=False)
class Catalog:
    """
    The connectors that a program can use; each program has its own.

    ``Catalog()`` is empty, :meth:`installed` knows the distributions installed here.
    One that is registered goes before an installed one of the same name.
    """

    _entries: tuple[Entry, ...] = ()
    _unreadable: tuple[Checked, ...] = attrs.field(default=(), alias="unreadable", repr=False)
    _registered: dict[str, ConnectorSpec[Any]] = attrs.field(factory=dict, init=False, repr=False)
    _withheld: frozenset[str] = attrs.field(default=frozenset(), alias="withheld", repr=False)

    @classmethod
    def installed(cls, only: Collection[str] | None = None) -> Self:
        """
        Return the connectors that installed distributions declare; nothing is imported.

        With ``only``, just those names can be used.
        """
        entries: list[Entry] = []
        unreadable: list[Checked] = []
        for name, found in _distributions():
            if isinstance(found, str):
                unreadable.append(Checked(name, ok=False, problem=found))
            else:
                entries += found
        entries.sort(key=lambda entry: (entry.name, entry.distribution))
        kept = [entry for entry in entries if only is None or entry.name in only]
        withheld = {entry.name for entry in entries} - {entry.name for entry in kept}
        return cls(tuple(kept), unreadable=tuple(unreadable), withheld=frozenset(withheld))

    def entries(self) -> tuple[Entry, ...]:
        """Return every entry, by name; a name claimed twice comes twice."""
        own = (Entry(name) for name in self._registered)
        others = (entry for entry in self._entries if entry.name not in self._registered)
        return tuple(sorted([*own, *others], key=lambda entry: (entry.name, entry.distribution)))

    @property
    def unreadable(self) -> tuple[Checked, ...]:
        """The distributions whose metadata cannot be read."""
        return self._unreadable

    def names(self) -> tuple[str, ...]:
        """Return the names, sorted, each once."""
        return tuple(dict.fromkeys(entry.name for entry in self.entries()))

    def register(self, spec: ConnectorSpec[Any]) -> None:
        """
        Add a connector of the program's own.

        Raises:
            InvalidValueError: another one was registered under its name.
            PluginError: it is not a sound specification.
        """
        if self._registered.get(spec.name, spec) is not spec:
            raise InvalidValueError(
                f"another connector was registered as {spec.name}", where="Catalog.register"
            )
        self._registered[spec.name] = _sound(Entry(spec.name), spec)

    def get(self, name: str) -> ConnectorSpec[Any]:
        """
        Import and return the connector called ``name``, or ``distribution:name``.

        Raises:
            PluginNotFoundError: there is none, or ``only`` left it out.
            PluginBrokenError: it cannot be imported, is no connector, or is claimed twice.
            PluginIncompatibleError: it follows another version of the contract.
        """
        if name in self._registered:
            return self._registered[name]
        distribution, _, short = name.rpartition(":")
        found = [
            entry
            for entry in self._entries
            if entry.name == short
            and (not distribution or _canonical(entry.distribution) == _canonical(distribution))
        ]
        if not found:
            raise self._missing(name)
        if len(found) > 1:
            raise _claimed_twice(found)
        return _sound(found[0], loaded(found[0]))

    def check(self) -> tuple[Checked, ...]:
        """Import each connector and return which can be used; distributions not readable last."""
        return (*(self._check(name) for name in self.names()), *self._unreadable)

    def _check(self, name: str) -> Checked:
        try:
            self.get(name)
        except PluginError as error:
            return Checked(name, ok=False, problem=str(error))
        return Checked(name, ok=True)

    def _missing(self, name: str) -> PluginNotFoundError:
        names = self.names()
        if name in self._withheld:
            remedy = "It is installed, but this program leaves it out"
        elif close := difflib.get_close_matches(name, names, n=1):
            remedy = f"Did you mean {close[0]}? There are: {', '.join(names)}"
        else:
            there = f"There are: {', '.join(names)}" if names else "None is installed"
            remedy = f"{there}. Install the distribution that brings it"
        return PluginNotFoundError(f"no connector is called {name!r}", remedy=remedy)


def _distributions() -> Iterator[tuple[str, list[Entry] | str]]:
    """
    Yield each distribution that declares connectors, or what is wrong with its metadata.

    As for imports, the first of a name on the path hides the others.
    """
    seen: set[str] = set()
    for distribution in metadata.distributions():
        name = "an unnamed distribution"
        try:
            # Most declare none: their longer metadata is not worth reading.
            if ENTRY_POINT_GROUP not in (distribution.read_text("entry_points.txt") or ""):
                continue
            name = _given(distribution, "Name")
            if _canonical(name) not in seen:
                yield name, _entries(name, distribution)
            seen.add(_canonical(name))
        except Exception as error:  # noqa: BLE001 - whatever lies on the path must harm nobody
            yield name, f"its metadata cannot be read: {type(error).__name__}: {error}"


def _entries(name: str, distribution: metadata.Distribution) -> list[Entry]:
    version = _given(distribution, "Version")
    points = distribution.entry_points.select(group=ENTRY_POINT_GROUP)
    return [Entry(point.name, name, version, point.value) for point in points]


def _given(distribution: metadata.Distribution, key: str) -> str:
    # An interrupted removal leaves folders without metadata; typed as text, they give None.
    value: object = distribution.metadata[key]
    if not isinstance(value, str):
        raise KeyError(key)
    return value


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def loaded(entry: Entry) -> Any:
    """
    Import what an entry names, whatever it is.

    Raises:
        PluginBrokenError: it cannot be imported; the cause is chained.
    """
    point = metadata.EntryPoint(name=entry.name, value=entry.value, group=ENTRY_POINT_GROUP)
    try:
        return point.load()
    except (Exception, SystemExit) as error:
        raise PluginBrokenError(
            f"{entry.value} cannot be imported: {type(error).__name__}: {error}",
            where=str(entry),
            remedy=f"Repair or uninstall {entry.distribution}",
        ) from error


def _sound(entry: Entry, spec: Any) -> ConnectorSpec[Any]:
    version = API_VERSION if isinstance(spec, type) else getattr(spec, "api_version", API_VERSION)
    if version != API_VERSION:
        newer = isinstance(version, int) and version > API_VERSION
        which = "territoire-sante" if newer else entry.distribution or "the connector"
        raise PluginIncompatibleError(
            f"it follows version {version} of the contract, this is version {API_VERSION}",
            where=str(entry),
            remedy=f"Upgrade {which}",
        )
    fault = _fault(entry, spec)
    if fault:
        raise PluginBrokenError(fault, where=str(entry), remedy="Tell its maintainers")
    checked: ConnectorSpec[Any] = spec
    return checked


def _fault(entry: Entry, spec: Any) -> str:
    if not isinstance(spec, ConnectorSpec):
        return f"{entry.value} is a {type(spec).__name__}, not a ConnectorSpec"
    if spec.name != entry.name:
        return f"its specification is called {spec.name!r}"
    parts: dict[str, Any] = attrs.asdict(spec, recurse=False)
    if not (isinstance(parts["config"], type) and attrs.has(parts["config"])):
        return "its config is not an attrs class"
    capabilities = parts["capabilities"]
    if not (isinstance(capabilities, frozenset) and all(map(_is_capability, capabilities))):
        return "its capabilities are not a frozenset of Capability"
    return "" if callable(parts["open"]) else "its open cannot be called"


def _is_capability(value: object) -> bool:
    return isinstance(value, Capability)


def _claimed_twice(found: list[Entry]) -> PluginBrokenError:
    choices = " or ".join(f"{entry.distribution}:{entry.name}" for entry in found)
    return PluginBrokenError(
        f"several distributions claim this name: {', '.join(map(str, found))}",
        where=found[0].name,
        remedy=f"Uninstall one, or write {choices}",
    )

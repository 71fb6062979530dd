# SPDX-License-Identifier: Apache-2.0
"""
What is wrong with the connectors installed here, and what to do about it.

What the metadata tell is looked at first. A module is then imported in a process of its own, so
that one which hangs, ends the interpreter or draws half the world in harms nobody here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection, Iterator
from importlib import metadata
from typing import Any, Final

import attrs

from territoire_sante.errors import PluginBrokenError
from territoire_sante.model import Announcement, Contact, Event
from territoire_sante.plugins._catalog import Catalog, Entry, loaded
from territoire_sante.plugins._contract import API_VERSION, Capability, ConnectorSpec, Words

#: What a connector needs only once it is opened; listing and describing it must not load them.
HEAVY: Final = frozenset(
    {
        *("PIL", "cryptography", "feedparser", "icalendar", "lxml", "numpy", "pandas"),
        *("requests", "sqlalchemy", "urllib3", "vobject"),
    }
)

#: Each code of a problem, and what it means.
PROBLEM_CODES: Final = {
    "metadata": Words(
        "les métadonnées de la distribution sont illisibles",
        "the metadata of the distribution cannot be read",
    ),
    "clash": Words(
        "plusieurs distributions réclament ce nom", "several distributions claim this name"
    ),
    "requirement": Words(
        "une exigence de la distribution n'est pas satisfaite",
        "a requirement of the distribution is not met",
    ),
    "import": Words("le module ne s'importe pas", "the module cannot be imported"),
    "heavy": Words(
        "décrire le connecteur charge ce dont seule l'ouverture a besoin",
        "describing the connector loads what only opening needs",
    ),
    "version": Words("autre version du contrat", "another version of the contract"),
    "specification": Words(
        "ce n'est pas une description de connecteur", "it is no description of a connector"
    ),
    "name": Words("il se donne un autre nom", "it gives itself another name"),
    "config": Words(
        "la configuration n'est pas une classe attrs figée",
        "the configuration is no frozen attrs class",
    ),
    "capabilities": Words("les capacités sont mal déclarées", "capabilities are declared wrongly"),
    "view": Words("la vue n'est pas du modèle", "the view is not one of the model"),
    "open": Words("il n'y a rien pour l'ouvrir", "there is nothing to open it with"),
    "summary": Words(
        "le résumé manque en français ou en anglais",
        "the summary is missing in French or in English",
    ),
}

_PROBE: Final = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
import importlib, territoire_sante.plugins
before = set(sys.modules)
try:
    importlib.import_module(sys.argv[2])
    said = ""
except BaseException as error:
    said = f"{type(error).__name__}: {error}"
print()
print(json.dumps({"said": said, "drawn": sorted(set(sys.modules) - before)}))
"""


@attrs.frozen(kw_only=True)
class PluginProblem:
    """
    One thing wrong with a connector: a code for scripts, what was found, and what to do.

    ``connector`` is empty for a distribution that could not be read. It cannot be used unless
    ``usable``: then it works, and its maintainers should still be told.
    """

    code: str
    connector: str = ""
    distribution: str = ""
    what: Words
    remedy: Words
    usable: bool = False


def check_plugins(
    catalog: Catalog, *, heavy: Collection[str] = HEAVY, timeout: float = 60.0
) -> tuple[PluginProblem, ...]:
    """
    Return what is wrong with the connectors of a catalog, by name; nothing if all is well.

    Requirements are compared where the package ``packaging`` is installed (extra ``cli``); a
    connector whose requirements are not met is not imported. ``heavy`` names the packages that
    importing a connector should not load, ``timeout`` how many seconds an import may take.
    """
    found = [
        _problem("metadata", distribution=one.name, detail=one.problem)
        for one in catalog.unreadable
    ]
    probes: dict[str, dict[str, Any]] = {}
    for name in catalog.names():
        entries = [entry for entry in catalog.entries() if entry.name == name]
        if len(entries) > 1:
            claimed = ", ".join(f"{entry.distribution}:{name}" for entry in entries)
            found.append(_problem("clash", connector=name, detail=claimed))
            continue
        (entry,) = entries
        if not entry.value:
            found += _of_specification(entry, catalog.get(name))
            continue
        unmet = list(_unmet(entry))
        found += unmet
        if not unmet:
            module = entry.value.partition(":")[0]
            probe = probes.get(module) or _probed(module, timeout)
            probes[module] = probe
            found += _of_import(entry, probe, frozenset(heavy))
    return tuple(found)


_REMEDIES: Final = {
    "metadata": Words(
        "Désinstaller puis réinstaller cette distribution", "Uninstall and reinstall it"
    ),
    "clash": Words(
        "En désinstaller une, ou écrire distribution:nom dans la configuration",
        "Uninstall one of them, or write distribution:name in the configuration",
    ),
    "requirement": Words(
        "pip install --upgrade territoire-sante {distribution}",
        "pip install --upgrade territoire-sante {distribution}",
    ),
    "import": Words("Réparer ou désinstaller {distribution}", "Repair or uninstall {distribution}"),
    "heavy": Words(
        "Le signaler à ses mainteneurs : importer dans la fonction d'ouverture",
        "Tell its maintainers: import inside the function that opens",
    ),
    "version": Words(
        "Mettre à jour {distribution} ou territoire-sante",
        "Upgrade {distribution} or territoire-sante",
    ),
}
_TELL: Final = Words("Le signaler à ses mainteneurs", "Tell its maintainers")


def _problem(
    code: str,
    *,
    connector: str = "",
    distribution: str = "",
    detail: str = "",
    usable: bool = False,
) -> PluginProblem:
    said, told = PROBLEM_CODES[code], _REMEDIES.get(code, _TELL)
    whose = distribution or connector
    return PluginProblem(
        code=code,
        connector=connector,
        distribution=distribution,
        what=Words(f"{said.fr} : {detail}", f"{said.en}: {detail}") if detail else said,
        remedy=Words(told.fr.format(distribution=whose), told.en.format(distribution=whose)),
        usable=usable,
    )


def _unmet(entry: Entry) -> Iterator[PluginProblem]:
    try:
        from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - extra
    except ImportError:
        return
    for line in metadata.requires(entry.distribution) or ():
        try:
            wanted = Requirement(line)
        except InvalidRequirement as error:
            yield _of(entry, "metadata", str(error).partition("\n")[0])
            continue
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            there = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            yield _of(entry, "requirement", f"{line} (∅)")
        else:
            if not wanted.specifier.contains(there, prereleases=True):
                yield _of(entry, "requirement", f"{line} ({there})")


def _probed(module: str, timeout: float) -> dict[str, Any]:
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, a module that is installed
            [sys.executable, "-c", _PROBE, json.dumps(sys.path), module],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        # What the module printed comes before.
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return {"said": f"> {timeout:g} s", "drawn": []}
    except (ValueError, IndexError):
        return {"said": f"exit {done.returncode}", "drawn": []}
    return answer


def _of_import(
    entry: Entry, probe: dict[str, Any], heavy: frozenset[str]
) -> Iterator[PluginProblem]:
    if probe["said"]:
        yield _of(entry, "import", probe["said"])
        return
    drawn = sorted(heavy & {name.partition(".")[0] for name in probe["drawn"]})
    if drawn:
        yield _of(entry, "heavy", ", ".join(drawn), usable=True)
    try:
        spec = loaded(entry)
    except PluginBrokenError as error:
        yield _of(entry, "import", str(error.__cause__ or error))
    else:
        yield from _of_specification(entry, spec)


def _of_specification(entry: Entry, spec: Any) -> Iterator[PluginProblem]:
    version = API_VERSION if isinstance(spec, type) else getattr(spec, "api_version", API_VERSION)
    if version != API_VERSION:
        yield _of(entry, "version", f"{version} ≠ {API_VERSION}")
    elif not isinstance(spec, ConnectorSpec):
        yield _of(entry, "specification", type(spec).__name__)
    else:
        parts: dict[str, Any] = attrs.asdict(spec, recurse=False)
        yield from _of_parts(entry, parts)


def _of_parts(entry: Entry, parts: dict[str, Any]) -> Iterator[PluginProblem]:
    if parts["name"] != entry.name:
        yield _of(entry, "name", f"{parts['name']!r}")
    config = parts["config"]
    if not (isinstance(config, type) and attrs.has(config)):
        yield _of(entry, "config", getattr(config, "__name__", repr(config)))
    elif not _is_frozen(config):
        yield _of(entry, "config", config.__name__, usable=True)
    held = parts["capabilities"]
    if not isinstance(held, frozenset):
        yield _of(entry, "capabilities", type(held).__name__)
    elif strange := [repr(one) for one in held if not isinstance(one, Capability)]:
        yield _of(entry, "capabilities", ", ".join(sorted(strange)))
    elif not held:
        yield _of(entry, "capabilities", "∅", usable=True)
    if not callable(parts["open"]):
        yield _of(entry, "open")
    if parts["view"] not in (Event, Contact, Announcement):
        yield _of(entry, "view", getattr(parts["view"], "__name__", repr(parts["view"])))
    missing = [code for code, name in (("fr", "summary_fr"), ("en", "summary")) if not parts[name]]
    if missing:
        yield _of(entry, "summary", ", ".join(missing), usable=True)


def _of(entry: Entry, code: str, detail: str = "", *, usable: bool = False) -> PluginProblem:
    return _problem(
        code,
        connector=entry.name,
        distribution=entry.distribution,
        detail=detail,
        usable=usable,
    )


def _is_frozen(config: type) -> bool:
    """Say whether instances refuse to be changed; made without its checks, one is enough to ask."""
    one: Any = object.__new__(config)
    try:
        one.no_such_option = None
    except attrs.exceptions.FrozenInstanceError:
        return True
    except Exception:  # noqa: BLE001 - whatever a class of somebody else's does when it is changed
        return False
    return False

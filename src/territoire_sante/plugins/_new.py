# SPDX-License-Identifier: Apache-2.0
"""A new plug-in from templates: a whole distribution whose tests pass as it is."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import Final

from territoire_sante.errors import ConfigError
from territoire_sante.plugins._contract import ENTRY_POINT_GROUP

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LONGEST: Final = 40
_SUFFIX: Final = ".tmpl"
_PREFIX: Final = "territoire-sante-"
# Those of cooperation.rules, which lies above this package; a test compares them.
_RULES_GROUP: Final = "territoire_sante.rules"
# A hidden file among the templates would be taken for ours.
_RENAMED: Final = {"gitignore": ".gitignore"}


class PluginKind(enum.Enum):
    """What a new plug-in is: a connector to documents, one to a JSON interface, or a rule."""

    DOCUMENT = "document"
    API = "api"
    RULE = "rule"


# The folders of templates that make a plug-in of each kind.
_PARTS: Final[Mapping[PluginKind, tuple[str, ...]]] = {
    PluginKind.DOCUMENT: ("common", "connector", "document"),
    PluginKind.API: ("common", "connector", "api"),
    PluginKind.RULE: ("common", "rule"),
}


def new_plugin(
    name: str, *, kind: PluginKind = PluginKind.DOCUMENT, folder: Path, version: str
) -> tuple[Path, ...]:
    """
    Write a distribution called ``territoire-sante-NAME`` into a new folder, and return its files.

    ``version`` is that of the library that it is made for, such as ``0.1.0``.
    Its tests pass as it is; its README says what to do next.

    Raises:
        ConfigError: the name is none for a plug-in, or there is something in the folder.
    """
    short = name.removeprefix(_PREFIX)
    if not _NAME.fullmatch(short) or len(short) > _LONGEST:
        raise ConfigError(
            f"{name!r} is no name of a plug-in",
            where="NAME",
            remedy="Use lower-case letters, digits and single hyphens, such as demo-board",
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(
            "something is there already", where=str(folder), remedy="Give a new or empty folder"
        )
    values = _values(short, kind, version)
    written = []
    root = resources.files(__package__) / "template"
    for part in _PARTS[kind]:
        for path, template in _templates(root / part, Path()):
            target = folder / _filled_path(path, values)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(Template(template).substitute(values), encoding="utf-8")
            if target.suffix == ".sh":
                target.chmod(0o755)
            written.append(target)
    return tuple(sorted(written))


def _values(name: str, kind: PluginKind, version: str) -> Mapping[str, str]:
    package = (_PREFIX + name).replace("-", "_")
    words = name.split("-")
    is_rule = kind is PluginKind.RULE
    return {
        "name": name,
        "kind": kind.value,
        "distribution": _PREFIX + name,
        "package": package,
        "class_name": "".join(word.capitalize() for word in words),
        "code": re.sub(r"[^A-Z]", "", name.upper())[:8].ljust(2, "X") + "001",
        "summary": f"{' '.join(words).capitalize()}: a plug-in of territoire_sante.",
        "requirement": _requirement(version),
        "group": _RULES_GROUP if is_rule else ENTRY_POINT_GROUP,
        "value": "RULE" if is_rule else "CONNECTOR",
    }


def _requirement(version: str) -> str:
    """
    Return what a plug-in made now needs: this minor version, since the next may break it.

    >>> _requirement("0.1.3")
    'territoire-sante>=0.1,<0.2'
    """
    major, minor, *_ = version.split(".")
    after = f"{major}.{int(minor) + 1}" if major == "0" else str(int(major) + 1)
    return f"territoire-sante>={major}.{minor},<{after}"


def _templates(folder: Traversable, path: Path) -> Iterator[tuple[Path, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _templates(entry, path / entry.name)
        elif entry.name.endswith(_SUFFIX):
            yield path / entry.name.removesuffix(_SUFFIX), entry.read_text(encoding="utf-8")


def _filled_path(path: Path, values: Mapping[str, str]) -> Path:
    parts = [values["package"] if part == "PACKAGE" else part for part in path.parts]
    return Path(*parts[:-1], _RENAMED.get(parts[-1], parts[-1]))

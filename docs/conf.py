# SPDX-License-Identifier: Apache-2.0
"""How Sphinx builds the documentation."""

from __future__ import annotations

import enum
import importlib
import inspect
import pkgutil
import re
import sys
from importlib.metadata import version as _version
from typing import TYPE_CHECKING, Any

from sphinx.pycode import ModuleAnalyzer
from sphinx.util.logging import getLogger

import territoire_sante
from territoire_sante.model import LabelledEnum, Machine

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "territoire_sante"
author = "The territoire_sante developers"
copyright = "The territoire_sante developers"
release = version = _version("territoire-sante")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 3
# Two classes are rightly called Document: one as it travels, and one of the domain.
suppress_warnings = ["ref.python"]

# Every reference leads somewhere, but for those to what is documented elsewhere (the standard
# library, libraries), type variables, and types in annotations that are not exported.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(collections|contextlib|datetime|decimal|dt|email|enum|io|ipaddress)\..*"),
    (r"py:.*", r"(os|pathlib|sqlite3|threading|types|typing|zoneinfo|xml)\..*"),
    (r"py:.*", r"(click|icalendar|requests|urllib3|pytest|hypothesis)\..*"),
    (r"py:class", r"AbstractContextManager|AuthBase|Path|SearchStrategy|Session"),
    (r"py:class", r"([\w.]+\.)?([A-Z]|Config|_\w+)"),
    (r"py:class", r"DavTransport|Vocabulary|territoire_sante_openagenda\._places\.Place"),
    (r"py:class", r"territoire_sante\.announcements\._remarks\.(Found|Setting)"),
    (r"py:class", r"territoire_sante\.cooperation\.rules\._asked\.Fault"),
    (r"py:class", r"territoire_sante\.formats\.(feed\._format\.Layout|_contentline_head\.Head)"),
    (r"py:class", r"territoire_sante\.projections\._contract\.Version"),
    (r"py:class", r"territoire_sante\.snapshot\._tables\.Table"),
    (r"py:class", r"territoire_sante\.store\.(_database\.Database|_transaction\.Prepared)"),
    (r"py:class", r"territoire_sante\.sync\.(_merge\.FieldConflict|_records\.Waiting)"),
    (r"py:class", r"territoire_sante\.testing\._panneau_page\.Seen"),
]

autodoc_class_signature = "mixed"
autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
python_maximum_signature_line_length = 76

html_theme = "furo"
html_title = f"territoire_sante {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5f5a", "color-brand-content": "#0b6e68"},
    "dark_css_variables": {"color-brand-primary": "#5fd0c5", "color-brand-content": "#6fd6cc"},
}


_log = getLogger("territoire_sante")
_MISREAD = frozenset({"attribute", "data", "property"})
_NO_CODE = re.compile(r"mappingproxy\(\{.*?\}\)|<[^<>]*>")
_kept: dict[str, list[str]] = {}


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Return the lines of a table in reStructuredText."""
    lines = ["", ".. list-table::", "   :header-rows: 1", ""]
    for row in (head, *rows):
        lines += [f"   {'* -' if not i else '  -'} {cell}" for i, cell in enumerate(row)]
    return [*lines, ""]


def _steps(machine: Machine[Any]) -> list[str]:
    rows = [
        [f"``{verb}``", f"``{source.value}``", f"``{goal.value}``"]
        for verb, steps in machine.table.items()
        for source, goal in steps.items()
    ]
    return _table(["verb", "from", "to"], rows)


def _members(kind: type[enum.Enum]) -> list[str]:
    if issubclass(kind, LabelledEnum):
        rows = [[f"``{m.name}``", f"``{m.value}``", m.label_fr, m.label_en] for m in kind]
        return _table(["member", "value", "en français", "in English"], rows) if rows else []
    return _table(["member", "value"], [[f"``{m.name}``", f"``{m.value!r}``"] for m in kind])


def _comment(name: str, value: object) -> list[str]:
    """Return what stands in ``#:`` comments above a constant, wherever it is defined."""
    package, short = name.partition(".")[0], name.rpartition(".")[2]
    for home, module in sorted(sys.modules.items()):
        if home.startswith(package) and vars(module).get(short) is value:
            found = ModuleAnalyzer.for_module(home).find_attr_docs().get(("", short))
            if found:
                return found
    return []


def _describe(
    _app: Sphinx, what: str, name: str, obj: Any, _options: Any, lines: list[str]
) -> None:
    """Show the members of an enumeration with their labels, the steps of a machine, constants."""
    if what == "data":
        lines[:] = _comment(name, obj)
        if isinstance(obj, Machine):
            lines[:] = [f"What may follow what in the life of this: {obj.name}.", *_steps(obj)]
        if not lines:
            _log.warning("%s has no comment that says what it is", name)
    if inspect.isclass(obj) and issubclass(obj, LabelledEnum) and obj is not LabelledEnum:
        rows = [[f"``{one.name}``", f"``{one.value}``", one.label_fr, one.label_en] for one in obj]
        lines += _table(["member", "value", "en français", "in English"], rows)


def _keep(_app: Sphinx, what: str, name: str, _obj: Any, _options: Any, lines: list[str]) -> None:
    """Put aside what Napoleon misreads: it takes what stands before a colon for a type."""
    if what in _MISREAD:
        _kept[name] = list(lines)


def _give_back(
    _app: Sphinx, what: str, name: str, _obj: Any, _options: Any, lines: list[str]
) -> None:
    if what in _MISREAD:
        lines[:] = _kept.pop(name)


def _sign(
    _app: Sphinx, _what: str, _name: str, obj: Any, _options: Any, signature: str, returns: str
) -> tuple[str, str | None] | None:
    """Show enumerations and protocols without arguments, and no tables as defaults."""
    if inspect.isclass(obj) and (issubclass(obj, enum.Enum) or getattr(obj, "_is_protocol", False)):
        return "", None
    return (_NO_CODE.sub("...", signature), returns) if signature else None


def _load() -> None:
    """Load what public doors give only once it is asked for: autodoc sees what is there."""
    for found in pkgutil.walk_packages(territoire_sante.__path__, "territoire_sante."):
        if not any(part.startswith("_") for part in found.name.split(".")):
            door = importlib.import_module(found.name)
            for name in getattr(door, "__all__", ()):
                getattr(door, name)


def setup(app: Sphinx) -> None:
    """Describe what autodoc leaves out, and keep one-line docstrings from Napoleon."""
    _load()
    app.connect("autodoc-process-docstring", _describe, priority=100)
    app.connect("autodoc-process-docstring", _keep, priority=200)
    app.connect("autodoc-process-docstring", _give_back, priority=900)
    app.connect("autodoc-process-signature", _sign)

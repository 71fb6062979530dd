# SPDX-License-Identifier: Apache-2.0
"""How Sphinx builds the documentation."""

from importlib.metadata import version as _version

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
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
# README.md is included in the first page, where its links to files of docs/ lead elsewhere.
# Two classes are rightly called Document: one as it travels, and one of the domain.
suppress_warnings = ["myst.xref_missing", "ref.python"]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
napoleon_google_docstring = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"territoire_sante {release}"

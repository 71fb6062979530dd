# SPDX-License-Identifier: Apache-2.0
"""What pages say of the code is so: words, the picture of the packages, exports, formats."""

from __future__ import annotations

import re
import tomllib

from territoire_sante import exports, model


def test_words_have_the_names_that_the_glossary_gives_them(root):
    """Each name in code of the glossary is a public name of the model."""
    page = (root / "docs" / "reference" / "glossary.md").read_text(encoding="utf-8")
    cells = [row.split("|")[3] for row in page.splitlines() if row.startswith("| ")]
    names = re.findall(r"`([A-Z]\w+)(?:\.(\w+))?`", " ".join(cells))
    lost = [
        f"{name}.{member}"
        for name, member in names
        if name not in model.__all__ or (member and not hasattr(getattr(model, name), member))
    ]

    assert names
    assert lost == []


def test_the_picture_shows_the_layers_that_are_checked(root):
    """Boxes of one height are the packages of one layer, in the order of the imports checked."""
    contracts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layers = next(one["layers"] for one in contracts["contracts"] if one["type"] == "layers")
    picture = (root / "docs" / "explanation" / "images" / "packages.html").read_text("utf-8")
    shown: dict[int, set[str]] = {}
    for height, name in re.findall(r'class="name" x="\d+" y="(\d+)">([a-z]+)<', picture):
        shown.setdefault(int(height), set()).add(name)

    assert [shown[height] for height in sorted(shown)] == [
        {name.strip().removeprefix("territoire_sante.") for name in layer.split("|")}
        for layer in layers
    ]


def test_the_page_on_formats_names_each_export(root):
    """What can be handed out is named on the page on formats."""
    page = (root / "docs" / "reference" / "formats.md").read_text(encoding="utf-8")

    assert [name for name in exports.EXPORTERS if f"`{name}`" not in page] == []


def test_no_table_is_without_a_head(root):
    """Each table of the site says something in its first line, but for the corner."""
    heads = [
        f"{page.name}: {head}"
        for page in root.glob("docs/**/*.md")
        if page.name != "wheels.md"  # made from the wheels: names beside what they hold
        for head in re.findall(r"^(\|.*\|)\n\| ?---", page.read_text("utf-8"), re.MULTILINE)
        if not all(cell.strip() for cell in head.strip("|").split("|")[1:])
    ]

    assert heads == []

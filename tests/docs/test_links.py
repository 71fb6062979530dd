# SPDX-License-Identifier: Apache-2.0
"""Links of the pages lead somewhere; those into the world are looked at without asking it."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

_FENCE = re.compile(r"^( *)(`{3,}|~{3,}).*?^\1\2`*\s*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]*)>?(?:\s+\"[^\"]*\")?\)")
_BARE = re.compile(r"<(https?://[^>\s]+)>")
_INCLUDE = re.compile(r"^```\{include\} (\S+)$", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_TARGET = re.compile(r"^\((.+)\)=$", re.MULTILINE)
_TOCTREE = re.compile(r"^```\{toctree\}\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def _links(page: Path) -> list[str]:
    prose = _CODE.sub("``", _prose(page))
    return [*_LINK.findall(prose), *_BARE.findall(prose)]


def _slug(heading: str) -> str:
    """Return the anchor of a heading, as GitHub and MyST make it."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "")
    text = unicodedata.normalize("NFC", text).lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


@cache
def _anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page, with those of what it includes."""
    text = page.read_text(encoding="utf-8")
    found = {_slug(heading) for heading in _HEADING.findall(_prose(page))}
    found |= set(_TARGET.findall(text))
    for included in _INCLUDE.findall(text):
        found |= _anchors((page.parent / included).resolve())
    return frozenset(found)


def _lost(page: Path, link: str) -> str:
    """Return why a relative link leads nowhere, or nothing."""
    target, _, anchor = link.partition("#")
    file = (page.parent / unquote(target)).resolve() if target else page
    if not file.exists():
        return "no such file"
    if anchor and file.suffix == ".md" and unquote(anchor) not in _anchors(file):
        return "no such heading"
    return ""


def test_relative_links_lead_somewhere(pages):
    """Each link within the repository names a file that is there, and a heading that it has."""
    lost = {
        f"{page.name}: {link}": why
        for page in pages
        for link in _links(page)
        if not urlsplit(link).scheme and link and (why := _lost(page, link))
    }

    assert lost == {}


def test_links_into_the_world_are_well_formed(pages):
    """Each other link is https, or an example; it has a host, and no blanks or credentials."""
    wrong = []
    for page in pages:
        for link in _links(page):
            parts = urlsplit(link)
            if not parts.scheme:
                continue
            host = parts.hostname or ""
            if parts.scheme != "https" or "." not in host or parts.username or parts.port:
                wrong.append(f"{page.name}: {link}")

    assert wrong == []


def test_every_page_is_in_the_contents(root):
    """Each page of the site stands in one table of contents, once."""
    listed = []
    for page in root.glob("docs/**/*.md"):
        for block in _TOCTREE.findall(page.read_text(encoding="utf-8")):
            names = [line.strip() for line in block.splitlines() if line and line[0] != ":"]
            listed += [(page.parent / f"{name}.md").resolve() for name in names if name]
    there = {page.resolve() for page in root.glob("docs/**/*.md") if "_build" not in page.parts}

    assert sorted(listed) == sorted(there - {(root / "docs" / "index.md").resolve()})

# SPDX-License-Identifier: Apache-2.0
"""
XML that servers send, read with suspicion, and the little XML we send.

A document type is refused before anything in it is expanded, and so is a mass of elements that
would take many times the room of the answer. Characters that XML forbids, which some servers pass
on from the items they hold, are replaced by U+FFFD, and the result says that it was repaired: good
enough for a list of names and versions, not for the content of items.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import attrs

from territoire_sante.errors import ProtocolError
from territoire_sante_dav._flavour import CAL, CARD, CS, DAV

_PREFIXES: Final = {DAV: "D", CAL: "C", CARD: "A", CS: "S"}
_DECLARED: Final = " ".join(f'xmlns:{short}="{ns[1:-1]}"' for ns, short in _PREFIXES.items())

_BAD_CHARACTERS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# All but XML 1.0 (Fifth Edition), production 2: what is legal takes ten times as long to compile.
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCES: Final = re.compile(r"(?:&#(?:[xX][0-9a-fA-F]{1,8}|[0-9]{1,8});)+")
_REFERENCE: Final = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")
_ENCODING: Final = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]*)["']""")
# In each of these, markup is the same bytes; in UTF-16 it has zeros between them.
_LIKE_ASCII: Final = frozenset({"us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})
_UTF_8: Final = frozenset({"utf-8", "utf8"})
_UTF_16: Final = frozenset({"utf-16", "utf-16le", "utf-16be"})
# A listing of a hundred thousand items has half as much.
_MAX_ELEMENTS: Final = 3_000_000
_MAX_ATTRIBUTES: Final = 1_000_000

REPLACEMENT: Final = "\ufffd"


@attrs.frozen
class Parsed:
    """A tree; ``repaired`` says that characters had to be replaced to read it."""

    root: ET.Element
    repaired: bool


class _DoctypeError(Exception):
    pass


class _Builder(ET.TreeBuilder):
    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        """Refuse: no DAV answer has one, and entities are defined in it."""
        raise _DoctypeError


def parse(data: bytes, *, where: str) -> Parsed:
    """
    Return the tree of ``data``.

    Raises:
        ProtocolError: a document type, or not well-formed even after repair.
    """
    encoding = _encoding(data)
    problem = _refusal(data, encoding)
    if problem:
        raise ProtocolError(problem, where=where)
    try:
        return Parsed(_tree(data, encoding), repaired=False)
    except ET.ParseError as error:
        line, column = error.position
        failure = ProtocolError(
            f"the answer is not well-formed XML (line {line}, column {column})", where=where
        )
    except _DoctypeError:
        raise ProtocolError(
            "the answer has a document type, which may hide anything", where=where
        ) from None
    if encoding not in _UTF_8:
        raise failure
    try:
        return Parsed(_tree(_repaired(data), encoding), repaired=True)
    except (ET.ParseError, _DoctypeError):
        raise failure from None


def _encoding(data: bytes) -> str:
    """Return the encoding that the first bytes tell (XML 1.0, appendix F)."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        return "utf-16"
    match = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf")[:200])
    return match.group(1).decode("ascii", "replace").lower() if match else "utf-8"


def _refusal(data: bytes, encoding: str) -> str:
    """Return why ``data`` is not even read; empty if it is."""
    if encoding not in _UTF_8 | _LIKE_ASCII | _UTF_16:
        return f"the answer has an unusual encoding, {encoding}"
    if data.count(b"<") > 2 * _MAX_ELEMENTS or data.count(b"/>") > _MAX_ELEMENTS:
        return f"the answer has more than {_MAX_ELEMENTS} elements"
    if data.count(b'="') + data.count(b"='") > _MAX_ATTRIBUTES:
        return f"the answer has more than {_MAX_ATTRIBUTES} attributes"
    return ""


def _tree(data: bytes, encoding: str) -> ET.Element:
    # Our own builder takes half as long again: only what may have a document type is given to it.
    plain = encoding not in _UTF_16 and b"<!DOCTYPE" not in data
    parser = ET.XMLParser(target=None if plain else _Builder())  # noqa: S314 - document types are refused, sizes capped
    parser.feed(data)
    root: ET.Element = parser.close()
    return root


def _repaired(data: bytes) -> bytes:
    text = _BAD_CHARACTERS.sub(REPLACEMENT, data.decode("utf-8", errors="replace"))
    return _REFERENCES.sub(_resolved, text).encode()


def _resolved(references: re.Match[str]) -> str:
    """Return what a run of character references stands for, if one of them is illegal."""
    codes = [
        int(hexadecimal, 16) if hexadecimal else int(decimal)
        for hexadecimal, decimal in _REFERENCE.findall(references.group())
    ]
    # NUL is as forbidden as what lies beyond Unicode, and can be looked for.
    text = "".join(chr(code) if code <= sys.maxunicode else "\0" for code in codes)
    if _ILLEGAL.search(text) is None:
        return references.group()
    # Surrogates in pairs are what a careless encoder makes of an emoji.
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return escape(_BAD_CHARACTERS.sub(REPLACEMENT, whole))


def short(name: str) -> str:
    """
    Return an element's name with the prefix that :func:`document` declares.

    >>> short("{DAV:}getetag")
    'D:getetag'
    """
    namespace, _, local = name.rpartition("}")
    return f"{_PREFIXES[namespace + '}']}:{local}"


def document(name: str, *content: str) -> bytes:
    """Return a whole document whose root is ``name``."""
    tag = short(name)
    inner = "".join(content)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{tag} {_DECLARED}>{inner}</{tag}>'.encode()


def element(name: str, *content: str) -> str:
    """
    Return an element around ``content``, which is XML already.

    >>> element("{DAV:}prop", element("{DAV:}getetag"))
    '<D:prop><D:getetag/></D:prop>'
    """
    tag = short(name)
    return f"<{tag}>{''.join(content)}</{tag}>" if content else f"<{tag}/>"


def text_element(name: str, text: str) -> str:
    """
    Return an element around ``text``, which is escaped.

    >>> text_element("{DAV:}sync-token", "a<b")
    '<D:sync-token>a&lt;b</D:sync-token>'
    """
    return element(name, escape(text))


def prop(names: Iterable[str]) -> str:
    """Return ``DAV:prop`` with empty elements, to ask for these properties."""
    return element(f"{DAV}prop", *map(element, names))

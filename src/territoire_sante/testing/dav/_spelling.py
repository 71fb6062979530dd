# SPDX-License-Identifier: Apache-2.0
"""The many ways in which servers write the name of one thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, unquote, urlsplit
from xml.sax.saxutils import escape

OTHER_HOST: Final = "http://inside.example.org:5232"


def decoded(path: str) -> str:
    """
    Return the path of a request or href, decoded; bytes that are not UTF-8 as lone surrogates.

    >>> decoded("http://127.0.0.1:8000/dav/a%40b?x")
    '/dav/a@b'
    """
    if path.startswith(("http://", "https://")):
        path = urlsplit(path).path
    return unquote(path.partition("?")[0], errors="surrogateescape")


def escaped(path: str) -> str:
    """
    Return a path as RFC 3986 wants it.

    >>> escaped("/dav/à venir.ics")
    '/dav/%C3%A0%20venir.ics'
    """
    return path if path.isascii() and path.isalnum() else quote(path, errors="surrogateescape")


def _bare(_origin: str, folder: str, name: str) -> str:
    return escape(folder + name)


def _lower(_origin: str, folder: str, name: str) -> str:
    parts = escaped(folder + name).split("%")
    return parts[0] + "".join(f"%{part[:2].lower()}{part[2:]}" for part in parts[1:])


def _much(_origin: str, folder: str, name: str) -> str:
    data = name.encode("utf-8", "surrogateescape")
    return escaped(folder) + "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02X}"  # noqa: PLR2004 - ASCII
        for byte in data
    )


def _surrogates(_origin: str, folder: str, name: str) -> str:
    units = (folder + name).encode("utf-16-be")
    codes = [int.from_bytes(units[i : i + 2], "big") for i in range(0, len(units), 2)]
    return "".join(
        f"&#x{code:X};" if code > 0xD7FF else escape(chr(code))  # noqa: PLR2004 - above are surrogates
        for code in codes
    )


SPELLINGS: Final[Mapping[str, Callable[[str, str, str], str]]] = {
    "escaped": lambda _origin, folder, name: escaped(folder + name),
    "bare": _bare,
    "lower": _lower,
    "much": _much,
    "relative": lambda _origin, folder, name: quote(name, safe=":") if name else escaped(folder),
    "absolute": lambda origin, folder, name: origin + escaped(folder + name),
    "other-host": lambda _origin, folder, name: OTHER_HOST + escaped(folder + name),
    "surrogates": _surrogates,
}
"""Each takes origin, folder and name, and returns the text of an href, as XML."""

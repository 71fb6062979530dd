# SPDX-License-Identifier: Apache-2.0
"""
What stands before the colon of a content line: group, name, parameters.

Few different heads make up all the lines of the world, so those without quotes are
read once (a bounded cache of a pure function).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import attrs

from territoire_sante.errors import FormatError, LimitExceededError

T = TypeVar("T")
Params = tuple[tuple[str, tuple[str, ...]], ...]

MAX_PARAMS: Final = 256
#: Longer heads are not kept in the cache.
CACHED_HEAD: Final = 64

_PREFIX = re.compile(rb"(?:([\w-]++)\.)?([\w-]++)(?=[;:])")
# Only sets of characters are repeated possessively: CPython before 3.11.5 (Debian 12 has 3.11.2)
# misreads possessive groups.
_WHOLE = re.compile(rb'((?:[^":]++|"[^"]*+")*):')
_SEGMENT = re.compile(rb'(?:[^";]++|"[^"]*+"|")+')
_ITEM = re.compile(r'(?:[^",]++|"[^"]*+"|")+')
_CARET = re.compile(r"\^([n^'])")
_CARET_DECODED = {"n": "\n", "^": "^", "'": '"'}
_CARET_ENCODED = str.maketrans({"^": "^^", "\n": "^n", '"': "^'"})
# One set of ranges that far apart takes three times as long to compile.
_FORBIDDEN = re.compile("[\ud800-\udfff]|(?!\t)[\x00-\x1f\x7f]")
# Python has codecs under names like rot13 or unicode_escape: none of them is a charset.
_CHARSET: Final = (
    "(?i:iso[-_]?8859|latin|windows|cp1?[0-9]|koi8|mac|shift|sjis|euc|gb|big5|us-?ascii)"
)
_NAME = re.compile(r"[A-Za-z0-9_-]+")


def decode(data: bytes, charset: str = "") -> str:
    """
    Return text that is UTF-8, or in the declared ``charset``, or else Windows-1252.

    Bytes that Windows-1252 leaves undefined are read as Latin-1, so every input has a text.

    >>> decode("é".encode("latin-1"))
    'é'
    """
    if charset and re.match(_CHARSET, charset):
        try:
            return data.decode(charset)
        except (LookupError, ValueError):
            pass
    try:
        return data.decode()
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def encode_param(name: str, values: Sequence[str]) -> str:
    """
    Return ``;NAME=value,value``, quoted and escaped where needed (RFC 6868).

    Raises:
        FormatError: the name is no name, or a value holds a control character.
    """
    if not _NAME.fullmatch(name):
        raise FormatError(f"{name!r} cannot be the name of a parameter")
    encoded = []
    for value in values:
        text = value.replace("\r\n", "\n").replace("\r", "\n").translate(_CARET_ENCODED)
        check_clean(text, f"parameter {name}")
        encoded.append(f'"{text}"' if any(mark in text for mark in ",;:") else text)
    return f";{name}={','.join(encoded)}" if values else f";{name}"


def check_clean(text: str, where: str) -> None:
    """
    Refuse text that would break out of its line or make XML unreadable.

    Raises:
        FormatError: there is a control character (TAB is allowed) or half a surrogate pair.
    """
    found = None if text.isprintable() else _FORBIDDEN.search(text)
    if found:
        raise FormatError(
            f"the character U+{ord(found[0]):04X} cannot stand in a content line",
            where=where,
            remedy="Remove this invisible character",
        )


def read_param(segment: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the upper-case name of a parameter and its values, decoded (RFC 6868)."""
    key, equals, rest = decode(segment).partition("=")
    name = key.strip().upper()
    if not equals:
        return name, ()
    if '"' not in rest and "," not in rest and "^" not in rest:
        return name, (rest,)
    values = []
    for item in _ITEM.findall(rest) or [""]:
        text = item.replace('"', "")
        if "^" in text:
            text = _CARET.sub(lambda found: _CARET_DECODED[found[1]], text)
        values.append(text)
    return name, tuple(values)


@functools.lru_cache(maxsize=256)
def prefix(group: str, name: str) -> bytes:
    """
    Return ``group.name``.

    Raises:
        FormatError: one of them would change the form of the line.
    """
    for part in (group, name):
        if part and not _NAME.fullmatch(part):
            raise FormatError(f"{part!r} cannot be the name or group of a line")
    return f"{group}.{name}".encode() if group else name.encode()


@attrs.frozen(eq=False, repr=False)
class Head:
    """
    The head of one or many lines.

    ``raw`` is all of it, unfolded, up to the colon; ``start`` is where parameters begin.
    ``charset`` is CHARSET unless it is UTF-8, ``encoding`` is ``"QUOTED-PRINTABLE"``,
    ``"BASE64"`` or empty; ``simple`` says that there is neither. ``size`` is where the value
    begins.
    """

    raw: bytes
    group: str
    name: str
    start: int
    params: Params
    charset: str
    encoding: str
    size: int
    simple: bool = True

    @property
    def segments(self) -> list[bytes]:
        """The parameters as written, without their semicolons."""
        return _SEGMENT.findall(self.raw, self.start)

    @property
    def spelled(self) -> str:
        """The name as written."""
        return self.raw[: self.start].rpartition(b".")[2].decode()


#: The head of a line that is blank or cannot be read.
OPAQUE: Final = Head(b"", "", "", 0, (), "", "", 0)


def _encoding(params: Params) -> str:
    for key, values in params:
        word = values[0].upper() if values and key == "ENCODING" else key if not values else ""
        if word in ("QUOTED-PRINTABLE", "QP"):
            return "QUOTED-PRINTABLE"
        if word in ("BASE64", "B"):
            return "BASE64"
    return ""


def _make(raw: bytes, found: re.Match[bytes]) -> Head:
    segments = _SEGMENT.findall(raw, found.end())
    if len(segments) > MAX_PARAMS:
        raise LimitExceededError(f"a line has {len(segments)} parameters, more than {MAX_PARAMS}")
    params = tuple([read_param(segment) for segment in segments])
    charset = next((values[0] for key, values in params if key == "CHARSET" and values), "")
    # What is not UTF-8 although it says so is read as if nothing were said.
    charset = "" if charset.upper() == "UTF-8" else charset
    group, name = (found[1] or b"").decode(), found[2].decode().upper()
    encoding = _encoding(params)
    simple = not charset and not encoding
    return Head(raw, group, name, found.end(), params, charset, encoding, len(raw) + 1, simple)


def plain_head(raw: bytes) -> Head | None:
    """Return the head ``raw``, all before a line's first colon; ``None`` if quotes are in it."""
    if b'"' in raw or b"\0" in raw:
        return None
    found = _PREFIX.match(raw + b":")
    return _make(raw, found) if found is not None else None


class Memo(dict[bytes, T]):
    """
    What a pure function makes of bytes, kept for the next time, and emptied when full.

    Ask ``get`` first, then :meth:`learn`. There is a look-up for each line, and
    ``functools.lru_cache`` would make a tuple for each.
    """

    __slots__ = ("_function", "_most")

    def __init__(self, function: Callable[[bytes], T | None], most: int) -> None:
        super().__init__()
        self._function = function
        self._most = most

    def learn(self, data: bytes) -> T | None:
        """Return what the function makes of ``data``, and keep it if it is something."""
        made = self._function(data)
        if made is not None:
            if len(self) >= self._most:
                self.clear()
            self[data] = made
        return made


#: Heads by their bytes up to the first colon; see :data:`CACHED_HEAD`.
KNOWN_HEADS: Final = Memo(plain_head, 1024)


def any_head(text: bytes) -> Head:
    """Return the head of an unfolded line; a colon inside quotes does not end it."""
    found = _PREFIX.match(text)
    if found is None:
        return OPAQUE
    whole = _WHOLE.match(text)
    colon = whole.end() - 1 if whole is not None else text.find(b":")
    return _make(text[:colon], found) if colon >= 0 else OPAQUE


def head_of(text: bytes) -> Head:
    """Return the head of an unfolded line, from the cache if it is an ordinary one."""
    raw, colon, _ = text.partition(b":")
    head = KNOWN_HEADS.get(raw) if colon else None
    if colon and head is None:
        head = KNOWN_HEADS.learn(raw) if len(raw) < CACHED_HEAD else plain_head(raw)
    return head or any_head(text)

# SPDX-License-Identifier: Apache-2.0
"""
One logical content line: its bytes as they came, and what they mean once asked for.

RFC 5545, 3.1 and RFC 6350, 3.3 share the form ``[group.]name*(;param):value``.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Final

from territoire_sante.errors import FormatError, LimitExceededError

Params = tuple[tuple[str, tuple[str, ...]], ...]

#: End of a line: CRLF, LF, CR, and the CR CR LF of files converted twice.
EOL: Final = rb"(?:\r(?:\r?\n)?|\n)"
PREFIX: Final = re.compile(rb"(?:([\w-]++)\.)?([\w-]++)(?=[;:])")
FOLD_WIDTH: Final = 75
MAX_PARAMS: Final = 256

_FOLD = re.compile(EOL + rb"[ \t]")
_LAST_EOL = re.compile(EOL + rb"\Z")
_SOFT_BREAK = re.compile(rb"=[ \t]*" + EOL + rb"[ \t]?")
_QUOTED_PRINTABLE = re.compile(rb"[^:]*;(?:encoding=)?\"?(?:quoted-printable|qp)\b", re.IGNORECASE)
_HEAD = re.compile(rb'((?:"[^"]*+"|[^":])*+):')
_SEGMENT = re.compile(rb'(?:"[^"]*+"|[^";]|")++')
_ITEM = re.compile(r'(?:"[^"]*+"|[^",]|")++')
_CARET = re.compile(r"\^([n^'])")
_CARET_DECODED = {"n": "\n", "^": "^", "'": '"'}
_CARET_ENCODED = str.maketrans({"^": "^^", "\n": "^n", '"': "^'"})
_FORBIDDEN = re.compile("[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_CONTINUATION = 0x80
_CONTINUATION_MASK = 0xC0


def is_quoted_printable(raw: bytes) -> bool:
    """Say whether the head of a line names the encoding QUOTED-PRINTABLE (vCard 2.1)."""
    return _QUOTED_PRINTABLE.match(raw) is not None


def unfold(raw: bytes) -> bytes:
    """Return a logical line without its end and its folds (RFC 5545, 3.1), on bytes."""
    text = raw.rstrip(b"\r\n")
    if b"\n" in text or b"\r" in text:
        if is_quoted_printable(text):
            text = _SOFT_BREAK.sub(b"", text)
        text = _FOLD.sub(b"", text)
    return text


def decode(data: bytes, charset: str = "") -> str:
    """
    Return text that is UTF-8, or in the declared ``charset``, or else Windows-1252.

    Bytes that Windows-1252 leaves undefined are read as Latin-1, so every input has a text.

    >>> decode("é".encode("latin-1"))
    'é'
    """
    if charset and charset.upper() not in ("UTF-8", "UTF8"):
        try:
            return codecs.decode(data, charset)
        except (LookupError, UnicodeError, ValueError, AssertionError):
            pass
    try:
        return data.decode()
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def fold(text: bytes, eol: bytes) -> bytes:
    """Return ``text`` folded at 75 octets, never inside a UTF-8 character, ended by ``eol``."""
    if len(text) <= FOLD_WIDTH:
        return text + eol
    parts: list[bytes] = []
    start, width = 0, FOLD_WIDTH
    while len(text) - start > width:
        stop = start + width
        while stop > start + 1 and text[stop] & _CONTINUATION_MASK == _CONTINUATION:
            stop -= 1
        parts.append(text[start:stop])
        start, width = stop, FOLD_WIDTH - 1
    parts.append(text[start:])
    return (eol + b" ").join(parts) + eol


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
    found = _FORBIDDEN.search(text)
    if found:
        raise FormatError(
            f"the character U+{ord(found[0]):04X} cannot stand in a content line",
            where=where,
            remedy="Remove this invisible character",
        )


class Line:
    """
    One logical line; treat it as immutable. Lines are compared by identity.

    ``raw`` is every byte of it, folds and line end included. ``name`` is upper-case
    for comparing and empty when the line is blank or cannot be read;
    ``group`` is as written (``item1``).
    """

    __slots__ = ("_params", "_start", "_text", "group", "name", "raw")

    def __init__(self, raw: bytes, name: str, group: str) -> None:
        self.raw = raw
        self.name = name
        self.group = group
        self._text: bytes | None = None
        self._start = -1
        self._params: Params | None = None

    def __repr__(self) -> str:
        return f"Line({self.raw!r})"

    @property
    def text(self) -> bytes:
        """The line unfolded, without its end."""
        text = self._text
        if text is None:
            text = self._text = unfold(self.raw)
        return text

    @property
    def blank(self) -> bool:
        """Whether there is nothing but white space."""
        return not self.raw.strip()

    @property
    def eol(self) -> bytes:
        """The line end, empty for a last line without one."""
        found = _LAST_EOL.search(self.raw, max(len(self.raw) - 3, 0))
        return found[0] if found else b""

    @property
    def _prefix_length(self) -> int:
        return len(self.name) + (len(self.group) + 1 if self.group else 0)

    @property
    def _value_start(self) -> int:
        if self._start < 0:
            text, begin = self.text, self._prefix_length
            if not self.name:
                self._start = 0
            elif text[begin : begin + 1] == b":":
                self._start = begin + 1
            else:
                found = _HEAD.match(text, begin)
                colon = found.end() - 1 if found else text.find(b":", begin)
                self._start = colon + 1 if colon >= 0 else len(text)
        return self._start

    @property
    def data(self) -> bytes:
        """The value as bytes, unfolded, nothing unescaped; the whole text if unreadable."""
        start = self._value_start
        return self.text[start:]

    @property
    def value(self) -> str:
        """The value as text, nothing unescaped."""
        text, start = self.text, self._value_start
        charset = self.param("CHARSET") if start > self._prefix_length + 1 else ""
        return decode(text[start:], charset)

    def _segments(self) -> list[bytes]:
        start = self._value_start
        head = self.text[self._prefix_length : max(start - 1, 0)]
        segments = _SEGMENT.findall(head)
        if len(segments) > MAX_PARAMS:
            raise LimitExceededError(
                f"a line has {len(segments)} parameters, more than {MAX_PARAMS}", where=self.name
            )
        return segments

    @property
    def params(self) -> Params:
        """
        The parameters in order: upper-case names, values unquoted and RFC 6868 decoded.

        A bare parameter of vCard 2.1 (``TEL;HOME:``) is a name without values.
        """
        if self._params is None:
            self._params = tuple(_read_param(segment) for segment in self._segments())
        return self._params

    def param(self, name: str) -> str:
        """Return the first value of the first parameter ``name``, or an empty text."""
        for key, values in self.params:
            if key == name and values:
                return values[0]
        return ""

    @property
    def encoding(self) -> str:
        """``"QUOTED-PRINTABLE"``, ``"BASE64"`` or empty (ENCODING of vCard, bare in 2.1)."""
        for key, values in self.params:
            word = values[0].upper() if values and key == "ENCODING" else key if not values else ""
            if word in ("QUOTED-PRINTABLE", "QP"):
                return "QUOTED-PRINTABLE"
            if word in ("BASE64", "B"):
                return "BASE64"
        return ""

    def decoded(self) -> str:
        """Return the value as text, quoted-printable undone, escapes kept."""
        if self._value_start > self._prefix_length + 1 and self.encoding == "QUOTED-PRINTABLE":
            data = binascii.a2b_qp(self.data)
            return decode(data, self.param("CHARSET")).replace("\r\n", "\n").replace("\r", "\n")
        return self.value

    def rewritten(
        self,
        value: str,
        *,
        params: Mapping[str, Sequence[str] | None] | None = None,
        fallback: str = "utf-8",
        folded: bool = True,
    ) -> Line:
        """
        Return this line with another value; name and parameters keep their bytes and order.

        ``params`` sets parameters by upper-case name, ``None`` removes. ``value`` is already
        escaped for its type.

        Raises:
            FormatError: value or parameters hold control characters.
        """
        changes = dict(params or {})
        head = [self.text[: self._prefix_length]]
        for segment in self._segments():
            key = _read_param(segment)[0]
            if key not in changes:
                head.append(b";" + segment)
                continue
            values = changes[key]
            changes[key] = None
            if values is not None:
                head.append(encode_param(key, values).encode())
        head.extend(encode_param(k, v).encode() for k, v in changes.items() if v is not None)
        text = b"".join(head) + b":" + _encode_value(value, self.name, fallback)
        eol = self.eol or b"\r\n"
        return Line(fold(text, eol) if folded else text + eol, self.name, self.group)

    def retyped(
        self,
        dropped: Container[str],
        added: Iterable[tuple[str, Sequence[str]]],
        *,
        folded: bool = True,
    ) -> Line:
        """Return this line without the parameters ``dropped``, with ``added`` behind the rest."""
        kept = [segment for segment in self._segments() if _read_param(segment)[0] not in dropped]
        head = [self.text[: self._prefix_length], *(b";" + segment for segment in kept)]
        head.extend(encode_param(key, values).encode() for key, values in added)
        return self._again(b"".join(head) + b":" + self.data, self.group, folded=folded)

    def regrouped(self, group: str, *, folded: bool = True) -> Line:
        """Return this line in another group; all else keeps its bytes, but for the folds."""
        length = self._prefix_length
        name = self.text[:length].rpartition(b".")[2].decode()
        return self._again(_prefix(group, name) + self.text[length:], group, folded=folded)

    def _again(self, text: bytes, group: str, *, folded: bool) -> Line:
        eol = self.eol or b"\r\n"
        # A fold behind "=" would be read as a soft break of quoted-printable.
        folded = folded and not is_quoted_printable(text)
        return Line(fold(text, eol) if folded else text + eol, self.name, group)


def _read_param(segment: bytes) -> tuple[str, tuple[str, ...]]:
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


def _prefix(group: str, name: str) -> bytes:
    for part in (group, name):
        if part and not _NAME.fullmatch(part):
            raise FormatError(f"{part!r} cannot be the name or group of a line")
    return f"{group}.{name}".encode() if group else name.encode()


def _encode_value(value: str, where: str, fallback: str) -> bytes:
    check_clean(value, where)
    # A document in Windows-1252 gets its new lines in it too, unless they would be misread.
    if fallback != "utf-8" and not value.isascii():
        try:
            data = value.encode(fallback)
        except UnicodeEncodeError:
            return value.encode()
        return data if decode(data) == value else value.encode()
    return value.encode()


def make_line(
    name: str,
    value: str,
    *,
    params: Iterable[tuple[str, Sequence[str]]] = (),
    group: str = "",
    eol: bytes = b"\r\n",
    fallback: str = "utf-8",
    folded: bool = True,
) -> Line:
    r"""
    Return a new line, folded unless told otherwise; ``value`` is already escaped for its type.

    >>> make_line("summary", "Soirée", params=[("LANGUAGE", ["fr"])]).raw.decode()
    'summary;LANGUAGE=fr:Soirée\r\n'

    Raises:
        FormatError: a name is no name; value or parameters hold control characters.
    """
    head = _prefix(group, name) + "".join(encode_param(k, v) for k, v in params).encode()
    text = head + b":" + _encode_value(value, name, fallback)
    return Line(fold(text, eol) if folded else text + eol, name.upper(), group)

# SPDX-License-Identifier: Apache-2.0
"""
One logical content line: its bytes as they came, and what they mean once asked for.

RFC 5545, 3.1 and RFC 6350, 3.3 share the form ``[group.]name*(;param):value``.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Final

from territoire_sante.formats._contentline_head import (
    KNOWN_HEADS,
    Head,
    Params,
    check_clean,
    decode,
    encode_param,
    head_of,
    prefix,
    read_param,
)
from territoire_sante.formats._contentline_text import unescape

#: End of a line: CRLF, LF, CR, and the CR CR LF of files converted twice.
EOL: Final = rb"(?:\r(?:\r?\n)?|\n)"
FOLD_WIDTH: Final = 75

# As numbers: those are found in bytes several times as fast as bytes of length one.
NUL: Final = 0x00
SOH: Final = 0x01
_TAB: Final = 0x09
_LF: Final = 0x0A
_CR: Final = 0x0D
_SEMICOLON: Final = 0x3B

_FOLD = re.compile(EOL + rb"[ \t]")
_LAST_EOL = re.compile(EOL + rb"\Z")
_SOFT_BREAK = re.compile(rb"=[ \t]*" + EOL + rb"[ \t]?")
_QUOTED_PRINTABLE = re.compile(rb"[^:]*;(?:encoding=)?\"?(?:quoted-printable|qp)\b", re.IGNORECASE)
_CONTINUATION = 0x80
_CONTINUATION_MASK = 0xC0


def is_quoted_printable(raw: bytes) -> bool:
    """Say whether the head of a line names the encoding QUOTED-PRINTABLE (vCard 2.1)."""
    return _QUOTED_PRINTABLE.match(raw) is not None


def unfold(raw: bytes) -> bytes:
    """Return a logical line without its end and its folds (RFC 5545, 3.1), on bytes."""
    text = raw.rstrip(b"\r\n")
    if _LF in text or _CR in text:
        if is_quoted_printable(text):
            text = _SOFT_BREAK.sub(b"", text)
        text = _FOLD.sub(b"", text)
    return text


def pack(data: bytes, end: bytes) -> bytes:
    """
    Return lines with each fold as NUL, one with a tab as NUL and U+0001.

    One byte is taken out several times as fast as three; the data must have neither.
    """
    packed = data.replace(end + b" ", b"\0")
    return packed.replace(end + b"\t", b"\0\1") if _TAB in packed else packed


def expand(packed: bytes, end: bytes) -> bytes:
    """Return packed lines as they were; ``end`` is their line end."""
    if SOH in packed:
        packed = packed.replace(b"\0\1", end + b"\t")
    return packed.replace(b"\0", end + b" ") if NUL in packed else packed


def unpack(packed: bytes) -> bytes:
    """Return a packed line unfolded."""
    text = packed.replace(b"\0", b"")
    return text.replace(b"\1", b"") if SOH in text else text


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


class Line:
    """
    One logical line; treat it as immutable. Lines are compared by identity.

    ``name`` is upper-case for comparing and empty when the line is blank or cannot be
    read. A line of a document with one kind of line end is kept *packed*: its end left
    out, that of each fold as NULs; else (``end`` is ``None``) ``body`` is all its bytes.
    """

    __slots__ = ("_body", "_end", "head", "name")

    def __init__(self, head: Head, body: bytes, end: bytes | None = None) -> None:
        self.head = head
        self.name = head.name
        self._body = body
        self._end = end

    @classmethod
    def of(cls, raw: bytes) -> Line:
        """Return the line of ``raw``, all bytes of one logical line."""
        start, colon, _ = raw.partition(b":")
        # A head that has a fold is not among them; nor need a photo be unfolded to read its head.
        head = KNOWN_HEADS.get(start) if colon else None
        return cls(head or head_of(unfold(raw)), raw)

    def __repr__(self) -> str:
        return f"Line({self.raw!r})"

    @property
    def packed(self) -> bool:
        """Whether its line end and folds are left out of what is kept."""
        return self._end is not None

    def body_for(self, end: bytes) -> bytes | None:
        """Return the line packed for documents of the line end ``end``, if it has that one."""
        if self._end == end:
            return self._body
        raw = self.raw
        if not raw.endswith(end) or NUL in raw or SOH in raw:
            return None
        body = raw[: -len(end)]
        if _LF not in body and _CR not in body:
            return body
        packed = pack(body, end)
        return packed if _LF not in packed and _CR not in packed else None

    @property
    def raw(self) -> bytes:
        """Every byte of it, folds and line end included."""
        body, end = self._body, self._end
        if end is None:
            return body
        return expand(body, end) + end

    @property
    def group(self) -> str:
        """The group as written (``item1``), empty without one."""
        return self.head.group

    @property
    def text(self) -> bytes:
        """The line unfolded, without its end."""
        body = self._body
        if self._end is None:
            return unfold(body)
        return unpack(body) if NUL in body else body

    @property
    def blank(self) -> bool:
        """Whether there is nothing but white space."""
        return not self.text.strip()

    @property
    def eol(self) -> bytes:
        """The line end, empty for a last line without one."""
        if self._end is not None:
            return self._end
        found = _LAST_EOL.search(self.raw, max(len(self.raw) - 3, 0))
        return found[0] if found else b""

    @property
    def data(self) -> bytes:
        """The value as bytes, unfolded, nothing unescaped; the whole text if unreadable."""
        return self.text[self.head.size :]

    @property
    def value(self) -> str:
        """The value as text, nothing unescaped."""
        head, data = self.head, self._body
        if self._end is None or NUL in data:
            data = self.text
        data = data[head.size :]
        if head.charset:
            return decode(data, head.charset)
        try:
            return data.decode()
        except UnicodeDecodeError:
            return decode(data)

    @property
    def params(self) -> Params:
        """
        The parameters in order: upper-case names, values unquoted and RFC 6868 decoded.

        A bare parameter of vCard 2.1 (``TEL;HOME:``) is a name without values.
        """
        return self.head.params

    def param(self, name: str) -> str:
        """Return the first value of the first parameter ``name``, or an empty text."""
        for key, values in self.head.params:
            if key == name and values:
                return values[0]
        return ""

    @property
    def encoding(self) -> str:
        """``"QUOTED-PRINTABLE"``, ``"BASE64"`` or empty (ENCODING of vCard, bare in 2.1)."""
        return self.head.encoding

    def decoded(self) -> str:
        """Return the value as text, quoted-printable undone, escapes kept."""
        if self.head.encoding != "QUOTED-PRINTABLE":
            return self.value
        text = decode(binascii.a2b_qp(self.data), self.head.charset)
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def unescaped(self) -> str:
        """Return the value as the text it means, escapes undone, control characters left out."""
        # The same as value, without its call: this is asked of every text.
        head, data = self.head, self._body
        if self._end is None or NUL in data:
            data = self.text
        try:
            text = data[head.size :].decode() if head.simple else self.decoded()
        except UnicodeDecodeError:
            text = self.decoded()
        return text if text.isprintable() and "\\" not in text else unescape(text)

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
        head = [self.head.raw[: self.head.start]]
        for segment in self.head.segments:
            key = read_param(segment)[0]
            if key not in changes:
                head.append(b";" + segment)
                continue
            values = changes[key]
            changes[key] = None
            if values is not None:
                head.append(encode_param(key, values).encode())
        head.extend(encode_param(k, v).encode() for k, v in changes.items() if v is not None)
        data = _encode_value(value, self.name, fallback)
        return _line(b"".join(head), data, self.eol or b"\r\n", folded=folded)

    def retyped(
        self,
        dropped: Container[str],
        added: Iterable[tuple[str, Sequence[str]]],
        *,
        folded: bool = True,
    ) -> Line:
        """Return this line without the parameters ``dropped``, with ``added`` behind the rest."""
        kept = [segment for segment in self.head.segments if read_param(segment)[0] not in dropped]
        head = [self.head.raw[: self.head.start], *(b";" + segment for segment in kept)]
        head.extend(encode_param(key, values).encode() for key, values in added)
        return _line(b"".join(head), self.data, self.eol or b"\r\n", folded=folded)

    def regrouped(self, group: str, *, folded: bool = True) -> Line:
        """Return this line in another group; all else keeps its bytes, but for the folds."""
        head = prefix(group, self.head.spelled) + self.head.raw[self.head.start :]
        return _line(head, self.data, self.eol or b"\r\n", folded=folded)


def _line(head: bytes, data: bytes, eol: bytes, *, folded: bool) -> Line:
    text = head + b":" + data
    # A fold behind "=" would be read as a soft break of quoted-printable.
    folded = folded and (_SEMICOLON not in head or not is_quoted_printable(head))
    return Line(head_of(text), fold(text, eol) if folded else text + eol)


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
    head = prefix(group, name)
    for key, values in params:
        head += encode_param(key, values).encode()
    return _line(head, _encode_value(value, name, fallback), eol, folded=folded)

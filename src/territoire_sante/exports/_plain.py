# SPDX-License-Identifier: Apache-2.0
"""What every format needs: JSON and archives with the same bytes each time, ids, codes, links."""

from __future__ import annotations

import contextlib
import json
import re
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, BinaryIO, Final, TypeVar
from urllib.parse import quote

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import Actor, Code, ContactPoint, ContactPointKind

C = TypeVar("C", bound=Code)

# Fixed for ever: whoever reads an export twice must find the same ids.
_NAMESPACE: Final = uuid.UUID("5f1b6a52-6d0f-5b43-9c55-8a4f0f9d2c31")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_URI: Final = re.compile(
    r"https?://[A-Za-z0-9\-._~:\[\]@%]+(?:[/?#][A-Za-z0-9\-._~:/?#\[\]@!$&'+()*,;=%]*)?"
)
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_MOST_DIGITS: Final = 300


def uid(*parts: str) -> str:
    """Return the UUID of a thing, for ever the same for the same parts."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))


def dumped(value: Any) -> bytes:
    """Return a value as JSON in UTF-8, accents as they are."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def write_list(out: BinaryIO, values: Iterable[Any]) -> int:
    """Write a list of JSON values one by one, each on its line, and return how many."""
    count = 0
    out.write(b"[")
    for value in values:
        out.write((b",\n" if count else b"\n") + dumped(value))
        count += 1
    out.write(b"\n]" if count else b"]")
    return count


@contextlib.contextmanager
def archive(out: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Open an archive whose bytes depend on nothing but what is put into it."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        yield opened


@contextlib.contextmanager
def member(opened: zipfile.ZipFile, name: str) -> Iterator[BinaryIO]:
    """Write one file of an archive as a stream."""
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # as on Unix, wherever it is made
    info.external_attr = 0o644 << 16
    with opened.open(info, "w", force_zip64=True) as stream:
        yield stream  # type: ignore[misc] # typeshed says IO[bytes], which BinaryIO is


def without_empty(fields: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the fields that say something; ``0`` and ``False`` do.

    >>> without_empty({"a": "", "b": None, "c": [], "d": 0})
    {'d': 0}
    """
    return {name: value for name, value in fields.items() if value not in ("", None, [], {})}


def number(value: Decimal) -> int | float | None:
    """Return a decimal as a JSON number, ``None`` if it is too large for one."""
    if abs(value.adjusted()) > _MOST_DIGITS:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def code_in(kind: type[C], text: str) -> C | None:
    """
    Return the code that a text is, ``None`` if it is none of this kind.

    >>> from territoire_sante.model import CommuneCode
    >>> code_in(CommuneCode, "2A004"), code_in(CommuneCode, "20004")
    (CommuneCode(value='2A004'), None)
    """
    try:
        return kind.parse(text)
    except InvalidValueError:
        return None


def coded(actor: Actor, kind: type[C]) -> str:
    """Return the first valid code of this kind among the identifiers of an actor, or ``""``."""
    for one in actor.identifiers:
        if one.scheme == kind.SCHEME and (found := code_in(kind, one.value)) is not None:
            return found.value
    return ""


def uri(text: str) -> str:
    """
    Return an address of the web as a URI (RFC 3986): what it may not hold is percent-encoded.

    Empty if it is none. The name of a host is written as the domain name system does.

    >>> uri("https://maire.example.org/salle des fêtes")
    'https://maire.example.org/salle%20des%20f%C3%AAtes'
    >>> uri("mairie de Chanac")
    ''
    """
    scheme, _, rest = text.strip().partition("://")
    if scheme.lower() not in ("http", "https"):
        return ""
    cut = re.search(r"[/?#]", rest)
    host, path = (rest, "") if cut is None else (rest[: cut.start()], rest[cut.start() :])
    with contextlib.suppress(UnicodeError):
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    clean = quote(_BROKEN_ESCAPE.sub("%25", path), safe="/?#[]@!$&'()*+,;=:-._~%")
    whole = f"{scheme.lower()}://{host}{clean}"
    return whole if _URI.fullmatch(whole) else ""


def reached(points: Iterable[ContactPoint], *kinds: ContactPointKind) -> list[str]:
    """Return the values of the contact points of these kinds, the first to try ahead."""
    found = [one for one in points if one.kind in kinds]
    # No rank says less than the last one.
    return list(dict.fromkeys(p.value for p in sorted(found, key=lambda one: one.rank or 101)))

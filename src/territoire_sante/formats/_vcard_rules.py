# SPDX-License-Identifier: Apache-2.0
"""How single properties are said in another version of vCard."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from territoire_sante.formats._contentline_line import Line
from territoire_sante.formats._contentline_text import escape, split_escaped, unescape, visible
from territoire_sante.formats._interop_compare import base64_bytes, is_name, one_line
from territoire_sante.formats._json_values import VCARD
from territoire_sante.formats._value_types import vcard_kind
from territoire_sante.formats._vcard_binary import (
    BINARY,
    data_uri,
    is_format,
    media_type,
    parse_data_uri,
    type_word,
)
from territoire_sante.formats._vcard_read import NOT_TYPES, PREF_MAX, reach_value

_GEO = re.compile(r"\s*([-+0-9.]+)\s*[;,]\s*([-+0-9.]+)\s*")
_GEO_URI = re.compile(r"geo:([-+0-9.]+),([-+0-9.]+)(.*)", re.IGNORECASE)
_TEL_URI = re.compile(r"tel:[^;?]+(?:;ext=[0-9]+)?", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_OFFSET = re.compile(r"([+-][0-9]{2}):?([0-9]{2})")
_DATED: Final = frozenset({"BDAY", "ANNIVERSARY", "DEATHDATE", "REV"})


@attrs.define
class Entry:
    """
    One property under conversion, free of encodings.

    ``raw`` is its value with the escapes of 3.0 and 4.0, ``data`` the bytes of an inline value
    (``raw`` is then empty); ``extra`` are lines to stand behind it, ``unsaid`` what the
    target cannot say, beyond names it does not define.
    """

    group: str
    name: str
    spelled: str
    params: list[tuple[str, tuple[str, ...]]]
    raw: str
    data: bytes | None = None
    extra: list[Entry] = attrs.Factory(list)
    unsaid: list[str] = attrs.Factory(list)

    def get(self, key: str) -> str:
        """Return the first value of a parameter, or an empty text."""
        return next((values[0] for name, values in self.params if name == key and values), "")

    def put(self, key: str, *values: str) -> None:
        """Set a parameter in its place, or remove it."""
        at = next((at for at, (name, _) in enumerate(self.params) if name == key), None)
        self.params = [(name, given) for name, given in self.params if name != key]
        if values:
            place = len(self.params) if at is None else min(at, len(self.params))
            self.params.insert(place, (key, values))

    @property
    def types(self) -> list[str]:
        """The words of TYPE as written."""
        given = (value for name, values in self.params if name == "TYPE" for value in values)
        return [word.strip() for value in given for word in value.split(",") if word.strip()]


def read_entry(line: Line, source: str) -> Entry:
    """Return the property of a line, its encodings undone and bare words made types."""
    entry = Entry(line.group, line.name, line.head.spelled, [], "")
    words: list[str] = []
    bare = False
    for key, values in line.params:
        if key == "ENCODING" and line.encoding:
            continue
        if values and (not is_name(key) or _encodes(key, values)):
            entry.unsaid.append(f"{line.name}: a parameter that is no word")
        elif values and key != "CHARSET":
            entry.params.append((key, tuple(map(visible, values))))
            words.extend(values if key == "TYPE" else ())
        elif not values and key not in NOT_TYPES and key != "TYPE":
            words.append(visible(key).lower())
            bare = True
        elif key == "URL":
            entry.params.append(("VALUE", ("uri",)))
    if bare:
        entry.put("TYPE", *words)
    _read_value(entry, line)
    if source == "2.1":
        _from_old(entry)
    return entry


def _encodes(key: str, values: Sequence[str]) -> bool:
    """Say whether a parameter, once it is clean, would make its line an encoded one."""
    clean = {visible(value).strip().upper() for value in values}
    return key == "ENCODING" and bool(clean & {"QUOTED-PRINTABLE", "QP", "BASE64", "B"})


def _read_value(entry: Entry, line: Line) -> None:
    if line.encoding == "BASE64":
        entry.data = base64_bytes(line)
        if entry.data is not None:
            return
        entry.unsaid.append(f"{line.name}: its bytes cannot be read")
    entry.raw = one_line(line.decoded())


def _from_old(entry: Entry) -> None:
    """Give a value of 2.1, where commas are ordinary, the escapes of later versions."""
    if entry.get("VALUE").upper() == "URL":
        entry.put("VALUE", "uri")
    elif entry.get("VALUE").upper() == "INLINE":
        entry.put("VALUE")
    kind = vcard_kind(entry.name, entry.get("VALUE"))
    if kind.parts:
        entry.raw = ";".join(escape(unescape(one)) for one in split_escaped(entry.raw, ";"))
    elif kind.type == "text" and not kind.listed:
        entry.raw = escape(unescape(entry.raw))


def _preference(entry: Entry, target: str) -> None:
    """Say a preference as PREF=1 in 4.0, as a type before; other ranks keep their number."""
    words, rank = entry.types, entry.get("PREF").strip()
    marked = any(word.lower() == "pref" for word in words)
    valid = rank.isascii() and rank.isdigit() and 1 <= int(rank[:9]) <= PREF_MAX
    if target == "4.0" and marked:
        entry.put("TYPE", *[word for word in words if word.lower() != "pref"])
        if not valid:
            entry.put("PREF", "1")
    elif target != "4.0" and valid and int(rank) == 1:
        entry.put("PREF")
        entry.put("TYPE", *words, *([] if marked else ["pref"]))


def _binary(entry: Entry, target: str) -> None:
    if target == "4.0":
        word = next(filter(is_format, entry.types), "")
        if not (word or entry.data is not None):
            return
        media = entry.get("MEDIATYPE") or media_type(entry.name, word, entry.data or b"")
        entry.put("TYPE", *[one for one in entry.types if not is_format(one)])
        entry.put("VALUE")
        if entry.data is None:
            entry.put("MEDIATYPE", media)
        else:
            entry.put("MEDIATYPE")
            entry.raw, entry.data = data_uri(entry.data, media), None
        return
    found = parse_data_uri(unescape(entry.raw)) if entry.data is None else None
    media = entry.get("MEDIATYPE")
    if found is not None:
        media, entry.data = found[0] or media, found[1]
        entry.raw = ""
    word = type_word(entry.name, media)
    if word:
        entry.put("MEDIATYPE")
        entry.put("TYPE", *entry.types, word)
    if entry.data is not None:
        entry.put("VALUE")
    elif entry.get("VALUE").lower() not in ("text", "uri") and _SCHEME.match(entry.raw):
        entry.put("VALUE", "uri")


def _geo(entry: Entry, target: str) -> None:
    if target == "4.0":
        found = _GEO.fullmatch(entry.raw)
        if found:
            entry.raw = f"geo:{found[1]},{found[2]}"
        return
    uri = _GEO_URI.fullmatch(entry.raw.strip())
    pair = uri or _GEO.fullmatch(entry.raw)
    if pair is not None:
        entry.raw = f"{pair[1]}{',' if target == '2.1' else ';'}{pair[2]}"
        entry.put("VALUE")
    if uri is not None and uri[3]:
        entry.unsaid.append("GEO: more than latitude and longitude, kept as X-GEO")
        entry.extra.append(Entry(entry.group, "X-GEO", "X-GEO", [], uri[0]))


def _telephone(entry: Entry, target: str) -> None:
    if target != "4.0" and entry.get("VALUE").lower() == "uri":
        if _TEL_URI.fullmatch(unescape(entry.raw).strip()):
            entry.raw = escape(reach_value(Line.of(b"TEL:" + entry.raw.encode())))
            entry.put("VALUE")
        else:
            entry.unsaid.append("TEL;VALUE=uri")


def _zone(entry: Entry, target: str) -> None:
    value_type = entry.get("VALUE").lower()
    found = _OFFSET.fullmatch(entry.raw.strip())
    if target == "4.0" and found and value_type in ("", "utc-offset"):
        entry.raw = f"{found[1]}{found[2]}"
        entry.put("VALUE", "utc-offset")
    elif target != "4.0" and found and value_type == "utc-offset":
        entry.raw = f"{found[1]}:{found[2]}"
        entry.put("VALUE")
    elif target != "4.0" and not found and not value_type:
        entry.put("VALUE", "text")


def _uid(entry: Entry, target: str) -> None:
    if target != "4.0":
        entry.put("VALUE")
    elif not entry.get("VALUE") and not _SCHEME.match(entry.raw.strip()):
        entry.put("VALUE", "text")


def _date(entry: Entry, target: str) -> None:
    if entry.get("VALUE").lower() == "text":
        return
    if target == "4.0":
        try:
            entry.raw = VCARD["date-and-or-time"][1](entry.raw.strip())
        except ValueError:
            return
    elif entry.raw.startswith("-") or len(entry.raw) < len("20260329"):
        entry.unsaid.append(f"{entry.name}: part of a date")


def _email(entry: Entry, target: str) -> None:
    # "internet" is said of every address before 4.0, and is no type there.
    if target == "4.0":
        entry.put("TYPE", *[word for word in entry.types if word.lower() != "internet"])


def _label(entry: Entry, target: str) -> None:
    """Make the LABEL of an address a property of its own."""
    label = entry.get("LABEL")
    if target != "4.0" and label:
        entry.put("LABEL")
        types = [("TYPE", tuple(entry.types))] if entry.types else []
        entry.extra.append(Entry(entry.group, "LABEL", "LABEL", list(types), escape(label)))


_RULES: Final[dict[str, Sequence[Callable[[Entry, str], None]]]] = {
    **dict.fromkeys(BINARY, (_binary,)),
    **dict.fromkeys(_DATED, (_date,)),
    "GEO": (_geo,),
    "TEL": (_telephone,),
    "TZ": (_zone,),
    "UID": (_uid,),
    "EMAIL": (_email,),
    "ADR": (_label,),
}


def apply_rules(entry: Entry, target: str) -> None:
    """Change ``entry`` to what the version ``target`` says in its place."""
    _preference(entry, target)
    for rule in _RULES.get(entry.name, ()):
        rule(entry, target)

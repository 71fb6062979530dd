# SPDX-License-Identifier: Apache-2.0
"""Finding the names and addresses of many persons in texts, at a cost that does not grow so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from territoire_sante.model import (
    OppositionKind,
    OppositionList,
    PersonName,
    normalise_email,
    normalise_phone,
)

#: What stands where a name or an address was.
REDACTED: Final = "[…]"

# What no address holds, or only where nobody has one: a text puts it round an address.
_BESIDE: Final = r"\s@<>,;:\"'’()\[\]/?=&«»“”„‹›*`|{}~#!…"
_EMAIL: Final = re.compile(rf"(?<![^{_BESIDE}])[^{_BESIDE}]+@[^{_BESIDE}]+\.[^\W_]+")
_PHONE: Final = re.compile(r"(?<![\w+])\+?[0-9](?:[\s().\-/‐‑–]{0,3}\+?[0-9]){7,}(?!\w)")
_GROUP: Final = re.compile(r"\+?[0-9]+")
_DIGITS: Final = range(8, 16)
_TOKEN: Final = re.compile(r"\w+")
_BETWEEN: Final = r"[\s,'\-]+"


class _Plain(dict[int, str]):
    """For each character the one it is compared as: without case or accent, in one spelling."""

    def __missing__(self, code: int) -> str:
        base = unicodedata.normalize("NFKD", chr(code))[:1].casefold()
        # Positions are those of the text.
        self[code] = base if len(base) == 1 else chr(code)
        return self[code]


_PLAIN: Final = _Plain({ord(one): "'" for one in "’ʼ‘`´"} | {ord(one): "-" for one in "‐‑–"})


@attrs.frozen(kw_only=True)
class Finder:
    """
    Knows names by their longest word, and addresses by their one spelling.

    >>> finder = Finder.of(["Ada Lune", "ada@example.org", "04 66 00 00 00"])
    >>> finder.redacted("LUNE Ada (+33 4 66 00 00 00), avec Ada  LUNE, ada@example.org.")
    'LUNE Ada ([…]), avec […], […].'
    """

    names: dict[str, re.Pattern[str]]
    emails: frozenset[str]
    phones: frozenset[str]
    listed: OppositionList | None = None

    @classmethod
    def of(cls, words: Iterable[str], listed: OppositionList | None = None) -> Finder:
        """Sort words into names and addresses; ``listed`` adds addresses known by hash."""
        names: dict[str, set[str]] = {}
        emails: set[str] = set()
        phones: set[str] = set()
        for word in {one.strip() for one in words} - {""}:
            if _EMAIL.fullmatch(word):
                emails.add(normalise_email(word))
            elif _PHONE.fullmatch(word):
                phones.add(normalise_phone(word))
            elif tokens := _TOKEN.findall(_plain(unicodedata.normalize("NFC", word))):
                names.setdefault(max(tokens, key=len), set()).add(word)
        return cls(
            names={token: _pattern(found) for token, found in names.items()},
            emails=frozenset(emails),
            phones=frozenset(phones),
            listed=listed if listed is not None and listed.hashes else None,
        )

    def __bool__(self) -> bool:
        return bool(self.names or self.emails or self.phones or self.listed)

    def finds(self, text: str) -> bool:
        """Say whether a text holds one of them."""
        return self.redacted(text) != text

    def redacted(self, text: str) -> str:
        """Return the text with a mark in the place of each."""
        whole = unicodedata.normalize("NFC", text)
        shown = whole
        if self.names:
            for token in self.names.keys() & set(_TOKEN.findall(_plain(shown))):
                shown = _without(shown, self.names[token].finditer(_plain(shown)))
        if self.emails or self.phones or self.listed is not None:
            shown = _EMAIL.sub(self._unless_email, shown) if "@" in shown else shown
            shown = _PHONE.sub(self._unless_phone, shown)
        return text if shown == whole else shown

    def _unless_email(self, found: re.Match[str]) -> str:
        # What leads may be emphasis: no address begins with it.
        address = found[0].lstrip("_-.")
        known = normalise_email(address) in self.emails
        if known or self._is_listed(address, OppositionKind.EMAIL):
            return found[0].removesuffix(address) + REDACTED
        return found[0]

    def _unless_phone(self, found: re.Match[str]) -> str:
        """Redact what is known of a run of digits, which may be several numbers, or a day after."""
        run = found[0]
        groups = [group.span() for group in _GROUP.finditer(run)]
        shown, done = [], 0
        for place, (start, _) in enumerate(groups):
            if start >= done and run[start] in "+0":
                end = self._end_of_phone(run, start, groups[place:])
                if end:
                    shown += [run[done:start], REDACTED]
                    done = end
        return "".join([*shown, run[done:]])

    def _end_of_phone(self, run: str, start: int, groups: list[tuple[int, int]]) -> int:
        """Return where a number that begins at ``start`` ends if it is known, else 0."""
        ends, digits = [], 0
        for begin, end in groups:
            digits += end - begin
            if digits >= _DIGITS.stop or (begin > start and run[begin] == "+"):
                break
            if digits >= _DIGITS.start:
                ends.append(end)
        for end in reversed(ends):
            number = run[start:end]
            known = normalise_phone(number) in self.phones
            if known or self._is_listed(number, OppositionKind.PHONE):
                return end
        return 0

    def _is_listed(self, value: str, kind: OppositionKind) -> bool:
        return self.listed is not None and self.listed.holds(value, kind)


def _plain(text: str) -> str:
    """Return a text as it is compared, character for character."""
    return text.lower() if text.isascii() else text.translate(_PLAIN)


def _without(text: str, found: Iterable[re.Match[str]]) -> str:
    """Return a text with a mark in the place of each that was found."""
    shown, done = [], 0
    for one in found:
        shown += [text[done : one.start()], REDACTED]
        done = one.end()
    return "".join([*shown, text[done:]])


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Return what finds any of these words in a plain text, whatever joins their parts."""
    plain = {_plain(unicodedata.normalize("NFC", word)) for word in words}
    longest_first = sorted(plain, key=lambda word: (-len(word), word))
    parts = (
        _BETWEEN.join(re.escape(part) for part in re.split(_BETWEEN, word) if part)
        for word in longest_first
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")


def spellings(name: PersonName) -> Iterator[str]:
    """
    Yield the ways in which a text names somebody; a family name alone is nobody's.

    >>> sorted(spellings(PersonName(prefix="Dr", given="Ada", family="Lune")))
    ['Ada Lune', 'Dr Lune', 'Lune Ada']
    """
    yield from full_names(name)
    if name.prefix.strip() and name.family.strip():
        yield f"{name.prefix.strip()} {name.family.strip()}"


def full_names(name: PersonName) -> Iterator[str]:
    """Yield the given and the family name in both orders, also with a second name."""
    given, family, second = name.given.strip(), name.family.strip(), name.additional.strip()
    if given and family:
        yield f"{given} {family}"
        yield f"{family} {given}"
        if second:
            yield f"{given} {second} {family}"

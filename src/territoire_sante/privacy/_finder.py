# SPDX-License-Identifier: Apache-2.0
"""Finding the names and addresses of many persons in texts, at a cost that does not grow so."""

from __future__ import annotations

import re
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

_EMAIL: Final = re.compile(r"[^\s@<>,;:\"'()\[\]/?=&]+@[^\s@<>,;:\"'()\[\]/?=&]+\.[^\W_]+")
_PHONE: Final = re.compile(r"(?<![\w+])(?:\+|00?)[0-9](?:[ ().\-/]{0,2}[0-9]){7,14}(?!\w)")
_TOKEN: Final = re.compile(r"\w+")


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
            elif tokens := _TOKEN.findall(word.casefold()):
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
        if self.names:
            for token in self.names.keys() & set(_TOKEN.findall(text.casefold())):
                text = self.names[token].sub(REDACTED, text)
        if self.emails or self.phones or self.listed is not None:
            text = _EMAIL.sub(self._unless_email, text) if "@" in text else text
            text = _PHONE.sub(self._unless_phone, text)
        return text

    def _unless_email(self, found: re.Match[str]) -> str:
        known = normalise_email(found[0]) in self.emails
        return REDACTED if known or self._is_listed(found[0], OppositionKind.EMAIL) else found[0]

    def _unless_phone(self, found: re.Match[str]) -> str:
        known = normalise_phone(found[0]) in self.phones
        return REDACTED if known or self._is_listed(found[0], OppositionKind.PHONE) else found[0]

    def _is_listed(self, value: str, kind: OppositionKind) -> bool:
        return self.listed is not None and self.listed.holds(value, kind)


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Return what finds any of these words, whatever their case and the blanks in them."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    parts = (r"[\s,]+".join(map(re.escape, word.split())) for word in longest_first)
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)


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

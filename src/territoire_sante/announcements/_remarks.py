# SPDX-License-Identifier: Apache-2.0
"""What a rule of the linter is given, and what it answers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import attrs

from territoire_sante.model import Announcement, LabelledEnum

#: The texts that people read, in the order in which they are looked at.
TEXT_FIELDS: Final = ("title", "title_short", "body", "body_short", "place")

_ADDRESS: Final = re.compile(r"https?://\S{1,2000}", re.IGNORECASE)
_TRAILING: Final = ".,;:!?)»”\"'"
_EXCERPT: Final = 80


class RemarkLevel(LabelledEnum):
    """How much a remark matters: an error is wrong, a warning is probably, a hint may be better."""

    ERROR = "error", "Erreur", "Error"
    WARNING = "warning", "À vérifier", "Warning"
    HINT = "hint", "Conseil", "Hint"


class LinkState(LabelledEnum):
    """What became of looking at an address."""

    ALIVE = "alive", "Le lien fonctionne", "The link works"
    DEAD = "dead", "Le lien ne mène nulle part", "The link leads nowhere"
    UNKNOWN = "unknown", "Le lien n'a pas pu être vérifié", "The link could not be checked"


#: Looks at an address; it raises nothing but errors of this library, which count as UNKNOWN.
LinkChecker = Callable[[str], LinkState]


@attrs.frozen(kw_only=True)
class Remark:
    """One thing to look at: the rule's code, the field, a sentence, and the words it is about."""

    code: str
    severity: RemarkLevel
    field: str
    message_fr: str
    message_en: str
    excerpt: str = ""

    def message(self, language: str = "fr") -> str:
        """Return the sentence in ``language``: ``"fr"``, and English for any other."""
        return self.message_fr if language == "fr" else self.message_en


@attrs.frozen(kw_only=True)
class Found:
    """What a rule found; level and code are the rule's, unless it says otherwise."""

    field: str
    fr: str
    en: str
    excerpt: str = ""
    level: RemarkLevel | None = None


@attrs.frozen(kw_only=True)
class Setting:
    """What a rule may know beside the announcement: the day, the link checker, known acronyms."""

    today: dt.date
    links: LinkChecker | None = None
    acronyms: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Rule:
    """
    One rule: its code, how much it matters, what it looks at, and the function that looks.

    ``code`` never changes its meaning; a rule that is dropped leaves its number unused.
    """

    code: str
    level: RemarkLevel
    summary_fr: str
    summary_en: str
    check: Callable[[Announcement, Setting], Iterable[Found]]

    def remarks(self, announcement: Announcement, setting: Setting) -> Iterator[Remark]:
        """Yield what the rule has to say."""
        for found in self.check(announcement, setting):
            yield Remark(
                code=self.code,
                severity=found.level or self.level,
                field=found.field,
                message_fr=found.fr,
                message_en=found.en,
                excerpt=excerpt_of(found.excerpt),
            )


def excerpt_of(text: str) -> str:
    """Return a text, or its beginning with an ellipsis if it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else line[: _EXCERPT - 1].rstrip() + "…"


def texts_of(announcement: Announcement) -> Iterator[tuple[str, str]]:
    """Yield the fields that people read as prose, with their texts; empty ones are left out."""
    for field in TEXT_FIELDS:
        text: str = getattr(announcement, field)
        if text.strip():
            yield field, text


def french_texts_of(announcement: Announcement) -> Iterator[tuple[str, str]]:
    """Yield like :func:`texts_of`, but nothing of an announcement in another language."""
    language = announcement.language.casefold()
    if not language or language.partition("-")[0] == "fr":
        yield from texts_of(announcement)


def addresses_in(text: str) -> list[str]:
    """Return the web addresses in a text, without the punctuation after them."""
    return [found[0].rstrip(_TRAILING) for found in _ADDRESS.finditer(text)]


def without_addresses(text: str) -> str:
    """Return a text with its web addresses blanked out, each sign by a space."""
    return _ADDRESS.sub(lambda found: " " * len(found[0]), text)


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text; a line break ends one too."""
    plain = without_addresses(text)
    parts = re.split(r"(?<=[.!?…])[\s\u00a0\u202f]+(?=[^\W\d_])|[\r\n]+", _unabbreviated(plain))
    return [part.replace("\x00", ".").strip() for part in parts if part.strip()]


_ABBREVIATION: Final = re.compile(
    r"\b(M|MM|Dr|Drs|Pr|St|Ste|av|bd|tél|tel|p|ex|etc|cf|n|janv|févr|avr|juil|sept|oct|nov|déc"
    r"|lun|mar|mer|jeu|ven|sam|dim)\.",
    re.IGNORECASE,
)


def _unabbreviated(text: str) -> str:
    return _ABBREVIATION.sub(lambda found: found[1] + "\x00", text.replace("\x00", " "))

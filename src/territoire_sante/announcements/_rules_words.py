# SPDX-License-Identifier: Apache-2.0
"""Rules on words: capitals, long sentences, acronyms, typography."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from territoire_sante.announcements._acronyms import EVERYDAY, TRADE
from territoire_sante.announcements._remarks import (
    Found,
    Setting,
    french_texts_of,
    sentences_of,
    texts_of,
    without_addresses,
)
from territoire_sante.model import Announcement

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_TOKEN: Final = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_ROMAN: Final = re.compile(r"[IVXLCDM]+")
_PERSON: Final = re.compile(r"\b(?:M|MM|Mme|Mmes|Mlle|Dr|Drs|Pr|Me)\.?[\s\u00a0\u202f]{1,3}$")
_ACRONYM: Final = re.compile(r"(?<![\w@.#/-])[A-Z][A-Z0-9]{1,6}(?![\w@-])")
_MANY_MARKS: Final = re.compile(r"[!?]{2,}|…{2,}|\.{4,}")
_NO_SPACE: Final = re.compile(
    r"(?<=[^\s\u00a0\u202f!?;:(\[{«\"/])[;!?»](?![/\w])|(?<=[^\W\d_])[:](?=\s)"
)
_PLAIN_SPACE: Final = re.compile(r" [;:!?»](?=\s|$)")
_OPENING: Final = re.compile(r"«(?![\u00a0\u202f])")

_LONE_WORD: Final = 5
_SHOUTED_RUN: Final = 3
_LONG_SENTENCE: Final = 30
_LONG_WORD: Final = 7
_ENOUGH_WORDS: Final = 40
_HARD: Final = 60


def capitals(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find words and runs of words in capitals that are no acronyms."""
    for field, text in texts_of(announcement):
        for run in _runs(without_addresses(text)):
            if _shouts(run, setting):
                words = " ".join(run)
                yield Found(
                    field=field,
                    fr=f"« {words} » est en capitales : on le lit moins bien, et comme un cri. "
                    "Écrivez en minuscules.",
                    en=f"“{words}” is in capitals: harder to read, and read as shouting. "
                    "Write in lower case.",
                    excerpt=words,
                )


def _runs(text: str) -> Iterator[list[str]]:
    run: list[str] = []
    end = 0
    for found in _WORD.finditer(text):
        word = found[0]
        broken = bool(re.search(r"[.!?…;:(\n\r]|\d", text[end : found.start()]))
        if run and (broken or not _is_capital(word)):
            yield run
            run = []
        named = bool(_PERSON.search(text[max(0, found.start() - 8) : found.start()]))
        if _is_capital(word) and not named and not (run == [] and len(word) == 1):
            run.append(word)
        end = found.end()
    if run:
        yield run


def _is_capital(word: str) -> bool:
    return word.isupper()


def _shouts(run: list[str], setting: Setting) -> bool:
    words = [word for word in run if not _is_known(word, setting)]
    longest = max((len(part) for word in words for part in re.split(r"['’\-]", word)), default=0)
    return longest >= _LONE_WORD or (len(run) >= _SHOUTED_RUN and bool(words) and longest > 1)


def _is_known(word: str, setting: Setting) -> bool:
    bare = re.split(r"['’]", word)[-1].removesuffix("s")
    known = bare in EVERYDAY or bare in TRADE or bare in setting.acronyms
    return known or bool(_ROMAN.fullmatch(bare))


def acronyms(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find acronyms that nothing explains, once in each text."""
    for field, text in french_texts_of(announcement):
        plain = without_addresses(text)
        shouted = {word for run in _runs(plain) if _shouts(run, setting) for word in run}
        for word in dict.fromkeys(found[0] for found in _ACRONYM.finditer(plain)):
            if (word not in shouted or word in TRADE) and _needs_words(word, announcement, setting):
                meaning = TRADE.get(word) or setting.acronyms.get(word, "")
                yield Found(
                    field=field,
                    fr=f"Le sigle {word} n'est pas expliqué"
                    + (f" : {meaning} ?" if meaning else ". Écrivez-le en toutes lettres."),
                    en=f"The acronym {word} is not explained. Write it out.",
                    excerpt=word,
                )


def _needs_words(word: str, announcement: Announcement, setting: Setting) -> bool:
    letters = sum(sign.isalpha() for sign in word)
    if word in EVERYDAY or _ROMAN.fullmatch(word) or letters != len(word):
        return False
    known = word in TRADE or word in setting.acronyms
    if not known and len(word) >= _LONE_WORD:
        return False  # a word in capitals, which is another rule's
    for _, text in texts_of(announcement):
        if f"({word})" in text or re.search(rf"\b{word}s?[\s\u00a0]?\([^)]{{4}}", text):
            return False
        meaning = TRADE.get(word) or setting.acronyms.get(word, "")
        if meaning and meaning.casefold() in text.casefold():
            return False
    return True


def long_sentences(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find sentences of many words."""
    del setting
    for field, text in texts_of(announcement):
        for sentence in sentences_of(text):
            count = len(_TOKEN.findall(sentence))
            if count > _LONG_SENTENCE:
                yield Found(
                    field=field,
                    fr=f"Cette phrase fait {count} mots : coupez-la, "
                    f"{_LONG_SENTENCE} mots suffisent.",
                    en=f"This sentence has {count} words: split it, {_LONG_SENTENCE} are enough.",
                    excerpt=sentence,
                )


def readability(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Judge a body by the length of its sentences and words (the LIX index)."""
    del setting
    text = dict(french_texts_of(announcement)).get("body", "")
    words = _WORD.findall(without_addresses(text))
    sentences = [one for one in sentences_of(text) if _WORD.search(one)]
    if len(words) < _ENOUGH_WORDS or not sentences:
        return
    long_ones = sum(len(word) >= _LONG_WORD for word in words)
    index = round(len(words) / len(sentences) + 100 * long_ones / len(words))
    if index > _HARD:
        yield Found(
            field="body",
            fr=f"Le texte est difficile à lire (indice {index}, au plus {_HARD}) : "
            "des phrases plus courtes, des mots plus simples.",
            en=f"The body is hard to read (index {index}, at most {_HARD}): "
            "shorter sentences, plainer words.",
        )


def repeated_marks(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find runs of exclamation and question marks."""
    del setting
    for field, text in texts_of(announcement):
        for found in _MANY_MARKS.finditer(without_addresses(text)):
            yield Found(
                field=field,
                fr="Un seul signe suffit.",
                en="One mark is enough.",
                excerpt=text[max(0, found.start() - 20) : found.end()],
            )


def title_stop(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find a full stop at the end of a title."""
    del setting
    for field in ("title", "title_short"):
        text: str = getattr(announcement, field).rstrip()
        if text.endswith(".") and not text.endswith(("..", "etc.")):
            yield Found(
                field=field,
                fr="Un titre ne prend pas de point final.",
                en="A title takes no full stop.",
                excerpt=text,
            )


def typography(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find signs without the no-break space that French puts before them; once in each text."""
    del setting
    for field, text in french_texts_of(announcement):
        plain = without_addresses(text)
        places = [
            found.start()
            for pattern in (_NO_SPACE, _PLAIN_SPACE, _OPENING)
            for found in pattern.finditer(plain)
        ]
        if places:
            where = min(places)
            count = len(places)
            many_fr = "" if count == 1 else f" ({count} endroits)"
            many_en = "" if count == 1 else f" ({count} places)"
            yield Found(
                field=field,
                fr=f"Espace insécable devant « : ; ! ? » et dans les guillemets{many_fr}.",
                en=f"French puts a no-break space before : ; ! ? and inside of quotes{many_en}.",
                excerpt=plain[max(0, where - 20) : where + 10],
            )

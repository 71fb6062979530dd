# SPDX-License-Identifier: Apache-2.0
"""
Whether people see a sign: its title and text looked for on the public page.

The id that we gave the sign is not there, so that the texts themselves are compared. Blanks
apart, they must be the same for "visible"; a notice that is only alike is reported as such.
Two signs of one title are told apart by first matching those that are the same.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs

from territoire_sante.errors import ConnectorError, FormatError
from territoire_sante.formats import record
from territoire_sante.plugins import Confirmation, Shown, Stored
from territoire_sante_panneaupocket._lens import KEPT, text_of
from territoire_sante_panneaupocket._page import Notice, Page

#: The page may be some time behind; readers of it look every two hours at most.
PATIENCE: Final = dt.timedelta(days=1)

_PARIS: Final = ZoneInfo("Europe/Paris")
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae"})


@attrs.frozen(kw_only=True)
class _Wanted:
    """A sign to be found: what it says, and when it is due."""

    href: str
    title: str
    text: str
    files: int
    first: str
    last: str
    written: dt.datetime | None


def confirmations(
    items: Sequence[Stored], page: Page, *, now: dt.datetime
) -> Iterator[Confirmation]:
    """Yield what ``page`` shows of each item at ``now``, an aware time."""
    wanted = [_wanted(item) for item in items]
    free = list(page.notices)
    exact = {n: _taken(free, one, _same) for n, one in enumerate(wanted) if one is not None}
    for n, (item, one) in enumerate(zip(items, wanted, strict=True)):
        if one is None:
            yield Confirmation(item.ref.href, Shown.UNKNOWN, "Ce document n'est pas un panneau.")
            continue
        found = exact[n]
        yield _seen(one, found) if found is not None else _unlike(one, free, page, now)


def unconfirmed(items: Sequence[Stored], why: str) -> Iterator[Confirmation]:
    """Yield that nothing is known of any item: a failed reading proves nothing."""
    for item in items:
        yield Confirmation(item.ref.href, Shown.UNKNOWN, why)


def failed(error: ConnectorError) -> str:
    """Return why nothing is known, for a person."""
    return f"La page publique n'a pas pu être lue, rien n'en est conclu ({error.what})."


def same_text(text: str) -> str:
    r"""
    Return what two texts must have in common to be the same for a reader.

    >>> same_text("9 h\u202fà 12 h\n") == same_text("9 h à 12 h")
    True
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def folded(text: str) -> str:
    """
    Return letters and digits only, without case and accents, to find a text that was edited.

    >>> folded("Dépistage : « Cœur & santé »")
    'depistagecoeursante'
    """
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LIGATURES)
    return "".join(sign for sign in plain if sign.isalnum())


def _wanted(item: Stored) -> _Wanted | None:
    try:
        sign = item.document.parsed(record.parse)
    except FormatError:
        return None
    documents = sign.get("documents")
    return _Wanted(
        href=item.ref.href,
        title=str(sign.get("title") or ""),
        text=text_of(str(sign.get("content") or "")),
        files=len(documents) if isinstance(documents, list) else 0,
        first=str(sign.get("startAt") or ""),
        last=str(sign.get("endAt") or ""),
        written=_written(sign),
    )


def _written(sign: Mapping[str, Any]) -> dt.datetime | None:
    kept = sign.get(KEPT)
    told = kept.get("written") if isinstance(kept, dict) else None
    try:
        moment = dt.datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _taken(
    free: list[Notice], one: _Wanted, alike: Callable[[Notice, _Wanted], bool]
) -> Notice | None:
    found = sorted((n for n in free if alike(n, one)), key=lambda n: n.cancelled)
    if not found:
        return None
    free.remove(found[0])
    return found[0]


def _same(notice: Notice, one: _Wanted) -> bool:
    if same_text(notice.title) != same_text(one.title):
        return False
    return same_text(one.text) in {same_text(notice.text), same_text(notice.bare)}


def _seen(one: _Wanted, notice: Notice) -> Confirmation:
    if notice.cancelled:
        why = f"Le panneau porte le tampon « annulé » : {notice.url}"
        return Confirmation(one.href, Shown.DIFFERS, why)
    if len(notice.files) < one.files:
        why = f"Texte affiché, mais {len(notice.files)} fichier(s) sur {one.files} : {notice.url}"
        return Confirmation(one.href, Shown.DIFFERS, why)
    return Confirmation(one.href, Shown.VISIBLE, notice.url)


def _unlike(one: _Wanted, free: list[Notice], page: Page, now: dt.datetime) -> Confirmation:
    title, text = folded(one.title), folded(one.text)
    for notice in free:
        same_title = folded(notice.title) == title
        text_alike = text in {folded(notice.text), folded(notice.bare)}
        if (same_title and (title or text_alike)) or (text_alike and text):
            free.remove(notice)
            why = _difference(notice, title=same_title, text=text_alike)
            return Confirmation(one.href, Shown.DIFFERS, why)
    return _absent(one, page, now)


def _difference(notice: Notice, *, title: bool, text: bool) -> str:
    if title and text:
        return f"Affiché avec d'autres signes (accents, casse, ponctuation) : {notice.url}"
    if title:
        return f"Un panneau de ce titre est affiché avec un autre texte : {notice.url}"
    return f"Ce texte est affiché sous le titre « {notice.title} » : {notice.url}"


def _absent(one: _Wanted, page: Page, now: dt.datetime) -> Confirmation:
    today = now.astimezone(_PARIS).date().isoformat()
    if one.last and one.last < today:
        why = f"Sa publication s'est terminée le {_french(one.last)}."
        return Confirmation(one.href, Shown.GONE, why)
    if one.first > today:
        why = f"Sa publication commence le {_french(one.first)}."
        return Confirmation(one.href, Shown.UNKNOWN, why)
    if page.whole and page.notices and _overdue(one, now):
        why = "La page ne le montre plus : il a été archivé dans la console, ou refusé."
        return Confirmation(one.href, Shown.GONE, why)
    return Confirmation(one.href, Shown.UNKNOWN, "Pas encore visible sur la page publique.")


def _overdue(one: _Wanted, now: dt.datetime) -> bool:
    """Say whether it was sent, and due, so long ago that the page must show it by now."""
    yesterday = (now - PATIENCE).astimezone(_PARIS).date().isoformat()
    return one.written is not None and one.written + PATIENCE < now and one.first <= yesterday


def _french(day: str) -> str:
    return "/".join(reversed(day.split("-")))

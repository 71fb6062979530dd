# SPDX-License-Identifier: Apache-2.0
"""An announcement on a panel: pages of rows of cells, or every reason why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from territoire_sante.errors import AnnouncementRefusedError
from territoire_sante.formats.panel._cells import graphemes
from territoire_sante.formats.panel._fill import Filled, filled, width
from territoire_sante.formats.panel._glue import glue, unglued
from territoire_sante.formats.panel._profile import Alignment, PanelProfile
from territoire_sante.formats.panel._transliterate import Replaced, Transliterated, transliterate
from territoire_sante.model import Announcement, Reason

_FIELDS: Final = ("title", "body")
_NAMES_FR: Final = {"title": "Le titre", "body": "Le texte"}


@attrs.frozen(kw_only=True)
class Page:
    """What a panel shows at one time: ``rows`` of cells, each row as long as the panel is wide."""

    rows: tuple[tuple[str, ...], ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The rows as texts, with the blanks that align them."""
        return tuple("".join(row) for row in self.rows)

    @property
    def text(self) -> str:
        """What a person reads from top to bottom."""
        return " ".join(line.strip() for line in self.lines if line.strip())


@attrs.frozen(kw_only=True)
class Layout:
    """
    What became of an announcement on a panel.

    ``text`` is all of it in the panel's signs, one paragraph a line. It is read from ``pages``,
    which are empty if it does not fit; ``reasons`` says why. ``replaced`` names the signs
    that were written otherwise: show them to whoever approves the announcement.
    """

    profile: PanelProfile
    text: str
    pages: tuple[Page, ...] = ()
    replaced: tuple[Replaced, ...] = ()
    reasons: tuple[Reason, ...] = ()
    pages_needed: int = 0

    @property
    def fits(self) -> bool:
        """Say whether the whole can be shown."""
        return not self.reasons

    def or_refuse(self, *, where: str = "", language: str = "fr") -> tuple[Page, ...]:
        """
        Return the pages.

        Raises:
            AnnouncementRefusedError: it does not fit; with every reason.
        """
        if self.fits:
            return self.pages
        raise AnnouncementRefusedError(
            f"the announcement does not fit a panel of {self.profile.size}",
            reasons=[reason.message(language) for reason in self.reasons],
            where=where,
            remedy="Write a short text (title_short, body_short), or accept a proposal",
        )


def reading(pages: Sequence[Page]) -> str:
    """Return what a person reads who waits for all pages: the whole text on one line."""
    return " ".join(page.text for page in pages if page.text)


def layout(announcement: Announcement, profile: PanelProfile) -> Layout:
    """
    Lay an announcement out: its title, then its text, each with its short variant if need be.

    Words are never split. Dates, times, numbers and names with their title stay on one line;
    a day of the week stays on the page of its date.

    >>> notice = Announcement(
    ...     id="announcement:1", title="Dépistage", body="Samedi 14 novembre à 18 h 30"
    ... )
    >>> for line in layout(notice, PanelProfile.sized("4x16")).pages[0].lines:
    ...     print(line)
    Dépistage
    Samedi
    14 novembre
    à 18 h 30
    """
    first: Layout | None = None
    for title, body in _variants(announcement):
        one = _laid_out({"title": title, "body": body}, profile)
        if one.fits:
            return one
        first = first or one
    assert first is not None  # noqa: S101 - there is always the long one
    return first


def _variants(announcement: Announcement) -> Iterator[tuple[str, str]]:
    long = announcement.title, announcement.body
    short = announcement.title_short or long[0], announcement.body_short or long[1]
    # Saving on the body first: a title that says everything is read most.
    yield from dict.fromkeys((long, (long[0], short[1]), (short[0], long[1]), short))


def _laid_out(texts: dict[str, str], profile: PanelProfile) -> Layout:
    written = {
        field: [
            transliterate(glue(line), profile.charset)
            for line in texts[field].splitlines()
            if line.strip()
        ]
        for field in _FIELDS
    }
    everything = [one for field in _FIELDS for one in written[field]]
    result = filled(
        [one.text for one in everything], profile.rows, profile.columns, profile.pages_max
    )
    reasons = (
        *_sign_reasons(written),
        *_room_reasons(result, profile),
        *_empty_reasons(everything),
    )
    return Layout(
        profile=profile,
        text="\n".join(unglued(one.text) for one in everything),
        pages=() if reasons else tuple(_page(page, profile) for page in _texts(result)),
        replaced=_together(everything),
        reasons=reasons,
        pages_needed=len(result.pages),
    )


def _texts(result: Filled) -> Iterator[list[str]]:
    return ([unglued(line.text) for line in page] for page in result.pages)


def _page(lines: Sequence[str], profile: PanelProfile) -> Page:
    blank = [""] * (profile.rows - len(lines))
    return Page(rows=tuple(_row(line, profile) for line in (*lines, *blank)))


def _row(line: str, profile: PanelProfile) -> tuple[str, ...]:
    cells = graphemes(line)
    room = profile.columns - len(cells)
    before = {Alignment.LEFT: 0, Alignment.CENTRE: room // 2, Alignment.RIGHT: room}
    left = before[profile.alignment]
    return (*" " * left, *cells, *" " * (room - left))


def _together(parts: Sequence[Transliterated]) -> tuple[Replaced, ...]:
    counts: dict[tuple[str, str], int] = {}
    for one in (replaced for part in parts for replaced in part.replaced):
        counts[one.sign, one.by] = counts.get((one.sign, one.by), 0) + one.count
    return tuple(Replaced(sign=s, by=b, count=n) for (s, b), n in counts.items())


def _empty_reasons(everything: Sequence[Transliterated]) -> Iterator[Reason]:
    if not any(one.text.strip() for one in everything):
        yield Reason(
            field="title",
            message_fr="L'annonce est vide : rien à montrer.",
            message_en="The announcement is empty: there is nothing to show.",
        )


def _sign_reasons(written: dict[str, list[Transliterated]]) -> Iterator[Reason]:
    for field, parts in written.items():
        signs = list(dict.fromkeys(sign for part in parts for sign in part.missing))
        if signs:
            told = " ".join(_visible(sign) for sign in signs)
            yield Reason(
                field=field,
                message_fr=f"{_NAMES_FR[field]} a des signes que le panneau ne peut pas montrer : "
                f"{told}.",
                message_en=f"The {field} has signs that the panel cannot show: {told}.",
            )


def _visible(sign: str) -> str:
    shown = sign.replace("\u200d", "").isprintable()
    return sign if shown else " ".join(f"U+{ord(part):04X}" for part in sign)


def _room_reasons(result: Filled, profile: PanelProfile) -> Iterator[Reason]:
    for text in result.too_wide:
        yield Reason(
            field="text",
            message_fr=f"« {text} » fait {width(text)} signes et ne se coupe pas ; "
            f"une ligne du panneau en a {profile.columns}.",
            message_en=f"{text!r} has {width(text)} signs and is not split; "
            f"a line of the panel has {profile.columns}.",
        )
    for text in result.too_high:
        yield Reason(
            field="text",
            message_fr=f"« {text} » serait coupé entre deux pages de {profile.rows} lignes.",
            message_en=f"{text!r} would be torn over two pages of {profile.rows} lines.",
        )
    needed, most = len(result.pages), profile.pages_max
    if needed > most:
        yield Reason(
            field="text",
            message_fr=f"Il faut {needed} pages de {profile.rows} lignes de {profile.columns} "
            f"signes ; le panneau en montre {most}.",
            message_en=f"It takes {needed} pages of {profile.rows} lines of {profile.columns} "
            f"signs; the panel shows {most}.",
        )

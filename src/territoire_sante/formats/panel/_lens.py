# SPDX-License-Identifier: Apache-2.0
"""Announcements as the JSON that describes what a panel shows, pages and all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from territoire_sante.errors import AnnouncementRefusedError, FormatError
from territoire_sante.formats import record
from territoire_sante.formats._announcement_json import AnnouncementJson
from territoire_sante.formats._document import Document
from territoire_sante.formats.feed._values import instant_text
from territoire_sante.formats.panel._layout import Layout, layout
from territoire_sante.formats.panel._profile import PanelProfile
from territoire_sante.formats.panel._proposals import proposals
from territoire_sante.model import Announcement, shown_from, shown_until


def panel_lens(profile: PanelProfile) -> AnnouncementJson:
    """
    Return the lens of a panel: the fields of the announcement, and beside them what is shown.

    The further members are ``panel`` (the profile), ``pages`` (rows of text, padded to the
    panel's width), ``show_from`` and ``show_until`` (instants in UTC, ``null`` if open). An
    announcement that does not fit is refused by ``put``.
    """

    def derive(view: Announcement) -> Mapping[str, Any]:
        shown = layout(view, profile)
        if not shown.fits:
            raise _refusal(view, shown)
        return {
            "panel": {
                "rows": profile.rows,
                "columns": profile.columns,
                "charset": profile.charset.name,
                "encoding": profile.charset.encoding,
                "seconds_per_page": profile.seconds_per_page,
            },
            "show_from": _instant(shown_from(view)),
            "show_until": _instant(shown_until(view)),
            "pages": [list(page.lines) for page in shown.pages],
        }

    return AnnouncementJson(derive)


def pages_of(document: Document) -> tuple[tuple[str, ...], ...]:
    """
    Return the pages that a document of :func:`panel_lens` describes, as rows of text.

    Raises:
        FormatError: there are none in it.
    """
    pages = document.parsed(record.parse).get("pages")
    if not isinstance(pages, list) or not all(
        isinstance(page, list) and all(isinstance(row, str) for row in page) for page in pages
    ):
        raise FormatError("no pages of a panel", where="pages")
    return tuple(tuple(page) for page in pages)


def _refusal(view: Announcement, shown: Layout) -> AnnouncementRefusedError:
    """Return the reasons, and after them the ways out: who reads them decides."""
    ways = proposals(view, shown.profile)
    texts = [way.announcement for way in ways if way.announcement is not None]
    return AnnouncementRefusedError(
        f"the announcement does not fit a panel of {shown.profile.size}",
        reasons=[
            *(reason.message_fr for reason in shown.reasons),
            *(f"Proposition : {way.message_fr}" for way in ways),
        ],
        proposal=f"{texts[0].title}\n\n{texts[0].body}" if texts else None,
        where=view.uid,
        remedy="Write a short text (title_short, body_short), or accept a proposal",
    )


def _instant(when: dt.datetime | None) -> str | None:
    return None if when is None else instant_text(when)

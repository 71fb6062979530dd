# SPDX-License-Identifier: Apache-2.0
"""Laws of the fit over generated French texts and any limits; counted here, apart from the code."""

from __future__ import annotations

import html
import re
import unicodedata

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.model import (
    Announcement,
    Attachment,
    ChannelLimits,
    Markup,
    RequiredField,
    fit,
    marked_up,
)

LINKS = ["https://example.org/a", "http://example.org/une-page-au-nom-plus-long-que-vingt-trois"]
WORDS = st.sampled_from(
    [
        *(
            "Dépistage",
            "œil",
            "été",
            "e\u0301te\u0301",
            "🩺",
            "👩🏽‍⚕️",
            "ﬁn",
            "«\u00a0rose\u00a0»",
            "l’hôpital",
        ),
        *(
            "samedi 14 novembre",
            "de 9\u00a0h à 12\u00a0h",
            "04 66 00 00 00",
            "annulé",
            "&",
            "<b>",
            "*",
            "_a_",
        ),
        *(f"\n{line}" for line in ("- un", "1. deux", "# trois")),
        *LINKS,
    ]
)
TEXTS = st.lists(WORDS, max_size=12).map(" ".join)
ROOM = st.none() | st.integers(0, 120)
ANNOUNCEMENTS = st.builds(
    Announcement,
    id=st.just("announcement:1"),
    **dict.fromkeys(("title", "title_short", "body", "body_short"), TEXTS),
    url=st.sampled_from(["", *LINKS]),
    place=st.sampled_from(["", "Foyer"]),
    attachments=st.lists(
        st.builds(
            Attachment,
            url=st.sampled_from(["https://example.org/a.pdf", "https://example.org/b.webp"]),
            alt=st.sampled_from(["", "Affiche"]),
        ),
        max_size=3,
    ).map(tuple),
)
LIMITS = st.builds(
    ChannelLimits,
    title_min=st.integers(0, 3),
    title_max=ROOM,
    body_max=ROOM,
    text_max=ROOM,
    url_cost=st.sampled_from([None, 23]),
    summary_max=ROOM,
    url_max=st.sampled_from([None, 30]),
    lines_max=st.none() | st.integers(0, 4),
    markup=st.sampled_from(Markup),
    attachments_max=st.none() | st.integers(0, 2),
    attachment_types=st.sampled_from([(), ("application/pdf",)]),
    alt_max=st.sampled_from([None, 3]),
    required=st.lists(st.sampled_from([RequiredField.PLACE, RequiredField.TITLE]), max_size=1).map(
        tuple
    ),
)


def _counts(text: str) -> tuple[int, int]:
    return len(text), len(text.encode("utf-16-le")) // 2


def _within(text: str, room: int | None) -> bool:
    return room is None or max(_counts(text)) <= room


def _shared(one: Announcement, cost: int | None) -> int:
    """Count as a channel does that replaces each address it knows by signs."""
    whole = "\n\n".join(part for part in (one.title, one.body, one.url) if part)
    if cost is not None:
        whole = re.sub(r"https?://[a-z0-9./-]*[a-z0-9]", "x" * cost, whole)
    return max(_counts(whole))


def _holds(one: Announcement, limits: ChannelLimits) -> bool:
    files = [one for one in one.attachments if not one.url.endswith(".pdf")]
    return all(
        (
            len(one.title) >= limits.title_min,
            _within(one.title, limits.title_max),
            _within(one.body, limits.body_max),
            _within(marked_up(one.body, limits.markup), limits.body_max),
            limits.text_max is None or _shared(one, limits.url_cost) <= limits.text_max,
            limits.summary_max is None
            or _within(one.body_short or one.body, limits.summary_max)
            or _within(one.body, limits.summary_max),
            _within(one.url, limits.url_max),
            limits.lines_max is None or len(one.body.splitlines()) <= limits.lines_max,
            limits.attachments_max is None or len(one.attachments) <= limits.attachments_max,
            not limits.attachment_types or not files,
            limits.alt_max is None or all(len(file.alt) <= 3 for file in one.attachments),
            RequiredField.PLACE not in limits.required or bool(one.place),
        )
    )


@settings(max_examples=300, deadline=None)
@given(one=ANNOUNCEMENTS, limits=LIMITS)
def test_what_is_shown_has_room_and_is_whole(one, limits):
    """A text is shown whole, or as the variant that a person wrote, within every limit; or not."""
    result = fit(one, limits)

    assert result.fits is (result.shown is not None) is (not result.reasons)
    if result.shown is not None:
        assert _holds(result.shown, limits)
        assert result.shown.title in (one.title, one.title_short)
        assert result.shown.body in (one.body, one.body_short)
        assert result.shown == attrs.evolve(one, title=result.shown.title, body=result.shown.body)


@settings(max_examples=300, deadline=None)
@given(one=ANNOUNCEMENTS, limits=LIMITS)
def test_a_proposal_has_room_and_keeps_what_it_moves(one, limits):
    """A proposal fits as it is, and every word of the title and every file is still in it."""
    result = fit(one, limits)

    if result.proposal is None:
        return
    proposal = result.proposal
    assert _holds(proposal, limits)
    assert fit(proposal, limits).shown == proposal
    written = _plain(proposal.title + "\n" + proposal.body)
    if proposal.title != one.title_short:
        assert _plain(one.title) in written
    assert _plain(one.body) in written or _plain(one.body_short) in written
    kept = {file.url for file in proposal.attachments}
    assert all(file.url in kept or file.url in proposal.body for file in one.attachments)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


@settings(max_examples=150, deadline=None)
@given(one=ANNOUNCEMENTS, limits=LIMITS)
def test_more_room_never_refuses_more(one, limits):
    """Whoever lifts every length gets the long texts, and no new reason but what is insisted on."""
    free = attrs.evolve(
        limits,
        **dict.fromkeys(("title_max", "body_max", "text_max", "summary_max", "url_max"), None),
        **dict.fromkeys(("lines_max", "attachments_max", "alt_max"), None),
        attachment_types=(),
    )

    before = {reason.field for reason in fit(one, limits).reasons}
    result = fit(one, free)

    assert {reason.field for reason in result.reasons} <= before | {"title", "place"}
    if result.shown is not None:
        assert result.shown == one


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_a_paragraph_is_read_back_letter_by_letter(text):
    """What a browser shows of one paragraph is the text, line by line."""
    sent = marked_up(text, Markup.PARAGRAPH)
    inner = sent.removeprefix("<p>").removesuffix("</p>")

    assert html.unescape(inner.replace("<br />", "\n")) == text
    assert sent.count("<p>") == sent.count("</p>") == (1 if text else 0)

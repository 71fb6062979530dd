# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Announcement,
    AnnouncementCategory,
    Attachment,
    ChannelLimits,
    Markup,
    PostRate,
    RequiredField,
    fit,
    length,
    marked_up,
    summary_of,
    whole_text,
)

MASTODON = ChannelLimits(text_max=500, url_cost=23, attachments_max=4, alt_max=1500)
LINK = "https://example.org/agenda/2026/depistage-du-diabete-a-la-maison-de-sante"


def _announcement(**fields) -> Announcement:
    return Announcement(id="announcement:1", **fields)


def _reasons(one: Announcement, limits: ChannelLimits) -> list[str]:
    return [reason.field for reason in fit(one, limits).reasons]


@pytest.mark.parametrize(("signs", "fits"), [(464, True), (465, True), (466, False)])
def test_title_body_and_link_share_one_budget(signs, fits):
    """Two separators of two signs, a title of 8 and an address counted as 23 leave 465 signs."""
    one = _announcement(title="Dépistag", body="x" * signs, url=LINK)

    assert fit(one, MASTODON).fits is fits
    assert length(whole_text(one), 23) == signs + 35


def test_the_shared_budget_is_refused_in_sentences():
    """The reason names the sum, how addresses count, and the limit."""
    (reason,) = fit(_announcement(body="x" * 480, url=LINK), MASTODON).reasons

    assert reason.field == "text"
    assert reason.message_fr == (
        "Titre, texte et lien font ensemble 505 caractères (chaque adresse comptée pour 23) ; "
        "ce canal en accepte 500."
    )
    assert reason.message_en == (
        "Title, body and link have 505 characters together (each address counted as 23); "
        "this channel takes 500."
    )


@pytest.mark.parametrize(
    ("title", "short_title", "body", "short_body", "shown"),
    [
        (10, 5, 80, 40, (10, 80)),
        (10, 5, 95, 40, (10, 40)),
        (40, 5, 80, 0, (5, 80)),
        (60, 5, 95, 45, (5, 45)),
        (60, 5, 95, 98, (60, 95)),
    ],
)
def test_short_variants_serve_the_shared_budget(title, short_title, body, short_body, shown):
    """The body gives way before the title, and both only if it makes the text fit."""
    one = _announcement(
        title="t" * title,
        title_short="t" * short_title,
        body="b" * body,
        body_short="b" * short_body,
    )

    result = fit(one, ChannelLimits(text_max=100))

    assert result.fits is (sum(shown) + 2 <= 100)
    if result.shown is not None:
        assert (len(result.shown.title), len(result.shown.body)) == shown


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        (LINK, 23),
        ("http://example.org", 23),
        (f"Voir {LINK}.", 5 + 23 + 1),
        (f"({LINK})", 25),
        (f"« {LINK} »", 27),
        (f"{LINK} {LINK}", 47),
        ("https://é.example.org/", len("https://é.example.org/") + 23),
        (f"voir{LINK}", len(LINK) + 4 + 23),
        ("https://example.org/é", len("https://example.org/é") + 23),
    ],
)
def test_addresses_count_what_the_channel_says(text, counted):
    """An address that any counter takes for one costs a fixed sum, a doubtful one the most."""
    assert length(text, 23) == counted


@given(text=st.text())
def test_lengths_hold_in_both_units(text):
    """The length is never less than the code points, nor than the UTF-16 units."""
    assert length(text) == max(len(text), len(text.encode("utf-16-le", "surrogatepass")) // 2)


@pytest.mark.parametrize(
    ("limits", "fields", "expected"),
    [
        ({"title_min": 3}, {"title": "ab"}, ["title"]),
        ({"title_min": 2}, {"title": "ab"}, []),
        ({"url_max": 10}, {"title": "a", "url": LINK}, ["url"]),
        ({"summary_max": 10}, {"title": "a", "body": "b" * 11}, ["body_short"]),
        ({"summary_max": 10}, {"title": "a", "body": "b" * 11, "body_short": "b"}, []),
        ({"summary_max": 10}, {"title": "a"}, []),
        (
            {"alt_max": 3},
            {"attachments": (Attachment(url=LINK, alt="Plan"),)},
            ["attachments[0]"],
        ),
    ],
)
def test_each_limit_names_its_field(limits, fields, expected):
    """Minimum of the title, link, summary and description of a file are each held."""
    assert _reasons(_announcement(**fields), ChannelLimits(**limits)) == expected


GIVEN = _announcement(
    title="Dépistage",
    body="Entrée libre.",
    place="Maison de santé",
    event_start=dt.date(2026, 11, 14),
    url=LINK,
    audience=("48095",),
    publish_until=dt.date(2026, 11, 14),
)


@pytest.mark.parametrize(
    ("required", "without", "field"),
    [
        (RequiredField.TITLE, {"title": ""}, "title"),
        (RequiredField.BODY, {"body": " "}, "body"),
        (RequiredField.DATE, {"event_start": None}, "event_start"),
        (RequiredField.PLACE, {"place": ""}, "place"),
        (RequiredField.CATEGORY, {"category": AnnouncementCategory.OTHER}, "category"),
        (RequiredField.URL, {"url": ""}, "url"),
        (RequiredField.AUDIENCE, {"audience": ()}, "audience"),
        (RequiredField.PUBLISH_UNTIL, {"publish_until": None}, "publish_until"),
    ],
)
def test_what_a_channel_insists_on_is_asked_for(required, without, field):
    """A missing field is a reason that names it in both languages; a given one is none."""
    limits = ChannelLimits(required=(required,))

    assert fit(GIVEN, limits).fits
    (reason,) = fit(attrs.evolve(GIVEN, **without), limits).reasons
    assert reason.field == field
    assert reason.message_fr == f"Ce canal demande {required.label_fr}."
    assert reason.message_en == f"This channel asks for {required.label_en}."


def test_a_channel_without_titles_gets_the_title_as_first_line():
    """Where there is no title, the proposal moves it to the body and drops nothing."""
    proposal = fit(
        _announcement(title="Marche", body="Dimanche."), ChannelLimits(title_max=0)
    ).proposal

    assert proposal is not None
    assert (proposal.title, proposal.body) == ("", "Marche\nDimanche.")


@pytest.mark.parametrize(("markup", "room"), [(Markup.PLAIN, 5), (Markup.PARAGRAPH, 16)])
def test_the_body_is_counted_as_it_is_sent(markup, room):
    """Five signs are sent as sixteen where a paragraph and an escaped sign are needed."""
    one = _announcement(body="a & b")

    assert len(marked_up("a & b", markup)) == room
    assert fit(one, ChannelLimits(body_max=room, markup=markup)).fits
    assert not fit(one, ChannelLimits(body_max=room - 1, markup=markup)).fits


def test_markup_that_makes_it_too_long_is_named():
    """The refusal tells both counts when the text alone would have had room."""
    (reason,) = fit(
        _announcement(body="a & b"), ChannelLimits(body_max=10, markup=Markup.PARAGRAPH)
    ).reasons

    assert "5 caractères (16 avec sa mise en forme)" in reason.message_fr
    assert "5 characters (16 with its markup)" in reason.message_en


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("un_mot et _deux_", r"un_mot et \_deux\_"),
        ("- un\n1. deux\n# trois", "\\- un\\\n1\\. deux\\\n\\# trois"),
        ("14. novembre", "14\\. novembre"),
        ("[a](b) <c> `d` *e*", r"\[a\](b) \<c\> \`d\` \*e\*"),
        ("un\n\n\ndeux", "un\n\ndeux"),
    ],
)
def test_markdown_is_escaped(text, written):
    """Signs that Markdown would read are escaped, line breaks are hard ones."""
    assert marked_up(text, Markup.MARKDOWN) == written


@settings(max_examples=100)
@given(text=st.text("ab<>&_*-#1. \n", max_size=30), markup=st.sampled_from(Markup))
def test_markup_never_makes_a_text_vanish(text, markup):
    """Every letter of the text stands in what is sent, in the same order."""
    letters = [sign for sign in text if sign in "b1"]
    sent = marked_up(text, markup).replace("<br />", "")

    assert [sign for sign in sent if sign in "b1"] == letters


def test_a_summary_is_never_a_part_of_the_body():
    """The short body is taken, else the whole body, else none."""
    limits = ChannelLimits(summary_max=10)

    assert summary_of(_announcement(body="a" * 10), limits) == "a" * 10
    assert summary_of(_announcement(body="a" * 10, body_short="b"), limits) == "b"
    assert summary_of(_announcement(body="a" * 10, body_short="b" * 11), limits) == "a" * 10
    assert summary_of(_announcement(body="a" * 11), limits) is None
    assert summary_of(_announcement(), limits) == ""


def test_a_rate_says_when_the_next_post_may_go():
    """Three posts an hour: the fourth waits for the first to be an hour old."""
    rate = PostRate(posts=3, seconds=3600)
    now = dt.datetime(2026, 11, 14, 12, tzinfo=dt.UTC)
    sent = [now - dt.timedelta(minutes=minutes) for minutes in (50, 30, 10)]

    assert rate.next_at(sent[:2], now) == now
    assert rate.next_at(sent, now) == now + dt.timedelta(minutes=10)
    assert rate.next_at([*sent, now], now) == now + dt.timedelta(minutes=30)
    assert rate.next_at(sent, now + dt.timedelta(hours=1)) == now + dt.timedelta(hours=1)
    with pytest.raises(InvalidValueError):
        PostRate(posts=0, seconds=1)

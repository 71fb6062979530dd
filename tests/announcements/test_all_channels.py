# SPDX-License-Identifier: Apache-2.0
"""One notice over all channels at once: people read the whole of it, or nothing was sent."""

from __future__ import annotations

import datetime as dt
import tempfile
import unicodedata
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from territoire_sante import Store, sync
from territoire_sante.model import Announcement, AnnouncementState, Severity
from territoire_sante.sync import DeliveryState
from territoire_sante.testing.channels import all_channels

PARIS = ZoneInfo("Europe/Paris")
NOW = dt.datetime(2026, 11, 23, 9, tzinfo=PARIS)

WORDS = [
    "œuvre", "Cœur", "Æther", "ﬁn", "été", "e\u0301te\u0301", "Noe\u0308l", "garc\u0327on",
    "à", "l’école", "« bonjour »", "«\u00a0santé\u00a0»", "14\u00a0h\u00a030", "n°\u202f12",
    "5\u00a0€", "…", "–", "👩🏽‍⚕️", "🇫🇷", "𝒜",
    "<b>", "&amp;", "*gras*", "_lié_", "1.", "#santé", "@mairie", "04 66 00 00 00", "https://example.org/a?b=1&c=2",
    "samedi", "14 novembre 2026", "sans rendez-vous", "anticonstitutionnellement",
]  # fmt: skip
LINES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join)
TITLES = LINES | st.lists(st.sampled_from(WORDS), min_size=9, max_size=24).map(" ".join)
BODIES = st.lists(LINES, min_size=0, max_size=14).map("\n".join)
SHORT = st.just("") | LINES

LONG = "Été comme hiver, « sans rendez-vous », 5\u00a0€ 👩🏽‍⚕️ " * 12
ORDINARY = Announcement(
    id="announcement:1",
    title="Vaccination à la Maison de santé",
    body="Sans rendez-vous.",
    place="Salle des fêtes",
    event_start=dt.date(2026, 12, 5),
    publish_from=dt.date(2026, 11, 20),
    state=AnnouncementState.APPROVED,
)


@st.composite
def notices(draw):
    """Return announcements in the French of town halls, of all lengths, some with short texts."""
    return Announcement(
        id="announcement:1",
        title=draw(TITLES),
        body=draw(BODIES),
        title_short=draw(SHORT),
        body_short=draw(SHORT),
        severity=draw(st.sampled_from(Severity)),
        place="Salle des fêtes",
        publish_from=dt.date(2026, 11, 20),
        publish_until=dt.date(2026, 12, 5),
        event_start=dt.datetime(2026, 12, 5, 9, tzinfo=PARIS),
        event_end=dt.datetime(2026, 12, 5, 12, tzinfo=PARIS),
        state=AnnouncementState.APPROVED,
    )


def plain(text):
    """Return a text as it is compared: wherever its lines are broken, letter by letter."""
    return " ".join(text.split())


def folded(text):
    """Return letters, figures and pictures as a panel with few signs may write them."""
    for sign, written in {"œ": "oe", "Œ": "OE", "Æ": "AE", "æ": "ae", "€": "EUR"}.items():
        text = text.replace(sign, written)
    signs = unicodedata.normalize("NFKD", text)
    return "".join(one for one in signs if one.isalnum() or unicodedata.category(one) == "So")


def is_whole(channel, text, notice):
    """Say whether a text is the whole notice, with its long or its short texts."""
    titles = {notice.title, notice.title_short or notice.title}
    bodies = {notice.body, notice.body_short or notice.body}
    for title, body in product(titles, bodies):
        if channel == "panneau-lumineux" and folded(text) == folded(title + body):
            return True
        if channel == "a-copier" and all(plain(one) in plain(text) for one in (title, body)):
            return True
        if plain(text) == plain(f"{title}\n{body}"):
            return True
    return False


@settings(
    max_examples=settings.default.max_examples // 4, suppress_health_check=[HealthCheck.too_slow]
)
@given(notice=notices())
@example(notice=ORDINARY)
@example(notice=attrs.evolve(ORDINARY, body=LONG))
def test_people_read_all_of_it_or_nothing_was_sent(notice):
    """On every channel the text is whole or absent, and no service had to refuse anything."""
    with (
        tempfile.TemporaryDirectory() as folder,
        all_channels(Path(folder), clock=lambda: NOW) as channels,
        Store.open("sqlite://") as store,
    ):
        store.put(notice)
        for link in channels.links:
            plan = sync.plan(store, link, catalog=channels.catalog, now=NOW)
            sync.apply(store, plan, catalog=channels.catalog, now=NOW)
        told = {line.link: line for line in sync.deliveries(store)}
        shown, writes, pages = channels.shown(), channels.writes(), channels.pages()

    assert told.keys() == shown.keys()
    for name, line in told.items():
        if line.state is DeliveryState.REFUSED:
            assert shown[name] == (), name
            assert writes.get(name, 0) == 0, name
            assert line.reason_fr, name
        else:
            (text,) = shown[name]
            unread = DeliveryState.UNKNOWN if name == "a-copier" else DeliveryState.VISIBLE
            assert line.state is unread, (name, line.reason)
            assert is_whole(name, text, notice), (name, text)
    for page in (page for several in pages.values() for page in several):
        assert len(page) <= 8
        assert all(len(row) <= 20 for row in page)
    refused = {name for name, line in told.items() if line.state is DeliveryState.REFUSED}
    if notice == ORDINARY:
        assert refused == set()
    elif notice.title == ORDINARY.title:
        assert refused == {"agenda", "mastodon", "panneau-lumineux"}


def test_the_comparison_tells_what_is_cut():
    """What lacks one letter, or has one more, is not taken for whole."""
    notice = Announcement(id="announcement:1", title="Cœur", body="« été »", body_short="été")

    assert is_whole("panneau", "Cœur\n\n« été »", notice)
    assert is_whole("panneau-lumineux", "Coeur\nete", notice)
    for name in ("panneau", "panneau-lumineux", "a-copier"):
        assert not is_whole(name, "Cœur\n« ét", notice)
        assert not is_whole(name, "Cœu\n« été »", notice)

# SPDX-License-Identifier: Apache-2.0
"""Signs are confirmed by what the public page shows."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante.errors import ItemRefusedError
from territoire_sante.formats import Document
from territoire_sante.model import Announcement, Attachment, fit
from territoire_sante.plugins import Ref, Secret, Shown, Stored
from territoire_sante_panneaupocket import LIMITS, PANNEAU, PanneauPocketConfig
from territoire_sante_panneaupocket._transport import opened

NOON = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)
NOTICE = Announcement(
    id="announcement:1",
    uid="urn:example:1",
    title="Dépistage gratuit",
    body="Samedi 14 novembre, de 9\u202fh à 12\u202fh\nSalle des fêtes « Œuvre »",
    publish_from=dt.date(2026, 11, 2),
)
LATER = dt.timedelta(days=3)


@pytest.fixture
def config(board):
    """Give a configuration with the stand-in's API and page."""
    return PanneauPocketConfig(
        token=Secret("jeton-invente"), base_url=board.api_url, page=board.page_url, timeout=5
    )


@pytest.fixture
def signs(config):
    """Give the open transport."""
    with opened(config, clock=lambda: NOON) as transport:
        yield transport


def stored(now=NOON, **changes):
    """Return an item of the link, written at ``now``."""
    return Stored(Ref("a"), PANNEAU.put(attrs.evolve(NOTICE, **changes), now=now))


def looked(signs, item):
    """Return what is shown of one item."""
    (answer,) = signs.confirm([item])
    assert answer.href == item.ref.href
    return answer


def test_a_sign_that_people_see_is_visible(board, signs):
    """Title and text are compared as a reader sees them; the detail is the address to share."""
    item = stored()
    signs.create("a", item.document)

    answer = looked(signs, item)

    assert answer.shown is Shown.VISIBLE
    assert answer.detail == f"{board.page_url}?panneau={board.shown()[0].number}"


def test_an_accepted_sign_is_not_yet_visible(board, signs):
    """As long as the page does not show it, an answer of 201 proves nothing."""
    board.put_up("b", title="Marche")
    board.hold_page()
    signs.create("a", stored().document)

    waiting = looked(signs, stored())
    board.release_page()

    assert (waiting.shown, waiting.detail[:12]) == (Shown.UNKNOWN, "Pas encore v")
    assert looked(signs, stored()).shown is Shown.VISIBLE


@pytest.mark.parametrize(
    ("shown", "detail"),
    [
        ({"title": "Dépistage annulé"}, "sous le titre « Dépistage annulé »"),
        ({"content": "<p>Reporté</p>"}, "avec un autre texte"),
        ({"title": "DEPISTAGE GRATUIT"}, "avec d'autres signes"),
    ],
)
def test_an_edit_in_the_console_differs(board, signs, shown, detail):
    """What a person changed in the console is found, and what differs is said."""
    signs.create("a", stored().document)
    edited = {**board.signs["a"], **shown}
    del edited["id"]
    board.put_up("a", **edited)

    answer = looked(signs, stored())

    assert answer.shown is Shown.DIFFERS
    assert detail in answer.detail


def test_a_stamp_differs(board, signs):
    """A sign that is stamped as cancelled is not what was published."""
    signs.create("a", stored().document)
    board.cancel("a")

    assert looked(signs, stored()).shown is Shown.DIFFERS
    assert "tampon" in looked(signs, stored()).detail


def test_a_missing_file_differs(board, signs):
    """If fewer files are shown than were sent, that is said."""
    with_file = stored(attachments=(Attachment(url="https://example.org/a.pdf"),))
    signs.create("a", with_file.document)
    assert looked(signs, with_file).shown is Shown.VISIBLE
    bare = {k: v for k, v in board.signs["a"].items() if k not in {"id", "documents"}}
    board.put_up("a", **bare)

    assert looked(signs, with_file).shown is Shown.DIFFERS
    assert "0 fichier(s) sur 1" in looked(signs, with_file).detail


def test_what_was_archived_is_gone_after_a_day(board, config):
    """Missing since more than a day, on a page that shows others, it was taken down."""
    board.put_up("b", title="Marche")
    with opened(config, clock=lambda: NOON + LATER) as later:
        assert looked(later, stored()).shown is Shown.GONE
        assert looked(later, stored(now=None)).shown is Shown.UNKNOWN
        assert looked(later, stored(publish_from=dt.date(2026, 11, 13))).shown is Shown.UNKNOWN
        assert looked(later, stored(now=NOON + LATER)).shown is Shown.UNKNOWN


def test_a_page_that_is_not_whole_takes_nothing_away(board, config):
    """With notices that cannot be told apart, or none at all, missing is not gone."""
    with opened(config, clock=lambda: NOON + LATER) as later:
        assert looked(later, stored()).shown is Shown.UNKNOWN
        board.put_up("b", title="Marche")
        board.put_up("c", title="Loto")
        board.hide_shares(1)
        assert looked(later, stored()).shown is Shown.UNKNOWN


def test_the_days_of_publication_are_known(board, signs):
    """After its last day a sign is gone, before its first one it is not due."""
    over = looked(signs, stored(publish_until=dt.date(2026, 11, 9)))
    early = looked(signs, stored(publish_from=dt.date(2026, 11, 11)))

    assert (over.shown, over.detail) == (Shown.GONE, "Sa publication s'est terminée le 09/11/2026.")
    assert early.shown is Shown.UNKNOWN
    assert "11/11/2026" in early.detail


def test_two_signs_of_one_title_are_told_apart(board, signs):
    """The one that is the same is taken first, so that the other is found to be missing."""
    one, other = stored(), attrs.evolve(stored(body="Reporté"), ref=Ref("b"))
    signs.create("b", other.document)

    answers = {one.href: one.shown for one in signs.confirm([one, other])}

    assert answers == {"a": Shown.UNKNOWN, "b": Shown.VISIBLE}


@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"status": 404}, {"body": "<html>"}, {"status": 302, "location": "/ville/1"}],
    ids=str,
)
def test_a_failed_reading_proves_nothing(board, config, fault):
    """Whatever is wrong with the page, each answer is UNKNOWN, and the reason is told."""
    signs_later = opened(config, clock=lambda: NOON + LATER)
    with signs_later as later:
        later.create("a", stored().document)
        board.fail_page(**fault)
        answers = list(later.confirm([stored(), attrs.evolve(stored(), ref=Ref("b"))]))

    assert {one.shown for one in answers} == {Shown.UNKNOWN}
    assert all("rien n'en est conclu" in one.detail for one in answers)


def test_without_a_page_nothing_is_confirmed(config):
    """The answer names the option that is missing; nothing is asked."""
    with opened(attrs.evolve(config, page="")) as signs:
        answer = looked(signs, stored())
        facts = {fact.key: fact for fact in signs.diagnose()}

    assert answer.shown is Shown.UNKNOWN
    assert "option « page »" in answer.detail
    assert (facts["followers"].value, facts["entity"].good) == ("128", False)


def test_doctor_shows_whose_page_it_is(board, signs):
    """Beside the token's followers stands the entity of the page; a page that fails is told."""
    signs.create("a", stored().document)
    facts = {fact.key: fact for fact in signs.diagnose()}
    board.fail_page(404)
    failed = {fact.key: fact for fact in signs.diagnose()}

    assert facts["entity"].value == "Exempleville (48000)"
    assert not failed["entity"].good
    assert "404" in failed["entity"].found.fr


@pytest.mark.parametrize("data", [b"junk", b"[]"])
def test_what_is_no_sign_is_unknown(signs, data):
    """A document that is none is not looked for."""
    assert (
        looked(signs, Stored(Ref("a"), Document(data, "application/json"))).shown is Shown.UNKNOWN
    )


@pytest.mark.parametrize("written", ["junk", 3, "2026-11-01T12:00:00"])
def test_a_time_that_cannot_be_read_counts_as_none(board, config, written):
    """Without a sure time of sending nothing is taken for gone."""
    board.put_up("b", title="Marche")
    exact = b'"2026-11-10T12:00:00+00:00"'
    assert exact in stored().document.data
    data = stored().document.data.replace(exact, json.dumps(written).encode())
    with opened(config, clock=lambda: NOON + LATER) as later:
        answer = looked(later, Stored(Ref("a"), Document(data, "application/json")))

    assert answer.shown is Shown.UNKNOWN


PIECES = st.sampled_from(
    [
        *(
            "œuvre",
            "e\u0301te\u0301",
            "🩺",
            "👨‍👩‍👧",
            "« oui »",
            "\u00a0!",
            "\u202f:",
            "’",
            "–",
            "…",
            "ﬁn",
        ),
        *("\n", "\n\n\n", "<b>", "&amp;", "</div>", "12 h", " ", "x" * 20, "Samedi"),
    ]
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    title=st.lists(PIECES, max_size=6).map("".join),
    body=st.lists(PIECES, max_size=8).map("".join),
    short=st.sampled_from(["", "Dépistage"]),
)
def test_a_reader_sees_the_full_text_or_nothing_was_sent(board, signs, title, body, short):
    """Over French texts, the stand-in shows all of it, which is confirmed, or it was refused."""
    notice = attrs.evolve(NOTICE, title=title, body=body, title_short=short)
    document = PANNEAU.put(notice, now=NOON)
    before = board.signs
    if "a" in before:
        board.archive("a")
    wanted = fit(notice, LIMITS).shown
    try:
        signs.create("a", document)
    except ItemRefusedError:
        assert "a" not in board.signs
        assert wanted is None or not (wanted.title.strip() or wanted.body.strip())
        return
    (seen,) = board.shown()
    assert wanted is not None
    assert seen.title == wanted.title
    assert unicodedata.normalize("NFC", " ".join(seen.text.split())) == unicodedata.normalize(
        "NFC", " ".join(wanted.body.split())
    )
    assert max(len(seen.title), len(seen.title.encode("utf-16-le")) // 2) <= 50
    assert looked(signs, Stored(Ref("a"), document)).shown is Shown.VISIBLE


@pytest.mark.parametrize("sign", ["x", "é", "e\u0301", "🩺", "ﬁ", "\u202f", "«", "👨‍👩‍👧"])
def test_titles_of_fifty_pass_and_of_fifty_one_do_not(board, signs, sign):
    """The limit holds at n-1, n and n+1, in code points and in UTF-16 units."""
    units = len(sign.encode("utf-16-le")) // 2
    for wanted in (49, 50, 51):
        title = sign * (wanted // units) + "a" * (wanted % units)
        document = PANNEAU.put(attrs.evolve(NOTICE, title=title), now=NOON)
        if wanted <= 50:
            signs.create("a", document)
            assert board.signs["a"]["title"] == title
            board.archive("a")
        else:
            with pytest.raises(ItemRefusedError):
                signs.create("a", document)
            assert dict(board.signs) == {}

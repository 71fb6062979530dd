# SPDX-License-Identifier: Apache-2.0
"""What readers see: the whole text or nothing, counted by the other side, and confirmed."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante.errors import InputError, ItemRefusedError
from territoire_sante.formats import Document
from territoire_sante.model import Announcement, whole_text
from territoire_sante.plugins import Ref, Shown, Stored
from territoire_sante.testing.mastodon import MastodonServer
from territoire_sante_mastodon import NOTICE, StatusVisibility
from territoire_sante_mastodon._transport import opened

VIEW = Announcement(id="announcement:1", uid="urn:example:1", title="Dépistage", body="Samedi")
DOCUMENT = NOTICE.put(VIEW)

#: One unit of each kind: ASCII, accent, ligature, emoji (2 units), combining accent, guillemets.
UNITS = ["x", "é", "œ", "🩺", "e\u0301", "«\u00a0»", "👨‍👩‍👧"]

WORDS = st.sampled_from(
    [
        *UNITS, "Dépistage", "cœur", "9\u202fh", "l'hôpital", "l’été", "…", "–", "&", "<b>", "#1",
        "sans\u00a0rendez-vous", "https://example.org/une-page", "https://example.org/é?a=1&b=2",
        "mairie@example.org", "@mairie", "http://", "(https://example.org/a)", "\n", "\n\n\n",
    ]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=70).map(" ".join)


def _units(text: str) -> int:
    return max(len(text), len(text.encode("utf-16-le")) // 2)


def _seen(text: str) -> list[str]:
    return text.split()


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(title=TEXTS, body=TEXTS, url=st.sampled_from(["", "https://example.org/a-long-address"]))
def test_a_reader_sees_the_whole_text_or_nothing_was_sent(server, statuses, title, body, url):
    """Whatever the text, the status shows all of it, word by word, or there is none."""
    view = attrs.evolve(VIEW, title=title, body=body, url=url)
    before = {one.id for one in server.shown()}
    try:
        ref = statuses.create("law", NOTICE.put(view))
    except (ItemRefusedError, InputError):
        assert {one.id for one in server.shown()} == before
        return
    (seen,) = (one for one in server.shown() if one.id == ref.href)
    assert _seen(seen.text) == _seen(whole_text(view))
    statuses.delete(ref)
    server._deleted_at.clear()
    server._asked_at.clear()


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_the_limit_holds_in_code_points_and_utf_16_units(server, statuses, unit, beyond):
    """At n-1 and n all is shown, at n+1 nothing is sent; the stand-in counts for itself."""
    room = 500 - _units("Dépistage\n\n") + beyond
    body = unit * (room // _units(unit)) + "x" * (room % _units(unit))
    assert _units(f"Dépistage\n\n{body}") == 500 + beyond
    document = NOTICE.put(attrs.evolve(VIEW, body=body))
    if beyond <= 0:
        ref = statuses.create("limit", document)
        assert server.shown()[0].text == f"Dépistage\n\n{body}"
        assert ref.href == server.shown()[0].id
        return
    with pytest.raises(ItemRefusedError):
        statuses.create("limit", document)
    assert [one for one in server.requests if one.method == "POST"] == []


def test_an_address_counts_as_what_the_instance_says(server, statuses):
    """A link of 200 characters counts as 23, on both sides."""
    url = "https://example.org/" + "a" * 180
    body = "x" * (500 - 23 - 2 - len("Dépistage\n\n"))

    statuses.create("link", NOTICE.put(attrs.evolve(VIEW, body=body, url=url)))
    with pytest.raises(ItemRefusedError):
        statuses.create("link", NOTICE.put(attrs.evolve(VIEW, body=body + "x", url=url)))

    (seen,) = server.shown()
    assert seen.text.endswith(url)


def _confirmed(statuses, ref, document=DOCUMENT):
    (answer,) = statuses.confirm([Stored(ref, document)])
    assert answer.href == ref.href
    return answer


def test_what_readers_see_is_visible(server, statuses):
    """A status is confirmed by what somebody without an account reads, with its address."""
    ref = statuses.create("a", DOCUMENT)

    answer = _confirmed(statuses, ref)

    assert answer.shown is Shown.VISIBLE
    assert answer.detail == f"{server.origin}/@mairie/{ref.href}"


def test_a_link_of_which_a_part_is_hidden_is_still_the_same_text(statuses):
    """Mastodon shows 30 characters of an address and hides the rest in the same text."""
    document = NOTICE.put(attrs.evolve(VIEW, url="https://example.org/" + "a" * 100 + "?b=1&c=2"))

    assert _confirmed(statuses, statuses.create("a", document), document).shown is Shown.VISIBLE


def test_an_edit_on_the_site_differs(server, statuses):
    """A text that a person changed on the site is told as different, with its address."""
    ref = statuses.create("a", DOCUMENT)
    server.edit(ref.href, "Dépistage\n\nDimanche")

    answer = _confirmed(statuses, ref)

    assert answer.shown is Shown.DIFFERS
    assert "autre texte" in answer.detail


def test_a_deleted_status_is_gone(server, statuses):
    """A status that a person or a moderator deleted is gone."""
    ref = statuses.create("a", DOCUMENT)
    server.remove(ref.href)

    assert _confirmed(statuses, ref).shown is Shown.GONE


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 200, "html": True}])
def test_a_failed_reading_proves_nothing(server, statuses, fault):
    """A failure or a web page is unknown, never gone; the others are still looked at."""
    first, second = (statuses.create(f"n-{n}", NOTICE.put(attrs.evolve(VIEW, body=f"n {n}")))
                     for n in range(2))  # fmt: skip
    server.fail(**fault, on=f"GET /api/v1/statuses/{first.href}")
    items = [Stored(ref, NOTICE.put(attrs.evolve(VIEW, body=f"n {n}")))
             for n, ref in enumerate((first, second))]  # fmt: skip

    answers = list(statuses.confirm(items))

    assert [one.shown for one in answers] == [Shown.UNKNOWN, Shown.VISIBLE]


def test_a_document_that_is_no_announcement_is_unknown(statuses):
    """Nothing can be said of what was never sent."""
    item = Stored(Ref("1"), Document(b"junk", "application/json"))

    assert [one.shown for one in statuses.confirm([item])] == [Shown.UNKNOWN]


def test_an_instance_that_hides_its_statuses_is_read_with_the_account(settings):
    """Where nobody reads without signing in, the confirmation says how it was read."""
    with (
        MastodonServer(token="jeton-invente", closed=True) as server,
        opened(settings(server)) as statuses,
    ):
        answer = _confirmed(statuses, statuses.create("a", DOCUMENT))

    assert answer.shown is Shown.VISIBLE
    assert answer.detail.endswith("(lu avec le compte)")


def test_a_status_for_followers_is_read_as_one_of_them(settings, server):
    """With visibility = private no stranger sees it, and that is as it should be."""
    with opened(settings(visibility=StatusVisibility.PRIVATE)) as statuses:
        answer = _confirmed(statuses, statuses.create("a", DOCUMENT))

    assert answer.shown is Shown.VISIBLE
    assert server.shown() == ()

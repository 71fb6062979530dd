# SPDX-License-Identifier: Apache-2.0
"""A failing instance: nothing is doubled, and people are told what to do."""

from __future__ import annotations

import attrs
import pytest

from territoire_sante.errors import (
    AuthError,
    ItemRefusedError,
    OutcomeUnknownError,
    ProtocolError,
    RetryableError,
    UnreachableError,
)
from territoire_sante.model import Announcement
from territoire_sante.plugins import Secret
from territoire_sante.testing.mastodon import MastodonServer
from territoire_sante_mastodon import NOTICE, MastodonConfig
from territoire_sante_mastodon._transport import LOST_FOR, opened

VIEW = Announcement(
    id="announcement:1",
    uid="urn:example:1",
    title="Dépistage gratuit",
    body="Samedi, 9 h - 12 h",
    url="https://example.org/depistage",
)
DOCUMENT = NOTICE.put(VIEW)
CHANGED = NOTICE.put(attrs.evolve(VIEW, body="Reporté à dimanche"))


@pytest.mark.parametrize("hour", ["within", "after"])
def test_a_lost_answer_never_doubles_a_status(server, statuses, hour):
    """Repeated within the hour of the key or after it, a creation leaves one status."""
    server.lose_answers()
    with pytest.raises(OutcomeUnknownError, match="harmless"):
        statuses.create("depistage-1", DOCUMENT)
    if hour == "after":
        server.forget_keys()

    ref = statuses.create("depistage-1", DOCUMENT)

    assert [one.id for one in server.shown()] == [ref.href]


def test_a_key_of_idempotency_holds_where_the_listing_is_behind(server, statuses):
    """If the account's page does not show the lost status yet, the key still prevents a second."""
    server.lose_answers()
    with pytest.raises(OutcomeUnknownError):
        statuses.create("depistage-1", DOCUMENT)
    first = server.shown()

    statuses._look_back = 0
    ref = statuses.create("depistage-1", DOCUMENT)

    assert server.shown() == first
    assert ref.href == first[0].id


def test_a_status_stored_before_a_failure_is_not_doubled(server, statuses):
    """500 after storing leaves the outcome open; the next attempt takes what is there."""
    server.fail(500, stored=True, on="POST")
    with pytest.raises(OutcomeUnknownError):
        statuses.create("depistage-1", DOCUMENT)
    server.forget_keys()

    ref = statuses.create("depistage-1", DOCUMENT)

    assert [one.id for one in server.shown()] == [ref.href]


def test_a_lost_status_is_edited_if_the_notice_was_changed_meanwhile(server, statuses):
    """Title and link recognise a lost status whose announcement has another body by now."""
    statuses.recognise(())
    server.lose_answers()
    with pytest.raises(OutcomeUnknownError):
        statuses.create("depistage-1", DOCUMENT)
    server.forget_keys()

    ref = statuses.create("depistage-1", CHANGED)

    (seen,) = server.shown()
    assert seen.id == ref.href
    assert "Reporté à dimanche" in seen.text


def test_an_old_status_of_that_title_is_another_notice(server, statuses, clock):
    """After a week, what has the same title and link is not taken for a lost status."""
    statuses.recognise(())
    server.lose_answers()
    with pytest.raises(OutcomeUnknownError):
        statuses.create("depistage-1", DOCUMENT)
    clock.advance(seconds=LOST_FOR.total_seconds())

    statuses.create("depistage-2", CHANGED)

    assert len(server.shown()) == 2


def test_a_lost_edit_may_be_repeated(server, statuses):
    """An edit whose answer was lost is repeated as it is."""
    ref = statuses.create("depistage-1", DOCUMENT)
    server.lose_answers()
    with pytest.raises(OutcomeUnknownError):
        statuses.replace(ref, CHANGED)

    statuses.replace(ref, CHANGED)

    (seen,) = server.shown()
    assert "dimanche" in seen.text


def test_a_refused_token_says_who_renews_it_where(server):
    """401 names in French the place where a new token is made, and never the token."""
    config = MastodonConfig(token=Secret("un-autre"), base_url=server.origin)
    with pytest.raises(AuthError) as caught, opened(config):
        pytest.fail("opened")

    assert "Préférences, Développement" in caught.value.remedy
    assert "un-autre" not in str(caught.value)


def test_a_missing_scope_says_so(server, statuses):
    """403 says that the token lacks a right, not that it is unknown."""
    server.fail(403, on="POST")
    with pytest.raises(AuthError) as caught:
        statuses.create("depistage-1", DOCUMENT)

    assert "droits read et write" in caught.value.remedy


def test_what_the_instance_refuses_is_told_in_its_words(server, statuses):
    """422 is final for the item, with the message of the instance."""
    server.max_characters = 20
    with pytest.raises(ItemRefusedError, match="character limit of 20") as caught:
        statuses.create("depistage-1", DOCUMENT)

    assert "Corrigez l'annonce" in caught.value.remedy
    assert server.shown() == ()


def test_the_service_is_asked_again_when_its_own_header_says(server, statuses, clock):
    """429 is retried at the time in X-RateLimit-Reset, which is no number of seconds."""
    headers = {"X-RateLimit-Reset": "2999-01-01T00:00:00.000Z"}
    server.fail(429, headers=headers, on="POST")
    with pytest.raises(RetryableError) as caught:
        statuses.create("depistage-1", DOCUMENT)

    assert caught.value.retry_after == 7200.0
    assert "patience" in caught.value.remedy
    statuses.create("depistage-1", DOCUMENT)
    assert len(server.shown()) == 1


def test_thirty_deletions_in_half_an_hour_are_too_many(settings):
    """The limit on deletions is the service's own; what was refused is still shown."""
    with (
        MastodonServer(token="jeton-invente", deletions=1) as server,
        opened(settings(server)) as statuses,
    ):
        refs = [statuses.create(f"n-{n}", NOTICE.put(attrs.evolve(VIEW, title=f"N {n}")))
                for n in range(2)]  # fmt: skip
        statuses.delete(refs[0])
        with pytest.raises(RetryableError) as caught:
            statuses.delete(refs[1])

        assert 1700 < caught.value.retry_after <= 1800
        assert [one.id for one in server.shown()] == [refs[1].href]


@pytest.mark.parametrize("status", [200, 502])
def test_a_web_page_is_never_taken_for_an_answer(server, statuses, status):
    """A proxy's page in answer to a write leaves its outcome open."""
    server.fail(status, html=True, on="POST")
    with pytest.raises(OutcomeUnknownError):
        statuses.create("depistage-1", DOCUMENT)

    assert server.shown() == ()


def test_another_site_is_no_instance(server, settings):
    """An address that answers with web pages is refused when it is opened."""
    server.fail(200, html=True, on="GET")
    with pytest.raises(ProtocolError), opened(settings()):
        pytest.fail("opened")


def test_no_answer_in_time_leaves_the_outcome_open(server):
    """A write that takes too long may have happened; it is not told as refused."""
    config = MastodonConfig(token=Secret("jeton-invente"), base_url=server.origin, timeout=0.3)
    with opened(config) as statuses:
        server.delay(0.0, times=2)
        server.delay(1.0)
        with pytest.raises(OutcomeUnknownError):
            statuses.create("depistage-1", DOCUMENT)


def test_an_instance_that_is_down_is_told_as_such(settings):
    """Without a server the error says that none can be reached."""
    with MastodonServer(token="jeton-invente") as server:
        config = settings(server)
    with pytest.raises(UnreachableError), opened(config):
        pytest.fail("opened")

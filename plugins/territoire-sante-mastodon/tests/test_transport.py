# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import attrs
import pytest

from territoire_sante.errors import ConfigError, ItemNotFoundError, ItemRefusedError
from territoire_sante.formats import Document
from territoire_sante.model import Announcement, Severity
from territoire_sante.plugins import Ref, Secret, Stored, structure_config
from territoire_sante.testing.mastodon import MastodonServer
from territoire_sante_mastodon import MASTODON, NOTICE, MastodonConfig
from territoire_sante_mastodon._transport import opened

VIEW = Announcement(
    id="announcement:1",
    uid="urn:example:1",
    title="Dépistage gratuit",
    body="Samedi 14 novembre, 9 h - 12 h\nSalle des fêtes",
    url="https://example.org/depistage-gratuit-du-diabete",
)
TEXT = (
    "Dépistage gratuit\n\nSamedi 14 novembre, 9 h - 12 h\nSalle des fêtes\n\n"
    "https://example.org/depistage-gratuit-du-diabete"
)


def _document(**changes) -> Document:
    return NOTICE.put(attrs.evolve(VIEW, **changes))


def _writes(server):
    return [(one.method, one.status) for one in server.requests if one.method != "GET"]


def test_a_status_is_sent_whole(server, statuses):
    """A creation is one POST with title, body and link as one text, in its language."""
    ref = statuses.create("depistage-1", _document())

    (seen,) = server.shown()
    assert (seen.id, seen.text, seen.language) == (ref.href, TEXT, "fr")
    assert _writes(server) == [("POST", 200)]
    assert server.requests[-1].body["visibility"] == "public"


def test_creating_twice_leaves_one_status(server, statuses):
    """Repeating a creation ends with one status and the same ref, without a second POST."""
    first = statuses.create("depistage-1", _document())
    server.forget_keys()
    with_nothing_known = attrs.evolve(first)

    statuses._known.clear()
    assert statuses.create("depistage-1", _document()) == with_nothing_known
    assert statuses.replay_safe
    assert len(server.shown()) == 1


def test_a_correction_edits_the_status(server, statuses):
    """A replacement is one PUT of the same status, and the version tag changes."""
    ref = statuses.create("depistage-1", _document())

    changed = statuses.replace(ref, _document(title="Dépistage reporté"))

    (seen,) = server.shown()
    assert seen.text == TEXT.replace("gratuit\n", "reporté\n", 1)
    assert (changed.href, seen.id) == (ref.href, ref.href)
    assert changed.etag != ref.etag
    assert _writes(server) == [("POST", 200), ("PUT", 200)]


def test_what_readers_would_not_see_is_not_sent(server, statuses):
    """A change that a status does not show makes no request."""
    ref = statuses.create("depistage-1", _document())
    before = len(server.requests)

    assert statuses.replace(ref, _document(severity=Severity.ALERT)) == ref
    assert len(server.requests) == before


def test_a_status_deleted_on_the_site_is_sent_anew_by_a_correction(server, statuses):
    """If a person deleted the status, a correction sends it again under another id."""
    ref = statuses.create("depistage-1", _document())
    server.remove(ref.href)

    again = statuses.replace(ref, _document(title="Dépistage reporté"))

    (seen,) = server.shown()
    assert seen.id == again.href != ref.href


def test_the_same_notice_can_be_sent_again_within_the_hour(server, statuses):
    """A key of idempotency whose status was deleted does not keep a notice from being sent."""
    ref = statuses.create("depistage-1", _document())
    statuses.delete(ref)

    again = statuses.create("depistage-1", _document())

    assert [one.id for one in server.shown()] == [again.href]


def test_withdrawing_deletes_the_status(server, statuses):
    """A deletion takes the status away; a second one says that nothing is there."""
    ref = statuses.create("depistage-1", _document())
    statuses.delete(ref)

    assert server.shown() == ()
    with pytest.raises(ItemNotFoundError) as caught:
        statuses.delete(ref)
    assert caught.value.href == ref.href


def test_a_status_of_the_account_itself_is_left_alone(server, statuses):
    """What a person posted with this very text on the site is not taken for ours."""
    own = server.write(TEXT)

    ref = statuses.create("depistage-1", _document())

    assert ref.href != own
    assert len(server.shown()) == 2


def test_two_notices_of_one_title_and_link_are_two_statuses(server, statuses):
    """What the link knows is never taken for a lost status, however alike."""
    statuses.recognise(())
    first = statuses.create("a", _document())
    second = statuses.create("b", _document(body="Dimanche"))

    assert first.href != second.href
    assert len(server.shown()) == 2


def test_limits_are_those_of_the_instance(settings):
    """The instance is asked for length, cost of a link, files and their types."""
    with (
        MastodonServer(
            token="jeton-invente", max_characters=5000, url_cost=30, media_max=8, alt_max=99
        ) as server,
        opened(settings(server)) as statuses,
    ):
        limits = statuses.limits()
        statuses.create("long", _document(body="mot " * 800))
        (seen,) = server.shown()

    assert (limits.text_max, limits.url_cost, limits.attachments_max) == (5000, 30, 8)
    assert limits.alt_max == 99
    assert "video/mp4" not in limits.attachment_types
    assert len(seen.text) > 3000


def test_an_instance_before_version_4_tells_its_limits_elsewhere(settings):
    """Without /api/v2/instance, the limits come from /api/v1/instance."""
    with (
        MastodonServer(token="jeton-invente", max_characters=777, old=True) as server,
        opened(settings(server)) as statuses,
    ):
        assert statuses.limits().text_max == 777


def test_a_short_body_lets_a_long_announcement_through(server, statuses):
    """What is sent is the short variant that a person wrote, not the long one and not a cut."""
    statuses.create("depistage-1", _document(body="mot " * 200, body_short="Samedi, 9 h"))

    (seen,) = server.shown()
    assert seen.text == f"Dépistage gratuit\n\nSamedi, 9 h\n\n{VIEW.url}"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"body": "x" * 480}, "texte"),
        ({"title": "", "body": "", "url": ""}, ""),
        ({"body": "Contact : @mairie"}, "« @ »"),
        ({"body": "Contact : @mairie@social.example.org"}, "« @ »"),
    ],
)
def test_what_does_not_fit_is_not_sent(server, statuses, changes, words):
    """Beyond the limits, or where somebody would be notified, nothing is sent."""
    with pytest.raises(ItemRefusedError) as caught:
        statuses.create("depistage-1", _document(**changes))

    assert caught.value.href == "depistage-1"
    assert words in caught.value.remedy
    assert _writes(server) == []


def test_an_email_address_is_no_mention(server, statuses):
    """An e-mail address is sent and shown as it is."""
    statuses.create("depistage-1", _document(body="Contact : mairie@example.org", url=""))

    assert "mairie@example.org" in server.shown()[0].text


@pytest.mark.parametrize("data", [b"junk", b"[]", b"{}"])
def test_a_document_that_is_no_announcement_is_refused(statuses, data):
    """Junk is refused before anything is sent."""
    with pytest.raises(ItemRefusedError, match="no announcement"):
        statuses.create("a", Document(data, "application/json"))


def test_another_session_edits_what_it_was_told(server, settings, statuses, clock):
    """The ref that was kept is enough to edit and delete in a later session."""
    document = _document()
    ref = statuses.create("depistage-1", document)

    with opened(settings(), clock=clock) as later:
        later.recognise([Stored(ref, document)])
        edited = later.replace(Ref(ref.href, ref.etag), _document(title="Reporté"))
        later.delete(edited)

    assert server.shown() == ()


def test_diagnosis_names_the_account(statuses):
    """The doctor shows the account and the length of a status, and posts nothing."""
    facts = {one.key: one.value for one in statuses.diagnose(probe_writes=True)}

    assert facts == {"account": "mairie", "characters": "500"}


@pytest.mark.parametrize(
    "options",
    [
        {"token": "a b", "base_url": "https://example.org"},
        {"token": "abc", "base_url": "http://example.org"},
        {"token": "abc", "base_url": "https://example.org", "visibility": "direct"},
        {"token": "abc", "base_url": "https://example.org", "look_back": 0},
    ],
)
def test_a_wrong_configuration_is_refused(options):
    """Tokens of another form, addresses without encryption and unknown words are refused."""
    with pytest.raises(ConfigError):
        structure_config(MASTODON, options)


def test_the_token_shows_nowhere():
    """The configuration's text does not hold the token."""
    config = MastodonConfig(token=Secret("tres-secret"), base_url="https://example.org")
    assert "tres-secret" not in repr(config)

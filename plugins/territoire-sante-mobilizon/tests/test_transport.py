# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import attrs
import pytest

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConfigError,
    ConflictError,
    ItemNotFoundError,
    ItemRefusedError,
    OutcomeUnknownError,
    ProtocolError,
    RetryableError,
    UnreachableError,
)
from territoire_sante.model import Announcement, RequiredField
from territoire_sante.plugins import Secret, Stored, open_transport, structure_config
from territoire_sante.testing.mobilizon import MobilizonServer
from territoire_sante_mobilizon import MOBILIZON, MobilizonLens

LENS = MobilizonLens()
VIEW = Announcement(
    id="announcement:urn:example:1",
    uid="urn:example:1",
    title="Dépistage gratuit",
    body="Samedi, 9 h - 12 h",
    event_start=dt.datetime(2026, 11, 14, 9, tzinfo=ZoneInfo("Europe/Paris")),
    place="Salle des fêtes",
    url="https://example.org/depistage",
)


def _document(**changes):
    return LENS.put(attrs.evolve(VIEW, **changes))


def _stored(events, ref):
    (found,) = events.read([ref.href])
    assert isinstance(found, Stored)
    return found


def _told(stored):
    return json.loads(stored.document.data)


def test_an_event_is_shown_whole(server, events):
    """A creation shows title, text, place, link and the instant of its beginning."""
    ref = events.create("depistage-1", _document())

    (seen,) = server.shown()
    assert (seen.uuid, seen.title, seen.text) == (ref.href, VIEW.title, VIEW.body)
    assert (seen.place, seen.link, seen.begins) == (VIEW.place, VIEW.url, "2026-11-14T08:00:00Z")


def test_events_of_people_are_left_alone(server, events):
    """What was announced on the site is neither listed nor changed."""
    own = server.add("Marche", "2026-11-15T08:00:00+01:00")
    ref = events.create("depistage-1", _document(title="Marche"))

    assert [one.href for one in events.list()] == [ref.href]
    assert own != ref.href


def test_more_than_one_page_is_listed(server, events):
    """All pages are read, and the events of people between ours do no harm."""
    for n in range(60):
        server.add(f"Marche {n}", "2026-11-15T08:00:00+01:00")
    ref = events.create("depistage-1", _document())

    assert [one.href for one in events.list()] == [ref.href]
    assert len([one for one in server.requests if "Mine" in str(one.body)]) == 4


def test_a_lost_answer_is_settled_by_the_list(server, events):
    """After a lost answer the event is in the list under our id, and is not created again."""
    server.lose_answers()
    with pytest.raises(OutcomeUnknownError):
        events.create("depistage-1", _document())

    (ref,) = events.list()
    assert LENS.get(_stored(events, ref).document).uid == VIEW.uid
    with pytest.raises(ConflictError):
        events.create("depistage-1", _document())
    assert len(server.shown()) == 1


def test_a_lost_edit_is_settled_by_reading(server, events):
    """After a lost answer the event is read, and is found to be the new version."""
    ref = events.create("depistage-1", _document())
    server.lose_answers()
    with pytest.raises(OutcomeUnknownError):
        events.replace(ref, _document(title="Dépistage reporté"))

    assert LENS.get(_stored(events, ref).document).title == "Dépistage reporté"


def test_an_edit_on_the_site_is_not_written_over(server, events):
    """A person's edit makes the version another one, and a write that did not see it is refused."""
    ref = events.create("depistage-1", _document())
    server.edit(ref.href, title="Dépistage complet")

    with pytest.raises(ConflictError):
        events.replace(ref, _document(title="Dépistage reporté"))
    with pytest.raises(ConflictError):
        events.delete(ref)
    assert [one.title for one in server.shown()] == ["Dépistage complet"]


def test_what_people_set_on_the_site_outlives_a_change(server, events):
    """A change sets what it does not name to the defaults of a new event: so it is named."""
    ref = events.create("depistage-1", _document())
    set_there = {
        "visibility": "UNLISTED", "joinOptions": "RESTRICTED", "contacts": [{"id": "12"}],
    }  # fmt: skip
    server.edit(ref.href, **set_there)
    found = _stored(events, ref)
    options = {"commentModeration": "CLOSED", "anonymousParticipation": True}
    server.edit(ref.href, options={**_told(found)["options"], **options})

    found = _stored(events, ref)
    changed = LENS.put(attrs.evolve(VIEW, title="Dépistage reporté"), found.document)
    events.replace(found.ref, changed)

    told = _told(_stored(events, ref))
    assert {name: told[name] for name in set_there} == set_there
    assert {name: told["options"][name] for name in options} == options
    assert told["title"] == "Dépistage reporté"


def test_a_group_announces_its_own_events(server, settings):
    """With a group, events are listed and created for it."""
    with open_transport(MOBILIZON, settings(group="msp_trois_vallees")) as group:
        ref = group.create("depistage-1", _document())
        assert [one.href for one in group.list()] == [ref.href]
    with open_transport(MOBILIZON, settings()) as person:
        assert list(person.list()) == []


def test_a_group_that_does_not_exist_is_said_so(settings):
    """An unknown group stops the link: nothing is concluded about its events."""
    with (
        pytest.raises(CollectionGoneError, match="no group"),
        open_transport(MOBILIZON, settings(group="inconnu")),
    ):
        pytest.fail("opened")


def test_an_instance_for_groups_only_says_which_option(settings, account):
    """Where only groups announce, the missing option is named before anything is sent."""
    with (
        MobilizonServer(**account, groups_only=True) as server,
        pytest.raises(AuthError) as caught,
        open_transport(MOBILIZON, settings(server)),
    ):
        pytest.fail("opened")

    assert "option group" in caught.value.remedy


@pytest.mark.parametrize("refresh", [False, True])
def test_tokens_that_expire_are_renewed(server, events, refresh):
    """An expired token is renewed, by signing in again if need be, and the write is done once."""
    server.expire_tokens(refresh=refresh)

    events.create("depistage-1", _document())

    assert len(server.shown()) == 1


def test_a_refused_account_says_where_its_password_is_changed(settings):
    """A wrong password is told in French, and shows nowhere."""
    with (
        pytest.raises(AuthError) as caught,
        open_transport(MOBILIZON, settings(password=Secret("faux-mot"))),
    ):
        pytest.fail("opened")

    assert "Mon compte, Paramètres" in caught.value.remedy
    assert "faux-mot" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "ab"}, "titre"),
        ({"title": "t" * 201}, "titre"),
        ({"title": "🩺" * 101}, "titre"),
        ({"event_start": None}, "date"),
        ({"url": "https://example.org/" + "a" * 1981}, "lien"),
        ({"title": "Le <b>dépistage</b>"}, "« < »"),
        ({"title": " Dépistage"}, "espace"),
    ],
)
def test_what_does_not_fit_is_not_sent(server, events, changes, words):
    """Beyond the limits, or where the instance would change it, nothing is sent."""
    with pytest.raises(ItemRefusedError) as caught:
        events.create("depistage-1", _document(**changes))

    assert words in caught.value.remedy
    assert server.shown() == ()


@pytest.mark.parametrize("title", ["abc", "t" * 200, "🩺" * 100, "é" * 200, "«\u00a0œ\u00a0»"])
def test_titles_at_the_limit_are_shown_whole(server, events, title):
    """3 and 200 characters, in code points and in UTF-16 units, are taken by both sides."""
    events.create("depistage-1", _document(title=title))

    assert [one.title for one in server.shown()] == [title]


def test_what_the_instance_refuses_names_the_field(server, events):
    """A validation of the instance is told with its field, in French too."""
    end = dt.datetime(2026, 11, 13, 9, tzinfo=dt.UTC)
    with pytest.raises(ItemRefusedError, match="ends_on") as caught:
        events.create("depistage-1", _document(event_end=end))

    assert "la fin" in caught.value.remedy


def test_too_many_creations_are_sent_later(settings, account):
    """The limiter of the instance answers with status 200; it is tried again later."""
    with (
        MobilizonServer(**account, creations=0) as server,
        open_transport(MOBILIZON, settings(server)) as events,
        pytest.raises(RetryableError) as caught,
    ):
        events.create("depistage-1", _document())

    assert caught.value.retry_after == 60.0
    assert "patienter" in caught.value.remedy


@pytest.mark.parametrize("fault", [{"status": 502}, {"status": 200, "html": True}])
def test_a_failure_leaves_the_outcome_of_a_write_open(server, events, fault):
    """A gateway's failure or a web page in answer to a write is neither success nor refusal."""
    server.fail(**fault, on="createEvent")
    with pytest.raises(OutcomeUnknownError):
        events.create("depistage-1", _document())


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 502}, RetryableError),
        ({"status": 200, "html": True}, ProtocolError),
        ({"status": 429, "headers": {"Retry-After": "300"}}, RetryableError),
    ],
)
def test_a_failed_listing_concludes_nothing(server, events, fault, error):
    """A list that cannot be read raises; it never looks as if all events were gone."""
    events.create("depistage-1", _document())
    server.fail(**fault, times=4, on="Mine")
    with pytest.raises(error):
        list(events.list())


def test_a_lost_listing_is_no_open_question(server, events):
    """A query that gets no answer changed nothing: it can be asked again later."""
    server.fail(500, on="Events", times=4)
    with pytest.raises(RetryableError):
        list(events.read(["0e6f1c52-8f59-4a0b-9e6e-111111111111"]))


def test_another_site_is_no_instance(settings, server):
    """A page instead of GraphQL is refused when it is opened."""
    server.fail(404, html=True)
    with pytest.raises(ProtocolError, match="no GraphQL"), open_transport(MOBILIZON, settings()):
        pytest.fail("opened")


def test_an_instance_that_is_down_is_told_as_such(settings, account):
    """Without a server the error says that none can be reached."""
    with MobilizonServer(**account) as server:
        config = settings(server)
    with pytest.raises(UnreachableError), open_transport(MOBILIZON, config):
        pytest.fail("opened")


def test_writing_to_what_is_gone_is_refused(server, events):
    """An event that a person removed is neither changed nor deleted."""
    ref = events.create("depistage-1", _document())
    server.remove(ref.href)

    with pytest.raises(ItemNotFoundError):
        events.replace(ref, _document(title="Dépistage reporté"))
    with pytest.raises(ItemNotFoundError):
        events.delete(ref)


def test_limits_and_diagnosis(events):
    """The transport tells its limits, and whose events these are."""
    assert events.limits().required == (RequiredField.TITLE, RequiredField.DATE)
    facts = {one.key: one.value for one in events.diagnose(probe_writes=True)}
    assert facts == {"owner": "@mairie", "instance": "5.1.0"}


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": "http://example.org"},
        {"zone": "Europe/Mende"},
        {"zone": "../etc"},
        {"group": "@groupe"},
        {"timeout": 0},
    ],
)
def test_a_wrong_configuration_is_refused(changes):
    """Addresses without encryption, unknown zones and names of another form are refused."""
    options = {"base_url": "https://example.org", "email": "a@example.org", "password": "x"}
    with pytest.raises(ConfigError):
        structure_config(MOBILIZON, options | changes)

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import socket

import attrs
import pytest

from territoire_sante.errors import (
    AuthError,
    ConfigError,
    ItemNotFoundError,
    ItemRefusedError,
    NeedsPersonError,
    OutcomeUnknownError,
    ProtocolError,
    RetryableError,
    UnreachableError,
)
from territoire_sante.formats import Document
from territoire_sante.model import Announcement, Attachment, Severity
from territoire_sante.plugins import Ref, Secret, Stored, open_transport, structure_config
from territoire_sante.testing.panneaupocket import PanneauPocketServer
from territoire_sante_panneaupocket import PANNEAU, PANNEAUPOCKET, PanneauPocketConfig
from territoire_sante_panneaupocket._transport import opened

TOKEN = "jeton-invente"
NOTICE = Announcement(
    id="announcement:1",
    uid="urn:example:1",
    title="Dépistage gratuit",
    body="Samedi\nSalle des fêtes",
    publish_from=dt.date(2026, 11, 2),
    severity=Severity.EVENT,
)


@pytest.fixture
def server():
    """Give a running stand-in."""
    with PanneauPocketServer(token=TOKEN) as running:
        yield running


@pytest.fixture
def config(server):
    """Give a configuration that names the stand-in."""
    return PanneauPocketConfig(token=Secret(TOKEN), base_url=server.api_url, timeout=5)


@pytest.fixture
def signs(config):
    """Give the open transport."""
    with open_transport(PANNEAUPOCKET, config) as transport:
        yield transport


def _sign(**changes) -> Document:
    return PANNEAU.put(attrs.evolve(NOTICE, **changes))


def _statuses(server):
    """Return what was asked after the check of the connection."""
    return [(one.method, one.status) for one in server.requests[1:]]


def test_opening_checks_the_token(server, config, signs):
    """Opening asks for the followers; another token is refused at once."""
    assert server.requests[0].path == "/public-api/entities/favorities/count"
    assert signs.check() == 128
    with (
        pytest.raises(AuthError, match="401") as caught,
        open_transport(PANNEAUPOCKET, attrs.evolve(config, token=Secret("un-autre"))),
    ):
        pytest.fail("opened")
    assert "un-autre" not in str(caught.value)


def test_a_sign_is_put_up(server, signs):
    """A creation is one POST, under the id that the engine chose, without what is kept here."""
    ref = signs.create("depistage-1", _sign())

    assert ref.href == "depistage-1"
    assert _statuses(server) == [("POST", 201)]
    assert server.signs["depistage-1"] == {
        "id": "depistage-1",
        "title": "Dépistage gratuit",
        "content": "<p>Samedi<br />Salle des fêtes</p>",
        "type": "info",
        "startAt": "2026-11-02",
        "documents": [],
    }


def test_creating_twice_leaves_one_sign(server, signs):
    """Repeating a creation, as after a lost answer, ends with one sign and the same ref."""
    first = signs.create("depistage-1", _sign())
    second = signs.create("depistage-1", _sign())

    assert signs.replay_safe
    assert first == second
    assert len(server.signs) == 1
    assert _statuses(server) == [("POST", 201), ("POST", 422), ("PUT", 204)]


def test_a_sign_is_written_over(server, signs):
    """A replacement is one PUT without id, and the version tag changes with the content."""
    ref = signs.create("depistage-1", _sign())

    changed = signs.replace(ref, _sign(title="Dépistage reporté"))

    assert changed.href == ref.href
    assert changed.etag != ref.etag
    assert server.signs["depistage-1"]["title"] == "Dépistage reporté"
    assert "id" not in server.requests[-1].body


def test_what_people_would_not_see_is_not_sent(server, signs):
    """A change that a sign cannot show makes no request: an update may alert people again."""
    ref = signs.create("depistage-1", _sign())

    assert signs.replace(ref, _sign(severity=Severity.INFO)) == ref
    assert _statuses(server) == [("POST", 201)]


def test_a_sign_that_was_taken_down_is_put_up_again(server, signs):
    """If a person archived the sign, a correction creates it anew."""
    ref = signs.create("depistage-1", _sign())
    server.archive("depistage-1")

    signs.replace(ref, _sign(title="Dépistage reporté"))

    assert server.signs["depistage-1"]["title"] == "Dépistage reporté"
    assert _statuses(server)[1:] == [("PUT", 404), ("POST", 201)]


def test_a_short_title_lets_a_long_announcement_through(server, signs):
    """What is sent is the short variant that a person wrote, not the long title and not a cut."""
    signs.create("depistage-1", _sign(title="Dépistage " * 8, title_short="Dépistage"))

    assert server.signs["depistage-1"]["title"] == "Dépistage"


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "t" * 51},
        {"title": "🩺" * 26},
        {"attachments": (Attachment(url="https://example.org/a.webp"),)},
        {"title": "", "body": ""},
    ],
)
def test_what_does_not_fit_is_not_sent(server, signs, changes):
    """Beyond the limits nothing is sent, whole or cut; the reasons are in two languages."""
    with pytest.raises(ItemRefusedError) as caught:
        signs.create("depistage-1", _sign(**changes))

    assert caught.value.href == "depistage-1"
    assert "The " in caught.value.what or "This " in caught.value.what
    assert any(word in caught.value.remedy for word in ("titre", "pièce jointe"))
    assert _statuses(server) == []


def test_what_the_service_refuses_is_told_in_its_words(server, signs):
    """422 for invalid data is final for the item, with the message of the service."""
    unlikely = Document(b'{"id": "a", "title": "a", "type": "info"}', "application/json")

    with pytest.raises(ItemRefusedError, match="startAt") as created:
        signs.create("a", unlikely)
    ref = signs.create("b", _sign())
    with pytest.raises(ItemRefusedError, match="startAt"):
        signs.replace(ref, unlikely)

    assert created.value.href == "a"
    assert set(server.signs) == {"b"}


@pytest.mark.parametrize("data", [b"junk", b"[]", b"{}"])
def test_a_document_that_is_no_sign_is_refused(signs, data):
    """Junk is refused before anything is sent."""
    with pytest.raises(ItemRefusedError, match="no sign"):
        signs.create("a", Document(data, "application/json"))


def test_deleting_hands_over_to_a_person(server, signs):
    """No call takes a sign down: the text names the sign and says in French what to do."""
    ref = signs.create("depistage-1", _sign())

    with pytest.raises(NeedsPersonError) as caught:
        signs.delete(ref)

    assert caught.value.href == "depistage-1"
    assert "cherchez le panneau « Dépistage gratuit »" in caught.value.hand_over
    assert "icône boîte" in caught.value.hand_over
    assert _statuses(server) == [("POST", 201)]


def test_another_session_names_the_sign_as_it_was_told(server, config):
    """What the link knows gives the title; without it, the reference stands in the text."""
    known = Stored(Ref("depistage-1"), _sign())
    with open_transport(PANNEAUPOCKET, config) as signs:
        with pytest.raises(NeedsPersonError) as untold:
            signs.delete(known.ref)
        signs.recognise([known, Stored(Ref("b"), Document(b"junk", "application/json"))])
        with pytest.raises(NeedsPersonError) as told:
            signs.delete(known.ref)
        with pytest.raises(NeedsPersonError) as junk:
            signs.delete(Ref("b"))

    assert "le panneau de référence depistage-1" in untold.value.hand_over
    assert "le panneau « Dépistage gratuit »" in told.value.hand_over
    assert "le panneau de référence b" in junk.value.hand_over


@pytest.fixture
def stamping(config):
    """Give a transport that withdraws by an update, on 10 November 2026."""
    noon = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)
    with opened(attrs.evolve(config, cancel_by_update=True), clock=lambda: noon) as transport:
        yield transport


def test_withdrawing_by_an_update_is_a_matter_of_choice(server, stamping):
    """With the option, a sign says that it is cancelled and ends today; nobody is asked."""
    stamping.delete(stamping.create("depistage-1", _sign()))

    sign = server.signs["depistage-1"]
    assert (sign["title"], sign["endAt"]) == ("ANNULÉ : Dépistage gratuit", "2026-11-10")
    assert sign["content"] == "<p>Samedi<br />Salle des fêtes</p>"


@pytest.mark.parametrize(
    "changes",
    [{"title": "t" * 42}, {"title": "🩺" * 21}, {"publish_from": dt.date(2026, 11, 11)}],
    ids=["long", "wide", "not yet begun"],
)
def test_what_cannot_be_stamped_is_handed_over(server, stamping, changes):
    """Without room for the word, or before its first day, a person is asked; nothing is cut."""
    ref = stamping.create("depistage-1", _sign(**changes))

    with pytest.raises(NeedsPersonError):
        stamping.delete(ref)
    with pytest.raises(NeedsPersonError):
        stamping.delete(Ref("unknown"))

    assert _statuses(server) == [("POST", 201)]


def test_a_title_with_just_enough_room_is_stamped(server, stamping):
    """Nine characters more make fifty, and fifty are accepted."""
    stamping.delete(stamping.create("depistage-1", _sign(title="t" * 41)))

    assert server.signs["depistage-1"]["title"] == "ANNULÉ : " + "t" * 41


def test_a_refused_stamp_is_handed_over(server, stamping):
    """If the service refuses the update, a person is asked; if the sign is gone, that is told."""
    ref = stamping.create("depistage-1", _sign())
    server.fail(422)

    with pytest.raises(NeedsPersonError):
        stamping.delete(ref)
    server.archive("depistage-1")
    with pytest.raises(ItemNotFoundError):
        stamping.delete(ref)


@pytest.mark.parametrize(("told", "expected"), [(7, 7.0), (None, None)])
def test_patience_is_asked_for_in_a_header_of_its_own(server, signs, told, expected):
    """429 is retryable after the seconds of X-RateLimit-Retry-After; no write waits for it."""
    server.fail(429, retry_after=told)

    with pytest.raises(RetryableError, match="patience") as caught:
        signs.create("depistage-1", _sign())

    assert caught.value.retry_after == expected
    assert ("7 s de patience" in caught.value.remedy) == (told is not None)
    assert _statuses(server) == [("POST", 429)]


@pytest.mark.parametrize("status", [500, 503])
def test_a_failing_server_leaves_the_outcome_open(server, signs, status):
    """After a 5xx nobody knows; sending it again settles it."""
    server.fail(status)

    with pytest.raises(OutcomeUnknownError, match="again"):
        signs.create("depistage-1", _sign())
    signs.create("depistage-1", _sign())

    assert set(server.signs) == {"depistage-1"}


def test_a_failure_after_storing_is_settled_by_repeating(server, signs):
    """A 500 that comes after the sign was stored leaves one sign, once it is sent again."""
    server.fail(500, stored=True)

    with pytest.raises(OutcomeUnknownError, match="again"):
        signs.create("depistage-1", _sign())
    assert set(server.signs) == {"depistage-1"}
    signs.create("depistage-1", _sign())

    assert [one["title"] for one in server.signs.values()] == ["Dépistage gratuit"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [(200, OutcomeUnknownError), (502, OutcomeUnknownError), (418, ProtocolError)],
)
def test_a_web_page_is_never_taken_for_an_answer(server, signs, status, expected):
    """The page of a proxy is no success, whatever its status."""
    server.fail(status, html=True)

    with pytest.raises(expected):
        signs.create("depistage-1", _sign())

    assert dict(server.signs) == {}


def test_a_refusal_without_words_is_told_as_such(server, signs):
    """422 with a web page instead of a message is a refusal all the same."""
    server.fail(422, times=2, html=True)

    with pytest.raises(ItemRefusedError, match="answer 422, without a message"):
        signs.create("depistage-1", _sign())


def test_a_service_that_went_away_is_no_refusal(server, signs):
    """404 to a creation is a matter of the address, not of the sign."""
    server.fail(404)

    with pytest.raises(ProtocolError, match="404"):
        signs.create("depistage-1", _sign())


def test_a_server_that_does_not_answer_leaves_the_outcome_open(server, config):
    """A time-out of a write is an open question, which repeating settles."""
    with open_transport(PANNEAUPOCKET, attrs.evolve(config, timeout=0.2)) as signs:
        server.delay(0.6)
        with pytest.raises(OutcomeUnknownError):
            signs.create("depistage-1", _sign())
        signs.create("depistage-1", _sign())

    assert set(server.signs) == {"depistage-1"}


def test_who_must_renew_the_token_is_said(server, signs):
    """A token that expires between two writes is told in French, with the option's name."""
    server.fail(401)

    with pytest.raises(AuthError) as caught:
        signs.create("depistage-1", _sign())

    assert "option « token »" in caught.value.remedy


@pytest.mark.parametrize(("status", "expected"), [(403, AuthError), (400, ProtocolError)])
def test_other_answers_have_their_class(server, signs, status, expected):
    """403 is a matter of the token, what is not documented one of the protocol."""
    server.fail(status)

    with pytest.raises(expected):
        signs.create("depistage-1", _sign())


def test_odd_ids_are_one_segment_of_the_path(server, signs):
    """An id with a slash or an accent reaches the sign that it names."""
    ref = signs.create("é/1 2", _sign())

    signs.replace(ref, _sign(title="Autre"))

    assert server.signs["é/1 2"]["title"] == "Autre"


@pytest.mark.parametrize("path", ["", "/ville/1234567", "/public-api/elsewhere"])
def test_another_address_is_no_service(server, config, path):
    """An address that is not the API's, or a web page, is a matter of the configuration."""
    wrong = attrs.evolve(config, base_url=server.origin + path)

    with pytest.raises(ProtocolError), open_transport(PANNEAUPOCKET, wrong):
        pytest.fail("opened")


def test_nobody_there_is_unreachable(config):
    """A port where nothing listens can be tried again later."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    absent = attrs.evolve(config, base_url=f"http://127.0.0.1:{port}/public-api")

    with pytest.raises(UnreachableError), open_transport(PANNEAUPOCKET, absent):
        pytest.fail("opened")


def test_a_lost_answer_leaves_the_outcome_open(server, signs):
    """If the line breaks after the sign was taken, repeating the write is harmless."""
    server.lose_answers(2)
    with pytest.raises(OutcomeUnknownError, match="again"):
        signs.create("depistage-1", _sign())
    assert set(server.signs) == {"depistage-1"}
    with pytest.raises(OutcomeUnknownError, match="again"):
        signs.replace(Ref("depistage-1", '"x"'), _sign(title="Autre"))

    ref = signs.create("depistage-1", _sign(title="Autre"))

    assert ref == signs.replace(ref, _sign(title="Autre"))
    assert [sign["title"] for sign in server.signs.values()] == ["Autre"]


def test_the_last_refusal_is_told(server, signs):
    """If both POST and PUT are refused, the message is that of the PUT."""
    server.fail(422)
    server.fail(422)

    with pytest.raises(ItemRefusedError, match="Service indisponible"):
        signs.create("depistage-1", _sign())


def test_options_are_structured(server):
    """Options of a configuration file become the configuration; the token stays hidden."""
    config = structure_config(PANNEAUPOCKET, {"token": TOKEN, "base_url": server.api_url})

    assert config.token.reveal() == TOKEN
    assert TOKEN not in repr(config)
    assert structure_config(PANNEAUPOCKET, {"token": "a"}).base_url.startswith(
        "https://gestion.panneaupocket.com/"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"base_url": "http://gestion.example.org/public-api"}, "over https only"),
        ({"base_url": "gestion.example.org"}, "over https only"),
        ({"token": ""}, "not the form of a token"),
        ({"token": "é t"}, "not the form of a token"),
        ({"timeout": 0}, "timeout"),
        ({"jeton": "a"}, "unknown option: jeton"),
    ],
)
def test_a_wrong_option_is_explained(options, message):
    """Each wrong option is named in a ConfigError that says what to write."""
    with pytest.raises(ConfigError, match=message):
        structure_config(PANNEAUPOCKET, {"token": "a", **options})


def test_the_limits_are_those_of_the_service():
    """The specification declares what a channel of this kind can hold."""
    assert PANNEAUPOCKET.limits is not None
    assert PANNEAUPOCKET.limits.title_max == 50
    assert PANNEAUPOCKET.limits.attachments_max == 5
